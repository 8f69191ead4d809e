//! `mandate demo`: a whole company in one command, over the real protocols.
//!
//! The demo is a user like any other: it configures the server through its management API, and the phones are those
//! of the simulator, which know the server only by its wire.

mod company;
mod progress;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use mandate_engine::{
    Actor, Chance as _, Engine, InitRequest, NewApp, NewPassword, Role, SecondFactor, SystemChance,
};
use mandate_simulator::apns::{ApnsStandIn, Push};
use mandate_simulator::device::OsVersion;
use mandate_simulator::fleet::{Fleet, FleetPlan, Listening};
use mandate_simulator::graph::{Credentials, Graph};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use zeroize::Zeroizing;

use super::init::initialise;
use super::serve::log_to_stderr;
use crate::config::{Config, Flags};
use crate::data_directory::DataDirectory;
use crate::output;
use crate::server::Server;

use company::{Company, PHONES};
use progress::Bar;

/// Generations of iOS in the company, handed out in turn.
const GENERATIONS: [(u32, u32); 3] = [(15, 8), (17, 5), (18, 1)];
/// The rollout takes seconds; if it takes longer than this, something is wrong.
const PATIENCE: Duration = Duration::from_mins(2);

/// Show a whole company: server, people, simulated devices, mail delivered
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End when the devices have settled; success only if each reached the state that it should
    #[arg(long)]
    exit: bool,
    /// Keep the data here instead of in a directory that goes with the demo
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address for plain HTTP [default: a free port on loopback]
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        hide_default_value = true
    )]
    http: String,
    /// Address for TLS [default: a free port on loopback]
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        hide_default_value = true
    )]
    https: String,
    /// What is logged
    #[arg(long, value_name = "FILTER", default_value = "error")]
    log: String,
}

/// Everything that the demo runs.
struct Stage {
    server: Server,
    graph: Graph,
    http: Http,
    apns: ApnsStandIn,
    app: NewApp,
    /// Sign-in name and password of the administrator.
    admin: (String, Zeroizing<String>),
    directory: DataDirectory,
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        log_to_stderr(&self.log)?;
        let temporary = match &self.data {
            Some(_) => None,
            None => Some(tempfile::tempdir().context("cannot make a directory for the demo")?),
        };
        let stage = self.set(temporary.as_ref()).await?;
        let mut pushes = stage.apns.subscribe();
        let company = Company::found(&stage.graph).await?;
        let mut fleet = enrol(&stage, &company).await?;
        company
            .roll_out(&stage.graph, &fleet, &stage.server.engine)
            .await?;
        let settled = deliver(&stage, &company, &mut fleet, &mut pushes).await?;
        let statuses = company.statuses(&stage.server.engine).await?;
        output::line(&table::by_state(&statuses));
        let wrong = company.unexpected(&statuses);
        for line in &wrong {
            output::problem(line);
        }
        let code = if settled && wrong.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
        if !self.exit {
            stay(&stage, &company, &mut fleet, &mut pushes).await?;
        }
        stage.server.stop().await;
        Ok(code)
    }

    async fn set(&self, temporary: Option<&TempDir>) -> anyhow::Result<Stage> {
        let path = self
            .data
            .clone()
            .or_else(|| temporary.map(|directory| directory.path().to_owned()));
        let directory = DataDirectory::create(&path.context("no directory for the demo")?)?;
        let request = InitRequest {
            company: "Contoso".to_owned(),
            domain: "contoso.example".to_owned(),
            admin_upn: "admin@contoso.example".to_owned(),
            keys: mandate_engine::AuthorityKeys::default(),
        };
        initialise(&directory, None, &request).await?;
        let password = password();
        let keys = KeyPool::shared();
        let now = Http::new().now();
        let apns = ApnsStandIn::start(&keys, now)
            .await
            .context("the stand-in for Apple's push service did not start")?;
        let apns_roots = directory.path().join("push-root.pem");
        std::fs::write(&apns_roots, apns.root_pem())?;
        let flags = Flags {
            http: Some(self.http.clone()),
            https: Some(self.https.clone()),
            device_https: Some("127.0.0.1:0".to_owned()),
            host: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            apns_endpoint: Some(apns.url()),
            apns_roots: Some(apns_roots.display().to_string()),
            ..Flags::default()
        };
        let config = Config::read(directory.path(), &flags)?;
        let server = Server::start(&directory, &config).await?;
        let admin = admit(&server.engine, &request.admin_upn, &password).await?;
        let permissions = Role::IntuneAdministrator.permissions();
        let app = server
            .engine
            .create_app(&Actor::system(), "demo", permissions)
            .await?;
        let root = std::fs::read(directory.root_path())?;
        let http = Http::with_roots(&root)?;
        let credentials = Credentials {
            tenant: server.engine.tenant().id.to_string(),
            client_id: app.app.id.to_string(),
            client_secret: app.secret.clone(),
        };
        let graph = Graph::new(&http, &server.https, credentials);
        company::store_push_certificate(&graph, &apns, now).await?;
        output::line(&format!("Contoso's server runs on {}", server.https));
        Ok(Stage {
            server,
            graph,
            http,
            apns,
            app,
            admin,
            directory,
        })
    }
}

