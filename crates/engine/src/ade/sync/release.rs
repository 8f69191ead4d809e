//! Devices that the organisation gives up: Apple is told, and they are its own no more.

use mandate_model::Timestamp;
use serde_json::{Value, json};

use super::super::client::Client;
use super::account::at_once;
use super::{MOST_PAGES, Step, Sync, after_pause};
use crate::EngineError;

/// How long it is tried: what cannot be undone must not happen when nobody thinks of it any more.
const RELEASE_TRIED_FOR: i64 = Timestamp::DAY;

impl Sync<'_> {
    /// Tells Apple of devices that somebody has released, by the day's requests.
    pub(super) async fn release(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        for _ in 0..MOST_PAGES {
            let Some(token) = self.record().await? else {
                return Ok(Step::Overtaken);
            };
            let now = self.engine.now();
            let mut session = self.engine.store().read().await?;
            let since = now.plus(-RELEASE_TRIED_FOR);
            let serials = session
                .ade_devices_to_release(self.token, (since, now), at_once(&token))
                .await?;
            drop(session);
            if serials.is_empty() {
                return Ok(Step::Done);
            }
            let body = json!({ "devices": serials });
            let said = client.ask("POST", "/devices/disown", Some(&body)).await;
            let (answer, word) = match &said {
                Ok(answer) => (answer, "FAILED"),
                Err(fault) if fault.is_about_the_request() => (&Value::Null, fault.word.as_str()),
                Err(fault) => return Ok(Step::Fault(fault.clone())),
            };
            let now = self.engine.now();
            let mut session = self.engine.store().write().await?;
            if !self.is_held(&mut session).await? {
                return Ok(Step::Overtaken);
            }
            for serial in &serials {
                let outcome = answer["devices"][serial.as_str()].as_str().unwrap_or(word);
                if outcome == "SUCCESS" {
                    session.note_ade_release(self.token, serial).await?;
                    continue;
                }
                let outcome: String = outcome.chars().take(64).collect();
                let retry_at = after_pause(&outcome, now);
                session
                    .note_ade_refusal(self.token, serial, (&outcome, retry_at))
                    .await?;
            }
            session.commit().await?;
        }
        Ok(Step::Done)
    }
}
