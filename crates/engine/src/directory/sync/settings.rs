//! How a directory is asked, and what is taken from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::kind::{self, DirectoryKind};
use crate::EngineError;
use crate::instance::hex;
use crate::providers::{host_of, is_loopback};

/// How a directory is asked, and what is taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the management API, each with a name of its own"
)]
pub struct SyncSettings {
    /// What it is.
    pub kind: DirectoryKind,
    /// Name for people.
    #[serde(default)]
    pub display_name: String,
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]`.
    pub url: String,
    /// Begin TLS on the plain connection of `ldap://`.
    #[serde(default)]
    pub start_tls: bool,
    /// Let everything, the password too, travel in clear.
    #[serde(default)]
    pub allow_clear_text: bool,
    /// Roots (PEM) of its certificate, instead of those of this machine.
    #[serde(default)]
    pub roots: Option<String>,
    /// The account that reads, as it binds; its password is kept apart.
    pub account: String,
    /// Where people are looked for.
    pub base: String,
    /// Where groups are looked for; the same place unless it is said.
    #[serde(default)]
    pub group_base: Option<String>,
    /// Which people, beside what the kind says (RFC 4515).
    #[serde(default)]
    pub user_filter: Option<String>,
    /// Which groups, beside what the kind says (RFC 4515).
    #[serde(default)]
    pub group_filter: Option<String>,
    /// Whether groups are taken.
    #[serde(default = "yes")]
    pub sync_groups: bool,
    /// Which attribute a property is read from, where it is not the usual one; an empty name leaves the property alone.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// What a property is when the directory has no value for it; `{property}` stands for another property.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Properties without which nobody is taken.
    #[serde(default)]
    pub required: Vec<String>,
    /// Full DNS name of the domain, where it is not to be found in the directory.
    #[serde(default)]
    pub domain_name: Option<String>,
    /// Short name of the domain, where it is not to be found in the directory.
    #[serde(default)]
    pub net_bios_name: Option<String>,
    /// Minutes from one synchronisation to the next.
    #[serde(default = "half_an_hour")]
    pub interval_minutes: u32,
    /// Hours after which everything is read again, and not only what changed.
    #[serde(default = "a_day")]
    pub full_every_hours: u32,
    /// How many people and groups may be gone at once before somebody has to confirm it.
    #[serde(default = "fifty")]
    pub most_deletions: u32,
    /// How many in a hundred may be.
    #[serde(default = "ten")]
    pub most_deletions_percent: u32,
    /// Days after which what is gone is deleted here too; 0 keeps it until somebody deletes it.
    #[serde(default = "a_month")]
    pub delete_after_days: u32,
    /// Whether people who have a role here may be matched by name.
    #[serde(default)]
    pub trusts_names: bool,
    /// Whether nothing is read for now.
    #[serde(default)]
    pub is_paused: bool,
}

const fn yes() -> bool {
    true
}

const fn half_an_hour() -> u32 {
    30
}

const fn a_day() -> u32 {
    24
}

const fn fifty() -> u32 {
    50
}

const fn ten() -> u32 {
    10
}

const fn a_month() -> u32 {
    30
}

impl SyncSettings {
    /// Reads settings as they are written in the management API; the password is not among them.
    pub(super) fn read(body: Map<String, Value>) -> Result<Self, EngineError> {
        let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
        if !DirectoryKind::NAMES.contains(&kind) {
            let rule = "must be `activeDirectory` or `ldap`";
            return Err(EngineError::invalid("kind", rule, Some(kind)));
        }
        for required in ["url", "account", "base"] {
            if !body.get(required).is_some_and(Value::is_string) {
                return Err(EngineError::invalid(required, "is needed", None));
            }
        }
        let settings: Self = serde_json::from_value(Value::Object(body))
            .map_err(|error| EngineError::invalid("settings", &error.to_string(), None))?;
        settings.checked()
    }

