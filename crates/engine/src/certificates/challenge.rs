//! Challenges: one-time, signed, bound to exactly one certificate that may be asked for with them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{
    CertificateSource, CertificateSpec, DeviceId, KeySpec, ProfileId, SanSpec, Slot, Timestamp,
    UserId,
};
use mandate_store::{ChallengeRecord, Session};
use uuid::Uuid;

use crate::{Engine, EngineError};

/// A challenge in an installed profile is used within seconds; in an enrolment profile, when the user taps.
const LIFETIME: i64 = Timestamp::DAY;
const MAC_LENGTH: usize = 20;
/// What identities of devices and their challenges are called in the database.
pub(super) const IDENTITY: &str = "identity";

/// What an identity may be issued as.
pub(crate) fn identity_spec(
    common_name: &str,
    organisation: &str,
    validity_days: i64,
) -> CertificateSpec {
    CertificateSpec {
        slot: Slot("identity".to_owned()),
        source: CertificateSource::Scep,
        issuer: None,
        user: None,
        subject: vec![
            vec![("O".to_owned(), organisation.to_owned())],
            vec![("CN".to_owned(), common_name.to_owned())],
        ],
        subject_alt_names: Vec::<SanSpec>::new(),
        key: KeySpec {
            bits: 2048,
            digital_signature: true,
            key_encipherment: true,
            non_repudiation: false,
        },
        extended_key_usages: Vec::new(),
        validity_days,
        renewal_threshold_percentage: 33,
    }
}

impl Engine {
    /// A challenge for a certificate inside a profile.
    pub(crate) async fn mint_profile_challenge(
        &self,
        session: &mut Session,
        (device, _user): (DeviceId, Option<UserId>),
        profile: ProfileId,
        spec: &CertificateSpec,
    ) -> Result<String, EngineError> {
        let record = self.challenge_record(super::scep::PROFILE, spec)?;
        let record = ChallengeRecord {
            device_id: Some(device),
            profile_id: Some(profile),
            ..record
        };
        session.insert_challenge(&record).await?;
        Ok(self.challenge_text(record.id))
    }

    /// A challenge for the identity of a device; `device` is known when it is renewed.
    pub(crate) async fn mint_identity_challenge(
        &self,
        session: &mut Session,
        ticket: Uuid,
        device: Option<DeviceId>,
        spec: &CertificateSpec,
    ) -> Result<String, EngineError> {
        let record = self.challenge_record(IDENTITY, spec)?;
        let record = ChallengeRecord {
            ticket_id: Some(ticket),
            device_id: device,
            ..record
        };
        session.insert_challenge(&record).await?;
        Ok(self.challenge_text(record.id))
    }

    pub(super) fn challenge_record(
        &self,
        purpose: &str,
        spec: &CertificateSpec,
    ) -> Result<ChallengeRecord, EngineError> {
        let now = self.now();
        let spec = serde_json::to_string(spec)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        Ok(ChallengeRecord {
            id: self.chance().id(now),
            purpose: purpose.to_owned(),
            ticket_id: None,
            device_id: None,
            profile_id: None,
            spec,
            uses_left: 1,
            issued: None,
            transaction_id: None,
            expires_at: now.plus(LIFETIME),
        })
    }

    /// Number and signature, 48 characters of base64url: PrintableString-safe but for `_`, and short enough for every
    /// client.
    pub(super) fn challenge_text(&self, id: Uuid) -> String {
        let mac = mandate_pki::hmac_sha256(self.challenge_key(), id.as_bytes());
        URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &mac[..MAC_LENGTH]].concat())
    }

    /// The number inside a challenge that this instance signed.
    pub(super) fn challenge_id(&self, text: &str) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, mac) = bytes.split_at_checked(16)?;
        let expected = mandate_pki::hmac_sha256(self.challenge_key(), id);
        let genuine =
            mac.len() == MAC_LENGTH && mandate_pki::constant_time_eq(mac, &expected[..MAC_LENGTH]);
        genuine.then(|| Uuid::from_slice(id).ok()).flatten()
    }
}
