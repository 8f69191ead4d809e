//! Webhooks: tell an address by POST, of alerts or of the audit.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use mandate_engine::{
    AlertCourier, AlertMessage, AuditBatch, AuditCourier, AuditDelivery, Delivery, DeliveryOutcome,
};
use mandate_pki::hmac_sha256;
use reqwest::{Client, StatusCode, Url, redirect};
use zeroize::Zeroizing;

use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(15);
/// `sha256=` and an HMAC-SHA-256 in lower-case hexadecimal: of the body, or of time stamp, full stop and body where there
/// is a time stamp.
const SIGNATURE: &str = "x-mandate-signature";
/// Seconds since 1970 at which a delivery was made, so that a receiver can refuse one that somebody kept.
const TIMESTAMP: &str = "x-mandate-timestamp";
/// The same for each try, so that a receiver can tell them apart from news.
const ALERT_ID: &str = "x-mandate-alert-id";
const DELIVERY_ID: &str = "x-mandate-delivery-id";
const SHORTEST_SECRET: usize = 16;

/// Tells one address.
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    secret: Option<Zeroizing<Vec<u8>>>,
}

/// An address and its secret as the configuration has them, with the names of the settings.
struct Wanted<'a> {
    url: (&'static str, Option<&'a String>),
    secret_file: (&'static str, Option<&'a String>),
}

impl Webhook {
    /// The address that is told of alerts, if there is one.
    pub(crate) fn of_alerts(config: &Config) -> anyhow::Result<Option<Self>> {
        Self::of(&Wanted {
            url: ("webhook_url", config.webhook_url.as_ref()),
            secret_file: ("webhook_secret_file", config.webhook_secret_file.as_ref()),
        })
    }

    /// The address that is told of the audit, if there is one.
    pub(crate) fn of_audit(config: &Config) -> anyhow::Result<Option<Self>> {
        Self::of(&Wanted {
            url: ("audit_webhook_url", config.audit_webhook_url.as_ref()),
            secret_file: (
                "audit_webhook_secret_file",
                config.audit_webhook_secret_file.as_ref(),
            ),
        })
    }

    fn of(wanted: &Wanted<'_>) -> anyhow::Result<Option<Self>> {
        let (key, url) = wanted.url;
        let (secret_key, secret_file) = wanted.secret_file;
        let Some(url) = url else {
            ensure!(
                secret_file.is_none(),
                "`{secret_key}` is of no use without `{key}`"
            );
            return Ok(None);
        };
        let url = Url::parse(url).with_context(|| format!("`{key}` is no address"))?;
        ensure!(
            matches!(url.scheme(), "http" | "https") && url.has_host(),
            "`{key}` must begin with `https://` or `http://` and name a host"
        );
        let secret = match secret_file {
            Some(path) => Some(secret(path, secret_key)?),
            None => None,
        };
        let client = Client::builder()
            .timeout(TIMEOUT)
            // Whoever is to be told is said here, not by an answer.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("mandate/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no HTTP client for the webhook")?;
        Ok(Some(Self {
            client,
            url,
            secret,
        }))
    }

    /// Posts once. `signed` is what stands before the body under the signature.
    async fn post(
        &self,
        headers: &[(&'static str, String)],
        signed: &str,
        body: &str,
    ) -> DeliveryOutcome {
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, signature(secret, &format!("{signed}{body}")));
        }
        match request.body(body.to_owned()).send().await {
            Ok(answer) => outcome(answer.status()),
            // The address may hold a token.
            Err(error) => DeliveryOutcome::Unavailable(error.without_url().to_string()),
        }
    }

    async fn post_alert(&self, message: &AlertMessage) -> DeliveryOutcome {
        let headers = [(ALERT_ID, message.id.to_string())];
        self.post(&headers, "", &message.body).await
    }

    async fn post_audit(&self, batch: &AuditBatch) -> DeliveryOutcome {
        let seconds = batch.sent_at.unix_seconds().to_string();
        let headers = [
            (DELIVERY_ID, batch.id.to_string()),
            (TIMESTAMP, seconds.clone()),
        ];
        self.post(&headers, &format!("{seconds}."), &batch.body)
            .await
    }
}

impl AlertCourier for Webhook {
    fn deliver<'a>(&'a self, message: &'a AlertMessage) -> Delivery<'a> {
        Box::pin(self.post_alert(message))
    }
}

impl AuditCourier for Webhook {
    fn deliver<'a>(&'a self, batch: &'a AuditBatch) -> AuditDelivery<'a> {
        Box::pin(self.post_audit(batch))
    }
}

/// What an answer means: gone and forbidden things stay so, everything else may pass.
fn outcome(status: StatusCode) -> DeliveryOutcome {
    let said = format!("HTTP {}", status.as_u16());
    if status.is_success() {
        DeliveryOutcome::Taken(said)
    } else if status == StatusCode::GONE {
        DeliveryOutcome::Refused(said)
    } else {
        DeliveryOutcome::Unavailable(said)
    }
}

fn signature(secret: &[u8], text: &str) -> String {
    use std::fmt::Write as _;
    let mac = hmac_sha256(secret, text.as_bytes());
    mac.iter().fold("sha256=".to_owned(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// The secret of a file, without the line end that editors leave.
fn secret(path: &str, key: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let content = Zeroizing::new(
        std::fs::read(path).with_context(|| format!("cannot read `{path}` ({key})"))?,
    );
    let secret = Zeroizing::new(content.trim_ascii_end().to_vec());
    ensure!(
        secret.len() >= SHORTEST_SECRET,
        "the secret in `{path}` is shorter than {SHORTEST_SECRET} octets"
    );
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_refused_or_worth_another_try() {
        let of = |code: u16| outcome(StatusCode::from_u16(code).unwrap());
        assert_eq!(of(204), DeliveryOutcome::Taken("HTTP 204".to_owned()));
        assert_eq!(of(410), DeliveryOutcome::Refused("HTTP 410".to_owned()));
        for code in [302, 400, 404, 429, 500, 503] {
            assert_eq!(
                of(code),
                DeliveryOutcome::Unavailable(format!("HTTP {code}"))
            );
        }
    }

    #[test]
    fn the_signature_is_the_one_that_others_compute() {
        // RFC 4231 §4.3, test case 2.
        assert_eq!(
            signature(b"Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_short_secret_is_refused_and_a_line_end_is_none_of_it() {
        let shelf = tempfile::tempdir().unwrap();
        let path = shelf.path().join("s");
        std::fs::write(&path, "0123456789abcdef\n").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(secret(path, "s").unwrap().as_slice(), b"0123456789abcdef");
        std::fs::write(path, "short\n").unwrap();
        assert!(secret(path, "s").is_err());
    }

    #[test]
    fn a_secret_without_an_address_is_refused_by_name() {
        let file = "/nowhere".to_owned();
        let refused = Webhook::of(&Wanted {
            url: ("audit_webhook_url", None),
            secret_file: ("audit_webhook_secret_file", Some(&file)),
        });
        let error = refused.err().unwrap().to_string();
        assert_eq!(
            error,
            "`audit_webhook_secret_file` is of no use without `audit_webhook_url`"
        );
    }
}
