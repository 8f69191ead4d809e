//! One step of the checklist in words.

use serde::{Serialize, Serializer};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetupStep {
    /// Its place among the seven, from 1.
    pub number: u8,
    /// Which it is.
    pub id: SetupStepKind,
    /// Where it stands.
    pub state: SetupState,
    /// Why, as a word for programs.
    pub cause: SetupCause,
    /// The same in a sentence, without a full stop.
    pub message: String,
    /// What to do next; nothing once it is done.
    pub next_action: Option<NextAction>,
}

impl SetupStep {
    pub(super) fn new(id: SetupStepKind, state: SetupState, cause: SetupCause) -> Self {
        Self {
            number: id.number(),
            id,
            state,
            message: cause.to_string(),
            next_action: (state != SetupState::Done).then(|| cause.next_action()),
            cause,
        }
    }
}

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SetupStepKind {
    /// Networks and domains.
    Connections,
    /// Who manages devices.
    Authority,
    /// Groups.
    Groups,
    /// What people see.
    CompanyPortal,
    /// Licences for people.
    Licences,
    /// Which platforms may be enrolled.
    Enrolment,
    /// Profiles, and the first devices.
    NextSteps,
}

impl SetupStepKind {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Connections,
        Self::Authority,
        Self::Groups,
        Self::CompanyPortal,
        Self::Licences,
        Self::Enrolment,
        Self::NextSteps,
    ];

    const fn number(self) -> u8 {
        match self {
            Self::Connections => 1,
            Self::Authority => 2,
            Self::Groups => 3,
            Self::CompanyPortal => 4,
            Self::Licences => 5,
            Self::Enrolment => 6,
            Self::NextSteps => 7,
        }
    }

    /// A stable word for it, for the texts of pages.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Authority => "authority",
            Self::Groups => "groups",
            Self::CompanyPortal => "portal",
            Self::Licences => "licences",
            Self::Enrolment => "enrolment",
            Self::NextSteps => "next",
        }
    }
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SetupState {
    /// Nothing of it was done.
    NotStarted,
    /// Some of it was.
    InProgress,
    /// It is done.
    Done,
    /// It was done, or begun, and something is wrong with it.
    Attention,
}

/// Why a step stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupCause {
    /// Nothing is left to do.
    Complete,
    /// The connections of the server were never tested.
    ConnectionsNotTested,
    /// Some of them were not.
    ConnectionsNotAllTested(usize),
    /// Some of them cannot be used; with their ids.
    ConnectionsFailed(Vec<String>),
    /// A domain waits to be proved.
    DomainPending(String),
    /// So many people's names are under domains that were not proved.
    UnverifiedSuffixes(i64),
    /// Nobody has said which service manages devices.
    NoAuthority,
    /// Another one does.
    OtherAuthority(String),
    /// The authority is being reset, or somebody asked for it.
    AuthorityReset,
    /// There is no group.
    NoGroups,
    /// The Company Portal has neither a name nor a contact of the organisation.
    PortalNotBranded,
    /// It does not say whom to ask.
    PortalWithoutContact,
    /// Nobody has a licence.
    NoLicences,
    /// So many people wait for one, as all are taken.
    LicencesTaken(i64),
    /// All platforms are switched off.
    NoPlatformEnabled,
    /// No platform can be enrolled, as there is no push certificate.
    NoPushCertificate,
    /// The push certificate has ended, so no device can be woken.
    PushCertificateEnded,
    /// It ends within so many days.
    PushCertificateEndsSoon(i64),
    /// There is no profile.
    NoProfile,
    /// No profile is for anybody.
    NoAssignment,
    /// There is no device.
    NoDevice,
    /// No device has a mail account yet.
    NoMail,
}

