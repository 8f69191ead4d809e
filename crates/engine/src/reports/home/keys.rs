//! The keys that an instance lives by.

use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use mandate_store::{AuthorityState, Session};

use crate::EngineError;

/// A certificate that the instance lives by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceKey {
    /// What for.
    pub used_for: KeyUse,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// When it ends.
    pub not_after: Timestamp,
}

/// What a certificate of the instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// Waking devices.
    Push,
    /// TLS of this server, if it made the certificate itself.
    Server,
    /// Issuing certificates.
    Issuing,
    /// The root that devices trust.
    Root,
}

pub(super) async fn keys(session: &mut Session) -> Result<Vec<InstanceKey>, EngineError> {
    let mut keys = Vec::new();
    for (setting, used_for) in [
        ("push.certificate", KeyUse::Push),
        ("server.certificate", KeyUse::Server),
        ("ca.root", KeyUse::Root),
    ] {
        if let Some(pem) = session.find_setting(setting).await? {
            keys.push(key(used_for, &Certificate::from_pem(&pem)?));
        }
    }
    for authority in session.list_authorities().await? {
        if authority.state == AuthorityState::Current {
            let certificate = Certificate::from_der(&authority.certificate)?;
            keys.push(key(KeyUse::Issuing, &certificate));
        }
    }
    keys.sort_by_key(|key| (key.not_after, key.used_for));
    Ok(keys)
}

fn key(used_for: KeyUse, certificate: &Certificate) -> InstanceKey {
    InstanceKey {
        used_for,
        subject: certificate.subject(),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()),
    }
}
