//! Tokens, how far their devices are fetched, and which process is at it.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// One server at Apple, with the token that it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeTokenRecord {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Apple Account that it was fetched with.
    pub apple_id: Option<String>,
    /// Certificate (PEM) that the token is encrypted for.
    pub certificate: Option<String>,
    /// When the token ends; `None` until there is one.
    pub expires_at: Option<Timestamp>,
    /// What Apple says of the server, JSON.
    pub account: Option<String>,
    /// Where the fetching goes on.
    pub cursor: Option<String>,
    /// `full` while all devices are fetched, `delta` afterwards.
    pub phase: String,
    /// Number of the full fetch under way or done last.
    pub fetch: i64,
    /// When it was last in step with Apple.
    pub synced_at: Option<Timestamp>,
    /// When somebody, or the schedule, last asked for it.
    pub triggered_at: Option<Timestamp>,
    /// When to do it next; `None` without a token.
    pub due_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: i64,
    /// Apple's word for what went wrong last; empty if nothing did.
    pub problem: String,
    /// HTTP status of that, 0 where there was none.
    pub problem_code: i64,
    /// Profile for iPhones and iPads that have none.
    pub default_ios: Option<Uuid>,
    /// Profile for Macs that have none.
    pub default_macos: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last changed it.
    pub modified_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    apple_id: Option<String>,
    certificate: Option<String>,
    expires_at: Option<i64>,
    account: Option<String>,
    cursor: Option<String>,
    phase: String,
    fetch_number: i64,
    synced_at: Option<i64>,
    triggered_at: Option<i64>,
    due_at: Option<i64>,
    failures: i64,
    problem: String,
    problem_code: i64,
    default_ios: Option<Uuid>,
    default_macos: Option<Uuid>,
    created_at: i64,
    modified_at: i64,
}

impl From<Row> for AdeTokenRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            apple_id: row.apple_id,
            certificate: row.certificate,
            expires_at: row.expires_at.map(Timestamp),
            account: row.account,
            cursor: row.cursor,
            phase: row.phase,
            fetch: row.fetch_number,
            synced_at: row.synced_at.map(Timestamp),
            triggered_at: row.triggered_at.map(Timestamp),
            due_at: row.due_at.map(Timestamp),
            failures: row.failures,
            problem: row.problem,
            problem_code: row.problem_code,
            default_ios: row.default_ios,
            default_macos: row.default_macos,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, apple_id, certificate, expires_at, account, cursor, phase, fetch_number, synced_at, triggered_at,
                 due_at, failures, problem, problem_code, default_ios, default_macos, created_at, modified_at
             FROM ade_token ",
            $rest
        )
    };
}

