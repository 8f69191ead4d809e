//! Counts over all devices, for the first page that an administrator sees.
//!
//! Every statement here reads an index and no table, or few rows of a small one: with 100,000 devices the page is to be there at
//! once. For those who see everything no device is looked at one by one; for others each row is compared with their scope tags.

use mandate_model::{Platform, ProfileId, Reason, State, Timestamp};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::device_profiles::word;
use crate::devices::TargetRow;
use crate::scope_tags::seen_device;
use crate::{Scope, Session, StoreError, TargetDevice};

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
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
pub struct SetUp {
    /// More people than the first administrator.
    pub people: bool,
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

macro_rules! trouble {
    ($from:literal, $seen:expr) => {
        concat!(
            "SELECT p.profile_id, p.wanted, p.version, p.state, p.cause, count(*) AS devices, min(p.since) AS since
             FROM device_profile p ", $from, "
             WHERE p.state IN ('error', 'conflict') ", $seen, "
             GROUP BY p.profile_id, p.wanted, p.version, p.state, p.cause"
        )
    };
}
macro_rules! late {
    ($from:literal, $seen:expr) => {
        concat!(
            "SELECT p.profile_id, p.wanted, p.version, count(*) AS devices, min(p.since) AS since
             FROM device_profile p ",
            $from,
            "
             WHERE p.state = 'pending' AND p.deadline_at <= $1 ",
            $seen,
            "
             GROUP BY p.profile_id, p.wanted, p.version"
        )
    };
}
macro_rules! row_counts {
    ($from:literal, $seen:expr) => {
        concat!(
            "SELECT CAST(coalesce(sum(p.wanted), 0) AS BIGINT) AS rows,
                    count(CASE WHEN p.wanted = 1 AND p.version >= $2 AND p.state = 'succeeded' THEN 1 END) AS succeeded,
                    count(CASE WHEN p.wanted = 1 AND p.version >= $2 AND (p.state = 'error'
                               OR (p.state = 'pending' AND p.deadline_at <= $3)) THEN 1 END) AS error,
                    count(CASE WHEN p.wanted = 1 AND p.version >= $2 AND p.state = 'conflict' THEN 1 END) AS conflict,
                    count(CASE WHEN p.wanted = 1 AND p.version >= $2 AND p.state = 'notApplicable' THEN 1 END)
                        AS not_applicable,
                    count(CASE WHEN p.wanted = 1 AND p.version < $2 THEN 1 END) AS older
             FROM device_profile p ", $from, "
             WHERE p.profile_id = $1 ", $seen
        )
    };
}
macro_rules! people_with_mail {
    ($seen:expr) => {
        concat!(
            "SELECT count(*) AS all_people, count(CASE WHEN best = 3 THEN 1 END) AS working,
                    count(CASE WHEN best = 2 THEN 1 END) AS blocked, count(CASE WHEN best = 1 THEN 1 END) AS waiting
             FROM (SELECT max(d.mail) AS best FROM device d
                   WHERE d.state = 'enrolled' AND d.mail > 0 AND d.user_id IS NOT NULL ", $seen, "
                   GROUP BY d.user_id) AS people"
        )
    };
}
macro_rules! fleet {
    ($seen:expr) => {
        concat!(
            "SELECT d.state, d.platform, count(*) FROM device d
             WHERE d.parent_id IS NULL AND d.state <> 'enrolling' ",
            $seen,
            "
             GROUP BY d.state, d.platform"
        )
    };
}
macro_rules! unaware {
    ($seen:expr) => {
        concat!(
            "SELECT count(*) FROM device d
             WHERE d.parent_id IS NULL AND d.state = 'enrolled' AND d.platform = $1 AND d.reconciled_in < $2 ", $seen
        )
    };
}
macro_rules! with_user {
    ($seen:expr) => {
        concat!(
            "SELECT count(*) AS all_devices, count(d.user_id) AS with_user FROM device d
             WHERE d.parent_id IS NULL AND d.state = 'enrolled' AND d.platform = $1 ",
            $seen
        )
    };
}
macro_rules! silence {
    ($which:literal, $seen:expr) => {
        concat!(
            "SELECT count(*), min(d.last_seen_at) FROM device d
             WHERE ",
            $which,
            " AND d.state = 'enrolled' AND d.parent_id IS NULL ",
            $seen
        )
    };
}

const TROUBLE: &str = trouble!("", "");
const TROUBLE_SEEN: &str = trouble!(
    "JOIN device d ON d.id = p.device_id",
    concat!("AND ", seen_device!("$1", "$2"))
);
const LATE: &str = late!("", "");
const LATE_SEEN: &str = late!(
    "JOIN device d ON d.id = p.device_id",
    concat!("AND ", seen_device!("$2", "$3"))
);
const ROW_COUNTS: &str = row_counts!("", "");
const ROW_COUNTS_SEEN: &str = row_counts!(
    "JOIN device d ON d.id = p.device_id",
    concat!("AND ", seen_device!("$4", "$5"))
);
const PEOPLE_WITH_MAIL: &str = people_with_mail!("");
const PEOPLE_WITH_MAIL_SEEN: &str = people_with_mail!(concat!("AND ", seen_device!("$1", "$2")));
const FLEET: &str = fleet!("");
const FLEET_SEEN: &str = fleet!(concat!("AND ", seen_device!("$1", "$2")));
const UNAWARE: &str = unaware!("");
const UNAWARE_SEEN: &str = unaware!(concat!("AND ", seen_device!("$3", "$4")));
const WITH_USER: &str = with_user!("");
const WITH_USER_SEEN: &str = with_user!(concat!("AND ", seen_device!("$2", "$3")));
const SILENT: &str = silence!("d.wake_attempts > 3", "");
const SILENT_SEEN: &str = silence!(
    "d.wake_attempts > 3",
    concat!("AND ", seen_device!("$1", "$2"))
);
const DEAF: &str = silence!("d.push_state = 'dead'", "");
const DEAF_SEEN: &str = silence!(
    "d.push_state = 'dead'",
    concat!("AND ", seen_device!("$1", "$2"))
);
macro_rules! unaware_targets {
    ($seen:expr) => {
        concat!(
            "SELECT d.id, d.user_id, d.manager_id, d.platform, d.state, d.os_version, d.reconciled_in, d.stale_at, d.inventory_at,
                    d.last_seen_at
             FROM device d
             WHERE d.parent_id IS NULL AND d.state = 'enrolled' AND d.platform = $1 AND d.reconciled_in < $2
               AND NOT EXISTS (SELECT 1 FROM device_profile p WHERE p.device_id = d.id AND p.profile_id = $3) ", $seen, "
             LIMIT $4"
        )
    };
}
const UNAWARE_TARGETS: &str = unaware_targets!("");
const UNAWARE_TARGETS_SEEN: &str = unaware_targets!(concat!("AND ", seen_device!("$5", "$6")));
// No more is counted than is told: beyond it is "more than".
const ENDING_CERTIFICATES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM certificate c JOIN device d ON d.id = c.device_id AND d.state = 'enrolled'
        WHERE c.not_after > $1 AND c.not_after <= $2 AND c.revoked_at IS NULL AND c.purpose IN ('profile', 'pkcs')
        LIMIT $3) AS found";
