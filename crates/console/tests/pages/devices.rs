//! The first page and devices: what is shown to whom, and what can be done.

use axum::http::header::{CONTENT_DISPOSITION, LOCATION};
use mandate_engine::DirectoryRole;
use mandate_model::{
    AccountKey, Because, Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership,
    Platform, Profile, ProfileId, Reason, Timestamp, catalogue,
};
use mandate_store::{DeviceProfileRecord, DeviceRecord, MailStanding, Phase};
use serde_json::Map;
use uuid::Uuid;

use crate::house::House;

const MAIL: ProfileId = ProfileId(Uuid::from_u128(0xb1));

/// A mail profile, and phones with these names: the account of the first is there, a hand-made one blocks the second.
async fn furnish(house: &House, names: &[&str]) -> Vec<DeviceId> {
    let now = house.engine.now();
    let mut session = house.engine.store().write().await.unwrap();
    let profile = Profile {
        id: MAIL,
        kind: catalogue::kind("iosEasEmailProfileConfiguration").unwrap(),
        display_name: "Mail <for> all".to_owned(),
        description: None,
        scope_tags: vec!["0".to_owned()],
        version: 1,
        settings: Map::new(),
        references: std::collections::BTreeMap::new(),
        created_at: now,
        modified_at: now,
    };
    session.insert_profile(&profile).await.unwrap();
    let mut ids = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let id = DeviceId(Uuid::from_u128(0xd0 + number as u128));
        session.insert_device(&phone(id, name, now)).await.unwrap();
        let (reason, standing) = if number == 0 {
            (Reason::Present, MailStanding::Working)
        } else {
            let account = AccountKey {
                host: "mail.example.com".to_owned(),
                address: "ada@example.com".to_owned(),
            };
            (Reason::AccountExists { account }, MailStanding::Blocked)
        };
        session
            .upsert_device_profile(&row(id, reason, now))
            .await
            .unwrap();
        session.set_mail(id, standing).await.unwrap();
        ids.push(id);
    }
    session.raise_intent().await.unwrap();
    session.commit().await.unwrap();
    ids
}

pub(crate) fn phone(id: DeviceId, name: &str, now: Timestamp) -> DeviceRecord {
    DeviceRecord {
        device: Device {
            id,
            platform: Platform::Ios,
            enrolment_type: EnrolmentType::Device,
            enrolment_id: format!("UDID-{id}"),
            state: DeviceState::Enrolled,
            user_id: None,
            manager_id: None,
            ownership: Ownership::Company,
            facts: DeviceFacts {
                device_name: Some(name.to_owned()),
                serial_number: Some(format!("SN-{name}")),
                os_version: Some("18.1".to_owned()),
                ..DeviceFacts::default()
            },
            enrolled_at: now,
            last_seen_at: now,
        },
        reconciled_in: 1,
        stale_at: now,
        inventory_at: Some(now),
        attention_at: None,
        wake_at: None,
        wake_attempts: 0,
        topic: String::new(),
        push_token: None,
        push_magic: None,
        push_state: "none".to_owned(),
        push_token_at: now,
        unlock_token: None,
        identity: id.0.as_bytes().to_vec(),
        identity_until: now.plus(Timestamp::DAY),
        identity_renew_at: now.plus(Timestamp::DAY),
        identity_changed: false,
        identity_ticket: Uuid::nil(),
        channel: None,
    }
}

fn row(device_id: DeviceId, reason: Reason, now: Timestamp) -> DeviceProfileRecord {
    DeviceProfileRecord {
        device_id,
        profile_id: MAIL,
        wanted: true,
        phase: Phase::Settled,
        reason,
        because: Because::AllDevices,
        since: now,
        deadline_at: None,
        version: 1,
        identifier: String::new(),
        wanted_uuid: None,
        wanted_hash: None,
        present_uuid: None,
        present_hash: None,
        seen_at: None,
        sent_at: None,
        command_id: None,
        attempts: 0,
        due_at: None,
        renew_at: None,
        detail: Map::new(),
    }
}

