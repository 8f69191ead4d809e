//! Devices within a scope: what can be done with them, and the tags that they get by themselves.

use std::slice;

use mandate_engine::{DeviceChange, DeviceFilter, Page, ScopeType, WipeOptions};
use mandate_model::Member;

use super::{
    HELP_DESK, SCHOOL_ADMINISTRATOR, Where, is_invalid, is_not_there, is_out_of_scope, strings,
};
use crate::house::{House, places};

#[tokio::test]
async fn a_device_is_acted_on_only_if_it_is_seen_and_it_or_its_user_is_in_scope() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let tag = house.tag("North").await;
        let (nora, sam, desk) = (
            house.hire("nora").await,
            house.hire("sam").await,
            house.hire("desk").await,
        );
        let in_scope = house.group("North", vec![Member::User(nora.id)]).await;
        let by_user = house.device("by user", Some(nora.id)).await;
        let by_itself = house.device("by itself", Some(sam.id)).await;
        let outside = house.device("outside", Some(sam.id)).await;
        let unseen = house.device("unseen", Some(nora.id)).await;
        for device in [by_user, by_itself, outside] {
            house.tag_device(device, &[&tag]).await;
        }
        engine
            .add_members(&house.admin, in_scope.id, vec![Member::Device(by_itself)])
            .await
            .unwrap();
        let tags = [tag.as_str()];
        house
            .give(HELP_DESK, &desk, Where::at(&tags, &[in_scope.id]))
            .await;
        let desk = house.acting(&desk).await;
        for device in [by_user, by_itself] {
            engine.sync_device(&desk, device).await.unwrap();
            let options = mandate_engine::LockOptions::default();
            engine.lock_device(&desk, device, options).await.unwrap();
        }
        let options = WipeOptions {
            keep_data_plan: false,
        };
        assert!(is_out_of_scope(&engine.sync_device(&desk, outside).await));
        assert!(is_out_of_scope(&engine.retire_device(&desk, outside).await));
        let refused = engine.wipe_device(&desk, outside, options).await;
        assert!(is_out_of_scope(&refused));
        assert!(is_not_there(&engine.sync_device(&desk, unseen).await));
        assert!(is_not_there(
            &engine.wipe_device(&desk, unseen, options).await
        ));
        let note = DeviceChange {
            notes: Some(Some("broken".to_owned())),
            ..DeviceChange::default()
        };
        let noted = engine.update_device(&desk, by_user, note.clone()).await;
        noted.unwrap();
        let refused = engine.update_device(&desk, outside, note.clone()).await;
        assert!(is_out_of_scope(&refused));
        assert!(is_not_there(
            &engine.update_device(&desk, unseen, note).await
        ));
        // Notes of the others are not read with those of a page.
        let note = DeviceChange {
            notes: Some(Some("secret".to_owned())),
            ..DeviceChange::default()
        };
        engine
            .update_device(&house.admin, unseen, note)
            .await
            .unwrap();
        let (first, last) = (
            mandate_model::DeviceId(uuid::Uuid::nil()),
            mandate_model::DeviceId(uuid::Uuid::max()),
        );
        let remarks = engine.device_remarks(&desk, first, last).await.unwrap();
        assert_eq!(remarks.len(), 1);
        // Another user would bring what is that person's to the device.
        let give = |user| DeviceChange {
            user: Some(Some(user)),
            ..DeviceChange::default()
        };
        let refused = engine.update_device(&desk, by_user, give(sam.id)).await;
        assert!(is_out_of_scope(&refused));
        let given = engine.update_device(&desk, by_itself, give(nora.id)).await;
        assert_eq!(given.unwrap().user_id, Some(nora.id));
    }
}

