//! Telling somebody, until it was heard.

use std::future::Future;
use std::pin::Pin;

use mandate_store::AlertRecord;
use uuid::Uuid;

use crate::pauses::Pauses;
use crate::{Engine, EngineError};

/// Alerts delivered in one round.
const BATCH: u32 = 20;
/// Some nine days; what nobody has heard by then is in the log and in the list.
const MOST_ATTEMPTS: i64 = 20;
/// Of an answer no more is kept.
const KEPT_RESULT: usize = 200;

/// Something to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMessage {
    /// Its id, the same for each try.
    pub id: Uuid,
    /// What is told, JSON.
    pub body: String,
}

/// What became of telling it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It was taken.
    Taken(String),
    /// It was refused in a way that trying again does not cure.
    Refused(String),
    /// Nobody answered, or said to come again.
    Unavailable(String),
}

/// Telling under way.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = DeliveryOutcome> + Send + 'a>>;

/// Tells somebody of alerts.
pub trait AlertCourier: Send + Sync {
    /// Tells it once.
    fn deliver<'a>(&'a self, message: &'a AlertMessage) -> Delivery<'a>;
}

impl Engine {
    /// Delivers what is due, and keeps what became of it. What is not taken is tried again after a minute, then ever later, for
    /// some nine days. Whether there is more to be delivered at once.
    pub async fn deliver_alerts(&self, courier: &dyn AlertCourier) -> Result<bool, EngineError> {
        let now = self.now();
        let due = self.store().read().await?.due_alerts(now, BATCH).await?;
        let is_full = u32::try_from(due.len()) == Ok(BATCH);
        let mut heard = true;
        for alert in due {
            let message = AlertMessage {
                id: alert.id,
                body: alert.content.clone(),
            };
            let outcome = courier.deliver(&message).await;
            heard &= matches!(outcome, DeliveryOutcome::Taken(_));
            self.settle(&alert, outcome).await?;
        }
        Ok(is_full && heard)
    }

    async fn settle(
        &self,
        alert: &AlertRecord,
        outcome: DeliveryOutcome,
    ) -> Result<(), EngineError> {
        let attempts = alert.attempts + 1;
        let (due_at, result) = match outcome {
            DeliveryOutcome::Taken(answer) => (None, format!("delivered: {answer}")),
            DeliveryOutcome::Refused(reason) => {
                tracing::error!("alert {} is refused: {reason}", alert.id);
                (None, format!("refused: {reason}"))
            }
            DeliveryOutcome::Unavailable(reason) if attempts >= MOST_ATTEMPTS => {
                tracing::error!("alert {} is given up: {reason}", alert.id);
                (
                    None,
                    format!("given up after {attempts} attempts: {reason}"),
                )
            }
            DeliveryOutcome::Unavailable(reason) => {
                tracing::warn!("alert {} cannot be delivered now: {reason}", alert.id);
                (
                    Some(self.now().plus(Pauses::UP_TO_HALF_A_DAY.after(attempts))),
                    format!("not delivered yet: {reason}"),
                )
            }
        };
        let result: String = result.chars().take(KEPT_RESULT).collect();
        let mut session = self.store().write().await?;
        session
            .settle_alert(alert.id, attempts, due_at, &result)
            .await?;
        Ok(session.commit().await?)
    }
}
