//! Requests for another management authority, and what is looked at before one is granted.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::devices::managed;
use crate::{Session, StoreError};

/// A request for another management authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityResetRecord {
    /// Id.
    pub id: Uuid,
    /// Sign-in domain that the request names.
    pub domain: String,
    /// The authority when it was made, in the engine's word.
    pub from: String,
    /// The authority that it asks for, in the engine's word.
    pub target: String,
    /// How far it is, in the engine's word.
    pub stage: String,
    /// Who made it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// Who set it going.
    pub started_by: Option<String>,
    /// When.
    pub started_at: Option<Timestamp>,
    /// When it will be over.
    pub completes_at: Option<Timestamp>,
    /// When it was over, or was cancelled.
    pub ended_at: Option<Timestamp>,
}

/// What somebody vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRecord {
    /// The item of a checklist, in the engine's word.
    pub item: String,
    /// The person who vouches for it.
    pub person: String,
    /// Who noted it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// What of this instance stands against another authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOver {
    /// Devices that are managed, or about to be, or about to leave.
    pub devices: i64,
    /// Device enrolment managers.
    pub managers: i64,
    /// Whether there is a push certificate (1) or none (0).
    pub push_certificates: i64,
    /// Profiles.
    pub profiles: i64,
    /// Tokens of automated enrolment.
    pub enrolment_tokens: i64,
    /// Whether people choose a category for their devices (1) or not (0).
    pub group_mapping: i64,
}

#[derive(FromRow)]
struct ResetRow {
    id: Uuid,
    domain: String,
    from_authority: String,
    target: String,
    stage: String,
    requested_by: String,
    requested_at: i64,
    started_by: Option<String>,
    started_at: Option<i64>,
    completes_at: Option<i64>,
    ended_at: Option<i64>,
}

impl From<ResetRow> for AuthorityResetRecord {
    fn from(row: ResetRow) -> Self {
        Self {
            id: row.id,
            domain: row.domain,
            from: row.from_authority,
            target: row.target,
            stage: row.stage,
            requested_by: row.requested_by,
            requested_at: Timestamp(row.requested_at),
            started_by: row.started_by,
            started_at: row.started_at.map(Timestamp),
            completes_at: row.completes_at.map(Timestamp),
            ended_at: row.ended_at.map(Timestamp),
        }
    }
}

const FIND: &str = "
    SELECT id, domain, from_authority, target, stage, requested_by, requested_at, started_by, started_at, completes_at,
        ended_at
    FROM authority_reset WHERE id = $1";
const FIND_OPEN: &str = "
    SELECT id, domain, from_authority, target, stage, requested_by, requested_at, started_by, started_at, completes_at,
        ended_at
    FROM authority_reset WHERE stage IN ('preparing', 'running') ORDER BY id LIMIT 1";
const FIND_RUNNING: &str = "
    SELECT id, domain, from_authority, target, stage, requested_by, requested_at, started_by, started_at, completes_at,
        ended_at
    FROM authority_reset WHERE stage = 'running' ORDER BY id LIMIT 1";
const LIST: &str = "
    SELECT id, domain, from_authority, target, stage, requested_by, requested_at, started_by, started_at, completes_at,
        ended_at
    FROM authority_reset WHERE id < $1 ORDER BY id DESC LIMIT $2";
