//! Scope tags: what is seen by them, and devices that get them by their groups.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Member, ProfileId};
use mandate_store::{DeviceFilter, Scope, ScopeTagRecord, Session, StoreError};

use super::fleet::{
    add_device, add_group, add_profile, add_tag, add_user, device_id, scope, user_id,
};
use crate::place::places;

async fn seen_devices(session: &mut Session, scope: &Scope) -> Vec<u128> {
    let filter = DeviceFilter::default();
    let found = session.list_devices(&filter, scope, None, 100).await;
    let found = found.unwrap();
    let count = session.count_seen_devices(scope).await.unwrap();
    assert_eq!(count, i64::try_from(found.len()).unwrap());
    found
        .iter()
        .map(|record| record.device.id.0.as_u128())
        .collect()
}

#[tokio::test]
async fn the_default_tag_is_there_and_numbers_are_given_once() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let all = session.list_scope_tags(None, 10).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].id, all[0].name.as_str()), (0, "Default"));
        let (first, second) = (
            add_tag(&mut session, "One").await,
            add_tag(&mut session, "Two").await,
        );
        assert_eq!((first, second), (1, 2));
        assert!(session.delete_scope_tag(2).await.unwrap());
        assert!(!session.delete_scope_tag(2).await.unwrap());
        assert_eq!(add_tag(&mut session, "Three").await, 3);
        let page = session.list_scope_tags(Some(0), 1).await.unwrap();
        assert_eq!(page[0].name, "One");
    }
}

#[tokio::test]
async fn names_of_tags_are_unique_without_regard_to_case() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        add_tag(&mut session, "Zoë").await;
        let same = ScopeTagRecord {
            id: 9,
            name: "ZOË".to_owned(),
            description: None,
            created_at: mandate_model::Timestamp(1),
        };
        let refused = session.insert_scope_tag(&same).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)));
    }
}

#[tokio::test]
async fn a_device_is_seen_by_one_tag_in_common_and_without_tags_by_the_default_one() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=4 {
            add_device(&mut session, number, None).await;
        }
        let one = add_tag(&mut session, "One").await;
        let two = add_tag(&mut session, "Two").await;
        for number in 3..=11 {
            add_tag(&mut session, &format!("Tag {number}")).await;
        }
        let eleven = 11;
        for (device, tags) in [(1, vec![one]), (2, vec![one, two]), (3, vec![eleven, 0])] {
            let tags: BTreeMap<i64, bool> = tags.into_iter().map(|tag| (tag, false)).collect();
            session
                .set_scope_tags_of_device(device_id(device), &tags)
                .await
                .unwrap();
        }
        let session = &mut session;
        assert_eq!(seen_devices(session, &Scope::all()).await, [1, 2, 3, 4]);
        assert_eq!(seen_devices(session, &scope(&["1"])).await, [1, 2]);
        assert_eq!(seen_devices(session, &scope(&["2", "11"])).await, [2, 3]);
        assert_eq!(seen_devices(session, &scope(&["0"])).await, [3, 4]);
        assert_eq!(seen_devices(session, &scope(&[])).await, [0; 0]);
        let outside = session.devices_outside(&scope(&["0"])).await.unwrap();
        assert_eq!(outside, BTreeSet::from([device_id(1), device_id(2)]));
        assert!(
            session
                .devices_outside(&Scope::all())
                .await
                .unwrap()
                .is_empty()
        );
        let tags = session.scope_tags_of_device(device_id(4)).await.unwrap();
        assert_eq!(tags, ["0"]);
        let page = session
            .list_devices(
                &DeviceFilter::default(),
                &scope(&["1", "0"]),
                Some(device_id(1)),
                2,
            )
            .await
            .unwrap();
        let page: Vec<_> = page.iter().map(|record| record.device.id).collect();
        assert_eq!(page, [device_id(2), device_id(3)]);
    }
}

