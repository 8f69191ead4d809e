//! People, groups and imported certificates within a scope.

use mandate_engine::{Action, NewGroup, NewUser, Page};
use mandate_model::{ImportPurpose, Member};

use super::{Where, is_out_of_scope};
use crate::house::{House, places};

#[tokio::test]
async fn people_and_groups_are_changed_only_within_the_scope_groups() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let (nora, sam, head) = (
            house.hire("nora").await,
            house.hire("sam").await,
            house.hire("head").await,
        );
        let class = house.group("Class", vec![Member::User(nora.id)]).await;
        let school = house.group("School", vec![Member::Group(class.id)]).await;
        let other = house.group("Other", vec![Member::User(sam.id)]).await;
        let actions = [
            Action::UsersRead,
            Action::UsersUpdate,
            Action::GroupsRead,
            Action::GroupsUpdate,
        ];
        let role = house.role("Directory", &actions).await;
        house
            .give(role, &head, Where::at(&["0"], &[school.id]))
            .await;
        let head = house.acting(&head).await;
        let rename = |user: &mut mandate_model::User| "New".clone_into(&mut user.display_name);
        engine.update_user(&head, nora.id, rename).await.unwrap();
        let refused = engine.update_user(&head, sam.id, rename).await;
        assert!(is_out_of_scope(&refused));
        assert!(is_out_of_scope(&engine.delete_user(&head, sam.id).await));
        // Everybody is seen, as in Intune.
        let all = async |actor| {
            let everybody = mandate_engine::UserFilter::default();
            let found = engine.list_users(actor, everybody, Page::first(10)).await;
            found.unwrap()
        };
        assert_eq!(all(&head).await, all(&house.admin).await);

        let add = async |group, member| engine.add_members(&head, group, vec![member]).await;
        let somebody = Member::User(nora.id);
        assert!(is_out_of_scope(&add(other.id, somebody).await));
        // Into the scope comes nobody who was not in it.
        assert!(is_out_of_scope(&add(class.id, Member::User(sam.id)).await));
        let into = add(class.id, Member::Group(other.id)).await;
        assert!(is_out_of_scope(&into));
        add(school.id, somebody).await.unwrap();
        engine
            .remove_member(&head, class.id, nora.id.0)
            .await
            .unwrap();
        let refused = engine.remove_member(&head, other.id, sam.id.0).await;
        assert!(is_out_of_scope(&refused));
        assert!(is_out_of_scope(&engine.delete_group(&head, other.id).await));
        // Within the scope groups are moved about, and go.
        let second = house.group("Second class", Vec::new()).await;
        let inside = vec![Member::Group(second.id)];
        engine
            .add_members(&house.admin, school.id, inside)
            .await
            .unwrap();
        add(class.id, Member::Group(second.id)).await.unwrap();
        engine.delete_group(&head, second.id).await.unwrap();

        let new = NewUser {
            user_principal_name: "new@contoso.com".to_owned(),
            display_name: "New".to_owned(),
            ..NewUser::default()
        };
        assert!(is_out_of_scope(&engine.create_user(&head, new).await));
        let new = NewGroup {
            display_name: "Mine".to_owned(),
            ..NewGroup::default()
        };
        let made = engine.create_group(&head, new, vec![somebody]).await;
        assert!(is_out_of_scope(&made));
    }
}

#[tokio::test]
async fn leaving_a_group_brings_no_device_into_sight() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let tag = house.tag("Secret").await;
        let secret = house.group("Secret", Vec::new()).await;
        engine
            .assign_scope_tag(&house.admin, &tag, vec![secret.id])
            .await
            .unwrap();
        let nora = house.hire("nora").await;
        let device = house.device("phone", Some(nora.id)).await;
        let person = vec![Member::User(nora.id)];
        engine
            .add_members(&house.admin, secret.id, person)
            .await
            .unwrap();
        // Without its tag the device would have the default one, which they see.
        let actions = [
            Action::DevicesRead,
            Action::DevicesWipe,
            Action::GroupsUpdate,
            Action::UsersUpdate,
        ];
        let role = house.role("Directory", &actions).await;
        let head = house.hire("head").await;
        house.give(role, &head, Where::everybody(&["0"])).await;
        let head = house.acting(&head).await;
        assert_eq!(engine.find_device(&head, device).await.unwrap(), None);
        let refused = engine.remove_member(&head, secret.id, nora.id.0).await;
        assert!(is_out_of_scope(&refused));
        assert!(is_out_of_scope(&engine.delete_user(&head, nora.id).await));
        assert_eq!(engine.find_device(&head, device).await.unwrap(), None);
        engine
            .remove_member(&house.admin, secret.id, nora.id.0)
            .await
            .unwrap();
        assert!(engine.find_device(&head, device).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn imported_certificates_are_seen_and_deleted_for_people_in_scope() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let (nora, sam, head) = (
            house.hire("nora").await,
            house.hire("sam").await,
            house.hire("head").await,
        );
        let authority = house.foreign_authority();
        for (number, user) in (1..).zip([&nora, &sam]) {
            let mailbox = user.mail.as_deref().unwrap();
            let key = house.mail_key(&authority, number, mailbox, (-1, 1));
            house
                .bring(
                    &user.user_principal_name,
                    ImportPurpose::SmimeEncryption,
                    &key,
                )
                .await;
        }
        let school = house.group("School", vec![Member::User(nora.id)]).await;
        let actions = [
            Action::ImportsRead,
            Action::ImportsDelete,
            Action::DevicesRead,
            Action::ProfilesViewReports,
        ];
        let role = house.role("Imports", &actions).await;
        house
            .give(role, &head, Where::at(&["0"], &[school.id]))
            .await;
        let head = house.acting(&head).await;
        let seen = engine.list_imported(&head, None, 1).await.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].user_id, nora.id);
        let after = mandate_engine::ImportId::of(&seen[0]);
        let more = engine.list_imported(&head, Some(&after), 1).await.unwrap();
        assert!(more.is_empty());
        assert_eq!(engine.count_imported(&head).await.unwrap(), 1);
        assert_eq!(engine.count_imported(&house.admin).await.unwrap(), 2);
        let all = engine.search_imported(&house.admin, None, None).await;
        let all = all.unwrap();
        let theirs = all.iter().find(|one| one.user_id == sam.id).unwrap();
        let id = mandate_engine::ImportId::of(theirs);
        assert_eq!(engine.find_imported(&head, &id).await.unwrap(), None);
        let by_name = engine
            .search_imported(&head, Some(&sam.user_principal_name), None)
            .await;
        assert!(by_name.unwrap().is_empty());
        assert!(super::is_not_there(
            &engine.delete_imported(&head, &id).await
        ));
        let expiring = engine
            .expiring_certificates(&head, 730, None, 10)
            .await
            .unwrap();
        let owners: Vec<_> = expiring
            .certificates
            .iter()
            .map(|held| held.user_id)
            .collect();
        assert_eq!(owners, [Some(nora.id)]);
        let of_sam = engine
            .user_certificates(&head, &sam.user_principal_name)
            .await;
        assert!(of_sam.unwrap().unwrap().value.is_empty());
        engine.delete_imported(&head, &after).await.unwrap();
    }
}
