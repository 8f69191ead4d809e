//! An instance with the doors for people, and browsers that come to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use mandate_engine::{
    Actor, Addresses, AuthorityKeys, DirectoryRole, Engine, InitRequest, LicenceChange,
    LicenceHolder, ManagementAuthority, NewPassword, NewUser, Options, Parts, PreflightGateway,
    Push, PushCredentials, PushGateway, SecondFactor, SystemChance, SystemClock,
};
use mandate_model::Member;
use mandate_pki::keys::KeyKind;
use mandate_pki::seal::SealKey;
use mandate_store::Store;
use mandate_ui::Door;
use mandate_web::Scheme;
use tempfile::TempDir;
use tower::ServiceExt as _;

const HOST: &str = "mdm.example.com:8443";
const ORIGIN: &str = "https://mdm.example.com:8443";
const PASSWORD: &str = "correct horse battery";
const BOUNDARY: &str = "boundary-of-the-tests";

pub(crate) struct House {
    pub(crate) engine: Engine,
    router: Router,
    _directory: TempDir,
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
        Self::open_with(Arc::new(mandate_engine::NoMailServers)).await
    }

    /// One whose preflights go this way.
    pub(crate) async fn open_with(mail_servers: Arc<dyn PreflightGateway>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mandate.db");
        let store = Store::open_sqlite(&path).await.unwrap();
        let seal = SealKey::generate().unwrap();
        let request = InitRequest {
            company: "Example & Sons".to_owned(),
            domain: "example.com".to_owned(),
            admin_upn: "admin@example.com".to_owned(),
            keys: AuthorityKeys {
                root: KeyKind::P256,
                issuing: KeyKind::P256,
            },
        };
        Engine::initialise(&store, &seal, &SystemClock, &SystemChance, &request)
            .await
            .unwrap();
        let parts = Parts {
            store,
            seal,
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
            channels: mandate_apple::AppleChannel::all(),
            gateway: Arc::new(NoPush),
            issuers: Arc::new(mandate_engine::NoIssuers),
            providers: Arc::new(mandate_engine::NoProviders),
            mail_servers,
            addresses: Addresses {
                device_base_url: ORIGIN.to_owned(),
                device_tls_base_url: None,
            },
            options: Options::default(),
        };
        let engine = Engine::open(parts).await.unwrap();
        let system = Actor::system();
        open_for_enrolment(&engine).await;
        // People of these tests have a password and nothing else.
        engine
            .set_second_factor(&system, SecondFactor::Optional)
            .await
            .unwrap();
        let door = Door::new(engine.clone(), Scheme::Https, vec![HOST.to_owned()]);
        let router = mandate_sign_in::router(door.clone()).merge(mandate_console::router(door));
        Self {
            engine,
            router,
            _directory: directory,
        }
    }

    /// A browser in which nobody is signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            token: String::new(),
        }
    }

    /// A browser in which somebody new is signed in, with a directory role or none.
    pub(crate) async fn signed_in(&self, name: &str, role: Option<DirectoryRole>) -> Browser {
        let system = Actor::system();
        let principal_name = format!("{name}@example.com");
        let new = NewUser {
            user_principal_name: principal_name.clone(),
            display_name: name.to_owned(),
            password: Some(NewPassword {
                text: PASSWORD.to_owned().into(),
                must_change: false,
            }),
            ..NewUser::default()
        };
        let user = self.engine.create_user(&system, new).await.unwrap();
        if let Some(role) = role {
            let member = Member::User(user.id);
            let added = self.engine.add_directory_role_member(&system, role, member);
            added.await.unwrap();
        }
        let mut browser = self.browser();
        browser.get("/sign-in").await;
        browser.get("/sign-in").await;
        browser
            .post("/sign-in/name", &[("name", &principal_name)])
            .await
            .expect(303);
        browser.get("/sign-in").await;
        browser
            .post("/sign-in/password", &[("password", PASSWORD)])
            .await
            .expect(200);
        browser
    }
}

/// Makes this server the management authority, and gives everybody a licence.
async fn open_for_enrolment(engine: &Engine) {
    let system = Actor::system();
    let intune = ManagementAuthority::Intune;
    let set = engine.set_management_authority(&system, intune, true);
    set.await.unwrap();
    let everybody = LicenceChange {
        add: [LicenceHolder::Everybody].into(),
        ..LicenceChange::default()
    };
    let given = engine.change_licences(&system, &everybody);
    given.await.unwrap();
}

/// A browser: keeps cookies, and the form token of the last page.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Vec<u8>,
}

impl Shown {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Every value of an attribute on the page that begins like this.
    pub(crate) fn paths(&self, begin: &str) -> Vec<String> {
        let text = self.text();
        let parts = text.split('"').filter(|part| part.starts_with(begin));
        parts.map(str::to_owned).collect()
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        self.send("GET", path, "text/plain", Vec::new()).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let fields = [("form_token", self.token.as_str())]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>();
        let body = fields.join("&").into_bytes();
        self.send("POST", path, "application/x-www-form-urlencoded", body)
            .await
    }

    /// Sends a form of the last page with files.
    pub(crate) async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Shown {
        let mut body = Vec::new();
        let token = self.token.clone();
        for (name, value) in [("form_token", token.as_str())].iter().chain(fields) {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(part(&head, value.as_bytes()));
        }
        for (name, content) in files {
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}.png\"\r\n\
                 Content-Type: image/png"
            );
            body.extend(part(&head, content));
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send("POST", path, &kind, body).await
    }

    async fn send(&mut self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Shown {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", HOST)
            .header("content-type", kind)
            .header("cookie", cookies.join("; "));
        if method == "POST" {
            request = request.header("origin", ORIGIN);
        }
        let request = request.body(Body::from(body)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let content = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let shown = Shown {
            status: parts.status.as_u16(),
            headers: parts.headers,
            content,
        };
        for cookie in shown.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = shown.text();
        if let Some((_, rest)) = text.split_once("name=\"form_token\" value=\"") {
            rest.split_once('"').unwrap().0.clone_into(&mut self.token);
        }
        shown
    }
}

fn part(head: &str, content: &[u8]) -> Vec<u8> {
    [
        format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes(),
        content,
        b"\r\n",
    ]
    .concat()
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
