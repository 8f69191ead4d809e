//! What the service knows: devices and how they changed, profiles, sessions and cursors.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// Cursors live for a week.
const CURSOR_SECONDS: i64 = 7 * 86_400;

/// Status, body, and seconds of `Retry-After`.
pub(super) type Trouble = (u16, String, Option<u32>);

#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "OAuth's names")]
pub(super) struct Token {
    pub(super) consumer_key: String,
    pub(super) consumer_secret: String,
    pub(super) access_token: String,
    pub(super) access_secret: String,
}

#[derive(Debug, Clone)]
struct Sold {
    family: String,
    profile: Option<String>,
}

/// Where somebody is: in a full fetch, after so many devices; else after so many changes.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    is_full: bool,
    place: usize,
    /// How many changes there had been when the full fetch began.
    changes: usize,
    given_at: i64,
}

pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) token: Option<Token>,
    pub(super) nonces: BTreeSet<String>,
    pub(super) sessions: BTreeSet<String>,
    pub(super) has_agreed: bool,
    pub(super) troubles: VecDeque<Trouble>,
    pub(super) outcomes: BTreeMap<String, String>,
    pub(super) asked: Vec<String>,
    pub(super) page: usize,
    pub(super) cursors: BTreeSet<String>,
    places: BTreeMap<String, Cursor>,
    devices: BTreeMap<String, Sold>,
    changes: Vec<(String, &'static str)>,
    profiles: BTreeMap<String, Value>,
}

impl World {
    pub(super) fn new(chance: Chance) -> Self {
        Self {
            chance,
            token: None,
            nonces: BTreeSet::new(),
            sessions: BTreeSet::new(),
            has_agreed: true,
            troubles: VecDeque::new(),
            outcomes: BTreeMap::new(),
            asked: Vec::new(),
            page: 1_000,
            cursors: BTreeSet::new(),
            places: BTreeMap::new(),
            devices: BTreeMap::new(),
            changes: Vec::new(),
            profiles: BTreeMap::new(),
        }
    }

    pub(super) fn new_token(&mut self) -> Token {
        let mut part = |kind: &str| format!("{kind}_{}", self.chance.uuid().replace('-', ""));
        let token = Token {
            consumer_key: part("CK"),
            consumer_secret: part("CS"),
            access_token: part("AT"),
            access_secret: part("AS"),
        };
        self.token = Some(token.clone());
        self.sessions.clear();
        token
    }

    pub(super) fn new_session(&mut self) -> String {
        let session = format!("session-{}", self.chance.uuid());
        self.sessions.insert(session.clone());
        session
    }

    pub(super) fn sell(&mut self, serial: &str, family: &str) {
        let sold = Sold {
            family: family.to_owned(),
            profile: None,
        };
        self.devices.insert(serial.to_owned(), sold);
        self.changes.push((serial.to_owned(), "added"));
    }

    pub(super) fn release(&mut self, serial: &str) {
        self.devices.remove(serial);
        self.changes.push((serial.to_owned(), "deleted"));
    }

