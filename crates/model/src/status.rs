//! States, and the words in which they are explained.

use serde::{Deserialize, Serialize};

use crate::{AccountKey, GroupId, ImportPurpose, Notice, OsVersion, Timestamp};

/// What an administrator sees for a profile on a device. Derived, never set by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Seen in the device's inventory.
    Succeeded,
    /// Something is wrong that will not mend itself soon.
    Error,
    /// Two things want the same place.
    Conflict,
    /// On its way; has a deadline.
    Pending,
    /// Not for this device.
    NotApplicable,
}

/// Why a profile has its state on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "code")]
pub enum Reason {
    /// The inventory names this version.
    Present,
    /// The device has not asked for work since the profile was wanted or changed.
    WaitingForCheckIn,
    /// Sent; the device has not answered.
    Sent,
    /// The device says it is done; the inventory has yet to show it.
    Acknowledged,
    /// The device answered that it cannot now.
    NotNow,
    /// No longer wanted; the inventory still shows it or has not been read.
    Removing,
    /// The profile is for the user channel of a Mac, and the Mac's user has not logged in there.
    WaitingForLogin {
        /// Sign-in name of the user.
        user: String,
    },
    /// The profile needs a user and the device has none.
    NoUser,
    /// The profile needs a user, and a device enrolment manager enrolled the device: it has none on purpose.
    EnrolledByManager,
    /// A directory attribute is empty.
    MissingAttribute {
        /// Graph name of the attribute.
        attribute: String,
        /// Sign-in name of the user.
        user: String,
    },
    /// A device attribute was not reported.
    MissingDeviceAttribute {
        /// Name of the attribute.
        attribute: String,
    },
    /// The device is too old.
    OsTooOld {
        /// First supported version.
        minimum: OsVersion,
        /// What the device reported.
        actual: String,
    },
    /// The profile is for another platform.
    OtherPlatform,
    /// A variable in a certificate's name is unknown.
    UnknownVariable {
        /// The variable as written.
        variable: String,
        /// Profile that uses it.
        profile: String,
    },
    /// The device's user may not use the account (`accountEnabled` is false).
    UserDisabled {
        /// Sign-in name of the user.
        user: String,
    },
    /// The device's user has no licence, and devices of those without one are to have nothing.
    NoLicence {
        /// Sign-in name of the user.
        user: String,
    },
    /// The authority that is to issue a certificate did not.
    IssuerFailed {
        /// Its name.
        issuer: String,
        /// What it answered, or why it could not be asked.
        text: String,
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
        /// Profile that uses it.
        profile: String,
    },
    /// A certificate or root profile that this one needs does not reach the same device.
    DependencyNotAssigned {
        /// Names of the profiles.
        profiles: Vec<String>,
    },
    /// A reference that the settings demand is missing.
    MissingReference {
        /// Navigation property.
        reference: String,
    },
    /// The settings cannot be expressed on this platform.
    Unsupported {
        /// What and why.
        reason: String,
    },
    /// The user made an account for the same mailbox by hand.
    AccountExists {
        /// Which account.
        account: AccountKey,
    },
    /// Another profile of ours makes the same account.
    SameAccount {
        /// Names of all profiles concerned.
        profiles: Vec<String>,
        /// Which account.
        account: AccountKey,
    },
    /// The device refused.
    DeviceError {
        /// Error domain, as `MCProfileErrorDomain`.
        domain: String,
        /// Error code.
        number: i64,
        /// Text of the device.
        text: String,
    },
    /// Acknowledged several times, never in the inventory.
    NotInInventory,
    /// The deadline passed.
    DeadlinePassed,
}

