//! An administrator of one place: a role assignment with a scope tag, and a browser that sees that place alone.

use mandate_engine::{Action, NewRole, NewRoleAssignment};
use mandate_model::{GroupId, Member, ProfileId, User};
use mandate_simulator::device::Device;

use crate::chromium::Look;
use crate::house::House;
use crate::office::Office;

/// A place with somebody, a phone and a profile.
struct Town {
    tag: String,
    group: GroupId,
    phone: Device,
    profile: ProfileId,
}

impl Town {
    async fn found(house: &House, name: &str, inhabitant: &str) -> Self {
        let tag = house
            .engine
            .create_scope_tag(&house.admin, name, None)
            .await;
        let tag = tag.unwrap().id;
        let user = house.hire(inhabitant).await;
        let group = house.group(name, vec![Member::User(user.id)]).await.id;
        let tagged = house
            .engine
            .assign_scope_tag(&house.admin, &tag, vec![group]);
        tagged.await.unwrap();
        let profile = house.mail_profile(&format!("Mail of {name}")).await.id;
        let change = mandate_engine::ProfileChange {
            scope_tags: Some(vec![tag.clone()]),
            ..mandate_engine::ProfileChange::default()
        };
        let changed = house.engine.update_profile(&house.admin, profile, change);
        changed.await.unwrap();
        house.assign(profile, &[group]).await;
        let phone = house.enrol(house.phone(18, 1), Some(user.id)).await;
        house.background().await;
        Self {
            tag,
            group,
            phone,
            profile,
        }
    }
}

/// Gives somebody a role for a place.
async fn make_head(house: &House, head: &User, town: &Town) {
    let role = NewRole {
        display_name: "Head of a place".to_owned(),
        actions: [
            Action::DevicesRead,
            Action::DevicesSync,
            Action::ProfilesRead,
            Action::ProfilesUpdate,
        ]
        .into(),
        ..NewRole::default()
    };
    let (engine, admin) = (&house.engine, &house.admin);
    let role = engine.create_role_definition(admin, role).await.unwrap();
    let heads = house.group("Heads", vec![Member::User(head.id)]).await;
    let assignment = NewRoleAssignment {
        role_id: role.id,
        display_name: "Heads".to_owned(),
        members: vec![heads.id],
        scopes: vec![town.group],
        tags: vec![town.tag.clone()],
        ..NewRoleAssignment::default()
    };
    let made = engine.create_role_assignment(admin, assignment).await;
    made.unwrap();
}

#[tokio::test]
async fn a_scoped_administrator_sees_his_part_alone() {
    let Some(office) = Office::open().await else {
        return;
    };
    let house = &office.house;
    let utrecht = Town::found(house, "Utrecht", "ada").await;
    let gavle = Town::found(house, "Gävle", "bob").await;
    let head = office.hire("head").await;
    make_head(house, &head, &utrecht).await;

    let mut tab = office.at(&head, "/console/", Look::WIDE).await;
    let menu = tab
        .text_of("document.querySelector('#menu').innerText")
        .await;
    for there in ["Devices", "Configuration profiles"] {
        assert!(menu.contains(there), "{menu}");
    }
    for elsewhere in ["Audit", "Roles", "App registrations", "Branding"] {
        assert!(!menu.contains(elsewhere), "{menu}");
    }
    let (own, other) = (
        house.device_of(&utrecht.phone).await,
        house.device_of(&gavle.phone).await,
    );
    tab.press("#menu a[href=\"/console/devices\"]").await;
    let links = tab
        .text_of("document.querySelector('main').innerHTML")
        .await;
    assert!(links.contains(&own.to_string()), "{}", tab.words().await);
    assert!(!links.contains(&other.to_string()), "{}", tab.words().await);
    tab.press("main tbody th a").await;
    assert_eq!(tab.path().await, format!("/console/devices/{own}"));
    // He may wake it, and nothing more.
    let offered = tab
        .text_of("document.querySelector('main').innerText")
        .await;
    assert!(
        offered.contains("Sync") && !offered.contains("Wipe"),
        "{offered}"
    );
    tab.press("#menu a[href=\"/console/profiles\"]").await;
    let words = tab.words().await;
    assert!(words.contains("Mail of Utrecht"), "{words}");
    assert!(!words.contains("Mail of Gävle"), "{words}");

    // What is elsewhere is not there, and what he may not see says so.
    for path in [
        format!("/console/devices/{other}"),
        format!("/console/devices/{other}/sync"),
        format!("/console/profiles/{}", gavle.profile),
        format!("/console/profiles/{}/settings", gavle.profile),
    ] {
        assert_eq!(tab.go(&path).await, 404, "{path}");
        assert!(!tab.words().await.contains("Gävle"), "{path}");
    }
    for path in [
        "/console/audit",
        "/console/roles",
        "/console/apps",
        "/console/notifications",
    ] {
        assert_eq!(tab.go(path).await, 403, "{path}");
        assert!(tab.is("document.querySelector('main h1')").await, "{path}");
    }
    let own_profile = format!("/console/profiles/{}", utrecht.profile);
    assert_eq!(tab.go(&own_profile).await, 200);
    tab.assert_untroubled();
}
