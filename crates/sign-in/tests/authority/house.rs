//! A house with one door, people who sign in at it, and clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_engine::{
    Actor, Addresses, App, Clock, Engine, InitRequest, NewRegistration, NewUser, Options, Parts,
    Permission, Push, PushCredentials, PushGateway, Redirect, RedirectKind, Store, SystemChance,
    Visit,
};
use mandate_model::{Timestamp, User};
use mandate_pki::seal::SealKey;
use mandate_sign_in::{Door, router};
use mandate_web::Scheme;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// Noon of some day.
const NOON: i64 = 1_790_000_000;
/// The first name of the server, and one that it goes by for clients that know no other.
pub(crate) const HOST: &str = "mdm.example.com:8443";
pub(crate) const OVERRIDE: &str = "login.microsoftonline.com";
/// The verifier and challenge of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct House {
    pub(crate) engine: Engine,
    store: Store,
    seal: SealKey,
    clock: Arc<StoppedClock>,
    router: Router,
    directory: Arc<TempDir>,
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
    /// The body of an answer that must have a status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// An error in Entra's form: its name and number.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16) -> (String, u64) {
        let body = self.expect(status);
        let text = body["error_description"].as_str().unwrap();
        let code = body["error_codes"][0].as_u64().unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
        assert!(body["trace_id"].is_string() && body["correlation_id"].is_string());
        (body["error"].as_str().unwrap().to_owned(), code)
    }

    pub(crate) fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// A parameter of the address that the browser is sent to.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once(['?', '#'])?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        Some(
            percent_encoding::percent_decode_str(value)
                .decode_utf8()
                .unwrap()
                .into_owned(),
        )
    }

    #[track_caller]
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.status, 302, "{}", self.text);
        self.sent("code")
            .unwrap_or_else(|| panic!("{}", self.location()))
    }

    /// A page that shows a problem and leads nowhere.
    #[track_caller]
    pub(crate) fn is_page(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert!(!self.headers.contains_key("location"));
        assert!(!self.text.contains("http-equiv=\"refresh\""));
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let store = store(&directory).await;
        let seal = SealKey::generate().unwrap();
        let clock = Arc::new(StoppedClock(AtomicI64::new(NOON * 1_000_000)));
        let request = InitRequest {
            company: "Example".to_owned(),
            domain: "example.com".to_owned(),
            admin_upn: "admin@example.com".to_owned(),
            keys: mandate_engine::AuthorityKeys::default(),
        };
        Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
            .await
            .unwrap();
        Self::over(store, seal, clock, directory).await
    }

    /// The same after a restart, or another server beside it: nothing is remembered but what is in the database.
    pub(crate) async fn beside(&self) -> Self {
        let (store, seal) = (self.store.clone(), self.seal.clone());
        Self::over(store, seal, self.clock.clone(), self.directory.clone()).await
    }

    async fn over(
        store: Store,
        seal: SealKey,
        clock: Arc<StoppedClock>,
        directory: Arc<TempDir>,
    ) -> Self {
        let parts = Parts {
            store: store.clone(),
            seal: seal.clone(),
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
            options: Options::default(),
        };
        let engine = Engine::open(parts).await.unwrap();
        let hosts = vec![HOST.to_owned(), OVERRIDE.to_owned()];
        let router = router(Door::new(engine.clone(), Scheme::Https, hosts));
        Self {
            engine,
            store,
            seal,
            clock,
            router,
            directory,
        }
    }

    pub(crate) fn advance(&self, microseconds: i64) {
        self.clock.0.fetch_add(microseconds, Ordering::SeqCst);
    }

    pub(crate) fn tenant(&self) -> String {
        self.engine.tenant().id.to_string()
    }

    pub(crate) async fn person(&self, name: &str) -> User {
        let new = NewUser {
            user_principal_name: format!("{name}@example.com"),
            display_name: name.to_owned(),
            mail: Some(format!("{name}@example.com")),
            ..NewUser::default()
        };
        let system = Actor::system();
        self.engine.create_user(&system, new).await.unwrap()
    }

    /// The cookie of a browser in which somebody has just signed in.
    pub(crate) async fn browser(&self, user: &User) -> String {
        let engine = &self.engine;
        let flow = engine.begin_flow("/", None, false).await.unwrap();
        engine
            .finish_first_factor(&flow, user.id, "pwd otp mfa", None)
            .await
            .unwrap();
        let session = engine.finish_flow(&flow, &Visit::default()).await;
        session.unwrap().unwrap().cookie.to_string()
    }

    /// A client with an address of each kind.
    pub(crate) async fn client(&self, is_public: bool, delegated: &[Permission]) -> App {
        let redirect = |kind, address: &str| Redirect {
            kind,
            address: address.to_owned(),
        };
        let new = NewRegistration {
            id: None,
            name: "Tool".to_owned(),
            permissions: vec![Permission::UserRead],
            delegated: delegated.to_vec(),
            is_public,
            redirects: vec![
                redirect(RedirectKind::Web, "https://app.example/back"),
                redirect(RedirectKind::Spa, "https://page.example/spa"),
                redirect(RedirectKind::PublicClient, "http://localhost"),
            ],
        };
        let system = Actor::system();
        self.engine.register_app(&system, new).await.unwrap()
    }

    pub(crate) async fn secret(&self, app: &App) -> String {
        let life = mandate_engine::SecretLife::Usual;
        let system = Actor::system();
        let new = self.engine.add_app_secret(&system, app.id, "", life).await;
        new.unwrap().secret
    }

    /// `GET`, by the first name of the server.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.send("GET", path, headers, "").await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answered {
        self.send("POST", path, &[], form).await
    }

    /// A request to the token end point.
    pub(crate) async fn token(&self, form: &str) -> Answered {
        self.post("/common/oauth2/v2.0/token", form).await
    }

    /// A request of a browser in which somebody is signed in.
    pub(crate) async fn browse(&self, cookie: &str, path: &str) -> Answered {
        let cookie = format!("__Host-mandate={cookie}");
        self.get(path, &[("cookie", &cookie)]).await
    }

    /// A form of ours, sent by the browser.
    pub(crate) async fn submit(&self, cookie: &str, path: &str, fields: &str) -> Answered {
        let token = mandate_web::form_token(cookie);
        let form = format!("{fields}&form_token={token}");
        let cookie = format!("__Host-mandate={cookie}");
        self.send("POST", path, &[("cookie", &cookie)], &form).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in headers.iter().filter(|(name, _)| *name != "peer") {
            request = request.header(*name, *value);
        }
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from(form.to_owned())).unwrap();
        let peer = headers.iter().find(|(name, _)| *name == "peer");
        let peer = peer.map_or("192.0.2.1", |(_, peer)| *peer);
        let peer: SocketAddr = format!("{peer}:4711").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answered {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Path of an authorization request as MSAL makes it, with a proof key.
    pub(crate) fn authorize(&self, app: &App, redirect: &str, more: &str) -> String {
        let redirect = escaped(redirect);
        format!(
            "/{}/oauth2/v2.0/authorize?client_id={}&response_type=code&redirect_uri={redirect}&scope=User.Read.All+openid+profile+offline_access&state=xyz&nonce=n1&client_info=1&code_challenge={CHALLENGE}&code_challenge_method=S256{more}",
            self.tenant(),
            app.id
        )
    }

    /// Tokens of a public client for somebody who is signed in.
    pub(crate) async fn tokens(&self, app: &App, cookie: &str) -> Value {
        let redirect = "http://localhost:53412";
        let path = self.authorize(app, redirect, "");
        let code = self.browse(cookie, &path).await.code();
        self.token(&exchange(app, redirect, &code))
            .await
            .expect(200)
    }

    /// Whether the API takes a token.
    pub(crate) async fn takes(&self, token: &str) -> bool {
        let origin = mandate_engine::Origin::default();
        let actor = self.engine.actor_of_token(token, HOST, origin).await;
        actor.is_ok()
    }
}