impl Reason {
    /// The state that follows from the reason.
    pub const fn state(&self) -> State {
        match self {
            Self::Present => State::Succeeded,
            Self::WaitingForCheckIn
            | Self::Sent
            | Self::Acknowledged
            | Self::NotNow
            | Self::Removing
            | Self::WaitingForLogin { .. } => State::Pending,
            Self::NoUser
            | Self::EnrolledByManager
            | Self::UserDisabled { .. }
            | Self::NoLicence { .. }
            | Self::OsTooOld { .. }
            | Self::OtherPlatform => State::NotApplicable,
            Self::AccountExists { .. } | Self::SameAccount { .. } => State::Conflict,
            Self::MissingAttribute { .. }
            | Self::MissingDeviceAttribute { .. }
            | Self::UnknownVariable { .. }
            | Self::IssuerFailed { .. }
            | Self::NoImportedCertificate { .. }
            | Self::UnknownTemplate { .. }
            | Self::DependencyNotAssigned { .. }
            | Self::MissingReference { .. }
            | Self::Unsupported { .. }
            | Self::DeviceError { .. }
            | Self::NotInInventory
            | Self::DeadlinePassed => State::Error,
        }
    }

    /// One sentence for an administrator, without a full stop.
    pub fn message(&self) -> String {
        match self {
            Self::Present => "present in the device's profile list".to_owned(),
            Self::WaitingForCheckIn => "waiting for the device to check in".to_owned(),
            Self::Sent => "sent, the device has not answered yet".to_owned(),
            Self::Acknowledged => "acknowledged, waiting for the device's profile list".to_owned(),
            Self::NotNow => "the device is locked or busy and will take it later".to_owned(),
            Self::Removing => {
                "no longer assigned, waiting until the profile list shows it gone".to_owned()
            }
            Self::WaitingForLogin { user } => {
                format!(
                    "the profile is for the user channel, and user {user} has not logged in on this Mac"
                )
            }
            Self::NoUser => {
                "no user: the device has no primary user, and this profile is made for a user"
                    .to_owned()
            }
            Self::EnrolledByManager => {
                "enrolled by a device enrolment manager: the device belongs to nobody, and this profile is made for a user"
                    .to_owned()
            }
            Self::MissingAttribute { attribute, user } => {
                format!("user {user} has no `{attribute}`")
            }
            Self::MissingDeviceAttribute { attribute } => {
                format!("the device did not report its `{attribute}`")
            }
            Self::OsTooOld { minimum, actual } => {
                format!("needs version {minimum} or later, the device has {actual}")
            }
            Self::OtherPlatform => "the profile is for another platform".to_owned(),
            Self::UnknownVariable { variable, profile } => {
                format!(
                    "profile `{profile}` uses the variable `{{{{{variable}}}}}`, which this device does not have"
                )
            }
            Self::UserDisabled { user } => {
                format!(
                    "the account of user {user} is disabled, and this profile is made for a user"
                )
            }
            Self::NoLicence { user } => {
                format!("user {user} has no licence, and devices without one have no profiles")
            }
            Self::IssuerFailed { issuer, text } => {
                format!("the authority `{issuer}` did not issue the certificate: {text}")
            }
            Self::NoImportedCertificate { purpose, user } => format!(
                "no certificate for {} was imported for user {user}",
                purpose.label()
            ),
            Self::UnknownTemplate { template, profile } => format!(
                "profile `{profile}` names the certificate template `{template}`, which does not exist"
            ),
            Self::DependencyNotAssigned { profiles } => {
                format!(
                    "needs {}, which is not assigned to this device or its user",
                    quoted(profiles)
                )
            }
            Self::MissingReference { reference } => format!("`{reference}` is not set"),
            Self::Unsupported { reason } => reason.clone(),
            Self::AccountExists { account } => format!(
                "the user has already made an account for {} on {} by hand, which blocks this one",
                account.address, account.host
            ),
            Self::SameAccount { profiles, account } => {
                format!(
                    "profiles {} all make the account {} on {}",
                    quoted(profiles),
                    account.address,
                    account.host
                )
            }
            Self::DeviceError {
                domain,
                number,
                text,
            } => format!("the device refused: {text} ({domain} {number})"),
            Self::NotInInventory => "acknowledged, but the profile list never showed it".to_owned(),
            Self::DeadlinePassed => "the device did not take it in time".to_owned(),
        }
    }

