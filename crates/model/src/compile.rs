//! The words between intent and a channel: what goes into a compiler and what comes out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    CertificateServices, Device, ImportPurpose, ImportedCertificate, OsVersion, Profile, ProfileId,
    Timestamp, User, UserId,
};

/// Everything that decides what one device receives for one profile. A compiler may look at nothing else.
#[derive(Debug, Clone, Copy)]
pub struct CompileInput<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Profiles reachable through references, the profile itself left out.
    pub referenced: &'a BTreeMap<ProfileId, Profile>,
    /// The device's primary user.
    pub user: Option<&'a User>,
    /// The device.
    pub device: &'a Device,
    /// Names that the organisation and this server go by.
    pub endpoints: &'a Endpoints,
    /// Renewal round of each certificate slot; raising it makes new content with the same payload identities.
    pub rounds: &'a BTreeMap<Slot, u32>,
    /// Imported certificates of the device's user, whatever their purpose, the newest start date first.
    pub imported: &'a [ImportedCertificate],
    /// What the organisation's certificate services offer.
    pub services: &'a CertificateServices,
}

/// What compiled content says of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Name of the organisation, shown on devices.
    pub organisation: String,
    /// Reverse-DNS prefix of payload identifiers, such as `com.example.mandate`.
    pub identifier_prefix: String,
    /// SCEP address, `https://host:port/scep`.
    pub scep_url: String,
    /// SHA-1 fingerprint of the certificate that answers SCEP, for `CAFingerprint`.
    pub scep_ca_fingerprint: Vec<u8>,
}

/// Names a certificate within one compiled profile: the id of the certificate profile it is made from.
///
/// One certificate profile referenced several times by one mail profile is one slot, hence one certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub String);

/// What one device is to receive for one profile, but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// `PayloadIdentifier`: the same for every version of this profile on this device.
    pub identifier: String,
    /// Names exactly this content in the device's inventory (`PayloadUUID` of the whole profile).
    pub content_uuid: uuid::Uuid,
    /// SHA-256 over the content, secrets and challenges left out.
    pub content_hash: [u8; 32],
    /// The document, with [`Compiled::challenge_mark`] where a challenge belongs.
    pub body: Vec<u8>,
    /// Settings left out because the device is too old for them.
    pub skipped: Vec<SkippedSetting>,
    /// Certificates that the device will ask for on receiving it.
    pub certificates: Vec<CertificateSpec>,
    /// Mail accounts that it makes, to find two profiles that make the same one.
    pub accounts: Vec<AccountKey>,
    /// Keys that the server holds and the document carries, each once.
    pub identities: Vec<StoredIdentity>,
    /// What deserves a word although the document can be delivered.
    pub notices: Vec<Notice>,
}

impl Compiled {
    /// The text that stands in [`Compiled::body`] for the challenge of a slot until it is rendered.
    pub fn challenge_mark(slot: &Slot) -> String {
        format!("@@mandate-challenge:{}@@", slot.0)
    }

    /// The text that stands in [`Compiled::body`] where the PKCS#12 file of a key belongs, as the whole of a `<string>`
    /// that becomes a `<data>` when it is rendered.
    pub fn identity_mark(key: &StoredKey) -> String {
        format!("@@mandate-identity:{key}@@")
    }

    /// The text that stands in [`Compiled::body`] where the password of that file belongs.
    pub fn password_mark(key: &StoredKey) -> String {
        format!("@@mandate-password:{key}@@")
    }

    /// Stands as `<data>` where the SHA-1 fingerprint of the SCEP authority belongs, and is as long as one: another
    /// authority is no other content.
    pub const FINGERPRINT_MARK: [u8; 20] = *b"@mandate-scep-authy@";
}

/// A key that the server holds and a document carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredIdentity {
    /// Which key.
    pub key: StoredKey,
    /// How the device reads it.
    pub encoding: Pkcs12Encoding,
}

/// Names a key that the server holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type", content = "value")]
pub enum StoredKey {
    /// Made by the server for one device and one PKCS certificate profile; the slot's [`CertificateSpec`] says what for.
    Issued(Slot),
    /// Imported for the device's user: the SHA-256 of its certificate in lower-case hexadecimal.
    Imported(String),
}

impl std::fmt::Display for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Issued(slot) => write!(f, "issued:{}", slot.0),
            Self::Imported(sha256) => write!(f, "imported:{sha256}"),
        }
    }
}

