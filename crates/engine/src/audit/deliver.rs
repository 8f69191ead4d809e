//! Telling somebody of the audit, entry by entry, in order, until it was heard.
//!
//! The chain itself is the outbox: a receiver has a place in it, and nothing is queued. A change therefore costs the same
//! whether somebody listens or not, and who was away for a week is told where he left off.

use std::future::Future;
use std::pin::Pin;

use mandate_model::Timestamp;
use mandate_store::{AuditDeliveryRecord, AuditReceiverRecord};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::view::AuditEvent;
use crate::alerts::DeliveryOutcome;
use crate::pauses::Pauses;
use crate::{Action, Actor, Engine, EngineError};

/// The only receiver there is: the address of the configuration.
const RECEIVER: &str = "webhook";
/// Entries of one delivery.
const BATCH: u32 = 100;
/// Octets of the entries of one delivery, as JSON; one entry goes however large it is.
const LARGEST: usize = 1024 * 1024;
/// For how long a try is nobody else's; longer than any try takes.
const CLAIM: i64 = 2 * Timestamp::MINUTE;
/// For how long it is kept what became of deliveries.
const KEPT: i64 = 30 * Timestamp::DAY;
/// Of an answer no more is kept.
const KEPT_RESULT: usize = 200;

/// Entries to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditBatch {
    /// Its id: the same for each try with the same entries.
    pub id: Uuid,
    /// When this try is made.
    pub sent_at: Timestamp,
    /// What is told, JSON.
    pub body: String,
}

/// Telling under way.
pub type AuditDelivery<'a> = Pin<Box<dyn Future<Output = DeliveryOutcome> + Send + 'a>>;

/// Tells somebody of the audit.
pub trait AuditCourier: Send + Sync {
    /// Tells it once.
    fn deliver<'a>(&'a self, batch: &'a AuditBatch) -> AuditDelivery<'a>;
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditDeliveryView {
    /// Its id.
    pub id: Uuid,
    /// Who was told.
    pub receiver: String,
    /// Number of the first entry in it.
    pub first_number: i64,
    /// Number of the last entry in it.
    pub last_number: i64,
    /// What became of it, for people.
    pub outcome: String,
    /// When.
    #[serde(rename = "deliveredDateTime", serialize_with = "super::view::as_text")]
    pub at: Timestamp,
}

/// How far the receiver is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReceiverView {
    /// Number of the last entry that it took.
    pub told_until: i64,
    /// Tries in vain since.
    pub attempts: i64,
    /// When it is tried next, at the earliest.
    #[serde(rename = "dueDateTime", serialize_with = "super::view::as_text")]
    pub due_at: Timestamp,
}

