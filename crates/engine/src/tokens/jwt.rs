//! JSON Web Tokens in their compact form (RFC 7515 §7.1), signed with RSA and nothing else: what names another algorithm,
//! `none` among them, is no token here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_pki::keys::{PrivateKey, PublicKey, SignatureAlgorithm, SignatureScheme};
use mandate_pki::{DigestAlgorithm, Legacy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest token that is read, in octets.
const LONGEST: usize = 16 * 1024;

/// How a token is signed (RFC 7518 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "PS256")]
    Ps256,
}

/// The protected header (RFC 7515 §4.1).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: Algorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) typ: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x5t: Option<String>,
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub(crate) x5t_s256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x5c: Option<Vec<String>>,
    /// Extensions that must be understood; none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

/// A token whose signature was not looked at yet.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    pub(crate) header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Header {
    pub(crate) fn new(kid: &str) -> Self {
        Self {
            alg: Algorithm::Rs256,
            typ: Some("JWT".to_owned()),
            kid: Some(kid.to_owned()),
            x5t: Some(kid.to_owned()),
            x5t_s256: None,
            x5c: None,
            crit: None,
        }
    }
}

impl<'a> Unverified<'a> {
    /// Takes a token apart; none if it is not one.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.crit.is_some() {
            return None;
        }
        Some(Self {
            header,
            signed,
            payload: URL_SAFE_NO_PAD.decode(payload).ok()?,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether the signature is by this key.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let algorithm = SignatureAlgorithm {
            scheme: match self.header.alg {
                Algorithm::Rs256 => SignatureScheme::RsaPkcs1,
                Algorithm::Ps256 => SignatureScheme::RsaPss,
            },
            digest: DigestAlgorithm::Sha256,
        };
        let signed = self.signed.as_bytes();
        key.verify(algorithm, Legacy::Refuse, signed, &self.signature)
            .is_ok()
    }

    /// What it says; none if it is not said in this form.
    pub(crate) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }
}

/// A signed token.
pub(crate) fn sign(
    header: &Header,
    claims: &impl Serialize,
    key: &PrivateKey,
) -> Result<String, String> {
    let encode = |value: Result<Vec<u8>, serde_json::Error>| {
        value
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
            .map_err(|error| error.to_string())
    };
    let header = encode(serde_json::to_vec(header))?;
    let payload = encode(serde_json::to_vec(claims))?;
    let signed = format!("{header}.{payload}");
    let signature = key
        .sign(signed.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_header(header: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", encode(header), encode("{}"), encode("x"))
    }

    #[test]
    fn only_two_algorithms_are_read() {
        for good in [r#"{"alg":"RS256"}"#, r#"{"alg":"PS256","kid":"k"}"#] {
            assert!(Unverified::parse(&with_header(good)).is_some(), "{good}");
        }
        for bad in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":"RS512"}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":"RS256","alg":"none"}"#,
            r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
            "{}",
            "",
        ] {
            assert!(Unverified::parse(&with_header(bad)).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(token in "\\PC{0,60}", header in "[\\x20-\\x7e]{0,40}") {
            let _ = Unverified::parse(&token);
            let text = with_header(&header);
            if let Some(read) = Unverified::parse(&text) {
                let _ = read.claims::<serde_json::Value>();
            }
        }
    }
}
