//! Between Apple's words and the engine's.

use mandate_engine::{Answer, Content, EnrolmentOffer, Failure, FailureKind, SeenProfile, Work};
use mandate_model::{DeviceFacts, Endpoints, EnrolmentType, Platform};
use mandate_pki::certificate::Certificate;
use mandate_pki::cms::{self, ContentCipher};
use plist::{Dictionary, Value};
use uuid::Uuid;

use crate::enrolment::{EnrolmentProfile, Identity, Mode, ServerCapability, Texts};
use crate::wire::{self, AccessRights, Command, Report, ReportStatus, WireError};

/// What does not change from one device to the next.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) endpoints: Endpoints,
    pub(crate) base_url: String,
    pub(crate) roots: Vec<Vec<u8>>,
}

/// The payload that brings a device under management.
const MANAGEMENT: &str = "com.apple.mdm";

/// What a report says, in the engine's words.
pub(crate) fn answer(report: &Report) -> Result<Answer, WireError> {
    if report.status == ReportStatus::Idle {
        return Ok(Answer::Idle);
    }
    let text = report
        .command_uuid
        .as_deref()
        .ok_or(WireError::Missing("CommandUUID"))?;
    // Ours are UUIDs: a report about anything else is about a command that nobody sent.
    let command = Uuid::try_parse(text).unwrap_or_default();
    Ok(match report.status {
        ReportStatus::Idle => Answer::Idle,
        ReportStatus::NotNow => Answer::NotNow { command },
        ReportStatus::Acknowledged => Answer::Done {
            command,
            content: content(report),
        },
        ReportStatus::Error => Answer::Failed {
            command,
            failure: failure(report),
        },
        ReportStatus::CommandFormatError => Answer::Failed {
            command,
            failure: Failure {
                kind: FailureKind::Unsupported,
                domain: "CommandFormatError".to_owned(),
                number: 0,
                text: "the device did not understand the command".to_owned(),
            },
        },
    })
}

fn content(report: &Report) -> Content {
    if let Some(profiles) = report.profiles() {
        let seen = |profile: wire::InstalledProfile| SeenProfile {
            uuid: Uuid::try_parse(&profile.uuid).ok(),
            is_enrolment: profile
                .payloads
                .iter()
                .any(|payload| payload.payload_type == MANAGEMENT),
            identifier: profile.identifier,
            name: profile.display_name,
        };
        return Content::Profiles(profiles.into_iter().map(seen).collect());
    }
    if let Some(certificates) = report.certificates() {
        return Content::Certificates(
            certificates
                .into_iter()
                .map(|certificate| mandate_pki::sha256(&certificate.der))
                .collect(),
        );
    }
    let mut facts = DeviceFacts::default();
    if report.update_facts(&mut facts) {
        Content::Facts(Box::new(facts))
    } else {
        Content::Nothing
    }
}

fn failure(report: &Report) -> Failure {
    let failure = wire::Failure::classify(&report.errors);
    let kind = match failure.kind {
        wire::FailureKind::AccountExists => FailureKind::AccountExists,
        wire::FailureKind::NotInstalled | wire::FailureKind::NotManaged => {
            FailureKind::NotInstalled
        }
        wire::FailureKind::Transient => FailureKind::Transient,
        wire::FailureKind::Unsupported => FailureKind::Unsupported,
        wire::FailureKind::DevicePolicy
        | wire::FailureKind::Configuration
        | wire::FailureKind::Unknown => FailureKind::Refused,
    };
    Failure {
        kind,
        domain: failure.domain,
        number: failure.code,
        text: failure.text,
    }
}

impl Server {
    /// The command for a piece of work, as the device takes it.
    pub(crate) fn command(
        &self,
        work: Work,
        enrolment: EnrolmentType,
    ) -> Result<Vec<u8>, mandate_pki::Error> {
        let (id, command) = match work {
            Work::Install {
                command,
                body,
                recipient,
            } => {
                let body = match recipient {
                    Some(recipient) => encrypted(body.as_bytes(), &recipient)?,
                    None => body.as_bytes().to_vec(),
                };
                (command, Command::InstallProfile(body))
            }
            Work::Remove {
                command,
                identifier,
            } => (command, Command::RemoveProfile(identifier)),
            Work::ListProfiles { command } => (
                command,
                Command::ProfileList {
                    managed_only: false,
                },
            ),
            Work::ConfirmConfigured { command } => (command, Command::DeviceConfigured),
            Work::ListCertificates { command } => (
                command,
                Command::CertificateList {
                    managed_only: false,
                },
            ),
            Work::DescribeDevice { command } => (command, Command::device_information(enrolment)),
            Work::DescribeSecurity { command } => (command, Command::SecurityInfo),
            Work::Lock {
                command,
                message,
                phone_number,
            } => (
                command,
                Command::DeviceLock {
                    message,
                    phone_number,
                },
            ),
            Work::Erase {
                command,
                keep_data_plan,
            } => {
                let erase = Command::EraseDevice {
                    preserve_data_plan: keep_data_plan,
                    disallow_proximity_setup: false,
                };
                (command, erase)
            }
            Work::RemoveManagement {
                command,
                identifier,
            } => {
                let identifier = identifier.unwrap_or_else(|| self.enrolment_identifier());
                (command, Command::RemoveProfile(identifier))
            }
            Work::RenewIdentity { command, offer } => (
                command,
                Command::InstallProfile(self.enrolment_profile(&offer).to_plist()),
            ),
        };
        // Upper case, as Apple's own tools write UUIDs.
        Ok(command.to_plist(&id.to_string().to_uppercase()))
    }

