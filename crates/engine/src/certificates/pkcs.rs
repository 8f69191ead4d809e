//! Certificates whose keys the server makes for devices (PKCS profiles).

use mandate_model::{CertificateSpec, DeviceId, ProfileId, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::pkcs12::Pkcs12;
use mandate_store::{CertificateKeyRecord, CertificateRecord, Session};

use crate::custody::certificate_key_context;
use crate::{Engine, EngineError};

/// What certificates of PKCS profiles are called in the database.
pub(crate) const PURPOSE: &str = "pkcs";

/// A key with its certificate, and when the two are to be replaced.
pub(crate) struct KeyPair {
    pub(crate) pkcs12: Pkcs12,
    pub(crate) renew_at: Timestamp,
}

impl Engine {
    /// The key that a device has for a specification, if it is still good: the same for each document that carries it.
    pub(crate) async fn issued_key(
        &self,
        session: &mut Session,
        device: DeviceId,
        spec: &CertificateSpec,
    ) -> Result<Option<KeyPair>, EngineError> {
        let Some(key) = session.newest_certificate_key(device, &spec.slot.0).await? else {
            return Ok(None);
        };
        if !made_for(&key, spec) {
            return Ok(None);
        }
        let sha256 = <[u8; 32]>::try_from(key.sha256.as_slice())
            .map_err(|_| EngineError::Internal("a certificate has a damaged name".to_owned()))?;
        let Some(record) = session.find_certificate(&sha256).await? else {
            return Ok(None);
        };
        let percentage = spec.renewal_threshold_percentage;
        let renew_at = renew_at(record.issued_at, record.not_after, percentage);
        if renew_at <= self.now() {
            return Ok(None);
        }
        let pkcs8 = self
            .seal()
            .open(&certificate_key_context(&key.sha256), &key.sealed)?;
        Ok(Some(KeyPair {
            pkcs12: Pkcs12 {
                key: PrivateKey::from_pkcs8(&pkcs8)?.into(),
                certificate: Certificate::from_der(&record.der)?,
                chain: self.issuers_above(&record),
                friendly_name: None,
            },
            renew_at,
        }))
    }

    /// What stands between a certificate and its root, so that whoever gets signed mail can follow the chain.
    fn issuers_above(&self, record: &CertificateRecord) -> Vec<Certificate> {
        let authorities = self.authorities();
        let Some(issuer) = authorities.find(&record.issuer) else {
            return Vec::new();
        };
        let (chain, root) = (issuer.authority.chain(), issuer.authority.root());
        chain.into_iter().filter(|one| one != root).collect()
    }

    /// Makes a key for a device and has it certified: outside of any transaction, since both take their time. A
    /// simultaneous exchange may have been faster; then its key is the one.
    pub(crate) async fn make_key(
        &self,
        device: DeviceId,
        spec: &CertificateSpec,
    ) -> Result<(), EngineError> {
        let kind = key_kind(spec.key.bits)?;
        let key = tokio::task::spawn_blocking(move || PrivateKey::generate(kind))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))??;
        let certificate = match &spec.issuer {
            None => self.issue(spec, &key.public_key_info())?,
            Some(issuer) => self.obtain_from(issuer, spec, &key).await?,
        };
        let now = self.now();
        let until = Timestamp::from_unix_seconds(certificate.not_after());
        let sha256 = certificate.sha256().to_vec();
        let record = CertificateRecord {
            sha256: sha256.clone(),
            serial: certificate.serial_hex(),
            issuer: match &spec.issuer {
                Some(issuer) => issuer.clone(),
                None => self.issuer_of(&certificate)?,
            },
            der: certificate.der().to_vec(),
            subject: certificate.subject(),
            purpose: PURPOSE.to_owned(),
            ticket_id: None,
            device_id: Some(device),
            user_id: spec.user,
            profile_id: spec.slot.0.parse::<ProfileId>().ok(),
            slot: Some(spec.slot.0.clone()),
            not_before: Timestamp::from_unix_seconds(certificate.not_before()),
            not_after: until,
            issued_at: now,
            revoked_at: None,
            revocation_reason: None,
        };
        let sealed = self
            .seal()
            .seal(&certificate_key_context(&sha256), &key.to_pkcs8())?;
        let kept = CertificateKeyRecord {
            sha256,
            sealed,
            spec: text(spec)?,
        };
        let mut session = self.store().write().await?;
        let is_of_use = self.is_still_wanted(&mut session, device, spec).await?
            && self.issued_key(&mut session, device, spec).await?.is_none();
        if !is_of_use {
            drop(session);
            return self.waste(record).await;
        }
        session.insert_certificate(&record).await?;
        session.insert_certificate_key(&kept).await?;
        Ok(session.commit().await?)
    }
}

impl Engine {
    /// Whether a certificate that took its time still has a device, and a person to speak for.
    async fn is_still_wanted(
        &self,
        session: &mut Session,
        device: DeviceId,
        spec: &CertificateSpec,
    ) -> Result<bool, EngineError> {
        let held = session.hold_device(device).await?;
        let whole = session.find_device_of(device).await?;
        let is_managed = [held, whole].iter().all(|found| {
            found
                .as_ref()
                .is_some_and(|one| one.device.state.is_managed())
        });
        let may_speak = match spec.user {
            Some(user) => session
                .find_user(user)
                .await?
                .is_some_and(|user| user.account_enabled),
            None => true,
        };
        Ok(is_managed && may_speak)
    }
}

/// Whether a key was made for a specification; when it is to be replaced does not make another key.
fn made_for(key: &CertificateKeyRecord, spec: &CertificateSpec) -> bool {
    let percentage = spec.renewal_threshold_percentage;
    serde_json::from_str(&key.spec).is_ok_and(|known: CertificateSpec| {
        let known = CertificateSpec {
            renewal_threshold_percentage: percentage,
            ..known
        };
        known == *spec
    })
}

/// When a certificate is to be replaced of whose life `percentage` is to be left then; not within its first hour, however
/// short its life.
pub(crate) fn renew_at(issued: Timestamp, until: Timestamp, percentage: i64) -> Timestamp {
    let life = until.since(issued);
    let at = until.plus(-(life / 100).saturating_mul(percentage.clamp(1, 99)));
    at.max(issued.plus(Timestamp::HOUR).min(until))
}

fn key_kind(bits: u32) -> Result<KeyKind, EngineError> {
    match bits {
        2048 => Ok(KeyKind::Rsa2048),
        3072 => Ok(KeyKind::Rsa3072),
        4096 => Ok(KeyKind::Rsa4096),
        _ => Err(EngineError::NotPossible {
            reason: format!("keys of {bits} bits cannot be made; choose 2048, 3072 or 4096"),
        }),
    }
}

fn text(spec: &CertificateSpec) -> Result<String, EngineError> {
    serde_json::to_string(spec).map_err(|error| EngineError::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_replaced_when_its_share_of_life_is_left() {
        let days = |days: i64| Timestamp(days * Timestamp::DAY);
        assert_eq!(renew_at(days(0), days(1000), 20), days(800));
        assert_eq!(renew_at(days(0), days(1000), 0), days(990));
        let short = renew_at(days(0), Timestamp(2 * Timestamp::HOUR), 99);
        assert_eq!(short, Timestamp(Timestamp::HOUR));
    }
}
