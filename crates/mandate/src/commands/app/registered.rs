//! `mandate app list`, `show`, `roles` and `remove`.

use anyhow::Context as _;
use clap::Args;
use mandate_engine::{Actor, App, RegistrationChange};
use serde_json::{Value, json};

use super::{Place, Which, permissions, shown};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
pub(super) struct Roles {
    #[command(flatten)]
    which: Which,
    /// What it may do by itself: a role or a permission, as in `mandate app create`; these replace all that it had
    #[arg(long, required_unless_present_any = ["delegated", "public"])]
    role: Vec<String>,
    /// What it may do for the person who signs in with it; these replace all that it had
    #[arg(long, value_name = "ROLE")]
    delegated: Vec<String>,
    /// Whether it may sign people in without proving who it is
    #[arg(long, value_name = "BOOL")]
    public: Option<bool>,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    #[command(flatten)]
    which: Which,
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let apps = engine.list_apps(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            let shown: Vec<Value> = apps.iter().map(shown::app).collect();
            output::json(&shown);
            return Ok(());
        }
        for app in &apps {
            output::line(&format!("{}  {}", app.id, app.name));
            print_permissions(app);
        }
        if apps.is_empty() {
            output::note("there is no client; `mandate app create` registers one");
        }
        Ok(())
    }
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let engine = self.which.place.engine().await?;
        let found = engine.find_registration(&Actor::system(), client).await?;
        engine.store().close().await;
        let found = found.with_context(|| format!("there is no app with the id `{client}`"))?;
        if self.which.place.json {
            let mut shown = shown::app(&found.app);
            let all = |values: Vec<Value>| json!(values);
            shown["redirects"] = all(found.redirects.iter().map(shown::redirect).collect());
            shown["secrets"] = all(found.secrets.iter().map(shown::secret).collect());
            shown["certificates"] =
                all(found.certificates.iter().map(shown::certificate).collect());
            output::json(&shown);
            return Ok(());
        }
        output::line(&format!("{}  {}", found.app.id, found.app.name));
        print_permissions(&found.app);
        if found.app.is_public {
            output::line("    public: signs people in without proving who it is");
        }
        for redirect in &found.redirects {
            output::line(&format!(
                "    {:<12}  {}",
                redirect.kind.name(),
                redirect.address
            ));
        }
        for secret in &found.secrets {
            output::line(&format!(
                "    secret        {}  {}…  until {}  {}",
                secret.id, secret.hint, secret.expires_at, secret.name
            ));
        }
        for certificate in &found.certificates {
            output::line(&format!(
                "    certificate   {}  {}  until {}  {}",
                certificate.id,
                shown::hex(&certificate.sha1),
                certificate.not_after,
                certificate.name
            ));
        }
        Ok(())
    }
}

impl Roles {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let some = |names: &[String]| match names {
            [] => Ok(None),
            names => permissions(names).map(Some),
        };
        let change = RegistrationChange {
            permissions: some(&self.role)?,
            delegated: some(&self.delegated)?,
            is_public: self.public,
            ..RegistrationChange::default()
        };
        let engine = self.which.place.engine().await?;
        let app = engine.change_app(&Actor::system(), client, change).await?;
        engine.store().close().await;
        if self.which.place.json {
            output::json(&shown::app(&app));
        } else {
            output::line(&format!("`{}` may now", app.name));
            print_permissions(&app);
            output::note(
                "what it may no longer do ends at once, the rest comes with its next token",
            );
        }
        Ok(())
    }
}

impl Remove {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let engine = self.which.place.engine().await?;
        let app = engine.delete_app(&Actor::system(), client).await?;
        engine.store().close().await;
        if self.which.place.json {
            output::json(&shown::app(&app));
        } else {
            output::line(&format!("removed `{}` ({})", app.name, app.id));
        }
        Ok(())
    }
}

fn print_permissions(app: &App) {
    for name in shown::names(&app.permissions) {
        output::line(&format!("    {name}"));
    }
    for name in shown::names(&app.delegated) {
        output::line(&format!("    {name} (for whoever signs in)"));
    }
}
