//! Certificates: authorities and those of others, templates, challenges, issuing by SCEP, and what the world is told.

mod authorities;
mod challenge;
mod external_revocation;
mod gateway;
mod issue;
mod issuers;
mod manual;
mod ocsp;
pub(crate) mod pkcs;
mod registration;
mod renewal;
mod revocation;
mod scep;
mod templates;

pub use authorities::{AuthorityView, RootKey};
pub(crate) use challenge::identity_spec;
pub use external_revocation::{ExternalRevocation, reason_name};
pub use gateway::{Asking, IssuerAnswer, IssuerGateway, IssuerRequest, NoIssuers};
pub use issuers::{IssuerServer, IssuerView, NewIssuer};
pub use manual::{ManualChallenge, NewChallenge};
pub use ocsp::OcspAnswer;
pub(crate) use ocsp::OcspIdentity;
pub(crate) use revocation::RevocationList;
pub use scep::ScepAnswer;
use scep::fail_words as scep_words;
pub(crate) use templates::services;

use mandate_model::{DeviceId, ProfileId, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_store::CertificateRecord;

use crate::access::scope::seen_device;
use crate::devices::view;
use crate::profiles::seen;
use crate::{Action, Actor, DeviceView, Engine, EngineError};

/// A certificate that was issued to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Issuer as RFC 4514 text.
    pub issuer: String,
    /// SHA-1 of the DER form in lower-case hexadecimal.
    pub thumbprint: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Profile that asked for it; none for the identity of the device.
    pub profile_id: Option<ProfileId>,
    /// Device that holds the key.
    pub device_id: Option<DeviceId>,
    /// Dotted OIDs of its extended key usages.
    pub extended_key_usages: Vec<String>,
    /// SHA-256 of the DER form, by which lists are paged.
    pub sha256: Vec<u8>,
}

impl Engine {
    /// What was issued to a device, and to people over channels of their own on it, each oldest first.
    pub async fn device_certificates(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Vec<IssuedCertificate>, EngineError> {
        let mut session = self.store().read().await?;
        seen_device(&mut session, actor, Action::DevicesRead, id).await?;
        let mut records = session.certificates_of_device(id).await?;
        for channel in session.channels_of_device(id).await? {
            let own = session.certificates_of_device(channel.device.id).await?;
            records.extend(own.into_iter().map(|record| CertificateRecord {
                device_id: Some(id),
                ..record
            }));
        }
        records.into_iter().map(issued).collect()
    }

    /// What was issued for a profile, with the devices that hold it; `after` is the SHA-256 of the last one seen.
    pub async fn profile_certificates(
        &self,
        actor: &Actor,
        id: ProfileId,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<(IssuedCertificate, DeviceView)>, EngineError> {
        let scope = actor.scope_among(Action::DevicesRead, Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        // Those of a deleted profile are shown as well, but who may see which is not known of it any more.
        if !scope.is_all() || session.find_profile(id).await?.is_some() {
            seen(&mut session, actor, Action::ProfilesViewReports, id).await?;
        }
        let (mut found, mut after) = (Vec::new(), after.to_vec());
        loop {
            let records = session.certificates_of_profile(id, &after, limit).await?;
            let Some(last) = records.last() else {
                return Ok(found);
            };
            after.clone_from(&last.sha256);
            for record in records {
                let Some(device_id) = record.device_id else {
                    continue;
                };
                let Some(device) = session.find_device_of(device_id).await? else {
                    continue;
                };
                let scope_tags = session.scope_tags_of_device(device.device.id).await?;
                if !scope.shows(&scope_tags) {
                    continue;
                }
                let view = view(&mut session, device.device, scope_tags).await?;
                found.push((issued(record)?, view));
                if found.len() >= limit as usize {
                    return Ok(found);
                }
            }
        }
    }
}

fn issued(record: CertificateRecord) -> Result<IssuedCertificate, EngineError> {
    let certificate = Certificate::from_der(&record.der)?;
    Ok(IssuedCertificate {
        serial: record.serial,
        subject: record.subject,
        issuer: certificate.issuer(),
        thumbprint: crate::instance::hex(&certificate.sha1()),
        not_before: record.not_before,
        not_after: record.not_after,
        issued_at: record.issued_at,
        revoked_at: record.revoked_at,
        profile_id: record.profile_id,
        device_id: record.device_id,
        extended_key_usages: certificate
            .extended_key_usages()
            .iter()
            .map(ToString::to_string)
            .collect(),
        sha256: record.sha256,
    })
}
