//! Roots and identities.
//!
//! ```text
//! SCEP      the device makes the key      one per document    com.apple.security.scep
//! PKCS      the server makes the key      one per device      com.apple.security.pkcs12, filled in when rendered
//! imported  somebody else made the key    one per person      com.apple.security.pkcs12, filled in when rendered
//! ```

mod directory_attribute;
mod imported;
mod names;
mod pkcs;
mod root;
mod scep;
mod stored;

use mandate_model::{Profile, Refusal};
use serde_json::Value as Json;

use super::context::Context;
use super::document::Document;

pub(super) use imported::add_documents_own as add_imported;
pub(super) use root::add as add_root;

/// An identity of the document, as an account looks at it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// `PayloadUUID` that accounts refer to.
    pub(super) uuid: String,
    /// Mail addresses in the certificate.
    pub(super) addresses: Vec<String>,
    /// What its key may do; `None` where only the certificate knows.
    pub(super) usage: Option<Usage>,
    /// Name of its profile.
    pub(super) profile: String,
}

/// What a key that is made for a device may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) signs: bool,
    pub(super) deciphers: bool,
}

/// Adds the identity of a certificate profile, and the root that belongs to it, once however often it is named.
pub(super) fn add_identity(
    context: &Context<'_>,
    profile: &Profile,
    document: &mut Document,
) -> Result<Identity, Refusal> {
    let known = document.identities.iter().find(|(id, _)| *id == profile.id);
    if let Some((_, identity)) = known {
        return Ok(identity.clone());
    }
    let identity = match profile.kind.type_name {
        "iosScepCertificateProfile" | "macOSScepCertificateProfile" => {
            scep::add(context, profile, document)?
        }
        "iosPkcsCertificateProfile" | "macOSPkcsCertificateProfile" => {
            pkcs::add(context, profile, document)?
        }
        "iosImportedPFXCertificateProfile" | "macOSImportedPFXCertificateProfile" => {
            imported::add_newest(context, profile, document)?
        }
        other => {
            return Err(unsupported(format!(
                "profile `{}` is of kind `{other}`",
                profile.display_name
            )));
        }
    };
    document.identities.push((profile.id, identity.clone()));
    Ok(identity)
}

/// A text setting.
fn setting<'a>(profile: &'a Profile, property: &str) -> Option<&'a str> {
    profile.settings.get(property).and_then(Json::as_str)
}

/// A number that the catalogue has a default for.
fn number(profile: &Profile, property: &str) -> i64 {
    let value = profile.settings.get(property).and_then(Json::as_i64);
    value.unwrap_or(1)
}

/// A month is a twelfth of 365 days.
fn validity_days(profile: &Profile) -> i64 {
    let value = number(profile, "certificateValidityPeriodValue");
    match setting(profile, "certificateValidityPeriodScale") {
        Some("days") => value,
        Some("months") => value * 365 / 12,
        _ => value * 365,
    }
}

fn unsupported(reason: String) -> Refusal {
    Refusal::Unsupported { reason }
}