    fn shown(&self, serial: &str) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("serial_number".to_owned(), json!(serial));
        if let Some(device) = self.devices.get(serial) {
            let os = if device.family == "Mac" { "OSX" } else { "iOS" };
            for (name, value) in [
                ("model", json!(format!("{} of the stand-in", device.family))),
                ("description", json!(format!("{} 64GB", device.family))),
                ("color", json!("black")),
                ("asset_tag", json!("")),
                ("device_family", json!(device.family)),
                ("os", json!(os)),
                ("device_assigned_by", json!("admin@contoso.com")),
            ] {
                shown.insert(name.to_owned(), value);
            }
            match &device.profile {
                Some(profile) => {
                    shown.insert("profile_status".to_owned(), json!("assigned"));
                    shown.insert("profile_uuid".to_owned(), json!(profile));
                }
                None => {
                    shown.insert("profile_status".to_owned(), json!("empty"));
                }
            }
        }
        shown
    }

    fn cursor(&mut self, cursor: Cursor) -> String {
        let name = format!("cursor-{}", self.chance.uuid());
        self.cursors.insert(name.clone());
        self.places.insert(name.clone(), cursor);
        name
    }

    fn place(&self, name: Option<&str>, now: i64) -> Result<Option<Cursor>, &'static str> {
        let Some(name) = name else { return Ok(None) };
        if !self.cursors.contains(name) {
            return Err("INVALID_CURSOR");
        }
        match self.places.get(name) {
            Some(cursor) if now - cursor.given_at > CURSOR_SECONDS => Err("EXPIRED_CURSOR"),
            Some(cursor) => Ok(Some(*cursor)),
            None => Err("INVALID_CURSOR"),
        }
    }

    /// `POST /server/devices`
    pub(super) fn fetch(&mut self, body: &Value, now: i64) -> Result<Value, &'static str> {
        let place = self.place(body["cursor"].as_str(), now)?;
        if place.is_some_and(|place| !place.is_full) {
            return Err("EXHAUSTED_CURSOR");
        }
        let (from, changes) = place.map_or((0, self.changes.len()), |place| {
            (place.place, place.changes)
        });
        let page = self.page_of(body);
        let serials: Vec<String> = self.devices.keys().skip(from).take(page).cloned().collect();
        let devices: Vec<Map<String, Value>> =
            serials.iter().map(|serial| self.shown(serial)).collect();
        let place = from + devices.len();
        let is_more = place < self.devices.len();
        let cursor = self.cursor(Cursor {
            is_full: is_more,
            place: if is_more { place } else { changes },
            changes,
            given_at: now,
        });
        Ok(
            json!({ "cursor": cursor, "devices": devices, "more_to_follow": is_more, "fetched_until": "2026-01-01T00:00:00Z" }),
        )
    }

    /// `POST /devices/sync`
    pub(super) fn sync(&mut self, body: &Value, now: i64) -> Result<Value, &'static str> {
        let place = self
            .place(body["cursor"].as_str(), now)?
            .ok_or("CURSOR_REQUIRED")?;
        if place.is_full {
            return Err("INVALID_CURSOR");
        }
        if place.place >= self.changes.len() {
            return Err("EXHAUSTED_CURSOR");
        }
        let page = self.page_of(body);
        let changes: Vec<(String, &str)> = self
            .changes
            .iter()
            .skip(place.place)
            .take(page)
            .cloned()
            .collect();
        let devices: Vec<Map<String, Value>> = changes
            .iter()
            .enumerate()
            .map(|(at, (serial, kind))| {
                let mut shown = self.shown(serial);
                shown.insert("op_type".to_owned(), json!(kind));
                shown.insert(
                    "op_date".to_owned(),
                    json!(format!("2026-01-01T00:00:{:02}Z", at % 60)),
                );
                shown
            })
            .collect();
        let next = place.place + changes.len();
        let is_more = next < self.changes.len();
        let cursor = self.cursor(Cursor {
            place: next,
            given_at: now,
            ..place
        });
        Ok(
            json!({ "cursor": cursor, "devices": devices, "more_to_follow": is_more, "fetched_until": "2026-01-01T00:00:00Z" }),
        )
    }

    fn page_of(&self, body: &Value) -> usize {
        let asked = body["limit"]
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok());
        asked.unwrap_or(100).min(self.page)
    }

    /// `POST /profile`
    pub(super) fn define(&mut self, body: &Value) -> Result<Value, &'static str> {
        let url = body["url"].as_str().unwrap_or_default();
        // Apple wants https; on loopback nobody has a certificate.
        if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
            return Err("CONFIG_URL_REQUIRED");
        }
        if !(1..=125).contains(
            &body["profile_name"]
                .as_str()
                .unwrap_or_default()
                .chars()
                .count(),
        ) {
            return Err("CONFIG_NAME_REQUIRED");
        }
        if body["is_mdm_removable"] == false && body["is_supervised"] == false {
            return Err("FLAGS_INVALID");
        }
        let id = self.chance.uuid().replace('-', "").to_uppercase();
        self.profiles.insert(id.clone(), body.clone());
        Ok(json!({ "profile_uuid": id, "devices": {} }))
    }

    /// `POST /profile/devices`, or `DELETE` without a profile.
    pub(super) fn assign(&mut self, body: &Value, takes: bool) -> Result<Value, &'static str> {
        let profile = body["profile_uuid"].as_str();
        if !takes && profile.is_none_or(|profile| !self.profiles.contains_key(profile)) {
            return Err("NOT_FOUND");
        }
        let serials = body["devices"].as_array().ok_or("DEVICE_ID_REQUIRED")?;
        let mut outcomes = Map::new();
        for serial in serials.iter().filter_map(Value::as_str) {
            let outcome = match self.devices.get_mut(serial) {
                None => "NOT_ACCESSIBLE".to_owned(),
                Some(device) => {
                    let outcome = self.outcomes.get(serial).cloned();
                    let outcome = outcome.unwrap_or_else(|| "SUCCESS".to_owned());
                    if outcome == "SUCCESS" {
                        device.profile = profile.filter(|_| !takes).map(str::to_owned);
                        self.changes.push((serial.to_owned(), "modified"));
                    }
                    outcome
                }
            };
            outcomes.insert(serial.to_owned(), json!(outcome));
        }
        Ok(json!({ "profile_uuid": profile, "devices": outcomes }))
    }

    /// `POST /devices/disown`
    pub(super) fn disown(&mut self, body: &Value) -> Result<Value, &'static str> {
        let serials = body["devices"].as_array().ok_or("DEVICE_ID_REQUIRED")?;
        let mut outcomes = Map::new();
        for serial in serials.iter().filter_map(Value::as_str) {
            let outcome = if self.devices.contains_key(serial) {
                let outcome = self.outcomes.get(serial).cloned();
                outcome.unwrap_or_else(|| "SUCCESS".to_owned())
            } else {
                "NOT_ACCESSIBLE".to_owned()
            };
            if outcome == "SUCCESS" {
                self.release(serial);
            }
            outcomes.insert(serial.to_owned(), json!(outcome));
        }
        Ok(json!({ "devices": outcomes }))
    }

    pub(super) fn activation(&self, serial: &str) -> Option<Value> {
        let profile = self.devices.get(serial)?.profile.as_ref()?;
        self.profiles.get(profile).cloned()
    }
}
