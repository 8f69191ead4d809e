//! A stand-in for Apple's service for automated device enrolment.
//!
//! It hands out tokens for a certificate, holds sessions, tells of devices and their changes page by page, keeps profiles,
//! and refuses when it is told to. It is also the authority that says which devices Apple made, and tells them at their
//! activation what they are to do.

mod oauth;
mod serve;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::certificates::{Certificate, Issuer, Name, Template};
use crate::chance::Chance;
use crate::cms::{ContentCipher, Envelope, Identity, envelope_for};
use crate::keys::{Digest, KeyError, KeyPool};
use world::World;

/// The running service; it stops when dropped.
pub struct AppleService {
    shared: Arc<Shared>,
    authority: Issuer,
    keys: KeyPool,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    address: SocketAddr,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    world: Mutex<World>,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        (self.clock)()
    }
}

impl AppleService {
    /// Starts on a free loopback port, without TLS; `clock` is seconds since 1970.
    pub async fn start(
        keys: &KeyPool,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let now = clock();
        // Apple's authority for devices has expired long ago, and nobody minds.
        let name = Name::common("Stand-in iPhone Device CA");
        let ended = (now - 2_000 * 86_400, now - 1_000 * 86_400);
        let authority = Issuer::authority(keys.key(2), &name, ended).map_err(other)?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            clock: Box::new(clock),
            world: Mutex::new(World::new(Chance::new(u64::from(std::process::id())))),
        });
        let task = tokio::spawn(serve::accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            authority,
            keys: keys.clone(),
            task,
        })
    }

    /// Its address, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// PEM of the authority that signs certificates of devices.
    pub fn device_authority_pem(&self) -> String {
        let certificate = self.authority.certificate.as_ref();
        certificate.map(Certificate::pem).unwrap_or_default()
    }

    /// What a device of this UDID has from the factory.
    pub fn device_identity(&self, udid: &str) -> Result<Identity, KeyError> {
        let key = self.keys.key(3);
        let now = self.shared.now();
        let template = Template {
            subject: Name::common(udid).der(),
            public: key.public().to_vec(),
            serial: vec![0x11, 0x22, 0x33],
            validity: (now - 400 * 86_400, now - 35 * 86_400),
            extensions: Vec::new(),
        };
        let certificate = self.authority.issue(&template, Digest::Sha1)?;
        Ok(Identity { key, certificate })
    }

    /// The file (`.p7m`) with a new token for a certificate (PEM); older tokens of this server work no more.
    pub fn token_for(&self, certificate: &str, expires_at: &str) -> Result<String, String> {
        let certificate = Certificate::from_der_or_pem(certificate.as_bytes())
            .map_err(|error| error.to_string())?;
        let mut world = self.shared.world();
        let token = world.new_token();
        let json = json!({
            "consumer_key": token.consumer_key, "consumer_secret": token.consumer_secret,
            "access_token": token.access_token, "access_secret": token.access_secret,
            "access_token_expiry": expires_at,
        });
        let inner = format!(
            "Content-Type: text/plain;charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n-----BEGIN MESSAGE-----\n{json}\n-----END MESSAGE-----\n"
        );
        let how = Envelope {
            cipher: ContentCipher::Aes256,
            constructed: true,
        };
        let envelope = envelope_for(&certificate, inner.as_bytes(), how, &mut world.chance)
            .map_err(|error| error.to_string())?;
        let lines: Vec<String> = BASE64
            .encode(envelope)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        Ok(format!(
            "Content-Type: application/pkcs7-mime; name=\"smime.p7m\"; smime-type=enveloped-data\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n{}\r\n",
            lines.join("\r\n")
        ))
    }

    /// The organisation buys a device: `iPhone`, `iPad` or `Mac`.
    pub fn sell(&self, serial: &str, family: &str) {
        self.shared.world().sell(serial, family);
    }

    /// A device is the organisation's no more.
    pub fn release(&self, serial: &str) {
        self.shared.world().release(serial);
    }

    /// How many devices a page has at most.
    pub fn set_page(&self, devices: usize) {
        self.shared.world().page = devices;
    }

    /// Ends all sessions.
    pub fn end_sessions(&self) {
        self.shared.world().sessions.clear();
    }

    /// Whether the organisation has agreed to Apple's newest terms.
    pub fn set_terms_agreed(&self, agreed: bool) {
        self.shared.world().has_agreed = agreed;
    }

    /// The next requests are answered so, one by one: status, body, and seconds of `Retry-After`.
    pub fn trouble(&self, status: u16, body: &str, retry_after: Option<u32>) {
        let trouble = (status, body.to_owned(), retry_after);
        self.shared.world().troubles.push_back(trouble);
    }

    /// Cursors that were given out count no more.
    pub fn forget_cursors(&self) {
        self.shared.world().cursors.clear();
    }

    /// What assigning a profile to a device ends in, `SUCCESS` unless said otherwise.
    pub fn set_outcome(&self, serial: &str, outcome: &str) {
        let mut world = self.shared.world();
        world.outcomes.insert(serial.to_owned(), outcome.to_owned());
    }

    /// How often a path was asked for.
    pub fn times_asked(&self, path: &str) -> usize {
        let world = self.shared.world();
        world.asked.iter().filter(|asked| *asked == path).count()
    }

    /// What a device is told at its activation: the profile that it was assigned.
    pub fn activation(&self, serial: &str) -> Option<Value> {
        self.shared.world().activation(serial)
    }
}

impl Drop for AppleService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl std::fmt::Debug for AppleService {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AppleService")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

fn other(error: KeyError) -> std::io::Error {
    std::io::Error::other(error)
}
