//! What a device is to do next.

use mandate_model::{CertificateSpec, DeviceState, ProfileId, Reason, Timestamp};
use mandate_store::{DeviceProfileRecord, Phase};
use serde_json::Value;
use uuid::Uuid;

use super::actions::{ActionKind, ActionState};
use super::elsewhere::{NOT_TOLD, OwnProfile};
use super::hear::{pause, turn};
use super::render::Rendering;
use super::visit::Fate;
use super::{Detail, Document, Visit, Work};
use crate::EngineError;

impl Visit<'_> {
    /// The next work, most urgent first: what protects data, then what the device has to tell us before anything can
    /// be made for it, then removals, installations, and the proof of both.
    pub(super) async fn choose(
        &mut self,
        session_begins: bool,
    ) -> Result<Option<Work>, EngineError> {
        self.expire_actions();
        self.prepare();
        if let Some(work) =
            self.next_action(|kind| matches!(kind, ActionKind::Erase | ActionKind::Lock))
        {
            return Ok(Some(work));
        }
        if let Some(work) = self.remove_management().await? {
            return Ok(Some(work));
        }
        if !self.is_managed() {
            return Ok(None);
        }
        if let Some(work) = self.renew_identity().await? {
            return Ok(Some(work));
        }
        let tells = |kind| {
            matches!(
                kind,
                ActionKind::DescribeDevice | ActionKind::DescribeSecurity
            )
        };
        if let Some(work) = self.next_action(tells) {
            return Ok(Some(work));
        }
        if let Some(work) = self.remove_next(session_begins) {
            return Ok(Some(work));
        }
        if let Some(work) = self.install_next(session_begins).await? {
            return Ok(Some(work));
        }
        let lists = |kind| {
            matches!(
                kind,
                ActionKind::ListProfiles | ActionKind::ListCertificates
            )
        };
        if let Some(work) = self.next_action(lists) {
            return Ok(Some(work));
        }
        // In the end always, whatever became of the profiles: the device would wait for ever.
        Ok(self.next_action(|kind| kind == ActionKind::ConfirmConfigured))
    }

    pub(super) fn expire_actions(&mut self) {
        let now = self.now;
        let expired = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let mut ended = Vec::new();
        for action in self
            .actions
            .iter_mut()
            .filter(|action| action.is_open() && expired(action.record.expires_at))
        {
            action.record.error = Some("the device did not check in in time".to_owned());
            action.set(ActionState::Expired, now);
            ended.push(action.kind);
        }
        for kind in ended {
            self.ended_without_success(kind);
        }
    }

    /// Makes sure that what has to be asked is asked, and that a device that is to go is told so until it confirms.
    fn prepare(&mut self) {
        match self.record.device.state {
            DeviceState::Retiring => {
                self.enqueue(ActionKind::RemoveManagement, &Value::Null, "system");
            }
            DeviceState::Enrolled => {
                let unproved = |phase| matches!(phase, Phase::Verify | Phase::VerifyGone);
                let to_prove = self
                    .rows
                    .values()
                    .any(|row| row.fate != Fate::Delete && unproved(row.record.phase));
                if self.inventory_is_old() && !self.is_asked(ActionKind::ListProfiles) {
                    // Once for all of them: the answer to the list ends the need to ask.
                    if !self.is_of_person() {
                        self.enqueue_question(ActionKind::DescribeDevice);
                    }
                    self.enqueue_question(ActionKind::ListProfiles);
                    self.enqueue_question(ActionKind::ListCertificates);
                } else if to_prove {
                    self.enqueue_question(ActionKind::ListProfiles);
                }
            }
            DeviceState::Enrolling
            | DeviceState::Imported
            | DeviceState::Wiping
            | DeviceState::Retired
            | DeviceState::Wiped
            | DeviceState::Unenrolled => {}
        }
    }

    /// Asks unless it is asked already; a pause after a failed answer is kept.
    pub(super) fn enqueue_question(&mut self, kind: ActionKind) {
        if !self.is_asked(kind) {
            self.enqueue(kind, &Value::Null, "system");
        }
    }

    fn is_asked(&self, kind: ActionKind) -> bool {
        self.actions
            .iter()
            .any(|action| action.kind == kind && action.is_open())
    }

    pub(super) fn next_action(&mut self, wanted: impl Fn(ActionKind) -> bool) -> Option<Work> {
        let now = self.now;
        let action = self.actions.iter_mut().find(|action| {
            let is_due = action.record.due_at.is_none_or(|at| at <= now);
            action.state == ActionState::Queued && wanted(action.kind) && is_due
        })?;
        action.set(ActionState::Sent, now);
        let parameters: Value = serde_json::from_str(&action.record.parameters).unwrap_or_default();
        let text = |name: &str| parameters[name].as_str().map(str::to_owned);
        let command = action.record.id;
        Some(match action.kind {
            ActionKind::Erase => Work::Erase {
                command,
                keep_data_plan: parameters["keepDataPlan"].as_bool().unwrap_or(true),
            },
            ActionKind::Lock => Work::Lock {
                command,
                message: text("message"),
                phone_number: text("phoneNumber"),
            },
            ActionKind::RemoveManagement => Work::RemoveManagement {
                command,
                identifier: None,
            },
            ActionKind::DescribeDevice => Work::DescribeDevice { command },
            ActionKind::DescribeSecurity => Work::DescribeSecurity { command },
            ActionKind::ListProfiles => Work::ListProfiles { command },
            ActionKind::ListCertificates => Work::ListCertificates { command },
            ActionKind::ConfirmConfigured => Work::ConfirmConfigured { command },
            ActionKind::RenewIdentity | ActionKind::Synchronise => return None,
        })
    }

    async fn renew_identity(&mut self) -> Result<Option<Work>, EngineError> {
        if self.is_of_person() || self.record.identity_renew_at > self.now {
            return Ok(None);
        }
        if !self
            .actions
            .iter()
            .any(|action| action.kind == ActionKind::RenewIdentity && action.is_open())
        {
            self.enqueue(ActionKind::RenewIdentity, &Value::Null, "system");
        }
        let now = self.now;
        let due = self.actions.iter_mut().find(|action| {
            let is_due = action.record.due_at.is_none_or(|at| at <= now);
            action.kind == ActionKind::RenewIdentity
                && action.state == ActionState::Queued
                && is_due
        });
        let Some(action) = due else { return Ok(None) };
        let command = action.record.id;
        match self.enrolment_profile().await? {
            OwnProfile::Ours => {}
            OwnProfile::Known(_) if self.has_account_for_renewal() => {}
            OwnProfile::Known(_) => {
                let reason = "nobody is known whose managed part of the device it is";
                self.put_off(ActionKind::RenewIdentity, reason);
                return Ok(None);
            }
            // It may not tell what its profile is called.
            OwnProfile::Unknown if self.has_told_lately() => {
                self.put_off(ActionKind::RenewIdentity, NOT_TOLD);
                return Ok(None);
            }
            OwnProfile::Unknown => {
                self.enqueue_question(ActionKind::ListProfiles);
                return Ok(self.next_action(|kind| kind == ActionKind::ListProfiles));
            }
        }
        if let Some(action) = self.actions.iter_mut().find(|one| one.record.id == command) {
            action.set(ActionState::Sent, now);
        }
        let offer = self
            .engine
            .renewal_offer(&mut self.session, &self.record)
            .await?;
        Ok(Some(Work::RenewIdentity {
            command,
            offer: Box::new(offer),
        }))
    }

    fn remove_next(&mut self, session_begins: bool) -> Option<Work> {
        let (now, command) = (self.now, self.engine.chance().id(self.now));
        let row = self.rows.values_mut().find(|row| {
            row.fate != Fate::Delete
                && row.record.phase == Phase::Remove
                && is_due(&row.record, now, session_begins)
        })?;
        row.record.phase = Phase::Removing;
        row.record.command_id = Some(command);
        row.fate = Fate::Write;
        Some(Work::Remove {
            command,
            identifier: row.record.identifier.clone(),
        })
    }

    async fn install_next(&mut self, session_begins: bool) -> Result<Option<Work>, EngineError> {
        while let Some(id) = self.next_to_install(session_begins).await? {
            let command = self.engine.chance().id(self.now);
            if let Some(work) = self.install(id, command).await? {
                return Ok(Some(work));
            }
            if self.needed_key.is_some() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Roots first, then what refers to them, so that trust is there before it is needed.
    async fn next_to_install(
        &mut self,
        session_begins: bool,
    ) -> Result<Option<ProfileId>, EngineError> {
        let now = self.now;
        let due: Vec<ProfileId> = self
            .rows
            .iter()
            .filter(|(_, row)| row.fate != Fate::Delete && row.record.phase == Phase::Install)
            .filter(|(_, row)| is_due(&row.record, now, session_begins))
            .map(|(id, _)| *id)
            .collect();
        if due.len() < 2 {
            return Ok(due.first().copied());
        }
        let intent = self.intent().await?;
        let depth = |id: &ProfileId| {
            intent.profiles.get(id).map_or(0, |profile| {
                crate::targeting::referenced_by(profile, &intent.profiles).len()
            })
        };
        Ok(due.into_iter().min_by_key(|id| (depth(id), *id)))
    }

    async fn install(&mut self, id: ProfileId, command: Uuid) -> Result<Option<Work>, EngineError> {
        let Some(compiled) = self.compiled(id).await? else {
            // Intent or facts changed between reconciling and sending: look again at the next contact.
            self.forget_reconciliation();
            let row = self.rows.get_mut(&id).expect("it was chosen just now");
            row.record.phase = Phase::Settled;
            row.fate = Fate::Write;
            return Ok(None);
        };
        let rendered = match self.render(id, &compiled).await? {
            Rendering::Ready(rendered) => rendered,
            Rendering::NeedsKey(spec) => {
                match self.not_issued.get(&spec.slot).cloned() {
                    Some(text) => self.wait_for_issuer(id, &spec, text),
                    None => self.needed_key = Some(spec),
                }
                return Ok(None);
            }
        };
        let now = self.now;
        let row = self.rows.get_mut(&id).expect("it was chosen just now");
        if let Some(at) = rendered.renew_at {
            row.record.renew_at = Some(row.record.renew_at.map_or(at, |known| known.min(at)));
        }
        let mut detail = Detail::of(&row.record);
        let sent_as = row.record.wanted_uuid;
        if detail.is_incomplete || detail.sent != rendered.carries || detail.sent_as != sent_as {
            detail.is_incomplete = false;
            detail.sent_as = sent_as;
            detail.carried.extend(rendered.carries.iter().cloned());
            detail.sent = rendered.carries;
            row.record.detail = detail.to_map();
        }
        row.record.phase = Phase::Installing;
        row.record.sent_at = Some(now);
        row.record.command_id = Some(command);
        row.fate = Fate::Write;
        // An error keeps its reason until something better is known.
        if row.record.reason.state() == mandate_model::State::Pending {
            turn(&mut row.record, Reason::Sent, now);
        }
        Ok(Some(Work::Install {
            command,
            body: Document(rendered.body),
            recipient: rendered.recipient,
        }))
    }

    /// The authority gave no certificate: it is asked again after a pause.
    fn wait_for_issuer(&mut self, id: ProfileId, spec: &CertificateSpec, text: String) {
        let now = self.now;
        let issuer = spec
            .issuer
            .clone()
            .unwrap_or_else(|| self.engine.tenant().company.clone());
        let row = self.rows.get_mut(&id).expect("it was chosen just now");
        row.record.attempts += 1;
        let wait = pause(ISSUER_FIRST, ISSUER_MOST, row.record.attempts);
        row.record.due_at = Some(now.plus(wait));
        row.fate = Fate::Write;
        turn(&mut row.record, Reason::IssuerFailed { issuer, text }, now);
    }
}

/// Pauses before an authority is asked again that gave no certificate.
const ISSUER_FIRST: i64 = 5 * Timestamp::MINUTE;
const ISSUER_MOST: i64 = 8 * Timestamp::HOUR;

/// Whether a row's pause is over.
fn is_due(record: &DeviceProfileRecord, now: Timestamp, session_begins: bool) -> bool {
    record.due_at.is_none_or(|at| at <= now) || (session_begins && is_tried_each_session(record))
}

/// What was put off, and what the user may have mended meanwhile, is tried at the beginning of each session.
pub(super) fn is_tried_each_session(record: &DeviceProfileRecord) -> bool {
    let may_be_mended = matches!(record.reason, Reason::AccountExists { .. })
        || (matches!(record.reason, Reason::DeviceError { .. }) && record.attempts < TRIES_AT_ONCE);
    match record.phase {
        Phase::InstallLater | Phase::RemoveLater => true,
        Phase::Install => may_be_mended,
        Phase::Settled
        | Phase::Installing
        | Phase::Verify
        | Phase::Remove
        | Phase::Removing
        | Phase::VerifyGone => false,
    }
}

/// A refusal is tried again in the next sessions so often before only time decides.
const TRIES_AT_ONCE: i64 = 3;
