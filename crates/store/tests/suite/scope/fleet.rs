//! People, groups, devices and profiles with scope tags.

use std::collections::BTreeSet;

use mandate_model::{
    Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Group, GroupId, Ownership, Platform,
    Profile, ProfileId, Timestamp, User, UserId, catalogue,
};
use mandate_store::{DeviceRecord, Scope, ScopeTagRecord, Session};
use serde_json::Map;
use uuid::Uuid;

/// What shows these tags.
pub(crate) fn scope(tags: &[&str]) -> Scope {
    let tags: BTreeSet<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Scope::new(Some(tags))
}

/// The id of a device.
pub(crate) fn device_id(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(number))
}

/// The id of a group.
pub(crate) fn group_id(number: u128) -> GroupId {
    GroupId(Uuid::from_u128(number))
}

/// The id of a person.
pub(crate) fn user_id(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

/// Adds an enrolled device.
pub(crate) async fn add_device(session: &mut Session, number: u128, user: Option<UserId>) {
    let device = Device {
        id: device_id(number),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        enrolment_id: format!("udid-{number}"),
        state: DeviceState::Enrolled,
        user_id: user,
        manager_id: None,
        ownership: Ownership::Company,
        facts: DeviceFacts::default(),
        enrolled_at: Timestamp(1),
        last_seen_at: Timestamp(1),
    };
    let record = DeviceRecord {
        device,
        reconciled_in: 0,
        stale_at: Timestamp(1),
        inventory_at: None,
        attention_at: None,
        wake_at: None,
        wake_attempts: 0,
        topic: String::new(),
        push_token: None,
        push_magic: None,
        push_state: "none".to_owned(),
        push_token_at: Timestamp(1),
        unlock_token: None,
        identity: vec![0; 32],
        identity_until: Timestamp(9),
        identity_renew_at: Timestamp(9),
        identity_changed: false,
        identity_ticket: Uuid::nil(),
        channel: None,
    };
    session.insert_device(&record).await.unwrap();
}

/// Adds a person.
pub(crate) async fn add_user(session: &mut Session, number: u128) -> UserId {
    let user = User {
        id: user_id(number),
        user_principal_name: format!("u{number}@example.com"),
        display_name: format!("User {number}"),
        given_name: None,
        surname: None,
        mail: None,
        on_premises_sam_account_name: None,
        on_premises_domain_name: None,
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::new(),
        created_at: Timestamp(1),
    };
    session.insert_user(&user).await.unwrap();
    user.id
}

/// Adds a group.
pub(crate) async fn add_group(session: &mut Session, number: u128) -> GroupId {
    let group = Group {
        id: group_id(number),
        display_name: format!("Group {number}"),
        description: None,
        mail_nickname: None,
        rule: None,
        other: Map::new(),
        created_at: Timestamp(1),
    };
    session.insert_group(&group).await.unwrap();
    group.id
}

/// Adds a profile with these tags.
pub(crate) async fn add_profile(session: &mut Session, number: u128, tags: &[&str]) {
    let profile = Profile {
        id: ProfileId(Uuid::from_u128(number)),
        kind: catalogue::kind("iosTrustedRootCertificate").expect("the catalogue has it"),
        display_name: format!("Profile {number}"),
        description: None,
        scope_tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        version: 1,
        settings: Map::new(),
        references: std::collections::BTreeMap::new(),
        created_at: Timestamp(1),
        modified_at: Timestamp(1),
    };
    session.insert_profile(&profile).await.unwrap();
}

/// Adds a scope tag with the next number.
pub(crate) async fn add_tag(session: &mut Session, name: &str) -> i64 {
    let tag = ScopeTagRecord {
        id: session.next_scope_tag().await.unwrap(),
        name: name.to_owned(),
        description: None,
        created_at: Timestamp(1),
    };
    session.insert_scope_tag(&tag).await.unwrap();
    tag.id
}
