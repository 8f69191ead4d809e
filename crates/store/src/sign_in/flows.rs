//! Sign-ins that are under way.

use mandate_model::Timestamp;

use crate::db::arguments;
use crate::{Session, StoreError};

const FIND: &str = "SELECT content FROM sign_in_flow WHERE hash = $1 AND expires_at > $2";
const INSERT: &str =
    "INSERT INTO sign_in_flow (hash, content, origin, expires_at) VALUES ($1, $2, $3, $4)";
// What was read must still be there, so that of two requests with one challenge the second fails.
const REPLACE: &str = "UPDATE sign_in_flow SET content = $3 WHERE hash = $1 AND content = $2";
const DELETE: &str = "DELETE FROM sign_in_flow WHERE hash = $1";
const TIDY: &str = "DELETE FROM sign_in_flow WHERE expires_at <= $1";
const TRIM_OF: &str = "
    DELETE FROM sign_in_flow WHERE origin = $1 AND expires_at <= (
        SELECT expires_at FROM sign_in_flow WHERE origin = $1 ORDER BY expires_at DESC LIMIT 1 OFFSET $2)";
// SQLite knows no OFFSET without LIMIT.
const TRIM: &str = "
    DELETE FROM sign_in_flow WHERE expires_at <= (
        SELECT expires_at FROM sign_in_flow ORDER BY expires_at DESC LIMIT 1 OFFSET $1)";

impl Session {
    /// What is known of a sign-in under way, as JSON; none once it has ended.
    pub async fn find_flow(
        &mut self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = self.one(FIND, arguments![hash, now]).await?;
        Ok(row.map(|(content,)| content))
    }

    /// Begins one.
    pub async fn insert_flow(
        &mut self,
        hash: &[u8; 32],
        content: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let nobody: Option<String> = None;
        self.execute(INSERT, arguments![hash, content, nobody, expires_at])
            .await
            .map(drop)
    }

    /// The same for whoever comes from somewhere; of those from there the oldest are forgotten where there are more than
    /// so many.
    pub async fn insert_flow_from(
        &mut self,
        (origin, most): (&str, u32),
        hash: &[u8; 32],
        content: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(INSERT, arguments![hash, content, origin, expires_at])
            .await?;
        self.execute(TRIM_OF, arguments![origin, i64::from(most)])
            .await
            .map(drop)
    }

    /// Goes on with one; false if somebody else did so since it was read.
    pub async fn replace_flow(
        &mut self,
        hash: &[u8; 32],
        before: &str,
        after: &str,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(REPLACE, arguments![hash, before, after])
            .await?
            == 1)
    }

    /// Ends one; whether it was there.
    pub async fn delete_flow(&mut self, hash: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![hash]).await? == 1)
    }

    /// Forgets those that were not finished in time.
    pub async fn delete_old_flows(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.execute(TIDY, arguments![now]).await.map(drop)
    }

    /// Forgets the oldest where there are more than so many; how many were forgotten.
    pub async fn trim_flows(&mut self, most: u32) -> Result<u64, StoreError> {
        self.execute(TRIM, arguments![i64::from(most)]).await
    }
}
