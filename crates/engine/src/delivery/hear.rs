//! What a device's answer means for what was under way.

use mandate_model::{DeviceFacts, DeviceState, ProfileId, Reason, State, Timestamp};
use mandate_pki::authority::RevocationReason;
use mandate_store::{DeviceProfileRecord, Phase};
use uuid::Uuid;

use super::actions::{ActionKind, ActionState};
use super::visit::Fate;
use super::{Answer, Content, Failure, FailureKind, Visit, account_text};
use crate::EngineError;
use crate::delivery::{Detail, REMOVAL_DEADLINE};

/// First pause after NotNow; it doubles up to [`NOT_NOW_MOST`].
const NOT_NOW_FIRST: i64 = 15 * Timestamp::MINUTE;
const NOT_NOW_MOST: i64 = 8 * Timestamp::HOUR;
/// First pause after a refusal; it doubles up to [`REFUSED_MOST`].
const REFUSED_FIRST: i64 = Timestamp::HOUR;
const REFUSED_MOST: i64 = 24 * Timestamp::HOUR;
/// First pause after a failure of the network.
const TRANSIENT_FIRST: i64 = 5 * Timestamp::MINUTE;
/// First pause while an account of the user's own is in the way.
const BLOCKED_FIRST: i64 = 30 * Timestamp::MINUTE;
const BLOCKED_MOST: i64 = 8 * Timestamp::HOUR;

