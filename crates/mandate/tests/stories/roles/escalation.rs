//! Nobody gives what they lack, and nobody changes what they have themselves.

use std::collections::BTreeSet;
use std::slice;

use mandate_engine::{
    Action, Actor, DirectoryRole, EngineError, NewRole, NewRoleAssignment, Origin, Page,
    Permission, RoleAssignmentChange, RoleChange, ScopeType,
};
use mandate_model::{AppId, GroupId, Member, User};
use uuid::Uuid;

use super::{HELP_DESK, Where, is_not_there, is_out_of_scope, is_without_role, strings};
use crate::house::{House, places};

/// What somebody who hands out roles needs, and what they may hand out.
const DELEGATE: [Action; 8] = [
    Action::RolesRead,
    Action::RolesCreate,
    Action::RolesUpdate,
    Action::RolesDelete,
    Action::RolesAssign,
    Action::DevicesRead,
    Action::DevicesSync,
    Action::GroupsUpdate,
];

fn new_role(actions: &[Action]) -> NewRole {
    NewRole {
        display_name: "Made".to_owned(),
        actions: actions.iter().copied().collect(),
        ..NewRole::default()
    }
}

/// A delegate for one tag and one group, and who acts as them.
struct Office {
    house: House,
    tag: String,
    school: GroupId,
    delegate: User,
    role: Uuid,
    assignment: Uuid,
}

impl Office {
    async fn open(place: crate::house::Place) -> Self {
        let house = House::open(place).await;
        let tag = house.tag("North").await;
        let school = house.group("School", Vec::new()).await.id;
        let delegate = house.hire("delegate").await;
        let role = house.role("Delegate", &DELEGATE).await;
        let tags = [tag.as_str()];
        let given = house
            .give(role, &delegate, Where::at(&tags, &[school]))
            .await;
        Self {
            house,
            school,
            delegate,
            role,
            assignment: given.id,
            tag,
        }
    }

    async fn actor(&self) -> Actor {
        self.house.acting(&self.delegate).await
    }

    fn assignment_of(&self, role: Uuid) -> NewRoleAssignment {
        NewRoleAssignment {
            role_id: role,
            display_name: "Given".to_owned(),
            members: vec![self.school],
            scopes: vec![self.school],
            tags: vec![self.tag.clone()],
            ..NewRoleAssignment::default()
        }
    }
}