    /// What happens next, or what somebody has to do, without a full stop.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Present | Self::OtherPlatform => "nothing to do",
            Self::WaitingForCheckIn | Self::Sent | Self::NotNow => {
                "the device is woken by push and again later until it answers"
            }
            Self::Acknowledged => "the profile list is asked for at once",
            Self::Removing => "the removal is repeated until the profile list shows it gone",
            Self::WaitingForLogin { .. } => {
                "delivery follows when the user logs in on the Mac, under a short name that the directory knows"
            }
            Self::NoUser => {
                "enrol the device for a person, or assign the profile to groups of people"
            }
            Self::EnrolledByManager => {
                "give the device a primary user, or assign only profiles that need none"
            }
            Self::MissingAttribute { .. } => {
                "fill in the attribute in the directory; delivery follows by itself"
            }
            Self::MissingDeviceAttribute { .. } => "delivery follows when the device reports it",
            Self::OsTooOld { .. } => "update the device; delivery follows by itself",
            Self::UnknownVariable { .. } => "correct the name in the certificate profile",
            Self::NoLicence { .. } => "give the user a licence; delivery follows by itself",
            Self::UserDisabled { .. } => "enable the account; delivery follows by itself",
            Self::IssuerFailed { .. } => "the authority is asked again with growing pauses",
            Self::NoImportedCertificate { .. } => {
                "import the user's certificate; delivery follows by itself"
            }
            Self::UnknownTemplate { .. } => {
                "correct `certificateTemplateName`, or add the template with `mandate ca template add`"
            }
            Self::DependencyNotAssigned { .. } => "assign the named profiles to the same groups",
            Self::MissingReference { .. } => "choose a certificate profile",
            Self::Unsupported { .. } => "change the setting",
            Self::AccountExists { .. } => {
                "the user removes the account in Settings › Mail › Accounts; delivery is retried by itself"
            }
            Self::SameAccount { .. } => "assign only one of the profiles to this person",
            Self::DeviceError { .. } => {
                "delivery is retried with growing pauses, and at once after an edit or a sync"
            }
            Self::NotInInventory => "delivery is retried at the next check-in",
            Self::DeadlinePassed => "delivery goes on when the device checks in again",
        }
    }
}

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What was seen, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// When it was seen.
    pub at: Timestamp,
    /// What it was, such as `ProfileList`.
    pub source: String,
}

/// Why a profile is wanted on a device, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "code")]
pub enum Because {
    /// The user is in an included group.
    UserInGroup {
        /// Which group.
        group: GroupId,
        /// Its name.
        name: String,
    },
    /// The device is in an included group.
    DeviceInGroup {
        /// Which group.
        group: GroupId,
        /// Its name.
        name: String,
    },
    /// Assigned to all users, and the device has one.
    AllUsers,
    /// Assigned to all devices.
    AllDevices,
    /// The user is in an excluded group.
    UserExcluded {
        /// Which group.
        group: GroupId,
        /// Its name.
        name: String,
    },
    /// The device is in an excluded group.
    DeviceExcluded {
        /// Which group.
        group: GroupId,
        /// Its name.
        name: String,
    },
    /// Nothing includes the device or its user.
    NotIncluded,
}

impl Because {
    /// One phrase for an administrator.
    pub fn message(&self) -> String {
        match self {
            Self::UserInGroup { name, .. } => format!("user in group `{name}`, included"),
            Self::DeviceInGroup { name, .. } => format!("device in group `{name}`, included"),
            Self::AllUsers => "all users".to_owned(),
            Self::AllDevices => "all devices".to_owned(),
            Self::UserExcluded { name, .. } => format!("user excluded by group `{name}`"),
            Self::DeviceExcluded { name, .. } => format!("device excluded by group `{name}`"),
            Self::NotIncluded => "not included".to_owned(),
        }
    }
}

/// The state of one profile on one device, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Why it is as it is; decides the state.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// Last thing seen.
    pub evidence: Option<Evidence>,
    /// When a pending state turns into an error.
    pub deadline: Option<Timestamp>,
    /// What deserves a word although it is delivered.
    pub notices: Vec<Notice>,
}

impl Status {
    /// The state.
    pub fn state(&self) -> State {
        self.reason.state()
    }
}
