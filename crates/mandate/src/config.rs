//! Configuration: flag, then `MANDATE_*` variable, then `mandate.toml` in the data directory, then the default.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use mandate_engine::{AccountMode, Options, SignInOptions};
use mandate_model::Timestamp;
use mandate_web::{Network, TrustedProxies};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::secret_key::{self, KeySource};

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
    /// Address or network of a proxy that is believed when it says for whom it asks; may be given several times [default:
    /// those on this machine, on the plain listener]
    #[arg(long, value_name = "NETWORK")]
    pub(crate) trusted_proxy: Vec<String>,
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
    /// Address that is told of certificates near their end, by POST
    #[arg(long, value_name = "URL")]
    pub(crate) webhook_url: Option<String>,
    /// File with the secret that signs what it is told
    #[arg(long, value_name = "FILE", requires = "webhook_url")]
    pub(crate) webhook_secret_file: Option<String>,
    /// Address that is told of each change, by POST
    #[arg(long, value_name = "URL")]
    pub(crate) audit_webhook_url: Option<String>,
    /// File with the secret that signs what it is told
    #[arg(long, value_name = "FILE", requires = "audit_webhook_url")]
    pub(crate) audit_webhook_secret_file: Option<String>,
    /// How long audit entries are kept, in days; 0 for ever [default: 730]
    #[arg(long, value_name = "DAYS")]
    pub(crate) audit_retention_days: Option<i64>,
    /// Days before the end of a certificate on which to tell [default: 60,30,14,7,1]
    #[arg(long, value_name = "DAYS")]
    pub(crate) expiry_alert_days: Option<String>,
    /// Mail server for mails to people: host, or host and port
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) smtp_server: Option<String>,
    /// How the connection to it is protected: starttls, tls or none [default: starttls]
    #[arg(long, value_name = "HOW")]
    pub(crate) smtp_security: Option<String>,
    /// Name to sign in to it with
    #[arg(long, value_name = "NAME")]
    pub(crate) smtp_username: Option<String>,
    /// File with the password of that name; the variable `MANDATE_SMTP_PASSWORD` may hold it instead
    #[arg(long, value_name = "FILE")]
    pub(crate) smtp_password_file: Option<String>,
    /// Roots (PEM) that it is trusted under, besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) smtp_roots: Option<String>,
    /// Address that mails to people come from, such as `IT <it@example.com>`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// Attributes of people, parted by commas, one of which is the short name of their account on Macs
    #[arg(long, value_name = "ATTRIBUTES")]
    pub(crate) mac_user_attributes: Option<String>,
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
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) database: Option<String>,
    pub(crate) tls_certificate: Option<String>,
    pub(crate) tls_key: Option<String>,
    pub(crate) apns_endpoint: Option<String>,
    pub(crate) apns_roots: Option<String>,
    pub(crate) apple: AppleWords,
    pub(crate) webhook_url: Option<String>,
    pub(crate) webhook_secret_file: Option<String>,
    pub(crate) audit_webhook_url: Option<String>,
    pub(crate) audit_webhook_secret_file: Option<String>,
    pub(crate) audit_retention_days: i64,
    pub(crate) expiry_alert_days: Vec<i64>,
    pub(crate) mail: MailWords,
    pub(crate) mac_user_attributes: Vec<String>,
    pub(crate) legacy_clients: bool,
    pub(crate) enrolment_without_push: bool,
    pub(crate) sign_in: SignInOptions,
    pub(crate) token_key_days: i64,
    pub(crate) refresh_idle_days: i64,
    pub(crate) refresh_longest_days: i64,
    pub(crate) log: String,
    pub(crate) settings: Vec<Setting>,
}

/// How Apple devices enrol by themselves and by accounts, as it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AppleWords {
    /// File with the authorities (PEM) of devices' own certificates.
    pub(crate) device_authorities: Option<String>,
    /// Enrolment service instead of Apple's, for tests.
    pub(crate) service: Option<String>,
    /// File with the roots (PEM) of that service.
    pub(crate) service_roots: Option<String>,
    /// What is enrolled of iPhones and iPads by an account.
    pub(crate) account_driven: Option<AccountMode>,
}

/// How mails to people are sent, as it was said.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct MailWords {
    pub(crate) server: Option<String>,
    pub(crate) security: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
    pub(crate) password_file: Option<String>,
    pub(crate) roots: Option<String>,
    pub(crate) from: Option<String>,
}

