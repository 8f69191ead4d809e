//! Groups and who is in them.

use mandate_model::{Group, GroupId, Member, UserId};
use mandate_store::{AfterName, GroupFilter, Session, WakeScope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::source::{require_own_group, require_unsourced};
use crate::access::Somebody;
use crate::access::growth::{Before, require_nesting, require_no_tags};
use crate::access::scope::{require_group, require_newcomer, shows_device};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

/// A group to be added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewGroup {
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Alias that Graph demands.
    pub mail_nickname: Option<String>,
    /// Further Graph properties.
    pub other: Map<String, Value>,
    /// Whose group it is; for people, owners get nothing from it.
    pub owners: Vec<UserId>,
}

/// Who comes to a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomers {
    /// Members.
    pub members: Vec<Member>,
    /// Owners.
    pub owners: Vec<UserId>,
}

impl Newcomers {
    fn is_empty(&self) -> bool {
        self.members.is_empty() && self.owners.is_empty()
    }
}

impl Engine {
    /// Groups by id.
    pub async fn list_groups(
        &self,
        actor: &Actor,
        filter: GroupFilter,
        page: Page<GroupId>,
    ) -> Result<Vec<Group>, EngineError> {
        actor.require(Action::GroupsRead)?;
        Ok(self
            .store()
            .read()
            .await?
            .list_groups(&filter, page.after, page.limit)
            .await?)
    }

    /// Groups in the order of their names, whose name contains a text.
    pub async fn search_groups(
        &self,
        actor: &Actor,
        text: Option<&str>,
        (after, limit): (Option<&AfterName<GroupId>>, u32),
    ) -> Result<Vec<Group>, EngineError> {
        actor.require(Action::GroupsRead)?;
        let mut session = self.store().read().await?;
        Ok(session.search_groups(text, after, limit).await?)
    }

    /// A group by id.
    pub async fn find_group(
        &self,
        actor: &Actor,
        id: GroupId,
    ) -> Result<Option<Group>, EngineError> {
        actor.require(Action::GroupsRead)?;
        Ok(self.store().read().await?.find_group(id).await?)
    }

    /// How many groups there are.
    pub async fn count_groups(&self, actor: &Actor) -> Result<i64, EngineError> {
        actor.require(Action::GroupsRead)?;
        Ok(self.store().read().await?.count_groups().await?)
    }