/// The two forms of PKCS#12 that devices read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Pkcs12Encoding {
    /// AES-256 and a MAC with SHA-256.
    Modern,
    /// 3DES and a MAC with SHA-1, the only form that older releases read.
    Legacy,
}

/// Something that an administrator should know of what one device receives, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Its name, such as `addressMismatch`.
    pub code: String,
    /// One sentence, without a full stop.
    pub message: String,
    /// Since when it holds, or from when on it will; always where it says nothing.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl Notice {
    /// One that holds always.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            since: None,
        }
    }

    /// One that begins to hold at a moment.
    #[must_use]
    pub fn starting(self, moment: Timestamp) -> Self {
        Self {
            since: Some(moment),
            ..self
        }
    }

    /// Whether it holds at a moment. Those that do not are not to be shown.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= now)
    }
}

/// A setting that this device cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkippedSetting {
    /// Graph property.
    pub setting: String,
    /// First version that has it.
    pub minimum_os: OsVersion,
}

/// An account as a device tells accounts apart: host and address, both folded to lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountKey {
    /// Host name of the server.
    pub host: String,
    /// Mail address.
    pub address: String,
}

/// A certificate that a device will ask for by SCEP, and exactly what it may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSpec {
    /// Where it belongs in the profile.
    pub slot: Slot,
    /// Who makes the key.
    #[serde(default)]
    pub source: CertificateSource,
    /// Name of the external issuer that is to issue it; none for the instance's own authority.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The person whom it speaks for; none for a certificate of the device. Filled in by the engine.
    #[serde(default)]
    pub user: Option<UserId>,
    /// Subject as ordered relative names, each a list of attribute and value; attributes are short names or OIDs.
    pub subject: Vec<Vec<(String, String)>>,
    /// Subject alternative names.
    pub subject_alt_names: Vec<SanSpec>,
    /// Key and usages.
    pub key: KeySpec,
    /// Dotted OIDs of extended key usages; none means client authentication.
    pub extended_key_usages: Vec<String>,
    /// Validity of the certificate in days.
    pub validity_days: i64,
    /// Renewal begins when this share of the validity is left, in percent.
    pub renewal_threshold_percentage: i64,
}

/// Who makes the key of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateSource {
    /// The device, which asks for the certificate by SCEP.
    #[default]
    Scep,
    /// The server, which sends key and certificate as PKCS#12.
    Pkcs,
}

/// A subject alternative name with its value filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type", content = "value")]
pub enum SanSpec {
    /// rfc822Name.
    Email(String),
    /// otherName with the user principal name.
    UserPrincipalName(String),
    /// dNSName.
    Dns(String),
    /// uniformResourceIdentifier.
    Uri(String),
}

/// Key of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeySpec {
    /// RSA modulus in bits.
    pub bits: u32,
    /// Whether the key may sign.
    pub digital_signature: bool,
    /// Whether the key may decipher keys.
    pub key_encipherment: bool,
    /// Whether the key may sign what nobody can deny (`contentCommitment`).
    #[serde(default)]
    pub non_repudiation: bool,
}

/// Why nothing can be made for a device; concerns that device alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The profile needs a user and the device has none.
    NoUser,
    /// A directory attribute that the profile needs is empty.
    MissingAttribute {
        /// Graph name of the attribute, such as `mail`.
        attribute: String,
        /// Sign-in name of the user.
        user: String,
    },
    /// A device attribute that the profile needs was not reported.
    MissingDeviceAttribute {
        /// Name of the attribute, such as `serialNumber`.
        attribute: String,
    },
    /// The device is older than the profile kind supports.
    OsTooOld {
        /// First supported version.
        minimum: OsVersion,
    },
    /// A subject or alternative name uses a variable that does not exist, or not on this platform.
    UnknownVariable {
        /// The variable as written, without braces.
        variable: String,
        /// Name of the profile that uses it.
        profile: String,
    },
    /// No certificate that the profile needs was imported for the user.
    NoImportedCertificate {
        /// What it is for.
        purpose: ImportPurpose,
        /// Sign-in name of the user.
        user: String,
    },
    /// A PKCS profile names a certificate template that there is none of.
    UnknownTemplate {
        /// The name as written.
        template: String,
        /// Name of the profile that uses it.
        profile: String,
    },
    /// A reference that the settings demand is not there.
    MissingReference {
        /// Navigation property.
        reference: String,
    },
    /// The settings cannot be turned into something this platform takes.
    Unsupported {
        /// What and why, for the administrator.
        reason: String,
    },
}
