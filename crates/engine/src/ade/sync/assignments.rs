//! Assignments out: which device has which profile at Apple.

use serde_json::{Value, json};

use super::super::client::{Client, Fault};
use super::account::at_once;
use super::{MOST_PAGES, Step, Sync, after_pause, done};
use crate::EngineError;

impl Sync<'_> {
    /// Devices of which nobody has said which profile they are to have get the default one.
    pub(super) async fn give_defaults(&self) -> Result<Step, EngineError> {
        let now = self.engine.now();
        let mut session = self.engine.store().write().await?;
        let Some(token) = session.find_ade_token(self.token).await? else {
            return Ok(Step::Overtaken);
        };
        for (platform, profile) in [("ios", token.default_ios), ("macos", token.default_macos)] {
            if let Some(profile) = profile {
                session
                    .request_ade_default(self.token, platform, profile, now)
                    .await?;
            }
        }
        session.commit().await?;
        Ok(Step::Done)
    }

    pub(super) async fn assign(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        for _ in 0..MOST_PAGES {
            let Some(token) = self.record().await? else {
                return Ok(Step::Overtaken);
            };
            let mut session = self.engine.store().read().await?;
            let limit = at_once(&token);
            let waiting = session
                .ade_devices_to_assign(self.token, self.engine.now(), limit)
                .await?;
            drop(session);
            // They come by profile; one profile at a time.
            let Some((_, first, apple_id)) = waiting.first().cloned() else {
                return Ok(Step::Done);
            };
            let serials: Vec<String> = waiting
                .into_iter()
                .filter(|(_, profile, _)| *profile == first)
                .map(|(serial, ..)| serial)
                .collect();
            let body = json!({ "profile_uuid": apple_id, "devices": serials });
            let said = client.ask("POST", "/profile/devices", Some(&body)).await;
            done!(self.note_outcomes(&serials, said, Some(&apple_id)).await?);
        }
        Ok(Step::Done)
    }

    pub(super) async fn unassign(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        for _ in 0..MOST_PAGES {
            let Some(token) = self.record().await? else {
                return Ok(Step::Overtaken);
            };
            let mut session = self.engine.store().read().await?;
            let limit = at_once(&token);
            let serials = session
                .ade_devices_to_unassign(self.token, self.engine.now(), limit)
                .await?;
            drop(session);
            if serials.is_empty() {
                return Ok(Step::Done);
            }
            let body = json!({ "devices": serials });
            let said = client.ask("DELETE", "/profile/devices", Some(&body)).await;
            done!(self.note_outcomes(&serials, said, None).await?);
        }
        Ok(Step::Done)
    }

    /// Notes for each device what Apple said, and when to try again.
    async fn note_outcomes(
        &self,
        serials: &[String],
        said: Result<Value, Fault>,
        assigned: Option<&str>,
    ) -> Result<Step, EngineError> {
        let (answer, word) = match &said {
            Ok(answer) => (answer, "FAILED"),
            // The whole request was not to Apple's liking: none of them is done.
            Err(fault) if fault.is_about_the_request() => (&Value::Null, fault.word.as_str()),
            Err(fault) => return Ok(Step::Fault(fault.clone())),
        };
        let now = self.engine.now();
        let mut session = self.engine.store().write().await?;
        if !self.is_held(&mut session).await? {
            return Ok(Step::Overtaken);
        }
        for serial in serials {
            let outcome = answer["devices"][serial.as_str()].as_str().unwrap_or(word);
            if outcome == "SUCCESS" {
                session
                    .note_ade_assignment(self.token, serial, assigned, ("", None))
                    .await?;
                continue;
            }
            let outcome: String = outcome.chars().take(64).collect();
            let retry_at = after_pause(&outcome, now);
            let known = session.find_ade_device(self.token, serial).await?;
            let before = known.and_then(|device| device.assigned);
            session
                .note_ade_assignment(
                    self.token,
                    serial,
                    before.as_deref(),
                    (&outcome, Some(retry_at)),
                )
                .await?;
        }
        session.commit().await?;
        Ok(Step::Done)
    }
}
