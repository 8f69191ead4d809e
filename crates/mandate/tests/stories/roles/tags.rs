//! Scope tags themselves.

use mandate_engine::{EngineError, Page};
use mandate_model::Member;

use super::{HELP_DESK, Where, is_invalid, is_not_there, is_out_of_scope, new_profile};
use crate::house::{House, places};

#[tokio::test]
async fn tags_are_small_numbers_and_the_default_one_stays_as_it_is() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        assert_eq!(house.tag("North").await, "1");
        assert_eq!(house.tag("South").await, "2");
        let first = Page {
            after: None,
            limit: 2,
        };
        let page = engine.list_scope_tags(admin, first).await.unwrap();
        assert_eq!(page.len(), 2);
        assert!(page[0].built_in && page[0].id == "0" && page[1].id == "1");
        let next = Page {
            after: Some("1".to_owned()),
            limit: 2,
        };
        let page = engine.list_scope_tags(admin, next).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(page[0].display_name, "South");

        let renamed = engine
            .update_scope_tag(admin, "1", Some("Far North".to_owned()), None)
            .await
            .unwrap();
        assert_eq!(renamed.display_name, "Far North");
        let again = engine.create_scope_tag(admin, "far north", None).await;
        assert!(matches!(again, Err(EngineError::AlreadyExists { .. })));
        let blank = engine.create_scope_tag(admin, " ", None).await;
        assert!(is_invalid(&blank, "displayName"));
        for unknown in ["3", "01", "-1", "x", ""] {
            let found = engine.find_scope_tag(admin, unknown).await.unwrap();
            assert_eq!(found, None, "{unknown}");
            let deleted = engine.delete_scope_tag(admin, unknown).await;
            assert!(is_not_there(&deleted), "{unknown}");
        }
        let refused = engine.delete_scope_tag(admin, "0").await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        let refused = engine.assign_scope_tag(admin, "0", Vec::new()).await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
    }
}

#[tokio::test]
async fn a_tag_in_use_is_not_deleted_and_says_what_uses_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let tag = house.tag("North").await;
        let tags = [tag.as_str()];
        let profile = house.tagged_profile("Mail", &tags).await;
        let device = house.device("phone", None).await;
        house.tag_device(device, &tags).await;
        let desk = house.hire("desk").await;
        let given = house.give(HELP_DESK, &desk, Where::at(&tags, &[])).await;
        let Err(EngineError::InUse { name, by, .. }) = engine.delete_scope_tag(admin, &tag).await
        else {
            panic!("the tag is used")
        };
        assert_eq!(name, "North");
        let assignment = format!("role assignment `{}`", given.display_name);
        assert_eq!(by, ["profile `Mail`", assignment.as_str(), "1 device"]);
        engine.delete_profile(admin, profile.id).await.unwrap();
        engine
            .delete_role_assignment(admin, given.id)
            .await
            .unwrap();
        house.tag_device(device, &["0"]).await;
        engine.delete_scope_tag(admin, &tag).await.unwrap();
        let new = new_profile("Late", Some(&tags));
        let refused = engine.create_profile(admin, new).await;
        assert!(is_invalid(&refused, "roleScopeTagIds"));
    }
}

#[tokio::test]
async fn tags_are_made_by_those_without_a_scope_and_seen_by_those_who_have_them() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let (north, south) = (house.tag("North").await, house.tag("South").await);
        let group = house.group("North", Vec::new()).await;
        engine
            .assign_scope_tag(admin, &north, vec![group.id])
            .await
            .unwrap();
        let refused = engine.delete_group(admin, group.id).await;
        assert!(matches!(refused, Err(EngineError::InUse { .. })));
        let role = house
            .role(
                "Roles",
                &[
                    mandate_engine::Action::RolesRead,
                    mandate_engine::Action::RolesCreate,
                    mandate_engine::Action::RolesUpdate,
                    mandate_engine::Action::RolesDelete,
                ],
            )
            .await;
        let head = house.hire("head").await;
        let tags = [north.as_str()];
        house.give(role, &head, Where::everybody(&tags)).await;
        let head = house.acting(&head).await;
        let all = Page {
            after: None,
            limit: 10,
        };
        let seen = engine.list_scope_tags(&head, all).await.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].id, north);
        let groups = engine.scope_tag_groups(&head, &north).await.unwrap();
        assert_eq!(groups, [group.id]);
        assert!(is_not_there(&engine.scope_tag_groups(&head, &south).await));
        let refused = engine.create_scope_tag(&head, "Mine", None).await;
        assert!(is_out_of_scope(&refused));
        let refused = engine
            .update_scope_tag(&head, &north, Some("Mine".to_owned()), None)
            .await;
        assert!(is_out_of_scope(&refused));
        assert!(is_out_of_scope(
            &engine.delete_scope_tag(&head, &north).await
        ));
        let device = house.device("phone", None).await;
        engine
            .add_members(admin, group.id, vec![Member::Device(device)])
            .await
            .unwrap();
        let refused = engine.assign_scope_tag(&head, &north, Vec::new()).await;
        assert!(is_out_of_scope(&refused));
    }
}

#[tokio::test]
async fn more_than_a_hundred_tags_are_refused() {
    for place in places().await {
        let house = House::open(place).await;
        let mut tags = Vec::new();
        for number in 0..101 {
            tags.push(house.tag(&format!("Tag {number}")).await);
        }
        let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let too_many = new_profile("Many", Some(&tags));
        let refused = house.engine.create_profile(&house.admin, too_many).await;
        assert!(is_invalid(&refused, "roleScopeTagIds"));
        tags.pop();
        let made = house.tagged_profile("Many", &tags).await;
        assert_eq!(made.scope_tags.len(), 100);
    }
}
