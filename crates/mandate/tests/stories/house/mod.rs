//! A whole house on loopback: database, engine, doors, a clock that is moved by hand, simulated phones and a stand-in
//! for the push service. Tests tell stories with it.

mod applicant;
mod browser;
mod clock;
mod factors;
mod intent;
#[path = "../../../src/issuer_gateway.rs"]
mod issuer_gateway;
mod keys_of_devices;
mod keys_of_people;
#[path = "../../../src/mail_courier/mod.rs"]
pub(crate) mod mail_courier;
mod oidc_peer;
mod openssl;
mod places;
mod preflight;
mod program;
#[path = "../../../src/provider_gateway/mod.rs"]
pub(crate) mod provider_gateway;
mod puppet;
mod rest;
mod slapd;
mod smtp_peer;
mod wire;
mod workshop;

use std::net::SocketAddr;
use std::sync::Arc;

use mandate_apple::{ApnsGateway, AppleChannel, AppleState, GatewaySettings};
use mandate_engine::{
    Actor, Addresses, AuthorityKeys, Clock as _, Engine, EngineError, InitRequest, LicenceChange,
    LicenceHolder, ManagementAuthority, NewLink, NewUser, Options, Parts, PushCertificate, Store,
    SystemChance, SystemClock,
};
use mandate_model::{
    DeviceId, EnrolmentType, Platform, ProfileId, Reason, State, Status, Timestamp, User, UserId,
};
use mandate_pki::seal::SealKey;
use mandate_simulator::apns::ApnsStandIn;
use mandate_simulator::device::{Device, Ending, Model, OsVersion};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;

pub(crate) use applicant::{address, common_name};
pub(crate) use browser::{Browser, Page};
pub(crate) use clock::HandClock;
pub(crate) use intent::mail_settings;
pub(crate) use keys_of_people::MailKey;
pub(crate) use oidc_peer::{CALLBACK, OidcPeer, SECRET};
pub(crate) use openssl::{Openssl, text};
pub(crate) use places::{Place, places};
pub(crate) use preflight::MailServersAtHome;
pub(crate) use program::{Program, first_json};
pub(crate) use puppet::{error_chain, profile_list, put, xml};
pub(crate) use slapd::{BASE, PASSWORD as DIRECTORY_PASSWORD, Slapd};
pub(crate) use smtp_peer::{SENDER, SENDERS_PASSWORD, SmtpPeer};
pub(crate) use wire::Wire;
pub(crate) use workshop::{Said, Workshop};

/// UUID in the topic of the house's push certificate.
pub(crate) const PUSH_TOPIC: &str = "5f1c2f0e-0d8a-4c55-9c0b-6a7c5ad6f001";

/// A house with a company in it.
pub(crate) struct House {
    /// The use cases.
    pub(crate) engine: Engine,
    /// The clock; `house.clock.forward(…)`.
    pub(crate) clock: Arc<HandClock>,
    /// The network of the phones.
    pub(crate) http: Http,
    /// The push service.
    pub(crate) apns: ApnsStandIn,
    /// Plain address of the server.
    pub(crate) url: String,
    /// Everything is allowed.
    pub(crate) admin: Actor,
    /// Where the data is.
    pub(crate) place: Place,
    /// Keys that all phones draw from.
    pub(crate) keys: KeyPool,
    /// Where preflights find mail servers.
    pub(crate) mail_servers: MailServersAtHome,
    next_phone: std::sync::atomic::AtomicU64,
    server: tokio::task::JoinHandle<()>,
    seal: SealKey,
    options: Options,
    address: SocketAddr,
}

/// What an engine and its doors are made of.
struct Rooms<'a> {
    store: Store,
    seal: &'a SealKey,
    clock: &'a Arc<HandClock>,
    apns: &'a ApnsStandIn,
    url: &'a str,
    options: &'a Options,
    mail_servers: &'a MailServersAtHome,
}

impl Rooms<'_> {
    async fn open(
        self,
        listener: tokio::net::TcpListener,
    ) -> (Engine, tokio::task::JoinHandle<()>) {
        let gateway = GatewaySettings {
            endpoint: Some(self.apns.url()),
            roots: Some(self.apns.root_pem()),
        };
        let engine = Engine::open(Parts {
            store: self.store,
            seal: self.seal.clone(),
            clock: self.clock.clone(),
            chance: Arc::new(SystemChance),
            channels: AppleChannel::all(),
            gateway: Arc::new(ApnsGateway::new(gateway)),
            issuers: Arc::new(issuer_gateway::HttpIssuers),
            providers: Arc::new(provider_gateway::NetworkProviders),
            mail_servers: Arc::new(self.mail_servers.clone()),
            addresses: Addresses {
                device_base_url: self.url.to_owned(),
                device_tls_base_url: None,
            },
            options: self.options.clone(),
        })
        .await
        .unwrap();
        let roots = vec![engine.root().der().to_vec()];
        let signer = engine
            .server_identity(&["localhost".to_owned()])
            .await
            .unwrap();
        let hosts = vec![self.url.trim_start_matches("http://").to_owned()];
        let door = mandate_ui::Door::new(engine.clone(), mandate_graph::Scheme::Http, hosts);
        let router = mandate_apple::router(AppleState::new(engine.clone(), Some(signer), roots))
            .merge(mandate_sign_in::router(door.clone()))
            .merge(mandate_portal::router(door));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (engine, server)
    }
}

