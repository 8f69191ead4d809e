//! Mails to people in the background: looks for what they should know, and tells them.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use mandate_engine::Engine;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::config::{Config, MailWords};
use crate::mail_courier::{SmtpCourier, SmtpSecurity, SmtpSettings};

/// How often certificates are looked at.
const WATCH: Duration = Duration::from_hours(1);
/// How often it is looked for what is to be sent.
const SEND: Duration = Duration::from_secs(5);

/// Who sends.
pub(crate) struct Mailing {
    courier: Option<SmtpCourier>,
}

impl Mailing {
    pub(crate) fn of(config: &Config) -> anyhow::Result<Self> {
        let settings = settings(&config.mail, &config.hosts[0])?;
        Ok(Self {
            courier: settings.map(SmtpCourier::new),
        })
    }

    /// Works until told to stop; the mail under way is finished.
    pub(crate) async fn run(self, engine: Engine, mut stopping: watch::Receiver<bool>) {
        let mut watching = tokio::time::interval(WATCH);
        let mut sending = tokio::time::interval(SEND);
        sending.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stopping.changed() => return,
                _ = watching.tick() => {
                    if let Err(error) = engine.watch_notices().await {
                        tracing::error!("what people should know could not be looked for: {error}");
                    }
                }
                _ = sending.tick() => {}
            }
            self.send(&engine, &stopping).await;
        }
    }

    async fn send(&self, engine: &Engine, stopping: &watch::Receiver<bool>) {
        let Some(courier) = &self.courier else { return };
        while !*stopping.borrow() {
            match engine.send_next_notice(courier).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!("mails could not be sent: {error}");
                    break;
                }
            }
        }
        courier.hang_up().await;
    }
}

/// Where the mail server is, and whether TLS begins at once; nothing if the configuration names none.
pub(crate) fn place(config: &Config) -> anyhow::Result<Option<(String, u16, bool)>> {
    let settings = settings(&config.mail, &config.hosts[0])?;
    Ok(settings.map(|settings| {
        let tls = settings.security == SmtpSecurity::Tls;
        (settings.host, settings.port, tls)
    }))
}

/// What the configuration says of mail; nothing if it names no server.
fn settings(words: &MailWords, own_name: &str) -> anyhow::Result<Option<SmtpSettings>> {
    let Some(server) = &words.server else {
        for (key, is_given) in [
            ("mail_from", words.from.is_some()),
            ("smtp_username", words.username.is_some()),
            ("smtp_password_file", words.password_file.is_some()),
            ("smtp_roots", words.roots.is_some()),
        ] {
            ensure!(!is_given, "`{key}` is of no use without `smtp_server`");
        }
        return Ok(None);
    };
    let security = match words.security.as_str() {
        "starttls" => SmtpSecurity::StartTls,
        "tls" => SmtpSecurity::Tls,
        "none" => SmtpSecurity::None,
        other => bail!("`smtp_security` is `{other}`, but must be `starttls`, `tls` or `none`"),
    };
    let (host, port) = address(server, security)?;
    let from = words.from.as_ref();
    let from = from.context("`smtp_server` needs `mail_from`, the address that mails come from")?;
    let from = from
        .parse()
        .with_context(|| format!("`mail_from` is `{from}`, but must be a mail address"))?;
    let credentials = credentials(words)?;
    if security == SmtpSecurity::None && credentials.is_some() && !is_this_machine(&host) {
        bail!(
            "`smtp_security` is `none`, which would show the password of `smtp_username` to everybody on the way to `{host}`; use `starttls` or `tls`"
        );
    }
    let roots = words.roots.as_ref();
    let roots = roots
        .map(|path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{path}` (smtp_roots)"))
        })
        .transpose()?;
    Ok(Some(SmtpSettings {
        host,
        port,
        security,
        credentials,
        roots,
        from,
        own_name: own_name.to_owned(),
    }))
}

/// Host and port of `mail.example.com`, `mail.example.com:2525` or `[::1]:25`.
fn address(server: &str, security: SmtpSecurity) -> anyhow::Result<(String, u16)> {
    let usual = match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Tls => 465,
        SmtpSecurity::None => 25,
    };
    let wrong = || {
        format!(
            "`smtp_server` is `{server}`, but must be a host name, or one with a port: `mail.example.com:587`"
        )
    };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (
            host,
            port.parse()
                .ok()
                .filter(|port| *port > 0)
                .with_context(wrong)?,
        ),
        _ => (server, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    ensure!(!host.is_empty() && host.chars().all(is_host), wrong());
    Ok((host.to_owned(), port))
}

fn credentials(words: &MailWords) -> anyhow::Result<Option<(String, Zeroizing<String>)>> {
    let password = match (&words.password, &words.password_file) {
        (Some(_), Some(_)) => {
            bail!("`MANDATE_SMTP_PASSWORD` and `smtp_password_file` are two passwords: give one")
        }
        (Some(password), None) => Some(password.clone()),
        (None, Some(path)) => {
            let content = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{path}` (smtp_password_file)"))?;
            let content = Zeroizing::new(content);
            // Editors leave a line end.
            Some(Zeroizing::new(
                content.trim_end_matches(['\r', '\n']).to_owned(),
            ))
        }
        (None, None) => None,
    };
    match (&words.username, password) {
        (Some(user), Some(password)) => {
            ensure!(
                !password.is_empty(),
                "the password of `smtp_username` is empty"
            );
            Ok(Some((user.clone(), password)))
        }
        (None, None) => Ok(None),
        (Some(_), None) => bail!(
            "`smtp_username` needs a password: in a file that `smtp_password_file` names, or in the variable `MANDATE_SMTP_PASSWORD`"
        ),
        (None, Some(_)) => bail!("a password for SMTP is of no use without `smtp_username`"),
    }
}

