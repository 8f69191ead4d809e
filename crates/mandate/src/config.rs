//! Configuration: flag, then `MANDATE_*` variable, then `mandate.toml` in the data directory, then the default.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;

/// Flags of `serve` and `config`. Each is also a variable (`--device-https` is `MANDATE_DEVICE_HTTPS`) and a key of
/// `mandate.toml` (`device_https`)
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Flags {
    /// Address for plain HTTP: loopback, or behind a proxy [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<String>,
    /// Address for TLS [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) https: Option<String>,
    /// Address for TLS that asks devices for their certificate [default: 0.0.0.0:8444]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) device_https: Option<String>,
    /// Host name that people and devices use; may be given several times, the first is told to devices [default:
    /// localhost, 127.0.0.1]
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Address that devices are told, if it is not https://HOST:PORT of --https
    #[arg(long, value_name = "URL")]
    pub(crate) device_url: Option<String>,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Certificate chain (PEM) for TLS, instead of one of this instance's own authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<String>,
    /// Key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<String>,
    /// Push service instead of Apple's, for tests
    #[arg(long, value_name = "URL")]
    pub(crate) apns_endpoint: Option<String>,
    /// Roots (PEM) of that push service
    #[arg(long, value_name = "FILE")]
    pub(crate) apns_roots: Option<String>,
    /// Accept what only simulators send: single DES and SHA-1 in SCEP, profiles in clear
    #[arg(long)]
    pub(crate) legacy_clients: bool,
    /// Enrol devices although there is no push certificate; they cannot be woken
    #[arg(long)]
    pub(crate) enrolment_without_push: bool,
    /// What is logged, such as `info` or `mandate=debug` [default: info]
    #[arg(long, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

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

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) http: String,
    pub(crate) https: String,
    pub(crate) device_https: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) device_url: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) tls_certificate: Option<String>,
    pub(crate) tls_key: Option<String>,
    pub(crate) apns_endpoint: Option<String>,
    pub(crate) apns_roots: Option<String>,
    pub(crate) legacy_clients: bool,
    pub(crate) enrolment_without_push: bool,
    pub(crate) log: String,
    pub(crate) settings: Vec<Setting>,
}

const FILE: &str = "mandate.toml";
const KEYS: [&str; 13] = [
    "http",
    "https",
    "device_https",
    "host",
    "device_url",
    "database",
    "tls_certificate",
    "tls_key",
    "apns_endpoint",
    "apns_roots",
    "legacy_clients",
    "enrolment_without_push",
    "log",
];

impl Config {
    /// Reads everything that may say something.
    pub(crate) fn read(data: &Path, flags: &Flags) -> anyhow::Result<Self> {
        let file = read_file(data)?;
        Self::resolve(
            flags,
            &|name| {
                std::env::vars()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value)
            },
            &file,
        )
    }

    fn resolve(
        flags: &Flags,
        variable: &dyn Fn(&str) -> Option<String>,
        file: &toml::Table,
    ) -> anyhow::Result<Self> {
        let mut resolver = Resolver {
            variable,
            file,
            settings: Vec::new(),
        };
        let mut text = |key, flag: Option<&String>, default: Option<&str>| {
            resolver.text(key, flag.cloned(), default)
        };
        let http = text("http", flags.http.as_ref(), Some("127.0.0.1:8080"))?.unwrap_or_default();
        let https = text("https", flags.https.as_ref(), Some("0.0.0.0:8443"))?.unwrap_or_default();
        let device_https = text(
            "device_https",
            flags.device_https.as_ref(),
            Some("0.0.0.0:8444"),
        )?
        .unwrap_or_default();
        let hosts = (!flags.host.is_empty()).then(|| flags.host.join(","));
        let hosts = text("host", hosts.as_ref(), Some("localhost,127.0.0.1"))?.unwrap_or_default();
        let device_url = text("device_url", flags.device_url.as_ref(), None)?;
        let database = text("database", flags.database.as_ref(), None)?;
        let tls_certificate = text("tls_certificate", flags.tls_certificate.as_ref(), None)?;
        let tls_key = text("tls_key", flags.tls_key.as_ref(), None)?;
        let apns_endpoint = text("apns_endpoint", flags.apns_endpoint.as_ref(), None)?;
        let apns_roots = text("apns_roots", flags.apns_roots.as_ref(), None)?;
        let log = text("log", flags.log.as_ref(), Some("info"))?.unwrap_or_default();
        let legacy_clients = resolver.switch("legacy_clients", flags.legacy_clients)?;
        let enrolment_without_push =
            resolver.switch("enrolment_without_push", flags.enrolment_without_push)?;
        let hosts: Vec<String> = hosts
            .split(',')
            .map(|host| host.trim().to_owned())
            .filter(|host| !host.is_empty())
            .collect();
        if hosts.is_empty() {
            bail!("`host` is empty: give at least one name that devices can reach");
        }
        if tls_certificate.is_some() != tls_key.is_some() {
            bail!("`tls_certificate` and `tls_key` belong together: give both or neither");
        }
        Ok(Self {
            http,
            https,
            device_https,
            hosts,
            device_url: device_url.map(|url| url.trim_end_matches('/').to_owned()),
            database,
            tls_certificate,
            tls_key,
            apns_endpoint,
            apns_roots,
            legacy_clients,
            enrolment_without_push,
            log,
            settings: resolver.settings,
        })
    }
}

