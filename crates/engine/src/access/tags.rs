//! Scope tags: making them, and the groups whose devices get one by themselves.

use std::collections::BTreeSet;

use mandate_model::{GroupId, Timestamp};
use mandate_store::{Scope, ScopeTagRecord, Session, StoreError};
use serde_json::{Value, json};

use super::tagging::number;
use super::{Action, Actor};
use crate::audit::Change;
use crate::{Engine, EngineError, Page};

/// A scope tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeTag {
    /// Its id: a small integer as text; `0` is built in.
    pub id: String,
    /// Name for people, unique without regard to case.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is the default tag, which cannot be changed.
    pub built_in: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

const WHAT: &str = "scope tag";

impl Engine {
    /// Scope tags by number; `after` is the id of the last one before.
    pub async fn list_scope_tags(
        &self,
        actor: &Actor,
        page: Page<String>,
    ) -> Result<Vec<ScopeTag>, EngineError> {
        let scope = actor.scope_for(Action::RolesRead)?;
        let mut after = page.after.as_deref().and_then(number);
        let mut session = self.store().read().await?;
        let mut tags = Vec::new();
        loop {
            let found = session.list_scope_tags(after, page.limit.max(1)).await?;
            let Some(last) = found.last().map(|tag| tag.id) else {
                return Ok(tags);
            };
            after = Some(last);
            for tag in found.into_iter().map(of_record) {
                if tags.len() == page.limit as usize {
                    return Ok(tags);
                }
                if is_shown(&scope, &tag) {
                    tags.push(tag);
                }
            }
        }
    }

    /// A scope tag by id.
    pub async fn find_scope_tag(
        &self,
        actor: &Actor,
        id: &str,
    ) -> Result<Option<ScopeTag>, EngineError> {
        let scope = actor.scope_for(Action::RolesRead)?;
        let Some(id) = number(id) else {
            return Ok(None);
        };
        let found = self.store().read().await?.find_scope_tag(id).await?;
        Ok(found.map(of_record).filter(|tag| is_shown(&scope, tag)))
    }

    /// Makes a scope tag. Only for those whose role has no scope, as are the changes below: a tag changes what others see.
    pub async fn create_scope_tag(
        &self,
        actor: &Actor,
        name: &str,
        description: Option<String>,
    ) -> Result<ScopeTag, EngineError> {
        actor.require_everywhere(Action::RolesCreate)?;
        check(name, description.as_deref())?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let record = ScopeTagRecord {
            id: session.next_scope_tag().await?,
            name: name.trim().to_owned(),
            description,
            created_at: self.now(),
        };
        session
            .insert_scope_tag(&record)
            .await
            .map_err(|error| taken(error, &record.name))?;
        let change = Change::create("roleScopeTag", record.id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Renames a scope tag; what is absent stays.
    pub async fn update_scope_tag(
        &self,
        actor: &Actor,
        id: &str,
        name: Option<String>,
        description: Option<Option<String>>,
    ) -> Result<ScopeTag, EngineError> {
        actor.require_everywhere(Action::RolesUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = changeable(&mut session, id).await?;
        let mut record = before.clone();
        if let Some(name) = name {
            name.trim().clone_into(&mut record.name);
        }
        if let Some(description) = description {
            record.description = description;
        }
        check(&record.name, record.description.as_deref())?;
        if record == before {
            return Ok(of_record(before));
        }
        session
            .update_scope_tag(&record)
            .await
            .map_err(|error| taken(error, &record.name))?;
        let change = Change::update(
            "roleScopeTag",
            id,
            &record.name,
            &said(&before),
            &said(&record),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Deletes a scope tag. Refused while anything has it by hand; what devices have by their groups goes with it.
    pub async fn delete_scope_tag(&self, actor: &Actor, id: &str) -> Result<(), EngineError> {
        actor.require_everywhere(Action::RolesDelete)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let record = changeable(&mut session, id).await?;
        let by = session.uses_of_scope_tag(record.id).await?;
        if !by.is_empty() {
            return Err(EngineError::InUse {
                what: WHAT,
                name: record.name,
                by,
            });
        }
        session.delete_scope_tag(record.id).await?;
        let change = Change::delete("roleScopeTag", id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// The groups whose devices get a tag by themselves: devices in them, and devices of people in them.
    pub async fn scope_tag_groups(
        &self,
        actor: &Actor,
        id: &str,
    ) -> Result<Vec<GroupId>, EngineError> {
        let tag = self.find_scope_tag(actor, id).await?;
        let Some(number) = tag.and_then(|tag| number(&tag.id)) else {
            return Err(EngineError::not_found(WHAT, id));
        };
        let mut session = self.store().read().await?;
        Ok(session.groups_of_scope_tag(number).await?)
    }

    /// Replaces the groups whose devices get a tag by themselves.
    pub async fn assign_scope_tag(
        &self,
        actor: &Actor,
        id: &str,
        groups: Vec<GroupId>,
    ) -> Result<Vec<GroupId>, EngineError> {
        actor.require_everywhere(Action::RolesUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let record = changeable(&mut session, id).await?;
        let groups: BTreeSet<GroupId> = groups.into_iter().collect();
        for group in &groups {
            if session.find_group(*group).await?.is_none() {
                let value = group.to_string();
                return Err(EngineError::invalid(
                    "assignments",
                    "must name existing groups",
                    Some(&value),
                ));
            }
        }
        let before = session.groups_of_scope_tag(record.id).await?;
        let after: Vec<GroupId> = groups.iter().copied().collect();
        if before == after {
            return Ok(after);
        }
        session.set_groups_of_scope_tag(record.id, &groups).await?;
        session.retag_all_devices().await?;
        let change = Change::update(
            "roleScopeTag",
            id,
            &record.name,
            &json!({ "assignments": before }),
            &json!({ "assignments": after }),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(after)
    }
}

/// A tag that is there and can be changed.
async fn changeable(session: &mut Session, id: &str) -> Result<ScopeTagRecord, EngineError> {
    let found = match number(id) {
        Some(number) => session.find_scope_tag(number).await?,
        None => None,
    };
    let record = found.ok_or_else(|| EngineError::not_found(WHAT, id))?;
    if record.id == 0 {
        let reason = format!("`{}` is built in and cannot be changed", record.name);
        return Err(EngineError::NotPossible { reason });
    }
    Ok(record)
}

fn check(name: &str, description: Option<&str>) -> Result<(), EngineError> {
    super::roles::check_texts("displayName", name, 128, description)
}

fn taken(error: StoreError, name: &str) -> EngineError {
    match error {
        StoreError::Duplicate => EngineError::AlreadyExists {
            what: WHAT,
            property: "displayName",
            value: name.to_owned(),
        },
        other => other.into(),
    }
}

fn is_shown(scope: &Scope, tag: &ScopeTag) -> bool {
    scope.shows(std::slice::from_ref(&tag.id))
}

fn of_record(record: ScopeTagRecord) -> ScopeTag {
    ScopeTag {
        id: record.id.to_string(),
        display_name: record.name,
        description: record.description,
        built_in: record.id == 0,
        created_at: record.created_at,
    }
}

fn said(record: &ScopeTagRecord) -> Value {
    json!({ "displayName": record.name, "description": record.description })
}
