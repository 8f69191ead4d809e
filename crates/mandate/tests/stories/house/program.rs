//! The server as people run it: the real program in a process of its own, over TLS and in real time.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderName, Method, header};
use mandate_simulator::device::{Device, Model, OsVersion};
use mandate_simulator::http::{Answer, Http, Request};
use mandate_simulator::keys::KeyPool;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Browser, Place};

/// In which a proxy says for whom it asks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A running `mandate serve`, and an administrator's way to it.
pub(crate) struct Program {
    /// The network of phones and administrators; trusts the instance's authority.
    pub(crate) http: Http,
    /// Address of the TLS listener.
    pub(crate) url: String,
    /// Address of the listener that asks devices for their certificate.
    pub(crate) device_url: String,
    /// Address of the plain listener.
    pub(crate) plain_url: String,
    /// The secret of the administrator's client.
    pub(crate) client_secret: String,
    log: String,
    directory: Arc<TempDir>,
    database: Option<String>,
    token: String,
    keys: KeyPool,
    next_phone: AtomicU64,
    child: Child,
}

/// Addresses that a server printed.
struct Started {
    child: Child,
    plain_url: String,
    url: String,
    device_url: String,
}

impl Program {
    /// Makes an instance at a place and runs it.
    pub(crate) async fn start(place: Place) -> Self {
        Self::start_logging(place, "info").await
    }

    /// The same, with what is logged.
    pub(crate) async fn start_logging(place: Place, log: &str) -> Self {
        Self::start_configured(place, log, None).await
    }

    /// The same with a `mandate.toml`; what that does not say is as in any new instance then: enrolment needs a push
    /// certificate, a management authority and licences.
    pub(crate) async fn start_configured(
        place: Place,
        log: &str,
        configuration: Option<&str>,
    ) -> Self {
        let (directory, database) = match place {
            Place::Sqlite(directory) => (directory, None),
            Place::Postgres(url) => (Arc::new(tempfile::tempdir().unwrap()), Some(url)),
        };
        let data = directory.path().to_str().unwrap().to_owned();
        let mut init = strings(&["init", "--data", &data, "--company", "Contoso"]);
        init.extend(strings(&["--domain", "contoso.com"]));
        init.extend(strings(&["--admin", "admin@contoso.com", "--json"]));
        init.extend(database_flag(database.as_ref()));
        let tenant = run(init).await["tenantId"].as_str().unwrap().to_owned();
        let usual = [
            ["setup", "authority", "intune", "--confirm"].as_slice(),
            ["setup", "licences", "--everybody"].as_slice(),
        ];
        for words in usual.into_iter().filter(|_| configuration.is_none()) {
            let mut setup = strings(words);
            setup.extend(strings(&["--data", &data, "--json"]));
            setup.extend(database_flag(database.as_ref()));
            run(setup).await;
        }
        let mut create = strings(&["app", "create", "--data", &data, "--name", "stories"]);
        create.extend(strings(&["--role", "Intune Administrator", "--json"]));
        create.extend(database_flag(database.as_ref()));
        let app = run(create).await;
        if let Some(configuration) = configuration {
            std::fs::write(directory.path().join("mandate.toml"), configuration).unwrap();
        }
        let started = serve(
            &data,
            database.as_ref(),
            ["127.0.0.1:0", "127.0.0.1:0"],
            log,
        )
        .await;
        let root = std::fs::read(directory.path().join("ca.pem")).unwrap();
        let http = Http::with_roots(&root).unwrap();
        let token = sign_in(&http, &started.url, &tenant, &app).await;
        Self {
            http,
            url: started.url,
            device_url: started.device_url,
            plain_url: started.plain_url,
            client_secret: app["clientSecret"].as_str().unwrap().to_owned(),
            log: log.to_owned(),
            directory,
            database,
            token,
            keys: KeyPool::shared(),
            next_phone: AtomicU64::new(1),
            child: started.child,
        }
    }

