//! Secrets that a profile carries.

use super::{Payload, kind};
use plist::Value;
use serde::{Deserialize, Serialize};

/// A kind of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Secret {
    /// A PKCS#12 file; its password lies beside it.
    PrivateKey,
    /// A SCEP challenge.
    Challenge,
    /// An account's password.
    Password,
}

impl Payload {
    /// The secret in this payload, the gravest if there are several.
    pub fn secret(&self) -> Option<Secret> {
        let filled = |value: Option<&Value>| {
            value.is_some_and(|value| {
                value.as_string().is_some_and(|text| !text.is_empty())
                    || value.as_data().is_some_and(|data| !data.is_empty())
            })
        };
        let key = |key: &str| filled(self.content.get(key));
        match self.kind.as_str() {
            kind::PKCS12 if key("PayloadContent") => Some(Secret::PrivateKey),
            kind::EAS if key("Certificate") => Some(Secret::PrivateKey),
            kind::SCEP => {
                let inner = self.content.get("PayloadContent")?.as_dictionary()?;
                filled(inner.get("Challenge")).then_some(Secret::Challenge)
            }
            _ if key("Password") || key("CertificatePassword") => Some(Secret::Password),
            _ => None,
        }
    }
}