/// The exchange of a code by a public client.
pub(crate) fn exchange(app: &App, redirect: &str, code: &str) -> String {
    format!(
        "grant_type=authorization_code&client_id={}&code={code}&redirect_uri={}&code_verifier={VERIFIER}&client_info=1",
        app.id,
        escaped(redirect)
    )
}

pub(crate) fn refresh(app: &App, token: &str) -> String {
    format!(
        "grant_type=refresh_token&client_id={}&refresh_token={token}",
        app.id
    )
}

pub(crate) fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What a token says, whoever signed it.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// SQLite in a directory of its own, or a new database where `MANDATE_TEST_POSTGRES=postgres://…` names a server.
async fn store(directory: &TempDir) -> Store {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where these tests read it"
    )]
    let url = std::env::var("MANDATE_TEST_POSTGRES");
    let Ok(url) = url else {
        let path = directory.path().join("mandate.db");
        return Store::open_sqlite(&path).await.unwrap();
    };
    let mut bytes = [0; 8];
    mandate_engine::Chance::fill(&SystemChance, &mut bytes);
    let name = format!("mandate_test_{}", u64::from_le_bytes(bytes));
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    Store::create_postgres_database(&url, &name).await.unwrap();
    Store::open_postgres(&format!("{server}/{name}"))
        .await
        .unwrap()
}