    /// The settings as they are written in the management API.
    pub fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// What makes everything be read again when it changes.
    pub(super) fn fingerprint(&self) -> String {
        let mut map = self.to_map();
        for name in [
            "displayName",
            "intervalMinutes",
            "fullEveryHours",
            "mostDeletions",
            "mostDeletionsPercent",
            "deleteAfterDays",
            "isPaused",
            "roots",
            "account",
        ] {
            map.remove(name);
        }
        let digest = mandate_pki::sha256(Value::Object(map).to_string().as_bytes());
        hex(&digest)
    }

    /// Whether a password that is kept would be sent to somebody else than it was given for.
    pub(super) fn leads_elsewhere(&self, after: &Self) -> bool {
        self.url != after.url
            || (self.start_tls && !after.start_tls)
            || (!self.allow_clear_text && after.allow_clear_text)
    }

    fn checked(mut self) -> Result<Self, EngineError> {
        for text in [
            &mut self.display_name,
            &mut self.url,
            &mut self.account,
            &mut self.base,
        ] {
            *text = text.trim().to_owned();
        }
        for text in [
            &mut self.group_base,
            &mut self.user_filter,
            &mut self.group_filter,
            &mut self.domain_name,
            &mut self.net_bios_name,
        ] {
            *text = text
                .take()
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
        }
        self.check_way()?;
        self.check_names()?;
        self.check_numbers()?;
        Ok(self)
    }

    fn check_way(&mut self) -> Result<(), EngineError> {
        self.url.truncate(self.url.trim_end_matches('/').len());
        let rest = ["ldaps://", "ldap://"]
            .iter()
            .find_map(|scheme| self.url.strip_prefix(scheme));
        if rest.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            let rule = "must be an address such as `ldaps://dc1.example.com` or `ldap://dc1.example.com:389`";
            return Err(EngineError::invalid("url", rule, Some(&self.url)));
        }
        if self.start_tls && self.url.starts_with("ldaps://") {
            let rule = "cannot be `true` with `ldaps://`, which is TLS already";
            return Err(EngineError::invalid("startTls", rule, None));
        }
        let is_plain = self.url.starts_with("ldap://") && !self.start_tls;
        if is_plain && !self.allow_clear_text && !is_loopback(host_of(&self.url)) {
            let rule = "must be `true` with `ldap://`, or the password would travel in clear; `allowClearText` lets it";
            return Err(EngineError::invalid("startTls", rule, None));
        }
        if let Some(roots) = &self.roots {
            let read = mandate_pki::certificate::Certificate::all_from_pem(roots);
            if !read.is_ok_and(|roots| !roots.is_empty()) {
                let rule = "must be certificates in PEM";
                return Err(EngineError::invalid("roots", rule, None));
            }
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), EngineError> {
        let texts = [
            ("displayName", &self.display_name, 0, 64),
            ("account", &self.account, 1, 1024),
            ("base", &self.base, 1, 1024),
        ];
        for (property, text, least, most) in texts {
            let length = text.chars().count();
            if length < least || length > most {
                let rule = format!("must have {least} to {most} characters");
                return Err(EngineError::invalid(property, &rule, None));
            }
        }
        for (property, filter) in [
            ("userFilter", &self.user_filter),
            ("groupFilter", &self.group_filter),
        ] {
            if let Some(filter) = filter
                && !is_one_filter(filter)
            {
                let rule = "must be one filter in parentheses, such as `(department=Sales)`";
                return Err(EngineError::invalid(property, rule, Some(filter)));
            }
        }
        for (property, attribute) in &self.attributes {
            if kind::usual(self.kind, property).is_none() {
                let rule = format!("`{property}` is no property that is read from a directory");
                return Err(EngineError::invalid("attributes", &rule, None));
            }
            // RFC 4512 §2.5, without options.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            if !attribute.chars().all(is_plain) || attribute.len() > 128 {
                let rule = "must name attributes";
                return Err(EngineError::invalid("attributes", rule, Some(attribute)));
            }
        }
        let named = self.defaults.keys().chain(&self.required);
        for property in named {
            if !kind::is_text(property) {
                let rule = format!("`{property}` is no text that is read from a directory");
                return Err(EngineError::invalid("defaults", &rule, None));
            }
        }
        if self.defaults.values().any(|text| text.len() > 256) {
            let rule = "must have at most 256 characters each";
            return Err(EngineError::invalid("defaults", rule, None));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), EngineError> {
        let numbers = [
            ("intervalMinutes", self.interval_minutes, 1, 7 * 24 * 60),
            ("fullEveryHours", self.full_every_hours, 1, 31 * 24),
            ("mostDeletions", self.most_deletions, 1, 1_000_000),
            ("mostDeletionsPercent", self.most_deletions_percent, 1, 100),
            ("deleteAfterDays", self.delete_after_days, 0, 3650),
        ];
        for (property, number, least, most) in numbers {
            if number < least || number > most {
                let rule = format!("must be {least} to {most}");
                let number = number.to_string();
                return Err(EngineError::invalid(property, &rule, Some(&number)));
            }
        }
        Ok(())
    }
}

