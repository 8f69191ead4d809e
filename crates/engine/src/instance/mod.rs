//! One instance: its tenant, its keys, and the engine that holds them together.

mod authorities;
mod init;
mod server_identity;

pub(crate) use authorities::{
    Authorities, IssuingAuthority, NewAuthority, own_record, root_key_name, serial,
};
pub use init::{AuthorityKeys, InitRequest, Initialised};
pub use server_identity::ServerIdentity;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

use mandate_model::{AppId, DeviceId, Endpoints, Platform, TenantId, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_pki::seal::SealKey;
use mandate_store::{AuditMac, Store};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audit::{self, ChainKey};
use crate::certificates::{IssuerGateway, IssuerServer};
use crate::preflight::PreflightGateway;
use crate::providers::ProviderGateway;
use crate::push::{Push, PushGateway};
use crate::targeting::Intent;
use crate::tokens::{KeyRing, TokenService};
use crate::{Chance, Channel, Clock, EngineError};

/// The use cases. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    seal: SealKey,
    authorities: RwLock<Arc<Authorities>>,
    tenant: Tenant,
    tokens: RwLock<Arc<TokenService>>,
    challenge_key: Zeroizing<Vec<u8>>,
    audit_mac: Arc<dyn AuditMac>,
    channels: Vec<Arc<dyn Channel>>,
    gateway: Arc<dyn PushGateway>,
    issuers: Arc<dyn IssuerGateway>,
    providers: Arc<dyn ProviderGateway>,
    mail_servers: Arc<dyn PreflightGateway>,
    endpoints: Endpoints,
    addresses: Addresses,
    options: Options,
    cache: Cache,
}

/// What is kept in memory; losing it costs time, never truth.
#[derive(Default)]
pub(crate) struct Cache {
    /// The newest intent that was read.
    pub(crate) intent: Mutex<Option<Arc<Intent>>>,
    /// The newest rules of groups that were read.
    pub(crate) rules: Mutex<Option<Arc<crate::directory::Rules>>>,
    /// Content that was compiled and is about to be sent.
    pub(crate) compiled:
        Mutex<HashMap<(DeviceId, mandate_model::ProfileId), mandate_model::Compiled>>,
    /// Devices seen since the last flush.
    pub(crate) seen: Mutex<HashMap<DeviceId, Timestamp>>,
    /// Identity certificates whose issuer was verified.
    pub(crate) verified: Mutex<std::collections::HashSet<[u8; 32]>>,
    /// Where devices come from that other servers enrolled.
    pub(crate) elsewhere: Mutex<Option<Arc<crate::enrolment::Elsewhere>>>,
    /// The connection to the push service.
    pub(crate) push: Mutex<Option<PushConnection>>,
    /// Why pushing is stopped, until the push certificate is replaced.
    pub(crate) push_problem: Mutex<Option<crate::push::PushTrouble>>,
    /// What external issuers said of themselves, and when.
    pub(crate) issuers: Mutex<HashMap<String, (Timestamp, Arc<IssuerServer>)>>,
    /// What identity providers said of themselves.
    pub(crate) providers: crate::providers::Memory,
    /// Computes the hashes of passwords.
    pub(crate) hasher: crate::sign_in::Hasher,
    /// What is counted for those who watch from outside.
    pub(crate) meter: crate::meter::Meter,
    /// Up to when revoked certificates were looked through for such as others have to be told of.
    pub(crate) told_until: Mutex<Timestamp>,
    /// Clients whose first token of a day was noted in the audit.
    pub(crate) noted_clients: Mutex<audit::NotedClients>,
    /// Sessions with Apple's enrolment service, by token.
    pub(crate) ade_sessions: Mutex<HashMap<uuid::Uuid, Zeroizing<String>>>,
    /// What was counted of rollouts a moment ago.
    pub(crate) rollouts: crate::reports::Rollouts,
    /// Held while connections are tested: one test at a time.
    pub(crate) testing: tokio::sync::Mutex<()>,
}

/// A connection to the push service, with the fingerprint of its certificate.
pub(crate) type PushConnection = ([u8; 32], Arc<dyn Push>);

/// The organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Tenant id.
    pub id: TenantId,
    /// Name.
    pub company: String,
    /// The domain that the instance was made with.
    pub domains: Vec<String>,
    /// Sign-in name of the first administrator.
    pub admin_upn: String,
    /// When the instance was made.
    pub created_at: Timestamp,
}

