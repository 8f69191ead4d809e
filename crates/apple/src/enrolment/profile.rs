use mandate_model::Platform;
use plist::{Dictionary, Value};
use uuid::Uuid;

use crate::wire::AccessRights;

/// Under it all payload UUIDs of enrolment profiles are named. Never to change: a device would see other payloads.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0d_51b2_3a7c_4e0f_9d5a_c2c8_b81e_47a3);

/// An enrolment profile: roots, an identity asked for by SCEP, and the management payload.
///
/// Identifiers and UUIDs follow from the prefix alone, so the same profile with a new challenge replaces the installed
/// one in place; that is how an identity is renewed. For this the values of [`EnrolmentProfile::IMMUTABLE`] have to be
/// the ones that the device was enrolled with, and `AccessRights` may lose bits but not gain any: keep them with the
/// enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentProfile {
    /// Reverse-DNS prefix, such as `com.example.mandate`.
    pub identifier_prefix: String,
    /// What people read.
    pub texts: Texts,
    /// Certificates to be trusted, DER; empty if the server's own chain is trusted everywhere.
    pub roots: Vec<Vec<u8>>,
    /// How the device gets its identity.
    pub identity: Identity,
    /// Topic of the push certificate, `com.apple.mgmt.…`.
    pub topic: String,
    /// Where commands are fetched, https.
    pub server_url: String,
    /// Where check-ins go, https; with the commands if absent.
    pub check_in_url: Option<String>,
    /// `PayloadIdentifier`, if it is not the one that follows from the prefix: that of another server's profile, which this
    /// one replaces.
    pub identifier: Option<String>,
    /// What the server can do beyond the basics. `PerUserConnections` may neither be added nor removed later.
    pub capabilities: Vec<ServerCapability>,
    /// Whole device, or a managed part of it.
    pub mode: Mode,
    /// What the device runs. A Mac has to be told that the profile is for all of its users (`PayloadScope`), since one
    /// that is opened by hand is for the person who opens it otherwise.
    pub platform: Platform,
}

/// What people read on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// `PayloadDisplayName`.
    pub display_name: String,
    /// `PayloadDescription`.
    pub description: String,
    /// `PayloadOrganization`.
    pub organisation: String,
}

/// Payload `com.apple.security.scep`: RSA 2048 for signature and encipherment (profiles are encrypted to it).
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// SCEP address.
    pub scep_url: String,
    /// `Name`, which picks one of several authorities behind an address.
    pub authority: String,
    /// CN of the subject. `%HardwareUUID%` and its like are replaced by the device.
    pub common_name: String,
    /// O of the subject.
    pub organisation: String,
    /// One-time secret.
    pub challenge: String,
    /// SHA-1 of the certificate that answers SCEP.
    pub ca_fingerprint: Option<Vec<u8>>,
}

/// What comes under management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The whole device; profile installed by hand or at activation.
    Device {
        /// What the server may do.
        rights: AccessRights,
    },
    /// Account-driven device enrolment: the whole device, by the account of the person who signed in.
    AccountDriven {
        /// What the server may do.
        rights: AccessRights,
        /// Managed Apple Account of the person who signed in.
        managed_apple_account: String,
    },
    /// Account-driven user enrolment: a managed part of a person's own device. Has no rights to state; a device that
    /// sees `AccessRights` here gives up.
    UserOwned {
        /// Managed Apple Account of the person who logged in.
        managed_apple_account: String,
    },
}

/// Values of `ServerCapabilities`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerCapability {
    /// User channels (macOS, Shared iPad).
    PerUserConnections,
    /// Keeps bootstrap tokens.
    BootstrapToken,
    /// Answers `GetToken`.
    Token,
}

impl EnrolmentProfile {
    /// Keys of `com.apple.mdm` that no update may change.
    pub const IMMUTABLE: [&str; 5] = [
        "Topic",
        "ServerURL",
        "CheckInURL",
        "EnrollmentMode",
        "AssignedManagedAppleID",
    ];

    /// `PayloadIdentifier` of the profile. Removing it ends management.
    pub fn identifier(&self) -> String {
        match &self.identifier {
            Some(identifier) => identifier.clone(),
            None => format!("{}.enrolment", self.identifier_prefix),
        }
    }

    /// The profile, an XML document without signature.
    pub fn to_plist(&self) -> Vec<u8> {
        let mut profile = self.payload("Configuration", &self.identifier());
        let mut content: Vec<Value> = self
            .roots
            .iter()
            .map(|root| self.root_payload(root).into())
            .collect();
        // In this order, identity first: Fleet's test client counts instead of looking at the types.
        content.push(self.identity_payload().into());
        content.push(self.management_payload().into());
        put(&mut profile, "PayloadContent", content);
        put(
            &mut profile,
            "PayloadDescription",
            self.texts.description.as_str(),
        );
        if self.platform == Platform::MacOs {
            put(&mut profile, "PayloadScope", "System");
        }
        crate::wire::property_list::write(profile)
    }

