//! Plain counts for those who watch the server from outside. No name is in them.

use mandate_model::Timestamp;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A state and how many are in it.
pub type StateCount = (String, i64);

const DEVICES: &str = "
    SELECT state, count(*) FROM device WHERE parent_id IS NULL GROUP BY state ORDER BY state";
const PROFILES: &str = "SELECT state, count(*) FROM device_profile GROUP BY state ORDER BY state";
const REVOCATIONS: &str =
    "SELECT state, count(*) FROM external_revocation GROUP BY state ORDER BY state";
const EXPIRING_ISSUED: &str = "
    SELECT purpose, count(*) FROM certificate
    WHERE not_after > $1 AND not_after <= $2 AND revoked_at IS NULL GROUP BY purpose ORDER BY purpose";
const EXPIRING_IMPORTED: &str =
    "SELECT count(*) FROM imported_certificate WHERE not_after > $1 AND not_after <= $2";
const EXPIRING_TOKENS: &str =
    "SELECT count(*) FROM ade_token WHERE expires_at > $1 AND expires_at <= $2";
const ALERTS: &str = "SELECT count(*) FROM alert";
const WAITING_ALERTS: &str = "SELECT count(*) FROM alert WHERE due_at IS NOT NULL";

impl Session {
    /// Devices by state.
    pub async fn count_devices_by_state(&mut self) -> Result<Vec<StateCount>, StoreError> {
        self.all(DEVICES, &[]).await
    }

    /// Profiles on devices by state.
    pub async fn count_profiles_by_state(&mut self) -> Result<Vec<StateCount>, StoreError> {
        self.all(PROFILES, &[]).await
    }

    /// Revocations that external issuers are told of, by state.
    pub async fn count_revocations_by_state(&mut self) -> Result<Vec<StateCount>, StoreError> {
        self.all(REVOCATIONS, &[]).await
    }

    /// Issued certificates that end after `now` and by `until` and are not revoked, by purpose.
    pub async fn count_expiring_issued(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<StateCount>, StoreError> {
        self.all(EXPIRING_ISSUED, arguments![now, until]).await
    }

    /// Imported certificates that end after `now` and by `until`.
    pub async fn count_expiring_imported(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<i64, StoreError> {
        self.number(EXPIRING_IMPORTED, arguments![now, until]).await
    }

    /// Tokens of automated enrolment that end after `now` and by `until`.
    pub async fn count_expiring_ade_tokens(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<i64, StoreError> {
        self.number(EXPIRING_TOKENS, arguments![now, until]).await
    }

    /// Alerts that were ever raised and are still kept, and those that are still to be delivered.
    pub async fn count_alerts(&mut self) -> Result<(i64, i64), StoreError> {
        let all = self.number(ALERTS, &[]).await?;
        Ok((all, self.number(WAITING_ALERTS, &[]).await?))
    }
}
