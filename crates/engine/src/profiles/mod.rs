//! Profiles: making, changing, assigning and deleting them.

mod assign;
mod change;
mod create;
mod references;
mod versions;

pub use change::ProfileChange;
pub use create::NewProfile;
pub use versions::{DeletedProfile, ProfileVersion};

use mandate_model::catalogue::SettingChange;
use mandate_model::{Profile, ProfileId};
use mandate_store::WakeScope;
use serde_json::{Value, json};

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

impl Engine {
    /// Profiles by id.
    pub async fn list_profiles(
        &self,
        actor: &Actor,
        page: Page<ProfileId>,
    ) -> Result<Vec<Profile>, EngineError> {
        actor.require(Action::ProfilesRead)?;
        Ok(self
            .store()
            .read()
            .await?
            .list_profiles(page.after, page.limit)
            .await?)
    }

    /// A profile by id.
    pub async fn find_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<Option<Profile>, EngineError> {
        actor.require(Action::ProfilesRead)?;
        Ok(self.store().read().await?.find_profile(id).await?)
    }

    /// Deletes a profile; it is removed from every device that has it. Refused while another profile refers to it.
    pub async fn delete_profile(&self, actor: &Actor, id: ProfileId) -> Result<(), EngineError> {
        actor.require(Action::ProfilesDelete)?;
        let mut session = self.store().write().await?;
        let profile = session
            .find_profile(id)
            .await?
            .ok_or_else(|| EngineError::not_found("profile", id))?;
        let mut by = Vec::new();
        for other in session.list_profiles(None, u32::MAX).await? {
            if other.references.values().any(|reference| *reference == id) {
                by.push(format!("profile `{}`", other.display_name));
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
        let targets = targets
            .into_iter()
            .map(|assignment| assignment.target)
            .collect();
        self.keep_deletion(&mut session, actor, &profile, targets)
            .await?;
        session.replace_assignments(id, &[]).await?;
        session.delete_profile(id, self.now()).await?;
        let intent = session.raise_intent().await?;
        self.wake_later(&mut session, WakeScope::Profile, id.0, intent)
            .await?;
        self.audit(&mut session, actor, audited("delete", &profile, json!({})))
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
        actor.require(Action::ProfilesRead)?;
        let mut session = self.store().read().await?;
        let before = session
            .find_profile(id)
            .await?
            .ok_or_else(|| EngineError::not_found("profile", id))?;
        let after = self.changed(&mut session, &before, change).await?;
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

fn audited<'a>(activity: &'static str, profile: &'a Profile, changes: Value) -> Change<'a> {
    Change {
        activity,
        kind: "profile",
        id: profile.id.to_string(),
        name: &profile.display_name,
        changes,
    }
}
