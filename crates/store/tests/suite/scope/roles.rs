//! Roles, their assignments, and directory roles.

use mandate_model::{GroupId, Member, Timestamp};
use mandate_store::{DirectoryRoleMember, RoleAssignmentRecord, RoleRecord, Scope};
use uuid::Uuid;

use super::fleet::{add_group, add_tag, add_user, scope};
use crate::place::places;

fn role(number: u128, tags: &[&str]) -> RoleRecord {
    RoleRecord {
        id: Uuid::from_u128(number),
        name: format!("Role {number}"),
        description: Some("d".to_owned()),
        actions: vec!["a".to_owned(), "b".to_owned()],
        other_actions: vec!["c".to_owned()],
        scope_tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        created_at: Timestamp(1),
        modified_at: Timestamp(2),
    }
}

fn assignment(number: u128, role: u128, members: &[GroupId]) -> RoleAssignmentRecord {
    RoleAssignmentRecord {
        id: Uuid::from_u128(number),
        role_id: Uuid::from_u128(role),
        name: format!("Assignment {number}"),
        description: None,
        scope_type: "resourceScope".to_owned(),
        tags: vec!["0".to_owned()],
        scope_tags: vec!["1".to_owned()],
        members: members.to_vec(),
        scopes: vec![GroupId(Uuid::from_u128(900))],
        created_at: Timestamp(1),
        modified_at: Timestamp(1),
    }
}

#[tokio::test]
async fn roles_read_back_as_written_and_are_listed_within_a_scope() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        add_tag(&mut session, "One").await;
        let mut first = role(1, &["0"]);
        session.insert_role(&first).await.unwrap();
        session.insert_role(&role(2, &["1"])).await.unwrap();
        first.actions.pop();
        first.description = None;
        assert!(session.update_role(&first).await.unwrap());
        assert_eq!(session.find_role(first.id).await.unwrap(), Some(first));
        let seen = session.list_roles(&scope(&["1"]), None, 10).await.unwrap();
        assert_eq!(seen, [role(2, &["1"])]);
        assert_eq!(
            session
                .list_roles(&Scope::all(), None, 10)
                .await
                .unwrap()
                .len(),
            2
        );
        assert!(session.delete_role(Uuid::from_u128(1)).await.unwrap());
        assert!(!session.delete_role(Uuid::from_u128(1)).await.unwrap());
    }
}

#[tokio::test]
async fn roles_are_held_through_nested_groups_and_groups_hold_what_is_around_them() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let session = &mut session;
        let (user, outer, inner) = (
            add_user(session, 10).await,
            add_group(session, 20).await,
            add_group(session, 21).await,
        );
        for (group, member) in [(outer, Member::Group(inner)), (inner, Member::User(user))] {
            session.insert_member(group, member).await.unwrap();
        }
        let held = assignment(30, 1, &[outer]);
        session.insert_role_assignment(&held).await.unwrap();
        session
            .insert_role_assignment(&assignment(31, 1, &[]))
            .await
            .unwrap();
        for principal in [user.0, inner.0, outer.0] {
            let found = session.role_assignments_held_by(principal).await.unwrap();
            assert_eq!(found, std::slice::from_ref(&held));
        }
        let reader = DirectoryRoleMember {
            role_id: Uuid::from_u128(40),
            member: Member::Group(outer),
            created_at: Timestamp(1),
        };
        assert!(session.insert_directory_role_member(&reader).await.unwrap());
        assert!(!session.insert_directory_role_member(&reader).await.unwrap());
        let roles = session.directory_roles_held_by(user.0).await.unwrap();
        assert_eq!(roles, [reader.role_id]);
        let members = session
            .list_directory_role_members(reader.role_id, None, 10)
            .await
            .unwrap();
        assert_eq!(members, [reader]);

        session.delete_member(outer, inner.0).await.unwrap();
        assert!(
            session
                .role_assignments_held_by(user.0)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            session
                .directory_roles_held_by(user.0)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            session.role_assignments_naming(outer).await.unwrap(),
            ["Assignment 30"]
        );
    }
}

#[tokio::test]
async fn an_assignment_changes_its_groups_and_goes_with_them() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let session = &mut session;
        add_tag(session, "One").await;
        let group = add_group(session, 20).await;
        let mut held = assignment(30, 1, &[group]);
        session.insert_role_assignment(&held).await.unwrap();
        held.members.clear();
        held.scopes = vec![group];
        held.scope_type = "allDevices".to_owned();
        assert!(session.update_role_assignment(&held).await.unwrap());
        let found = session.find_role_assignment(held.id).await.unwrap();
        assert_eq!(found, Some(held.clone()));
        let of_role = session
            .list_role_assignments(Some(held.role_id), &scope(&["1"]), None, 10)
            .await
            .unwrap();
        assert_eq!(of_role, std::slice::from_ref(&held));
        let other = Some(Uuid::from_u128(2));
        for (role, seen) in [(other, scope(&["1"])), (None, scope(&["0"]))] {
            let none = session.list_role_assignments(role, &seen, None, 10).await;
            assert!(none.unwrap().is_empty());
        }
        assert!(session.delete_role_assignment(held.id).await.unwrap());
        assert!(!session.delete_role_assignment(held.id).await.unwrap());
    }
}

#[tokio::test]
async fn only_people_who_may_sign_in_count_as_holders_also_through_groups() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let session = &mut session;
        let role = Uuid::from_u128(40);
        let (user, outer, inner) = (
            add_user(session, 10).await,
            add_group(session, 20).await,
            add_group(session, 21).await,
        );
        let given = DirectoryRoleMember {
            role_id: role,
            member: Member::Group(outer),
            created_at: Timestamp(1),
        };
        session.insert_directory_role_member(&given).await.unwrap();
        assert_eq!(session.count_able_holders(role).await.unwrap(), 0);
        for (group, member) in [(outer, Member::Group(inner)), (inner, Member::User(user))] {
            session.insert_member(group, member).await.unwrap();
        }
        assert_eq!(session.count_able_holders(role).await.unwrap(), 1);
        let other = Uuid::from_u128(41);
        assert_eq!(session.count_able_holders(other).await.unwrap(), 0);
        let mut disabled = session.find_user(user).await.unwrap().unwrap();
        disabled.account_enabled = false;
        session.update_user(&disabled).await.unwrap();
        assert_eq!(session.count_able_holders(role).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn of_two_who_take_a_role_from_each_other_the_second_sees_what_the_first_did() {
    for place in places().await {
        let role = Uuid::from_u128(40);
        let mut session = place.store.write().await.unwrap();
        for number in [10, 11] {
            let member = Member::User(add_user(&mut session, number).await);
            let given = DirectoryRoleMember {
                role_id: role,
                member,
                created_at: Timestamp(1),
            };
            session.insert_directory_role_member(&given).await.unwrap();
        }
        session.commit().await.unwrap();

        let mut first = place.store.write().await.unwrap();
        first.hold_access().await.unwrap();
        let taken = first.delete_directory_role_member(role, Uuid::from_u128(10));
        assert!(taken.await.unwrap());
        let store = place.store.clone();
        let second = tokio::spawn(async move {
            let mut second = store.write().await.unwrap();
            second.hold_access().await.unwrap();
            let taken = second.delete_directory_role_member(role, Uuid::from_u128(11));
            assert!(taken.await.unwrap());
            second.count_able_holders(role).await.unwrap()
        });
        place.until_it_waits(&second).await;
        first.commit().await.unwrap();
        assert_eq!(second.await.unwrap(), 0);
    }
}
