//! The request for a reset, from the first word to the end.

use mandate_model::Timestamp;
use mandate_store::{AttestationRecord, AuthorityResetRecord, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use super::checklist::{ChecklistItem, checklist, items_of};
use super::{
    Event, ItemCode, ManagementAuthority, ResetStage, Standing, keep, refused,
    require_confirmation, standing, unreadable,
};
use crate::audit::Change;
use crate::enrolment::UNFINISHED;
use crate::{Action, Actor, Engine, EngineError, Who};

/// A request for another authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityReset {
    /// Id.
    pub id: Uuid,
    /// Sign-in domain of the organisation, as the request named it.
    pub domain: String,
    /// The authority when it was made.
    pub from: ManagementAuthority,
    /// The authority that it asks for.
    pub target: ManagementAuthority,
    /// How far it is.
    pub stage: ResetStage,
    /// Who made it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// Who set it going.
    pub started_by: Option<String>,
    /// When.
    pub started_at: Option<Timestamp>,
    /// When it will be over, once it was set going.
    pub completes_at: Option<Timestamp>,
    /// When it was over, or was cancelled.
    pub ended_at: Option<Timestamp>,
    /// What has to be done before it can be set going, looked up now; empty once it is over.
    pub checklist: Vec<ChecklistItem>,
}

impl AuthorityReset {
    /// Whether nothing is left to do before it can be set going.
    pub fn is_green(&self) -> bool {
        self.checklist.iter().all(|item| item.state.is_green())
    }
}

/// A reset that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuthorityReset {
    /// A sign-in domain of the organisation: whoever asks shows that they know whose authority it is.
    pub domain: String,
    /// The authority that is wanted.
    pub target: ManagementAuthority,
}

/// How long one runs: what was begun before the lock has long ended then.
const TAKES: i64 = 2 * Timestamp::MINUTE;
/// What the audit calls it.
const KIND: &str = "authorityReset";
/// Characters of a name.
const MOST_NAME: usize = 256;

impl Engine {
    /// Asks for a reset. Nothing is locked before it is set going.
    pub async fn request_authority_reset(
        &self,
        actor: &Actor,
        new: NewAuthorityReset,
    ) -> Result<AuthorityReset, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        let domain = new.domain.trim().to_lowercase();
        if !self.is_domain_verified(&domain).await? {
            let rule = "must be a sign-in domain of this organisation";
            return Err(EngineError::invalid(
                "tenantDomain",
                rule,
                Some(&new.domain),
            ));
        }
        let mut session = self.store().write().await?;
        session.hold_management_authority().await?;
        let before = standing(&mut session).await?;
        before.after(Event::Request(new.target)).map_err(refused)?;
        let now = self.now();
        let record = AuthorityResetRecord {
            id: self.chance().id(now),
            domain,
            from: before.authority.name().to_owned(),
            target: new.target.name().to_owned(),
            stage: ResetStage::Preparing.name().to_owned(),
            requested_by: actor.name(),
            requested_at: now,
            started_by: None,
            started_at: None,
            completes_at: None,
            ended_at: None,
        };
        session.set_authority_reset(&record).await?;
        let name = new.target.name();
        let change = Change::create(KIND, record.id, name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        let view = self.reset_view(&mut session, record).await?;
        session.commit().await?;
        Ok(view)
    }

    /// Resets, the newest first, from before `before`.
    pub async fn list_authority_resets(
        &self,
        actor: &Actor,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AuthorityReset>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let mut resets = Vec::new();
        for record in session.list_authority_resets(before, limit).await? {
            resets.push(self.reset_view(&mut session, record).await?);
        }
        Ok(resets)
    }

    /// A reset by id.
    pub async fn find_authority_reset(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<AuthorityReset>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        match session.find_authority_reset(id).await? {
            Some(record) => Ok(Some(self.reset_view(&mut session, record).await?)),
            None => Ok(None),
        }
    }

