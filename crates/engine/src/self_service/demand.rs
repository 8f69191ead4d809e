//! What a state means for the person with the device in their hand. Pure.
//!
//! Administrators have some thirty reasons; a colleague has to know whether to wait, to do something, or to ask.

use mandate_model::catalogue::Kind;
use mandate_model::{AccountKey, DeviceState, OsVersion, Platform, Reason};
use serde::{Deserialize, Serialize};

/// What a thing on a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A mail account.
    Mail,
    /// A certificate, or an authority that is trusted.
    Certificate,
}

impl Subject {
    /// What a profile of this kind gives.
    pub fn of(kind: &Kind) -> Self {
        if kind.is_a("easEmailProfileConfigurationBase")
            || kind.setting("emailAddressSource").is_some()
        {
            Self::Mail
        } else {
            Self::Certificate
        }
    }
}

/// What is wanted before something works; a later one is more urgent for the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// Nothing: it is on its way.
    Wait,
    /// Nothing: it is being taken away.
    Removing,
    /// The device is to be unlocked: it said that it cannot now. It will say otherwise before long, so nobody is pressed.
    Unlock,
    /// The administrators have to do something.
    AskIt,
    /// The device is to be switched on and connected: it has not been heard of for long.
    Connect,
    /// The device refused; it is to look again.
    TryAgain,
    /// The Mac's user is to log in there.
    LogIn,
    /// The system is to be updated.
    UpdateSystem {
        /// First version that can take it.
        minimum: OsVersion,
    },
    /// An account that was made by hand is to be removed: it is in the way.
    RemoveAccount {
        /// Which.
        account: AccountKey,
    },
}

impl Demand {
    /// Whether it waits for the person.
    pub const fn is_for_person(&self) -> bool {
        match self {
            Self::Wait | Self::Removing | Self::Unlock | Self::AskIt => false,
            Self::Connect
            | Self::TryAgain
            | Self::LogIn
            | Self::UpdateSystem { .. }
            | Self::RemoveAccount { .. } => true,
        }
    }
}

/// How a device stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Everything is there.
    Ready,
    /// Something is on its way, and nobody has to do anything.
    Working,
    /// The administrators have to do something.
    NeedsIt,
    /// The person has to do something.
    NeedsYou,
    /// Its management ends.
    Leaving,
    /// It is not managed any more.
    Gone,
}

impl Condition {
    /// Its place in a list: what the person has to do something about first, what has gone last.
    pub const fn rank(self) -> u8 {
        match self {
            Self::NeedsYou => 0,
            Self::NeedsIt => 1,
            Self::Working => 2,
            Self::Ready => 3,
            Self::Leaving => 4,
            Self::Gone => 5,
        }
    }
}

/// Where the system of a device lists mail accounts. The names of these places are from Apple's manuals for users of each
/// release; which release has which is said here and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccountsPlace {
    /// iOS 18 and later: Settings, Apps, Mail, Mail Accounts.
    SettingsApps,
    /// iOS 14 to 17: Settings, Mail, Accounts.
    SettingsMail,
    /// iOS 11 to 13: Settings, Passwords & Accounts.
    SettingsPasswords,
    /// macOS 13 and later: System Settings, Internet Accounts.
    SystemSettings,
    /// macOS before 13: System Preferences, Internet Accounts.
    SystemPreferences,
}

impl AccountsPlace {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::SettingsApps,
        Self::SettingsMail,
        Self::SettingsPasswords,
        Self::SystemSettings,
        Self::SystemPreferences,
    ];

    /// Its name in settings and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SettingsApps => "settingsApps",
            Self::SettingsMail => "settingsMail",
            Self::SettingsPasswords => "settingsPasswords",
            Self::SystemSettings => "systemSettings",
            Self::SystemPreferences => "systemPreferences",
        }
    }

    /// Reads that name, spelt exactly.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// For a system; the newest if its version is not known.
    pub fn of(platform: Platform, version: Option<OsVersion>) -> Self {
        let major = version.map_or(u16::MAX, OsVersion::major);
        match (platform, major) {
            (Platform::Ios, 18..) => Self::SettingsApps,
            (Platform::Ios, 14..) => Self::SettingsMail,
            (Platform::Ios, _) => Self::SettingsPasswords,
            (Platform::MacOs, 13..) => Self::SystemSettings,
            (Platform::MacOs, _) => Self::SystemPreferences,
        }
    }
}