fn read_file(data: &Path) -> anyhow::Result<toml::Table> {
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

struct Resolver<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    file: &'a toml::Table,
    settings: Vec<Setting>,
}

impl Resolver<'_> {
    fn text(
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
            let value = if key == "database" {
                without_password(value)
            } else {
                value.clone()
            };
            self.settings.push(Setting {
                key,
                value,
                source: source.clone(),
            });
        }
        Ok(found.map(|(value, _)| value))
    }

    fn switch(&mut self, key: &'static str, flag: bool) -> anyhow::Result<bool> {
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
        toml::Value::Array(items) => items
            .iter()
            .map(|item| plain(key, item))
            .collect::<anyhow::Result<Vec<_>>>()?
            .join(","),
        other => bail!(
            "`{FILE}`: `{key}` is a {}, but must be a text, a list of texts or a switch",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: &Flags, variables: &[(&str, &str)], file: &str) -> anyhow::Result<Config> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::resolve(flags, &variable, &file.parse().unwrap())
    }

    #[test]
    fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
        let file = "http = \"1.1.1.1:1\"\nhttps = \"2.2.2.2:2\"\nhost = [\"a\", \"b\"]";
        let flags = Flags {
            http: Some("3.3.3.3:3".to_owned()),
            ..Flags::default()
        };
        let config = resolve(
            &flags,
            &[("MANDATE_HTTP", "4"), ("MANDATE_HTTPS", "5")],
            file,
        )
        .unwrap();
        assert_eq!(
            (config.http.as_str(), config.https.as_str()),
            ("3.3.3.3:3", "5")
        );
        assert_eq!(config.hosts, ["a", "b"]);
        assert_eq!(config.device_https, "0.0.0.0:8444");
        let source = |key| {
            config
                .settings
                .iter()
                .find(|setting| setting.key == key)
                .unwrap()
                .source
                .as_str()
        };
        assert_eq!(
            (
                source("http"),
                source("https"),
                source("host"),
                source("log")
            ),
            ("flag", "MANDATE_HTTPS", FILE, "default")
        );
    }

    #[test]
    fn a_wrong_switch_is_refused_by_name() {
        let error = resolve(
            &Flags::default(),
            &[("MANDATE_LEGACY_CLIENTS", "perhaps")],
            "",
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`legacy_clients` is `perhaps`, but must be `true` or `false`"
        );
    }

    #[test]
    fn the_password_of_a_database_is_not_shown() {
        assert_eq!(
            without_password("postgres://m:secret@db/x"),
            "postgres://m@db/x"
        );
    }
}
