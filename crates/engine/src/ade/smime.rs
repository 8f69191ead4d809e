//! The file in which Apple hands over a token: S/MIME around an envelope around JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use mandate_pki::cms;
use mandate_pki::keys::PrivateKey;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

/// Apple's files come to some 4 KB.
const LONGEST: usize = 64 * 1024;
/// Keys and secrets have some 80 characters.
const LONGEST_PART: usize = 1_024;

/// What a token says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenContent {
    pub(super) consumer_key: Zeroizing<String>,
    pub(super) consumer_secret: Zeroizing<String>,
    pub(super) access_token: Zeroizing<String>,
    pub(super) access_secret: Zeroizing<String>,
    pub(super) expires_at: Timestamp,
}

impl std::fmt::Debug for TokenContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenContent")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Json {
    consumer_key: String,
    consumer_secret: String,
    access_token: String,
    access_secret: String,
    access_token_expiry: String,
}

/// Why a file is no token for us, as the end of a sentence that begins with its name.
pub(super) type NoToken = &'static str;

/// Opens the file; it may be text, base64 of that, or the envelope alone in base64.
pub(super) fn open(
    file: &str,
    key: &PrivateKey,
    certificate: &Certificate,
) -> Result<TokenContent, NoToken> {
    let file = file.trim();
    if file.len() > LONGEST {
        return Err("must not be longer than 65,536 characters");
    }
    let envelope = envelope(file).ok_or(NOT_SMIME)?;
    let opened = cms::decrypt(&envelope, key, certificate).map_err(|error| match error {
        mandate_pki::Error::NotRecipient => {
            "must be encrypted for the certificate of this token: upload the present one at Apple and download a new token"
        }
        mandate_pki::Error::Malformed(_) | mandate_pki::Error::Unsupported(_) => NOT_SMIME,
        _ => "cannot be decrypted: upload the present certificate at Apple and download a new token",
    })?;
    content(&opened).ok_or("is encrypted for us, but says nothing that a token says")
}

const NOT_SMIME: &str =
    "must be the file (.p7m) that Apple offers for download, as text or in base64";

/// The envelope in DER or BER.
fn envelope(file: &str) -> Option<Vec<u8>> {
    let decoded = |text: &str| {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        STANDARD.decode(compact).ok()
    };
    if let Some(body) = body_of(file).filter(|_| has_head(file)) {
        return decoded(body);
    }
    let bytes = decoded(file)?;
    match std::str::from_utf8(&bytes) {
        Ok(inner) if has_head(inner) => decoded(body_of(inner)?),
        _ => Some(bytes),
    }
}

fn has_head(text: &str) -> bool {
    text.get(..4_096)
        .unwrap_or(text)
        .to_ascii_lowercase()
        .contains("content-type:")
}

/// What comes after the head of a MIME entity (RFC 2045).
fn body_of(text: &str) -> Option<&str> {
    let ends = [
        text.find("\r\n\r\n").map(|at| at + 4),
        text.find("\n\n").map(|at| at + 2),
    ];
    let at = ends.into_iter().flatten().min()?;
    text.get(at..)
}

/// The JSON between the two marks.
fn content(opened: &[u8]) -> Option<TokenContent> {
    let text = std::str::from_utf8(opened).ok()?;
    let (_, rest) = text.split_once("-----BEGIN MESSAGE-----")?;
    let (inner, _) = rest.split_once("-----END MESSAGE-----")?;
    read(inner)
}

/// Reads the JSON, as Apple or [`kept`] wrote it.
pub(super) fn read(text: &str) -> Option<TokenContent> {
    let json: Json = serde_json::from_str(text.trim()).ok()?;
    let part = |text: String| {
        let text = Zeroizing::new(text);
        Some(text).filter(|text| (1..=LONGEST_PART).contains(&text.len()))
    };
    Some(TokenContent {
        expires_at: Timestamp::parse(&json.access_token_expiry)?,
        consumer_key: part(json.consumer_key)?,
        consumer_secret: part(json.consumer_secret)?,
        access_token: part(json.access_token)?,
        access_secret: part(json.access_secret)?,
    })
}

/// How it is kept, before it is sealed.
pub(super) fn kept(token: &TokenContent) -> Zeroizing<String> {
    let json = json!({
        "consumer_key": *token.consumer_key,
        "consumer_secret": *token.consumer_secret,
        "access_token": *token.access_token,
        "access_secret": *token.access_secret,
        "access_token_expiry": token.expires_at.to_string(),
    });
    Zeroizing::new(json.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JSON: &str = r#"{"consumer_key":"CK","consumer_secret":"CS","access_token":"AT","access_secret":"AS",
        "access_token_expiry":"2027-09-09T06:00:00Z"}"#;

    #[test]
    fn a_token_is_read_between_its_marks_and_kept_as_it_was() {
        let message = format!(
            "Content-Type: text/plain;charset=UTF-8\r\n\r\n-----BEGIN MESSAGE-----\n{JSON}\n-----END MESSAGE-----\n"
        );
        let token = content(message.as_bytes()).unwrap();
        assert_eq!(token.expires_at.to_string(), "2027-09-09T06:00:00Z");
        assert_eq!(read(&kept(&token)).unwrap(), token);
        assert!(content(JSON.as_bytes()).is_none());
        assert!(read(&JSON.replace("\"CK\"", "\"\"")).is_none());
        assert!(read(&JSON.replace("2027-09-09T06:00:00Z", "soon")).is_none());
        assert!(!format!("{token:?}").contains("CS"));
    }

    #[test]
    fn the_envelope_is_found_in_each_form_of_the_file() {
        let file = "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nAQID\r\nBA==\r\n";
        for form in [
            file.to_owned(),
            file.replace("\r\n", "\n"),
            STANDARD.encode(file),
            "AQIDBA==".to_owned(),
        ] {
            assert_eq!(
                envelope(form.trim()).as_deref(),
                Some(&[1, 2, 3, 4][..]),
                "{form}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(file in ".{0,400}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = envelope(&file);
            let _ = content(&bytes);
            let _ = read(&file);
        }
    }
}
