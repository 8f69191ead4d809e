//! Devices in an instance as they would be after a while.

use std::collections::{BTreeMap, BTreeSet};

use mandate_engine::{Action, Actor, Grant, Powers, Reach};
use mandate_model::{
    Assignment, AssignmentId, Because, Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType,
    Ownership, Platform, Profile, ProfileId, Reason, Target, Timestamp, User, UserId, catalogue,
};
use mandate_store::{DeviceProfileRecord, DeviceRecord, MailStanding, Phase, Session};
use serde_json::Map;
use uuid::Uuid;

pub(crate) use crate::instance::{House, NOON, houses};

/// Somebody who may see devices and reports, of these scope tags.
pub(crate) fn somebody(actions: &[Action], tags: Option<&[&str]>) -> Actor {
    let grant = Grant {
        actions: actions.iter().copied().collect(),
        tags: tags.map(|tags| {
            tags.iter()
                .map(|tag| (*tag).to_owned())
                .collect::<BTreeSet<_>>()
        }),
        people: Reach::All,
    };
    let id = UserId(Uuid::from_u128(0xada));
    Actor::person(
        id,
        "ada@contoso.com",
        None,
        None,
        Powers::Granted(vec![grant]),
    )
}

pub(crate) fn device_id(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(0xd000_0000 + number))
}

pub(crate) fn user_id(number: u128) -> UserId {
    UserId(Uuid::from_u128(0xa000_0000 + number))
}

pub(crate) fn profile_id(number: u128) -> ProfileId {
    ProfileId(Uuid::from_u128(0xb000_0000 + number))
}

/// Adds a person.
pub(crate) async fn add_user(session: &mut Session, number: u128, name: &str) -> UserId {
    let user = User {
        id: user_id(number),
        user_principal_name: format!("u{number}@contoso.com"),
        display_name: name.to_owned(),
        given_name: None,
        surname: None,
        mail: Some(format!("u{number}@contoso.com")),
        on_premises_sam_account_name: None,
        on_premises_domain_name: None,
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::new(),
        created_at: NOON,
    };
    session.insert_user(&user).await.unwrap();
    user.id
}

/// An enrolled iPhone.
pub(crate) fn phone(number: u128, name: &str, user: Option<UserId>) -> DeviceRecord {
    let device = Device {
        id: device_id(number),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        enrolment_id: format!("UDID-{number}"),
        state: DeviceState::Enrolled,
        user_id: user,
        manager_id: None,
        ownership: Ownership::Company,
        facts: DeviceFacts {
            device_name: Some(name.to_owned()),
            model: Some("iPhone".to_owned()),
            product_name: Some("iPhone15,2".to_owned()),
            os_version: Some("18.1".to_owned()),
            serial_number: Some(format!("SN{number:08}")),
            ..DeviceFacts::default()
        },
        enrolled_at: NOON,
        last_seen_at: NOON,
    };
    DeviceRecord {
        device,
        reconciled_in: 1,
        stale_at: NOON,
        inventory_at: Some(NOON),
        attention_at: None,
        wake_at: None,
        wake_attempts: 0,
        topic: "com.apple.mgmt.External.test".to_owned(),
        push_token: Some(vec![7; 32]),
        push_magic: Some(Uuid::from_u128(number).to_string()),
        push_state: "ok".to_owned(),
        push_token_at: NOON,
        unlock_token: None,
        identity: device_id(number).0.as_bytes().to_vec(),
        identity_until: NOON.plus(300 * Timestamp::DAY),
        identity_renew_at: NOON.plus(250 * Timestamp::DAY),
        identity_changed: false,
        identity_ticket: Uuid::nil(),
        channel: None,
    }
}

/// Adds a profile that is for everybody, or for nobody yet.
pub(crate) async fn add_profile(
    session: &mut Session,
    number: u128,
    (name, kind): (&str, &str),
    target: Option<Target>,
) -> ProfileId {
    let profile = Profile {
        id: profile_id(number),
        kind: catalogue::kind(kind).expect("the catalogue has it"),
        display_name: name.to_owned(),
        description: None,
        scope_tags: vec!["0".to_owned()],
        version: 1,
        settings: Map::new(),
        references: BTreeMap::new(),
        created_at: NOON,
        modified_at: NOON,
    };
    session.insert_profile(&profile).await.unwrap();
    if let Some(target) = target {
        let assignment = Assignment {
            id: AssignmentId(Uuid::from_u128(0xc000_0000 + number)),
            profile_id: profile.id,
            target,
        };
        session
            .replace_assignments(profile.id, &[assignment])
            .await
            .unwrap();
    }
    profile.id
}

/// A row of a profile on a device.
pub(crate) fn row(device: DeviceId, profile: ProfileId, reason: Reason) -> DeviceProfileRecord {
    let is_there = matches!(reason, Reason::Present);
    DeviceProfileRecord {
        device_id: device,
        profile_id: profile,
        wanted: true,
        phase: if is_there {
            Phase::Settled
        } else {
            Phase::Install
        },
        reason,
        because: Because::AllUsers,
        since: NOON,
        deadline_at: None,
        version: 1,
        identifier: format!("com.contoso.{}", profile.0.simple()),
        wanted_uuid: Some(profile.0),
        wanted_hash: Some(vec![1; 32]),
        present_uuid: is_there.then_some(profile.0),
        present_hash: is_there.then(|| vec![1; 32]),
        seen_at: is_there.then_some(NOON),
        sent_at: None,
        command_id: None,
        attempts: 1,
        due_at: None,
        renew_at: None,
        detail: Map::new(),
    }
}

/// Puts a row into the store, with what it says of mail if that is what it is about.
pub(crate) async fn add_row(
    session: &mut Session,
    row: DeviceProfileRecord,
    mail: Option<MailStanding>,
) {
    session.upsert_device_profile(&row).await.unwrap();
    if let Some(mail) = mail {
        session.set_mail(row.device_id, mail).await.unwrap();
    }
}

/// The kinds that these tests use.
pub(crate) const MAIL: &str = "iosEasEmailProfileConfiguration";
pub(crate) const ROOT: &str = "iosTrustedRootCertificate";
