//! What somebody with a part of the house tries, step by step, to get at the rest of it.

use std::collections::BTreeSet;

use mandate_engine::{
    Action, Actor, DirectoryRole, EngineError, NewPassword, NewRegistration, NewRoleAssignment,
    NewUser, Page, Permission, RoleChange, SignInProblem, Visit,
};
use mandate_model::{AppId, Member, Target};
use mandate_store::RoleRecord;
use serde_json::json;
use uuid::Uuid;

use super::{Where, is_not_there, is_out_of_scope, is_without_role, new_profile};
use crate::house::{House, places};

const PASSWORD: &str = "a passphrase that nobody else has";

#[tokio::test]
async fn a_name_that_comes_to_mean_an_action_gives_nothing_until_somebody_writes_it_who_has_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let desk = house.hire("desk").await;
        // As if this version had learned what wiping is since the role was written.
        let now = engine.now();
        let learned = Action::DevicesWipe.name().to_owned();
        let record = RoleRecord {
            id: Uuid::from_u128(77),
            name: "Written before".to_owned(),
            description: None,
            actions: vec![Action::DevicesRead.name().to_owned()],
            other_actions: vec![learned, "Microsoft.Intune_Moon_Land".to_owned()],
            scope_tags: vec!["0".to_owned()],
            created_at: now,
            modified_at: now,
        };
        let mut session = engine.store().write().await.unwrap();
        session.insert_role(&record).await.unwrap();
        session.commit().await.unwrap();
        house.give(record.id, &desk, Where::everybody(&["0"])).await;
        let actor = house.acting(&desk).await;
        assert!(actor.require(Action::DevicesRead).is_ok());
        assert!(actor.require(Action::DevicesWipe).is_err());
        // Nor does it say that it allows what it does not.
        let role = engine.find_role_definition(admin, record.id).await;
        let role = role.unwrap().unwrap();
        assert_eq!(role.actions, BTreeSet::from([Action::DevicesRead]));
        assert_eq!(role.other_actions, ["Microsoft.Intune_Moon_Land"]);
        // A change of something else does not bring it to life either.
        let rename = RoleChange {
            display_name: Some("Renamed".to_owned()),
            ..RoleChange::default()
        };
        engine
            .update_role_definition(admin, record.id, rename)
            .await
            .unwrap();
        let actor = house.acting(&desk).await;
        assert!(actor.require(Action::DevicesWipe).is_err());
        let both = RoleChange {
            actions: Some(BTreeSet::from([Action::DevicesRead, Action::DevicesWipe])),
            ..RoleChange::default()
        };
        let keeper = house.role("Keeper", &[Action::RolesUpdate, Action::DevicesRead]);
        let keeper_role = keeper.await;
        let keeper = house.hire("keeper").await;
        house
            .give(keeper_role, &keeper, Where::everybody(&["0"]))
            .await;
        let keeper = house.acting(&keeper).await;
        let refused = engine
            .update_role_definition(&keeper, record.id, both.clone())
            .await;
        assert!(is_without_role(&refused));
        engine
            .update_role_definition(admin, record.id, both)
            .await
            .unwrap();
        let actor = house.acting(&desk).await;
        assert!(actor.require(Action::DevicesWipe).is_ok());
    }
}

/// A secret of a set-up link for somebody.
async fn link(house: &House, maker: &Actor, user: mandate_model::UserId) -> String {
    let link = house.engine.make_set_up_link(maker, user).await.unwrap();
    link.path.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_that_was_kept_does_not_open_the_account_of_a_later_administrator() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let (nora, desk) = (house.hire("nora").await, house.hire("desk").await);
        let role = house
            .role(
                "Credentials",
                &[Action::UsersRead, Action::CredentialsReset],
            )
            .await;
        house.give(role, &desk, Where::everybody(&["0"])).await;
        let helper = house.acting(&desk).await;
        let kept = link(&house, &helper, nora.id).await;
        // Begun before, to be ended afterwards.
        let begun = engine.begin_flow_with_link(&kept).await.unwrap();
        let reader = DirectoryRole::GlobalReader;
        let member = Member::User(nora.id);
        engine
            .add_directory_role_member(admin, reader, member)
            .await
            .unwrap();
        let visit = Visit::default();
        let refused = engine.begin_flow_with_link(&kept).await;
        assert!(matches!(refused, Err(SignInProblem::LinkEnded)));
        let refused = engine.enter_new_password(&begun, PASSWORD, &visit).await;
        assert!(matches!(refused, Err(SignInProblem::LinkEnded)));
        // What those give who may do it all is good, also beforehand.
        let good = link(&house, admin, nora.id).await;
        let begun = engine.begin_flow_with_link(&good).await.unwrap();
        engine
            .enter_new_password(&begun, PASSWORD, &visit)
            .await
            .unwrap()
            .unwrap();

        // Without a role the link is good, also when whoever made it has gone.
        let sam = house.hire("sam").await;
        let kept = link(&house, &helper, sam.id).await;
        engine.delete_user(admin, desk.id).await.unwrap();
        engine.begin_flow_with_link(&kept).await.unwrap();
    }
}

