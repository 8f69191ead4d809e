//! Who is in a group.

use mandate_model::{Group, GroupId, Member, UserId};
use mandate_store::{Session, WakeScope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::groups::moved;
use super::rules::require_named;
use super::source::require_own_group;
use crate::access::Somebody;
use crate::access::growth::{Before, require_nesting, require_no_tags};
use crate::access::scope::{require_group, shows_device};
use crate::{Action, Actor, Engine, EngineError, Page};

/// Who comes to a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomers {
    /// Members.
    pub members: Vec<Member>,
    /// Owners.
    pub owners: Vec<UserId>,
}

impl Newcomers {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.owners.is_empty()
    }
}

impl Engine {
    /// Members of a group, by id.
    pub async fn list_members(
        &self,
        actor: &Actor,
        id: GroupId,
        transitive: bool,
        page: Page<Uuid>,
    ) -> Result<Vec<Member>, EngineError> {
        actor.require(Action::GroupsRead)?;
        let devices = actor.scope_of_members();
        let mut session = self.store().read().await?;
        if session.find_group(id).await?.is_none() {
            return Err(EngineError::not_found("group", id));
        }
        Ok(session
            .list_members(id, transitive, &devices, page.after, page.limit)
            .await?)
    }

    /// Adds members, all or none of them.
    pub async fn add_members(
        &self,
        actor: &Actor,
        id: GroupId,
        members: Vec<Member>,
    ) -> Result<(), EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        self.put_members(&mut session, actor, id, members).await?;
        Ok(session.commit().await?)
    }

    /// Adds members, all of whom are new to the group. Access is held.
    pub(super) async fn put_members(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
        members: Vec<Member>,
    ) -> Result<(), EngineError> {
        let group = open_group(session, actor, id).await?;
        let newcomers = Newcomers {
            members,
            owners: Vec::new(),
        };
        let added = self.welcome(session, actor, id, newcomers).await?;
        let added = Value::Object(added);
        let change = moved("addMember", &group, Value::Null, added);
        self.audit(session, actor, change).await
    }

    /// Adds members and owners; what the audit says of them, which is who came and not who is there.
    pub(super) async fn welcome(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
        newcomers: Newcomers,
    ) -> Result<Map<String, Value>, EngineError> {
        let mut changes = Map::new();
        let members: Vec<Value> = newcomers
            .members
            .iter()
            .map(|member| json!(member.id()))
            .collect();
        if !members.is_empty() {
            changes.insert("members".to_owned(), Value::Array(members));
        }
        if !newcomers.owners.is_empty() {
            changes.insert("owners".to_owned(), json!(newcomers.owners));
        }
        for member in newcomers.members {
            self.add_member(session, actor, id, member).await?;
        }
        for owner in newcomers.owners {
            add_owner(session, id, owner).await?;
        }
        Ok(changes)
    }

    async fn add_member(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
        member: Member,
    ) -> Result<(), EngineError> {
        let exists = match member {
            Member::User(user) => session.find_user(user).await?.is_some(),
            Member::Device(device) => session.find_device(device).await?.is_some(),
            Member::Group(group) => group != id && session.find_group(group).await?.is_some(),
        };
        if !exists {
            return Err(EngineError::not_found("directory object", member.id()));
        }
        require_seen_member(session, actor, member).await?;
        let before = self.before_move(session, actor, id, member).await?;
        if let Member::Group(inner) = member {
            require_nesting(session, actor, inner, id).await?;
        }
        if !session.insert_member(id, member).await? {
            let value = member.id().to_string();
            return Err(EngineError::AlreadyExists {
                what: "member",
                property: "members",
                value,
            });
        }
        self.membership_changed(session, member).await?;
        before.require_no_more(session, actor).await
    }

    /// Removes a member.
    pub async fn remove_member(
        &self,
        actor: &Actor,
        id: GroupId,
        member: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let group = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        let found = session
            .find_member(id, member)
            .await?
            .ok_or_else(|| EngineError::not_found("member", member))?;
        require_group(&mut session, actor, Action::GroupsUpdate, id).await?;
        require_named(&group)?;
        require_seen_member(&mut session, actor, found).await?;
        require_own_group(&mut session, (&group, &group), true).await?;
        let before = self.before_move(&mut session, actor, id, found).await?;
        let somebody = Somebody::before(&mut session).await?;
        session.delete_member(id, member).await?;
        somebody.require_still(&mut session).await?;
        self.membership_changed(&mut session, found).await?;
        before.require_no_more(&mut session, actor).await?;
        let removed = json!({ "members": [member] });
        let change = moved("removeMember", &group, removed, Value::Null);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// What the actor may do with somebody who is about to come to a group, or to leave it.
    async fn before_move(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
        member: Member,
    ) -> Result<Before, EngineError> {
        self.require_power_over(session, actor, Member::Group(id))
            .await?;
        if let Member::Group(_) = member {
            require_no_tags(session, actor, Action::GroupsUpdate, id).await?;
        }
        Before::look(session, actor, member).await
    }

    /// Marks whoever a move into a group or out of it concerns.
    pub(super) async fn membership_changed(
        &self,
        session: &mut Session,
        member: Member,
    ) -> Result<(), EngineError> {
        match member {
            Member::User(user) => {
                session.retag_devices_of_user(user).await?;
                Ok(session.mark_stale_of_user(user, self.now()).await?)
            }
            Member::Device(device) => {
                let found = session.find_device(device).await?;
                let user = found.and_then(|record| record.device.user_id);
                session.retag_device(device, user).await?;
                Ok(session.mark_stale(device, self.now()).await?)
            }
            Member::Group(group) => {
                self.retag_all(session).await?;
                let intent = session.raise_intent().await?;
                self.wake_later(session, WakeScope::Group, group.0, intent)
                    .await
            }
        }
    }
}

/// Refuses devices that the actor does not see: what is for the group would come to them, or go.
async fn require_seen_member(
    session: &mut Session,
    actor: &Actor,
    member: Member,
) -> Result<(), EngineError> {
    match member {
        Member::Device(id) if !shows_device(session, &actor.scope_of_members(), id).await? => {
            Err(EngineError::not_found("directory object", id))
        }
        Member::Device(_) | Member::User(_) | Member::Group(_) => Ok(()),
    }
}

/// A group to which the actor may bring somebody by hand.
pub(super) async fn open_group(
    session: &mut Session,
    actor: &Actor,
    id: GroupId,
) -> Result<Group, EngineError> {
    let group = session
        .find_group(id)
        .await?
        .ok_or_else(|| EngineError::not_found("group", id))?;
    require_group(session, actor, Action::GroupsUpdate, id).await?;
    require_own_group(session, (&group, &group), true).await?;
    require_named(&group)?;
    Ok(group)
}

/// Adds an owner, who must be somebody.
pub(super) async fn add_owner(
    session: &mut Session,
    id: GroupId,
    owner: UserId,
) -> Result<(), EngineError> {
    if session.find_user(owner).await?.is_none() {
        return Err(EngineError::not_found("user", owner));
    }
    if session.insert_owner(id, owner).await? {
        return Ok(());
    }
    Err(EngineError::AlreadyExists {
        what: "owner",
        property: "owners",
        value: owner.to_string(),
    })
}