fn is_this_machine(host: &str) -> bool {
    let address: Result<std::net::IpAddr, _> = host.parse();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(server: &str, security: &str) -> MailWords {
        MailWords {
            server: Some(server.to_owned()),
            security: security.to_owned(),
            from: Some("it@contoso.com".to_owned()),
            ..MailWords::default()
        }
    }

    fn error(words: &MailWords) -> String {
        format!("{:#}", settings(words, "mdm.contoso.com").unwrap_err())
    }

    #[test]
    fn each_protection_has_its_port() {
        let port = |server: &str, security: &str| {
            let found = settings(&words(server, security), "x").unwrap().unwrap();
            (found.host, found.port)
        };
        assert_eq!(port("mail.x", "starttls"), ("mail.x".to_owned(), 587));
        assert_eq!(port("mail.x", "tls"), ("mail.x".to_owned(), 465));
        assert_eq!(port("mail.x:2525", "none"), ("mail.x".to_owned(), 2525));
        assert_eq!(port("[::1]:26", "none"), ("::1".to_owned(), 26));
        assert_eq!(port("::1", "none"), ("::1".to_owned(), 25));
        for wrong in [
            "mail.x:",
            "mail.x:0",
            "mail x",
            "",
            "smtp://mail.x:25",
            "mail.x:70000",
        ] {
            assert!(
                error(&words(wrong, "none")).contains("smtp_server"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_password_is_not_sent_in_clear_over_a_network() {
        let in_clear = |server: &str| MailWords {
            username: Some("mandate".to_owned()),
            password: Some(Zeroizing::new("geheim".to_owned())),
            ..words(server, "none")
        };
        let refused = error(&in_clear("mail.x"));
        assert!(
            refused.contains("smtp_security") && !refused.contains("geheim"),
            "{refused}"
        );
        assert!(settings(&in_clear("127.0.0.1"), "x").is_ok());
    }

    #[test]
    fn what_does_not_go_together_is_refused_by_name() {
        let lonely = MailWords {
            from: Some("it@contoso.com".to_owned()),
            ..MailWords::default()
        };
        assert_eq!(
            error(&lonely),
            "`mail_from` is of no use without `smtp_server`"
        );
        let nobody = MailWords {
            from: None,
            ..words("mail.x", "tls")
        };
        assert!(error(&nobody).contains("needs `mail_from`"));
        let user = MailWords {
            username: Some("x".to_owned()),
            ..words("mail.x", "tls")
        };
        assert!(error(&user).contains("smtp_password_file"));
        assert!(error(&words("mail.x", "ssl")).contains("`ssl`"));
        assert!(settings(&MailWords::default(), "x").unwrap().is_none());
    }
}
