//! The commands, one file each.

mod admin;
mod app;
mod audit;
mod ca;
mod certificates;
mod config;
mod connector;
mod demo;
mod directory;
mod init;
mod key;
mod people;
mod pfx;
mod place;
mod provider;
mod scim;
mod serve;
mod setup;

use std::ops::Deref;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::ensure;
use clap::{Args, Subcommand};
use mandate_apple::{ApnsGateway, AppleChannel};
use mandate_engine::{Addresses, Engine, Options, Parts, SystemChance, SystemClock};
use mandate_store::Store;

use crate::data_directory::{DataDirectory, Lock};
use crate::issuer_gateway::HttpIssuers;
use crate::preflight_gateway::MailServers;
use crate::provider_gateway::NetworkProviders;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a whole company: server, people, simulated devices, mail delivered
    Demo(demo::Demo),
    /// Make a new data directory: tenant, first administrator, certificate authority, keys
    Init(init::Init),
    /// Run the server
    Serve(serve::Serve),
    /// Say which service manages devices, and who has a licence
    Setup(setup::Setup),
    /// People who administer: list, add, give a set-up link, reset, say which roles they have
    Admin(admin::Admin),
    /// Clients of the management API: register, list, change and remove them
    App(app::App),
    /// Who changed what: verify, list and export the audit
    Audit(audit::Audit),
    /// Look after the certificate authority
    Ca(ca::Ca),
    /// Show whose certificates are where, and which end soon
    Certificates(certificates::Certificates),
    /// Look after the key that seals the secrets in the database
    Key(key::Key),
    /// People from a file
    People(people::People),
    /// Import, list and remove certificates with their keys for people
    Pfx(pfx::Pfx),
    /// Look after the keys that passwords of PFX files are encrypted to
    Connector(connector::Connector),
    /// Identity providers and directories that people sign in with: add, list, test and remove them
    Provider(provider::Provider),
    /// Directories that people and groups come from: add, try, read and watch them
    Directory(directory::Directory),
    /// Services that bring people and groups by SCIM: make, list and delete their tokens
    Scim(scim::Scim),
    /// Print the configuration in force and where it came from
    Config(config::Show),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Demo(demo) => return Box::pin(demo.run()).await,
            Self::Init(init) => init.run().await?,
            Self::Serve(serve) => Box::pin(serve.run()).await?,
            Self::Setup(setup) => Box::pin(setup.run()).await?,
            Self::Admin(admin) => Box::pin(admin.run()).await?,
            Self::App(app) => app.run().await?,
            Self::Audit(audit) => audit.run().await?,
            Self::Ca(ca) => Box::pin(ca.run()).await?,
            Self::Certificates(certificates) => certificates.run().await?,
            Self::Key(key) => key.run().await?,
            Self::People(people) => Box::pin(people.run()).await?,
            Self::Pfx(pfx) => pfx.run().await?,
            Self::Connector(connector) => connector.run().await?,
            Self::Provider(provider) => Box::pin(provider.run()).await?,
            Self::Directory(directory) => Box::pin(directory.run()).await?,
            Self::Scim(scim) => scim.run().await?,
            Self::Config(show) => show.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where the instance is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Data {
    /// Data directory
    #[arg(long, value_name = "DIR", env = "MANDATE_DATA")]
    pub(crate) data: PathBuf,
    /// File with the key that seals the secrets in the database [default: secret.key in the data directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_key: Option<PathBuf>,
}

impl Data {
    /// The data directory, and the key file that goes with it.
    pub(crate) fn directory(&self) -> DataDirectory {
        DataDirectory::new(&self.data).with_secret_key(self.secret_key.as_deref())
    }
}

/// An engine of a command, and that nobody replaces its key for as long as it lives.
pub(crate) struct QuietEngine {
    engine: Engine,
    _key: Lock,
}

impl Deref for QuietEngine {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

/// An engine for a command that only looks or changes a record, while a server may be running beside it.
pub(crate) async fn quiet_engine(
    directory: &DataDirectory,
    store: Store,
) -> anyhow::Result<QuietEngine> {
    let key = directory.use_key()?;
    hold(&store).await?;
    let parts = Parts {
        store,
        seal: directory.key()?,
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
        channels: AppleChannel::all(),
        gateway: Arc::new(ApnsGateway::default()),
        issuers: Arc::new(HttpIssuers),
        providers: Arc::new(NetworkProviders),
        mail_servers: Arc::new(MailServers::default()),
        addresses: Addresses {
            device_base_url: "https://localhost".to_owned(),
            device_tls_base_url: None,
        },
        options: Options::default(),
    };
    let engine = Engine::open(parts).await?;
    Ok(QuietEngine { engine, _key: key })
}

/// Keeps everybody from sealing a PostgreSQL database anew until the store is closed.
pub(crate) async fn hold(store: &Store) -> anyhow::Result<()> {
    ensure!(
        store.hold().await?,
        "somebody is sealing everything in this database anew; try again when that is done"
    );
    Ok(())
}
