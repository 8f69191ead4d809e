//! What is wrong, by profile and cause, and devices that do not come.

use mandate_model::{ProfileId, State, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Silence, TroubleCount};
use crate::db::arguments;
use crate::device_profiles::word;
use crate::{Scope, Session, StoreError};

macro_rules! trouble {
    ($seen:expr) => {
        concat!(
            "SELECT p.profile_id, p.wanted, p.version, p.state, p.cause, count(*) AS devices, min(p.since) AS since
             FROM device_profile p
             WHERE p.state IN ('error', 'conflict')", $seen, "
             GROUP BY p.profile_id, p.wanted, p.version, p.state, p.cause"
        )
    };
}
macro_rules! late {
    ($seen:expr) => {
        concat!(
            "SELECT p.profile_id, p.wanted, p.version, count(*) AS devices, min(p.since) AS since
             FROM device_profile p
             WHERE p.state = 'pending' AND p.deadline_at <= $1",
            $seen,
            "
             GROUP BY p.profile_id, p.wanted, p.version"
        )
    };
}
macro_rules! silence {
    ($which:literal, $seen:expr) => {
        concat!(
            "SELECT count(*), min(d.last_seen_at) FROM device d
             WHERE ",
            $which,
            " AND d.state = 'enrolled' AND d.parent_id IS NULL",
            $seen
        )
    };
}

const TROUBLE: &str = trouble!("");
const TROUBLE_SEEN: &str = trouble!(within!("p.device_id", "$1"));
const LATE: &str = late!("");
const LATE_SEEN: &str = late!(within!("p.device_id", "$2"));
const SILENT: &str = silence!("d.wake_attempts > 3", "");
const SILENT_SEEN: &str = silence!("d.wake_attempts > 3", within!("d.id", "$1"));
const DEAF: &str = silence!("d.push_state = 'dead'", "");
const DEAF_SEEN: &str = silence!("d.push_state = 'dead'", within!("d.id", "$1"));

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
            self.all(TROUBLE_SEEN, arguments![scope.text()]).await?
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
            self.all(LATE_SEEN, arguments![now, scope.text()]).await?
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
            self.one(seen, arguments![scope.text()]).await?
        };
        let (devices, since) = found.unwrap_or_default();
        Ok(Silence {
            devices,
            since: since.map(Timestamp),
        })
    }
}
