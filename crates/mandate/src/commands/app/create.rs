//! `mandate app create`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mandate_engine::{Actor, NewRegistration, SecretLife};
use serde_json::json;

use super::redirects::redirect;
use super::{Place, client, permissions, shown};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// Name for administrators
    #[arg(long)]
    name: String,
    /// Client id, for a program that has one of its own, such as 14d82eec-204b-4c2f-b7e8-296a70dab67e (Microsoft Graph
    /// PowerShell); made if not given
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// What it may do by itself: a role, such as "Intune Administrator" or "Read Only Operator", or a permission of
    /// Microsoft Graph, such as DeviceManagementConfiguration.Read.All; may be given several times
    #[arg(long, required_unless_present = "delegated")]
    role: Vec<String>,
    /// What it may do for the person who signs in with it, as far as they may: as `--role`; may be given several times
    #[arg(long, value_name = "ROLE")]
    delegated: Vec<String>,
    /// Where answers may be sent: `web=https://…`, `spa=https://…`, `publicClient=http://localhost`; may be given several
    /// times
    #[arg(long, value_name = "KIND=ADDRESS")]
    redirect: Vec<String>,
    /// It runs where it cannot keep a secret, and signs people in with a code that they type, without proving who it is
    #[arg(long)]
    public: bool,
    /// A certificate whose key it signs with, PEM or DER, instead of a secret
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl Create {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let redirects = self.redirect.iter().map(|text| redirect(text));
        let new = NewRegistration {
            id: self.id.as_deref().map(client).transpose()?,
            name: self.name.clone(),
            permissions: permissions(&self.role)?,
            delegated: permissions(&self.delegated)?,
            is_public: self.public,
            redirects: redirects.collect::<anyhow::Result<_>>()?,
        };
        let certificate = match &self.certificate {
            Some(path) => Some(
                std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?,
            ),
            None => None,
        };
        let engine = self.place.engine().await?;
        let system = Actor::system();
        let app = engine.register_app(&system, new).await?;
        let mut secret = None;
        if let Some(bytes) = certificate {
            let added = engine.add_app_certificate(&system, app.id, "", &bytes);
            if let Err(error) = added.await {
                // Nothing is left of a command that failed.
                engine.delete_app(&system, app.id).await?;
                return Err(error.into());
            }
        } else if !self.public {
            let life = SecretLife::Usual;
            let new = engine.add_app_secret(&system, app.id, "", life).await?;
            secret = Some(new.secret);
        }
        engine.store().close().await;
        let tenant = engine.tenant().id;
        if self.place.json {
            let mut shown = shown::app(&app);
            shown["tenantId"] = json!(tenant);
            if let Some(secret) = secret {
                shown["clientSecret"] = json!(secret);
            }
            output::json(&shown);
            return Ok(());
        }
        output::line(&format!("tenantId      {tenant}"));
        output::line(&format!("clientId      {}", app.id));
        if let Some(secret) = secret {
            output::line(&format!("clientSecret  {secret}"));
            output::note("the secret is shown this once and ends in two years; keep it");
        }
        Ok(())
    }
}
