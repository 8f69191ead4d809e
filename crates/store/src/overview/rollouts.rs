//! How far one version of a profile is, and which devices have not heard of it.

use mandate_model::{Platform, ProfileId, Timestamp};
use sqlx::FromRow;

use super::RowCounts;
use crate::db::arguments;
use crate::devices::{TargetRow, spelt};
use crate::{Scope, Session, StoreError, TargetDevice};

macro_rules! rows {
    ($seen:expr) => {
        concat!(
            "SELECT count(*), count(CASE WHEN p.version < $2 THEN 1 END) FROM device_profile p
             WHERE p.profile_id = $1",
            $seen
        )
    };
}
// Nearly all rows are as they should be: the others are counted from indexes that have nothing else.
macro_rules! open {
    ($seen:expr) => {
        concat!(
            "SELECT p.state, p.wanted, CAST(CASE WHEN p.version < $2 THEN 1 ELSE 0 END AS BIGINT) AS older, count(*) AS devices,
                    count(CASE WHEN p.deadline_at <= $3 THEN 1 END) AS late
             FROM device_profile p WHERE p.profile_id = $1 AND p.state = 'pending'", $seen, "
             GROUP BY 1, 2, 3
             UNION ALL
             SELECT p.state, p.wanted, CAST(CASE WHEN p.version < $2 THEN 1 ELSE 0 END AS BIGINT) AS older, count(*) AS devices, 0 AS late
             FROM device_profile p WHERE p.profile_id = $1 AND p.state IN ('error', 'conflict')", $seen, "
             GROUP BY 1, 2, 3
             UNION ALL
             SELECT p.state, p.wanted, CAST(CASE WHEN p.version < $2 THEN 1 ELSE 0 END AS BIGINT) AS older, count(*) AS devices, 0 AS late
             FROM device_profile p WHERE p.profile_id = $1 AND p.state = 'notApplicable'", $seen, "
             GROUP BY 1, 2, 3"
        )
    };
}
macro_rules! unaware {
    ($seen:expr) => {
        concat!(
            "SELECT count(*) FROM device d
             WHERE d.parent_id IS NULL AND d.state = 'enrolled' AND d.platform = $1 AND d.reconciled_in < $2", $seen
        )
    };
}
macro_rules! unaware_targets {
    ($seen:expr) => {
        concat!(
            "SELECT d.id, d.user_id, d.manager_id, d.platform, d.state, d.os_version, d.reconciled_in, d.stale_at,
                    d.inventory_at, d.last_seen_at
             FROM device d
             WHERE d.parent_id IS NULL AND d.state = 'enrolled' AND d.platform = $1 AND d.reconciled_in < $2
               AND NOT EXISTS (SELECT 1 FROM device_profile p WHERE p.device_id = d.id AND p.profile_id = $3)", $seen, "
             LIMIT $4"
        )
    };
}

const ROWS: &str = rows!("");
const ROWS_SEEN: &str = rows!(within!("p.device_id", "$3"));
const OPEN: &str = open!("");
const OPEN_SEEN: &str = open!(within!("p.device_id", "$4"));
const UNAWARE: &str = unaware!("");
const UNAWARE_SEEN: &str = unaware!(within!("d.id", "$3"));
const UNAWARE_TARGETS: &str = unaware_targets!("");
const UNAWARE_TARGETS_SEEN: &str = unaware_targets!(within!("d.id", "$5"));

/// Rows that are not as they should be, or not yet.
#[derive(FromRow)]
struct OpenRow {
    state: String,
    wanted: i64,
    older: i64,
    devices: i64,
    late: i64,
}

impl Session {
    /// How far a version of a profile is on the devices that can be seen and have heard of it.
    pub async fn count_rows(
        &mut self,
        profile: ProfileId,
        version: i64,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<RowCounts, StoreError> {
        let all: Option<(i64, i64)> = if scope.is_all() {
            self.one(ROWS, arguments![profile, version]).await?
        } else {
            let values = arguments![profile, version, scope.text()];
            self.one(ROWS_SEEN, values).await?
        };
        let open: Vec<OpenRow> = if scope.is_all() {
            self.all(OPEN, arguments![profile, version, now]).await?
        } else {
            let values = arguments![profile, version, now, scope.text()];
            self.all(OPEN_SEEN, values).await?
        };
        let (rows, older) = all.unwrap_or_default();
        let mut counts = RowCounts {
            rows,
            older,
            succeeded: rows - older,
            ..RowCounts::default()
        };
        for row in open {
            counts.take(&row);
        }
        Ok(counts)
    }

    /// How many enrolled devices of a platform that can be seen were last reconciled with an intent before this one.
    pub async fn count_unaware(
        &mut self,
        platform: Platform,
        intent: i64,
        scope: &Scope,
    ) -> Result<i64, StoreError> {
        let platform = spelt(platform);
        if scope.is_all() {
            return self.number(UNAWARE, arguments![platform, intent]).await;
        }
        let values = arguments![platform, intent, scope.text()];
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
        let (platform, limit) = (spelt(platform), i64::from(limit));
        let rows: Vec<TargetRow> = if scope.is_all() {
            let values = arguments![platform, intent, profile, limit];
            self.all(UNAWARE_TARGETS, values).await?
        } else {
            let values = arguments![platform, intent, profile, limit, scope.text()];
            self.all(UNAWARE_TARGETS_SEEN, values).await?
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl RowCounts {
    /// Takes rows out of those that succeeded, and puts them where they belong.
    fn take(&mut self, row: &OpenRow) {
        let is_current = row.older == 0;
        if is_current {
            self.succeeded -= row.devices;
        }
        if row.wanted == 0 {
            self.rows -= row.devices;
            self.older -= if is_current { 0 } else { row.devices };
            return;
        }
        if !is_current {
            return;
        }
        match row.state.as_str() {
            "error" => self.error += row.devices,
            "conflict" => self.conflict += row.devices,
            "notApplicable" => self.not_applicable += row.devices,
            _ => self.error += row.late,
        }
    }
}