    fn root_payload(&self, der: &[u8]) -> Dictionary {
        let name = Uuid::new_v5(&NAMESPACE, der);
        let mut payload = self.payload(
            "com.apple.security.root",
            &format!("{}.root.{name}", self.identifier()),
        );
        put(&mut payload, "PayloadContent", Value::Data(der.to_vec()));
        payload
    }

    fn identity_payload(&self) -> Dictionary {
        let identity = &self.identity;
        let mut content = Dictionary::new();
        put(&mut content, "URL", identity.scep_url.as_str());
        put(&mut content, "Name", identity.authority.as_str());
        put(
            &mut content,
            "Subject",
            vec![
                attribute("O", &identity.organisation),
                attribute("CN", &identity.common_name),
            ],
        );
        put(&mut content, "Challenge", identity.challenge.as_str());
        put(&mut content, "Keysize", 2048);
        put(&mut content, "Key Type", "RSA");
        put(&mut content, "Key Usage", 5);
        put(&mut content, "Retries", 3);
        put(&mut content, "RetryDelay", 10);
        if let Some(fingerprint) = &identity.ca_fingerprint {
            put(
                &mut content,
                "CAFingerprint",
                Value::Data(fingerprint.clone()),
            );
        }
        let mut payload = self.payload("com.apple.security.scep", &self.identity_identifier());
        put(&mut payload, "PayloadContent", content);
        payload
    }

    fn management_payload(&self) -> Dictionary {
        let mut payload = self.payload("com.apple.mdm", &format!("{}.mdm", self.identifier()));
        put(
            &mut payload,
            "IdentityCertificateUUID",
            uuid_text(&self.identity_identifier()),
        );
        put(&mut payload, "Topic", self.topic.as_str());
        put(&mut payload, "ServerURL", self.server_url.as_str());
        if let Some(url) = &self.check_in_url {
            put(&mut payload, "CheckInURL", url.as_str());
        }
        put(&mut payload, "SignMessage", true);
        put(&mut payload, "CheckOutWhenRemoved", true);
        put(&mut payload, "UseDevelopmentAPNS", false);
        if !self.capabilities.is_empty() {
            let names = self
                .capabilities
                .iter()
                .map(|capability| Value::from(capability.name()));
            put(
                &mut payload,
                "ServerCapabilities",
                names.collect::<Vec<_>>(),
            );
        }
        match &self.mode {
            Mode::Device { rights } => put(&mut payload, "AccessRights", i64::from(rights.bits())),
            Mode::AccountDriven {
                rights,
                managed_apple_account,
            } => {
                put(&mut payload, "AccessRights", i64::from(rights.bits()));
                put(&mut payload, "EnrollmentMode", "ADDE");
                put(
                    &mut payload,
                    "AssignedManagedAppleID",
                    managed_apple_account.as_str(),
                );
            }
            Mode::UserOwned {
                managed_apple_account,
            } => {
                put(&mut payload, "EnrollmentMode", "BYOD");
                put(
                    &mut payload,
                    "AssignedManagedAppleID",
                    managed_apple_account.as_str(),
                );
            }
        }
        payload
    }

    fn identity_identifier(&self) -> String {
        format!("{}.identity", self.identifier())
    }

    fn payload(&self, payload_type: &str, identifier: &str) -> Dictionary {
        let mut payload = Dictionary::new();
        put(&mut payload, "PayloadType", payload_type);
        put(&mut payload, "PayloadVersion", 1);
        put(&mut payload, "PayloadIdentifier", identifier);
        put(&mut payload, "PayloadUUID", uuid_text(identifier));
        put(
            &mut payload,
            "PayloadDisplayName",
            self.texts.display_name.as_str(),
        );
        put(
            &mut payload,
            "PayloadOrganization",
            self.texts.organisation.as_str(),
        );
        payload
    }
}

impl std::fmt::Debug for Identity {
    /// Without the challenge.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("scep_url", &self.scep_url)
            .field("common_name", &self.common_name)
            .finish_non_exhaustive()
    }
}

impl ServerCapability {
    /// The name in the profile.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerUserConnections => "com.apple.mdm.per-user-connections",
            Self::BootstrapToken => "com.apple.mdm.bootstraptoken",
            Self::Token => "com.apple.mdm.token",
        }
    }
}

/// A relative distinguished name with a single attribute.
fn attribute(name: &str, value: &str) -> Value {
    Value::Array(vec![Value::Array(vec![name.into(), value.into()])])
}

/// Upper case, as Apple's own tools write UUIDs.
fn uuid_text(identifier: &str) -> String {
    Uuid::new_v5(&NAMESPACE, identifier.as_bytes())
        .to_string()
        .to_uppercase()
}

fn put(dictionary: &mut Dictionary, key: &str, value: impl Into<Value>) {
    dictionary.insert(key.to_owned(), value.into());
}
