//! Who has been told of the chain, and how far.

use mandate_model::Timestamp;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A receiver, and how far it has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReceiverRecord {
    /// Its name.
    pub name: String,
    /// Number of the last entry that it took.
    pub told_until: i64,
    /// Tries in vain since.
    pub attempts: i64,
    /// When to try next.
    pub due_at: Timestamp,
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDeliveryRecord {
    /// Its id; the order of ids is the order of deliveries.
    pub id: Uuid,
    /// Name of the receiver.
    pub receiver: String,
    /// Number of the first entry in it.
    pub first_number: i64,
    /// Number of the last entry in it.
    pub last_number: i64,
    /// What became of it, for people.
    pub outcome: String,
    /// When.
    pub at: Timestamp,
}

const ADD: &str = "
    INSERT INTO audit_receiver (name, told_until, attempts, due_at) VALUES ($1, $2, 0, $3)
    ON CONFLICT (name) DO NOTHING";
const FIND: &str = "SELECT name, told_until, attempts, due_at FROM audit_receiver WHERE name = $1";
// Whoever moves the time first has claimed it: another server finds it moved.
const CLAIM: &str = "UPDATE audit_receiver SET due_at = $3 WHERE name = $1 AND due_at = $2";
const SETTLE: &str = "
    UPDATE audit_receiver SET told_until = $3, attempts = $4, due_at = $5 WHERE name = $1 AND due_at = $2";
const NOTE: &str = "
    INSERT INTO audit_delivery (id, receiver, first_number, last_number, outcome, at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const LIST: &str = "
    SELECT id, receiver, first_number, last_number, outcome, at
    FROM audit_delivery WHERE id < $1 ORDER BY id DESC LIMIT $2";
const TRIM: &str = "DELETE FROM audit_delivery WHERE at < $1";

type ReceiverRow = (String, i64, i64, i64);
type DeliveryRow = (Uuid, String, i64, i64, String, i64);

impl Session {
    /// Notes a receiver that is not known yet; it is told what comes after `told_until`.
    pub async fn add_audit_receiver(
        &mut self,
        name: &str,
        told_until: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(ADD, arguments![name, told_until, now])
            .await
            .map(drop)
    }

    /// How far a receiver has been told.
    pub async fn find_audit_receiver(
        &mut self,
        name: &str,
    ) -> Result<Option<AuditReceiverRecord>, StoreError> {
        let row: Option<ReceiverRow> = self.one(FIND, arguments![name]).await?;
        Ok(
            row.map(|(name, told_until, attempts, due_at)| AuditReceiverRecord {
                name,
                told_until,
                attempts,
                due_at: Timestamp(due_at),
            }),
        )
    }

    /// Takes a receiver for one try that must be over by `until`; whether nobody else was faster.
    pub async fn claim_audit_receiver(
        &mut self,
        receiver: &AuditReceiverRecord,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![&receiver.name, receiver.due_at, until];
        Ok(self.execute(CLAIM, values).await? == 1)
    }

    /// Keeps what became of a try; whether it was still ours (`claimed` is the time that it was claimed until).
    pub async fn settle_audit_receiver(
        &mut self,
        receiver: &AuditReceiverRecord,
        claimed: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            &receiver.name,
            claimed,
            receiver.told_until,
            receiver.attempts,
            receiver.due_at,
        ];
        Ok(self.execute(SETTLE, values).await? == 1)
    }

    /// Notes a delivery.
    pub async fn insert_audit_delivery(
        &mut self,
        record: &AuditDeliveryRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.receiver,
            record.first_number,
            record.last_number,
            &record.outcome,
            record.at,
        ];
        self.execute(NOTE, values).await.map(drop)
    }

    /// Deliveries, newest first, from the one before `before`.
    pub async fn list_audit_deliveries(
        &mut self,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AuditDeliveryRecord>, StoreError> {
        let values = arguments![before.unwrap_or(Uuid::max()), i64::from(limit)];
        let rows: Vec<DeliveryRow> = self.all(LIST, values).await?;
        let record = |(id, receiver, first_number, last_number, outcome, at)| AuditDeliveryRecord {
            id,
            receiver,
            first_number,
            last_number,
            outcome,
            at: Timestamp(at),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Forgets deliveries before a moment; how many.
    pub async fn trim_audit_deliveries(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.execute(TRIM, arguments![before]).await
    }
}
