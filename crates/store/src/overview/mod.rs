//! Counts over all devices, for the first page that an administrator sees.
//!
//! Every statement here reads an index and no table, or few rows of a small one: with 100,000 devices the page is to be
//! there at once.

/// The condition that a device, or the channel of a person on one, can be seen by its scope tags (`Scope::text`): as
/// `seen_device!` says it, but from sets that are made once for all rows.
macro_rules! within {
    ($id:literal, $tags:literal) => {
        concat!(
            " AND (",
            $id,
            " IN (
                SELECT t.device_id FROM device_scope_tag t WHERE ",
            $tags,
            " LIKE '%,' || CAST(t.tag_id AS TEXT) || ',%'
                UNION ALL
                SELECT c.id FROM device c JOIN device_scope_tag t ON t.device_id = c.parent_id
                WHERE c.parent_id IS NOT NULL AND ",
            $tags,
            " LIKE '%,' || CAST(t.tag_id AS TEXT) || ',%')
             OR (",
            $tags,
            " LIKE '%,0,%' AND ",
            $id,
            " NOT IN (
                SELECT t.device_id FROM device_scope_tag t
                UNION ALL
                SELECT c.id FROM device c JOIN device_scope_tag t ON t.device_id = c.parent_id
                WHERE c.parent_id IS NOT NULL)))"
        )
    };
}

mod fleet;
mod rollouts;
mod trouble;

use mandate_model::{Platform, ProfileId, Reason, State, Timestamp};
use serde_json::Value;

/// How mail stands on a device, or for a person over a channel of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailStanding {
    /// No profile makes an account there.
    None,
    /// An account is on its way.
    Waiting,
    /// Something is in the way.
    Blocked,
    /// The account is there, in this version or the one before.
    Working,
}

impl MailStanding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Waiting, Self::Blocked, Self::Working];

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Waiting => 1,
            Self::Blocked => 2,
            Self::Working => 3,
        }
    }

    pub(crate) fn of_number(number: i64) -> Self {
        Self::ALL
            .into_iter()
            .find(|standing| standing.number() == number)
            .unwrap_or(Self::None)
    }
}

/// How many people have mail on at least one device of theirs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeopleWithMail {
    /// People for whom a profile makes an account on some device.
    pub all: i64,
    /// Those with an account that is there.
    pub working: i64,
    /// Those for whom something is in the way on every device that is to have one.
    pub blocked: i64,
    /// Those for whom it is on its way.
    pub waiting: i64,
}

/// Devices of one platform in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetCount {
    /// What they run.
    pub platform: Platform,
    /// Where they stand, as the model spells it.
    pub state: String,
    /// How many.
    pub devices: i64,
    /// How many of them have a user.
    pub with_user: i64,
}

/// The same thing wrong with one profile on several devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubleCount {
    /// The profile; it may have been deleted meanwhile.
    pub profile: ProfileId,
    /// Whether it is wanted there; if not, it is its removal that fails.
    pub wanted: bool,
    /// Version that was last compiled.
    pub version: i64,
    /// `error` or `conflict`.
    pub state: State,
    /// Code of the reason and what it is about, as [`cause`] writes it.
    pub cause: String,
    /// Devices.
    pub devices: i64,
    /// Since when the first of them has it.
    pub since: Timestamp,
}

/// Devices that do not come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silence {
    /// How many.
    pub devices: i64,
    /// When the first of them was last here.
    pub since: Option<Timestamp>,
}

/// Rows of one profile by state. Of rows that do not say what the profile is now only the number is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// All rows of devices that are to have it.
    pub rows: i64,
    /// Proved, in the present version.
    pub succeeded: i64,
    /// Wrong, or not there in time.
    pub error: i64,
    /// Blocked by something else.
    pub conflict: i64,
    /// Not for the device.
    pub not_applicable: i64,
    /// Made for a version before.
    pub older: i64,
}

/// What there is of everything that somebody sets up at the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that is there or not, and none follows from another"
)]
pub struct SetUp {
    /// A group.
    pub groups: bool,
    /// A profile.
    pub profiles: bool,
    /// A profile that is for somebody.
    pub assigned: bool,
    /// A device that was enrolled at any time.
    pub devices: bool,
    /// A mail account that is on a device.
    pub mail: bool,
}

/// What an overview of errors and conflicts tells apart: the code of the reason and what it is about, such as
/// `missingAttribute:mail` or `deviceError:MCInstallationErrorDomain 4001`; empty for what is neither.
pub(crate) fn cause(reason: &Reason) -> String {
    if !matches!(reason.state(), State::Error | State::Conflict) {
        return String::new();
    }
    let Ok(said) = serde_json::to_value(reason) else {
        return String::new();
    };
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let code = text("code").unwrap_or_default();
    let about = [
        "attribute",
        "issuer",
        "template",
        "variable",
        "reference",
        "purpose",
    ]
    .into_iter()
    .find_map(text);
    let about = match (about, text("domain"), said.get("number")) {
        (Some(about), ..) => Some(about.to_owned()),
        (None, Some(domain), Some(number)) => Some(format!("{domain} {number}")),
        _ => None,
    };
    let cause = about.map_or_else(|| code.to_owned(), |about| format!("{code}:{about}"));
    // Devices and authorities choose some of the words.
    cause.chars().take(LONGEST_CAUSE).collect()
}

const LONGEST_CAUSE: usize = 200;

#[cfg(test)]
mod tests {
    use mandate_model::AccountKey;

    use super::*;

    #[test]
    fn a_cause_names_the_code_and_what_it_is_about() {
        let attribute = Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: "ada@contoso.com".to_owned(),
        };
        assert_eq!(cause(&attribute), "missingAttribute:mail");
        let refused = Reason::DeviceError {
            domain: "MCInstallationErrorDomain".to_owned(),
            number: 4001,
            text: "no".to_owned(),
        };
        assert_eq!(
            cause(&refused),
            "deviceError:MCInstallationErrorDomain 4001"
        );
        let account = AccountKey {
            host: "mail.contoso.com".to_owned(),
            address: "ada@contoso.com".to_owned(),
        };
        assert_eq!(cause(&Reason::AccountExists { account }), "accountExists");
        assert_eq!(cause(&Reason::NotNow), "");
        assert_eq!(cause(&Reason::Present), "");
    }

    #[test]
    fn a_cause_stays_short_whatever_a_device_says() {
        let refused = Reason::DeviceError {
            domain: "ä".repeat(5000),
            number: 1,
            text: String::new(),
        };
        assert_eq!(cause(&refused).chars().count(), LONGEST_CAUSE);
    }
}