impl Visit<'_> {
    /// Takes in what the device said.
    pub(super) async fn hear(&mut self, answer: Answer) -> Result<(), EngineError> {
        match answer {
            Answer::Idle => {
                self.hear_idle();
                Ok(())
            }
            Answer::NotNow { command } => {
                self.hear_not_now(command);
                Ok(())
            }
            Answer::Done { command, content } => self.hear_done(command, content).await,
            Answer::Failed { command, failure } => self.hear_failed(command, &failure).await,
        }
    }

    /// A device that asks for work has nothing under way: what we believe to be under way was lost on one side or the
    /// other, and the inventory will tell which.
    fn hear_idle(&mut self) {
        for row in self.rows.values_mut() {
            let next = match row.record.phase {
                Phase::Installing => Phase::Verify,
                Phase::Removing => Phase::VerifyGone,
                Phase::InstallLater => Phase::Install,
                Phase::RemoveLater => Phase::Remove,
                Phase::Settled
                | Phase::Install
                | Phase::Verify
                | Phase::Remove
                | Phase::VerifyGone => continue,
            };
            if matches!(row.record.phase, Phase::InstallLater | Phase::RemoveLater) {
                row.record.due_at = None;
            }
            row.record.phase = next;
            row.record.command_id = None;
            row.fate = Fate::Write;
        }
        let now = self.now;
        for action in &mut self.actions {
            match action.state {
                ActionState::Sent => action.set(ActionState::Queued, now),
                ActionState::PutOff => {
                    action.record.due_at = None;
                    action.set(ActionState::Queued, now);
                }
                ActionState::Queued
                | ActionState::Done
                | ActionState::Failed
                | ActionState::Expired => {}
            }
        }
    }

    fn hear_not_now(&mut self, command: Uuid) {
        let now = self.now;
        if let Some(row) = self.row_of(command) {
            row.phase = match row.phase {
                Phase::Removing => Phase::RemoveLater,
                _ => Phase::InstallLater,
            };
            row.attempts += 1;
            row.due_at = Some(now.plus(pause(NOT_NOW_FIRST, NOT_NOW_MOST, row.attempts)));
            row.command_id = None;
            turn(row, Reason::NotNow, now);
        } else if let Some(action) = self
            .actions
            .iter_mut()
            .find(|action| action.record.id == command && action.is_open())
        {
            action.record.attempts += 1;
            let attempts = action.record.attempts;
            action.record.due_at = Some(now.plus(pause(NOT_NOW_FIRST, NOT_NOW_MOST, attempts)));
            action.set(ActionState::PutOff, now);
        }
    }

    async fn hear_done(&mut self, command: Uuid, content: Content) -> Result<(), EngineError> {
        let now = self.now;
        if let Some(row) = self.row_of(command) {
            if row.phase == Phase::Removing {
                row.phase = Phase::VerifyGone;
            } else {
                row.phase = Phase::Verify;
                turn(row, Reason::Acknowledged, now);
            }
            row.command_id = None;
            return Ok(());
        }
        let Some(index) = self
            .actions
            .iter()
            .position(|action| action.record.id == command)
        else {
            return Ok(());
        };
        if !self.actions[index].is_open() {
            return Ok(());
        }
        let kind = self.actions[index].kind;
        self.actions[index].set(ActionState::Done, now);
        match (kind, content) {
            (ActionKind::ListProfiles, Content::Profiles(profiles)) => {
                self.hear_profiles(&profiles).await
            }
            (ActionKind::ListCertificates, Content::Certificates(certificates)) => {
                self.hear_certificates(&certificates).await
            }
            (ActionKind::DescribeDevice | ActionKind::DescribeSecurity, Content::Facts(facts)) => {
                self.hear_facts(*facts).await
            }
            (ActionKind::RemoveManagement, _) => self.finish(DeviceState::Retired, "retired").await,
            (ActionKind::Erase, _) => self.finish(DeviceState::Wiped, "wiped").await,
            (ActionKind::Lock, _) => self.remember("locked", "").await,
            _ => Ok(()),
        }
    }

    async fn hear_failed(&mut self, command: Uuid, failure: &Failure) -> Result<(), EngineError> {
        let now = self.now;
        if let Some(row) = self.row_of(command) {
            row.command_id = None;
            row.attempts += 1;
            let (profile, sent_at) = (row.profile_id, row.sent_at.take());
            match row.phase {
                Phase::Removing => refused_removal(row, failure, now),
                _ => refused_install(row, failure, now),
            }
            let event = row.reason.message();
            if let Some(since) = sent_at {
                self.revoke_wasted(profile, since).await?;
            }
            return self.remember("refused", &event).await;
        }
        let Some(index) = self
            .actions
            .iter()
            .position(|action| action.record.id == command)
        else {
            return Ok(());
        };
        if !self.actions[index].is_open() {
            return Ok(());
        }
        let action = &mut self.actions[index];
        action.record.attempts += 1;
        action.record.error = Some(format!(
            "{} ({} {})",
            failure.text, failure.domain, failure.number
        ));
        let again = match (action.kind, failure.kind) {
            // The profile that makes the device a managed one is gone already.
            (ActionKind::RemoveManagement, FailureKind::NotInstalled) => {
                action.set(ActionState::Done, now);
                return self.finish(DeviceState::Retired, "retired").await;
            }
            // Nothing can be proved without it.
            (
                ActionKind::ListProfiles | ActionKind::RenewIdentity | ActionKind::RemoveManagement,
                _,
            ) => true,
            (kind, FailureKind::Transient) => kind.is_question(),
            _ => false,
        };
        if again {
            let attempts = action.record.attempts;
            action.record.due_at = Some(now.plus(pause(TRANSIENT_FIRST, NOT_NOW_MOST, attempts)));
            action.set(ActionState::Queued, now);
        } else {
            let kind = action.kind;
            action.set(ActionState::Failed, now);
            self.ended_without_success(kind);
        }
        Ok(())
    }

    /// A device that was not erased is managed as before.
    pub(super) fn ended_without_success(&mut self, kind: ActionKind) {
        if kind == ActionKind::Erase && self.record.device.state == DeviceState::Wiping {
            self.record.device.state = DeviceState::Enrolled;
            self.device_changed();
            self.forget_reconciliation();
        }
    }

    /// A device installs all of a profile or nothing: certificates issued for a refused attempt are of no use.
    async fn revoke_wasted(
        &mut self,
        profile: ProfileId,
        since: Timestamp,
    ) -> Result<(), EngineError> {
        let has_certificates = self
            .rows
            .get(&profile)
            .is_some_and(|row| !Detail::of(&row.record).certificates.is_empty());
        if has_certificates {
            let reason = i64::from(RevocationReason::Superseded.code());
            let device = self.record.device.id;
            self.session
                .revoke_certificates_since((device, profile), since, self.now, reason)
                .await?;
        }
        Ok(())
    }

    async fn hear_facts(&mut self, facts: DeviceFacts) -> Result<(), EngineError> {
        let known = &mut self.record.device.facts;
        let before = known.clone();
        macro_rules! take {
            ($($field:ident),+) => { $(if facts.$field.is_some() { known.$field = facts.$field; })+ };
        }
        take!(
            device_name,
            model,
            product_name,
            os_version,
            build_version,
            serial_number,
            imei,
            meid,
            wifi_mac,
            eas_device_identifier,
            is_supervised,
            passcode_present,
            is_encrypted
        );
        if *known != before {
            self.device_changed();
            self.forget_reconciliation();
            self.follow_rules().await?;
        }
        Ok(())
    }

    /// The row that a command belongs to; it will be written.
    fn row_of(&mut self, command: Uuid) -> Option<&mut DeviceProfileRecord> {
        let row = self
            .rows
            .values_mut()
            .find(|row| row.record.command_id == Some(command))?;
        row.fate = Fate::Write;
        Some(&mut row.record)
    }
}