#[tokio::test]
async fn a_role_is_made_of_what_its_maker_has() {
    for place in places().await {
        let office = Office::open(place).await;
        let engine = &office.house.engine;
        let actor = office.actor().await;
        let made = engine
            .create_role_definition(&actor, new_role(&[Action::DevicesSync]))
            .await
            .unwrap();
        assert_eq!(made.scope_tags, slice::from_ref(&office.tag));
        let refused = engine
            .create_role_definition(
                &actor,
                new_role(&[Action::DevicesSync, Action::DevicesWipe]),
            )
            .await;
        assert!(is_without_role(&refused));
        let more = RoleChange {
            actions: Some(BTreeSet::from([Action::DevicesWipe])),
            ..RoleChange::default()
        };
        let refused = engine
            .update_role_definition(&actor, made.id, more.clone())
            .await;
        assert!(is_without_role(&refused));
        // Their own role is not theirs to change, and the built-in ones nobody's.
        let refused = engine
            .update_role_definition(&actor, office.role, more.clone())
            .await;
        assert!(refused.is_err());
        let refused = engine.delete_role_definition(&actor, office.role).await;
        assert!(refused.is_err());
        let refused = engine.update_role_definition(&actor, HELP_DESK, more).await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        engine
            .delete_role_definition(&actor, made.id)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn ones_own_role_is_not_changed_even_if_it_can_be_seen() {
    for place in places().await {
        let office = Office::open(place).await;
        let (house, engine) = (&office.house, &office.house.engine);
        let tags = RoleChange {
            scope_tags: Some(vec![office.tag.clone()]),
            ..RoleChange::default()
        };
        engine
            .update_role_definition(&house.admin, office.role, tags)
            .await
            .unwrap();
        let tags = RoleAssignmentChange {
            scope_tags: Some(vec![office.tag.clone()]),
            ..RoleAssignmentChange::default()
        };
        engine
            .update_role_assignment(&house.admin, office.assignment, tags)
            .await
            .unwrap();
        let actor = office.actor().await;
        let rename = RoleChange {
            display_name: Some("Mine".to_owned()),
            ..RoleChange::default()
        };
        let refused = engine
            .update_role_definition(&actor, office.role, rename)
            .await;
        assert!(is_out_of_scope(&refused));
        let widen = RoleAssignmentChange {
            scope_type: Some(ScopeType::AllDevices),
            ..RoleAssignmentChange::default()
        };
        let refused = engine
            .update_role_assignment(&actor, office.assignment, widen)
            .await;
        assert!(is_out_of_scope(&refused));
        let refused = engine
            .delete_role_assignment(&actor, office.assignment)
            .await;
        assert!(is_out_of_scope(&refused));
    }
}

#[tokio::test]
async fn a_role_is_given_only_where_its_giver_has_all_of_it() {
    for place in places().await {
        let office = Office::open(place).await;
        let (house, engine) = (&office.house, &office.house.engine);
        let actor = office.actor().await;
        let made = engine
            .create_role_definition(&actor, new_role(&[Action::DevicesSync]))
            .await
            .unwrap();
        let inside = house.group("Class", Vec::new()).await.id;
        engine
            .add_members(&house.admin, office.school, vec![Member::Group(inside)])
            .await
            .unwrap();
        let good = NewRoleAssignment {
            scopes: vec![inside],
            ..office.assignment_of(made.id)
        };
        let given = engine.create_role_assignment(&actor, good).await.unwrap();
        assert_eq!(given.scope_tags, slice::from_ref(&office.tag));

        let other = house.group("Other", Vec::new()).await.id;
        let base = || office.assignment_of(made.id);
        for (what, new) in [
            (
                "all devices",
                NewRoleAssignment {
                    scope_type: ScopeType::AllDevices,
                    ..base()
                },
            ),
            (
                "other groups",
                NewRoleAssignment {
                    scopes: vec![other],
                    ..base()
                },
            ),
            (
                "default tag",
                NewRoleAssignment {
                    tags: Vec::new(),
                    ..base()
                },
            ),
            (
                "other tag",
                NewRoleAssignment {
                    tags: strings(&["0", &office.tag]),
                    ..base()
                },
            ),
        ] {
            let refused = engine.create_role_assignment(&actor, new).await;
            assert!(is_out_of_scope(&refused), "{what}");
        }
        let more = office.assignment_of(HELP_DESK);
        let refused = engine.create_role_assignment(&actor, more).await;
        assert!(is_without_role(&refused));
        let unknown = office.assignment_of(Uuid::nil());
        assert!(is_not_there(
            &engine.create_role_assignment(&actor, unknown).await
        ));
        let widen = RoleAssignmentChange {
            scopes: Some(vec![other]),
            ..RoleAssignmentChange::default()
        };
        let refused = engine.update_role_assignment(&actor, given.id, widen).await;
        assert!(is_out_of_scope(&refused));
        // A role that others gave more widely is not changed by those who could not give it so.
        house
            .give(made.id, &house.hire("wide").await, Where::everybody(&["0"]))
            .await;
        let rename = RoleChange {
            display_name: Some("Other".to_owned()),
            ..RoleChange::default()
        };
        let refused = engine.update_role_definition(&actor, made.id, rename).await;
        assert!(is_out_of_scope(&refused));
        engine
            .delete_role_assignment(&actor, given.id)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn groups_that_give_roles_and_people_who_have_them_are_for_those_who_have_all_of_it() {
    for place in places().await {
        let office = Office::open(place).await;
        let (house, engine) = (&office.house, &office.house.engine);
        let desk = house.hire("desk").await;
        let operators = house.group("Operators", vec![Member::User(desk.id)]).await;
        // Inside of the delegate's scope, but with a role of more than they have.
        engine
            .add_members(
                &house.admin,
                office.school,
                vec![Member::Group(operators.id)],
            )
            .await
            .unwrap();
        let new = NewRoleAssignment {
            members: vec![operators.id],
            ..office.assignment_of(HELP_DESK)
        };
        engine
            .create_role_assignment(&house.admin, new)
            .await
            .unwrap();
        let actor = office.actor().await;
        let oneself = vec![Member::User(office.delegate.id)];
        let refused = engine
            .add_members(&actor, operators.id, oneself.clone())
            .await;
        assert!(refused.is_err());
        // Nor by a group in between.
        let between = house.group("Between", Vec::new()).await;
        engine
            .add_members(&house.admin, operators.id, vec![Member::Group(between.id)])
            .await
            .unwrap();
        let refused = engine.add_members(&actor, between.id, oneself).await;
        assert!(refused.is_err());
        let refused = engine.remove_member(&actor, operators.id, desk.id.0).await;
        assert!(refused.is_err());

        // A person with that role cannot be taken over by whoever looks after people.
        let people = house.role("People", &[Action::UsersUpdate]).await;
        let keeper = house.hire("keeper").await;
        house.give(people, &keeper, Where::everybody(&["0"])).await;
        let keeper = house.acting(&keeper).await;
        let rename = |user: &mut User| "x@contoso.com".clone_into(&mut user.user_principal_name);
        let refused = engine.update_user(&keeper, desk.id, rename).await;
        assert!(is_without_role(&refused));
        assert!(is_without_role(&engine.delete_user(&keeper, desk.id).await));
        let sam = house.hire("sam").await;
        engine.update_user(&keeper, sam.id, rename).await.unwrap();
    }
}

#[tokio::test]
async fn directory_roles_are_given_by_those_who_have_them() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let (global, intune, reader, sam) = (
            house.hire("global").await,
            house.hire("intune").await,
            house.hire("reader").await,
            house.hire("sam").await,
        );
        for (role, user) in [
            (DirectoryRole::GlobalAdministrator, &global),
            (DirectoryRole::IntuneAdministrator, &intune),
            (DirectoryRole::GlobalReader, &reader),
        ] {
            let member = Member::User(user.id);
            let given = engine.add_directory_role_member(admin, role, member).await;
            given.unwrap();
            let again = engine.add_directory_role_member(admin, role, member).await;
            assert!(matches!(again, Err(EngineError::AlreadyExists { .. })));
            let ids = engine.directory_roles_of(user.id).await.unwrap();
            assert_eq!(ids, [role.id()]);
            assert!(engine.is_administrator(user.id).await.unwrap());
        }
        assert!(!engine.is_administrator(sam.id).await.unwrap());
        let role = DirectoryRole::GlobalReader;
        let member = Member::User(sam.id);
        for user in [&intune, &reader] {
            let actor = house.acting(user).await;
            let refused = engine.add_directory_role_member(&actor, role, member).await;
            assert!(is_without_role(&refused));
            let (anybody, rename) = (&global, |user: &mut User| {
                "Renamed".clone_into(&mut user.display_name);
            });
            assert!(
                engine
                    .update_user(&actor, anybody.id, rename)
                    .await
                    .is_err()
            );
            assert!(engine.delete_user(&actor, anybody.id).await.is_err());
        }
        let actor = house.acting(&global).await;
        engine
            .add_directory_role_member(&actor, role, member)
            .await
            .unwrap();
        engine
            .remove_directory_role_member(&actor, role, sam.id.0)
            .await
            .unwrap();
        // Somebody has to be left who can give roles.
        let last = DirectoryRole::GlobalAdministrator;
        let all = engine
            .list_directory_role_members(admin, last, Page::first(10))
            .await
            .unwrap();
        for other in all.iter().filter(|other| other.id() != global.id.0) {
            engine
                .remove_directory_role_member(&actor, last, other.id())
                .await
                .unwrap();
        }
        let refused = engine
            .remove_directory_role_member(&actor, last, global.id.0)
            .await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        let refused = engine.delete_user(admin, global.id).await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        // What is taken away counts at once.
        let intune_actor = house.acting(&intune).await;
        assert!(intune_actor.require(Action::DevicesWipe).is_ok());
        engine
            .remove_directory_role_member(&actor, DirectoryRole::IntuneAdministrator, intune.id.0)
            .await
            .unwrap();
        let intune_actor = house.acting(&intune).await;
        assert!(intune_actor.require(Action::DevicesRead).is_err());
    }
}

#[tokio::test]
async fn a_client_gives_only_what_its_token_carries_and_a_person_what_their_roles_allow() {
    for place in places().await {
        let office = Office::open(place).await;
        let (house, engine) = (&office.house, &office.house.engine);
        let app = AppId(Uuid::nil());
        let client = Actor::app(app, "roles", [Permission::RbacReadWrite]);
        let wipes = new_role(&[Action::DevicesWipe]);
        let refused = engine.create_role_definition(&client, wipes.clone()).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
        let more = [Permission::RbacReadWrite, Permission::DevicesPrivileged];
        let client = Actor::app(app, "roles", more);
        engine.create_role_definition(&client, wipes).await.unwrap();
        // A person through a client that carries little more than this one permission.
        let carried = BTreeSet::from([Permission::RbacReadWrite]);
        let through = Some((app, "tool".to_owned()));
        let person = engine
            .person_actor(&office.delegate, through, Some(carried), Origin::default())
            .await
            .unwrap();
        engine
            .create_role_definition(&person, new_role(&[Action::DevicesSync]))
            .await
            .unwrap();
        let refused = engine
            .sync_device(&person, house.device("phone", None).await)
            .await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    }
}

#[tokio::test]
async fn an_account_that_may_not_be_used_has_no_powers() {
    for place in places().await {
        let office = Office::open(place).await;
        let (house, engine) = (&office.house, &office.house.engine);
        assert!(office.actor().await.require(Action::RolesRead).is_ok());
        let disabled = engine
            .update_user(&house.admin, office.delegate.id, |user| {
                user.account_enabled = false;
            })
            .await
            .unwrap();
        let actor = house.acting(&disabled).await;
        assert!(actor.require(Action::RolesRead).is_err());
    }
}
