//! Devices that another server enrolled: what is theirs on them, and what their enrolment profile is called.

use mandate_model::{EnrolmentType, Timestamp};

use super::actions::{ActionKind, ActionState};
use super::{SeenProfile, Visit, Work};
use crate::EngineError;

/// Profiles of others that are remembered of a device at most.
const MOST_STRANGE: usize = 100;
/// What cannot be done yet is looked at again after this.
const LOOKED_AT_AGAIN: i64 = Timestamp::DAY;
/// A list that is younger is believed without asking again.
const ASKED_AGAIN: i64 = Timestamp::HOUR;
/// Why nothing can be done with an enrolment profile that has no name.
pub(super) const NOT_TOLD: &str = "the device does not tell the identifier of the other server's enrolment profile; say \
     it in the migration";

/// What the profile is called that brought a device under management.
pub(super) enum OwnProfile {
    /// As we call ours.
    Ours,
    /// As another server called it.
    Known(String),
    /// Another server knows.
    Unknown,
}

impl Visit<'_> {
    /// What the profile is called that is to be replaced with the identity, or removed with the management.
    pub(super) async fn enrolment_profile(&mut self) -> Result<OwnProfile, EngineError> {
        let device = self.record.device.id;
        let migrated = self.session.find_migrated(device).await?;
        let migrated = migrated.filter(|one| one.ticket_id == self.record.identity_ticket);
        Ok(match migrated {
            None => OwnProfile::Ours,
            Some(one) => one
                .profile_identifier
                .map_or(OwnProfile::Unknown, OwnProfile::Known),
        })
    }

    /// The command that ends management. Under a wrong name the device would say that the profile is not there, and be taken
    /// for one that has gone: so it is asked first what its own is called.
    pub(super) async fn remove_management(&mut self) -> Result<Option<Work>, EngineError> {
        let is_due = self.actions.iter().any(|action| {
            action.kind == ActionKind::RemoveManagement
                && action.state == ActionState::Queued
                && action.record.due_at.is_none_or(|at| at <= self.now)
        });
        if !is_due {
            return Ok(None);
        }
        let name = match self.enrolment_profile().await? {
            OwnProfile::Ours => None,
            OwnProfile::Known(name) => Some(name),
            OwnProfile::Unknown if self.has_told_lately() => {
                self.put_off(ActionKind::RemoveManagement, NOT_TOLD);
                return Ok(None);
            }
            OwnProfile::Unknown => {
                self.enqueue_question(ActionKind::ListProfiles);
                return Ok(self.next_action(|kind| kind == ActionKind::ListProfiles));
            }
        };
        let work = self.next_action(|kind| kind == ActionKind::RemoveManagement);
        Ok(work.map(|work| match work {
            Work::RemoveManagement { command, .. } => Work::RemoveManagement {
                command,
                identifier: name,
            },
            other => other,
        }))
    }

    /// Whether the profile can be made again: that of a managed part names the account that it is for.
    pub(super) fn has_account_for_renewal(&self) -> bool {
        let device = &self.record.device;
        device.enrolment_type == EnrolmentType::Device || device.user_id.is_some()
    }

    /// Whether it has told its profiles a moment ago: asking again would bring the same.
    pub(super) fn has_told_lately(&self) -> bool {
        self.record
            .inventory_at
            .is_some_and(|at| self.now.since(at) < ASKED_AGAIN)
    }

    /// What was asked for cannot be done now, for this reason.
    pub(super) fn put_off(&mut self, kind: ActionKind, reason: &str) {
        let again = self.now.plus(LOOKED_AT_AGAIN);
        let now = self.now;
        for action in self
            .actions
            .iter_mut()
            .filter(|action| action.kind == kind && action.is_open())
        {
            action.record.error = Some(reason.to_owned());
            action.record.due_at = Some(again);
            action.set(ActionState::Queued, now);
        }
    }

    /// Remembers of a device that comes from another server what its enrolment profile is called, and which profiles are
    /// not ours.
    pub(super) async fn note_strange_profiles(
        &mut self,
        profiles: &[SeenProfile],
    ) -> Result<(), EngineError> {
        if self.is_of_person() {
            return Ok(());
        }
        let prefix = format!("{}.", self.engine.endpoints().identifier_prefix);
        let strange: Vec<&SeenProfile> = profiles
            .iter()
            .filter(|profile| !profile.identifier.starts_with(&prefix))
            .collect();
        if strange.is_empty() {
            return Ok(());
        }
        let device = self.record.device.id;
        if let Some(own) = strange.iter().find(|profile| profile.is_enrolment) {
            self.session
                .note_migrated_profile(device, &own.identifier)
                .await?;
        }
        let others: Vec<(&str, &str)> = strange
            .iter()
            .filter(|profile| !profile.is_enrolment)
            .take(MOST_STRANGE)
            .map(|profile| {
                let name = profile.name.as_deref().unwrap_or_default();
                (profile.identifier.as_str(), name)
            })
            .collect();
        let others = serde_json::to_string(&others).unwrap_or_else(|_| "[]".to_owned());
        Ok(self.session.note_foreign_profiles(device, &others).await?)
    }
}