impl std::fmt::Debug for MailWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailWords")
            .field("server", &self.server)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

const FILE: &str = "mandate.toml";
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

impl Config {
    /// Reads everything that may say something.
    pub(crate) fn read(data: &Path, flags: &Flags) -> anyhow::Result<Self> {
        let file = read_file(data)?;
        Self::resolve(flags, &variable, &file)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "a line for each setting, in their order"
    )]
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
        let proxies = (!flags.trusted_proxy.is_empty()).then(|| flags.trusted_proxy.join(","));
        let proxies = text("trusted_proxy", proxies.as_ref(), None)?;
        let trusted_proxies = proxies_of(&proxies.unwrap_or_default())?;
        let database = text("database", flags.database.as_ref(), None)?;
        let tls_certificate = text("tls_certificate", flags.tls_certificate.as_ref(), None)?;
        let tls_key = text("tls_key", flags.tls_key.as_ref(), None)?;
        let apns_endpoint = text("apns_endpoint", flags.apns_endpoint.as_ref(), None)?;
        let apns_roots = text("apns_roots", flags.apns_roots.as_ref(), None)?;
        let apple = apple(&mut text)?;
        let webhook_url = text("webhook_url", flags.webhook_url.as_ref(), None)?;
        let webhook_secret_file = text(
            "webhook_secret_file",
            flags.webhook_secret_file.as_ref(),
            None,
        )?;
        let audit_webhook_url = text("audit_webhook_url", flags.audit_webhook_url.as_ref(), None)?;
        let audit_webhook_secret_file = text(
            "audit_webhook_secret_file",
            flags.audit_webhook_secret_file.as_ref(),
            None,
        )?;
        let retention = flags.audit_retention_days.map(|days| days.to_string());
        let retention = text("audit_retention_days", retention.as_ref(), Some("730"))?;
        let audit_retention_days = retention_days(&retention.unwrap_or_default())?;
        let alert_days = text(
            "expiry_alert_days",
            flags.expiry_alert_days.as_ref(),
            Some("60,30,14,7,1"),
        )?;
        let expiry_alert_days = days(&alert_days.unwrap_or_default())?;
        let usual = Options::default().mac_user_attributes.join(",");
        let mac_user_attributes = text(
            "mac_user_attributes",
            flags.mac_user_attributes.as_ref(),
            Some(&usual),
        )?;
        let mac_user_attributes = names(&mac_user_attributes.unwrap_or_default());
        let mail = MailWords {
            server: text("smtp_server", flags.smtp_server.as_ref(), None)?,
            security: text(
                "smtp_security",
                flags.smtp_security.as_ref(),
                Some("starttls"),
            )?
            .unwrap_or_default(),
            username: text("smtp_username", flags.smtp_username.as_ref(), None)?,
            // Neither a flag nor the file: both are read by others.
            password: variable("MANDATE_SMTP_PASSWORD").map(Zeroizing::new),
            password_file: text(
                "smtp_password_file",
                flags.smtp_password_file.as_ref(),
                None,
            )?,
            roots: text("smtp_roots", flags.smtp_roots.as_ref(), None)?,
            from: text("mail_from", flags.mail_from.as_ref(), None)?,
        };
        let log = text("log", flags.log.as_ref(), Some("info"))?.unwrap_or_default();
        let legacy_clients = resolver.switch("legacy_clients", flags.legacy_clients)?;
        let enrolment_without_push =
            resolver.switch("enrolment_without_push", flags.enrolment_without_push)?;
        let sign_in = sign_in(&mut resolver)?;
        let usual = Options::default();
        let token_key_days = resolver.number("token_key_days", usual.token_key_days, 0..=3650)?;
        let refresh_idle_days =
            resolver.number("refresh_idle_days", usual.refresh_idle_days, 1..=365)?;
        let refresh_longest_days =
            resolver.number("refresh_longest_days", usual.refresh_longest_days, 1..=3650)?;
        let hosts = names(&hosts);
        check(&hosts, tls_certificate.is_some(), tls_key.is_some())?;
        Ok(Self {
            http,
            https,
            device_https,
            hosts,
            device_url: device_url.map(|url| url.trim_end_matches('/').to_owned()),
            trusted_proxies,
            database,
            tls_certificate,
            tls_key,
            apns_endpoint,
            apns_roots,
            apple,
            webhook_url,
            webhook_secret_file,
            audit_webhook_url,
            audit_webhook_secret_file,
            audit_retention_days,
            expiry_alert_days,
            mail,
            mac_user_attributes,
            legacy_clients,
            enrolment_without_push,
            sign_in,
            token_key_days,
            refresh_idle_days,
            refresh_longest_days,
            log,
            settings: resolver.settings,
        })
    }
}