/// Where people and devices find this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// What devices are told, without a trailing slash, such as `https://mdm.example.com:8443`.
    pub device_base_url: String,
    /// The same for requests with a client certificate; devices that sign messages do not need it.
    pub device_tls_base_url: Option<String>,
}

/// What an administrator may choose about the whole instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Accept what only simulators send: single DES in SCEP, profiles in clear.
    pub legacy_clients: bool,
    /// Enrol devices although there is no push certificate; they cannot be woken.
    pub enrolment_without_push: bool,
    /// How long the identity of a device is valid, in days.
    pub identity_validity_days: i64,
    /// How long a pending state may last before it counts as an error, in days.
    pub pending_deadline_days: i64,
    /// How long events of devices are kept, in days.
    pub history_days: i64,
    /// How old the key that signs tokens may become, in days; 0 for any age.
    pub token_key_days: i64,
    /// How long a refresh token waits to be used, in days.
    pub refresh_idle_days: i64,
    /// How long refresh tokens follow one another after a sign-in, in days.
    pub refresh_longest_days: i64,
    /// Attributes of people, in Graph's spelling, one of which is the short name that they log in with on Macs.
    pub mac_user_attributes: Vec<String>,
    /// How people sign in.
    pub sign_in: crate::SignInOptions,
    /// Automated enrolment.
    pub ade: crate::AdeOptions,
    /// What of iPhones and iPads is enrolled by an account that is typed into them; `None` for nothing of any device.
    pub account_driven: Option<crate::AccountMode>,
    /// Connections of the server that its configuration names.
    pub connections: Vec<crate::ConfiguredConnection>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            legacy_clients: false,
            enrolment_without_push: false,
            identity_validity_days: 365,
            pending_deadline_days: 7,
            history_days: 90,
            token_key_days: 180,
            refresh_idle_days: 14,
            refresh_longest_days: 90,
            mac_user_attributes: crate::enrolment::USUAL_ATTRIBUTES
                .map(str::to_owned)
                .to_vec(),
            sign_in: crate::SignInOptions::default(),
            ade: crate::AdeOptions::default(),
            account_driven: None,
            connections: Vec::new(),
        }
    }
}

