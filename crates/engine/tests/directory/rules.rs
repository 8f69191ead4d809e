//! Groups whose rule says who is in them.

use mandate_engine::{
    Actor, EngineError, NewGroup, NewUser, Newcomers, Page, RuleSource, Source, SourcedPerson,
};
use mandate_model::{Group, GroupId, GroupRule, Member, UserId};
use serde_json::{Map, json};

use crate::house::{House, houses};

const SALES: &str = r#"user.department -eq "Sales""#;

#[expect(clippy::unnecessary_wraps, reason = "groups may have none")]
fn rule(text: &str) -> Option<GroupRule> {
    Some(GroupRule {
        text: text.to_owned(),
        is_paused: false,
    })
}

fn in_department(name: &str) -> Map<String, serde_json::Value> {
    Map::from_iter([("department".to_owned(), json!(name))])
}

impl House {
    async fn hire(&self, name: &str, department: &str) -> UserId {
        let new = NewUser {
            user_principal_name: format!("{name}@contoso.com"),
            display_name: name.to_owned(),
            other: in_department(department),
            ..NewUser::default()
        };
        let made = self.engine.create_user(&Actor::system(), new).await;
        made.unwrap().id
    }

    async fn dynamic(&self, text: &str) -> Group {
        let new = NewGroup {
            display_name: "Dynamic".to_owned(),
            rule: rule(text),
            ..NewGroup::default()
        };
        let made = self
            .engine
            .create_group(&Actor::system(), new, Vec::new())
            .await;
        self.background().await;
        made.unwrap()
    }

    async fn give_rule(&self, id: GroupId, rule: Option<GroupRule>) -> Result<Group, EngineError> {
        let change = |group: &mut Group| group.rule = rule;
        self.engine
            .update_group(&Actor::system(), id, Newcomers::default(), change)
            .await
    }

    async fn moves_to(&self, user: UserId, department: &str) {
        let other = in_department(department);
        self.engine
            .update_user(&Actor::system(), user, |user| user.other = other)
            .await
            .unwrap();
    }

    async fn members_of(&self, id: GroupId) -> Vec<Member> {
        self.engine
            .list_members(&Actor::system(), id, false, Page::first(10_000))
            .await
            .unwrap()
    }

    async fn background(&self) {
        for _ in 0..1000 {
            if !self.engine.round().await.unwrap() {
                return;
            }
        }
        panic!("the background does not come to rest");
    }
}

#[tokio::test]
async fn people_are_moved_with_the_change_that_moves_them() {
    for house in houses().await {
        let old = house.hire("old", "Sales").await;
        let sales = house.dynamic(SALES).await.id;
        assert_eq!(house.members_of(sales).await, [Member::User(old)]);
        let ada = house.hire("ada", "Research").await;
        house.moves_to(ada, "sales").await;
        assert_eq!(house.members_of(sales).await.len(), 2);
        house.moves_to(old, "Research").await;
        assert_eq!(house.members_of(sales).await, [Member::User(ada)]);
        // What a directory says moves people as well.
        let person = SourcedPerson {
            external_id: "u1".to_owned(),
            user_principal_name: "u1@contoso.com".to_owned(),
            display_name: Some("U1".to_owned()),
            other: in_department("Sales"),
            ..SourcedPerson::default()
        };
        let source = Source::master("directory/corp");
        let taken = house
            .engine
            .take_people(&Actor::system(), &source, &[person])
            .await
            .unwrap();
        assert!(taken[0].object().is_some(), "{taken:?}");
        assert_eq!(house.members_of(sales).await.len(), 2);
        house
            .engine
            .delete_user(&Actor::system(), ada)
            .await
            .unwrap();
        assert_eq!(house.members_of(sales).await.len(), 1);
    }
}

