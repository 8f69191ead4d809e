//! Groups.

use mandate_model::{Group, GroupId, GroupRule, Member, UserId};
use mandate_store::{AfterName, EnrolmentConfigurationKind, GroupFilter, LicenceHolder, Session};
use serde_json::{Map, Value, json};

use super::members::Newcomers;
use super::rules::require_named;
use super::source::{require_own_group, require_unsourced};
use crate::access::Somebody;
use crate::access::growth::require_no_tags;
use crate::access::scope::{require_group, require_newcomer};
use crate::audit::Change;
use crate::enrolment::{DeviceLimit, EnrolmentContent, PlatformRestrictions};
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
    /// The rule of a dynamic group; none where members are named.
    pub rule: Option<GroupRule>,
    /// Whose group it is; for people, owners get nothing from it.
    pub owners: Vec<UserId>,
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
            rule: new.rule,
            other: new.other,
            created_at: now,
        })?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        require_newcomer(actor, Action::GroupsUpdate)?;
        if !members.is_empty() {
            require_named(&group)?;
        }
        session.insert_group(&group).await?;
        session.raise_picture().await?;
        self.rule_changed(&mut session, actor, None, &group).await?;
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
        if !newcomers.members.is_empty() {
            require_named(&group)?;
            // Both at once would wait for check-ins that wait for it: rules first, then devices, and the other way round.
            if before.rule.is_some() {
                let reason = "take the rule away first, and add members afterwards".to_owned();
                return Err(EngineError::NotPossible { reason });
            }
        }
        let mut after = properties(&group);
        after.extend(self.welcome(&mut session, actor, id, newcomers).await?);
        if group != before {
            session.update_group(&group).await?;
            self.rule_changed(&mut session, actor, Some(&before), &group)
                .await?;
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
        // Nobody names it while it is looked for who does.
        session.hold_enrolment_rules().await?;
        session.hold_licences().await?;
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
        for (kind, name) in session.enrolment_configurations_naming(id).await? {
            let what = match kind {
                EnrolmentConfigurationKind::Limit => DeviceLimit::NAME,
                EnrolmentConfigurationKind::Restriction => PlatformRestrictions::NAME,
            };
            by.push(format!("{what} `{name}`"));
        }
        if session.is_licence_holder(LicenceHolder::Group(id)).await? {
            by.push("licences".to_owned());
        }
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
        if group.rule.is_some() {
            session.raise_rules().await?;
        }
        somebody.require_still(&mut session).await?;
        self.retag_all(&mut session).await?;
        session.raise_picture().await?;
        let before = Value::Object(properties(&group));
        let change = Change::delete(KIND, id, &group.display_name, before);
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

    /// Gives all devices the scope tags of their groups, if any groups bring some.
    pub(super) async fn retag_all(&self, session: &mut Session) -> Result<(), EngineError> {
        if !session.automatic_scope_tags().await?.is_empty() {
            session.retag_all_devices().await?;
        }
        Ok(())
    }
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
    let rule = group.rule.as_ref();
    let state = rule.map(|rule| if rule.is_paused { "Paused" } else { "On" });
    properties.insert(
        "membershipRule".to_owned(),
        json!(rule.map(|rule| &rule.text)),
    );
    properties.insert("membershipRuleProcessingState".to_owned(), json!(state));
    properties
}

/// What the audit calls groups.
pub(super) const KIND: &str = "group";
