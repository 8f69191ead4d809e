//! Which service may manage the organisation's devices, and how another one takes over.
//!
//! There are two ways. One *sets* another authority at once: devices stay enrolled and are served as before, but none is
//! enrolled any more unless this server is (part of) the authority. Or one asks for a *reset*, the older and slower way in
//! which everything is taken down first: it keeps a checklist, is blocked until all of it is green, and locks the
//! configuration while it runs.

mod checklist;
mod lock;
mod reset;
mod state;

pub use checklist::{ChecklistItem, ItemCode, ItemState};
pub(crate) use lock::{Lock, lock_now};
pub use reset::{AuthorityReset, NewAuthorityReset};
pub(crate) use state::{Event, Refusal, Standing};
pub use state::{ManagementAuthority, ResetStage};

use mandate_model::Timestamp;
use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Which service may manage devices, and what is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityStanding {
    /// What is in force.
    pub authority: ManagementAuthority,
    /// Since when; never while it is unknown.
    pub since: Option<Timestamp>,
    /// Who set it, or asked for the reset that did.
    pub set_by: Option<String>,
    /// The reset that is under way.
    pub reset: Option<AuthorityReset>,
}

/// What is kept of the authority in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    authority: String,
    since: i64,
    by: String,
}

/// The name of the setting that holds it.
const SETTING: &str = "management.authority";
/// What the audit calls it.
const KIND: &str = "managementAuthority";

impl Engine {
    /// Which service may manage devices, and what is under way.
    pub async fn authority_standing(
        &self,
        actor: &Actor,
    ) -> Result<AuthorityStanding, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let kept = kept(&mut session).await?;
        let reset = match session.find_open_authority_reset().await? {
            Some(record) => Some(self.reset_view(&mut session, record).await?),
            None => None,
        };
        let authority = kept
            .as_ref()
            .map_or(Ok(ManagementAuthority::Unknown), authority_of)?;
        Ok(AuthorityStanding {
            authority,
            since: kept.as_ref().map(|kept| Timestamp(kept.since)),
            set_by: kept.map(|kept| kept.by),
            reset,
        })
    }

    /// Which service may manage devices. Everybody may know it.
    pub async fn management_authority(&self) -> Result<ManagementAuthority, EngineError> {
        let mut session = self.store().read().await?;
        authority_in_force(&mut session).await
    }

    /// Sets another authority at once. Devices that are enrolled stay so. `confirmed` says that whoever asks has understood
    /// what it means; without it nothing happens.
    pub async fn set_management_authority(
        &self,
        actor: &Actor,
        to: ManagementAuthority,
        confirmed: bool,
    ) -> Result<ManagementAuthority, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        require_confirmation(confirmed)?;
        let mut session = self.store().write().await?;
        session.hold_management_authority().await?;
        let before = standing(&mut session).await?;
        let after = before.after(Event::Set(to)).map_err(refused)?;
        if after == before {
            return Ok(after.authority);
        }
        keep(&mut session, after.authority, self.now(), &actor.name()).await?;
        self.note_authority(&mut session, actor, before.authority, after.authority)
            .await?;
        session.commit().await?;
        Ok(after.authority)
    }

    /// Notes in the audit that another authority is in force.
    async fn note_authority(
        &self,
        session: &mut Session,
        actor: &Actor,
        before: ManagementAuthority,
        after: ManagementAuthority,
    ) -> Result<(), EngineError> {
        let tenant = self.tenant();
        let said = |authority: ManagementAuthority| json!({ "mobileDeviceManagementAuthority": authority.name() });
        let change = Change::act(
            "setMobileDeviceManagementAuthority",
            KIND,
            tenant.id,
            &tenant.company,
            said(before),
            said(after),
        );
        self.audit(session, actor, change).await
    }
}

/// What is in force, within a session.
pub(crate) async fn authority_in_force(
    session: &mut Session,
) -> Result<ManagementAuthority, EngineError> {
    kept(session)
        .await?
        .as_ref()
        .map_or(Ok(ManagementAuthority::Unknown), authority_of)
}

/// Where things stand, within a session.
pub(crate) async fn standing(session: &mut Session) -> Result<Standing, EngineError> {
    let authority = authority_in_force(session).await?;
    let reset = match session.find_open_authority_reset().await? {
        Some(record) => Some((reset::target_of(&record)?, reset::stage_of(&record)?)),
        None => None,
    };
    Ok(Standing { authority, reset })
}

async fn kept(session: &mut Session) -> Result<Option<Kept>, EngineError> {
    let Some(text) = session.find_setting(SETTING).await? else {
        return Ok(None);
    };
    let kept = serde_json::from_str(&text).map_err(|error| {
        EngineError::Internal(format!("setting `{SETTING}` cannot be read: {error}"))
    })?;
    Ok(Some(kept))
}

fn authority_of(kept: &Kept) -> Result<ManagementAuthority, EngineError> {
    ManagementAuthority::parse(&kept.authority).ok_or_else(|| unreadable(&kept.authority))
}

fn unreadable(name: &str) -> EngineError {
    EngineError::Internal(format!("`{name}` is no management authority"))
}

async fn keep(
    session: &mut Session,
    authority: ManagementAuthority,
    now: Timestamp,
    by: &str,
) -> Result<(), EngineError> {
    let kept = Kept {
        authority: authority.name().to_owned(),
        since: now.0,
        by: by.to_owned(),
    };
    let text =
        serde_json::to_string(&kept).map_err(|error| EngineError::Internal(error.to_string()))?;
    Ok(session.set_setting(SETTING, &text).await?)
}

fn require_confirmation(confirmed: bool) -> Result<(), EngineError> {
    if confirmed {
        return Ok(());
    }
    let rule = "must be true: whoever asks for another management authority confirms it";
    Err(EngineError::invalid("confirm", rule, None))
}

fn refused(refusal: Refusal) -> EngineError {
    let reason = refusal.reason().to_owned();
    match refusal {
        Refusal::Running => EngineError::Locked { reason },
        Refusal::ToUnknown => EngineError::invalid("authority", "cannot become `unknown`", None),
        _ => EngineError::NotPossible { reason },
    }
}
