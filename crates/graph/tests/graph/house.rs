//! A house with a door, and verbs to use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use mandate_engine::{
    Actor, Addresses, Clock, Engine, InitRequest, LicenceChange, LicenceHolder,
    ManagementAuthority, NewApp, Options, Parts, Permission, Push, PushCredentials, PushGateway,
    Store, SystemChance,
};
use mandate_graph::{GraphState, Scheme, router};
use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership, Platform, Timestamp,
    UserId,
};
use mandate_pki::seal::SealKey;
use mandate_store::DeviceRecord;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// Noon of some day.
pub(crate) const NOON: i64 = 1_790_000_000;

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) root_pem: String,
    clock: Arc<StoppedClock>,
    router: Router,
    token: String,
    _directory: TempDir,
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

#[derive(Debug)]
struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug)]
struct NoPush;

impl PushGateway for NoPush {
    fn open(&self, _credentials: PushCredentials) -> Result<Arc<dyn Push>, String> {
        Err("there is no push service in this test".to_owned())
    }
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body of an answer that must have a status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The `error` of an answer that must have a status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> Value {
        self.expect(status)["error"].clone()
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let house = Self::open_bare().await;
        house.open_for_enrolment().await;
        house
    }

    /// Makes this server the management authority, and gives everybody a licence.
    async fn open_for_enrolment(&self) {
        let system = Actor::system();
        let intune = ManagementAuthority::Intune;
        let set = self.engine.set_management_authority(&system, intune, true);
        set.await.unwrap();
        let everybody = LicenceChange {
            add: [LicenceHolder::Everybody].into(),
            ..LicenceChange::default()
        };
        let given = self.engine.change_licences(&system, &everybody);
        given.await.unwrap();
    }

