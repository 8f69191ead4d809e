//! Configuration: flag, then `MANDATE_*` variable, then `mandate.toml` in the data directory, then the default.

mod flags;
mod key;
mod resolver;
mod values;

pub(crate) use flags::Flags;
pub(crate) use key::{key_setting, key_settings};
pub(crate) use resolver::Setting;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use mandate_engine::{AccountMode, Options, SignInOptions};
use mandate_model::Timestamp;
use mandate_web::TrustedProxies;
use zeroize::Zeroizing;

use self::resolver::{Resolver, read_file, variable};
use self::values::{days, name_server, names, proxies_of, retention_days};

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
    pub(crate) dns_server: Option<SocketAddr>,
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
        let dns_server = text("dns_server", flags.dns_server.as_ref(), None)?;
        let dns_server = dns_server.map(|text| name_server(&text)).transpose()?;
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
            dns_server,
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

#[cfg(test)]
mod tests {
    use super::resolver::FILE;
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
}
