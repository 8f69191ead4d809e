//! S/MIME's outside: how CMS travels in mail (RFC 8551 §3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The CMS message in what was received: DER or BER as it is, PEM, a MIME entity in base64, or base64 alone.
pub fn cms_of(message: &[u8]) -> Option<Vec<u8>> {
    if message.first() == Some(&0x30) {
        return Some(message.to_vec());
    }
    let text = std::str::from_utf8(message).ok()?;
    if text.trim_start().starts_with("-----BEGIN ") {
        return crate::certificates::from_pem(message);
    }
    let body = match entity(text) {
        Some((headers, body)) => {
            let media = header(headers, "content-type")?;
            if !media.contains("pkcs7-mime") {
                return None;
            }
            body
        }
        None => text,
    };
    let letters: String = body
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    BASE64.decode(letters).ok().filter(|cms| !cms.is_empty())
}

/// `multipart/signed` around a MIME entity, which is given with CRLF and no blank line at its end (RFC 8551 §3.5.3).
pub fn multipart_signed(
    content: &[u8],
    signature: &[u8],
    digest_name: &str,
    boundary: &str,
) -> Vec<u8> {
    let mut out = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=\"{digest_name}\"; \
         boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n"
    )
    .into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(
        format!(
            "\r\n--{boundary}\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n{}\
             \r\n--{boundary}--\r\n",
            lines(signature)
        )
        .as_bytes(),
    );
    out
}

/// The text with CRLF wherever a line ends, as it is signed.
pub fn canonical(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 32);
    let mut previous = 0;
    for byte in content {
        if *byte == b'\n' && previous != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        previous = *byte;
    }
    out
}

/// Headers and body of a MIME entity; `None` when there is no header.
fn entity(text: &str) -> Option<(&str, &str)> {
    let ends = ["\r\n\r\n", "\n\n"];
    let (headers, body) = ends
        .iter()
        .filter_map(|end| text.split_once(end))
        .min_by_key(|(headers, _)| headers.len())?;
    headers.contains(':').then_some((headers, body))
}

/// A header's value, lower-case, continuation lines joined.
fn header(headers: &str, name: &str) -> Option<String> {
    let unfolded = headers
        .replace("\r\n", "\n")
        .replace("\n ", " ")
        .replace("\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_lowercase())
    })
}

/// Base64 in lines of 64 letters, without an end of line at the last.
fn lines(bytes: &[u8]) -> String {
    let encoded = BASE64.encode(bytes);
    let lines: Vec<_> = encoded
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    lines.join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_wrapping_gives_the_same_message() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x07];
        let base64 = BASE64.encode(der);
        let wrapped = [
            format!(
                "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime;\n smime-type=enveloped-data\n\n{base64}\n"
            ),
            format!("Content-Type: application/x-pkcs7-mime\r\nSubject: x\r\n\r\n{base64}\r\n"),
            format!("-----BEGIN CMS-----\n{base64}\n-----END CMS-----\n"),
            format!("{base64}\n"),
        ];
        for text in wrapped {
            assert_eq!(cms_of(text.as_bytes()).as_deref(), Some(&der[..]), "{text}");
        }
        assert_eq!(cms_of(&der).as_deref(), Some(&der[..]));
        assert_eq!(cms_of(b"Content-Type: text/plain\n\nMAMCAQc="), None);
    }

    #[test]
    fn lines_end_with_carriage_return_and_line_feed() {
        assert_eq!(canonical(b"a\nb\r\nc\n"), b"a\r\nb\r\nc\r\n");
    }

    proptest! {
        #[test]
        fn unwrapping_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = cms_of(&bytes);
        }
    }
}