#[tokio::test]
async fn profiles_are_paged_within_a_scope_and_1_is_not_11() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=11 {
            add_tag(&mut session, &format!("Tag {number}")).await;
        }
        add_profile(&mut session, 1, &["11"]).await;
        add_profile(&mut session, 2, &["0", "1"]).await;
        add_profile(&mut session, 3, &["0"]).await;
        add_profile(&mut session, 4, &["1", "11"]).await;
        let mut seen = Vec::new();
        let mut after: Option<ProfileId> = None;
        while let Some(profile) = session
            .list_seen_profiles(&scope(&["1"]), after, 1)
            .await
            .unwrap()
            .pop()
        {
            after = Some(profile.id);
            seen.push(profile.id.0.as_u128());
        }
        assert_eq!(seen, [2, 4]);
        let all = session.list_seen_profiles(&Scope::all(), None, 10).await;
        assert_eq!(all.unwrap().len(), 4);
        let uses = session.uses_of_scope_tag(1).await.unwrap();
        assert_eq!(uses, ["profile `Profile 2`", "profile `Profile 4`"]);
    }
}

#[tokio::test]
async fn devices_get_the_tags_of_their_groups_and_of_their_users_groups() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let session = &mut session;
        let user = add_user(session, 50).await;
        add_device(session, 1, Some(user)).await;
        add_device(session, 2, None).await;
        add_device(session, 3, None).await;
        let (outer, inner, of_devices) = (
            add_group(session, 70).await,
            add_group(session, 71).await,
            add_group(session, 72).await,
        );
        for (group, member) in [
            (outer, Member::Group(inner)),
            (inner, Member::Group(outer)),
            (inner, Member::User(user)),
            (of_devices, Member::Device(device_id(2))),
        ] {
            assert!(session.insert_member(group, member).await.unwrap());
        }
        let school = add_tag(session, "School").await;
        let office = add_tag(session, "Office").await;
        let by_hand = BTreeMap::from([(office, false)]);
        session
            .set_scope_tags_of_device(device_id(1), &by_hand)
            .await
            .unwrap();
        for (tag, group) in [(school, outer), (office, of_devices)] {
            session
                .set_groups_of_scope_tag(tag, &BTreeSet::from([group]))
                .await
                .unwrap();
        }
        session.retag_all_devices().await.unwrap();
        let tags = session.scope_tag_rows(device_id(1)).await.unwrap();
        assert_eq!(tags, BTreeMap::from([(school, true), (office, false)]));
        let tags = session.scope_tags_of_device(device_id(2)).await.unwrap();
        assert_eq!(tags, ["2"]);
        let tags = session.scope_tags_of_device(device_id(3)).await.unwrap();
        assert_eq!(tags, ["0"]);

        // One at a time says the same as all at once.
        for (device, user) in [(1, Some(user)), (2, None), (3, None)] {
            session.retag_device(device_id(device), user).await.unwrap();
        }
        let tags = session.scope_tag_rows(device_id(1)).await.unwrap();
        assert_eq!(tags, BTreeMap::from([(school, true), (office, false)]));
        session.delete_member(inner, user.0).await.unwrap();
        session.retag_devices_of_user(user).await.unwrap();
        let tags = session.scope_tag_rows(device_id(1)).await.unwrap();
        assert_eq!(tags, BTreeMap::from([(office, false)]));
        let used_by = session.uses_of_scope_tag(office).await.unwrap();
        assert_eq!(used_by, ["1 device"]);
    }
}

#[tokio::test]
async fn members_that_are_devices_out_of_scope_are_left_out_without_ending_the_page() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let session = &mut session;
        let group = add_group(session, 70).await;
        let tag = add_tag(session, "One").await;
        for number in 1..=5 {
            add_device(session, number, None).await;
            let member = Member::Device(device_id(number));
            session.insert_member(group, member).await.unwrap();
        }
        add_user(session, 9).await;
        let person = Member::User(user_id(9));
        session.insert_member(group, person).await.unwrap();
        let tags = BTreeMap::from([(tag, false)]);
        for number in [2, 4] {
            session
                .set_scope_tags_of_device(device_id(number), &tags)
                .await
                .unwrap();
        }
        for transitive in [false, true] {
            let page = session
                .list_members(group, transitive, &scope(&["1"]), None, 3)
                .await
                .unwrap();
            let expected = [
                Member::Device(device_id(2)),
                Member::Device(device_id(4)),
                person,
            ];
            assert_eq!(page, expected);
        }
    }
}
