//! Groups, and who is in them.

use std::collections::BTreeSet;

use mandate_engine::{
    Actor, EngineError, MembersMoved, Source, SourceOutcome, SourcedGroup, SourcedPerson,
};
use mandate_model::{GroupId, Member, UserId};

use crate::house::{House, houses};

fn corp() -> Source {
    Source::master("directory/corp")
}

async fn group(house: &House, id: &str, name: &str) -> GroupId {
    let group = SourcedGroup {
        external_id: id.to_owned(),
        display_name: name.to_owned(),
        ..SourcedGroup::default()
    };
    let outcomes = house
        .engine
        .take_groups(&Actor::system(), &corp(), &[group])
        .await
        .unwrap();
    GroupId(outcomes[0].object().unwrap())
}

async fn people(house: &House, number: usize) -> Vec<Member> {
    let people: Vec<_> = (0..number)
        .map(|number| SourcedPerson {
            external_id: format!("u{number}"),
            user_principal_name: format!("u{number}@contoso.com"),
            ..SourcedPerson::default()
        })
        .collect();
    let taken = house
        .engine
        .take_people(&Actor::system(), &corp(), &people)
        .await
        .unwrap();
    let ids = taken.iter().filter_map(SourceOutcome::object);
    ids.map(|id| Member::User(UserId(id))).collect()
}

async fn set(house: &House, group: GroupId, members: &[Member]) -> (u64, u64) {
    let members: BTreeSet<Member> = members.iter().copied().collect();
    let MembersMoved { added, removed } = house
        .engine
        .set_members(&Actor::system(), group, &members)
        .await
        .unwrap();
    (added, removed)
}

#[tokio::test]
async fn members_become_what_the_source_says_and_the_same_again_is_nothing() {
    for house in houses().await {
        let sales = group(&house, "g1", "Sales").await;
        let people = people(&house, 600).await;
        assert_eq!(set(&house, sales, &people).await, (600, 0));
        let before = house.traces().await;
        assert_eq!(set(&house, sales, &people).await, (0, 0));
        assert_eq!(group(&house, "g1", "Sales").await, sales);
        assert_eq!(house.traces().await, before);
        assert_eq!(set(&house, sales, &people[1..]).await, (0, 1));
        assert_eq!(set(&house, sales, &people[..10]).await, (1, 590));
    }
}

#[tokio::test]
async fn groups_in_a_ring_are_taken_and_a_group_is_not_in_itself() {
    for house in houses().await {
        let one = group(&house, "g1", "One").await;
        let two = group(&house, "g2", "Two").await;
        let ada = people(&house, 1).await[0];
        assert_eq!(
            set(&house, one, &[Member::Group(two), Member::Group(one)]).await,
            (1, 0)
        );
        assert_eq!(set(&house, two, &[Member::Group(one), ada]).await, (2, 0));
        let inside = house
            .engine
            .groups_of(&Actor::system(), ada, true)
            .await
            .unwrap();
        assert_eq!(inside.len(), 2);
    }
}

#[tokio::test]
async fn a_group_of_a_source_is_not_changed_here_until_it_is_gone() {
    for house in houses().await {
        let (engine, actor) = (&house.engine, Actor::system());
        let sales = group(&house, "g1", "Sales").await;
        let ada = people(&house, 1).await[0];
        let invalid = |result: Result<(), EngineError>| match result {
            Err(EngineError::Invalid(violations)) => violations[0].property.clone(),
            other => panic!("{other:?}"),
        };
        let added = engine.add_members(&actor, sales, vec![ada]).await;
        assert_eq!(invalid(added), "members");
        let renamed = engine.update_group(
            &actor,
            sales,
            mandate_engine::Newcomers::default(),
            |group| {
                group.display_name = "Other".to_owned();
            },
        );
        assert_eq!(invalid(renamed.await.map(drop)), "displayName");
        let deleted = engine.delete_group(&actor, sales).await;
        assert!(matches!(deleted, Err(EngineError::NotPossible { .. })));
        set(&house, sales, &[ada]).await;
        let left = engine
            .leave_source(&actor, &corp(), &["g1".to_owned()])
            .await
            .unwrap();
        assert_eq!(left, [SourceOutcome::Disabled(sales.0)]);
        // Who is in it stays, as profiles may hang on it.
        let members = engine
            .list_members(&actor, sales, false, mandate_engine::Page::first(5))
            .await
            .unwrap();
        assert_eq!(members, [ada]);
        engine.delete_group(&actor, sales).await.unwrap();
    }
}