impl SetupCause {
    /// One of each, for those who have texts for them.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::Complete,
            Self::ConnectionsNotTested,
            Self::ConnectionsNotAllTested(2),
            Self::ConnectionsFailed(vec!["push".to_owned()]),
            Self::DomainPending("example.com".to_owned()),
            Self::UnverifiedSuffixes(2),
            Self::NoAuthority,
            Self::OtherAuthority("Office 365".to_owned()),
            Self::AuthorityReset,
            Self::NoGroups,
            Self::PortalNotBranded,
            Self::PortalWithoutContact,
            Self::NoLicences,
            Self::LicencesTaken(2),
            Self::NoPlatformEnabled,
            Self::NoPushCertificate,
            Self::PushCertificateEnded,
            Self::PushCertificateEndsSoon(2),
            Self::NoProfile,
            Self::NoAssignment,
            Self::NoDevice,
            Self::NoMail,
        ]
    }

    /// A stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::ConnectionsNotTested => "connectionsNotTested",
            Self::ConnectionsNotAllTested(_) => "connectionsNotAllTested",
            Self::ConnectionsFailed(_) => "connectionsFailed",
            Self::DomainPending(_) => "domainPending",
            Self::UnverifiedSuffixes(_) => "unverifiedSuffixes",
            Self::NoAuthority => "noAuthority",
            Self::OtherAuthority(_) => "otherAuthority",
            Self::AuthorityReset => "authorityReset",
            Self::NoLicences => "noLicences",
            Self::LicencesTaken(_) => "licencesTaken",
            Self::NoGroups => "noGroups",
            Self::PortalNotBranded => "portalNotBranded",
            Self::PortalWithoutContact => "portalWithoutContact",
            Self::NoPlatformEnabled => "noPlatformEnabled",
            Self::NoPushCertificate => "noPushCertificate",
            Self::PushCertificateEnded => "pushCertificateEnded",
            Self::PushCertificateEndsSoon(_) => "pushCertificateEndsSoon",
            Self::NoProfile => "noProfile",
            Self::NoAssignment => "noAssignment",
            Self::NoDevice => "noDevice",
            Self::NoMail => "noMail",
        }
    }

    /// What the sentence names, if it names anything.
    pub fn value(&self) -> String {
        match self {
            Self::ConnectionsNotAllTested(count) => count.to_string(),
            Self::ConnectionsFailed(ids) => ids.join(", "),
            Self::DomainPending(name) | Self::OtherAuthority(name) => name.clone(),
            Self::UnverifiedSuffixes(count)
            | Self::LicencesTaken(count)
            | Self::PushCertificateEndsSoon(count) => count.to_string(),
            Self::Complete
            | Self::ConnectionsNotTested
            | Self::NoAuthority
            | Self::AuthorityReset
            | Self::NoLicences
            | Self::NoGroups
            | Self::PortalNotBranded
            | Self::PortalWithoutContact
            | Self::NoPlatformEnabled
            | Self::NoPushCertificate
            | Self::PushCertificateEnded
            | Self::NoProfile
            | Self::NoAssignment
            | Self::NoDevice
            | Self::NoMail => String::new(),
        }
    }

    const fn next_action(&self) -> NextAction {
        let (console, graph) = match self {
            Self::Complete => ("/console/setup", "GET /mandate/v1/setup"),
            Self::ConnectionsNotTested
            | Self::ConnectionsNotAllTested(_)
            | Self::ConnectionsFailed(_) => (
                "/console/setup/connections",
                "POST /mandate/v1/connections/test",
            ),
            Self::DomainPending(_) => ("/console/setup/domains", "POST /v1.0/domains/{id}/verify"),
            Self::UnverifiedSuffixes(_) => ("/console/setup/domains", "POST /v1.0/domains"),
            Self::NoAuthority | Self::OtherAuthority(_) | Self::AuthorityReset => (
                "/console/setup/authority",
                "POST /v1.0/organization/{id}/setMobileDeviceManagementAuthority",
            ),
            Self::NoLicences | Self::LicencesTaken(_) => {
                ("/console/licences", "POST /v1.0/users/{id}/assignLicense")
            }
            Self::NoGroups => ("/console/groups", "POST /v1.0/groups"),
            Self::PortalNotBranded | Self::PortalWithoutContact => {
                ("/console/branding", "PATCH /v1.0/deviceManagement")
            }
            Self::NoPlatformEnabled => ("/console/setup", "PATCH /mandate/v1/setup"),
            Self::NoPushCertificate
            | Self::PushCertificateEnded
            | Self::PushCertificateEndsSoon(_) => (
                "/console/apple",
                "PATCH /v1.0/deviceManagement/applePushNotificationCertificate",
            ),
            Self::NoProfile => (
                "/console/profiles",
                "POST /v1.0/deviceManagement/deviceConfigurations",
            ),
            Self::NoAssignment => (
                "/console/profiles",
                "POST /v1.0/deviceManagement/deviceConfigurations/{id}/assign",
            ),
            Self::NoDevice => ("/console/enrolment", "POST /mandate/v1/enrollmentLinks"),
            Self::NoMail => (
                "/console/devices",
                "GET /v1.0/deviceManagement/managedDevices",
            ),
        };
        NextAction { console, graph }
    }
}

impl Serialize for SetupCause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl std::fmt::Display for SetupCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.value();
        let text = match self {
            Self::Complete => "nothing is left to do",
            Self::ConnectionsNotTested => "the connections of this server were never tested",
            Self::ConnectionsNotAllTested(_) => {
                return write!(f, "{value} connections of this server were not tested yet");
            }
            Self::ConnectionsFailed(_) => {
                return write!(f, "connections of this server cannot be used: {value}");
            }
            Self::DomainPending(_) => {
                return write!(
                    f,
                    "the domain `{value}` was not verified yet; verify it before people are added whose names are under it"
                );
            }
            Self::UnverifiedSuffixes(_) => {
                return write!(
                    f,
                    "the sign-in names of {value} people are under domains that were not verified"
                );
            }
            Self::NoAuthority => "nobody has said yet which service manages the devices",
            Self::OtherAuthority(_) => {
                return write!(
                    f,
                    "the devices are managed by {value}, and none is enrolled here"
                );
            }
            Self::AuthorityReset => "the management authority is to be reset",
            Self::NoLicences => "nobody has a licence, and so nobody may enrol a device",
            Self::LicencesTaken(_) => {
                return write!(f, "all licences are taken, and {value} people wait for one");
            }
            Self::NoGroups => "there is no group, and groups say who gets what",
            Self::PortalNotBranded => "the Company Portal does not show yet whose it is",
            Self::PortalWithoutContact => "the Company Portal does not say whom people may ask",
            Self::NoPlatformEnabled => "enrolment is switched off for all platforms",
            Self::NoPushCertificate => {
                "iOS, iPadOS and macOS cannot be enrolled: there is no push certificate"
            }
            Self::PushCertificateEnded => {
                "the push certificate has ended, so no device can be woken"
            }
            Self::PushCertificateEndsSoon(_) => {
                return write!(f, "the push certificate ends within {value} days");
            }
            Self::NoProfile => "there is no profile",
            Self::NoAssignment => "no profile is assigned to anybody",
            Self::NoDevice => "no device was enrolled",
            Self::NoMail => "no device has a mail account yet",
        };
        f.write_str(text)
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextAction {
    /// The page of the admin centre.
    pub console: &'static str,
    /// Method and path of the API.
    pub graph: &'static str,
}
