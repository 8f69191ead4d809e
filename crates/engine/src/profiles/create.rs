//! Making a profile.

use std::collections::BTreeMap;

use mandate_model::catalogue::Kind;
use mandate_model::{Profile, ProfileId};
use serde_json::{Map, Value, json};

use super::audited;
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
    /// Scope tags; the default one if absent.
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
        let draft = new.kind.create(&new.body).map_err(EngineError::Invalid)?;
        check_name(&new.display_name)?;
        let now = self.now();
        let profile = Profile {
            id: ProfileId(self.chance().id(now)),
            kind: new.kind,
            display_name: new.display_name.trim().to_owned(),
            description: new.description,
            scope_tags: checked_tags(new.scope_tags)?,
            version: 1,
            settings: draft.settings,
            references: new.references,
            created_at: now,
            modified_at: now,
        };
        let mut session = self.store().write().await?;
        self.check_references(&mut session, &profile).await?;
        session.insert_profile(&profile).await?;
        session.raise_picture().await?;
        self.keep_version(&mut session, actor, &profile).await?;
        self.audit(&mut session, actor, audited("create", &profile, json!({})))
            .await?;
        session.commit().await?;
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

/// At most 100 tags, at least one; none given means the default tag.
pub(super) fn checked_tags(tags: Option<Vec<String>>) -> Result<Vec<String>, EngineError> {
    let tags = tags.unwrap_or_else(|| vec!["0".to_owned()]);
    if tags.is_empty() || tags.len() > 100 {
        return Err(EngineError::invalid(
            "roleScopeTagIds",
            "must have 1 to 100 scope tags",
            None,
        ));
    }
    if let Some(unknown) = tags.iter().find(|tag| tag.as_str() != "0") {
        return Err(EngineError::invalid(
            "roleScopeTagIds",
            "must be the scope tag `0`",
            Some(unknown),
        ));
    }
    Ok(tags)
}