#[tokio::test]
async fn a_device_out_of_sight_is_not_put_into_ones_own_group() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let (north, south) = (house.tag("North").await, house.tag("South").await);
        let (ours, theirs) = (
            house.device("ours", None).await,
            house.device("theirs", None).await,
        );
        let group = house
            .group("North phones", vec![Member::Device(ours)])
            .await;
        house.tag_device(ours, &[&north]).await;
        house.tag_device(theirs, &[&south]).await;
        let role = house
            .role(
                "Devices",
                &[
                    Action::DevicesRead,
                    Action::GroupsRead,
                    Action::GroupsUpdate,
                    Action::ProfilesRead,
                    Action::ProfilesAssign,
                ],
            )
            .await;
        let head = house.hire("head").await;
        house
            .give(role, &head, Where::at(&[&north], &[group.id]))
            .await;
        let head = house.acting(&head).await;
        // What is assigned to the group would come to it.
        let refused = engine
            .add_members(&head, group.id, vec![Member::Device(theirs)])
            .await;
        assert!(is_not_there(&refused));
        engine
            .add_members(admin, group.id, vec![Member::Device(theirs)])
            .await
            .unwrap();
        let refused = engine.remove_member(&head, group.id, theirs.0).await;
        assert!(is_not_there(&refused));
        engine.remove_member(&head, group.id, ours.0).await.unwrap();
    }
}

#[tokio::test]
async fn the_last_global_administrator_is_not_lost_in_other_ways_either() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let role = DirectoryRole::GlobalAdministrator;
        let ada = house.hire("ada").await;
        let inner = house.group("Inner", vec![Member::User(ada.id)]).await;
        let outer = house.group("Outer", vec![Member::Group(inner.id)]).await;
        let empty = house.group("Empty", Vec::new()).await;
        for group in [outer.id, empty.id] {
            engine
                .add_directory_role_member(admin, role, Member::Group(group))
                .await
                .unwrap();
        }
        let first = engine.list_directory_role_members(admin, role, Page::first(10));
        for member in first.await.unwrap() {
            if let Member::User(user) = member {
                engine
                    .remove_directory_role_member(admin, role, user.0)
                    .await
                    .unwrap();
            }
        }
        // Ada alone is left, by a group in a group; the other group has nobody in it.
        let disabled = engine
            .update_user(admin, ada.id, |user| user.account_enabled = false)
            .await;
        let refusals = [
            disabled.map(drop),
            engine.remove_member(admin, inner.id, ada.id.0).await,
            engine.remove_member(admin, outer.id, inner.id.0).await,
            engine.delete_group(admin, inner.id).await,
            engine.delete_group(admin, outer.id).await,
            engine.delete_user(admin, ada.id).await,
            engine
                .remove_directory_role_member(admin, role, outer.id.0)
                .await,
        ];
        for refused in refusals {
            assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        }
        let bob = house.hire("bob").await;
        engine
            .add_members(admin, empty.id, vec![Member::User(bob.id)])
            .await
            .unwrap();
        engine
            .remove_member(admin, inner.id, ada.id.0)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn of_two_global_administrators_who_remove_each_other_one_stays() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let role = DirectoryRole::GlobalAdministrator;
        for number in 0..5 {
            let first = engine.list_directory_role_members(admin, role, Page::first(10));
            let first = first.await.unwrap()[0].id();
            let other = house.hire(&format!("successor{number}")).await;
            engine
                .add_directory_role_member(admin, role, Member::User(other.id))
                .await
                .unwrap();
            let (one, two) = tokio::join!(
                engine.remove_directory_role_member(admin, role, first),
                engine.remove_directory_role_member(admin, role, other.id.0),
            );
            assert_ne!(one.is_ok(), two.is_ok());
        }
    }
}

#[tokio::test]
async fn a_client_does_not_get_by_another_client_or_a_provider_what_its_token_lacks() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let client = Actor::app(
            AppId(Uuid::nil()),
            "gives roles",
            [
                Permission::ApplicationReadWrite,
                Permission::DirectoryReadWrite,
                Permission::RoleManagementReadWrite,
            ],
        );
        let asking_for = |permissions: &[Permission]| NewRegistration {
            name: "Helper".to_owned(),
            permissions: permissions.to_vec(),
            ..NewRegistration::default()
        };
        let more = asking_for(&[Permission::DevicesPrivileged]);
        let refused = engine.register_app(&client, more).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
        let own = asking_for(&[Permission::GroupReadWrite]);
        engine.register_app(&client, own).await.unwrap();
        let provider = json!({
            "name": "mine", "kind": "oidc", "issuer": "https://id.example.com",
            "clientId": "mandate", "trustsNames": true, "nameClaim": "upn",
        });
        let serde_json::Value::Object(provider) = provider else {
            unreachable!("it is an object")
        };
        let refused = engine.create_provider(&client, provider.clone()).await;
        assert!(is_without_role(&refused));
        // Who carries everything may.
        let everything = Actor::app(AppId(Uuid::nil()), "all", Permission::ALL);
        engine.create_provider(&everything, provider).await.unwrap();
    }
}