    /// Notes that a person vouches for an item that happens elsewhere. Without a name it is the person who asks; a client of
    /// its own has to name one.
    pub async fn attest_authority_reset(
        &self,
        actor: &Actor,
        id: Uuid,
        item: ItemCode,
        person: Option<String>,
    ) -> Result<AuthorityReset, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        let person = named(actor, person)?;
        let mut session = self.store().write().await?;
        let record = self.open_for_attesting(&mut session, id, item).await?;
        let attestation = AttestationRecord {
            item: item.name().to_owned(),
            person,
            actor: actor.name(),
            at: self.now(),
        };
        session.attest_authority_reset(id, &attestation).await?;
        let after = json!({ "item": attestation.item, "person": attestation.person });
        let change = Change::action("attest", KIND, id, &record.target, after);
        self.audit(&mut session, actor, change).await?;
        let view = self.reset_view(&mut session, record.clone()).await?;
        session.commit().await?;
        Ok(view)
    }

    /// Takes back that somebody vouches for an item.
    pub async fn withdraw_attestation(
        &self,
        actor: &Actor,
        id: Uuid,
        item: ItemCode,
    ) -> Result<AuthorityReset, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        let mut session = self.store().write().await?;
        let record = self.open_for_attesting(&mut session, id, item).await?;
        if session.withdraw_attestation(id, item.name()).await? {
            let after = json!({ "item": item.name() });
            let change = Change::action("withdrawAttestation", KIND, id, &record.target, after);
            self.audit(&mut session, actor, change).await?;
        }
        let view = self.reset_view(&mut session, record.clone()).await?;
        session.commit().await?;
        Ok(view)
    }

    /// Sets a reset going: from now on nothing can be configured or enrolled until it is over. Refused as long as anything of
    /// its checklist is left.
    pub async fn start_authority_reset(
        &self,
        actor: &Actor,
        id: Uuid,
        confirmed: bool,
    ) -> Result<AuthorityReset, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        require_confirmation(confirmed)?;
        let (mut session, before, mut record) = self.hold_reset(id).await?;
        let items = self.checklist_of(&mut session, &record).await?;
        let green = items.iter().all(|item| item.state.is_green());
        let after = before.after(Event::Start { green });
        if after == Err(super::Refusal::NotGreen) {
            return Err(not_green(&items));
        }
        after.map_err(refused)?;
        let (now, old) = (self.now(), properties(&record));
        ResetStage::Running.name().clone_into(&mut record.stage);
        record.started_by = Some(actor.name());
        record.started_at = Some(now);
        record.completes_at = Some(now.plus(TAKES));
        self.write_reset(&mut session, actor, ("start", old), &record)
            .await?;
        let view = self.reset_view(&mut session, record).await?;
        session.commit().await?;
        Ok(view)
    }

    /// Gives a reset up, also while it runs.
    pub async fn cancel_authority_reset(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<AuthorityReset, EngineError> {
        actor.require(Action::MdmAuthorityUpdate)?;
        let (mut session, before, mut record) = self.hold_reset(id).await?;
        before.after(Event::Cancel).map_err(refused)?;
        let old = properties(&record);
        ResetStage::Cancelled.name().clone_into(&mut record.stage);
        record.ended_at = Some(self.now());
        self.write_reset(&mut session, actor, ("cancel", old), &record)
            .await?;
        let view = self.reset_view(&mut session, record).await?;
        session.commit().await?;
        Ok(view)
    }

    /// Ends the reset whose time has come. What is found to be left after all gives it back to be worked on. Whether one was
    /// due.
    pub async fn complete_authority_reset(&self) -> Result<bool, EngineError> {
        let now = self.now();
        let is_due = |record: &AuthorityResetRecord| {
            record
                .completes_at
                .is_some_and(|completes| completes <= now)
        };
        let running = {
            let mut session = self.store().read().await?;
            session.find_running_authority_reset().await?
        };
        let Some(seen) = running.filter(is_due) else {
            return Ok(false);
        };
        let (mut session, before, mut record) = self.hold_reset(seen.id).await?;
        // Somebody may have cancelled it, or another server have ended it, a moment ago.
        let is_running = stage_of(&record)? == ResetStage::Running;
        if !is_running || !is_due(&record) {
            return Ok(false);
        }
        let items = self.checklist_of(&mut session, &record).await?;
        let green = items.iter().all(|item| item.state.is_green());
        let after = before.after(Event::Due { green }).map_err(refused)?;
        let old = properties(&record);
        let system = Actor::system();
        if after.reset.is_some() {
            ResetStage::Preparing.name().clone_into(&mut record.stage);
            record.completes_at = None;
            self.write_reset(&mut session, &system, ("giveBack", old), &record)
                .await?;
            tracing::warn!(
                "the reset of the management authority was not done: something is left again"
            );
        } else {
            ResetStage::Done.name().clone_into(&mut record.stage);
            record.ended_at = Some(now);
            keep(&mut session, after.authority, now, &record.requested_by).await?;
            self.write_reset(&mut session, &system, ("complete", old), &record)
                .await?;
            self.note_authority(&mut session, &system, before.authority, after.authority)
                .await?;
            tracing::info!(
                "the management authority is now {}",
                after.authority.title()
            );
        }
        session.commit().await?;
        Ok(true)
    }

    /// What is seen of a reset.
    pub(super) async fn reset_view(
        &self,
        session: &mut Session,
        record: AuthorityResetRecord,
    ) -> Result<AuthorityReset, EngineError> {
        let stage = stage_of(&record)?;
        let checklist = if stage.is_open() {
            self.checklist_of(session, &record).await?
        } else {
            Vec::new()
        };
        Ok(AuthorityReset {
            from: from_of(&record)?,
            target: target_of(&record)?,
            stage,
            id: record.id,
            domain: record.domain,
            requested_by: record.requested_by,
            requested_at: record.requested_at,
            started_by: record.started_by,
            started_at: record.started_at,
            completes_at: record.completes_at,
            ended_at: record.ended_at,
            checklist,
        })
    }

    async fn checklist_of(
        &self,
        session: &mut Session,
        record: &AuthorityResetRecord,
    ) -> Result<Vec<ChecklistItem>, EngineError> {
        let left = session.left_over(self.now().plus(-UNFINISHED)).await?;
        let attestations = session.authority_reset_attestations(record.id).await?;
        Ok(checklist(from_of(record)?, &left, &attestations))
    }

    /// A reset while nobody else changes it, with how things stand for it: one that is over has none.
    async fn hold_reset(
        &self,
        id: Uuid,
    ) -> Result<(Session, Standing, AuthorityResetRecord), EngineError> {
        let mut session = self.store().write().await?;
        session.hold_management_authority().await?;
        let record = session
            .find_authority_reset(id)
            .await?
            .ok_or_else(|| EngineError::not_found("authority reset", id))?;
        let mut standing = standing(&mut session).await?;
        if !stage_of(&record)?.is_open() {
            standing.reset = None;
        }
        Ok((session, standing, record))
    }

    /// A reset that is being prepared, to whose list the item belongs.
    async fn open_for_attesting(
        &self,
        session: &mut Session,
        id: Uuid,
        item: ItemCode,
    ) -> Result<AuthorityResetRecord, EngineError> {
        session.hold_management_authority().await?;
        let record = session
            .find_authority_reset(id)
            .await?
            .ok_or_else(|| EngineError::not_found("authority reset", id))?;
        match stage_of(&record)? {
            ResetStage::Preparing => {}
            ResetStage::Running => return Err(refused(super::Refusal::Running)),
            ResetStage::Done | ResetStage::Cancelled => {
                return Err(refused(super::Refusal::NoReset));
            }
        }
        if !items_of(from_of(&record)?).contains(&item) {
            let what = "item of this checklist";
            return Err(EngineError::not_found(what, item.name()));
        }
        if !item.is_attested() {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "`{}` is looked up here, so nobody can vouch for it",
                    item.name()
                ),
            });
        }
        Ok(record)
    }

    async fn write_reset(
        &self,
        session: &mut Session,
        actor: &Actor,
        (activity, before): (&'static str, Value),
        record: &AuthorityResetRecord,
    ) -> Result<(), EngineError> {
        session.set_authority_reset(record).await?;
        let after = properties(record);
        let change = Change::act(activity, KIND, record.id, &record.target, before, after);
        self.audit(session, actor, change).await
    }
}

