//! A house with a door for SCIM, and verbs to use it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use mandate_engine::{
    Actor, Addresses, Clock, Engine, InitRequest, Options, Parts, Push, PushCredentials,
    PushGateway, Store, SystemChance,
};
use mandate_model::{Timestamp, User};
use mandate_pki::seal::SealKey;
use mandate_scim::{ScimState, router};
use mandate_web::Scheme;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) token: String,
    clock: Arc<StoppedClock>,
    router: Router,
    _directory: TempDir,
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answered {
    /// The body, if the status is this one.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The word of an error in SCIM's form.
    pub(crate) fn error(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
        assert_eq!(self.body["schemas"], schemas);
        assert_eq!(self.body["status"], status.to_string());
        assert!(self.body["detail"].is_string());
        let kind = self.body["scimType"].as_str();
        kind.unwrap_or_default().to_owned()
    }
}

#[derive(Debug)]
struct StoppedClock(std::sync::atomic::AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[derive(Debug)]
struct NoPush;

impl PushGateway for NoPush {
    fn open(&self, _credentials: PushCredentials) -> Result<Arc<dyn Push>, String> {
        Err("there is no push service in this test".to_owned())
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&directory.path().join("mandate.db"))
            .await
            .unwrap();
        let seal = SealKey::generate().unwrap();
        let noon = 1_790_000_000 * 1_000_000;
        let clock = Arc::new(StoppedClock(std::sync::atomic::AtomicI64::new(noon)));
        let request = InitRequest {
            company: "Example".to_owned(),
            domain: "example.com".to_owned(),
            admin_upn: "admin@example.com".to_owned(),
            keys: mandate_engine::AuthorityKeys::default(),
        };
        Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
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
                device_base_url: "https://mdm.example.com".to_owned(),
                device_tls_base_url: None,
            },
            options: Options::default(),
        };
        let engine = Engine::open(parts).await.unwrap();
        let made = engine.create_scim_token(&Actor::system(), "Entra", 30);
        let token = made.await.unwrap().token.to_string();
        let hosts = vec!["mdm.example.com".to_owned()];
        let state = ScimState::new(engine.clone(), Scheme::Https, hosts);
        Self {
            engine,
            token,
            clock,
            router: router(state),
            _directory: directory,
        }
    }

    pub(crate) fn forward_days(&self, days: i64) {
        let moved = days * Timestamp::DAY;
        self.clock
            .0
            .fetch_add(moved, std::sync::atomic::Ordering::SeqCst);
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        (headers, body): (&[(&str, &str)], Vec<u8>),
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "mdm.example.com")
            .header("content-type", "application/scim+json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            let kind = headers["content-type"].to_str().unwrap();
            assert!(kind.starts_with("application/scim+json"), "{kind}");
            serde_json::from_slice(&bytes).unwrap()
        };
        Answered {
            status,
            headers,
            body,
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let token = format!("Bearer {}", self.token);
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        self.send(method, path, (&[("authorization", &token)], body))
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answered {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answered {
        self.call(Method::DELETE, path, None).await
    }

    /// Brings somebody; their id there.
    pub(crate) async fn bring(&self, name: &str) -> String {
        let body = json!({"schemas": [USER], "userName": name, "externalId": format!("x-{name}"), "active": true,
            "displayName": name, "emails": [{"type": "work", "value": name, "primary": true}]});
        id(&self.post("/Users", body).await.expect(201))
    }

    /// The person of a sign-in name.
    pub(crate) async fn person(&self, name: &str) -> Option<User> {
        let system = Actor::system();
        self.engine.find_user(&system, name).await.unwrap()
    }
}

pub(crate) fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}
