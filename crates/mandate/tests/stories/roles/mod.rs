//! Roles and scope: what a person sees and does, and what they cannot give.

mod chains;
mod devices;
mod directory;
mod dynamic;
mod escalation;
mod never_more;
mod school;
mod tags;

use mandate_engine::{
    Action, Actor, DeviceChange, EngineError, Lacking, NewProfile, NewRole, NewRoleAssignment,
    Origin, RoleAssignment, ScopeType,
};
use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, GroupId, Member, Ownership,
    Platform, Profile, User, UserId, catalogue,
};
use mandate_store::DeviceRecord;
use uuid::Uuid;

use crate::house::{House, mail_settings};

/// Intune's id of the built-in role.
const HELP_DESK: Uuid = uuid::uuid!("9e0cc482-82df-4ab2-a24c-0c23a3f52e1e");
/// Intune's id of the built-in role.
const PROFILE_MANAGER: Uuid = uuid::uuid!("0bd113fe-6be5-400c-a28f-ae5553f9c0be");
/// Intune's id of the built-in role.
const SCHOOL_ADMINISTRATOR: Uuid = uuid::uuid!("2f9f4f7e-2d13-427b-adf2-361a1eef7ae8");

/// Where a role is for.
struct Where<'a> {
    tags: &'a [&'a str],
    groups: &'a [GroupId],
    scope: ScopeType,
}

impl<'a> Where<'a> {
    /// For what has these tags, and for people and devices in these groups.
    const fn at(tags: &'a [&'a str], groups: &'a [GroupId]) -> Self {
        Self {
            tags,
            groups,
            scope: ScopeType::ResourceScope,
        }
    }

    /// The same for all people and devices.
    const fn everybody(tags: &'a [&'a str]) -> Self {
        Self {
            tags,
            groups: &[],
            scope: ScopeType::AllDevicesAndLicensedUsers,
        }
    }
}

impl House {
    /// A person as they come through one of our pages.
    async fn acting(&self, user: &User) -> Actor {
        let actor = self
            .engine
            .person_actor(user, None, None, Origin::default())
            .await;
        actor.unwrap()
    }

    /// Gives a role to a person, by a group of their own.
    async fn give(&self, role: Uuid, user: &User, place: Where<'_>) -> RoleAssignment {
        let name = format!("{} of {role}", user.display_name);
        let group = self.group(&name, vec![Member::User(user.id)]).await;
        let new = NewRoleAssignment {
            role_id: role,
            display_name: name,
            members: vec![group.id],
            scope_type: place.scope,
            scopes: place.groups.to_vec(),
            tags: strings(place.tags),
            ..NewRoleAssignment::default()
        };
        self.engine
            .create_role_assignment(&self.admin, new)
            .await
            .unwrap()
    }

    /// A role of one's own.
    async fn role(&self, name: &str, actions: &[Action]) -> Uuid {
        let new = NewRole {
            display_name: name.to_owned(),
            actions: actions.iter().copied().collect(),
            ..NewRole::default()
        };
        let role = self.engine.create_role_definition(&self.admin, new).await;
        role.unwrap().id
    }

    /// A scope tag.
    async fn tag(&self, name: &str) -> String {
        let tag = self.engine.create_scope_tag(&self.admin, name, None).await;
        tag.unwrap().id
    }

    /// A mail profile with these tags.
    async fn tagged_profile(&self, name: &str, tags: &[&str]) -> Profile {
        let new = new_profile(name, Some(tags));
        self.engine.create_profile(&self.admin, new).await.unwrap()
    }

    /// A device that is enrolled, though nobody ever hears of it.
    async fn device(&self, name: &str, user: Option<UserId>) -> DeviceId {
        let now = self.engine.now();
        let id = DeviceId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
        let device = Device {
            id,
            platform: Platform::Ios,
            enrolment_type: EnrolmentType::Device,
            enrolment_id: format!("udid-{id}"),
            state: DeviceState::Enrolled,
            user_id: user,
            manager_id: None,
            ownership: Ownership::Company,
            facts: DeviceFacts {
                device_name: Some(name.to_owned()),
                os_version: Some("18.1".to_owned()),
                ..DeviceFacts::default()
            },
            enrolled_at: now,
            last_seen_at: now,
        };
        let record = DeviceRecord {
            device,
            reconciled_in: 0,
            stale_at: now,
            inventory_at: None,
            attention_at: None,
            wake_at: None,
            wake_attempts: 0,
            topic: String::new(),
            push_token: None,
            push_magic: None,
            push_state: "none".to_owned(),
            push_token_at: now,
            unlock_token: None,
            identity: id.as_bytes().to_vec(),
            identity_until: now,
            identity_renew_at: now,
            identity_changed: false,
            identity_ticket: Uuid::nil(),
            channel: None,
        };
        let mut session = self.engine.store().write().await.unwrap();
        session.insert_device(&record).await.unwrap();
        session.retag_device(id, user).await.unwrap();
        session.commit().await.unwrap();
        id
    }

    /// Gives a device tags by hand.
    async fn tag_device(&self, device: DeviceId, tags: &[&str]) {
        let change = DeviceChange {
            scope_tags: Some(strings(tags)),
            ..DeviceChange::default()
        };
        let changed = self.engine.update_device(&self.admin, device, change).await;
        changed.unwrap();
    }
}

/// A mail profile to be made.
fn new_profile(name: &str, tags: Option<&[&str]>) -> NewProfile {
    let serde_json::Value::Object(body) = mail_settings() else {
        unreachable!("settings are an object")
    };
    NewProfile {
        kind: catalogue::kind("iosEasEmailProfileConfiguration").unwrap(),
        display_name: name.to_owned(),
        description: None,
        scope_tags: tags.map(strings),
        body,
        references: std::collections::BTreeMap::new(),
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Whether something was refused although it can be seen.
fn is_out_of_scope<T>(result: &Result<T, EngineError>) -> bool {
    matches!(
        result,
        Err(EngineError::NotAllowed {
            lacking: Lacking::Scope,
            ..
        })
    )
}

/// Whether something was refused because no role allows it at all.
fn is_without_role<T>(result: &Result<T, EngineError>) -> bool {
    matches!(
        result,
        Err(EngineError::NotAllowed {
            lacking: Lacking::Role,
            ..
        })
    )
}

/// Whether something is said not to be there.
fn is_not_there<T>(result: &Result<T, EngineError>) -> bool {
    matches!(result, Err(EngineError::NotFound { .. }))
}

/// Whether something was refused as it was given.
fn is_invalid<T>(result: &Result<T, EngineError>, property: &str) -> bool {
    matches!(result, Err(EngineError::Invalid(violations)) if violations[0].property == property)
}