/// Who vouches.
fn named(actor: &Actor, person: Option<String>) -> Result<String, EngineError> {
    let person = person.map(|name| name.trim().to_owned());
    let name = match (person, actor.who()) {
        (Some(name), _) => name,
        (None, Who::Person { principal_name, .. }) => principal_name.clone(),
        (None, Who::System | Who::App { .. }) => String::new(),
    };
    if name.is_empty() || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
        let rule = format!("must name the person who vouches, in 1 to {MOST_NAME} characters");
        return Err(EngineError::invalid("by", &rule, Some(&name)));
    }
    Ok(name)
}

fn not_green(items: &[ChecklistItem]) -> EngineError {
    let left: Vec<_> = items
        .iter()
        .filter(|item| !item.state.is_green())
        .map(|item| format!("`{}`", item.code.name()))
        .collect();
    EngineError::NotPossible {
        reason: format!(
            "the reset cannot be set going before its checklist is done; left are {}",
            left.join(", ")
        ),
    }
}

pub(super) fn stage_of(record: &AuthorityResetRecord) -> Result<ResetStage, EngineError> {
    ResetStage::parse(&record.stage)
        .ok_or_else(|| EngineError::Internal(format!("`{}` is no stage of a reset", record.stage)))
}

pub(super) fn target_of(record: &AuthorityResetRecord) -> Result<ManagementAuthority, EngineError> {
    ManagementAuthority::parse(&record.target).ok_or_else(|| unreadable(&record.target))
}

fn from_of(record: &AuthorityResetRecord) -> Result<ManagementAuthority, EngineError> {
    ManagementAuthority::parse(&record.from).ok_or_else(|| unreadable(&record.from))
}

/// What the audit says of a reset.
fn properties(record: &AuthorityResetRecord) -> Value {
    json!({
        "tenantDomain": record.domain,
        "from": record.from,
        "target": record.target,
        "stage": record.stage,
    })
}
