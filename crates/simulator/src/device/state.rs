//! What a device remembers.

use super::{Model, OsVersion, Person};
use crate::certificates::Certificate;
use crate::chance::Chance;
use crate::profiles::{MailSettings, Platform, Secret, System};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything about a device that outlives a process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a device is many things at once"
)]
pub struct DeviceState {
    /// UDID.
    pub udid: String,
    /// Serial number.
    pub serial: String,
    /// Hardware.
    pub model: Model,
    /// Release.
    pub os: OsVersion,
    /// The name the user gave it.
    pub name: String,
    /// Whether the organisation owns it; supervised devices leave `IsManaged` out of `ProfileList`.
    pub supervised: bool,
    /// Whether the Setup Assistant waits for `DeviceConfigured`.
    #[serde(default)]
    pub awaiting_configuration: bool,
    /// Whether a passcode is set.
    pub passcode: bool,
    /// Whether the screen is locked by `DeviceLock`.
    pub locked: bool,
    /// Where in its life it is.
    pub phase: Phase,
    /// The management, while there is one.
    pub enrolment: Option<EnrolmentState>,
    /// Installed profiles.
    pub profiles: Vec<InstalledProfile>,
    /// Identities from payloads.
    pub identities: Vec<HeldIdentity>,
    /// Certificates from payloads.
    pub certificates: Vec<HeldCertificate>,
    /// Accounts from payloads.
    pub accounts: Vec<MailAccount>,
    /// Accounts the user made by hand.
    pub user_accounts: Vec<UserAccount>,
    /// Secrets that came by MDM without encryption to the device; nothing takes them off this list again.
    #[serde(default)]
    pub received_in_clear: Vec<ReceivedInClear>,
    /// What the user had to endure.
    pub counters: Counters,
    /// How often a command was put off, by its UUID; finished commands are dropped.
    pub put_off: BTreeMap<String, u32>,
    /// People with accounts on a Mac.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Randomness.
    pub chance: Chance,
}

/// Where in its life a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Out of the box, or erased and started again.
    New,
    /// Under management.
    Enrolled,
    /// Management ended; the rest is the user's.
    Unenrolled,
    /// Erased by command and silent.
    Erased,
}

/// What the `com.apple.mdm` payload said, and what the device made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrolmentState {
    /// `PayloadIdentifier` of the enrolment profile.
    pub profile: String,
    /// `ServerURL`.
    pub server_url: String,
    /// `CheckInURL`, or `ServerURL` when absent.
    pub check_in_url: String,
    /// `Topic`.
    pub topic: String,
    /// `SignMessage`.
    pub sign_message: bool,
    /// `AccessRights`; 0 in a user enrolment.
    pub access_rights: i64,
    /// `CheckOutWhenRemoved`.
    pub check_out_when_removed: bool,
    /// Whether the server has channels for people (`com.apple.mdm.per-user-connections`).
    #[serde(default)]
    pub per_user_connections: bool,
    /// `EnrollmentMode`.
    pub mode: Option<String>,
    /// `EnrollmentID` of a user enrolment.
    pub enrolment_id: Option<String>,
    /// Payload UUID of the identity that signs requests.
    pub identity: String,
    /// Push token.
    pub push_token: Vec<u8>,
    /// Push magic.
    pub push_magic: String,
}

/// An installed profile, without the values of its payloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstalledProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    pub uuid: String,
    /// `PayloadVersion`.
    pub version: i64,
    /// `PayloadDisplayName`.
    pub display_name: String,
    /// `PayloadOrganization`.
    pub organization: String,
    /// `PayloadDescription`.
    pub description: String,
    /// `PayloadRemovalDisallowed`.
    pub removal_disallowed: bool,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// Whether MDM installed it.
    pub managed: bool,
    /// Certificates of its signature.
    pub signers: Vec<Certificate>,
    /// Its payloads.
    pub payloads: Vec<PayloadHead>,
}

