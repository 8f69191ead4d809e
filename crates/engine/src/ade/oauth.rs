//! Signing requests as OAuth 1.0 does (RFC 5849), with HMAC-SHA-1, which is all that Apple's service takes.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::hmac_sha1;
use url::Url;
use zeroize::Zeroizing;

use super::smime::TokenContent;

/// The `Authorization` header for a GET without parameters (RFC 5849 §3.4, §3.5.1).
pub(super) fn authorization(
    token: &TokenContent,
    url: &Url,
    now: Timestamp,
    nonce: &str,
) -> Zeroizing<String> {
    let timestamp = now.unix_seconds().to_string();
    // Already in the order that they are signed in.
    let parameters = [
        ("oauth_consumer_key", token.consumer_key.as_str()),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", timestamp.as_str()),
        ("oauth_token", token.access_token.as_str()),
        ("oauth_version", "1.0"),
    ];
    let normal: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let base = format!(
        "GET&{}&{}",
        encoded(&base_url(url)),
        encoded(&normal.join("&"))
    );
    let key = Zeroizing::new(format!(
        "{}&{}",
        encoded(&token.consumer_secret),
        encoded(&token.access_secret)
    ));
    let signature = STANDARD.encode(hmac_sha1(key.as_bytes(), base.as_bytes()));
    let mut header = Zeroizing::new("OAuth realm=\"ADM\"".to_owned());
    for (name, value) in parameters {
        // Writing to a text does not fail.
        let _ = write!(header, ", {name}=\"{}\"", encoded(value));
    }
    let _ = write!(header, ", oauth_signature=\"{}\"", encoded(&signature));
    header
}

/// Scheme, host, port unless it is the usual one, and path (RFC 5849 §3.4.1.2).
fn base_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

/// RFC 5849 §3.6.
fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_address_time_and_both_secrets() {
        let token = |secret: &str| TokenContent {
            consumer_key: "CK_1".to_owned().into(),
            consumer_secret: secret.to_owned().into(),
            access_token: "AT+1".to_owned().into(),
            access_secret: "AS_1".to_owned().into(),
            expires_at: Timestamp(0),
        };
        let url: Url = "https://mdmenrollment.apple.com/session".parse().unwrap();
        let sign = |token: &TokenContent, url: &Url, seconds| {
            authorization(token, url, Timestamp::from_unix_seconds(seconds), "n1").to_string()
        };
        let one = sign(&token("CS_1"), &url, 1_790_000_000);
        assert!(one.starts_with("OAuth realm=\"ADM\", oauth_consumer_key=\"CK_1\""));
        assert!(one.contains("oauth_token=\"AT%2B1\""), "{one}");
        let signature = |header: &str| header.rsplit_once("oauth_signature=").unwrap().1.to_owned();
        for other in [
            sign(&token("CS_2"), &url, 1_790_000_000),
            sign(&token("CS_1"), &url, 1_790_000_001),
            sign(
                &token("CS_1"),
                &"http://127.0.0.1:8/session".parse().unwrap(),
                1_790_000_000,
            ),
        ] {
            assert_ne!(signature(&one), signature(&other));
        }
    }

    #[test]
    fn only_what_needs_no_escape_goes_without() {
        assert_eq!(encoded("aZ9-._~ +/=ä"), "aZ9-._~%20%2B%2F%3D%C3%A4");
        let url: Url = "HTTPS://Example.com:443/session?x=1".parse().unwrap();
        assert_eq!(base_url(&url), "https://example.com/session");
    }
}