const FIND: &str = select!("WHERE id = $1");
const LIST: &str = select!("WHERE id > $1 ORDER BY id LIMIT $2");
const DUE: &str = select!(
    "WHERE due_at <= $1 AND (held_until IS NULL OR held_until <= $1) ORDER BY due_at, id LIMIT 1"
);
const COUNT: &str = "SELECT count(*) FROM ade_token";
const INSERT: &str = "
    INSERT INTO ade_token
        (id, name, apple_id, certificate, expires_at, account, cursor, phase, fetch_number, synced_at, triggered_at, due_at,
         failures, problem, problem_code, default_ios, default_macos, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
// What somebody says of a token and what is found out by synchronising are written apart, so that neither undoes the other.
const UPDATE_SAID: &str = "
    UPDATE ade_token SET name = $2, apple_id = $3, certificate = $4, expires_at = $5, default_ios = $6,
        default_macos = $7, modified_at = $8 WHERE id = $1";
const UPDATE_FOUND: &str = "
    UPDATE ade_token SET account = $3, cursor = $4, phase = $5, fetch_number = $6, synced_at = $7, due_at = $8, failures = $9,
        problem = $10, problem_code = $11 WHERE id = $1 AND holder = $2";
const START_OVER: &str = "
    UPDATE ade_token SET account = NULL, cursor = NULL, phase = 'full', fetch_number = fetch_number + 1, failures = 0, problem = '',
        problem_code = 0, holder = NULL, held_until = NULL WHERE id = $1";
const TRIGGER: &str =
    "UPDATE ade_token SET triggered_at = $2, due_at = $3, failures = 0 WHERE id = $1";
const HOLD: &str = "
    UPDATE ade_token SET holder = $2, held_until = $3
    WHERE id = $1 AND (held_until IS NULL OR held_until <= $4 OR holder = $2)";
const RELEASE: &str =
    "UPDATE ade_token SET holder = NULL, held_until = NULL WHERE id = $1 AND holder = $2";
const DELETE_DEVICES: &str = "DELETE FROM ade_device WHERE token_id = $1";
const DELETE_PROFILES: &str = "DELETE FROM ade_profile WHERE token_id = $1";
const DELETE: &str = "DELETE FROM ade_token WHERE id = $1";

impl Session {
    /// A token of automated enrolment.
    pub async fn find_ade_token(&mut self, id: Uuid) -> Result<Option<AdeTokenRecord>, StoreError> {
        Ok(self.one::<Row>(FIND, arguments![id]).await?.map(Into::into))
    }

    /// Tokens by id, from the one after `after`.
    pub async fn list_ade_tokens(
        &mut self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AdeTokenRecord>, StoreError> {
        let values = arguments![after.unwrap_or_else(Uuid::nil), i64::from(limit)];
        Ok(self
            .all::<Row>(LIST, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The token whose devices are to be fetched first, unless another process is at it.
    pub async fn due_ade_token(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<AdeTokenRecord>, StoreError> {
        Ok(self.one::<Row>(DUE, arguments![now]).await?.map(Into::into))
    }

    /// How many tokens there are.
    pub async fn count_ade_tokens(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// Adds a token.
    pub async fn insert_ade_token(&mut self, token: &AdeTokenRecord) -> Result<(), StoreError> {
        let values = arguments![
            token.id,
            &token.name,
            token.apple_id.clone(),
            token.certificate.clone(),
            token.expires_at,
            token.account.clone(),
            token.cursor.clone(),
            &token.phase,
            token.fetch,
            token.synced_at,
            token.triggered_at,
            token.due_at,
            token.failures,
            &token.problem,
            token.problem_code,
            token.default_ios,
            token.default_macos,
            token.created_at,
            token.modified_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Writes what somebody said of a token; whether it is there.
    pub async fn update_ade_token(&mut self, token: &AdeTokenRecord) -> Result<bool, StoreError> {
        let values = arguments![
            token.id,
            &token.name,
            token.apple_id.clone(),
            token.certificate.clone(),
            token.expires_at,
            token.default_ios,
            token.default_macos,
            token.modified_at,
        ];
        Ok(self.execute(UPDATE_SAID, values).await? == 1)
    }

    /// Writes what was found out of a token by whoever holds it; `false` if somebody else does meanwhile.
    pub async fn note_ade_progress(
        &mut self,
        token: &AdeTokenRecord,
        holder: Uuid,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            token.id,
            holder,
            token.account.clone(),
            token.cursor.clone(),
            &token.phase,
            token.fetch,
            token.synced_at,
            token.due_at,
            token.failures,
            &token.problem,
            token.problem_code,
        ];
        Ok(self.execute(UPDATE_FOUND, values).await? == 1)
    }

    /// Has all devices of a token fetched anew, whoever is at it now: it has another token.
    pub async fn start_ade_over(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.execute(START_OVER, arguments![id]).await.map(drop)
    }

    /// Says when a token is to be synchronised next; `false` if there is none of that id.
    pub async fn trigger_ade_token(
        &mut self,
        id: Uuid,
        now: Timestamp,
        due_at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(TRIGGER, arguments![id, now, due_at]).await? == 1)
    }

    /// Takes a token for oneself until a moment, or goes on holding it; `false` if another process holds it.
    pub async fn hold_ade_token(
        &mut self,
        id: Uuid,
        holder: Uuid,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(HOLD, arguments![id, holder, until, now])
            .await?
            == 1)
    }

    /// Lets go of a token.
    pub async fn release_ade_token(&mut self, id: Uuid, holder: Uuid) -> Result<(), StoreError> {
        self.execute(RELEASE, arguments![id, holder])
            .await
            .map(drop)
    }

    /// Removes a token with its devices and profiles; its secrets are removed by whoever knows their names.
    pub async fn delete_ade_token(&mut self, id: Uuid) -> Result<bool, StoreError> {
        self.execute(DELETE_DEVICES, arguments![id]).await?;
        self.execute(DELETE_PROFILES, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }
}
