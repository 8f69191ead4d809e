//! Mails to people, over SMTP (RFC 5321).
//!
//! The steps are taken one by one, because only so it is known what an error means: before the message was handed over, it was
//! certainly not taken; after that, with no answer, nobody knows, and it is not sent again.

mod connection;
mod message;

use std::time::Duration;

use lettre::message::Mailbox;
use mandate_engine::{Mail, MailCourier, MailOutcome, SendingMail};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use self::connection::Connection;

/// Until the server has answered the envelope.
const ENVELOPE: Duration = Duration::from_mins(1);
/// Until it has answered the message: it may look at it first (RFC 5321 §4.5.3.2.6 allows ten minutes).
const MESSAGE: Duration = Duration::from_mins(8);

/// Where mails go, and as whom.
#[derive(Clone)]
pub(crate) struct SmtpSettings {
    /// Host name, to which the certificate of the server belongs.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) security: SmtpSecurity,
    /// User name and password.
    pub(crate) credentials: Option<(String, Zeroizing<String>)>,
    /// Further roots (PEM), besides those of the system.
    pub(crate) roots: Option<String>,
    /// Sender.
    pub(crate) from: Mailbox,
    /// How this server introduces itself.
    pub(crate) own_name: String,
}

/// How a connection is protected. There is no falling back from one to a lesser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmtpSecurity {
    /// STARTTLS, and nothing before it (RFC 3207).
    StartTls,
    /// TLS from the first octet (RFC 8314 §3.3).
    Tls,
    /// None.
    None,
}

/// Sends mails over one connection, which is kept as long as there are more.
pub(crate) struct SmtpCourier {
    settings: SmtpSettings,
    connection: Mutex<Option<Connection>>,
}

impl SmtpCourier {
    pub(crate) fn new(settings: SmtpSettings) -> Self {
        Self {
            settings,
            connection: Mutex::new(None),
        }
    }

    /// Ends the connection, if there is one.
    pub(crate) async fn hang_up(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            connection.quit().await;
        }
    }

    async fn send_once(&self, mail: &Mail) -> MailOutcome {
        let message = match message::of(mail, &self.settings) {
            Ok(message) => message,
            Err(reason) => return MailOutcome::Refused(reason),
        };
        let mut kept = self.connection.lock().await;
        let known = match kept.take() {
            Some(connection) => connection.still_open().await,
            None => None,
        };
        let mut connection = match known {
            Some(connection) => connection,
            None => match Connection::open(&self.settings).await {
                Ok(connection) => connection,
                Err(reason) => return MailOutcome::Unavailable(reason),
            },
        };
        let envelope = connection.envelope(message.envelope());
        match tokio::time::timeout(ENVELOPE, envelope).await {
            Ok(Ok(())) => {}
            Ok(Err(outcome)) => {
                connection.quit().await;
                return outcome;
            }
            Err(_) => {
                let reason = "the mail server does not answer";
                return MailOutcome::Unavailable(reason.to_owned());
            }
        }
        let text = message.formatted();
        match tokio::time::timeout(MESSAGE, connection.message(&text)).await {
            Ok(outcome) => {
                if matches!(outcome, MailOutcome::Taken(_)) {
                    *kept = Some(connection);
                }
                outcome
            }
            Err(_) => MailOutcome::Unknown("the mail server did not answer the message".to_owned()),
        }
    }
}

impl MailCourier for SmtpCourier {
    fn send<'a>(&'a self, mail: &'a Mail) -> SendingMail<'a> {
        Box::pin(self.send_once(mail))
    }
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}
