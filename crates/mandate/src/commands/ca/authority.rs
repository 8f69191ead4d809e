//! `mandate ca show`, `import` and `rollover`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mandate_engine::{Actor, AuthorityView, Engine};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::PrivateKey;
use serde_json::json;
use zeroize::Zeroizing;

use super::{KeyChoice, Place, secret_line, spaced};
use crate::output;

/// Show the authorities that issue and issued
#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    place: Place,
}

/// Let an issuing authority that you have already issue from now on
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    /// Its private key: PEM or DER, encrypted or not
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Its certificate and those above it up to the root, PEM, in any order
    #[arg(long, value_name = "FILE")]
    chain: PathBuf,
    /// File with the password of the key
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Make a new issuing authority under the same root, and let it issue from now on
#[derive(Debug, Args)]
pub(super) struct Rollover {
    #[command(flatten)]
    place: Place,
    /// Kind of its key
    #[arg(long, value_enum, default_value = "rsa2048")]
    key: KeyChoice,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let authorities = engine.show_authorities(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&authorities);
            return Ok(());
        }
        for authority in &authorities {
            show(authority);
        }
        Ok(())
    }
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let password = match &self.password_file {
            Some(path) => Some(secret_line(path)?),
            None => None,
        };
        let key = std::fs::read(&self.key)
            .map(Zeroizing::new)
            .with_context(|| format!("cannot read `{}`", self.key.display()))?;
        let key = PrivateKey::from_pem_or_der(&key, password.as_ref().map(|text| text.as_str()))
            .with_context(|| {
                format!(
                    "`{}` is no private key that can be used",
                    self.key.display()
                )
            })?;
        let chain = std::fs::read_to_string(&self.chain)
            .with_context(|| format!("cannot read `{}`", self.chain.display()))?;
        let chain = Certificate::all_from_pem(&chain)
            .with_context(|| format!("`{}` is no chain in PEM", self.chain.display()))?;
        let engine = self.place.engine().await?;
        let key_id = engine
            .import_authority(&Actor::system(), key, &chain)
            .await?;
        tell(&engine, &key_id, self.place.json).await
    }
}

impl Rollover {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let key_id = engine.roll_over(&Actor::system(), self.key.into()).await?;
        tell(&engine, &key_id, self.place.json).await
    }
}

/// What issues from now on.
async fn tell(engine: &Engine, key_id: &str, as_json: bool) -> anyhow::Result<()> {
    let authorities = engine.show_authorities(&Actor::system()).await?;
    engine.store().close().await;
    let current = authorities
        .iter()
        .find(|one| one.key_id == key_id)
        .context("the new authority is not in the database")?;
    if as_json {
        output::json(&json!(current));
        return Ok(());
    }
    show(current);
    output::note(
        "a running server issues by it within seconds; certificates issued before stay good and are renewed at their time",
    );
    if !current.root_is_trusted {
        output::note(
            "its root is another than the one that devices trust from their enrolment on: deliver it by a trusted root \
             certificate profile",
        );
    }
    Ok(())
}

fn show(authority: &AuthorityView) {
    let state = if authority.is_current {
        "issues now"
    } else {
        "put aside"
    };
    output::line(&format!("{}  {state}", authority.key_id));
    let root_key = if authority.has_root_key {
        "its key is in the database"
    } else {
        "its key is put away"
    };
    let registration = if authority.has_registration {
        ", SCEP through a registration authority"
    } else {
        ""
    };
    let lines = [
        ("subject", authority.subject.clone()),
        ("key", format!("{}{registration}", authority.key)),
        ("origin", authority.origin.clone()),
        (
            "valid",
            format!("{} to {}", authority.not_before, authority.not_after),
        ),
        ("serial", authority.serial.clone()),
        ("SHA-256", spaced(&authority.sha256)),
        ("SHA-1", spaced(&authority.sha1)),
        ("root", format!("{} ({root_key})", authority.root_subject)),
        ("root until", authority.root_not_after.clone()),
        (
            "certificates",
            format!(
                "{}, {} of them revoked",
                authority.issued, authority.revoked
            ),
        ),
    ];
    for (name, value) in lines {
        output::line(&format!("  {name:<14}{value}"));
    }
}
