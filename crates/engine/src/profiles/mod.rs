//! Profiles: making, changing, assigning and deleting them.

mod assign;
mod change;
mod create;
mod drafts;
mod list;
mod noted;
mod references;
mod versions;

pub use change::ProfileChange;
pub use create::NewProfile;
pub use drafts::{DraftId, DraftOutcome, ProfileDraft};
pub use list::{ProfileLine, ProfileOrder, ProfileQuery, ProfilesFound};
pub use versions::{DeletedProfile, ProfileVersion};

use assign::require_targets;
pub(crate) use versions::{change_between, seen};

use crate::{Action, Actor, Engine, EngineError, Page};
use mandate_model::catalogue::SettingChange;
use mandate_model::{Profile, ProfileId, Target};
use mandate_store::WakeScope;

impl Engine {
    /// Profiles by id.
    pub async fn list_profiles(
        &self,
        actor: &Actor,
        page: Page<ProfileId>,
    ) -> Result<Vec<Profile>, EngineError> {
        let scope = actor.scope_for(Action::ProfilesRead)?;
        Ok(self
            .store()
            .read()
            .await?
            .list_seen_profiles(&scope, page.after, page.limit)
            .await?)
    }

    /// A profile by id.
    pub async fn find_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<Option<Profile>, EngineError> {
        actor.require(Action::ProfilesRead)?;
        let found = self.store().read().await?.find_profile(id).await?;
        Ok(found.filter(|profile| actor.reaches(Action::ProfilesRead, &profile.scope_tags)))
    }

    /// Deletes a profile; it is removed from every device that has it. Refused while another profile refers to it.
    pub async fn delete_profile(&self, actor: &Actor, id: ProfileId) -> Result<(), EngineError> {
        actor.require(Action::ProfilesDelete)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let profile = seen(&mut session, actor, Action::ProfilesDelete, id).await?;
        let mut by = Vec::new();
        for other in session.list_profiles(None, u32::MAX).await? {
            if !other.references.values().any(|reference| *reference == id) {
                continue;
            }
            if actor.reaches(Action::ProfilesRead, &other.scope_tags) {
                by.push(format!("profile `{}`", other.display_name));
            } else {
                by.push("a profile that you cannot see".to_owned());
            }
        }
        if !by.is_empty() {
            return Err(EngineError::InUse {
                what: "profile",
                name: profile.display_name,
                by,
            });
        }
        let targets = session.assignments_of(id).await?;
        let targets: Vec<Target> = targets
            .into_iter()
            .map(|assignment| assignment.target)
            .collect();
        // Deleting takes it from all of them.
        require_targets(
            &mut session,
            actor,
            Action::ProfilesDelete,
            &profile,
            &targets,
        )
        .await?;
        let change = noted::deleted(&profile, &targets);
        self.audit(&mut session, actor, change).await?;
        self.keep_deletion(&mut session, actor, &profile, targets)
            .await?;
        session.replace_assignments(id, &[]).await?;
        session.delete_profile(id, self.now()).await?;
        let intent = session.raise_intent().await?;
        self.wake_later(&mut session, WakeScope::Profile, id.0, intent)
            .await?;
        Ok(session.commit().await?)
    }

    /// What a change would mean for people who have the profile already.
    pub async fn impact_of(
        &self,
        actor: &Actor,
        id: ProfileId,
        change: ProfileChange,
    ) -> Result<Vec<SettingChange>, EngineError> {
        let mut session = self.store().read().await?;
        let before = seen(&mut session, actor, Action::ProfilesRead, id).await?;
        let after = self
            .changed(&mut session, (actor, Action::ProfilesRead), &before, change)
            .await?;
        Ok(impact(&before, &after))
    }
}

/// What an edit means, setting by setting.
pub(crate) fn impact(before: &Profile, after: &Profile) -> Vec<SettingChange> {
    let mut changes = before.kind.impact(&before.settings, &after.settings);
    changes.extend(
        before
            .kind
            .reference_impact(&before.references, &after.references),
    );
    changes
}