/// What `ProfileList` tells of a payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PayloadHead {
    /// `PayloadType`.
    pub kind: String,
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    pub uuid: String,
    /// `PayloadVersion`.
    pub version: i64,
    /// `PayloadDisplayName`.
    pub display_name: String,
}

/// Where a private key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyReference {
    /// In the shared pool, by number.
    Pool(u32),
    /// Came with a PKCS#12 file; PKCS#8.
    Own(Vec<u8>),
}

/// An identity in the keychain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldIdentity {
    /// Identifier of the profile it belongs to.
    pub profile: String,
    /// UUID of the payload that made it.
    pub payload_uuid: String,
    /// Its key.
    pub key: KeyReference,
    /// Its certificate.
    pub certificate: Certificate,
}

/// A certificate in the keychain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldCertificate {
    /// Identifier of the profile it belongs to.
    pub profile: String,
    /// UUID of the payload.
    pub payload_uuid: String,
    /// The certificate.
    pub certificate: Certificate,
}

/// A mail account that a profile made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailAccount {
    /// Identifier of the profile it belongs to.
    pub profile: String,
    /// UUID of the payload: the account's identity. While it stays, the mail stays.
    pub payload_uuid: String,
    /// What the user sees.
    pub display_name: String,
    /// What the payload set.
    pub settings: MailSettings,
    /// How often the payload was applied to this account.
    pub applied: u32,
}

/// A mail account that the user made in Settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAccount {
    /// Server.
    pub host: String,
    /// Address.
    pub address: String,
}

/// A secret that travelled in a profile which was not encrypted to the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedInClear {
    /// Identifier of the profile.
    pub profile: String,
    /// UUID of the payload.
    pub payload_uuid: String,
    /// What it was.
    pub secret: Secret,
}

/// What the user had to endure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Times a password was asked for.
    pub password_prompts: u32,
    /// Accounts deleted and made again for the same mailbox: all mail is fetched again.
    pub accounts_recreated: u32,
    /// Certificates enrolled by SCEP, the enrolment's own among them.
    pub certificates_enrolled: u32,
    /// Commands executed (reported or not).
    pub commands: u32,
    /// Profiles lost on purpose.
    pub profiles_lost: u32,
}

impl DeviceState {
    /// Factory state.
    pub fn new(seed: u64, model: Model, os: OsVersion) -> Self {
        let mut chance = Chance::new(seed);
        let udid = match model.platform() {
            Platform::Ios => udid(&mut chance),
            // The hardware UUID.
            Platform::MacOs => chance.uuid(),
        };
        let serial = serial(&mut chance);
        Self {
            name: format!("{} {}", model.name(), &serial[serial.len() - 4..]),
            udid,
            serial,
            model,
            os,
            supervised: false,
            awaiting_configuration: false,
            passcode: true,
            locked: false,
            phase: Phase::New,
            enrolment: None,
            profiles: Vec::new(),
            identities: Vec::new(),
            certificates: Vec::new(),
            accounts: Vec::new(),
            user_accounts: Vec::new(),
            received_in_clear: Vec::new(),
            counters: Counters::default(),
            put_off: BTreeMap::new(),
            people: Vec::new(),
            chance,
        }
    }

    /// What runs on the device.
    pub fn system(&self) -> System {
        self.os.on(self.model.platform())
    }
}

/// Form since the iPhone XS: eight hex digits of the chip, sixteen of the device.
fn udid(chance: &mut Chance) -> String {
    format!("00008110-{:016X}", chance.bits())
}

/// Twelve letters and digits without those that are easily confused.
fn serial(chance: &mut Chance) -> String {
    const LETTERS: &[u8] = b"0123456789CDFGHJKLMNPQRTVWXY";
    (0..12)
        .map(|_| char::from(LETTERS[chance.below(LETTERS.len())]))
        .collect()
}
