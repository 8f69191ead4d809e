//! `mandate ca revoke` and `mandate ca revocations`.

use clap::{Args, ValueEnum};
use mandate_engine::{Actor, ExternalRevocation, reason_name};
use mandate_pki::authority::RevocationReason;
use serde_json::json;
use uuid::Uuid;

use super::Place;
use crate::output;

/// Revoke a certificate
#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    place: Place,
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
    #[command(flatten)]
    place: Place,
    /// What to do
    #[arg(value_enum, default_value = "list")]
    action: Action,
    /// Id of the revocation, as the list shows it
    #[arg(required_if_eq("action", "done"))]
    id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// List them, with what became of each
    List,
    /// Note that an authority was told of one by hand
    Done,
}

impl Revoke {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let reason: RevocationReason = self.reason.into();
        let revoked = engine
            .revoke_certificate(&Actor::system(), &self.serial, reason)
            .await?;
        engine.store().close().await;
        if self.place.json {
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
        let engine = self.place.engine().await?;
        if let (Action::Done, Some(id)) = (self.action, self.id) {
            engine
                .settle_external_revocation(&Actor::system(), id)
                .await?;
            engine.store().close().await;
            if self.place.json {
                output::json(&json!({ "id": id, "state": "done" }));
            } else {
                output::line(&format!("noted that the issuer knows of {id}"));
            }
            return Ok(());
        }
        let all = engine.external_revocations(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&all);
        } else {
            all.iter().for_each(show);
        }
        Ok(())
    }
}

fn show(one: &ExternalRevocation) {
    let result = one.result.as_deref().unwrap_or_default();
    output::line(&format!(
        "{}  {:<8}{}  {}  {}  {} {result}",
        one.id, one.state, one.issuer, one.serial, one.subject, one.reason
    ));
}
