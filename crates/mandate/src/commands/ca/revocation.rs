//! `mandate ca revoke` and `mandate ca revocations`.

use clap::{Args, Subcommand, ValueEnum};
use mandate_engine::{Actor, reason_name};
use mandate_pki::authority::RevocationReason;
use serde_json::json;
use uuid::Uuid;

use super::Instance;
use crate::output;

/// Revoke a certificate
#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    instance: Instance,
    /// Its serial number in hexadecimal, colons allowed
    serial: String,
    /// Why
    #[arg(long, value_enum, default_value = "unspecified")]
    reason: Reason,
}

/// Why a certificate no longer counts (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Reason {
    Unspecified,
    KeyCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    PrivilegeWithdrawn,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Unspecified => Self::Unspecified,
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::AffiliationChanged => Self::AffiliationChanged,
            Reason::Superseded => Self::Superseded,
            Reason::CessationOfOperation => Self::CessationOfOperation,
            Reason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
        }
    }
}

/// Revocations that authorities of others are to be told
#[derive(Debug, Args)]
pub(super) struct Revocations {
    #[command(subcommand)]
    command: RevocationsCommand,
}

#[derive(Debug, Subcommand)]
enum RevocationsCommand {
    /// List them, with what became of each
    List(List),
    /// Note that an authority was told by hand
    Done(Done),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    instance: Instance,
}

#[derive(Debug, Args)]
struct Done {
    #[command(flatten)]
    instance: Instance,
    /// Id of the revocation, as the list shows it
    id: Uuid,
}

impl Revoke {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let engine = self.instance.open().await?;
        let reason: RevocationReason = self.reason.into();
        let revoked = engine
            .revoke_certificate(&Actor::system(), &self.serial, reason)
            .await?;
        engine.store().close().await;
        if self.instance.json {
            output::json(&json!({
                "serial": revoked.serial,
                "subject": revoked.subject,
                "issuer": revoked.issuer,
                "reason": reason_name(reason),
            }));
            return Ok(());
        }
        output::line(&format!(
            "revoked {} ({}) of {}",
            revoked.serial, revoked.subject, revoked.issuer
        ));
        Ok(())
    }
}

impl Revocations {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            RevocationsCommand::List(list) => list.run().await,
            RevocationsCommand::Done(done) => done.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.instance.open().await?;
        let all = engine.external_revocations(&Actor::system()).await?;
        engine.store().close().await;
        if self.instance.json {
            output::json(&all);
            return Ok(());
        }
        for one in all {
            let result = one.result.unwrap_or_default();
            output::line(&format!(
                "{}  {:<8}{}  {}  {}  {} {result}",
                one.id, one.state, one.issuer, one.serial, one.subject, one.reason
            ));
        }
        Ok(())
    }
}

impl Done {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.instance.open().await?;
        engine
            .settle_external_revocation(&Actor::system(), self.id)
            .await?;
        engine.store().close().await;
        if self.instance.json {
            output::json(&json!({ "id": self.id, "state": "done" }));
        } else {
            output::line(&format!("noted that the issuer knows of {}", self.id));
        }
        Ok(())
    }
}