#[tokio::test]
async fn a_rule_is_asked_about_everybody_a_page_at_a_time_and_nobody_leaves_before() {
    for house in houses().await {
        for number in 0..620 {
            let department = ["Sales", "Research"][number % 2];
            house.hire(&format!("p{number}"), department).await;
        }
        let stranger = house.hire("stranger", "Research").await;
        let new = NewGroup {
            display_name: "Team".to_owned(),
            ..NewGroup::default()
        };
        let members = vec![Member::User(stranger)];
        let team = house
            .engine
            .create_group(&Actor::system(), new, members)
            .await;
        let team = team.unwrap().id;
        house.give_rule(team, rule(SALES)).await.unwrap();
        assert_eq!(house.members_of(team).await, [Member::User(stranger)]);
        assert!(house.engine.round().await.unwrap());
        let halfway = house.members_of(team).await.len();
        assert!((200..300).contains(&halfway), "{halfway}");
        let state = |house: &House| {
            let engine = house.engine.clone();
            async move {
                engine
                    .membership_rule_state(&Actor::system(), team)
                    .await
                    .unwrap()
            }
        };
        assert!(state(&house).await.running_since.is_some());
        house.background().await;
        assert_eq!(house.members_of(team).await.len(), 310);
        let after = state(&house).await;
        assert!(after.running_since.is_none() && after.evaluated_at.is_some());
        // The same in other words is asked of nobody; by name they stay.
        house
            .give_rule(team, rule(r#"(USER.department eq "SALES")"#))
            .await
            .unwrap();
        assert!(state(&house).await.running_since.is_none());
        house.give_rule(team, None).await.unwrap();
        house.background().await;
        assert_eq!(house.members_of(team).await.len(), 310);
    }
}

#[tokio::test]
async fn a_paused_rule_moves_nobody_and_members_are_not_named() {
    for house in houses().await {
        let (engine, system) = (&house.engine, Actor::system());
        let ada = house.hire("ada", "Sales").await;
        let sales = house.dynamic(SALES).await;
        let paused = sales.rule.clone().map(|rule| GroupRule {
            is_paused: true,
            ..rule
        });
        house.give_rule(sales.id, paused).await.unwrap();
        let ben = house.hire("ben", "Sales").await;
        house.moves_to(ada, "Research").await;
        house.background().await;
        assert_eq!(house.members_of(sales.id).await, [Member::User(ada)]);
        house.give_rule(sales.id, sales.rule.clone()).await.unwrap();
        house.background().await;
        assert_eq!(house.members_of(sales.id).await, [Member::User(ben)]);

        let added = engine
            .add_members(&system, sales.id, vec![Member::User(ada)])
            .await;
        assert!(matches!(added, Err(EngineError::NotPossible { .. })));
        let removed = engine.remove_member(&system, sales.id, ben.0).await;
        assert!(matches!(removed, Err(EngineError::NotPossible { .. })));
        let set = engine
            .set_members(&system, sales.id, &std::collections::BTreeSet::new())
            .await;
        assert!(matches!(set, Err(EngineError::NotPossible { .. })));
        let wrong = house.give_rule(sales.id, rule("user.department -eq")).await;
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("line 1, column 20"), "{message}");
        let new = NewGroup {
            display_name: "Outer".to_owned(),
            ..NewGroup::default()
        };
        let inner = vec![Member::Group(sales.id)];
        let outer = engine.create_group(&system, new, inner).await.unwrap();
        let refused = house.give_rule(outer.id, rule(SALES)).await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        // Who is in the inner one by its rule is in the outer one.
        let around = engine.groups_of(&system, Member::User(ben), true).await;
        assert_eq!(around.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_preview_says_who_would_come_and_go_and_changes_nothing() {
    for house in houses().await {
        let (engine, system) = (&house.engine, Actor::system());
        house.hire("ada", "Sales").await;
        let ben = house.hire("ben", "Research").await;
        let new = NewGroup {
            display_name: "Team".to_owned(),
            ..NewGroup::default()
        };
        let team = engine
            .create_group(&system, new, vec![Member::User(ben)])
            .await
            .unwrap()
            .id;
        let preview = engine
            .preview_membership_rule(&system, Some(team), SALES)
            .await
            .unwrap();
        assert_eq!(preview.joining.names, ["ada"]);
        assert_eq!(preview.leaving.names, ["ben"]);
        // The first administrator is a person too.
        assert_eq!((preview.members.count, preview.looked_at), (1, 3));
        assert_eq!(house.members_of(team).await, [Member::User(ben)]);
        let source = RuleSource::Text(SALES.to_owned());
        let said = engine.evaluate_membership(&system, source, ben.0).await;
        let said = said.unwrap().explanation;
        assert!(!said.holds);
        let property = ("user.department".to_owned(), Some("Research".to_owned()));
        assert_eq!(said.property, Some(property));
    }
}

#[tokio::test]
async fn the_last_administrator_stays_whatever_a_rule_says() {
    for house in houses().await {
        let (engine, system) = (&house.engine, Actor::system());
        let admin = house.person("admin@contoso.com").await.unwrap().id;
        let admins = house.dynamic(r#"user.userPrincipalName -startsWith "admin""#);
        let admins = admins.await.id;
        assert_eq!(house.members_of(admins).await, [Member::User(admin)]);
        let role = mandate_engine::DirectoryRole::GlobalAdministrator;
        engine
            .add_directory_role_member(&system, role, Member::Group(admins))
            .await
            .unwrap();
        engine
            .remove_directory_role_member(&system, role, admin.0)
            .await
            .unwrap();
        house
            .give_rule(admins, rule(r#"user.department -eq "Nobody""#))
            .await
            .unwrap();
        house.background().await;
        assert_eq!(house.members_of(admins).await, [Member::User(admin)]);
        let state = engine.membership_rule_state(&system, admins).await.unwrap();
        let problem = state.problem.unwrap();
        assert!(problem.contains("last Global Administrator"), "{problem}");
    }
}
