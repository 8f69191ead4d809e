//! A help desk and administrators of two schools: who sees what, and whom they can aim at.

use mandate_engine::{Action, Page, PlanRequest, ProfileChange};
use mandate_model::{GroupId, Member, Profile, Target, User};

use super::{
    HELP_DESK, PROFILE_MANAGER, Where, is_invalid, is_not_there, is_out_of_scope, is_without_role,
    new_profile, strings,
};
use crate::house::{House, places};

/// Two schools with a pupil and a phone each, and an administrator of the first.
struct Schools {
    house: House,
    tags: [String; 2],
    groups: [GroupId; 2],
    pupils: [User; 2],
    profiles: [Profile; 2],
    head: User,
}

impl Schools {
    async fn open(place: crate::house::Place) -> Self {
        let house = House::open(place).await;
        let tags = [house.tag("North").await, house.tag("South").await];
        let pupils = [house.hire("nora").await, house.hire("sam").await];
        let mut groups = Vec::new();
        let mut profiles = Vec::new();
        for (tag, pupil) in tags.iter().zip(&pupils) {
            let group = house.group(tag, vec![Member::User(pupil.id)]).await;
            let assigned = house
                .engine
                .assign_scope_tag(&house.admin, tag, vec![group.id])
                .await;
            assigned.unwrap();
            groups.push(group.id);
            profiles.push(house.tagged_profile(tag, &[tag.as_str()]).await);
        }
        let head = house.hire("head").await;
        let place = [tags[0].as_str()];
        house
            .give(PROFILE_MANAGER, &head, Where::at(&place, &groups[..1]))
            .await;
        Self {
            house,
            groups: groups.try_into().unwrap(),
            profiles: profiles.try_into().unwrap(),
            tags,
            pupils,
            head,
        }
    }
}

#[tokio::test]
async fn whoever_has_a_role_for_one_school_sees_that_school_and_nothing_of_the_other() {
    for place in places().await {
        let schools = Schools::open(place).await;
        let Schools { house, .. } = &schools;
        let (engine, admin) = (&house.engine, &house.admin);
        let head = house.acting(&schools.head).await;
        let [ours, theirs] = [&schools.profiles[0], &schools.profiles[1]];
        let mut devices = Vec::new();
        for pupil in &schools.pupils {
            devices.push(house.device(&pupil.display_name, Some(pupil.id)).await);
        }
        for profile in &schools.profiles {
            house.target(profile.id, vec![Target::AllUsers]).await;
        }

        let listed = engine.list_profiles(&head, Page::first(10)).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].id, ours.id);
        let seen = engine.find_profile(&head, theirs.id).await.unwrap();
        assert_eq!(seen, None);
        let listed = engine
            .list_devices(
                &head,
                mandate_engine::DeviceFilter::default(),
                Page::first(1),
            )
            .await
            .unwrap();
        assert_eq!(listed[0].device.id, devices[0]);
        assert_eq!(listed[0].scope_tags, [schools.tags[0].clone()]);
        assert_eq!(engine.count_devices(&head).await.unwrap(), 1);
        assert_eq!(engine.count_devices(admin).await.unwrap(), 2);
        assert_eq!(engine.find_device(&head, devices[1]).await.unwrap(), None);
        let found = engine.find_object(&head, devices[1].0).await.unwrap();
        assert_eq!(found, None);

        // What hangs below.
        let all = Page::first(10);
        let statuses = engine.device_statuses(&head, ours.id, all).await.unwrap();
        assert_eq!(statuses.len(), 1);
        assert_eq!(statuses[0].device.id, devices[0]);
        let everybody = engine.device_statuses(admin, ours.id, all).await.unwrap();
        assert_eq!(everybody.len(), 2);
        let overview = engine.status_overview(&head, ours.id).await.unwrap();
        assert_eq!((overview.devices.pending, overview.users.pending), (1, 1));
        let users = Page::first(10);
        let people = engine.user_statuses(&head, ours.id, users).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!(people[0].user.id, schools.pupils[0].id);
        let states = engine.profile_states(&head, devices[0]).await.unwrap();
        assert_eq!(states.len(), 1);
        assert_eq!(states[0].profile.id, ours.id);
        let plan = PlanRequest {
            profile: ours.id,
            change: None,
            targets: Some(vec![Target::AllDevices]),
            sample: 10,
        };
        let plan = engine.plan(&head, plan).await.unwrap();
        assert_eq!((plan.devices.added, plan.sample.len()), (1, 1));

        // Nothing of the other school, by whatever way.
        let (profile, device) = (theirs.id, devices[1]);
        let change = ProfileChange {
            display_name: Some("Ours now".to_owned()),
            ..ProfileChange::default()
        };
        assert!(is_not_there(
            &engine.update_profile(&head, profile, change.clone()).await
        ));
        assert!(is_not_there(
            &engine.impact_of(&head, profile, change).await
        ));
        assert!(is_not_there(&engine.delete_profile(&head, profile).await));
        assert!(is_not_there(&engine.list_assignments(&head, profile).await));
        let none = engine.assign_profile(&head, profile, Vec::new()).await;
        assert!(is_not_there(&none));
        assert!(is_not_there(&engine.status_overview(&head, profile).await));
        assert!(is_not_there(&engine.setting_states(&head, profile).await));
        assert!(is_not_there(
            &engine.device_statuses(&head, profile, all).await
        ));
        assert!(is_not_there(
            &engine.user_statuses(&head, profile, users).await
        ));
        let certificates = engine.profile_certificates(&head, profile, &[], 10).await;
        assert!(is_not_there(&certificates));
        let versions = engine.list_profile_versions(&head, profile, None, 10).await;
        assert!(is_not_there(&versions));
        assert!(is_not_there(&engine.profile_states(&head, device).await));
        assert!(is_not_there(&engine.device_actions(&head, device).await));
        assert!(is_not_there(
            &engine.device_history(&head, device, 10).await
        ));
        assert!(is_not_there(
            &engine.device_certificates(&head, device).await
        ));
        let groups = engine.groups_of(&head, Member::Device(device), true).await;
        assert!(is_not_there(&groups));
        // And what no role of theirs allows, is not allowed, whether it can be seen or not.
        for device in devices {
            assert!(is_without_role(&engine.sync_device(&head, device).await));
        }
    }
}