    /// Adds a group with its first members.
    pub async fn create_group(
        &self,
        actor: &Actor,
        new: NewGroup,
        members: Vec<Member>,
    ) -> Result<Group, EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let now = self.now();
        let group = checked(Group {
            id: GroupId(self.chance().id(now)),
            display_name: new.display_name,
            description: new.description,
            mail_nickname: new.mail_nickname,
            other: new.other,
            created_at: now,
        })?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        require_newcomer(actor, Action::GroupsUpdate)?;
        session.insert_group(&group).await?;
        session.raise_picture().await?;
        let newcomers = Newcomers {
            members,
            owners: new.owners,
        };
        let mut after = properties(&group);
        after.extend(
            self.welcome(&mut session, actor, group.id, newcomers)
                .await?,
        );
        let change = Change::create(KIND, group.id, &group.display_name, Value::Object(after));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(group)
    }

    /// Changes a group's record and adds members and owners, all of it or nothing.
    pub async fn update_group(
        &self,
        actor: &Actor,
        id: GroupId,
        newcomers: Newcomers,
        change_group: impl FnOnce(&mut Group) + Send,
    ) -> Result<Group, EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        require_group(&mut session, actor, Action::GroupsUpdate, id).await?;
        let mut group = before.clone();
        change_group(&mut group);
        let group = checked(Group {
            id,
            created_at: before.created_at,
            ..group
        })?;
        if group == before && newcomers.is_empty() {
            return Ok(group);
        }
        require_own_group(
            &mut session,
            (&before, &group),
            !newcomers.members.is_empty(),
        )
        .await?;
        let mut after = properties(&group);
        after.extend(self.welcome(&mut session, actor, id, newcomers).await?);
        if group != before {
            session.update_group(&group).await?;
            // Reasons carry the name.
            session.raise_picture().await?;
        }
        let old = Value::Object(properties(&before));
        let change = Change::update(KIND, id, &group.display_name, &old, &Value::Object(after));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(group)
    }

    /// Removes a group. Refused while a profile is assigned to it: nothing may vanish from devices unasked.
    pub async fn delete_group(&self, actor: &Actor, id: GroupId) -> Result<(), EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let group = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        self.require_change_of(&mut session, actor, id).await?;
        require_no_tags(&mut session, actor, Action::GroupsUpdate, id).await?;
        require_unsourced(&mut session, KIND, id.0, &group.display_name).await?;
        // Groups around this one lose its members, so assignments to those count as well.
        let mut users = session.profiles_assigned_to(id).await?;
        for around in session.groups_of(id.0, true).await? {
            users.extend(session.profiles_assigned_to(around).await?);
        }
        let mut by: Vec<String> = users
            .into_iter()
            .map(|(_, name)| format!("profile `{name}`"))
            .collect();
        by.sort();
        by.dedup();
        let assignments = session.role_assignments_naming(id).await?;
        by.extend(
            assignments
                .iter()
                .map(|name| format!("role assignment `{name}`")),
        );
        let tags = session.scope_tags_naming(id).await?;
        by.extend(tags.iter().map(|name| format!("scope tag `{name}`")));
        let limits = session.enrolment_limits_naming(id).await?;
        by.extend(
            limits
                .iter()
                .map(|name| format!("enrolment limit `{name}`")),
        );
        let restrictions = session.enrolment_restrictions_naming(id).await?;
        by.extend(
            restrictions
                .iter()
                .map(|name| format!("enrolment restriction `{name}`")),
        );
        let terms = session.terms_naming(id).await?;
        by.extend(terms.iter().map(|name| format!("terms `{name}`")));
        if !by.is_empty() {
            return Err(EngineError::InUse {
                what: "group",
                name: group.display_name,
                by,
            });
        }
        let somebody = Somebody::before(&mut session).await?;
        session.delete_directory_role_memberships(id.0).await?;
        session.delete_source_entry_of(id.0).await?;
        session.delete_group(id).await?;
        somebody.require_still(&mut session).await?;
        self.retag_all(&mut session).await?;
        session.raise_picture().await?;
        let before = Value::Object(properties(&group));
        let change = Change::delete(KIND, id, &group.display_name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

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
        let group = session
            .find_group(id)
            .await?
            .ok_or_else(|| EngineError::not_found("group", id))?;
        require_group(&mut session, actor, Action::GroupsUpdate, id).await?;
        require_own_group(&mut session, (&group, &group), true).await?;
        let newcomers = Newcomers {
            members,
            owners: Vec::new(),
        };
        let added = self.welcome(&mut session, actor, id, newcomers).await?;
        let added = Value::Object(added);
        let change = moved("addMember", &group, Value::Null, added);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Adds members and owners; what the audit says of them, which is who came and not who is there.
    async fn welcome(
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

    /// Refuses to change who is in a group that is outside of the actor's scope, or that gives roles of which they lack
    /// anything.
    async fn require_change_of(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
    ) -> Result<(), EngineError> {
        require_group(session, actor, Action::GroupsUpdate, id).await?;
        self.require_power_over(session, actor, Member::Group(id))
            .await
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

    /// Gives all devices the scope tags of their groups, if any groups bring some.
    pub(super) async fn retag_all(&self, session: &mut Session) -> Result<(), EngineError> {
        if !session.automatic_scope_tags().await?.is_empty() {
            session.retag_all_devices().await?;
        }
        Ok(())
    }

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

pub(super) fn checked(group: Group) -> Result<Group, EngineError> {
    if group.display_name.trim().is_empty() || group.display_name.chars().count() > 256 {
        return Err(EngineError::invalid(
            "displayName",
            "must have 1 to 256 characters",
            Some(&group.display_name),
        ));
    }
    if group
        .description
        .as_ref()
        .is_some_and(|text| text.chars().count() > 1024)
    {
        return Err(EngineError::invalid(
            "description",
            "must have at most 1,024 characters",
            None,
        ));
    }
    Ok(group)
}

/// Who came to a group or left it.
pub(super) fn moved<'a>(
    activity: &'static str,
    group: &'a Group,
    left: Value,
    came: Value,
) -> Change<'a> {
    Change::act(activity, KIND, group.id, &group.display_name, left, came)
}

/// What the audit says of a group, in Graph's words.
pub(super) fn properties(group: &Group) -> Map<String, Value> {
    let mut properties = group.other.clone();
    properties.insert("displayName".to_owned(), json!(group.display_name));
    properties.insert("description".to_owned(), json!(group.description));
    properties.insert("mailNickname".to_owned(), json!(group.mail_nickname));
    properties
}

/// What the audit calls groups.
pub(super) const KIND: &str = "group";
