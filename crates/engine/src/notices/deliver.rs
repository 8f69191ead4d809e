//! Sending mails: each once.
//!
//! A mail is claimed in a transaction of its own before it is sent. If the server stops before it has noted what became of it,
//! nobody knows whether the mail was taken: it is not sent again, and the list says so.

use std::future::Future;
use std::pin::Pin;

use mandate_model::Timestamp;
use mandate_store::{NoticeRecord, NoticeState};

use super::Mail;
use super::compose::Composed;
use crate::pauses::Pauses;
use crate::{Engine, EngineError};

/// Some four days, as mail servers do (RFC 5321 §4.5.4.1).
const MOST_ATTEMPTS: i64 = 12;
/// Sending one has ended by then, one way or the other.
const LONGEST_SENDING: i64 = 15 * Timestamp::MINUTE;
/// Of an answer no more is kept.
const KEPT_RESULT: usize = 200;

/// What became of sending a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server took it.
    Taken(String),
    /// The mail server refused this mail in a way that trying again does not cure.
    Refused(String),
    /// The mail server took it for certain not, and may later.
    Unavailable(String),
    /// The mail was handed over, and the answer got lost: nobody knows.
    Unknown(String),
}

/// Sending under way.
pub type SendingMail<'a> = Pin<Box<dyn Future<Output = MailOutcome> + Send + 'a>>;

/// Sends mails.
pub trait MailCourier: Send + Sync {
    /// Sends one once.
    fn send<'a>(&'a self, mail: &'a Mail) -> SendingMail<'a>;
}

impl Engine {
    /// Sends the mail that waits longest, if one is due, and keeps what became of it. Whether another one may be sent at once: not
    /// if none is due, or if the mail server does not take any now. What is not taken is tried again after a minute, then ever
    /// later, for some four days.
    pub async fn send_next_notice(&self, courier: &dyn MailCourier) -> Result<bool, EngineError> {
        let now = self.now();
        let Some(record) = self.store().read().await?.due_notice(now).await? else {
            return Ok(false);
        };
        let mut session = self.store().write().await?;
        let until = now.plus(LONGEST_SENDING);
        let is_ours = session.claim_notice(record.id, now, until).await?;
        session.commit().await?;
        if !is_ours {
            // Another server has it, or it has ended.
            return Ok(true);
        }
        match self.compose(&record).await? {
            Composed::Withdrawn(reason) => {
                let end = (NoticeState::Withdrawn, None);
                self.keep_result(&record, end, reason.to_owned()).await?;
                Ok(true)
            }
            Composed::Mail(mail) => {
                let outcome = courier.send(&mail).await;
                let goes_on = !matches!(outcome, MailOutcome::Unavailable(_));
                self.settle_mail(&record, outcome).await?;
                Ok(goes_on)
            }
        }
    }

    async fn settle_mail(
        &self,
        record: &NoticeRecord,
        outcome: MailOutcome,
    ) -> Result<(), EngineError> {
        let (id, attempts) = (record.id, record.attempts + 1);
        let (end, result) = match outcome {
            MailOutcome::Taken(answer) => ((NoticeState::Sent, None), answer),
            MailOutcome::Refused(reason) => {
                tracing::warn!("mail {id} is refused: {reason}");
                ((NoticeState::Refused, None), reason)
            }
            MailOutcome::Unknown(reason) => {
                tracing::warn!("nobody knows whether mail {id} was taken: {reason}");
                ((NoticeState::Unknown, None), reason)
            }
            MailOutcome::Unavailable(reason) if attempts >= MOST_ATTEMPTS => {
                tracing::error!("mail {id} is given up: {reason}");
                let result = format!("given up after {attempts} attempts: {reason}");
                ((NoticeState::Refused, None), result)
            }
            MailOutcome::Unavailable(reason) => {
                tracing::warn!("mail {id} cannot be sent now: {reason}");
                let due_at = self.now().plus(Pauses::UP_TO_HALF_A_DAY.after(attempts));
                ((NoticeState::Due, Some(due_at)), reason)
            }
        };
        self.keep_result(record, end, result).await
    }

    async fn keep_result(
        &self,
        record: &NoticeRecord,
        end: (NoticeState, Option<Timestamp>),
        result: String,
    ) -> Result<(), EngineError> {
        let told_at = (end.0 == NoticeState::Sent).then(|| self.now());
        let shown = |c: &char| !c.is_control();
        let result: String = result.chars().filter(shown).take(KEPT_RESULT).collect();
        let mut session = self.store().write().await?;
        session
            .settle_notice(record.id, end, &result, told_at)
            .await?;
        Ok(session.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pauses_together_last_some_days() {
        let after = |attempt| Pauses::UP_TO_HALF_A_DAY.after(attempt);
        let all: i64 = (1..MOST_ATTEMPTS).map(after).sum();
        assert_eq!(all / Timestamp::DAY, 3);
    }
}