/// What a reason means for a thing on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// Everything is there.
    Nothing,
    /// The thing is not for this device at all.
    NotForIt,
    /// This is to happen.
    Demand(Demand),
}

#[cfg(test)]
impl Need {
    /// What is to happen, if anything is.
    pub(super) fn demand(self) -> Option<Demand> {
        match self {
            Self::Demand(demand) => Some(demand),
            Self::Nothing | Self::NotForIt => None,
        }
    }
}

/// What a reason asks for.
pub(super) fn need_of(reason: &Reason) -> Need {
    let demand = match reason {
        Reason::Present => return Need::Nothing,
        Reason::OtherPlatform | Reason::NoUser | Reason::EnrolledByManager => {
            return Need::NotForIt;
        }
        Reason::WaitingForCheckIn | Reason::Sent | Reason::Acknowledged => Demand::Wait,
        Reason::NotNow => Demand::Unlock,
        Reason::Removing => Demand::Removing,
        Reason::WaitingForLogin { .. } => Demand::LogIn,
        Reason::OsTooOld { minimum, .. } => Demand::UpdateSystem { minimum: *minimum },
        Reason::AccountExists { account } => Demand::RemoveAccount {
            account: account.clone(),
        },
        Reason::DeviceError { .. } | Reason::NotInInventory => Demand::TryAgain,
        Reason::DeadlinePassed => Demand::Connect,
        Reason::MissingAttribute { .. }
        | Reason::MissingDeviceAttribute { .. }
        | Reason::UnknownVariable { .. }
        | Reason::UserDisabled { .. }
        | Reason::NoLicence { .. }
        | Reason::IssuerFailed { .. }
        | Reason::NoImportedCertificate { .. }
        | Reason::UnknownTemplate { .. }
        | Reason::DependencyNotAssigned { .. }
        | Reason::MissingReference { .. }
        | Reason::Unsupported { .. }
        | Reason::SameAccount { .. } => Demand::AskIt,
    };
    Need::Demand(demand)
}

/// How a device stands whose most urgent thing is this.
pub(super) const fn condition(state: DeviceState, most: Option<&Demand>) -> Condition {
    match state {
        DeviceState::Enrolling | DeviceState::Imported => Condition::Working,
        DeviceState::Retiring | DeviceState::Wiping => Condition::Leaving,
        DeviceState::Retired | DeviceState::Wiped | DeviceState::Unenrolled => Condition::Gone,
        DeviceState::Enrolled => match most {
            None => Condition::Ready,
            Some(demand) if demand.is_for_person() => Condition::NeedsYou,
            Some(Demand::AskIt) => Condition::NeedsIt,
            Some(_) => Condition::Working,
        },
    }
}

#[cfg(test)]
mod tests {
    use mandate_model::{State, catalogue};
    use proptest::prelude::*;

    use super::*;

    fn account() -> AccountKey {
        AccountKey {
            host: "mail.contoso.com".to_owned(),
            address: "ada@contoso.com".to_owned(),
        }
    }

