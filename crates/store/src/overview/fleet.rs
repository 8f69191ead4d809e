//! How many devices there are, how many people have mail, and what was set up.

use mandate_model::{Platform, Timestamp};
use uuid::Uuid;

use super::{FleetCount, PeopleWithMail, SetUp};
use crate::db::arguments;
use crate::device_profiles::word;
use crate::{Scope, Session, StoreError};

macro_rules! people_with_mail {
    ($seen:expr) => {
        concat!(
            "SELECT count(*) AS all_people, count(CASE WHEN best = 3 THEN 1 END) AS working,
                    count(CASE WHEN best = 2 THEN 1 END) AS blocked, count(CASE WHEN best = 1 THEN 1 END) AS waiting
             FROM (SELECT max(d.mail) AS best FROM device d
                   WHERE d.state = 'enrolled' AND d.mail > 0 AND d.user_id IS NOT NULL", $seen, "
                   GROUP BY d.user_id) AS people"
        )
    };
}
macro_rules! fleet {
    ($seen:expr) => {
        concat!(
            "SELECT d.state, d.platform, count(*), count(d.user_id) FROM device d
             WHERE d.parent_id IS NULL AND d.state <> 'enrolling'",
            $seen,
            "
             GROUP BY d.state, d.platform"
        )
    };
}

const PEOPLE_WITH_MAIL: &str = people_with_mail!("");
const PEOPLE_WITH_MAIL_SEEN: &str = people_with_mail!(within!("d.id", "$1"));
const FLEET: &str = fleet!("");
const FLEET_SEEN: &str = fleet!(within!("d.id", "$1"));
// No more is counted than is told: beyond it is "more than".
const ENDING_CERTIFICATES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM certificate c JOIN device d ON d.id = c.device_id AND d.state = 'enrolled'
        WHERE c.not_after > $1 AND c.not_after <= $2 AND c.revoked_at IS NULL AND c.purpose IN ('profile', 'pkcs')
        LIMIT $3) AS found";
const SET_UP: &str = "
    SELECT (SELECT count(*) FROM (SELECT 1 FROM team LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM profile WHERE deleted_at IS NULL LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM assignment LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM device WHERE parent_id IS NULL AND state <> 'enrolling' LIMIT 1) AS found),
           (SELECT count(*) FROM (SELECT 1 FROM device WHERE state = 'enrolled' AND mail > 0 AND mail = 3 LIMIT 1) AS found)";

impl Session {
    /// How many people have mail on devices that can be seen.
    pub async fn count_people_with_mail(
        &mut self,
        scope: &Scope,
    ) -> Result<PeopleWithMail, StoreError> {
        let found: Option<(i64, i64, i64, i64)> = if scope.is_all() {
            self.one(PEOPLE_WITH_MAIL, &[]).await?
        } else {
            self.one(PEOPLE_WITH_MAIL_SEEN, arguments![scope.text()])
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
        let rows: Vec<(String, String, i64, i64)> = if scope.is_all() {
            self.all(FLEET, &[]).await?
        } else {
            self.all(FLEET_SEEN, arguments![scope.text()]).await?
        };
        rows.into_iter()
            .map(|(state, platform, devices, with_user)| {
                let platform: Platform = word("platform", Uuid::nil(), &platform)?;
                Ok(FleetCount {
                    platform,
                    state,
                    devices,
                    with_user,
                })
            })
            .collect()
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
        let found: Option<(i64, i64, i64, i64, i64)> = self.one(SET_UP, &[]).await?;
        let (groups, profiles, assigned, devices, mail) = found.unwrap_or_default();
        Ok(SetUp {
            groups: groups > 0,
            profiles: profiles > 0,
            assigned: assigned > 0,
            devices: devices > 0,
            mail: mail > 0,
        })
    }
}