/// What an engine is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The key that seals secrets; not in the database.
    pub seal: SealKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub chance: Arc<dyn Chance>,
    /// One channel per platform.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The way to the push service.
    pub gateway: Arc<dyn PushGateway>,
    /// The way to authorities of others; nothing goes there unless one was added.
    pub issuers: Arc<dyn IssuerGateway>,
    /// The way to identity providers; nothing goes there unless one was added.
    pub providers: Arc<dyn ProviderGateway>,
    /// The way to mail servers; nothing goes there unless somebody asks for a preflight.
    pub mail_servers: Arc<dyn PreflightGateway>,
    /// Where the server is found.
    pub addresses: Addresses,
    /// Choices of the administrator.
    pub options: Options,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("tenant", &self.inner.tenant)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens an instance that was initialised.
    pub async fn open(parts: Parts) -> Result<Self, EngineError> {
        let mut session = parts.store.read().await?;
        let tenant =
            session
                .find_setting("tenant")
                .await?
                .ok_or_else(|| EngineError::NotPossible {
                    reason: "this database holds no instance yet: run `mandate init` first"
                        .to_owned(),
                })?;
        let tenant: Tenant = serde_json::from_str(&tenant).map_err(|error| {
            EngineError::Internal(format!("setting `tenant` cannot be read: {error}"))
        })?;
        let mut keys = Keys {
            session: &mut session,
            seal: &parts.seal,
        };
        let challenge_key = keys.open("challenge.key").await?;
        let audit_mac = Arc::new(ChainKey::new(keys.open(audit::KEY_NAME).await?));
        let authorities = Authorities::read(&mut session, &parts.seal, None).await?;
        let tokens = KeyRing::read(&mut session, &parts.seal, tenant.id).await?;
        drop(session);
        let endpoints = Endpoints {
            organisation: tenant.company.clone(),
            identifier_prefix: identifier_prefix(&tenant.domains[0]),
            scep_url: format!("{}/scep", parts.addresses.device_base_url),
            scep_ca_fingerprint: authorities.current().authority.issuing().sha1().to_vec(),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                store: parts.store,
                clock: parts.clock,
                chance: parts.chance,
                seal: parts.seal,
                authorities: RwLock::new(Arc::new(authorities)),
                tenant,
                tokens: RwLock::new(Arc::new(TokenService::new(tokens))),
                challenge_key,
                audit_mac,
                channels: parts.channels,
                gateway: parts.gateway,
                issuers: parts.issuers,
                providers: parts.providers,
                mail_servers: parts.mail_servers,
                endpoints,
                addresses: parts.addresses,
                options: parts.options,
                cache: Cache::default(),
            }),
        })
    }

    /// Whether the server can do its job: the database answers and the keys are open.
    pub async fn ready(&self) -> Result<(), EngineError> {
        self.store().read().await?.intent().await?;
        Ok(())
    }

    /// The organisation.
    pub fn tenant(&self) -> &Tenant {
        &self.inner.tenant
    }

    pub(crate) fn token_service(&self) -> &RwLock<Arc<TokenService>> {
        &self.inner.tokens
    }

    /// Id of the service principal that stands for an app in tokens.
    pub fn app_object_id(&self, id: AppId) -> uuid::Uuid {
        uuid::Uuid::new_v5(&self.tenant().id.0, id.as_bytes())
    }

    /// Now, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// What devices are told as this server's address, without a trailing slash.
    pub fn device_base_url(&self) -> &str {
        &self.inner.addresses.device_base_url
    }

    /// Names that compiled content uses.
    pub fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }

    /// Choices of the administrator.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn chance(&self) -> &dyn Chance {
        &*self.inner.chance
    }

    pub(crate) fn seal(&self) -> &SealKey {
        &self.inner.seal
    }

    pub(crate) fn challenge_key(&self) -> &[u8] {
        &self.inner.challenge_key
    }

    pub(crate) fn audit_mac(&self) -> &Arc<dyn AuditMac> {
        &self.inner.audit_mac
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    pub(crate) fn gateway(&self) -> &dyn PushGateway {
        &*self.inner.gateway
    }

    pub(crate) fn issuer_gateway(&self) -> &dyn IssuerGateway {
        &*self.inner.issuers
    }

    pub(crate) fn provider_gateway(&self) -> &dyn ProviderGateway {
        &*self.inner.providers
    }

    pub(crate) fn preflight_gateway(&self) -> &dyn PreflightGateway {
        &*self.inner.mail_servers
    }

    pub(crate) fn channel(&self, platform: Platform) -> Option<&Arc<dyn Channel>> {
        self.inner
            .channels
            .iter()
            .find(|channel| channel.platform() == platform)
    }
}

/// Opens sealed keys.
struct Keys<'a> {
    session: &'a mut mandate_store::Session,
    seal: &'a SealKey,
}

impl Keys<'_> {
    async fn open(&mut self, name: &str) -> Result<Zeroizing<Vec<u8>>, EngineError> {
        let sealed =
            self.session
                .find_secret(name)
                .await?
                .ok_or_else(|| EngineError::NotPossible {
                    reason: format!("the secret `{name}` is not in the database: restore a backup"),
                })?;
        self.seal
            .open(name, &sealed)
            .map_err(|_| EngineError::NotPossible {
                reason: format!(
                    "the secret `{name}` does not open with the key file of this data directory"
                ),
            })
    }
}

async fn certificate(
    session: &mut mandate_store::Session,
    name: &str,
) -> Result<Certificate, EngineError> {
    let pem = session
        .find_setting(name)
        .await?
        .ok_or_else(|| EngineError::NotPossible {
            reason: format!("the certificate `{name}` is not in the database: restore a backup"),
        })?;
    Ok(Certificate::from_pem(&pem)?)
}

/// `example.com` becomes `com.example.mandate`.
fn identifier_prefix(domain: &str) -> String {
    let mut labels: Vec<_> = domain
        .split('.')
        .rev()
        .filter(|label| !label.is_empty())
        .collect();
    labels.push("mandate");
    labels.join(".").to_lowercase()
}

/// What the database calls an authority: the key id of its certificate in lower-case hexadecimal.
pub(crate) fn authority_id(issuing: &Certificate) -> String {
    issuing
        .public_key()
        .map(|key| hex(&key.key_id()))
        .unwrap_or_default()
}

/// Octets from hexadecimal digits; none if they are not.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