#[tokio::test]
async fn home_leads_from_a_cause_to_the_devices_that_have_it() {
    let house = House::open().await;
    furnish(&house, &["Fine", "Blocked"]).await;
    let mut ada = house
        .signed_in("ada", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let home = ada.get("/console/").await.expect(200);
    assert!(
        home.text().contains("Mail &#60;for&#62; all"),
        "{}",
        home.text()
    );
    let link = home.paths("/console/devices?worry=accountExists").remove(0);
    let list = ada.get(&link.replace("&#38;", "&")).await.expect(200);
    assert!(list.text().contains("SN-Blocked"));
    assert!(!list.text().contains("SN-Fine"));
}

#[tokio::test]
async fn an_empty_instance_says_what_to_do_first() {
    let house = House::open().await;
    let mut ada = house
        .signed_in("ada", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let home = ada.get("/console/").await.expect(200).text();
    assert!(home.contains("There is no push certificate."));
    assert!(home.contains("Next steps"));
    let list = ada.get("/console/devices").await.expect(200).text();
    assert!(list.contains("There are no devices yet"));
}

#[tokio::test]
async fn hostile_names_and_questions_stay_texts() {
    let house = House::open().await;
    let script = "<script>alert(1)</script>";
    let ids = furnish(&house, &[script, "=cmd|calc"]).await;
    let mut ada = house
        .signed_in("ada", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let path = format!("/console/devices/{}", ids[0]);
    for page in ["/console/devices", &path, &format!("{path}/wipe")] {
        let text = ada.get(page).await.expect(200).text();
        assert!(!text.contains(script), "{page}: {text}");
    }
    let query = "/console/devices?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&state=%00&after=x";
    let text = ada.get(query).await.expect(200).text();
    assert!(!text.contains("<script>alert"), "{text}");
    let file = ada.get("/console/devices/export.csv").await.expect(200);
    assert!(file.header(CONTENT_DISPOSITION).contains("devices.csv"));
    assert!(file.text().contains("'=cmd|calc"), "{}", file.text());
    for path in [
        "/console/devices/x",
        "/console/devices/00000000-0000-0000-0000-000000000001",
        &format!("{path}/explode"),
    ] {
        ada.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn a_device_is_wiped_only_when_its_name_was_typed() {
    let house = House::open().await;
    let id = furnish(&house, &["Ada's phone"]).await[0];
    let mut ada = house
        .signed_in("ada", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let wipe = format!("/console/devices/{id}/wipe");
    ada.get(&wipe).await.expect(200);
    let refused = ada.post(&wipe, &[("name", "Somebody's")]).await.expect(400);
    assert!(
        refused
            .text()
            .contains("This is not the name of the device")
    );
    let state = |house: &House| {
        let engine = house.engine.clone();
        async move {
            let system = mandate_engine::Actor::system();
            let found = engine.find_device(&system, id).await.unwrap();
            found.unwrap().device.state
        }
    };
    assert_eq!(state(&house).await, DeviceState::Enrolled);
    let done = ada
        .post(&wipe, &[("name", "Ada's phone")])
        .await
        .expect(303);
    assert_eq!(
        done.header(LOCATION),
        format!("/console/devices/{id}?done=wipe")
    );
    assert_eq!(state(&house).await, DeviceState::Wiping);
    let shown = ada.get(done.header(LOCATION)).await.expect(200).text();
    assert!(shown.contains("The device is erased as soon as it checks in."));
}

#[tokio::test]
async fn locking_takes_a_message_of_some_length() {
    let house = House::open().await;
    let id = furnish(&house, &["Phone"]).await[0];
    let mut ada = house
        .signed_in("ada", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let lock = format!("/console/devices/{id}/lock");
    ada.get(&lock).await.expect(200);
    let long = "x".repeat(257);
    let refused = ada.post(&lock, &[("message", &long)]).await.expect(400);
    assert!(refused.text().contains(&long), "nothing typed is lost");
    ada.post(&lock, &[("message", "Call Ada")])
        .await
        .expect(303);
    let page = ada.get(&format!("/console/devices/{id}")).await.expect(200);
    assert!(page.text().contains("ada@example.com"), "who asked for it");
}

#[tokio::test]
async fn whoever_may_only_look_is_offered_nothing_and_refused_everything() {
    let house = House::open().await;
    let id = furnish(&house, &["Phone"]).await[0];
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    let page = reader
        .get(&format!("/console/devices/{id}"))
        .await
        .expect(200);
    assert_eq!(page.paths(&format!("/console/devices/{id}/")), [""; 0]);
    for deed in ["sync", "lock", "retire", "wipe", "delete"] {
        let path = format!("/console/devices/{id}/{deed}");
        reader.get(&path).await.expect(403);
        let fields = [("name", "Phone")];
        reader.post(&path, &fields).await.expect(403);
    }
    let mut nobody = house.signed_in("nobody", None).await;
    for path in ["/console/", "/console/live", "/console/devices"] {
        nobody.get(path).await.expect(403);
    }
    let mut stranger = house.browser();
    stranger.get("/console/live").await.expect(303);
}
