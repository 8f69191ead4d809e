//! The webhook: tells an address of alerts by POST.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use mandate_engine::{AlertCourier, AlertMessage, Delivery, DeliveryOutcome};
use mandate_pki::hmac_sha256;
use reqwest::{Client, StatusCode, Url, redirect};
use zeroize::Zeroizing;

use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(15);
/// `sha256=` and the HMAC-SHA-256 of the body in lower-case hexadecimal.
const SIGNATURE: &str = "x-mandate-signature";
/// The same for each try, so that a receiver can tell them apart from news.
const ID: &str = "x-mandate-alert-id";
const SHORTEST_SECRET: usize = 16;

/// Tells one address.
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    secret: Option<Zeroizing<Vec<u8>>>,
}

impl Webhook {
    /// The address of the configuration, if there is one.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(url) = &config.webhook_url else {
            ensure!(
                config.webhook_secret_file.is_none(),
                "`webhook_secret_file` is of no use without `webhook_url`"
            );
            return Ok(None);
        };
        let url = Url::parse(url).context("`webhook_url` is no address")?;
        ensure!(
            matches!(url.scheme(), "http" | "https") && url.has_host(),
            "`webhook_url` must begin with `https://` or `http://` and name a host"
        );
        let secret = match &config.webhook_secret_file {
            Some(path) => Some(secret(path)?),
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

    async fn post(&self, message: &AlertMessage) -> DeliveryOutcome {
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header(ID, message.id.to_string());
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, signature(secret, &message.body));
        }
        match request.body(message.body.clone()).send().await {
            Ok(answer) => outcome(answer.status()),
            // The address may hold a token.
            Err(error) => DeliveryOutcome::Unavailable(error.without_url().to_string()),
        }
    }
}

impl AlertCourier for Webhook {
    fn deliver<'a>(&'a self, message: &'a AlertMessage) -> Delivery<'a> {
        Box::pin(self.post(message))
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

fn signature(secret: &[u8], body: &str) -> String {
    use std::fmt::Write as _;
    let mac = hmac_sha256(secret, body.as_bytes());
    mac.iter().fold("sha256=".to_owned(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// The secret of a file, without the line end that editors leave.
fn secret(path: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let content = Zeroizing::new(
        std::fs::read(path)
            .with_context(|| format!("cannot read `{path}` (webhook_secret_file)"))?,
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
        assert_eq!(secret(path).unwrap().as_slice(), b"0123456789abcdef");
        std::fs::write(path, "short\n").unwrap();
        assert!(secret(path).is_err());
    }
}
