//! Bringing tokens in step with Apple: devices in; profiles, assignments and releases out.

mod account;
mod assignments;
mod devices;
mod profiles;
mod release;

use std::sync::atomic::{AtomicBool, Ordering};

use mandate_model::Timestamp;
use mandate_store::{AdeTokenRecord, Session};
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use self::account::token_setting;
pub(super) use self::devices::serial_of;
use super::client::{Fault, next_try};
use crate::{Engine, EngineError};

/// Between two times that Apple is asked for changes.
const EVERY: i64 = Timestamp::HOUR;
/// How long a token is left alone by others while one is at it, from one page to the next.
const HELD: i64 = 10 * Timestamp::MINUTE;
/// Devices asked for, or assigned, at once; Apple allows no more.
const AT_ONCE: u32 = 1_000;
/// More pages than the most devices that a token may have.
const MOST_PAGES: usize = 2_000;
/// Pauses before what Apple did not do for a device is tried again, by Apple's word.
const PAUSES: [(&str, i64); 3] = [
    ("NOT_ACCESSIBLE", Timestamp::DAY),
    ("THROTTLED", 30 * Timestamp::MINUTE),
    ("FAILED", Timestamp::HOUR),
];
/// Said of a token with more devices than are kept of one.
const TOO_MANY: &str = "tooManyDevices";

/// What became of a step: done, put an end to by Apple, or by another process that has taken over.
enum Step {
    Done,
    Fault(Fault),
    Overtaken,
}

/// Passes on what ends the work.
macro_rules! done {
    ($step:expr) => {
        match $step {
            Step::Done => {}
            other => return Ok(other),
        }
    };
}
use done;

impl Engine {
    /// Brings one token in step with Apple, if one is due that nobody else is at. Whether there was one.
    pub async fn synchronise_ade(&self) -> Result<bool, EngineError> {
        let now = self.now();
        let Some(token) = self.store().read().await?.due_ade_token(now).await? else {
            return Ok(false);
        };
        let me = self.chance().id(now);
        let mut session = self.store().write().await?;
        let is_mine = session
            .hold_ade_token(token.id, me, now.plus(HELD), now)
            .await?;
        session.commit().await?;
        if !is_mine {
            return Ok(true);
        }
        let work = Sync {
            engine: self,
            token: token.id,
            me,
            is_crowded: AtomicBool::new(false),
        };
        let outcome = work.run().await;
        let fault = match outcome {
            Ok(Step::Done) => None,
            Ok(Step::Fault(fault)) => Some(fault),
            Ok(Step::Overtaken) => return Ok(true),
            Err(error) => {
                tracing::error!(
                    "a token of automated enrolment could not be synchronised: {error}"
                );
                Some(Fault::of_ours("internalError"))
            }
        };
        work.finish(now, fault).await?;
        Ok(true)
    }
}

/// One process at work on one token.
struct Sync<'a> {
    engine: &'a Engine,
    token: Uuid,
    me: Uuid,
    /// Whether devices were left out, since the token has as many as are kept.
    is_crowded: AtomicBool,
}

impl Sync<'_> {
    async fn run(&self) -> Result<Step, EngineError> {
        let client = match self.engine.ade_client(self.token).await? {
            Ok(client) => client,
            Err(fault) => return Ok(Step::Fault(fault)),
        };
        done!(self.fetch_account(&client).await?);
        done!(self.fetch_devices(&client).await?);
        done!(self.release(&client).await?);
        done!(self.define_profiles(&client).await?);
        done!(self.give_defaults().await?);
        done!(self.assign(&client).await?);
        self.unassign(&client).await
    }

    /// Notes how it went and when to come again.
    async fn finish(&self, began: Timestamp, fault: Option<Fault>) -> Result<(), EngineError> {
        let now = self.engine.now();
        let mut session = self.engine.store().write().await?;
        let Some(mut token) = session.find_ade_token(self.token).await? else {
            return Ok(());
        };
        let due_at = match &fault {
            None => {
                token.failures = 0;
                token.synced_at = Some(now);
                token.problem = String::new();
                token.problem_code = 0;
                if self.is_crowded.load(Ordering::Relaxed) {
                    TOO_MANY.clone_into(&mut token.problem);
                }
                let retry = session.next_ade_retry(self.token, now).await?;
                retry.map_or(now.plus(EVERY), |at| at.min(now.plus(EVERY)))
            }
            Some(fault) => {
                tracing::warn!(
                    ade.token = %self.token,
                    "automated enrolment: Apple's service says {} ({})", fault.word, fault.status
                );
                let at = next_try(fault, token.failures, now);
                token.failures += 1;
                token.problem.clone_from(&fault.word);
                token.problem_code = fault.status;
                at
            }
        };
        // Somebody asked for more while this was under way.
        let is_asked = token.triggered_at.is_some_and(|at| at > began);
        token.due_at = Some(if is_asked && fault.is_none() {
            now
        } else {
            due_at
        });
        session.note_ade_progress(&token, self.me).await?;
        session.release_ade_token(self.token, self.me).await?;
        Ok(session.commit().await?)
    }

    /// Goes on holding the token and writes how far it is; `None` if somebody else holds it now.
    async fn note(
        &self,
        session: &mut Session,
        token: &AdeTokenRecord,
    ) -> Result<bool, EngineError> {
        let now = self.engine.now();
        Ok(session
            .hold_ade_token(self.token, self.me, now.plus(HELD), now)
            .await?
            && session.note_ade_progress(token, self.me).await?)
    }

    async fn is_held(&self, session: &mut Session) -> Result<bool, EngineError> {
        let now = self.engine.now();
        Ok(session
            .hold_ade_token(self.token, self.me, now.plus(HELD), now)
            .await?)
    }

    async fn record(&self) -> Result<Option<AdeTokenRecord>, EngineError> {
        let mut session = self.engine.store().read().await?;
        Ok(session.find_ade_token(self.token).await?)
    }
}

/// When to try again what Apple did not do for a device.
fn after_pause(word: &str, now: Timestamp) -> Timestamp {
    let pause = PAUSES.iter().find(|(known, _)| *known == word);
    now.plus(pause.map_or(Timestamp::HOUR, |(_, pause)| *pause))
}

/// Texts of an answer that are worth keeping, each bounded.
fn picked(said: &Value, names: &[&str]) -> Map<String, Value> {
    names
        .iter()
        .filter_map(|name| {
            let text: String = said[*name].as_str()?.chars().take(256).collect();
            Some(((*name).to_owned(), Value::String(text)))
        })
        .collect()
}
