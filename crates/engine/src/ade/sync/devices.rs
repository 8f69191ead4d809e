//! Devices in: all of them, or what has changed since.

use std::sync::atomic::Ordering;

use mandate_model::Timestamp;
use mandate_store::{AdeDeviceRecord, AdeSource, AdeTokenRecord, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::client::{Client, Fault};
use super::account::at_once;
use super::{MOST_PAGES, Step, Sync, picked};
use crate::EngineError;

impl Sync<'_> {
    /// All devices, or what has changed since; each page is kept with its cursor, so that a restart goes on there.
    pub(super) async fn fetch_devices(&self, client: &Client<'_>) -> Result<Step, EngineError> {
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
            if !is_more && self.is_crowded.load(Ordering::Relaxed) {
                // Those that were left out are asked for again the next time, in case there is room then.
                token.cursor = None;
                "full".clone_into(&mut token.phase);
                token.fetch += 1;
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
        let limit = self.engine.options().ade.limits.devices;
        let mut room = limit - session.count_known_ade_devices(self.token).await?;
        for said in devices {
            let Some(serial) = said["serial_number"].as_str().and_then(serial_of) else {
                tracing::warn!("Apple named a device without a usable serial number");
                continue;
            };
            let known = session.find_ade_device(self.token, &serial).await?;
            let is_gone = said["op_type"].as_str() == Some("deleted");
            // That Apple knows nothing of it is why somebody imported it.
            if is_gone && known.as_ref().is_some_and(AdeDeviceRecord::is_imported) {
                continue;
            }
            let is_new = known.as_ref().is_none_or(|known| known.is_deleted);
            if is_new && !is_gone {
                if room <= 0 {
                    self.is_crowded.store(true, Ordering::Relaxed);
                    continue;
                }
                room -= 1;
            }
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
}

/// Apple does not know a cursor, or not any more (7 days), or wants one: everything has to be fetched.
fn is_of_cursor(fault: &Fault) -> bool {
    matches!(
        fault.word.as_str(),
        "EXPIRED_CURSOR" | "INVALID_CURSOR" | "CURSOR_REQUIRED"
    )
}

/// A serial number in upper case, unless it is none.
pub(in crate::ade) fn serial_of(text: &str) -> Option<String> {
    let text = text.trim();
    let is_serial = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_serial.then(|| text.to_ascii_uppercase())
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
        source: AdeSource::Apple,
        release_at: None,
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
