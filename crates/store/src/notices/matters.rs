//! Matters of which people are told, once each, and what became of telling them.

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Something that a person is to be told by mail.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRecord {
    /// Ordered by time; another one each time the same matter is told anew.
    pub id: Uuid,
    /// What it is about; nothing is said twice of the same.
    pub matter: String,
    /// What happened, in the engine's words.
    pub event: String,
    /// Who is told.
    pub user_id: UserId,
    /// The device that it is about.
    pub device_id: Option<DeviceId>,
    /// The profile that it is about.
    pub profile_id: Option<ProfileId>,
    /// What the text is made of.
    pub facts: Value,
    /// How far it has come.
    pub state: NoticeState,
    /// How often sending was tried.
    pub attempts: i64,
    /// When it is to be sent next; while it is being sent, when that must have ended.
    pub due_at: Option<Timestamp>,
    /// What became of the last try.
    pub result: Option<String>,
    /// When the matter came up.
    pub created_at: Timestamp,
    /// When a mail server took it.
    pub told_at: Option<Timestamp>,
    /// When the matter ended.
    pub ended_at: Option<Timestamp>,
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeState {
    /// To be sent.
    Due,
    /// Given to the mail server at this moment.
    Sending,
    /// Taken by the mail server.
    Sent,
    /// Not taken, and never will be.
    Refused,
    /// Not sent, since there was no reason any more.
    Withdrawn,
    /// The server stopped while it was being sent: nobody knows whether it was taken, and it is not sent again.
    Unknown,
}

impl NoticeState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Due,
        Self::Sending,
        Self::Sent,
        Self::Refused,
        Self::Withdrawn,
        Self::Unknown,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }
}

#[derive(FromRow)]
struct NoticeRow {
    id: Uuid,
    matter: String,
    event: String,
    user_id: Uuid,
    device_id: Option<Uuid>,
    profile_id: Option<Uuid>,
    facts: String,
    state: String,
    attempts: i64,
    due_at: Option<i64>,
    result: Option<String>,
    created_at: i64,
    told_at: Option<i64>,
    ended_at: Option<i64>,
}

impl TryFrom<NoticeRow> for NoticeRecord {
    type Error = StoreError;

