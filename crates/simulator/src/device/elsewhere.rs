//! A device that another server enrolled: it has that server's profile, an identity of that server's authority, and calls
//! the addresses of that server.

use super::state::{EnrolmentState, HeldIdentity, InstalledProfile, KeyReference, PayloadHead};
use super::talk::to_xml;
use super::{Device, DeviceError, Phase};
use crate::certificates::{Extension, Issuer, Name, Template};
use crate::keys::{Digest, KeyError, KeyPool};

const YEAR_SECONDS: i64 = 365 * 86_400;
const DIGITAL_SIGNATURE_AND_ENCIPHERMENT: u8 = 0xA0;

/// A server of others, as its devices know it.
#[derive(Debug, Clone)]
pub struct OtherServer {
    /// Who issues identities there.
    pub authority: Issuer,
    /// `PayloadIdentifier` of its enrolment profile.
    pub profile: String,
    /// `ServerURL`.
    pub server_url: String,
    /// `CheckInURL`, if it has one.
    pub check_in_url: Option<String>,
    /// `Topic`.
    pub topic: String,
    /// `AccessRights`.
    pub access_rights: i64,
    /// Whether it promises channels for people.
    pub per_user_connections: bool,
}

impl OtherServer {
    /// An authority of its own, with a key of the pool.
    pub fn authority(keys: &KeyPool, name: &str, now: i64) -> Result<Issuer, KeyError> {
        let validity = (now - YEAR_SECONDS, now + 9 * YEAR_SECONDS);
        Issuer::authority(keys.key(2), &Name::common(name), validity)
    }

    /// PEM of the authority.
    pub fn authority_pem(&self) -> String {
        let certificate = self.authority.certificate.as_ref();
        certificate.map_or_else(String::new, super::super::certificates::Certificate::pem)
    }
}

impl Device {
    /// Has been enrolled by another server at some time before `now`.
    pub fn enrol_elsewhere(&mut self, server: &OtherServer, now: i64) -> Result<(), DeviceError> {
        let identity = self.chance().uuid();
        let number = u32::from(self.chance().bytes::<1>()[0]);
        let key = self.keys.key(number);
        let template = Template {
            subject: Name::common(&format!("MDM identity ({})", self.state.udid)).der(),
            public: key.public().to_vec(),
            serial: [&[0x01][..], &self.chance().bytes::<8>()].concat(),
            validity: (now - 30 * 86_400, now + YEAR_SECONDS),
            extensions: vec![Extension::KeyUsage(DIGITAL_SIGNATURE_AND_ENCIPHERMENT)],
        };
        let certificate = server.authority.issue(&template, Digest::Sha256)?;
        let head = |kind: &str, uuid: &str| PayloadHead {
            kind: kind.to_owned(),
            identifier: format!("{}.{kind}", server.profile),
            uuid: uuid.to_owned(),
            version: 1,
            display_name: String::new(),
        };
        let payloads = vec![
            head("com.apple.security.scep", &identity),
            head("com.apple.mdm", &self.chance().uuid()),
        ];
        let check_in_url = server.check_in_url.as_ref();
        let enrolment = EnrolmentState {
            profile: server.profile.clone(),
            server_url: server.server_url.clone(),
            check_in_url: check_in_url.unwrap_or(&server.server_url).clone(),
            topic: server.topic.clone(),
            sign_message: true,
            access_rights: server.access_rights,
            check_out_when_removed: true,
            per_user_connections: server.per_user_connections,
            mode: None,
            enrolment_id: None,
            identity: identity.clone(),
            push_token: self.chance().bytes::<32>().to_vec(),
            push_magic: self.chance().uuid(),
        };
        self.state.identities.push(HeldIdentity {
            profile: server.profile.clone(),
            payload_uuid: identity,
            key: KeyReference::Pool(number),
            certificate,
        });
        let uuid = self.chance().uuid();
        self.have_profile(&server.profile, &uuid, payloads);
        self.state.enrolment = Some(enrolment);
        self.state.phase = Phase::Enrolled;
        Ok(())
    }

    /// No longer tells what is in its enrolment profile, as if that had come encrypted.
    pub fn conceal_enrolment_profile(&mut self) {
        let own = self
            .state
            .enrolment
            .as_ref()
            .map(|enrolment| &enrolment.profile);
        for profile in &mut self.state.profiles {
            profile.encrypted |= Some(&profile.identifier) == own;
        }
    }

    /// Has a profile that another server installed and that does nothing here.
    pub fn have_foreign_profile(&mut self, identifier: &str) {
        let uuid = self.chance().uuid();
        self.have_profile(identifier, &uuid, Vec::new());
    }

    fn have_profile(&mut self, identifier: &str, uuid: &str, payloads: Vec<PayloadHead>) {
        self.state.profiles.push(InstalledProfile {
            identifier: identifier.to_owned(),
            uuid: uuid.to_owned(),
            version: 1,
            display_name: "From before".to_owned(),
            organization: String::new(),
            description: String::new(),
            removal_disallowed: false,
            encrypted: false,
            managed: true,
            signers: Vec::new(),
            payloads,
        });
    }

    /// `Authenticate` and `TokenUpdate` as the other server keeps them: bodies of messages of this device.
    pub fn messages_elsewhere(&self) -> Result<[Vec<u8>; 2], DeviceError> {
        let not_enrolled = || DeviceError::NotEnrolled(self.state.udid.clone());
        let enrolment = self.state.enrolment.as_ref().ok_or_else(not_enrolled)?;
        Ok([
            to_xml(self.authenticate_message(enrolment))?,
            to_xml(self.token_message(enrolment))?,
        ])
    }
}