    /// Reasons of every state.
    fn reasons() -> Vec<Reason> {
        let text = || "x".to_owned();
        vec![
            Reason::Present,
            Reason::WaitingForCheckIn,
            Reason::Sent,
            Reason::Acknowledged,
            Reason::NotNow,
            Reason::Removing,
            Reason::WaitingForLogin { user: text() },
            Reason::NoUser,
            Reason::MissingAttribute {
                attribute: text(),
                user: text(),
            },
            Reason::OsTooOld {
                minimum: OsVersion::new(16, 0),
                actual: text(),
            },
            Reason::OtherPlatform,
            Reason::UserDisabled { user: text() },
            Reason::NoLicence { user: text() },
            Reason::IssuerFailed {
                issuer: text(),
                text: text(),
            },
            Reason::DependencyNotAssigned {
                profiles: vec![text()],
            },
            Reason::AccountExists { account: account() },
            Reason::SameAccount {
                profiles: vec![text()],
                account: account(),
            },
            Reason::DeviceError {
                domain: text(),
                number: 1,
                text: text(),
            },
            Reason::NotInInventory,
            Reason::DeadlinePassed,
        ]
    }

    #[test]
    fn only_what_is_there_asks_for_nothing() {
        for reason in reasons() {
            let is_done = need_of(&reason) == Need::Nothing;
            assert_eq!(is_done, reason.state() == State::Succeeded, "{reason:?}");
        }
    }

    #[test]
    fn an_account_in_the_way_is_more_urgent_than_all_else_and_is_named() {
        let mut demands: Vec<Demand> = reasons()
            .iter()
            .filter_map(|reason| need_of(reason).demand())
            .collect();
        demands.sort();
        let expected = Demand::RemoveAccount { account: account() };
        assert_eq!(demands.last(), Some(&expected));
    }

    #[test]
    fn places_follow_the_release() {
        for (platform, major, place) in [
            (Platform::Ios, Some(26), AccountsPlace::SettingsApps),
            (Platform::Ios, Some(18), AccountsPlace::SettingsApps),
            (Platform::Ios, Some(17), AccountsPlace::SettingsMail),
            (Platform::Ios, Some(14), AccountsPlace::SettingsMail),
            (Platform::Ios, Some(13), AccountsPlace::SettingsPasswords),
            (Platform::Ios, None, AccountsPlace::SettingsApps),
            (Platform::MacOs, Some(12), AccountsPlace::SystemPreferences),
            (Platform::MacOs, Some(13), AccountsPlace::SystemSettings),
            (Platform::MacOs, None, AccountsPlace::SystemSettings),
        ] {
            let version = major.map(|major| OsVersion::new(major, 1));
            assert_eq!(
                AccountsPlace::of(platform, version),
                place,
                "{platform:?} {major:?}"
            );
        }
    }

    #[test]
    fn mail_is_told_from_what_it_needs() {
        for kind in catalogue::kinds() {
            let expected = if kind.type_name.contains("Email") {
                Subject::Mail
            } else {
                Subject::Certificate
            };
            assert_eq!(Subject::of(kind), expected, "{}", kind.type_name);
        }
    }

    const STATES: [DeviceState; 8] = [
        DeviceState::Enrolling,
        DeviceState::Imported,
        DeviceState::Enrolled,
        DeviceState::Retiring,
        DeviceState::Wiping,
        DeviceState::Retired,
        DeviceState::Wiped,
        DeviceState::Unenrolled,
    ];

    proptest! {
        /// Nobody is told that all is well, or to wait, while something of theirs waits for them.
        #[test]
        fn a_device_is_as_its_most_urgent_thing(
            state in prop::sample::select(STATES.to_vec()),
            chosen in prop::collection::vec(prop::sample::select(reasons()), 0..6),
        ) {
            let demands: Vec<Demand> =
                chosen.iter().filter_map(|reason| need_of(reason).demand()).collect();
            let found = condition(state, demands.iter().max());
            if state == DeviceState::Enrolled {
                let for_person = demands.iter().any(Demand::is_for_person);
                prop_assert_eq!(found == Condition::NeedsYou, for_person);
                prop_assert_eq!(found == Condition::Ready, demands.is_empty());
            } else {
                prop_assert_eq!(found == Condition::Gone, !state.is_connected());
                prop_assert!(found != Condition::Ready);
            }
        }
    }
}
