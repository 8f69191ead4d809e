//! Finds each setting where it was said, and remembers where that was.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Serialize;

/// A setting in force, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// Key in `mandate.toml`.
    pub(crate) key: &'static str,
    /// Value as text.
    pub(crate) value: String,
    /// `flag`, `MANDATE_…`, the file, or `default`.
    pub(crate) source: String,
}

/// The file in the data directory.
pub(super) const FILE: &str = "mandate.toml";
/// Its keys.
const KEYS: &[&str] = &[
    "http",
    "https",
    "device_https",
    "host",
    "device_url",
    "trusted_proxy",
    "database",
    "tls_certificate",
    "tls_key",
    "apns_endpoint",
    "apns_roots",
    "apple_device_authorities",
    "apple_enrolment_service",
    "apple_enrolment_service_roots",
    "account_driven_enrolment",
    "secret_key",
    "secret_key_command",
    "webhook_url",
    "webhook_secret_file",
    "audit_webhook_url",
    "audit_webhook_secret_file",
    "audit_retention_days",
    "expiry_alert_days",
    "smtp_server",
    "smtp_security",
    "smtp_username",
    "smtp_password_file",
    "smtp_roots",
    "mail_from",
    "dns_server",
    "mac_user_attributes",
    "legacy_clients",
    "enrolment_without_push",
    "password_min_length",
    "breached_passwords",
    "session_idle_minutes",
    "session_hours",
    "token_key_days",
    "refresh_idle_days",
    "refresh_longest_days",
    "log",
];

/// A variable of the process.
pub(super) fn variable(name: &str) -> Option<String> {
    // `vars` would panic over any variable of the process that is no text.
    std::env::vars_os()
        .find(|(key, _)| key == name)
        .and_then(|(_, value)| value.into_string().ok())
}

/// What the file says; nothing if there is none.
pub(super) fn read_file(data: &Path) -> anyhow::Result<toml::Table> {
    let path = data.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(toml::Table::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("`{}` is not valid TOML", path.display()))?;
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!(
            "`{}`: `{unknown}` is no setting; the settings are {}",
            path.display(),
            KEYS.join(", ")
        );
    }
    Ok(table)
}

/// Finds what was said of settings.
pub(super) struct Resolver<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) file: &'a toml::Table,
    /// What was found, in the order in which it was asked for.
    pub(super) settings: Vec<Setting>,
}

impl Resolver<'_> {
    pub(super) fn text(
        &mut self,
        key: &'static str,
        flag: Option<String>,
        default: Option<&str>,
    ) -> anyhow::Result<Option<String>> {
        let variable = format!("MANDATE_{}", key.to_uppercase());
        let found = if let Some(value) = flag {
            Some((value, "flag".to_owned()))
        } else if let Some(value) = (self.variable)(&variable) {
            Some((value, variable))
        } else if let Some(value) = self.file.get(key) {
            Some((plain(key, value)?, FILE.to_owned()))
        } else {
            default.map(|value| (value.to_owned(), "default".to_owned()))
        };
        if let Some((value, source)) = &found {
            let value = match key {
                "database" => without_password(value),
                "webhook_url" | "audit_webhook_url" => without_query(value),
                _ => value.clone(),
            };
            self.settings.push(Setting {
                key,
                value,
                source: source.clone(),
            });
        }
        Ok(found.map(|(value, _)| value))
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        default: i64,
        range: std::ops::RangeInclusive<i64>,
    ) -> anyhow::Result<i64> {
        let text = self
            .text(key, None, Some(&default.to_string()))?
            .unwrap_or_default();
        match text.trim().parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => bail!(
                "`{key}` is `{text}`, but must be a whole number from {} to {}",
                range.start(),
                range.end()
            ),
        }
    }

    pub(super) fn switch(&mut self, key: &'static str, flag: bool) -> anyhow::Result<bool> {
        let value = self
            .text(key, flag.then(|| "true".to_owned()), Some("false"))?
            .unwrap_or_default();
        match value.as_str() {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" | "" => Ok(false),
            other => bail!("`{key}` is `{other}`, but must be `true` or `false`"),
        }
    }
}

/// A value of the file as the text that a flag would have; lists are joined by commas.
fn plain(key: &str, value: &toml::Value) -> anyhow::Result<String> {
    Ok(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Boolean(switch) => switch.to_string(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| plain(key, item))
            .collect::<anyhow::Result<Vec<_>>>()?
            .join(","),
        other => bail!(
            "`{FILE}`: `{key}` is a {}, but must be a text, a number, a switch or a list of these",
            other.type_str()
        ),
    })
}

fn without_password(url: &str) -> String {
    // Options may name a password as well.
    let url = url.split(['?', ' ']).next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}://{user}{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// An address without what stands behind it, which may be a token.
fn without_query(url: &str) -> String {
    match url.split_once('?') {
        Some((address, _)) => format!("{}?…", without_password(address)),
        None => without_password(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_webhook_is_shown_without_its_token() {
        assert_eq!(
            without_query("https://u:p@x.example/h?token=t"),
            "https://u@x.example/h?…"
        );
        assert_eq!(without_query("https://x.example/h"), "https://x.example/h");
    }

    #[test]
    fn the_password_of_a_database_is_not_shown() {
        assert_eq!(
            without_password("postgres://m:secret@db/x"),
            "postgres://m@db/x"
        );
    }
}