impl House {
    /// A house at a place, with a push certificate.
    pub(crate) async fn open(place: Place) -> Self {
        Self::open_with(place, Options::default()).await
    }

    /// The same with options.
    pub(crate) async fn open_with(place: Place, options: Options) -> Self {
        let house = Self::open_without_push(place, options).await;
        house.store_push_certificate(PUSH_TOPIC).await.unwrap();
        house
    }

    /// A house that has no push certificate yet.
    pub(crate) async fn open_without_push(place: Place, options: Options) -> Self {
        let house = Self::open_bare(place, options).await;
        house.open_for_enrolment().await;
        house
    }

    /// Makes this server the management authority, and gives everybody a licence.
    pub(crate) async fn open_for_enrolment(&self) {
        let intune = ManagementAuthority::Intune;
        let set = self
            .engine
            .set_management_authority(&self.admin, intune, true);
        set.await.unwrap();
        let everybody = LicenceChange {
            add: [LicenceHolder::Everybody].into(),
            ..LicenceChange::default()
        };
        let given = self.engine.change_licences(&self.admin, &everybody);
        given.await.unwrap();
    }

    /// A house just made: nothing can be enrolled in it.
    pub(crate) async fn open_bare(place: Place, options: Options) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let clock = Arc::new(HandClock::default());
        let seal = SealKey::generate().unwrap();
        let store = place.store().await;
        let request = InitRequest {
            company: "Contoso".to_owned(),
            domain: "contoso.com".to_owned(),
            admin_upn: "admin@contoso.com".to_owned(),
            keys: AuthorityKeys::default(),
        };
        Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
            .await
            .unwrap();
        let keys = KeyPool::shared();
        // TLS looks at the real clock.
        let apns = ApnsStandIn::start(&keys, SystemClock.now().unix_seconds())
            .await
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let mail_servers = MailServersAtHome::default();
        let rooms = Rooms {
            store,
            seal: &seal,
            clock: &clock,
            apns: &apns,
            url: &url,
            options: &options,
            mail_servers: &mail_servers,
        };
        let (engine, server) = rooms.open(listener).await;
        let http = Http::new().with_clock({
            let clock = clock.clone();
            move || clock.unix_seconds()
        });
        Self {
            engine,
            clock,
            http,
            apns,
            url,
            admin: Actor::system(),
            place,
            keys,
            mail_servers,
            next_phone: std::sync::atomic::AtomicU64::new(1),
            server,
            seal,
            options,
            address,
        }
    }

    /// Sets the clock to the real time, for programs that look at their own.
    pub(crate) fn come_to_the_present(&self) {
        let behind = SystemClock.now().unix_seconds() - self.clock.unix_seconds();
        self.clock.forward(behind * Timestamp::SECOND);
    }

    /// Stops the server as a power cut does, and starts it again on the same data.
    pub(crate) async fn restart(&mut self) {
        self.server.abort();
        self.engine.store().close().await;
        let store = self.place.store().await;
        let listener = tokio::net::TcpListener::bind(self.address).await.unwrap();
        let rooms = Rooms {
            store,
            seal: &self.seal,
            clock: &self.clock,
            apns: &self.apns,
            url: &self.url,
            options: &self.options,
            mail_servers: &self.mail_servers,
        };
        (self.engine, self.server) = rooms.open(listener).await;
        let clock = self.clock.clone();
        self.http = self.http.with_clock(move || clock.unix_seconds());
    }

    /// Asks for a push certificate, has it issued for a topic, and stores it.
    pub(crate) async fn store_push_certificate(
        &self,
        uuid: &str,
    ) -> Result<PushCertificate, EngineError> {
        let request = self
            .engine
            .push_certificate_request(&self.admin)
            .await
            .unwrap();
        let (now, real) = (self.clock.unix_seconds(), SystemClock.now().unix_seconds());
        let validity = (now.min(real) - 3600, now.max(real) + 365 * 86_400);
        let certificate = self
            .apns
            .authority()
            .push_certificate(&request, uuid, validity)
            .unwrap();
        self.engine
            .store_push_certificate(&self.admin, &certificate, Some("it@contoso.com".to_owned()))
            .await
    }

    /// The key that seals its secrets.
    pub(crate) const fn seal_key(&self) -> &SealKey {
        &self.seal
    }

    /// Hires somebody: `ada@contoso.com` with mail and an on-premises account.
    pub(crate) async fn hire(&self, name: &str) -> User {
        let new = NewUser {
            user_principal_name: format!("{name}@contoso.com"),
            display_name: name.to_owned(),
            mail: Some(format!("{name}@mail.contoso.com")),
            on_premises_sam_account_name: Some(name.to_owned()),
            on_premises_domain_name: Some("corp.contoso.com".to_owned()),
            on_premises_net_bios_name: Some("CONTOSO".to_owned()),
            ..NewUser::default()
        };
        self.engine.create_user(&self.admin, new).await.unwrap()
    }

    /// A phone of this version, not yet enrolled.
    pub(crate) fn phone(&self, major: u32, minor: u32) -> Device {
        let seed = self
            .next_phone
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Device::new(
            seed,
            Model::IPhone,
            OsVersion::new(major, minor),
            &self.keys,
        )
    }

    /// A Mac of this version, not yet enrolled.
    pub(crate) fn mac(&self, major: u32, minor: u32) -> Device {
        let seed = self
            .next_phone
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Device::new(
            seed,
            Model::MacBook,
            OsVersion::new(major, minor),
            &self.keys,
        )
    }

    /// A link for somebody, or for a device without a user.
    pub(crate) async fn link(&self, user: Option<UserId>, enrolment_type: EnrolmentType) -> String {
        self.link_for(Platform::Ios, user, enrolment_type).await
    }

    /// The same for devices of a platform.
    pub(crate) async fn link_for(
        &self,
        platform: Platform,
        user: Option<UserId>,
        enrolment_type: EnrolmentType,
    ) -> String {
        let new = NewLink {
            user,
            platform,
            enrolment_type,
            lifetime_seconds: 3600,
            uses: 1,
            signed: true,
        };
        let link = self
            .engine
            .create_enrolment_link(&self.admin, new)
            .await
            .unwrap();
        format!("{}{}", self.url, link.path)
    }

    /// Enrols a phone or a Mac for somebody and lets it settle.
    pub(crate) async fn enrol(&self, mut phone: Device, user: Option<UserId>) -> Device {
        let platform = match phone.state().model {
            Model::IPhone | Model::IPad => Platform::Ios,
            Model::MacBook => Platform::MacOs,
        };
        let link = self.link_for(platform, user, EnrolmentType::Device).await;
        phone.enrol(&self.http, &link).await.unwrap();
        self.settle(&mut phone).await;
        phone
    }

    /// Lets a phone connect until it has nothing more to do. Returns the commands it got.
    pub(crate) async fn settle(&self, phone: &mut Device) -> Vec<String> {
        let mut commands = Vec::new();
        for _ in 0..30 {
            let report = phone.check_in(&self.http).await.unwrap();
            commands.extend(report.commands.iter().map(|(name, _)| name.clone()));
            assert_ne!(
                report.ending,
                Ending::Endless,
                "the server does not stop: {:?}",
                &commands[..12]
            );
            if report.is_quiet() && !report.comes_back() {
                break;
            }
        }
        commands
    }

    /// Lets a phone connect until it is no longer managed.
    pub(crate) async fn settle_until_gone(&self, phone: &mut Device) {
        for _ in 0..10 {
            if !phone.is_enrolled() {
                return;
            }
            phone.check_in(&self.http).await.unwrap();
        }
        panic!("the phone is still managed");
    }

    /// The server's device behind a phone.
    pub(crate) async fn device_of(&self, phone: &Device) -> DeviceId {
        let mut session = self.engine.store().read().await.unwrap();
        session
            .find_device_by_enrolment(phone.enrolment_id())
            .await
            .unwrap()
            .unwrap()
            .device
            .id
    }

    /// The state of a profile on a phone, if it concerns it.
    pub(crate) async fn status(&self, profile: ProfileId, phone: &Device) -> Option<Status> {
        let device = self.device_of(phone).await;
        let states = self
            .engine
            .profile_states(&self.admin, device)
            .await
            .unwrap();
        states
            .into_iter()
            .find(|state| state.profile.id == profile)
            .map(|state| state.status)
    }

    /// The same as a state alone.
    pub(crate) async fn state(&self, profile: ProfileId, phone: &Device) -> Option<State> {
        self.status(profile, phone)
            .await
            .map(|status| status.state())
    }

    /// The same as a reason alone.
    pub(crate) async fn reason(&self, profile: ProfileId, phone: &Device) -> Option<Reason> {
        self.status(profile, phone)
            .await
            .map(|status| status.reason)
    }

    /// Runs the background until it has nothing to do at once.
    pub(crate) async fn background(&self) {
        for _ in 0..1000 {
            if !self.engine.round().await.unwrap() {
                return;
            }
        }
        panic!("the background does not come to rest");
    }

    /// `PayloadIdentifier` of a profile.
    pub(crate) fn identifier(&self, profile: ProfileId) -> String {
        format!(
            "{}.profile.{profile}",
            self.engine.endpoints().identifier_prefix
        )
    }

    /// Whether a phone has a profile.
    pub(crate) fn has(&self, phone: &Device, profile: ProfileId) -> bool {
        phone.has_profile(&self.identifier(profile))
    }
}