const SET_UP: &str = "
    SELECT CAST((SELECT count(*) FROM (SELECT 1 FROM person LIMIT 2) AS found) AS BIGINT) - 1,
           (SELECT count(*) FROM (SELECT 1 FROM team LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM profile WHERE deleted_at IS NULL LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM assignment LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM device WHERE parent_id IS NULL AND state <> 'enrolling' LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM device WHERE state = 'enrolled' AND mail > 0 AND mail = 3 LIMIT 1) AS found)";

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

#[derive(FromRow)]
struct TroubleRow {
    profile_id: Uuid,
    wanted: i64,
    version: i64,
    state: String,
    cause: String,
    devices: i64,
    since: i64,
}

impl TryFrom<TroubleRow> for TroubleCount {
    type Error = StoreError;

    fn try_from(row: TroubleRow) -> Result<Self, StoreError> {
        Ok(Self {
            profile: ProfileId(row.profile_id),
            wanted: row.wanted != 0,
            version: row.version,
            state: word("state", row.profile_id, &row.state)?,
            cause: row.cause,
            devices: row.devices,
            since: Timestamp(row.since),
        })
    }
}

impl Session {
    /// What is wrong with profiles on devices that can be seen, by profile and cause.
    pub async fn count_trouble(&mut self, scope: &Scope) -> Result<Vec<TroubleCount>, StoreError> {
        let rows: Vec<TroubleRow> = if scope.is_all() {
            self.all(TROUBLE, &[]).await?
        } else {
            self.all(TROUBLE_SEEN, arguments![false, scope.text()])
                .await?
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The same for what waits although its deadline has passed; the cause is `deadlinePassed`, or `removing`.
    pub async fn count_late(
        &mut self,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<Vec<TroubleCount>, StoreError> {
        let rows: Vec<(Uuid, i64, i64, i64, i64)> = if scope.is_all() {
            self.all(LATE, arguments![now]).await?
        } else {
            self.all(LATE_SEEN, arguments![now, false, scope.text()])
                .await?
        };
        Ok(rows
            .into_iter()
            .map(|(profile, wanted, version, devices, since)| TroubleCount {
                profile: ProfileId(profile),
                wanted: wanted != 0,
                version,
                state: State::Error,
                cause: if wanted != 0 {
                    "deadlinePassed"
                } else {
                    "removing"
                }
                .to_owned(),
                devices,
                since: Timestamp(since),
            })
            .collect())
    }

    /// How far a version of a profile is on the devices that can be seen and have heard of it.
    pub async fn count_rows(
        &mut self,
        profile: ProfileId,
        version: i64,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<RowCounts, StoreError> {
        let found = if scope.is_all() {
            self.one(ROW_COUNTS, arguments![profile, version, now])
                .await?
        } else {
            let values = arguments![profile, version, now, false, scope.text()];
            self.one(ROW_COUNTS_SEEN, values).await?
        };
        Ok(found.unwrap_or_default())
    }

    /// How many people have mail on devices that can be seen.
    pub async fn count_people_with_mail(
        &mut self,
        scope: &Scope,
    ) -> Result<PeopleWithMail, StoreError> {
        let found: Option<(i64, i64, i64, i64)> = if scope.is_all() {
            self.one(PEOPLE_WITH_MAIL, &[]).await?
        } else {
            self.one(PEOPLE_WITH_MAIL_SEEN, arguments![false, scope.text()])
                .await?
        };
        let (all, working, blocked, waiting) = found.unwrap_or_default();
        Ok(PeopleWithMail {
            all,
            working,
            blocked,
            waiting,
        })
    }

    /// Devices that can be seen, by state and platform.
    pub async fn count_fleet(&mut self, scope: &Scope) -> Result<Vec<FleetCount>, StoreError> {
        let rows: Vec<(String, String, i64)> = if scope.is_all() {
            self.all(FLEET, &[]).await?
        } else {
            self.all(FLEET_SEEN, arguments![false, scope.text()])
                .await?
        };
        rows.into_iter()
            .map(|(state, platform, devices)| {
                Ok(FleetCount {
                    platform: word("platform", Uuid::nil(), &platform)?,
                    state,
                    devices,
                })
            })
            .collect()
    }

    /// How many enrolled devices of a platform that can be seen were last reconciled with an intent before this one.
    pub async fn count_unaware(
        &mut self,
        platform: Platform,
        intent: i64,
        scope: &Scope,
    ) -> Result<i64, StoreError> {
        let platform = crate::devices::spelt(platform);
        if scope.is_all() {
            return self.number(UNAWARE, arguments![platform, intent]).await;
        }
        let values = arguments![platform, intent, false, scope.text()];
        self.number(UNAWARE_SEEN, values).await
    }

    /// Some of those that have no row for a profile.
    pub async fn list_unaware(
        &mut self,
        platform: Platform,
        intent: i64,
        profile: ProfileId,
        scope: &Scope,
        limit: u32,
    ) -> Result<Vec<TargetDevice>, StoreError> {
        let (platform, limit) = (crate::devices::spelt(platform), i64::from(limit));
        let rows: Vec<TargetRow> = if scope.is_all() {
            let values = arguments![platform, intent, profile, limit];
            self.all(UNAWARE_TARGETS, values).await?
        } else {
            let values = arguments![platform, intent, profile, limit, false, scope.text()];
            self.all(UNAWARE_TARGETS_SEEN, values).await?
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many enrolled devices of a platform can be seen, and how many of them have a user.
    pub async fn count_enrolled(
        &mut self,
        platform: Platform,
        scope: &Scope,
    ) -> Result<(i64, i64), StoreError> {
        let platform = crate::devices::spelt(platform);
        let found = if scope.is_all() {
            self.one(WITH_USER, arguments![platform]).await?
        } else {
            let values = arguments![platform, false, scope.text()];
            self.one(WITH_USER_SEEN, values).await?
        };
        Ok(found.unwrap_or_default())
    }

    /// Enrolled devices that can be seen and were called four times or more without coming.
    pub async fn count_silent(&mut self, scope: &Scope) -> Result<Silence, StoreError> {
        self.silence(SILENT, SILENT_SEEN, scope).await
    }

    /// Enrolled devices that can be seen and whose push token is no longer good: they come only by themselves.
    pub async fn count_deaf(&mut self, scope: &Scope) -> Result<Silence, StoreError> {
        self.silence(DEAF, DEAF_SEEN, scope).await
    }

    async fn silence(
        &mut self,
        all: &'static str,
        seen: &'static str,
        scope: &Scope,
    ) -> Result<Silence, StoreError> {
        let found: Option<(i64, Option<i64>)> = if scope.is_all() {
            self.one(all, &[]).await?
        } else {
            self.one(seen, arguments![false, scope.text()]).await?
        };
        let (devices, since) = found.unwrap_or_default();
        Ok(Silence {
            devices,
            since: since.map(Timestamp),
        })
    }

    /// How many certificates of profiles on enrolled devices end after `now` and by `until`, counted no further than `most`.
    pub async fn count_ending_certificates(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        most: i64,
    ) -> Result<i64, StoreError> {
        self.number(ENDING_CERTIFICATES, arguments![now, until, most])
            .await
    }

    /// What there is of everything that somebody sets up at the beginning.
    pub async fn find_set_up(&mut self) -> Result<SetUp, StoreError> {
        let found: Option<(i64, i64, i64, i64, i64, i64)> = self.one(SET_UP, &[]).await?;
        let (people, groups, profiles, assigned, devices, mail) = found.unwrap_or_default();
        Ok(SetUp {
            people: people > 0,
            groups: groups > 0,
            profiles: profiles > 0,
            assigned: assigned > 0,
            devices: devices > 0,
            mail: mail > 0,
        })
    }
}

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