/// How Apple devices enrol by themselves and by accounts; said in the file or by variables alone.
fn apple(
    text: &mut impl FnMut(&'static str, Option<&String>, Option<&str>) -> anyhow::Result<Option<String>>,
) -> anyhow::Result<AppleWords> {
    let service = text("apple_enrolment_service", None, None)?;
    if let Some(service) = &service {
        let is_safe = service.starts_with("https://")
            || service.starts_with("http://127.0.0.1:")
            || service.starts_with("http://[::1]:");
        if !is_safe {
            bail!("`apple_enrolment_service` is `{service}`, but must begin with `https://`");
        }
    }
    let word = text("account_driven_enrolment", None, Some("off"))?.unwrap_or_default();
    let account_driven = match word.as_str() {
        "off" => None,
        word => Some(AccountMode::parse(word).with_context(|| {
            format!("`account_driven_enrolment` is `{word}`, but must be `off`, `byod` or `adde`")
        })?),
    };
    Ok(AppleWords {
        device_authorities: text("apple_device_authorities", None, None)?,
        service: service.map(|service| service.trim_end_matches('/').to_owned()),
        service_roots: text("apple_enrolment_service_roots", None, None)?,
        account_driven,
    })
}

/// Whether what was said goes together.
fn check(hosts: &[String], has_certificate: bool, has_key: bool) -> anyhow::Result<()> {
    if hosts.is_empty() {
        bail!("`host` is empty: give at least one name that devices can reach");
    }
    if has_certificate != has_key {
        bail!("`tls_certificate` and `tls_key` belong together: give both or neither");
    }
    Ok(())
}

/// Networks that are parted by commas.
fn proxies_of(text: &str) -> anyhow::Result<TrustedProxies> {
    let networks: Result<Vec<Network>, _> = names(text).iter().map(|name| name.parse()).collect();
    Ok(TrustedProxies::new(
        networks.context("`trusted_proxy` cannot be read")?,
    ))
}

/// Names that are parted by commas.
fn names(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A variable of the process.
fn variable(name: &str) -> Option<String> {
    std::env::vars()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// What says where the secret key is: a flag, then variables, `mandate.toml` and systemd.
pub(crate) fn key_settings(
    data: &Path,
    flag: Option<&str>,
) -> anyhow::Result<secret_key::Settings> {
    Ok(find_key_settings(&variable, &read_file(data)?, flag)?.0)
}

/// The same, with where it was said.
fn find_key_settings(
    variable: &dyn Fn(&str) -> Option<String>,
    file: &toml::Table,
    flag: Option<&str>,
) -> anyhow::Result<(secret_key::Settings, Vec<Setting>)> {
    let mut resolver = Resolver {
        variable,
        file,
        settings: Vec::new(),
    };
    if let Some(other) = file.get("secret_key_command")
        && !other.is_str()
    {
        bail!(
            "`{FILE}`: `secret_key_command` is a {}, but must be a text: the program and its arguments, parted by blanks",
            other.type_str()
        );
    }
    let settings = secret_key::Settings {
        file: resolver.text("secret_key", flag.map(str::to_owned), None)?,
        credentials: variable("CREDENTIALS_DIRECTORY"),
        command: resolver.text("secret_key_command", None, None)?,
    };
    Ok((settings, resolver.settings))
}

/// Where the secret key comes from, as people may see it.
pub(crate) fn key_setting(data: &Path, flag: Option<&str>) -> anyhow::Result<Setting> {
    let (settings, said) = find_key_settings(&variable, &read_file(data)?, flag)?;
    let source = KeySource::choose(data, &settings)?;
    let (key, said_in) = match &source {
        KeySource::File {
            is_default: false, ..
        } => ("secret_key", Some("secret_key")),
        KeySource::File { .. } | KeySource::Credential(_) => ("secret_key", None),
        KeySource::Command(_) => ("secret_key_command", Some("secret_key_command")),
    };
    let said = said
        .into_iter()
        .find(|setting| Some(setting.key) == said_in);
    Ok(Setting {
        key,
        value: source.shown(),
        source: match (said, &source) {
            (Some(said), _) => said.source,
            (None, KeySource::Credential(_)) => "systemd".to_owned(),
            (None, _) => "default".to_owned(),
        },
    })
}

/// How many days audit entries are kept; 0 for ever.
fn retention_days(text: &str) -> anyhow::Result<i64> {
    let days = text.trim().parse().ok();
    days.filter(|days| (0..=36_500).contains(days))
        .with_context(|| {
            format!("`audit_retention_days` is `{text}`, but must be whole days from 0 (for ever) to 36500")
        })
}

/// How people sign in.
fn sign_in(resolver: &mut Resolver<'_>) -> anyhow::Result<SignInOptions> {
    let least = resolver.number("password_min_length", 12, 8..=64)?;
    let idle = resolver.number("session_idle_minutes", 60, 5..=1440)?;
    let longest = resolver.number("session_hours", 12, 1..=168)?;
    let breached_passwords = resolver.text("breached_passwords", None, None)?;
    if let Some(path) = &breached_passwords {
        std::fs::File::open(path)
            .with_context(|| format!("cannot read `{path}` (breached_passwords)"))?;
    }
    Ok(SignInOptions {
        idle: idle * Timestamp::MINUTE,
        longest: longest * Timestamp::HOUR,
        shortest_password: usize::try_from(least)?,
        breached_passwords: breached_passwords.map(Into::into),
    })
}

/// Days as `60,30,7`: the most first, each once.
fn days(text: &str) -> anyhow::Result<Vec<i64>> {
    let wrong = |word: &str| {
        anyhow::anyhow!(
            "`expiry_alert_days` has `{word}`, but must be whole days from 1 to 730, such as `60,30,7`"
        )
    };
    let mut days = Vec::new();
    for word in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let day: i64 = word.parse().map_err(|_| wrong(word))?;
        if !(1..=730).contains(&day) {
            return Err(wrong(word));
        }
        days.push(day);
    }
    days.sort_unstable_by(|one, other| other.cmp(one));
    days.dedup();
    Ok(days)
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

    fn number(
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
    fn days_are_read_in_any_order_and_wrong_ones_refused_by_name() {
        assert_eq!(days("7, 60,30,7").unwrap(), [60, 30, 7]);
        assert_eq!(days("").unwrap(), Vec::<i64>::new());
        for wrong in ["x", "0", "731", "-1", "7;8"] {
            let error = days(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn entries_are_kept_for_days_or_for_ever() {
        assert_eq!(retention_days("0").unwrap(), 0);
        assert_eq!(retention_days(" 730 ").unwrap(), 730);
        for wrong in ["", "x", "-1", "36501", "1.5"] {
            let error = retention_days(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn a_command_is_a_text() {
        let nothing = |_: &str| None;
        let read = |file: &str| find_key_settings(&nothing, &file.parse().unwrap(), None);
        let error = read("secret_key_command = [\"pass\", \"show\"]").unwrap_err();
        assert!(error.to_string().contains("must be a text"), "{error}");
        let (settings, said) = read("secret_key_command = \"pass show\"").unwrap();
        assert_eq!(settings.command.as_deref(), Some("pass show"));
        assert_eq!(said[0].source, FILE);
    }

    #[test]
    fn the_address_of_a_webhook_is_shown_without_its_token() {
        assert_eq!(
            without_query("https://u:p@x.example/h?token=t"),
            "https://u@x.example/h?…"
        );
        assert_eq!(without_query("https://x.example/h"), "https://x.example/h");
    }

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
    fn proxies_are_networks_and_nobody_is_one_unless_it_is_said() {
        let config = resolve(&Flags::default(), &[], "").unwrap();
        assert_eq!(config.trusted_proxies, TrustedProxies::default());
        let file = "trusted_proxy = [\"10.1.2.3\", \"2001:db8::/64\"]";
        let config = resolve(&Flags::default(), &[], file).unwrap();
        let has = |address: &str| config.trusted_proxies.has(address.parse().unwrap());
        assert!(has("10.1.2.3") && has("2001:db8::7") && !has("10.1.2.4"));
        let flags = Flags {
            trusted_proxy: vec!["proxy.contoso.com".to_owned()],
            ..Flags::default()
        };
        let error = format!("{:#}", resolve(&flags, &[], "").unwrap_err());
        for part in ["trusted_proxy", "`proxy.contoso.com`"] {
            assert!(error.contains(part), "{error}");
        }
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
