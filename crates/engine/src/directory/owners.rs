//! Whose groups are. It is a note for people: an owner gets nothing that is assigned to the group.

use mandate_model::{GroupId, User, UserId};
use serde_json::{Value, json};

use super::groups::moved;
use super::members::add_owner;
use crate::access::scope::require_group;
use crate::{Action, Actor, Engine, EngineError, Page};

impl Engine {
    /// Owners of a group, by id.
    pub async fn list_owners(
        &self,
        actor: &Actor,
        id: GroupId,
        page: Page<UserId>,
    ) -> Result<Vec<User>, EngineError> {
        actor.require(Action::GroupsRead)?;
        let mut session = self.store().read().await?;
        if session.find_group(id).await?.is_none() {
            return Err(EngineError::not_found("group", id));
        }
        let mut owners = Vec::new();
        for owner in session.list_owners(id, page.after, page.limit).await? {
            owners.extend(session.find_user(owner).await?);
        }
        Ok(owners)
    }

    /// Makes somebody an owner.
    pub async fn add_owner(
        &self,
        actor: &Actor,
        id: GroupId,
        owner: UserId,
    ) -> Result<(), EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        let group = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        require_group(&mut session, actor, Action::GroupsUpdate, id).await?;
        add_owner(&mut session, id, owner).await?;
        let added = json!({ "owners": [owner] });
        let change = moved("addOwner", &group, Value::Null, added);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Takes a group from an owner; it may end up with none.
    pub async fn remove_owner(
        &self,
        actor: &Actor,
        id: GroupId,
        owner: UserId,
    ) -> Result<(), EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        let group = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        require_group(&mut session, actor, Action::GroupsUpdate, id).await?;
        if !session.delete_owner(id, owner).await? {
            return Err(EngineError::not_found("owner", owner));
        }
        let removed = json!({ "owners": [owner] });
        let change = moved("removeOwner", &group, removed, Value::Null);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}