    fn enrolment_identifier(&self) -> String {
        format!("{}.enrolment", self.endpoints.identifier_prefix)
    }

    /// The profile that brings a device under management, or gives a managed one a new identity.
    pub(crate) fn enrolment_profile(&self, offer: &EnrolmentOffer) -> EnrolmentProfile {
        let organisation = self.endpoints.organisation.clone();
        let elsewhere = offer.elsewhere.as_ref();
        let rights = elsewhere.map_or(AccessRights::OURS, |elsewhere| {
            AccessRights::OURS.among(elsewhere.access_rights)
        });
        let people = vec![ServerCapability::PerUserConnections];
        EnrolmentProfile {
            identifier_prefix: self.endpoints.identifier_prefix.clone(),
            texts: Texts {
                display_name: format!("{organisation}: device management"),
                description: format!(
                    "Lets {organisation} set up mail and certificates on this device. Remove it to end management."
                ),
                organisation: organisation.clone(),
            },
            roots: self.roots.clone(),
            identity: Identity {
                scep_url: offer.scep_url.clone(),
                authority: "mandate".to_owned(),
                common_name: offer.common_name.clone(),
                organisation,
                challenge: offer.challenge.clone(),
                ca_fingerprint: Some(offer.scep_fingerprint.clone()),
            },
            topic: offer.topic.clone(),
            server_url: match elsewhere {
                Some(elsewhere) => elsewhere.server_url.clone(),
                None => format!("{}/apple/mdm", self.base_url),
            },
            check_in_url: match elsewhere {
                Some(elsewhere) => elsewhere.check_in_url.clone(),
                None => Some(format!("{}/apple/checkin", self.base_url)),
            },
            identifier: elsewhere.map(|elsewhere| elsewhere.identifier.clone()),
            // Neither may be added or removed once a Mac is enrolled.
            capabilities: match (elsewhere, offer.platform) {
                (Some(elsewhere), _) if elsewhere.user_channels => people,
                (None, Platform::MacOs) => people,
                (Some(_), _) | (None, Platform::Ios) => Vec::new(),
            },
            platform: offer.platform,
            mode: match (offer.enrolment_type, &offer.account) {
                (EnrolmentType::User, Some(account)) => Mode::UserOwned {
                    managed_apple_account: account.clone(),
                },
                (EnrolmentType::Device, Some(account)) if offer.account_driven => {
                    Mode::AccountDriven {
                        rights,
                        managed_apple_account: account.clone(),
                    }
                }
                _ => Mode::Device { rights },
            },
        }
    }
}

/// Puts the payloads of a profile into an envelope for one device (`EncryptedPayloadContent`). What names the profile
/// stays outside.
fn encrypted(profile: &[u8], recipient: &[u8]) -> Result<Vec<u8>, mandate_pki::Error> {
    let recipient = Certificate::from_der(recipient)?;
    let malformed = || mandate_pki::Error::Malformed("compiled profile");
    let mut profile = Value::from_reader_xml(profile)
        .ok()
        .and_then(Value::into_dictionary)
        .ok_or_else(malformed)?;
    let payloads = profile.remove("PayloadContent").ok_or_else(malformed)?;
    let mut content = Vec::new();
    payloads
        .to_writer_xml(&mut content)
        .map_err(|_| malformed())?;
    let envelope = cms::encrypt(&[recipient], &content, ContentCipher::Aes256Cbc)?;
    profile.insert("EncryptedPayloadContent".to_owned(), Value::Data(envelope));
    profile.insert("IsEncrypted".to_owned(), Value::Boolean(true));
    Ok(written(profile))
}

fn written(profile: Dictionary) -> Vec<u8> {
    wire::property_list::write(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_about_a_foreign_command_is_about_no_command_of_ours() {
        let body = br#"<?xml version="1.0"?><plist version="1.0"><dict><key>Status</key><string>Acknowledged</string>
            <key>UDID</key><string>U1</string><key>CommandUUID</key><string>not-ours</string></dict></plist>"#;
        let report = Report::parse(body).unwrap();
        assert_eq!(
            answer(&report).unwrap(),
            Answer::Done {
                command: Uuid::nil(),
                content: Content::Nothing
            }
        );
    }
}