/// Whether a text is one filter whose parentheses belong together; what is in it is the server's to judge.
fn is_one_filter(filter: &str) -> bool {
    if filter.len() > 4096 || filter.contains('\0') {
        return false;
    }
    let mut open = 0_usize;
    for (place, c) in filter.char_indices() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return false,
            ')' => open -= 1,
            _ if open == 0 => return false,
            _ => {}
        }
        if open == 0 && place + 1 != filter.len() {
            return false;
        }
    }
    open == 0 && !filter.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "it is written on the spot")]
    fn read(more: Value) -> Result<SyncSettings, String> {
        let mut body = json!({
            "kind": "activeDirectory", "url": "ldaps://dc1.example.com",
            "account": "sync@example.com", "base": "DC=example,DC=com",
        });
        let map = body.as_object_mut().unwrap();
        map.extend(more.as_object().cloned().unwrap());
        SyncSettings::read(map.clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_as_usual_and_reads_back() {
        let settings = read(json!({})).unwrap();
        assert_eq!(
            (settings.interval_minutes, settings.full_every_hours),
            (30, 24)
        );
        assert!(settings.sync_groups && !settings.trusts_names);
        assert_eq!(SyncSettings::read(settings.to_map()).unwrap(), settings);
    }

    #[test]
    fn nothing_travels_in_clear_unless_it_is_allowed() {
        assert!(
            read(json!({"url": "ldap://dc1"}))
                .unwrap_err()
                .contains("clear")
        );
        assert!(read(json!({"url": "ldap://dc1", "startTls": true})).is_ok());
        assert!(read(json!({"url": "ldap://dc1", "allowClearText": true})).is_ok());
        assert!(read(json!({"url": "ldap://127.0.0.1:389"})).is_ok());
        assert!(read(json!({"url": "http://dc1"})).is_err());
        assert!(read(json!({"url": "ldaps://dc1", "startTls": true})).is_err());
        let plain = read(json!({"url": "ldap://dc1", "startTls": true})).unwrap();
        let clear = SyncSettings {
            start_tls: false,
            allow_clear_text: true,
            ..plain.clone()
        };
        assert!(plain.leads_elsewhere(&clear) && !plain.leads_elsewhere(&plain));
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        for (more, named) in [
            (json!({"kind": "novell"}), "kind"),
            (json!({"account": ""}), "account"),
            (json!({"base": null}), "base"),
            (json!({"userFilter": "department=Sales"}), "userFilter"),
            (json!({"groupFilter": "(a=b)(c=d)"}), "groupFilter"),
            (json!({"userFilter": "(a=b))("}), "userFilter"),
            (json!({"attributes": {"shoeSize": "shoe"}}), "shoeSize"),
            (json!({"attributes": {"mail": "a)(b"}}), "attributes"),
            (json!({"required": ["proxyAddresses"]}), "proxyAddresses"),
            (json!({"intervalMinutes": 0}), "intervalMinutes"),
            (json!({"mostDeletionsPercent": 101}), "mostDeletionsPercent"),
            (json!({"roots": "none"}), "roots"),
            (json!({"tenant": "x"}), "tenant"),
        ] {
            let error = read(more.clone()).unwrap_err();
            assert!(error.contains(named), "{more}: {error}");
        }
        assert!(read(json!({"userFilter": "(&(a=b)(|(c=d)(e=\\28)))"})).is_ok());
    }
}
