//! What every part of a compilation needs: the input, and names that stay the same for ever.

use mandate_model::{CompileInput, OsVersion, Platform, Profile, ProfileId, Refusal, User};
use plist::{Dictionary, Value};
use uuid::Uuid;

/// One compilation.
pub(super) struct Context<'a> {
    pub(super) input: &'a CompileInput<'a>,
    /// The platform that the profile is for.
    pub(super) platform: Platform,
    pub(super) os: OsVersion,
}

impl<'a> Context<'a> {
    /// Refuses devices that are too old for the kind.
    pub(super) fn new(input: &'a CompileInput<'a>) -> Result<Self, Refusal> {
        let os = match (&input.device.facts.os_version, input.device.os_version()) {
            (_, Some(version)) => version,
            (None, None) => OsVersion::new(u16::MAX, 0),
            (Some(_), None) => {
                return Err(Refusal::MissingDeviceAttribute {
                    attribute: "osVersion".to_owned(),
                });
            }
        };
        let minimum = input.profile.kind.minimum_os;
        if os < minimum {
            return Err(Refusal::OsTooOld { minimum });
        }
        Ok(Self {
            input,
            platform: input.profile.kind.platform,
            os,
        })
    }

    pub(super) fn user(&self) -> Result<&'a User, Refusal> {
        self.input.user.ok_or(Refusal::NoUser)
    }

    /// The profile that a reference names.
    pub(super) fn referenced(
        &self,
        profile: &Profile,
        reference: &str,
    ) -> Result<&'a Profile, Refusal> {
        let found = profile
            .references
            .get(reference)
            .and_then(|id| self.input.referenced.get(id));
        found.ok_or_else(|| Refusal::MissingReference {
            reference: reference.to_owned(),
        })
    }

    /// `PayloadIdentifier` of the document: the same for every version of the profile on every device.
    pub(super) fn identifier(&self) -> String {
        identifier(
            &self.input.endpoints.identifier_prefix,
            self.input.profile.id,
        )
    }

    /// A payload with its common keys. `role` is its place in the document, `identity` what makes it another payload
    /// when it changes; usually nothing.
    pub(super) fn payload(
        &self,
        payload_type: &str,
        role: &str,
        identity: &str,
        label: &str,
    ) -> Payload {
        let uuid = self.payload_uuid(role, identity).to_string().to_uppercase();
        let mut keys = Dictionary::new();
        keys.insert("PayloadType".into(), payload_type.into());
        keys.insert("PayloadVersion".into(), 1.into());
        keys.insert(
            "PayloadIdentifier".into(),
            format!("{}.{role}", self.identifier()).into(),
        );
        keys.insert("PayloadUUID".into(), uuid.clone().into());
        keys.insert("PayloadDisplayName".into(), text(label));
        Payload { keys, uuid }
    }

    /// What a Mac may do with a private key: never give it out, and show it to apps as the profile says. Other platforms
    /// have no such keys. `extractable` is the key that forbids to give it out, and `since` the first macOS that has it.
    pub(super) fn guard_key(
        &self,
        profile: &Profile,
        extractable: &str,
        since: OsVersion,
        mut set: impl FnMut(&str, bool),
    ) {
        if self.platform != Platform::MacOs {
            return;
        }
        if self.os >= since {
            set(extractable, false);
        }
        let all_apps = profile.settings.get("allowAllAppsAccess");
        if let Some(allowed) = all_apps.and_then(serde_json::Value::as_bool) {
            set("AllowAllAppsAccess", allowed);
        }
    }

    fn payload_uuid(&self, role: &str, identity: &str) -> Uuid {
        let (profile, device) = (self.input.profile.id, self.input.device.id);
        let name = format!("payload\0{profile}\0{device}\0{role}\0{identity}");
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }
}

/// A payload in the making.
pub(super) struct Payload {
    pub(super) keys: Dictionary,
    pub(super) uuid: String,
}

impl Payload {
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.keys.insert(key.to_owned(), value.into());
    }
}

/// `PayloadUUID` of a document with this content.
pub(super) fn content_uuid(content_hash: &[u8; 32]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, content_hash)
}

/// `PayloadIdentifier` under which a profile is on devices.
pub(super) fn identifier(prefix: &str, profile: ProfileId) -> String {
    format!("{prefix}.profile.{profile}")
}

/// The host of an address, in lower case.
pub(super) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':', '?'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// A text as a value.
pub(super) fn text(value: &str) -> Value {
    Value::from(clean(value))
}

/// A text without what XML 1.0 cannot carry and without anything that looks like a mark for a challenge or a key.
pub(super) fn clean(value: &str) -> String {
    let allowed =
        |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    let mut clean: String = value.chars().filter(allowed).collect();
    // Taking a mark out may put two halves of another together.
    while clean.contains(MARK) {
        clean = clean.replace(MARK, "");
    }
    clean
}

/// Chosen once; changing it would make every payload of every device another one.
const NAMESPACE: Uuid = Uuid::from_u128(0x1f5e_8c0a_7d34_5b6e_9a1c_42d7_60b3_e815);

/// Begins every mark in [`mandate_model::Compiled::body`].
const MARK: &str = "@@mandate-";

#[cfg(test)]
mod tests {
    use mandate_model::{Compiled, Slot, StoredKey};

    use super::*;

    #[test]
    fn no_text_can_ask_for_a_secret() {
        let slot = Slot("x".to_owned());
        let key = StoredKey::Issued(slot.clone());
        for mark in [
            Compiled::challenge_mark(&slot),
            Compiled::identity_mark(&key),
            Compiled::password_mark(&key),
        ] {
            assert!(mark.starts_with(MARK));
            assert!(!clean(&mark).contains("mandate"), "{mark}");
        }
        assert_eq!(clean("@@mandate-@@mandate-x"), "x");
        assert_eq!(clean("@@man@@mandate-date-password:x@@"), "password:x@@");
    }
}
