//! `mandate-sim apns`.

use super::common::say;
use anyhow::{Context as _, Result};
use clap::Args;
use mandate_simulator::apns::ApnsStandIn;
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a stand-in for api.push.apple.com (HTTP/2).
///
/// Prints every accepted or refused push as one line of JSON.
#[derive(Debug, Args)]
pub(super) struct Apns {
    /// Address for HTTP/2 over TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2197")]
    listen: SocketAddr,
    /// Address for HTTP/2 without TLS (prior knowledge)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen_plain: SocketAddr,
    /// Write the root certificate (PEM) of the stand-in here
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Sign this push certificate request (PEM or DER) first
    #[arg(long, value_name = "FILE", requires = "certificate")]
    csr: Option<PathBuf>,
    /// Where the push certificate (PEM) goes
    #[arg(long, value_name = "FILE", requires = "csr")]
    certificate: Option<PathBuf>,
    /// The UUID of the push certificate's topic
    #[arg(
        long,
        value_name = "UUID",
        default_value = "00000000-0000-4000-8000-000000000001"
    )]
    topic_uuid: String,
    /// Days that the push certificate is valid
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: i64,
}

impl Apns {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let now = Http::new().now();
        let keys = KeyPool::generate(2)?;
        let stand_in = ApnsStandIn::start_on(self.listen, self.listen_plain, &keys, now).await?;
        if let Some(path) = &self.root {
            std::fs::write(path, stand_in.root_pem())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if let (Some(csr), Some(certificate)) = (&self.csr, &self.certificate) {
            let request =
                std::fs::read(csr).with_context(|| format!("cannot read `{}`", csr.display()))?;
            let validity = (now - 3_600, now + self.days * 86_400);
            let pem =
                stand_in
                    .authority()
                    .push_certificate(&request, &self.topic_uuid, validity)?;
            std::fs::write(certificate, pem)
                .with_context(|| format!("cannot write `{}`", certificate.display()))?;
        }
        eprintln!(
            "push stand-in at {} and {}",
            stand_in.url(),
            stand_in.plain_url()
        );
        let mut shown = 0;
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                () = tokio::time::sleep(std::time::Duration::from_millis(200)) => {
                    let pushes = stand_in.pushes();
                    for push in &pushes[shown..] {
                        say(&serde_json::to_string(push)?)?;
                    }
                    shown = pushes.len();
                }
            }
        }
    }
}
