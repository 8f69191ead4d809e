//! A house with a door for people, whose clock is moved by hand, and browsers that come to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use mandate_engine::{
    Actor, Addresses, AuthorityKeys, Chance as _, Clock, Engine, InitRequest, NewPassword, NewUser,
    Options, Parts, Push, PushCredentials, PushGateway, SecondFactor, SystemChance,
};
use mandate_model::{Timestamp, User};
use mandate_pki::keys::KeyKind;
use mandate_pki::seal::SealKey;
use mandate_sign_in::{Door, router};
use mandate_store::Store;
use mandate_web::Scheme;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const NOON: i64 = 1_790_000_000;
pub(crate) const HOST: &str = "mdm.example.com:8443";
pub(crate) const ORIGIN: &str = "https://mdm.example.com:8443";
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<HandClock>,
    /// Path of the first administrator's set-up link.
    pub(crate) link: String,
    router: Router,
    store: Store,
    seal: SealKey,
    _directory: TempDir,
}

#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl HandClock {
    pub(crate) fn pass(&self, seconds: i64) {
        self.0
            .fetch_add(seconds * Timestamp::SECOND, Ordering::SeqCst);
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.now().unix_seconds()
    }
}

#[derive(Debug)]
struct NoPush;

impl PushGateway for NoPush {
    fn open(&self, _credentials: PushCredentials) -> Result<Arc<dyn Push>, String> {
        Err("there is no push service in this test".to_owned())
    }
}

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
    let mut octets = [0; 8];
    SystemChance.fill(&mut octets);
    let name = format!("people_{}", u64::from_le_bytes(octets));
    Store::create_postgres_database(&url, &name).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    Store::open_postgres(&format!("{server}/{name}"))
        .await
        .unwrap()
}

impl House {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        let seal = SealKey::generate().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(NOON * Timestamp::SECOND)));
        let request = InitRequest {
            company: "Example".to_owned(),
            domain: "example.com".to_owned(),
            admin_upn: "admin@example.com".to_owned(),
            keys: AuthorityKeys {
                root: KeyKind::P256,
                issuing: KeyKind::P256,
            },
        };
        let made = Engine::initialise(&store, &seal, &*clock, &SystemChance, &request)
            .await
            .unwrap();
        let engine = engine(&store, &seal, &clock).await;
        Self {
            router: door(&engine),
            engine,
            clock,
            link: made.link.path.to_string(),
            store,
            seal,
            _directory: directory,
        }
    }

    /// The same instance in another process.
    pub(crate) async fn restart(&mut self) {
        self.engine = engine(&self.store, &self.seal, &self.clock).await;
        self.router = door(&self.engine);
    }

    /// Somebody with a password; no second factor is asked for unless they have one.
    pub(crate) async fn person(&self, name: &str) -> User {
        let system = Actor::system();
        let new = NewUser {
            user_principal_name: format!("{name}@example.com"),
            display_name: name.to_owned(),
            password: Some(NewPassword {
                text: PASSWORD.to_owned().into(),
                must_change: false,
            }),
            ..NewUser::default()
        };
        self.engine.create_user(&system, new).await.unwrap()
    }

    pub(crate) async fn demand(&self, wanted: SecondFactor) {
        let system = Actor::system();
        self.engine
            .set_second_factor(&system, wanted)
            .await
            .unwrap();
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        let found = self.engine.find_user(&Actor::system(), name).await;
        found.unwrap().unwrap()
    }

    pub(crate) fn browser(&self, address: &str) -> Browser {
        Browser {
            router: self.router.clone(),
            peer: format!("{address}:40000").parse().unwrap(),
            cookies: BTreeMap::new(),
            token: String::new(),
        }
    }

    /// A browser in which somebody with a password alone is signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser("192.0.2.1");
        let shown = browser.enter(name, PASSWORD).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
        browser.get("/account/").await.expect(200);
        browser
    }
}

async fn engine(store: &Store, seal: &SealKey, clock: &Arc<HandClock>) -> Engine {
    Engine::open(Parts {
        store: store.clone(),
        seal: seal.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance: Arc::new(SystemChance),
        channels: Vec::new(),
        gateway: Arc::new(NoPush),
        issuers: Arc::new(mandate_engine::NoIssuers),
        providers: Arc::new(mandate_engine::NoProviders),
        mail_servers: Arc::new(mandate_engine::NoMailServers),
        addresses: Addresses {
            device_base_url: ORIGIN.to_owned(),
            device_tls_base_url: None,
        },
        options: Options::default(),
    })
    .await
    .unwrap()
}

fn door(engine: &Engine) -> Router {
    let hosts = vec![HOST.to_owned()];
    router(Door::new(engine.clone(), Scheme::Https, hosts))
}

/// A browser: keeps cookies and the form token of the last page.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    peer: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shown {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let all = self.headers.get_all(header::SET_COOKIE);
        all.iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// An attribute of the page, as a browser reads it.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("{name}=\""))?;
        let (value, _) = rest.split_once('"')?;
        let plain = [
            ("&quot;", "\""),
            ("&#34;", "\""),
            ("&#38;", "&"),
            ("&amp;", "&"),
            ("&#60;", "<"),
            ("&#62;", ">"),
        ];
        let value = plain
            .iter()
            .fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
        Some(value)
    }

    /// What stands between two marks.
    pub(crate) fn between(&self, from: &str, to: &str) -> Vec<String> {
        let parts = self.text.split(from).skip(1);
        parts
            .filter_map(|part| Some(part.split_once(to)?.0.to_owned()))
            .collect()
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        self.send("GET", path, &[], &[]).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.token.clone();
        let mut all = vec![("form_token", token.as_str())];
        all.extend(fields);
        self.send("POST", path, &all, &[("origin", ORIGIN)]).await
    }

    /// Goes from the first page up to the answer to the password.
    pub(crate) async fn enter(&mut self, name: &str, password: &str) -> Shown {
        self.get("/sign-in").await;
        self.get("/sign-in").await.expect(200);
        let name = format!("{name}@example.com");
        self.post("/sign-in/name", &[("name", &name)])
            .await
            .expect(303);
        self.get("/sign-in").await.expect(200);
        self.post("/sign-in/password", &[("password", password)])
            .await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Shown {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", HOST)
            .header("user-agent", "Browser of the tests")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookies.collect::<Vec<_>>().join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = to_bytes(body, usize::MAX).await.unwrap();
        let shown = Shown {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(text.to_vec()).unwrap(),
        };
        for cookie in shown.set_cookies() {
            let (pair, rest) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = shown.text.split_once("name=\"form_token\" value=\"") {
            rest.split_once('"').unwrap().0.clone_into(&mut self.token);
        }
        shown
    }

    pub(crate) fn session(&self) -> Option<&String> {
        self.cookies.get("__Host-mandate")
    }
}

/// RFC 3986 §2.1, everything but letters and digits.
fn encode(text: &str) -> String {
    let plain = |octet: u8| {
        if octet.is_ascii_alphanumeric() {
            char::from(octet).to_string()
        } else {
            format!("%{octet:02X}")
        }
    };
    text.bytes().map(plain).collect()
}
