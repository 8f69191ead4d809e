use std::error::Error;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Certificate, Client, Identity, Response, Url, redirect};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

use super::outcome::{PushOutcome, judge};

/// Pushes under way at once. APNs grants 1000 streams to a connection; those beyond would wait inside the client with
/// their time running.
const IN_FLIGHT: usize = 900;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PUSH_TIMEOUT: Duration = Duration::from_secs(30);
/// APNs asks to keep connections; a ping finds out in time that a firewall has forgotten this one.
const PING_INTERVAL: Duration = Duration::from_mins(1);
/// An answer is some dozen bytes of JSON.
const ANSWER_LENGTH: usize = 4096;

/// How to speak with APNs.
#[derive(Clone)]
pub struct ApnsSettings {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Trust these roots (PEM, one or more certificates) and no others; the system's if empty.
    pub roots: String,
    /// Push certificate, its chain and its key, PEM.
    pub identity: String,
    /// Topic of the push certificate.
    pub topic: String,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ApnsError {
    /// The address is none, or not https.
    #[error("`{0}` is no https address")]
    Endpoint(String),
    /// The roots cannot be read.
    #[error("roots for the push service cannot be read")]
    Roots(#[source] reqwest::Error),
    /// Certificate or key cannot be read.
    #[error("push certificate and key cannot be read")]
    Identity(#[source] reqwest::Error),
    /// TLS cannot be set up: the key does not match, or there are no system roots.
    #[error("connection to the push service cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// A client of APNs for one push certificate. Cheap to share by reference; one HTTP/2 connection carries all pushes.
/// After a renewal of the certificate make another one, and let this one finish.
pub struct Apns {
    client: Client,
    endpoint: Url,
    topic: String,
    in_flight: Semaphore,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    reason: String,
    timestamp: Option<i64>,
}

impl ApnsSettings {
    /// APNs in production. There is no other for MDM: the portal issues no certificates for the sandbox.
    pub const ENDPOINT: &str = "https://api.push.apple.com";

    /// For a push certificate (with chain and key, PEM) and its topic.
    pub fn new(identity: String, topic: String) -> Self {
        Self {
            endpoint: Self::ENDPOINT.to_owned(),
            roots: String::new(),
            identity,
            topic,
        }
    }
}

impl std::fmt::Debug for ApnsSettings {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApnsSettings")
            .field("endpoint", &self.endpoint)
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

impl Apns {
    /// Makes the client; connects with the first push. Needs a rustls provider for the process.
    pub fn new(settings: &ApnsSettings) -> Result<Self, ApnsError> {
        let bad_endpoint = || ApnsError::Endpoint(settings.endpoint.clone());
        let endpoint: Url = settings.endpoint.parse().map_err(|_| bad_endpoint())?;
        if endpoint.scheme() != "https" {
            return Err(bad_endpoint());
        }
        Ok(Self {
            client: client(settings)?,
            endpoint,
            topic: settings.topic.clone(),
            in_flight: Semaphore::new(IN_FLIGHT),
        })
    }

    /// Asks the device to connect. APNs keeps the push until `expiration_unix` (seconds since 1970; 0 is not at all).
    pub async fn push(&self, token: &[u8], magic: &str, expiration_unix: i64) -> PushOutcome {
        let Ok(_permit) = self.in_flight.acquire().await else {
            return PushOutcome::Unavailable("client is closed".to_owned());
        };
        match self.send(token, magic, expiration_unix).await {
            Ok(outcome) => outcome,
            // GOAWAY or a connection that broke: whether APNs saw the push is unknown, and twice does no harm.
            Err(error) if may_succeed_on_another_connection(&error) => self
                .send(token, magic, expiration_unix)
                .await
                .unwrap_or_else(|error| unavailable(&error)),
            Err(error) => unavailable(&error),
        }
    }

    async fn send(
        &self,
        token: &[u8],
        magic: &str,
        expiration_unix: i64,
    ) -> Result<PushOutcome, reqwest::Error> {
        let mut url = self.endpoint.clone();
        url.set_path(&format!("/3/device/{}", hex(token)));
        let response = self
            .client
            .post(url)
            .header("apns-topic", &self.topic)
            .header("apns-push-type", "mdm")
            .header("apns-priority", "10")
            .header("apns-expiration", expiration_unix.max(0))
            .body(json!({ "mdm": magic }).to_string())
            .send()
            .await?;
        outcome(response).await
    }
}

fn client(settings: &ApnsSettings) -> Result<Client, ApnsError> {
    let identity = Identity::from_pem(settings.identity.as_bytes()).map_err(ApnsError::Identity)?;
    let roots =
        Certificate::from_pem_bundle(settings.roots.as_bytes()).map_err(ApnsError::Roots)?;
    let builder = Client::builder()
        .identity(identity)
        .https_only(true)
        .http2_prior_knowledge()
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_while_idle(true)
        .pool_idle_timeout(None)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(PUSH_TIMEOUT)
        .redirect(redirect::Policy::none())
        .no_proxy();
    let builder = if roots.is_empty() {
        builder
    } else {
        builder.tls_certs_only(roots)
    };
    builder.build().map_err(ApnsError::Client)
}

async fn outcome(mut response: Response) -> Result<PushOutcome, reqwest::Error> {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_LENGTH {
            break;
        }
    }
    let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
    Ok(match judge(status, &answer.reason, answer.timestamp) {
        PushOutcome::Throttled { .. } => PushOutcome::Throttled { retry_after },
        other => other,
    })
}

/// Neither a time-out nor a host that cannot be reached becomes better by asking again at once.
fn may_succeed_on_another_connection(error: &reqwest::Error) -> bool {
    !error.is_timeout() && !error.is_connect() && !error.is_builder()
}

/// The innermost reason; the outer ones name the address, and the token stands in it.
fn unavailable(error: &reqwest::Error) -> PushOutcome {
    let mut reason = error.source();
    while let Some(source) = reason.and_then(Error::source) {
        reason = Some(source);
    }
    PushOutcome::Unavailable(
        reason.map_or_else(|| "the request failed".to_owned(), ToString::to_string),
    )
}

fn hex(token: &[u8]) -> String {
    token
        .iter()
        .fold(String::with_capacity(2 * token.len()), |mut hex, byte| {
            for nibble in [byte >> 4, byte & 0x0f] {
                hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            hex
        })
}
