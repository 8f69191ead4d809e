//! Bringing tokens in step with Apple: devices in, profiles and assignments out.

use mandate_model::Timestamp;
use mandate_store::{AdeDeviceRecord, AdeProfileRecord, AdeTokenRecord, Session};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::AdeSettings;
use super::client::{Client, Fault, next_try};
use crate::{Engine, EngineError};

/// Between two times that Apple is asked for changes.
const EVERY: i64 = Timestamp::HOUR;
/// How long a token is left alone by others while one is at it, from one page to the next.
const HELD: i64 = 10 * Timestamp::MINUTE;
/// Devices asked for, or assigned, at once; Apple allows no more.
const AT_ONCE: u32 = 1_000;
/// More pages than the most devices that a token may have.
const MOST_PAGES: usize = 2_000;
/// Pauses before an assignment is tried again, by Apple's word.
const PAUSES: [(&str, i64); 3] = [
    ("NOT_ACCESSIBLE", Timestamp::DAY),
    ("THROTTLED", 30 * Timestamp::MINUTE),
    ("FAILED", Timestamp::HOUR),
];

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
}

impl Sync<'_> {
    async fn run(&self) -> Result<Step, EngineError> {
        let client = match self.engine.ade_client(self.token).await? {
            Ok(client) => client,
            Err(fault) => return Ok(Step::Fault(fault)),
        };
        done!(self.fetch_account(&client).await?);
        done!(self.fetch_devices(&client).await?);
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

    /// What Apple says of the server, once for each token.
    async fn fetch_account(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        let Some(token) = self.record().await? else {
            return Ok(Step::Overtaken);
        };
        if token.account.is_some() {
            return Ok(Step::Done);
        }
        let answer = match client.ask("GET", "/account", None).await {
            Ok(answer) => answer,
            Err(fault) => return Ok(Step::Fault(fault)),
        };
        let mut account = picked(
            &answer,
            &[
                "server_name",
                "server_uuid",
                "org_name",
                "org_id",
                "org_type",
            ],
        );
        account.insert("limits".to_owned(), limits(&answer));
        let mut session = self.engine.store().write().await?;
        // Another server than before knows nothing of what was defined there.
        let known = token_setting(self.token);
        let uuid = account
            .get("server_uuid")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if session
            .find_setting(&known)
            .await?
            .is_some_and(|before| before != uuid)
        {
            session.undefine_ade_profiles(self.token).await?;
        }
        session.set_setting(&known, uuid).await?;
        let token = AdeTokenRecord {
            account: Some(Value::Object(account).to_string()),
            ..token
        };
        if !self.note(&mut session, &token).await? {
            return Ok(Step::Overtaken);
        }
        session.commit().await?;
        Ok(Step::Done)
    }

    /// All devices, or what has changed since; each page is kept with its cursor, so that a restart goes on there.
    async fn fetch_devices(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        let mut has_begun_anew = false;
        for _ in 0..MOST_PAGES {
            let Some(mut token) = self.record().await? else {
                return Ok(Step::Overtaken);
            };
            let is_full = token.phase == "full";
            let path = if is_full {
                "/server/devices"
            } else {
                "/devices/sync"
            };
            let mut body = json!({ "limit": at_once(&token) });
            if let Some(cursor) = &token.cursor {
                body["cursor"] = json!(cursor);
            }
            let answer = match client.ask("POST", path, Some(&body)).await {
                Ok(answer) => answer,
                // There is nothing new.
                Err(fault) if fault.word == "EXHAUSTED_CURSOR" => json!({ "cursor": token.cursor }),
                Err(fault) if is_of_cursor(&fault) && !has_begun_anew => {
                    has_begun_anew = true;
                    token.cursor = None;
                    "full".clone_into(&mut token.phase);
                    token.fetch += 1;
                    let mut session = self.engine.store().write().await?;
                    if !self.note(&mut session, &token).await? {
                        return Ok(Step::Overtaken);
                    }
                    session.commit().await?;
                    continue;
                }
                Err(fault) => return Ok(Step::Fault(fault)),
            };
            let cursor = answer["cursor"]
                .as_str()
                .map(|text| text.chars().take(4_096).collect::<String>());
            let is_more = answer["more_to_follow"].as_bool() == Some(true)
                && cursor.is_some()
                && cursor != token.cursor;
            let mut session = self.engine.store().write().await?;
            self.take_page(&mut session, &token, &answer).await?;
            token.cursor = cursor.or(token.cursor);
            if is_full && !is_more {
                session
                    .delete_unseen_ade_devices(self.token, token.fetch)
                    .await?;
                "delta".clone_into(&mut token.phase);
            }
            if !self.note(&mut session, &token).await? {
                return Ok(Step::Overtaken);
            }
            session.commit().await?;
            if !is_more {
                return Ok(Step::Done);
            }
        }
        Ok(Step::Fault(Fault::of_ours("tooManyPages")))
    }

    async fn take_page(
        &self,
        session: &mut Session,
        token: &AdeTokenRecord,
        answer: &Value,
    ) -> Result<(), EngineError> {
        let mut devices: Vec<&Value> = answer["devices"].as_array().into_iter().flatten().collect();
        // Several changes of one device count in the order of their times.
        devices.sort_by_key(|device| device["op_date"].as_str().unwrap_or_default());
        for said in devices {
            let Some(serial) = said["serial_number"].as_str().and_then(serial_of) else {
                tracing::warn!("Apple named a device without a usable serial number");
                continue;
            };
            let known = session.find_ade_device(self.token, &serial).await?;
            let record = device_of(
                said,
                (self.token, token.fetch),
                serial,
                known.as_ref(),
                self.engine.now(),
            );
            session.put_ade_device(&record).await?;
        }
        Ok(())
    }

    /// Tells Apple of profiles that are new or have changed. One that it does not take is no reason to stop.
    async fn define_profiles(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        let mut after = None;
        loop {
            let mut session = self.engine.store().read().await?;
            let Some(profile) = session.undefined_ade_profile(self.token, after).await? else {
                return Ok(Step::Done);
            };
            drop(session);
            after = Some(profile.id);
            let body = Value::Object(self.engine.apple_profile(&profile));
            let said = client.ask("POST", "/profile", Some(&body)).await;
            let (version, apple_id, problem) = match &said {
                Ok(answer) => match answer["profile_uuid"].as_str() {
                    Some(id) if (1..=128).contains(&id.len()) => (profile.version, Some(id), ""),
                    _ => return Ok(Step::Fault(Fault::of_ours("unreadableAnswer"))),
                },
                Err(fault) if fault.is_about_the_request() => (
                    profile.defined_version,
                    profile.apple_id.as_deref(),
                    fault.word.as_str(),
                ),
                Err(fault) => return Ok(Step::Fault(fault.clone())),
            };
            let mut session = self.engine.store().write().await?;
            if !self.is_held(&mut session).await? {
                return Ok(Step::Overtaken);
            }
            session
                .note_ade_definition(profile.id, version, apple_id, problem)
                .await?;
            session.commit().await?;
        }
    }

    /// Devices of which nobody has said which profile they are to have get the default one.
    async fn give_defaults(&self) -> Result<Step, EngineError> {
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

    async fn assign(&self, client: &Client<'_>) -> Result<Step, EngineError> {
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

    async fn unassign(&self, client: &Client<'_>) -> Result<Step, EngineError> {
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
            let pause = PAUSES.iter().find(|(word, _)| *word == outcome);
            let retry_at = now.plus(pause.map_or(Timestamp::HOUR, |(_, pause)| *pause));
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

impl Engine {
    /// A profile as Apple's service takes it.
    fn apple_profile(&self, record: &AdeProfileRecord) -> Map<String, Value> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let platform = super::profiles::platform_of(record);
        let settings = AdeSettings::stored(platform, &record.settings);
        let base = self.device_base_url();
        let url = format!("{base}/apple/ade/{}", record.id);
        let own = || vec![self.root().der().to_vec()];
        let anchors = self.options().ade.anchors.clone().unwrap_or_else(own);
        let anchors: Vec<String> = anchors.iter().map(|der| STANDARD.encode(der)).collect();
        let mut profile = settings.to_apple();
        for (name, value) in [
            (
                "profile_name",
                json!(record.name.chars().take(125).collect::<String>()),
            ),
            ("org_magic", json!(record.id.to_string())),
            ("anchor_certs", json!(anchors)),
            ("devices", json!([])),
        ] {
            profile.insert(name.to_owned(), value);
        }
        if settings.needs_person() {
            profile.insert(
                "configuration_web_url".to_owned(),
                json!(format!("{url}/sign-in")),
            );
        }
        profile.insert("url".to_owned(), json!(url));
        profile
    }
}

/// Which server at Apple a token was of last.
pub(super) fn token_setting(token: Uuid) -> String {
    format!("ade.server.{token}")
}

/// Apple does not know a cursor, or not any more (7 days), or wants one: everything has to be fetched.
fn is_of_cursor(fault: &Fault) -> bool {
    matches!(
        fault.word.as_str(),
        "EXPIRED_CURSOR" | "INVALID_CURSOR" | "CURSOR_REQUIRED"
    )
}

/// A serial number in upper case, unless it is none.
pub(super) fn serial_of(text: &str) -> Option<String> {
    let text = text.trim();
    let is_serial = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_serial.then(|| text.to_ascii_uppercase())
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

/// The most devices for each address, as Apple says.
fn limits(answer: &Value) -> Value {
    let urls = answer["urls"].as_array().into_iter().flatten();
    urls.filter_map(|url| {
        let most = url["limit"]["maximum"].as_u64()?;
        Some((url["uri"].as_str()?.to_owned(), json!(most)))
    })
    .take(50)
    .collect::<Map<_, _>>()
    .into()
}

/// How many devices Apple takes at once.
fn at_once(token: &AdeTokenRecord) -> u32 {
    let account = token.account.as_deref().unwrap_or_default();
    let account: Value = serde_json::from_str(account).unwrap_or_default();
    let limit = account["limits"]["/profile/devices"].as_u64();
    let limit = limit.and_then(|limit| u32::try_from(limit).ok());
    limit.unwrap_or(AT_ONCE).clamp(1, AT_ONCE)
}

/// A device as Apple says it is now.
fn device_of(
    said: &Value,
    (token, fetch): (Uuid, i64),
    serial: String,
    known: Option<&AdeDeviceRecord>,
    now: Timestamp,
) -> AdeDeviceRecord {
    let is_deleted = said["op_type"].as_str() == Some("deleted");
    let platform = match said["device_family"].as_str() {
        Some("iPhone" | "iPad" | "iPod") => "ios".to_owned(),
        Some("Mac") => "macos".to_owned(),
        Some(other) => other.chars().take(32).collect::<String>().to_lowercase(),
        None => known
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), |known| known.platform.clone()),
    };
    let assigned = match said["profile_status"].as_str() {
        Some("assigned" | "pushed") => said["profile_uuid"]
            .as_str()
            .map(|id| id.chars().take(128).collect()),
        Some(_) => None,
        None => known.as_ref().and_then(|known| known.assigned.clone()),
    };
    let facts = picked(
        said,
        &[
            "model",
            "description",
            "color",
            "asset_tag",
            "device_family",
            "os",
            "device_assigned_date",
            "device_assigned_by",
        ],
    );
    AdeDeviceRecord {
        token_id: token,
        serial,
        platform,
        facts: Value::Object(facts).to_string(),
        is_deleted,
        fetch,
        profile_id: None,
        requested_at: None,
        assigned: if is_deleted { None } else { assigned },
        problem: String::new(),
        retry_at: None,
        contacted_at: None,
        added_at: now,
        is_enrolled: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_as_apple_says_last() {
        let now = Timestamp(7);
        let token = (Uuid::nil(), 3);
        let said = json!({"serial_number": "c1", "device_family": "iPhone", "model": "iPhone 15",
            "profile_status": "assigned", "profile_uuid": "P1", "op_type": "added"});
        let one = device_of(&said, token, serial_of("c1").unwrap(), None, now);
        assert_eq!((one.serial.as_str(), one.platform.as_str()), ("C1", "ios"));
        assert_eq!(one.assigned.as_deref(), Some("P1"));
        // What is not said stays.
        let two = device_of(
            &json!({"op_type": "modified"}),
            token,
            "C1".to_owned(),
            Some(&one),
            now,
        );
        assert_eq!(
            (two.assigned.as_deref(), two.platform.as_str()),
            (Some("P1"), "ios")
        );
        let gone = device_of(
            &json!({"op_type": "deleted"}),
            token,
            "C1".to_owned(),
            Some(&one),
            now,
        );
        assert!(gone.is_deleted && gone.assigned.is_none());
    }

    #[test]
    fn what_is_no_serial_number_is_passed_over() {
        for text in ["", " ", "a/b", "x'y", &"A".repeat(65)] {
            assert_eq!(serial_of(text), None, "{text}");
        }
        assert_eq!(serial_of(" c02-x ").as_deref(), Some("C02-X"));
    }
}