    /// A house just made: nothing can be enrolled in it.
    pub(crate) async fn open_bare() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&directory.path().join("mandate.db"))
            .await
            .unwrap();
        let seal = SealKey::generate().unwrap();
        let clock = Arc::new(StoppedClock(AtomicI64::new(NOON * 1_000_000)));
        let request = InitRequest {
            company: "Example".to_owned(),
            domain: "example.com".to_owned(),
            admin_upn: "admin@example.com".to_owned(),
            keys: mandate_engine::AuthorityKeys::default(),
        };
        let made = Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
            .await
            .unwrap();
        let parts = Parts {
            store,
            seal,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            chance: Arc::new(SystemChance),
            channels: Vec::new(),
            gateway: Arc::new(NoPush),
            issuers: Arc::new(mandate_engine::NoIssuers),
            providers: Arc::new(mandate_engine::NoProviders),
            mail_servers: Arc::new(mandate_engine::NoMailServers),
            addresses: Addresses {
                device_base_url: "https://mdm.example.com:8443".to_owned(),
                device_tls_base_url: None,
            },
            options: Options {
                enrolment_without_push: true,
                ..Options::default()
            },
        };
        let engine = Engine::open(parts).await.unwrap();
        let hosts = ["mdm.example.com:8443", "graph.microsoft.com"].map(str::to_owned);
        let hosts = hosts.to_vec();
        let authority = mandate_sign_in::router(mandate_sign_in::Door::new(
            engine.clone(),
            Scheme::Https,
            hosts.clone(),
        ));
        let state = GraphState::new(engine.clone(), Arc::new(SystemChance), Scheme::Https, hosts);
        let mut house = Self {
            engine,
            root_pem: made.root_pem,
            clock,
            router: router(state).merge(authority),
            token: String::new(),
            _directory: directory,
        };
        let app = house.app(Permission::ALL.to_vec()).await;
        house.token = house.sign_in(&app).await;
        house
    }

    /// When something that concerns a device alone last changed.
    pub(crate) async fn stale_at(&self, device: DeviceId) -> Timestamp {
        let mut session = self.engine.store().read().await.unwrap();
        session.find_device(device).await.unwrap().unwrap().stale_at
    }

    /// Registers an app.
    pub(crate) async fn app(&self, permissions: Vec<Permission>) -> NewApp {
        self.engine
            .create_app(&Actor::system(), "test", permissions)
            .await
            .unwrap()
    }

    /// The access token of an app.
    pub(crate) async fn sign_in(&self, app: &NewApp) -> String {
        let answer = self.ask_token("example.com", &token_form(app)).await;
        answer.expect(200)["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn ask_token(&self, tenant: &str, form: &str) -> Answered {
        let request = Request::post(format!("/{tenant}/oauth2/v2.0/token"))
            .header("host", "mdm.example.com:8443")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    pub(crate) fn advance(&self, microseconds: i64) {
        self.clock.0.fetch_add(microseconds, Ordering::SeqCst);
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.call(Method::GET, path, headers, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answered {
        self.call(Method::DELETE, path, &[], None).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "mdm.example.com:8443");
        if headers.iter().all(|(name, _)| *name != "authorization") {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answered {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Makes a person; gives the id.
    pub(crate) async fn user(&self, name: &str) -> String {
        let body = json!({
            "accountEnabled": true, "displayName": name, "userPrincipalName": format!("{name}@example.com"),
            "mail": format!("{name}@example.com"), "mailNickname": name,
        });
        id(&self.post("/v1.0/users", body).await.expect(201))
    }

    /// Makes a group; gives the id.
    pub(crate) async fn group(&self, name: &str) -> String {
        let body = json!({
            "displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true, "groupTypes": [],
        });
        id(&self.post("/v1.0/groups", body).await.expect(201))
    }

    /// Makes a mail profile; gives the id.
    pub(crate) async fn mail_profile(&self, name: &str) -> String {
        id(&self
            .post(
                "/beta/deviceManagement/deviceConfigurations",
                mail_profile(name),
            )
            .await
            .expect(201))
    }

    /// Makes a root certificate profile; gives the id.
    pub(crate) async fn root_profile(&self, name: &str) -> String {
        let lines = self
            .root_pem
            .lines()
            .filter(|line| !line.starts_with("-----"));
        let body = json!({
            "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
            "displayName": name,
            "certFileName": "root.cer",
            "trustedRootCertificate": lines.collect::<String>(),
        });
        id(&self
            .post("/beta/deviceManagement/deviceConfigurations", body)
            .await
            .expect(201))
    }

    /// Puts an enrolled iPhone into the store; gives the id.
    pub(crate) async fn phone(&self, name: &str, user: Option<&str>) -> String {
        let device_id = DeviceId(Uuid::from_u128(
            0x7000 + u128::from(name.bytes().map(u64::from).sum::<u64>()),
        ));
        let now = self.clock.now();
        let device = Device {
            id: device_id,
            platform: Platform::Ios,
            enrolment_type: EnrolmentType::Device,
            enrolment_id: format!("UDID-{name}"),
            state: DeviceState::Enrolled,
            user_id: user.map(|user| UserId(Uuid::try_parse(user).unwrap())),
            manager_id: None,
            ownership: Ownership::Company,
            facts: DeviceFacts {
                device_name: Some(name.to_owned()),
                model: Some("iPhone".to_owned()),
                os_version: Some("18.1".to_owned()),
                serial_number: Some(format!("SN{name}")),
                imei: Some("35 209900 176148 1".to_owned()),
                ..DeviceFacts::default()
            },
            enrolled_at: now,
            last_seen_at: now,
        };
        let record = DeviceRecord {
            device,
            reconciled_in: 0,
            stale_at: now,
            inventory_at: None,
            attention_at: None,
            wake_at: None,
            wake_attempts: 0,
            topic: "com.apple.mgmt.External.test".to_owned(),
            push_token: None,
            push_magic: None,
            push_state: "none".to_owned(),
            push_token_at: now,
            unlock_token: None,
            identity: device_id.as_bytes().to_vec(),
            identity_until: now.plus(Timestamp::DAY),
            identity_renew_at: now.plus(Timestamp::DAY),
            identity_changed: false,
            identity_ticket: Uuid::nil(),
            channel: None,
        };
        let mut session = self.engine.store().write().await.unwrap();
        session.insert_device(&record).await.unwrap();
        session.raise_intent().await.unwrap();
        session.commit().await.unwrap();
        device_id.to_string()
    }
}

pub(crate) fn token_form(app: &NewApp) -> String {
    format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        app.app.id, app.secret
    )
}

/// The body of a mail profile as `IntuneCD` writes it.
pub(crate) fn mail_profile(name: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
        "displayName": name,
        "accountName": "Work",
        "hostName": "mail.example.com",
        "authenticationMethod": "usernameAndPassword",
        "usernameSource": "userPrincipalName",
        "emailAddressSource": "primarySmtpAddress",
        "durationOfEmailToSync": "oneMonth",
        "requireSsl": true,
    })
}

/// The id of an object.
#[track_caller]
pub(crate) fn id(object: &Value) -> String {
    object["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id: {object}"))
        .to_owned()
}

/// One property of all objects of a list.
#[track_caller]
pub(crate) fn all<'a>(list: &'a Value, property: &str) -> Vec<&'a str> {
    list["value"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {list}"))
        .iter()
        .map(|item| item[property].as_str().unwrap())
        .collect()
}