#[tokio::test]
async fn only_groups_of_the_scope_can_be_targeted_and_other_targets_stay() {
    for place in places().await {
        let schools = Schools::open(place).await;
        let (house, engine) = (&schools.house, &schools.house.engine);
        let head = house.acting(&schools.head).await;
        let profile = schools.profiles[0].id;
        let [north, south] = schools.groups.map(Target::Group);
        let class = house.group("Class", Vec::new()).await;
        let inside = vec![Member::Group(class.id)];
        engine
            .add_members(&house.admin, schools.groups[0], inside)
            .await
            .unwrap();
        let class = Target::Group(class.id);
        let assign = async |targets: &[Target]| {
            let assigned = engine
                .assign_profile(&head, profile, targets.to_vec())
                .await;
            assigned.map(|all| all.len())
        };
        assert_eq!(assign(&[north, class]).await.unwrap(), 2);
        for target in [
            south,
            Target::Exclude(schools.groups[1]),
            Target::AllUsers,
            Target::AllDevices,
        ] {
            let refused = assign(&[north, target]).await;
            assert!(is_out_of_scope(&refused), "{target:?}");
        }
        // What others assigned stays, and need only be said again.
        house.target(profile, vec![north, south]).await;
        assert!(is_out_of_scope(&assign(&[north]).await));
        assert!(is_out_of_scope(&assign(&[]).await));
        assert!(is_out_of_scope(
            &engine.delete_profile(&head, profile).await
        ));
        assert_eq!(assign(&[south]).await.unwrap(), 1);
        assert_eq!(assign(&[south, class]).await.unwrap(), 2);
        let left = engine.list_assignments(&head, profile).await.unwrap();
        assert!(left.iter().any(|assignment| assignment.target == south));
    }
}

