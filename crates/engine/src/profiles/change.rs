//! Changing a profile.

use std::collections::BTreeMap;

use mandate_model::{Profile, ProfileId};
use mandate_store::Session;
use serde_json::{Map, Value};

use super::create::check_name;
use super::{noted, seen};
use crate::access::tagging::tags_for_update;
use crate::{Action, Actor, Engine, EngineError};

/// A change to a profile; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileChange {
    /// New name.
    pub display_name: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// New scope tags.
    pub scope_tags: Option<Vec<String>>,
    /// Settings as they were sent.
    pub body: Map<String, Value>,
    /// References by navigation property; `None` removes one.
    pub references: BTreeMap<String, Option<ProfileId>>,
}

impl Engine {
    /// Changes a profile. An edit that changes nothing makes no version and sends nothing.
    pub async fn update_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
        change: ProfileChange,
    ) -> Result<Profile, EngineError> {
        actor.require(Action::ProfilesUpdate)?;
        let mut session = self.store().write().await?;
        let profile = self.update_within(&mut session, actor, id, change).await?;
        session.commit().await?;
        Ok(profile)
    }

    /// Changes a profile within a transaction.
    pub(super) async fn update_within(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: ProfileId,
        change: ProfileChange,
    ) -> Result<Profile, EngineError> {
        actor.require(Action::ProfilesUpdate)?;
        session.hold_access().await?;
        let before = seen(session, actor, Action::ProfilesUpdate, id).await?;
        let mut profile = self
            .changed(session, (actor, Action::ProfilesUpdate), &before, change)
            .await?;
        if profile == before {
            return Ok(before);
        }
        profile.version = before.version + 1;
        profile.modified_at = self.now();
        self.keep_next(session, actor, &profile).await?;
        self.audit(session, actor, noted::updated(&before, &profile))
            .await?;
        Ok(profile)
    }

    /// The profile as it would be after a change by somebody who may do this with it, checked; version and time are left as
    /// they were.
    pub(crate) async fn changed(
        &self,
        session: &mut Session,
        (actor, action): (&Actor, Action),
        before: &Profile,
        change: ProfileChange,
    ) -> Result<Profile, EngineError> {
        let mut profile = before.clone();
        profile.settings = before
            .kind
            .update(&before.settings, &change.body)
            .map_err(EngineError::Invalid)?
            .settings;
        if let Some(name) = change.display_name {
            check_name(&name)?;
            name.trim().clone_into(&mut profile.display_name);
        }
        if let Some(description) = change.description {
            profile.description = description;
        }
        profile.scope_tags = tags_for_update(
            session,
            actor,
            action,
            &before.scope_tags,
            change.scope_tags,
        )
        .await?;
        for (property, reference) in change.references {
            match reference {
                Some(id) => profile.references.insert(property, id),
                None => profile.references.remove(&property),
            };
        }
        self.check_references(session, actor, Some(before), &profile)
            .await?;
        Ok(profile)
    }
}
