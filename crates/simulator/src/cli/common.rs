//! Options that several commands share.

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mandate_simulator::device::{OsVersion, Platform, SignatureForm};
use mandate_simulator::fleet::Progress;
use mandate_simulator::graph::{Credentials, Graph};
use mandate_simulator::http::Http;
use mandate_simulator::scep::ScepMode;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// The server and who calls its management API.
#[derive(Debug, Args)]
pub(super) struct Server {
    /// Base URL of the server, such as `http://127.0.0.1:8080`
    #[arg(id = "server", long = "server", value_name = "URL")]
    pub(super) url: String,
    /// Root certificate(s) to trust for https, PEM (`DIR/ca.pem` of the server)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Tenant id, as printed by `mandate app create`
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Client id, as printed by `mandate app create`
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Client secret, as printed by `mandate app create`
    #[arg(long, value_name = "SECRET")]
    client_secret: Option<String>,
}

/// How devices behave on the wire.
#[derive(Debug, Args)]
pub(super) struct Behaviour {
    /// What kind of devices to be
    #[arg(long, value_enum, default_value_t = Kind::Ios)]
    platform: Kind,
    /// Releases of iOS or macOS, handed out in turn
    #[arg(long, value_name = "17.5,18.1", value_delimiter = ',')]
    pub(super) os: Vec<OsVersion>,
    /// How many devices talk at the same time
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(super) concurrency: usize,
    /// Form of the Mdm-Signature header
    #[arg(long, value_enum, default_value_t = Signature::Clean)]
    signature: Signature,
    /// Which SCEP client to be
    #[arg(long, value_enum, default_value_t = Scep::Modern)]
    scep: Scep,
    /// Size of the RSA key pool that the devices share
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(super) keys: u32,
    /// Everything random follows from this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// iPhones and iPads
    Ios,
    /// Macs
    Mac,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Signature {
    /// DER, SHA-256, signed attributes
    Clean,
    /// As real devices: BER, SHA-1, no signed attributes
    Device,
    /// As Fleet's test client: the body inside the signature
    Attached,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scep {
    /// AES, SHA-256
    Modern,
    /// 3DES, SHA-256
    #[value(name = "3des")]
    TripleDes,
    /// As mdmb: single DES, SHA-1, message in the query string as well
    Mdmb,
}

impl Server {
    pub(super) fn http(&self) -> Result<Http> {
        let Some(path) = &self.ca else {
            return Ok(Http::new());
        };
        let pem = std::fs::read(path)
            .with_context(|| format!("cannot read `--ca {}`", path.display()))?;
        Ok(Http::with_roots(&pem)?)
    }

    /// The management API, when credentials are given; all three belong together.
    pub(super) fn graph(&self, http: &Http) -> Result<Option<Graph>> {
        match (&self.tenant, &self.client_id, &self.client_secret) {
            (Some(tenant), Some(client_id), Some(client_secret)) => {
                let credentials = Credentials {
                    tenant: tenant.clone(),
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                };
                Ok(Some(Graph::new(http, &self.url, credentials)))
            }
            (None, None, None) => Ok(None),
            _ => bail!(
                "`--tenant`, `--client-id` and `--client-secret` belong together; `mandate app create` prints them"
            ),
        }
    }

    pub(super) fn required_graph(&self, http: &Http) -> Result<Graph> {
        self.graph(http)?.context(
            "this needs the management API: give `--tenant`, `--client-id` and `--client-secret` from `mandate app create`",
        )
    }
}

impl Behaviour {
    pub(super) fn platform(&self) -> Platform {
        match self.platform {
            Kind::Ios => Platform::Ios,
            Kind::Mac => Platform::MacOs,
        }
    }

    pub(super) fn signature(&self) -> SignatureForm {
        match self.signature {
            Signature::Clean => SignatureForm::Clean,
            Signature::Device => SignatureForm::Device,
            Signature::Attached => SignatureForm::Attached,
        }
    }

    pub(super) fn scep(&self) -> ScepMode {
        match self.scep {
            Scep::Modern => ScepMode::Modern,
            Scep::TripleDes => ScepMode::TripleDes,
            Scep::Mdmb => ScepMode::Mdmb,
        }
    }
}

/// A bar on stderr, with the callback that moves it.
pub(super) fn bar(label: &'static str) -> (ProgressBar, Progress) {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{msg:<12} {wide_bar} {pos}/{len} {elapsed} (left {eta})")
    {
        bar.set_style(style);
    }
    bar.set_message(label);
    let moved = bar.clone();
    let progress: Progress = Arc::new(move |done, total| {
        moved.set_length(total as u64);
        moved.set_position(done as u64);
    });
    (bar, progress)
}

/// One line of data on stdout.
pub(super) fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot write to stdout")
}