    /// From now on the administrator is a client with every permission that there is, as for saying who people are.
    pub(crate) async fn take_every_permission(&mut self) {
        let mut words = vec!["app", "create", "--name", "everything", "--json"];
        for permission in mandate_engine::Permission::ALL {
            words.extend(["--role", permission.name()]);
        }
        let (went_well, said) = self.command(&words).await;
        assert!(went_well, "{said}");
        let app = first_json(&said);
        let organization = self.get("/v1.0/organization").await;
        let tenant = organization["value"][0]["id"].as_str().unwrap();
        self.token = sign_in(&self.http, &self.url, tenant, &app).await;
    }

    /// A browser that trusts this instance.
    pub(crate) fn browser(&self) -> Browser {
        let root = std::fs::read(self.data().join("ca.pem")).unwrap();
        Browser::trusting(&root)
    }

    /// Ends the process as a power cut does, and starts it again on the same data and addresses.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let data = self.directory.path().to_str().unwrap().to_owned();
        let (url, device_url) = (address(&self.url), address(&self.device_url));
        let started = serve(
            &data,
            self.database.as_ref(),
            [&url, &device_url],
            &self.log,
        )
        .await;
        self.child = started.child;
        self.plain_url = started.plain_url;
    }

    /// Ends the process as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        self.directory.path()
    }

    /// Runs a command of the program on this instance, which may be running: whether it went well, and all that it said.
    pub(crate) async fn command(&self, words: &[&str]) -> (bool, String) {
        let mut arguments = strings(words);
        arguments.extend(strings(&["--data", self.data().to_str().unwrap()]));
        arguments.extend(database_flag(self.database.as_ref()));
        let output = tokio::task::spawn_blocking(move || {
            Command::new(env!("CARGO_BIN_EXE_mandate"))
                .args(&arguments)
                .output()
                .unwrap()
        });
        let output = output.await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// Whether this machine can take the room for files from a running process.
    pub(crate) fn can_be_starved() -> bool {
        let found = Command::new("prlimit").arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    }

    /// From now on no file of the server may grow by an octet, and none may be written: the disk is full.
    pub(crate) fn fill_disk(&self) {
        self.limit_files("0:unlimited");
    }

    /// There is room again.
    pub(crate) fn free_disk(&self) {
        self.limit_files("unlimited:unlimited");
    }

    fn limit_files(&self, limit: &str) {
        let process = self.child.id().to_string();
        let limit = format!("--fsize={limit}");
        let status = Command::new("prlimit")
            .args(["--pid", &process, &limit])
            .status();
        assert!(status.unwrap().success(), "prlimit {limit}");
    }

    /// Calls the management API: status and body.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let answer = self.send(method, path, body).await;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status, body)
    }

    /// The same with everything that was answered.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send_as(None, method, path, body).await
    }

    /// The same as a proxy would send it for somebody, if there is one.
    pub(crate) async fn send_as(
        &self,
        somebody: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.url);
        let mut request = Request::new(method, &url)
            .header(header::AUTHORIZATION, &format!("Bearer {}", self.token))
            .unwrap();
        if let Some(somebody) = somebody {
            request = request.header(FORWARDED_FOR, somebody).unwrap();
        }
        if let Some(body) = body {
            request = request.body("application/json", body.to_string()).unwrap();
        }
        self.http.send(&request).await.unwrap()
    }

    /// Reads an object or a list that must be there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// Posts what must be taken; the answer's body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "POST {path}: {answer}");
        answer
    }

    /// Makes something; its id.
    pub(crate) async fn create(&self, path: &str, body: Value) -> String {
        let made = self.post(path, body).await;
        made["id"].as_str().unwrap().to_owned()
    }

    /// Hires somebody: `ada@contoso.com`; the id.
    pub(crate) async fn hire(&self, name: &str) -> String {
        let address = format!("{name}@contoso.com");
        let body = json!({ "displayName": name, "userPrincipalName": address, "mail": address });
        self.create("/v1.0/users", body).await
    }

    /// Makes a profile; the id.
    pub(crate) async fn profile(&self, kind: &str, name: &str, mut settings: Value) -> String {
        settings["@odata.type"] = json!(format!("#microsoft.graph.{kind}"));
        settings["displayName"] = json!(name);
        self.create("/beta/deviceManagement/deviceConfigurations", settings)
            .await
    }

    /// Assigns a profile to everybody.
    pub(crate) async fn assign_to_all(&self, profile: &str) {
        let target = json!({ "@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget" });
        let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}/assign");
        self.post(&path, json!({ "assignments": [{ "target": target }] }))
            .await;
    }

    /// What the API says of a profile on its devices: `@mandate.status` of each.
    pub(crate) async fn states(&self, profile: &str) -> Vec<Value> {
        let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}/deviceStatuses");
        let list = self.get(&path).await;
        let items = list["value"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["@mandate.status"].clone())
            .collect()
    }

    /// A link for somebody.
    pub(crate) async fn link(&self, user: &str, signed: bool) -> String {
        let body = json!({ "userId": user, "signed": signed });
        let made = self.post("/mandate/v1/enrollmentLinks", body).await;
        made["url"].as_str().unwrap().to_owned()
    }

    /// A phone that is not enrolled.
    pub(crate) fn phone(&self) -> Device {
        let seed = self.next_phone.fetch_add(1, Ordering::Relaxed);
        Device::new(seed, Model::IPhone, OsVersion::new(17, 5), &self.keys)
    }

    /// A phone that somebody enrolled and that has settled.
    pub(crate) async fn enrol(&self, user: &str) -> Device {
        let mut phone = self.phone();
        let link = self.link(user, true).await;
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
            if report.is_quiet() && !report.comes_back() {
                return commands;
            }
        }
        panic!("the phone does not come to rest: {commands:?}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The JSON at the beginning of what a command said, before its notes.
pub(crate) fn first_json(said: &str) -> Value {
    let mut values = serde_json::Deserializer::from_str(said).into_iter();
    values.next().unwrap().unwrap()
}

/// Runs a command of the program to its end; what it printed as JSON.
async fn run(arguments: Vec<String>) -> Value {
    // Not on this thread: what the command speaks with may be served by it.
    let output = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_mandate"))
            .args(&arguments)
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Starts a server and waits until it says that it is ready. Its log goes to a file beside its data, where a full disk
/// meets it too.
async fn serve(
    data: &str,
    database: Option<&String>,
    [https, devices]: [&str; 2],
    log_filter: &str,
) -> Started {
    let mut arguments = strings(&["serve", "--data", data, "--http", "127.0.0.1:0"]);
    arguments.extend(strings(&["--https", https, "--device-https", devices]));
    arguments.extend(strings(&["--host", "localhost", "--log", log_filter]));
    if !Path::new(data).join("mandate.toml").exists() {
        arguments.push("--enrolment-without-push".to_owned());
    }
    arguments.extend(database_flag(database));
    let log = format!("{data}/server.log");
    let started = tokio::task::spawn_blocking(move || {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        // A file that may not grow is an error to the one who writes, and no reason to die.
        let mut child = Command::new("sh")
            .args([
                "-c",
                "trap '' XFSZ; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_mandate"),
            ])
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("the server ended").unwrap();
        let [plain, https, devices] = [line(), line(), line()];
        assert!(line().starts_with("ready"));
        let url = |line: String| line.rsplit(' ').next().unwrap().to_owned();
        Started {
            child,
            plain_url: url(plain),
            url: url(https),
            device_url: url(devices),
        }
    });
    started.await.unwrap()
}

async fn sign_in(http: &Http, url: &str, tenant: &str, app: &Value) -> String {
    let text = |name: &str| app[name].as_str().unwrap();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        text("clientId"),
        text("clientSecret")
    );
    let url = format!("{url}/{tenant}/oauth2/v2.0/token");
    let request = Request::new(Method::POST, &url)
        .body("application/x-www-form-urlencoded", form)
        .unwrap();
    let answer = http.send(&request).await.unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// Where to listen so that an address stays what it was.
fn address(url: &str) -> String {
    let (_, port) = url.rsplit_once(':').unwrap();
    format!("127.0.0.1:{port}")
}

fn database_flag(database: Option<&String>) -> Vec<String> {
    database.map_or_else(Vec::new, |url| vec!["--database".to_owned(), url.clone()])
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