    fn try_from(row: NoticeRow) -> Result<Self, StoreError> {
        let damaged = |column, problem: String| StoreError::Inconsistent {
            table: "notice",
            column,
            id: row.id.to_string(),
            problem,
        };
        let facts = serde_json::from_str(&row.facts)
            .map_err(|error| damaged("facts", error.to_string()))?;
        let state = NoticeState::parse(&row.state)
            .ok_or_else(|| damaged("state", format!("`{}` is no state", row.state)))?;
        Ok(Self {
            id: row.id,
            matter: row.matter,
            event: row.event,
            user_id: UserId(row.user_id),
            device_id: row.device_id.map(DeviceId),
            profile_id: row.profile_id.map(ProfileId),
            facts,
            state,
            attempts: row.attempts,
            due_at: row.due_at.map(Timestamp),
            result: row.result,
            created_at: Timestamp(row.created_at),
            told_at: row.told_at.map(Timestamp),
            ended_at: row.ended_at.map(Timestamp),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, matter, event, user_id, device_id, profile_id, facts, state, attempts, due_at, result, created_at,
                    told_at, ended_at
             FROM notice ",
            $rest
        )
    };
}

// A matter that ended comes up anew, but not within a short time of having been told.
const RAISE: &str = "
    INSERT INTO notice
        (id, matter, event, user_id, device_id, profile_id, facts, state, attempts, due_at, result, created_at, told_at,
         ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (matter) DO UPDATE SET
        id = excluded.id, event = excluded.event, user_id = excluded.user_id, device_id = excluded.device_id,
        profile_id = excluded.profile_id, facts = excluded.facts, state = excluded.state, attempts = excluded.attempts,
        due_at = excluded.due_at, result = excluded.result, created_at = excluded.created_at,
        told_at = excluded.told_at, ended_at = excluded.ended_at
    WHERE notice.state <> 'sending' AND notice.ended_at IS NOT NULL
      AND (notice.told_at IS NULL OR notice.told_at < $15)";
const END: &str = "
    UPDATE notice SET
        ended_at = $2,
        state = CASE WHEN state = 'due' THEN 'withdrawn' ELSE state END,
        due_at = CASE WHEN state = 'due' THEN NULL ELSE due_at END
    WHERE matter = $1 AND ended_at IS NULL";
const END_OF_DEVICE: &str = "
    UPDATE notice SET
        ended_at = $2,
        state = CASE WHEN state = 'due' THEN 'withdrawn' ELSE state END,
        due_at = CASE WHEN state = 'due' THEN NULL ELSE due_at END
    WHERE device_id = $1 AND ended_at IS NULL";
const FIND: &str = select!("WHERE id = $1");
const FIND_MATTER: &str = select!("WHERE matter = $1");
const OPEN_OF_USER: &str =
    select!("WHERE user_id = $1 AND ended_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2");
const DUE: &str = select!("WHERE state = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT 1");
const CLAIM: &str = "
    UPDATE notice SET state = 'sending', attempts = attempts + 1, due_at = $3
    WHERE id = $1 AND state = 'due' AND due_at <= $2";
const SETTLE: &str = "
    UPDATE notice SET state = $2, due_at = $3, result = $4, told_at = $5 WHERE id = $1 AND state = 'sending'";
const LAPSE: &str = "
    UPDATE notice SET state = 'unknown', due_at = NULL, result = $2 WHERE state = 'sending' AND due_at <= $1";
const LIST: &str =
    select!("WHERE id < $1 AND (CAST($2 AS TEXT) IS NULL OR state = $2) ORDER BY id DESC LIMIT $3");
const AGAIN: &str = "
    UPDATE notice SET id = $2, state = 'due', attempts = 0, due_at = $3, result = NULL
    WHERE id = $1 AND state IN ('refused', 'unknown', 'withdrawn')";
// What has ended long ago cannot be said twice any more, or may be.
const TRIM: &str = "
    DELETE FROM notice WHERE id IN (
        SELECT id FROM notice
        WHERE id < $1 AND state NOT IN ('due', 'sending')
          AND (ended_at IS NOT NULL OR event IN ('certificateEnding', 'test'))
        ORDER BY id LIMIT $2)";
const DELETE_OF_USER: &str = "DELETE FROM notice WHERE user_id = $1";

impl Session {
    /// Notes that a person is to be told; whether they had not been already. One that ended is told anew, unless it was
    /// told after `quiet_since`.
    pub async fn raise_notice(
        &mut self,
        record: &NoticeRecord,
        quiet_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            record.id,
            &record.matter,
            &record.event,
            record.user_id,
            record.device_id,
            record.profile_id,
            record.facts.to_string(),
            record.state.name(),
            record.attempts,
            record.due_at,
            record.result.clone(),
            record.created_at,
            record.told_at,
            record.ended_at,
            quiet_since,
        ];
        Ok(self.execute(RAISE, values).await? == 1)
    }

    /// A matter has ended; what was not sent yet will not be.
    pub async fn end_notice(&mut self, matter: &str, now: Timestamp) -> Result<(), StoreError> {
        self.execute(END, arguments![matter, now]).await.map(drop)
    }

    /// All matters of a device have ended.
    pub async fn end_notices_of_device(
        &mut self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(END_OF_DEVICE, arguments![device, now])
            .await
            .map(drop)
    }

    /// One by id.
    pub async fn find_notice(&mut self, id: Uuid) -> Result<Option<NoticeRecord>, StoreError> {
        let row: Option<NoticeRow> = self.one(FIND, arguments![id]).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// The one of a matter, ended or not.
    pub async fn find_notice_of(
        &mut self,
        matter: &str,
    ) -> Result<Option<NoticeRecord>, StoreError> {
        let row: Option<NoticeRow> = self.one(FIND_MATTER, arguments![matter]).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Matters of a person that have not ended, the newest first.
    pub async fn open_notices_of_user(
        &mut self,
        user: UserId,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, StoreError> {
        let values = arguments![user, i64::from(limit)];
        self.all::<NoticeRow>(OPEN_OF_USER, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// The one that waits longest to be sent. Whoever sends it claims it first.
    pub async fn due_notice(&mut self, now: Timestamp) -> Result<Option<NoticeRecord>, StoreError> {
        let row: Option<NoticeRow> = self.one(DUE, arguments![now]).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Takes one that is due for sending until a moment; whether nobody else had.
    pub async fn claim_notice(
        &mut self,
        id: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(CLAIM, arguments![id, now, until]).await? == 1)
    }

    /// Keeps what became of sending one that was claimed.
    pub async fn settle_notice(
        &mut self,
        id: Uuid,
        (state, due_at): (NoticeState, Option<Timestamp>),
        result: &str,
        told_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let values = arguments![id, state.name(), due_at, result, told_at];
        self.execute(SETTLE, values).await.map(drop)
    }

    /// Notes that nobody knows what became of those whose sending must have ended; how many.
    pub async fn lapse_notices(&mut self, now: Timestamp, result: &str) -> Result<u64, StoreError> {
        self.execute(LAPSE, arguments![now, result]).await
    }

    /// The newest first, from the one before `before`.
    pub async fn list_notices(
        &mut self,
        state: Option<NoticeState>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, StoreError> {
        let values = arguments![
            before.unwrap_or(Uuid::max()),
            state.map(|state| state.name().to_owned()),
            i64::from(limit)
        ];
        self.all::<NoticeRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Has one sent once more, under another id; whether it was one that is not sent otherwise.
    pub async fn send_notice_again(
        &mut self,
        id: Uuid,
        new_id: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(AGAIN, arguments![id, new_id, now]).await? == 1)
    }

    /// Forgets at most `limit` that are older than an id, are not to be sent and cannot come up by themselves; how many.
    pub async fn trim_notices(&mut self, before: Uuid, limit: u32) -> Result<u64, StoreError> {
        self.execute(TRIM, arguments![before, i64::from(limit)])
            .await
    }

    /// Forgets all of a person.
    pub async fn delete_notices_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE_OF_USER, arguments![user])
            .await
            .map(drop)
    }
}