#[tokio::test]
async fn a_profile_comes_back_with_the_tags_that_are_still_there_and_to_who_saw_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let (north, south) = (house.tag("North").await, house.tag("South").await);
        let both = house.tagged_profile("Both", &[&north, &south]).await;
        let one = house.tagged_profile("One", &[&south]).await;
        for profile in [&both, &one] {
            engine.delete_profile(admin, profile.id).await.unwrap();
        }
        engine.delete_scope_tag(admin, &south).await.unwrap();
        // Whoever makes profiles, but sees none, gets none to see by bringing it back.
        let role = house.role("Makers", &[Action::ProfilesCreate]).await;
        let maker = house.hire("maker").await;
        house.give(role, &maker, Where::everybody(&[&north])).await;
        let maker = house.acting(&maker).await;
        let refused = engine.restore_deleted_profile(&maker, both.id).await;
        assert!(is_not_there(&refused));
        for (profile, tag) in [(both, north.as_str()), (one, "0")] {
            let back = engine.restore_deleted_profile(admin, profile.id).await;
            assert_eq!(back.unwrap().profile.scope_tags, [tag]);
        }
    }
}

#[tokio::test]
async fn a_first_password_is_set_by_those_who_may_set_everybodys() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let school = house.group("School", Vec::new()).await;
        let head = house.hire("head").await;
        let people = house.role("People", &[Action::UsersUpdate]).await;
        let passwords = house.role("Passwords", &[Action::CredentialsReset]).await;
        house.give(people, &head, Where::everybody(&["0"])).await;
        house
            .give(passwords, &head, Where::at(&["0"], &[school.id]))
            .await;
        let head = house.acting(&head).await;
        let new = |name: &str, password: Option<&str>| NewUser {
            user_principal_name: format!("{name}@contoso.com"),
            display_name: name.to_owned(),
            password: password.map(|text| NewPassword {
                text: text.to_owned().into(),
                must_change: true,
            }),
            ..NewUser::default()
        };
        let refused = engine.create_user(&head, new("nora", Some(PASSWORD))).await;
        assert!(is_out_of_scope(&refused));
        engine.create_user(&head, new("nora", None)).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_who_say_whom_a_profile_is_for_at_once_one_is_right() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let mail = engine.create_profile(admin, new_profile("Mail", None));
        let mail = mail.await.unwrap();
        let mut groups = Vec::new();
        for name in ["a", "b", "c"] {
            groups.push(Target::Group(house.group(name, Vec::new()).await.id));
        }
        for _ in 0..5 {
            let before = vec![groups[0]];
            engine.assign_profile(admin, mail.id, before).await.unwrap();
            let (one, two) = (vec![groups[1]], vec![groups[0], groups[2]]);
            let (first, second) = tokio::join!(
                engine.assign_profile(admin, mail.id, one.clone()),
                engine.assign_profile(admin, mail.id, two.clone()),
            );
            first.unwrap();
            second.unwrap();
            let found = engine.list_assignments(admin, mail.id).await.unwrap();
            let mut found: Vec<Target> = found.iter().map(|one| one.target).collect();
            found.sort();
            let sorted = |mut targets: Vec<Target>| {
                targets.sort();
                targets
            };
            assert!(found == sorted(one) || found == sorted(two), "{found:?}");
        }
    }
}

#[tokio::test]
async fn a_group_is_not_deleted_while_somebody_names_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        for number in 0..5 {
            let group = house.group(&format!("g{number}"), Vec::new()).await.id;
            let tag = house.tag(&format!("t{number}")).await;
            let new = NewRoleAssignment {
                role_id: super::HELP_DESK,
                display_name: "Given".to_owned(),
                members: vec![group],
                tags: vec![tag.clone()],
                ..NewRoleAssignment::default()
            };
            let (given, deleted, untagged) = tokio::join!(
                engine.create_role_assignment(admin, new),
                engine.delete_group(admin, group),
                engine.delete_scope_tag(admin, &tag),
            );
            if given.is_ok() {
                assert!(deleted.is_err() && untagged.is_err());
            } else {
                assert!(deleted.is_ok() || untagged.is_ok());
            }
        }
    }
}