#[tokio::test]
async fn what_one_makes_gets_ones_own_tags_and_only_those_can_be_named() {
    for place in places().await {
        let schools = Schools::open(place).await;
        let (house, engine) = (&schools.house, &schools.house.engine);
        let [north, south] = [schools.tags[0].as_str(), schools.tags[1].as_str()];
        let head = house.acting(&schools.head).await;
        let made = engine
            .create_profile(&head, new_profile("Mine", None))
            .await;
        let made = made.unwrap();
        assert_eq!(made.scope_tags, [north.to_owned()]);
        for tags in [&["0"][..], &[south], &[north, south], &[], &["77"]] {
            let new = new_profile("Theirs", Some(tags));
            let refused = engine.create_profile(&head, new).await;
            assert!(is_invalid(&refused, "roleScopeTagIds"), "{tags:?}");
        }
        let retag = async |tags: &[&str]| {
            let change = ProfileChange {
                scope_tags: Some(strings(tags)),
                ..ProfileChange::default()
            };
            engine.update_profile(&head, made.id, change).await
        };
        for tags in [&["0"][..], &[south], &[]] {
            let refused = retag(tags).await;
            assert!(is_invalid(&refused, "roleScopeTagIds"), "{tags:?}");
        }
        // A tag that somebody else gave stays whether it is said again or not.
        let change = ProfileChange {
            scope_tags: Some(strings(&[north, south])),
            ..ProfileChange::default()
        };
        engine
            .update_profile(&house.admin, made.id, change)
            .await
            .unwrap();
        for tags in [&[north][..], &[north, south]] {
            let changed = retag(tags).await.unwrap();
            assert_eq!(changed.scope_tags, strings(&[north, south]));
        }
    }
}

#[tokio::test]
async fn a_profile_out_of_sight_can_be_referred_to_no_more_than_read() {
    for place in places().await {
        let schools = Schools::open(place).await;
        let (house, engine) = (&schools.house, &schools.house.engine);
        let north = schools.tags[0].as_str();
        let (root, scep, _) = house.mail_with_certificate("central").await;
        // The certificate profile is shared with the school, its root is not.
        let change = ProfileChange {
            scope_tags: Some(strings(&["0", north])),
            ..ProfileChange::default()
        };
        engine
            .update_profile(&house.admin, scep.id, change)
            .await
            .unwrap();
        let head = house.acting(&schools.head).await;
        let seen = engine.find_profile(&head, scep.id).await.unwrap().unwrap();
        assert_eq!(seen.references["rootCertificate"], root.id);
        assert_eq!(engine.find_profile(&head, root.id).await.unwrap(), None);
        // What is there stays when something else changes.
        let change = ProfileChange {
            description: Some(Some("for the school".to_owned())),
            ..ProfileChange::default()
        };
        engine.update_profile(&head, scep.id, change).await.unwrap();
        let mut new = new_profile("Mail", None);
        new.body["authenticationMethod"] = "certificate".into();
        new.references
            .insert("identityCertificate".to_owned(), scep.id);
        engine.create_profile(&head, new.clone()).await.unwrap();
        new.references
            .insert("identityCertificate".to_owned(), root.id);
        let refused = engine.create_profile(&head, new).await;
        assert!(is_invalid(&refused, "identityCertificate"));
        assert!(refused.unwrap_err().to_string().contains("existing"));
    }
}

#[tokio::test]
async fn several_roles_add_up_but_what_one_allows_is_not_allowed_where_only_another_is() {
    for place in places().await {
        let schools = Schools::open(place).await;
        let (house, engine) = (&schools.house, &schools.house.engine);
        let south = [schools.tags[1].as_str()];
        house
            .give(
                HELP_DESK,
                &schools.head,
                Where::at(&south, &schools.groups[1..]),
            )
            .await;
        let head = house.acting(&schools.head).await;
        let listed = engine.list_profiles(&head, Page::first(10)).await.unwrap();
        assert_eq!(listed.len(), 2);
        let change = || ProfileChange {
            description: Some(Some("mine".to_owned())),
            ..ProfileChange::default()
        };
        let [ours, theirs] = [schools.profiles[0].id, schools.profiles[1].id];
        engine.update_profile(&head, ours, change()).await.unwrap();
        let refused = engine.update_profile(&head, theirs, change()).await;
        assert!(is_out_of_scope(&refused));
        // Nor can the two be brought together: that would let the help desk's school be edited.
        let change = ProfileChange {
            scope_tags: Some(schools.tags.to_vec()),
            ..ProfileChange::default()
        };
        let refused = engine.update_profile(&head, ours, change).await;
        assert!(refused.is_err());
        let may = engine.effective_actions(&head, Some(&schools.tags[1]));
        assert!(may.contains(&Action::DevicesWipe) && !may.contains(&Action::ProfilesUpdate));
    }
}
