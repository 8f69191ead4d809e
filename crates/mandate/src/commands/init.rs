//! `mandate init`.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use mandate_engine::{
    AuthorityKeys, Engine, InitRequest, Initialised, SetUpLink, SystemChance, SystemClock,
};
use mandate_pki::seal::SealKey;
use serde_json::json;

use super::Data;
use super::ca::KeyChoice;
use crate::config::{Config, Flags};
use crate::data_directory::DataDirectory;
use crate::output;
use crate::secret_key::{self, KeySource};

/// Make a new instance
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    data: Data,
    /// Name of the organisation
    #[arg(long)]
    company: String,
    /// Its first domain, such as example.com
    #[arg(long)]
    domain: String,
    /// Sign-in name of the first administrator, such as admin@example.com
    #[arg(long, value_name = "UPN")]
    admin: String,
    /// Kind of the key of the authority that issues certificates
    #[arg(long, value_enum, default_value = "rsa2048")]
    ca_key: KeyChoice,
    /// Kind of the key of the root above it
    #[arg(long, value_enum, default_value = "rsa3072")]
    root_key: KeyChoice,
    /// PostgreSQL instead of a file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let directory = DataDirectory::create(&self.data.data)?
            .with_secret_key(self.data.secret_key.as_deref());
        let source = directory.key_source()?;
        if let Some(path) = own_key_file(&source) {
            anyhow::ensure!(
                !path.exists(),
                "`{}` holds an instance already; choose another directory",
                directory.path().display()
            );
        }
        let request = InitRequest {
            company: self.company,
            domain: self.domain,
            admin_upn: self.admin,
            keys: AuthorityKeys {
                root: self.root_key.into(),
                issuing: self.ca_key.into(),
            },
        };
        let flags = Flags {
            database: self.database.clone(),
            ..Flags::default()
        };
        let config = Config::read(directory.path(), &flags)?;
        let made = initialise(&directory, config.database.as_deref(), &request).await?;
        let tenant = made.tenant;
        let link = link_address(&config, &made.link);
        if self.json {
            output::json(&json!({
                "tenantId": tenant.id,
                "company": tenant.company,
                "domain": tenant.domains[0],
                "admin": tenant.admin_upn,
                "data": directory.path(),
                "ca": directory.root_path(),
                "setUpLink": link,
                "setUpLinkExpires": made.link.expires_at.to_string(),
            }));
            return Ok(());
        }
        let data = directory.path().display();
        output::line(&format!(
            "made the instance of {} in `{data}`",
            tenant.company
        ));
        output::line(&format!("  tenant id         {}", tenant.id));
        output::line(&format!("  administrator     {}", tenant.admin_upn));
        output::line(&format!(
            "  root certificate  {}",
            directory.root_path().display()
        ));
        output::line(&format!("  set-up link       {link}"));
        let key = source.shown();
        output::note(&format!(
            "the administrator chooses a password with the set-up link, once and within 72 hours{}; \
             `mandate admin link` makes another one\n\
             keep `{key}` safe: without it the secrets in the database cannot be opened\n\
             next: `mandate serve --data {data}`, and a client for the API: `mandate app create --data {data} \
             --name scripts --role \"Intune Administrator\"`",
            host_remark(&config)
        ));
        Ok(())
    }
}

/// Makes the instance. A key that is made for it is on disk before anything is sealed with it, and goes again only if it is
/// certain that nothing was. A key that is kept elsewhere has to be there already.
pub(super) async fn initialise(
    directory: &DataDirectory,
    database: Option<&str>,
    request: &InitRequest,
) -> anyhow::Result<Initialised> {
    let source = directory.key_source()?;
    let seal = match own_key_file(&source) {
        Some(path) => {
            let seal = SealKey::generate()?;
            secret_key::create(path, &seal)?;
            seal
        }
        None => source
            .read()
            .context("the secret key is kept elsewhere and has to be there before `init`; `mandate key generate FILE` makes one")?,
    };
    let store = match directory.store(database).await {
        Ok(store) => store,
        Err(error) => {
            forget_key(&source)?;
            return Err(error);
        }
    };
    let made = Engine::initialise(&store, &seal, &SystemClock, &SystemChance, request).await;
    if made.is_err() && !Engine::is_initialised_with(&store, &seal).await? {
        forget_key(&source)?;
    }
    store.close().await;
    let made = made?;
    directory.write_root(&made.root_pem)?;
    Ok(made)
}

/// The address of a set-up link: at the first of the configured hosts.
pub(super) fn link_address(config: &Config, link: &SetUpLink) -> String {
    let port = match config.https.rsplit_once(':') {
        Some((_, "443" | "0")) | None => String::new(),
        Some((_, port)) => format!(":{port}"),
    };
    match config.device_url.as_deref() {
        Some(url) => format!("{url}{}", *link.path),
        None => format!("https://{}{port}{}", config.hosts[0], *link.path),
    }
}

/// What is said of a link's host where nobody has named one.
pub(super) fn host_remark(config: &Config) -> &'static str {
    let is_known = config
        .settings
        .iter()
        .any(|setting| setting.key == "host" && setting.source != "default");
    if is_known || config.device_url.is_some() {
        ""
    } else {
        " (put the name of this server into it, if that is not `localhost`)"
    }
}

/// The key file that `init` makes itself.
fn own_key_file(source: &KeySource) -> Option<&Path> {
    match source {
        KeySource::File {
            path,
            is_default: true,
        } => Some(path),
        KeySource::File { .. } | KeySource::Credential(_) | KeySource::Command(_) => None,
    }
}

/// Removes a key that was made here and that nothing is sealed with yet.
fn forget_key(source: &KeySource) -> anyhow::Result<()> {
    let Some(path) = own_key_file(source) else {
        return Ok(());
    };
    std::fs::remove_file(path)
        .with_context(|| format!("cannot remove the key file `{}`", path.display()))
}