/// Gives a row a reason; the time counts from when the reason changed. No pending state is without a deadline.
pub(super) fn turn(row: &mut DeviceProfileRecord, reason: Reason, now: Timestamp) {
    if row.reason != reason {
        row.reason = reason;
        row.since = now;
    }
    if row.reason.state() == State::Pending && row.deadline_at.is_none() {
        row.deadline_at = Some(now.plus(REMOVAL_DEADLINE));
    }
}

/// `first`, doubled with each attempt after the first, at most `most`.
pub(super) fn pause(first: i64, most: i64, attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or_default();
    first.saturating_mul(1 << doublings).min(most)
}

fn refused_removal(row: &mut DeviceProfileRecord, failure: &Failure, now: Timestamp) {
    if failure.kind == FailureKind::NotInstalled {
        row.phase = Phase::VerifyGone;
    } else {
        row.phase = Phase::Remove;
        row.due_at = Some(now.plus(pause(TRANSIENT_FIRST, REFUSED_MOST, row.attempts)));
    }
}

fn refused_install(row: &mut DeviceProfileRecord, failure: &Failure, now: Timestamp) {
    row.phase = Phase::Install;
    let account = Detail::of(row).accounts.into_iter().next();
    let (reason, pause) = match (failure.kind, account) {
        (FailureKind::AccountExists, Some(account)) => {
            tracing::debug!(
                "an account of the user's own blocks {}",
                account_text(&account)
            );
            (
                Reason::AccountExists { account },
                pause(BLOCKED_FIRST, BLOCKED_MOST, row.attempts),
            )
        }
        (FailureKind::Transient, _) => (
            refusal(failure),
            pause(TRANSIENT_FIRST, REFUSED_MOST, row.attempts),
        ),
        _ => (
            refusal(failure),
            pause(REFUSED_FIRST, REFUSED_MOST, row.attempts),
        ),
    };
    row.due_at = Some(now.plus(pause));
    row.deadline_at = None;
    turn(row, reason, now);
}

fn refusal(failure: &Failure) -> Reason {
    Reason::DeviceError {
        domain: failure.domain.clone(),
        number: failure.number,
        text: failure.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_limit() {
        let pauses: Vec<i64> = (1..=7).map(|attempt| pause(15, 480, attempt)).collect();
        assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 480]);
        assert_eq!(pause(NOT_NOW_FIRST, NOT_NOW_MOST, i64::MAX), NOT_NOW_MOST);
    }
}