const SET: &str = "
    INSERT INTO authority_reset (id, domain, from_authority, target, stage, requested_by, requested_at, started_by,
        started_at, completes_at, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET
        stage = excluded.stage, started_by = excluded.started_by, started_at = excluded.started_at,
        completes_at = excluded.completes_at, ended_at = excluded.ended_at";
const ATTESTATIONS: &str = "
    SELECT item, person, actor, created_at FROM authority_reset_attestation WHERE reset_id = $1 ORDER BY item";
const ATTEST: &str = "
    INSERT INTO authority_reset_attestation (reset_id, item, person, actor, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (reset_id, item) DO UPDATE SET
        person = excluded.person, actor = excluded.actor, created_at = excluded.created_at";
const WITHDRAW: &str = "DELETE FROM authority_reset_attestation WHERE reset_id = $1 AND item = $2";
// What began to enrol and never went on does not stand against anything.
const LEFT_OVER: &str = concat!(
    "SELECT
        (SELECT count(*) FROM device WHERE ",
    managed!(),
    "),
        (SELECT count(*) FROM enrolment_manager),
        (SELECT count(*) FROM setting WHERE name = 'push.certificate'),
        (SELECT count(*) FROM profile WHERE deleted_at IS NULL),
        (SELECT count(*) FROM ade_token),
        (SELECT count(*) FROM setting WHERE name = 'device.category.chosen' AND value = 'on')"
);

/// Names the lock of the management authority among the advisory locks of a PostgreSQL database: `mdmauth` in ASCII.
const LOCK_OF_AUTHORITY: i64 = 0x6d_64_6d_61_75_74_68;

impl Session {
    /// Has those who change the management authority take turns.
    pub async fn hold_management_authority(&mut self) -> Result<(), StoreError> {
        self.take_turn(LOCK_OF_AUTHORITY).await
    }

    /// A request by id.
    pub async fn find_authority_reset(
        &mut self,
        id: Uuid,
    ) -> Result<Option<AuthorityResetRecord>, StoreError> {
        let row: Option<ResetRow> = self.one(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// The request that is not over yet; there is never more than one.
    pub async fn find_open_authority_reset(
        &mut self,
    ) -> Result<Option<AuthorityResetRecord>, StoreError> {
        let row: Option<ResetRow> = self.one(FIND_OPEN, &[]).await?;
        Ok(row.map(Into::into))
    }

    /// The request that was set going and is not over.
    pub async fn find_running_authority_reset(
        &mut self,
    ) -> Result<Option<AuthorityResetRecord>, StoreError> {
        let row: Option<ResetRow> = self.one(FIND_RUNNING, &[]).await?;
        Ok(row.map(Into::into))
    }

    /// Requests, the newest first, from before `before`.
    pub async fn list_authority_resets(
        &mut self,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AuthorityResetRecord>, StoreError> {
        let values = arguments![before.unwrap_or(Uuid::max()), i64::from(limit)];
        let rows: Vec<ResetRow> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds a request, or writes how far it is.
    pub async fn set_authority_reset(
        &mut self,
        reset: &AuthorityResetRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            reset.id,
            &reset.domain,
            &reset.from,
            &reset.target,
            &reset.stage,
            &reset.requested_by,
            reset.requested_at,
            reset.started_by.clone(),
            reset.started_at,
            reset.completes_at,
            reset.ended_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// What was vouched for in a request, by item.
    pub async fn authority_reset_attestations(
        &mut self,
        reset: Uuid,
    ) -> Result<Vec<AttestationRecord>, StoreError> {
        let rows: Vec<(String, String, String, i64)> =
            self.all(ATTESTATIONS, arguments![reset]).await?;
        let record = |(item, person, actor, at)| AttestationRecord {
            item,
            person,
            actor,
            at: Timestamp(at),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Notes that somebody vouches for an item.
    pub async fn attest_authority_reset(
        &mut self,
        reset: Uuid,
        attestation: &AttestationRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            reset,
            &attestation.item,
            &attestation.person,
            &attestation.actor,
            attestation.at,
        ];
        self.execute(ATTEST, values).await.map(drop)
    }

    /// Takes back that somebody vouches for an item; whether anybody did.
    pub async fn withdraw_attestation(
        &mut self,
        reset: Uuid,
        item: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(WITHDRAW, arguments![reset, item]).await? == 1)
    }

    /// What of this instance stands against another authority. What began to enrol after `begun_after` counts.
    pub async fn left_over(&mut self, begun_after: Timestamp) -> Result<LeftOver, StoreError> {
        let row: Option<(i64, i64, i64, i64, i64, i64)> =
            self.one(LEFT_OVER, arguments![begun_after]).await?;
        let (devices, managers, push_certificates, profiles, enrolment_tokens, group_mapping) =
            row.ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))?;
        Ok(LeftOver {
            devices,
            managers,
            push_certificates,
            profiles,
            enrolment_tokens,
            group_mapping,
        })
    }
}
