//! Making a profile.

use std::collections::BTreeMap;

use mandate_model::catalogue::Kind;
use mandate_model::{Profile, ProfileId};
use mandate_store::Session;
use serde_json::{Map, Value};

use super::noted;
use crate::access::tagging::tags_for_new;
use crate::{Action, Actor, Engine, EngineError};

/// A profile to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProfile {
    /// Its kind.
    pub kind: &'static Kind,
    /// Name for administrators.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Scope tags; those of who makes it if absent.
    pub scope_tags: Option<Vec<String>>,
    /// Settings as they were sent.
    pub body: Map<String, Value>,
    /// Profiles it refers to, by navigation property.
    pub references: BTreeMap<String, ProfileId>,
}

impl Engine {
    /// Makes a profile. It does nothing until it is assigned.
    pub async fn create_profile(
        &self,
        actor: &Actor,
        new: NewProfile,
    ) -> Result<Profile, EngineError> {
        actor.require(Action::ProfilesCreate)?;
        let mut session = self.store().write().await?;
        let profile = self.create_within(&mut session, actor, new).await?;
        session.commit().await?;
        Ok(profile)
    }

    /// Makes a profile within a transaction.
    pub(super) async fn create_within(
        &self,
        session: &mut Session,
        actor: &Actor,
        new: NewProfile,
    ) -> Result<Profile, EngineError> {
        session.hold_access().await?;
        let profile = self.imagined(session, actor, new).await?;
        session.insert_profile(&profile).await?;
        session.raise_picture().await?;
        self.keep_version(session, actor, &profile).await?;
        self.audit(session, actor, noted::created(&profile)).await?;
        Ok(profile)
    }

    /// The profile as it would be if it were made now, checked.
    pub(crate) async fn imagined(
        &self,
        session: &mut Session,
        actor: &Actor,
        new: NewProfile,
    ) -> Result<Profile, EngineError> {
        actor.require(Action::ProfilesCreate)?;
        let draft = new.kind.create(&new.body).map_err(EngineError::Invalid)?;
        check_name(&new.display_name)?;
        let now = self.now();
        let scope_tags =
            tags_for_new(session, actor, Action::ProfilesCreate, new.scope_tags).await?;
        let profile = Profile {
            id: ProfileId(self.chance().id(now)),
            kind: new.kind,
            display_name: new.display_name.trim().to_owned(),
            description: new.description,
            scope_tags,
            version: 1,
            settings: draft.settings,
            references: new.references,
            created_at: now,
            modified_at: now,
        };
        self.check_references(session, actor, None, &profile)
            .await?;
        Ok(profile)
    }
}

pub(super) fn check_name(name: &str) -> Result<(), EngineError> {
    if name.trim().is_empty() || name.chars().count() > 256 {
        return Err(EngineError::invalid(
            "displayName",
            "must have 1 to 256 characters",
            Some(name),
        ));
    }
    Ok(())
}