impl Engine {
    /// Tells what is new, at most a hundred entries; whether there may be more to tell at once. Several servers may ask:
    /// one of them tells. What is not taken is told again, ever later but for ever; nobody waits for it.
    pub async fn deliver_audit(&self, courier: &dyn AuditCourier) -> Result<bool, EngineError> {
        let now = self.now();
        let Some(receiver) = self.receiver(now).await?.filter(|one| one.due_at <= now) else {
            return Ok(false);
        };
        let events = self.untold(&receiver).await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return self.look_for_a_cut(&receiver, now).await;
        };
        let claimed = now.plus(CLAIM);
        if !self.claim(&receiver, claimed).await? {
            return Ok(false);
        }
        let (first, last) = (first.number, last.number);
        if first > receiver.told_until + 1 {
            tracing::warn!(
                "audit entries {} to {} were let go before the webhook was told of them",
                receiver.told_until + 1,
                first - 1
            );
        }
        let batch = self.batch(&events, now).await?;
        let outcome = courier.deliver(&batch).await;
        let taken = matches!(outcome, DeliveryOutcome::Taken(_));
        self.settle_audit(receiver, claimed, (first, last), outcome)
            .await?;
        Ok(taken)
    }

    /// What became of deliveries, newest first, from the one before `before`; for whoever may see the whole audit.
    pub async fn list_audit_deliveries(
        &self,
        actor: &Actor,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AuditDeliveryView>, EngineError> {
        super::read::require_all(actor)?;
        let mut session = self.store().read().await?;
        let records = session.list_audit_deliveries(before, limit).await?;
        let view = |record: AuditDeliveryRecord| AuditDeliveryView {
            id: record.id,
            receiver: record.receiver,
            first_number: record.first_number,
            last_number: record.last_number,
            outcome: record.outcome,
            at: record.at,
        };
        Ok(records.into_iter().map(view).collect())
    }

    /// How far the webhook is; none if it was never told anything.
    pub async fn audit_receiver(
        &self,
        actor: &Actor,
    ) -> Result<Option<AuditReceiverView>, EngineError> {
        actor.require(Action::AuditRead)?;
        let mut session = self.store().read().await?;
        let found = session.find_audit_receiver(RECEIVER).await?;
        Ok(found.map(|record| AuditReceiverView {
            told_until: record.told_until,
            attempts: record.attempts,
            due_at: record.due_at,
        }))
    }

    /// Where the receiver is. A new one begins with the oldest entry that is kept.
    async fn receiver(&self, now: Timestamp) -> Result<Option<AuditReceiverRecord>, EngineError> {
        let mut session = self.store().read().await?;
        if let Some(found) = session.find_audit_receiver(RECEIVER).await? {
            return Ok(Some(found));
        }
        let base = session.audit_base().await?.map_or(0, |base| base.number);
        drop(session);
        let mut session = self.store().write().await?;
        session.add_audit_receiver(RECEIVER, base, now).await?;
        let found = session.find_audit_receiver(RECEIVER).await?;
        session.commit().await?;
        Ok(found)
    }

    async fn untold(&self, receiver: &AuditReceiverRecord) -> Result<Vec<AuditEvent>, EngineError> {
        let mut session = self.store().read().await?;
        let entries = session
            .list_audit_entries(receiver.told_until, BATCH)
            .await?;
        drop(session);
        let (mut events, mut size) = (Vec::new(), 0);
        for entry in entries {
            size += entry.record.changes.len();
            if size > LARGEST && !events.is_empty() {
                break;
            }
            events.push(AuditEvent::of(entry)?);
        }
        Ok(events)
    }

    /// A chain that ends before what was told was cut, and its numbers will be given again: they are to be told.
    async fn look_for_a_cut(
        &self,
        receiver: &AuditReceiverRecord,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let head = self.store().read().await?.audit_head().await?;
        let Some(head) = head.filter(|head| head.number < receiver.told_until) else {
            return Ok(false);
        };
        let claimed = now.plus(CLAIM);
        if !self.claim(receiver, claimed).await? {
            return Ok(false);
        }
        let lost = (head.number + 1, receiver.told_until);
        tracing::error!(
            "audit entries {} to {} of which the webhook was told are gone: the end of the chain was cut off",
            lost.0,
            lost.1
        );
        let mut back = receiver.clone();
        back.told_until = head.number;
        back.due_at = now;
        self.keep_delivery(&back, claimed, lost, "gone from the chain since")
            .await?;
        Ok(true)
    }

    async fn claim(
        &self,
        receiver: &AuditReceiverRecord,
        until: Timestamp,
    ) -> Result<bool, EngineError> {
        let mut session = self.store().write().await?;
        let ours = session.claim_audit_receiver(receiver, until).await?;
        session.commit().await?;
        Ok(ours)
    }

    async fn batch(
        &self,
        events: &[AuditEvent],
        now: Timestamp,
    ) -> Result<AuditBatch, EngineError> {
        let head = self.audit_head().await?.map(|head| head.to_string());
        let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
        let (first, last) = (numbers.first(), numbers.last());
        let tenant = self.tenant().id;
        let id = Uuid::new_v5(&tenant.0, format!("audit {first:?} {last:?}").as_bytes());
        let body = json!({
            "type": "auditEvents",
            "id": id,
            "tenantId": tenant,
            "firstNumber": first,
            "lastNumber": last,
            "head": head,
            "events": events,
        });
        Ok(AuditBatch {
            id,
            sent_at: now,
            body: body.to_string(),
        })
    }

    async fn settle_audit(
        &self,
        mut receiver: AuditReceiverRecord,
        claimed: Timestamp,
        (first, last): (i64, i64),
        outcome: DeliveryOutcome,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let result = match outcome {
            DeliveryOutcome::Taken(answer) => {
                (receiver.told_until, receiver.attempts) = (last, 0);
                receiver.due_at = now;
                format!("delivered: {answer}")
            }
            DeliveryOutcome::Refused(reason) | DeliveryOutcome::Unavailable(reason) => {
                receiver.attempts += 1;
                receiver.due_at = now.plus(Pauses::UP_TO_AN_HOUR.after(receiver.attempts));
                tracing::warn!(
                    "the webhook cannot be told of the audit now, next try {}: {reason}",
                    receiver.due_at
                );
                format!("not delivered yet, attempt {}: {reason}", receiver.attempts)
            }
        };
        self.keep_delivery(&receiver, claimed, (first, last), &result)
            .await
    }

    async fn keep_delivery(
        &self,
        receiver: &AuditReceiverRecord,
        claimed: Timestamp,
        (first_number, last_number): (i64, i64),
        outcome: &str,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let record = AuditDeliveryRecord {
            id: self.chance().id(now),
            receiver: receiver.name.clone(),
            first_number,
            last_number,
            outcome: outcome.chars().take(KEPT_RESULT).collect(),
            at: now,
        };
        let mut session = self.store().write().await?;
        session.settle_audit_receiver(receiver, claimed).await?;
        session.insert_audit_delivery(&record).await?;
        session.trim_audit_deliveries(now.plus(-KEPT)).await?;
        Ok(session.commit().await?)
    }
}
