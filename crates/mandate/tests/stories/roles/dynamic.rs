//! Rules of groups, where roles hang on who is in them.

use mandate_engine::{
    Action, EngineError, NewGroup, NewRoleAssignment, Newcomers, Page, ScopeType,
};
use mandate_model::{GroupRule, Member};
use serde_json::json;

use super::{Where, is_out_of_scope};
use crate::house::{House, places};

#[expect(clippy::unnecessary_wraps, reason = "groups may have none")]
fn rule(text: &str) -> Option<GroupRule> {
    Some(GroupRule {
        text: text.to_owned(),
        is_paused: false,
    })
}

#[tokio::test]
async fn a_rule_gives_nobody_what_its_author_could_not_give() {
    for place in places().await {
        let house = House::open(place).await;
        let engine = &house.engine;
        let nora = house.hire("nora").await;
        let class = house.group("Class", vec![Member::User(nora.id)]).await;
        let actions = [
            Action::UsersRead,
            Action::UsersUpdate,
            Action::GroupsRead,
            Action::GroupsUpdate,
        ];
        let role = house.role("Directory", &actions).await;
        let head = house.hire("head").await;
        house
            .give(role, &head, Where::at(&["0"], &[class.id]))
            .await;
        let head = house.acting(&head).await;
        // A rule reaches everybody; they do not.
        let everybody = rule("user.objectId -ne null");
        let refused = engine
            .update_group(&head, class.id, Newcomers::default(), |group| {
                group.rule = everybody;
            })
            .await;
        assert!(is_out_of_scope(&refused), "{refused:?}");
        // A group that gives a role lets nobody in by an attribute that they may write.
        let new = NewGroup {
            display_name: "Bosses".to_owned(),
            rule: rule(r#"user.jobTitle -eq "Boss""#),
            ..NewGroup::default()
        };
        let bosses = engine
            .create_group(&house.admin, new, Vec::new())
            .await
            .unwrap();
        let all = house.role("All devices", &[Action::DevicesWipe]).await;
        let new = NewRoleAssignment {
            role_id: all,
            display_name: "Bosses".to_owned(),
            members: vec![bosses.id],
            scope_type: ScopeType::AllDevicesAndLicensedUsers,
            tags: vec!["0".to_owned()],
            ..NewRoleAssignment::default()
        };
        engine
            .create_role_assignment(&house.admin, new)
            .await
            .unwrap();
        let refused = engine
            .update_user(&head, nora.id, |user| {
                user.other.insert("jobTitle".to_owned(), json!("Boss"));
            })
            .await;
        assert!(
            matches!(refused, Err(EngineError::NotAllowed { .. })),
            "{refused:?}"
        );
        let page = Page::first(9);
        let members = engine.list_members(&house.admin, bosses.id, false, page);
        assert_eq!(members.await.unwrap(), []);
    }
}
