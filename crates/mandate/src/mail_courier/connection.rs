//! One connection to a mail server.

use std::error::Error as _;
use std::time::Duration;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use mandate_engine::MailOutcome;

use super::{SmtpSecurity, SmtpSettings};

/// Until a connection stands, encrypted and signed in.
const CONNECT: Duration = Duration::from_secs(30);
/// Until a kept connection has proved that it still stands, or has been ended.
const GLANCE: Duration = Duration::from_secs(5);
/// The server wants to know who sends.
const AUTHENTICATION_REQUIRED: u16 = 530;
/// The best first; none that is broken.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// A connection that may send.
pub(super) struct Connection(AsyncSmtpConnection);

impl Connection {
    /// Connects, encrypts and signs in as the settings say, or says why not. A password is never part of that.
    pub(super) async fn open(settings: &SmtpSettings) -> Result<Self, String> {
        match tokio::time::timeout(CONNECT, connect(settings)).await {
            Ok(Ok(connection)) => Ok(Self(connection)),
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err("the mail server does not answer".to_owned()),
        }
    }

    /// The same connection if it still stands.
    pub(super) async fn still_open(mut self) -> Option<Self> {
        let stands = tokio::time::timeout(GLANCE, self.0.test_connected()).await;
        matches!(stands, Ok(true)).then_some(self)
    }

    /// Ends it well, if it can.
    pub(super) async fn quit(mut self) {
        let _ = tokio::time::timeout(GLANCE, self.0.quit()).await;
    }

    /// Says from whom and to whom a message is; what goes wrong here is known to have sent nothing.
    pub(super) async fn envelope(&mut self, envelope: &Envelope) -> Result<(), MailOutcome> {
        let mut options = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        let is_beyond_ascii = |address: &Address| !AsRef::<str>::as_ref(address).is_ascii();
        if addresses.any(is_beyond_ascii) {
            if !self
                .0
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                let reason = "the mail server does not take addresses beyond ASCII";
                return Err(MailOutcome::Refused(reason.to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let sender = Mail::new(envelope.from().cloned(), options);
        // A sender that is refused is our own mistake, and can be mended.
        let unavailable = |error: Error| MailOutcome::Unavailable(words(&error));
        self.0.command(sender).await.map_err(unavailable)?;
        for address in envelope.to() {
            let recipient = Rcpt::new(address.clone(), Vec::new());
            self.0
                .command(recipient)
                .await
                .map_err(|error| known(&error))?;
        }
        self.0.command(Data).await.map_err(|error| known(&error))?;
        Ok(())
    }

    /// Hands the message over.
    pub(super) async fn message(&mut self, message: &[u8]) -> MailOutcome {
        match self.0.message(message).await {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                MailOutcome::Taken(format!("{} {}", response.code(), words.join(" ")))
            }
            Err(error) if error.status().is_some() => known(&error),
            Err(error) => MailOutcome::Unknown(words(&error)),
        }
    }
}

async fn connect(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, String> {
    let name = ClientId::Domain(settings.own_name.clone());
    let server = (settings.host.as_str(), settings.port);
    let tls = match settings.security {
        SmtpSecurity::None => None,
        SmtpSecurity::StartTls | SmtpSecurity::Tls => Some(tls(settings)?),
    };
    let at_once = tls
        .clone()
        .filter(|_| settings.security == SmtpSecurity::Tls);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &name, at_once, None)
            .await
            .map_err(|error| words(&error))?;
    if settings.security == SmtpSecurity::StartTls
        && let Some(tls) = tls
    {
        connection
            .starttls(tls, &name)
            .await
            .map_err(|error| words(&error))?;
    }
    if let Some((user, password)) = &settings.credentials {
        let credentials = Credentials::new(user.clone(), password.to_string());
        connection
            .auth(&MECHANISMS, &credentials)
            .await
            .map_err(|error| format!("the sign-in failed: {}", words(&error)))?;
    }
    Ok(connection)
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(roots) = &settings.roots {
        let roots = Certificate::from_pem(roots.as_bytes()).map_err(|error| words(&error))?;
        builder = builder.add_root_certificate(roots);
    }
    builder.build_rustls().map_err(|error| words(&error))
}

/// What a refusal means that the server has spoken out.
fn known(error: &Error) -> MailOutcome {
    let code = error.status().map(u16::from);
    if error.is_permanent() && code != Some(AUTHENTICATION_REQUIRED) {
        MailOutcome::Refused(words(error))
    } else {
        MailOutcome::Unavailable(words(error))
    }
}

/// An error with its causes in one line.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = source.source();
    }
    text
}