#[tokio::test]
async fn devices_get_tags_with_enrolment_and_with_every_change_of_groups() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let (tag, other) = (house.tag("North").await, house.tag("Loan").await);
        let nora = house.hire("nora").await;
        let class = house.group("Class", Vec::new()).await;
        let school = house.group("School", vec![Member::Group(class.id)]).await;
        engine
            .assign_scope_tag(&house.admin, &tag, vec![school.id])
            .await
            .unwrap();
        let phone = house.enrol(house.phone(18, 1), Some(nora.id)).await;
        let device = house.device_of(&phone).await;
        let tags = async || {
            let found = engine.find_device(&house.admin, device).await.unwrap();
            found.unwrap().scope_tags
        };
        assert_eq!(tags().await, ["0"]);
        let admin = &house.admin;
        let person = vec![Member::User(nora.id)];
        engine.add_members(admin, class.id, person).await.unwrap();
        assert_eq!(tags().await, slice::from_ref(&tag));
        let second = house.enrol(house.phone(18, 1), Some(nora.id)).await;
        let second = house.device_of(&second).await;
        let found = engine.find_device(admin, second).await.unwrap().unwrap();
        assert_eq!(found.scope_tags, slice::from_ref(&tag));
        // By hand comes on top, and stays when the group goes.
        house.tag_device(device, &[&other]).await;
        assert_eq!(tags().await, [tag.clone(), other.clone()]);
        engine
            .remove_member(admin, school.id, class.id.0)
            .await
            .unwrap();
        assert_eq!(tags().await, slice::from_ref(&other));
        engine
            .add_members(admin, school.id, vec![Member::Group(class.id)])
            .await
            .unwrap();
        assert_eq!(tags().await, [tag.clone(), other.clone()]);
        let nobody = DeviceChange {
            user: Some(None),
            ..DeviceChange::default()
        };
        engine.update_device(admin, device, nobody).await.unwrap();
        assert_eq!(tags().await, slice::from_ref(&other));
        let filter = DeviceFilter::default();
        let all = engine.list_devices(admin, filter, Page::first(10)).await;
        let of_second = all
            .unwrap()
            .into_iter()
            .find(|view| view.device.id == second);
        assert_eq!(of_second.unwrap().scope_tags, slice::from_ref(&tag));
        engine
            .assign_scope_tag(admin, &tag, Vec::new())
            .await
            .unwrap();
        let found = engine.find_device(admin, second).await.unwrap().unwrap();
        assert_eq!(found.scope_tags, ["0"]);
    }
}

#[tokio::test]
async fn whoever_tags_devices_keeps_them_in_sight_and_away_from_their_other_roles() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let (north, south) = (house.tag("North").await, house.tag("South").await);
        let head = house.hire("head").await;
        for (role, tag) in [(SCHOOL_ADMINISTRATOR, &north), (HELP_DESK, &south)] {
            let tags = [tag.as_str()];
            house.give(role, &head, Where::everybody(&tags)).await;
        }
        let device = house.device("phone", None).await;
        house.tag_device(device, &[&south]).await;
        let head = house.acting(&head).await;
        let retag = async |tags: &[&str]| {
            let change = DeviceChange {
                scope_tags: Some(strings(tags)),
                ..DeviceChange::default()
            };
            engine.update_device(&head, device, change).await
        };
        // With the other school's tag they could delete it.
        assert!(is_out_of_scope(&retag(&[&south, &north]).await));
        assert!(is_invalid(&retag(&["0"]).await, "roleScopeTagIds"));
        retag(&[&south]).await.unwrap();
        house.tag_device(device, &[&north, &south]).await;
        retag(&[&north]).await.unwrap();
        let found = engine.find_device(&house.admin, device).await.unwrap();
        assert_eq!(found.unwrap().scope_tags, slice::from_ref(&north));
        assert!(engine.delete_device(&head, device).await.is_ok());
    }
}

#[tokio::test]
async fn all_devices_is_not_all_people() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let (nora, desk) = (house.hire("nora").await, house.hire("desk").await);
        let device = house.device("phone", Some(nora.id)).await;
        let place = Where {
            tags: &["0"],
            groups: &[],
            scope: ScopeType::AllDevices,
        };
        house.give(HELP_DESK, &desk, place).await;
        let actor = house.acting(&desk).await;
        engine.sync_device(&actor, device).await.unwrap();
        let to_self = DeviceChange {
            user: Some(Some(desk.id)),
            ..DeviceChange::default()
        };
        let refused = engine.update_device(&actor, device, to_self).await;
        assert!(is_out_of_scope(&refused));
    }
}