/// A password that is made up for one demo.
fn password() -> Zeroizing<String> {
    use base64::Engine as _;
    let mut octets = [0; 12];
    SystemChance.fill(&mut octets);
    Zeroizing::new(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(octets))
}

/// Lets the administrator sign in at once: with a password, and without a second factor unless they want one. Sign-in name
/// and password.
async fn admit(
    engine: &Engine,
    name: &str,
    password: &Zeroizing<String>,
) -> anyhow::Result<(String, Zeroizing<String>)> {
    let system = Actor::system();
    let admin = engine.find_user(&system, name).await?;
    let admin = admin.context("the demo has no administrator")?;
    engine
        .set_second_factor(&system, SecondFactor::Optional)
        .await?;
    let new = NewPassword {
        text: password.clone(),
        must_change: false,
    };
    engine.set_password(&system, admin.id, &new).await?;
    Ok((name.to_owned(), password.clone()))
}

async fn enrol(stage: &Stage, company: &Company) -> anyhow::Result<Fleet> {
    let os = GENERATIONS
        .iter()
        .map(|(major, minor)| OsVersion::new(*major, *minor))
        .collect();
    let mut fleet = Fleet::new(&FleetPlan {
        os,
        concurrency: 4,
        ..FleetPlan::new(PHONES, &KeyPool::shared())
    });
    let links = company.links(&stage.graph).await?;
    Company::prepare(&mut fleet);
    let bar = Bar::new("enrolling", PHONES);
    let tally = fleet.enrol(&stage.http, &links, bar.progress()).await;
    bar.finish();
    anyhow::ensure!(
        fleet.enrolled() == PHONES,
        "only {} of {PHONES} phones could enrol: {:?}",
        fleet.enrolled(),
        tally.errors
    );
    Ok(fleet)
}

/// Lets the phones answer pushes until none has anything more to do. Whether that came in time.
async fn deliver(
    stage: &Stage,
    company: &Company,
    fleet: &mut Fleet,
    pushes: &mut UnboundedReceiver<Push>,
) -> anyhow::Result<bool> {
    let bar = Bar::new("delivering mail", PHONES);
    let listening = Listening {
        quiet: Duration::from_millis(1500),
        at_most: Duration::from_secs(3),
        ..Listening::default()
    };
    let begun = tokio::time::Instant::now();
    loop {
        fleet.listen(&stage.http, pushes, listening).await;
        let left = company.pending(&stage.server.engine).await?;
        bar.set(PHONES - left.min(PHONES));
        if left == 0 || begun.elapsed() > PATIENCE {
            bar.finish();
            return Ok(left == 0);
        }
    }
}

/// Shows how to look around, and lets the phones live until somebody has seen enough.
async fn stay(
    stage: &Stage,
    company: &Company,
    fleet: &mut Fleet,
    pushes: &mut UnboundedReceiver<Push>,
) -> anyhow::Result<()> {
    output::line(&invitation(stage, company));
    let listening = Listening {
        quiet: Duration::from_secs(1),
        ..Listening::default()
    };
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    loop {
        tokio::select! {
            _ = fleet.listen(&stage.http, pushes, listening) => {}
            _ = terminate.recv() => return Ok(()),
            interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
        }
    }
}

fn invitation(stage: &Stage, company: &Company) -> String {
    let server = &stage.server;
    let tenant = server.engine.tenant().id;
    let root = stage.directory.root_path();
    format!(
        "\n\
         The server and the phones stay up until Ctrl-C; a change reaches the phones by push.\n\
         \n\
         Graph API         {https}/v1.0 and {https}/beta, also on {http}\n\
         sign in           {https}/ as {name} with the password {password}\n\
         root certificate  {root}\n\
         tenant            {tenant}\n\
         client id         {client}\n\
         client secret     {secret}\n\
         \n\
         TOKEN=$(curl -s {http}/{tenant}/oauth2/v2.0/token -d grant_type=client_credentials \\\n\
         \u{20}   -d client_id={client} -d client_secret={secret} \\\n\
         \u{20}   -d scope=https://graph.microsoft.com/.default | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -s -H \"Authorization: Bearer $TOKEN\" {http}/beta/deviceManagement/deviceConfigurations/{mail}/deviceStatusOverview",
        https = server.https,
        name = stage.admin.0,
        password = *stage.admin.1,
        http = server.http,
        root = root.display(),
        client = stage.app.app.id,
        secret = stage.app.secret,
        mail = company.mail,
    )
}
