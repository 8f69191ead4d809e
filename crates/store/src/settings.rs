//! Settings of the instance, sealed secrets, and counters.

use mandate_model::Timestamp;

use crate::db::arguments;
use crate::{Session, StoreError};

const FIND_SETTING: &str = "SELECT value FROM setting WHERE name = $1";
const SET_SETTING: &str = "
    INSERT INTO setting (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const DELETE_SETTING: &str = "DELETE FROM setting WHERE name = $1";
const FIND_SECRET: &str = "SELECT sealed FROM secret WHERE name = $1";
const SET_SECRET: &str = "
    INSERT INTO secret (name, sealed, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at";
const DELETE_SECRET: &str = "DELETE FROM secret WHERE name = $1";
const COUNTER: &str = "SELECT value FROM counter WHERE name = $1";
const INTENT_AND_PICTURE: &str = "
    SELECT i.value, p.value FROM counter i JOIN counter p ON p.name = 'picture' WHERE i.name = 'intent'";
const COUNT: &str = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value";

impl Session {
    /// The value of a setting.
    pub async fn find_setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = self.one(FIND_SETTING, arguments![name]).await?;
        Ok(row.map(|(value,)| value))
    }

    /// Sets a setting.
    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.execute(SET_SETTING, arguments![name, value])
            .await
            .map(drop)
    }

    /// Removes a setting.
    pub async fn delete_setting(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute(DELETE_SETTING, arguments![name])
            .await
            .map(drop)
    }

    /// The sealed bytes of a secret; what opens them is not in the database.
    pub async fn find_secret(&mut self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = self.one(FIND_SECRET, arguments![name]).await?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// Keeps the sealed bytes of a secret.
    pub async fn set_secret(
        &mut self,
        name: &str,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SET_SECRET, arguments![name, sealed, now])
            .await
            .map(drop)
    }

    /// Removes a secret.
    pub async fn delete_secret(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute(DELETE_SECRET, arguments![name])
            .await
            .map(drop)
    }

    /// The number of the newest intent.
    pub async fn intent(&mut self) -> Result<i64, StoreError> {
        self.number(COUNTER, arguments!["intent"]).await
    }

    /// The numbers of the newest intent and of the newest picture of it.
    pub async fn intent_and_picture(&mut self) -> Result<(i64, i64), StoreError> {
        let row: Option<(i64, i64)> = self.one(INTENT_AND_PICTURE, &[]).await?;
        row.ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))
    }

    /// Notes a change that may concern many devices; the new number.
    pub async fn raise_intent(&mut self) -> Result<i64, StoreError> {
        self.raise_picture().await?;
        self.number(COUNT, arguments!["intent"]).await
    }

    /// Notes a change of profiles or groups that alters nothing for any device.
    pub async fn raise_picture(&mut self) -> Result<(), StoreError> {
        self.number(COUNT, arguments!["picture"]).await.map(drop)
    }

    /// The next number for a list of revoked certificates.
    pub async fn next_crl_number(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, arguments!["crl"]).await
    }
}
