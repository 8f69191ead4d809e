//! People and groups: found, paged, and who is in what.

use std::collections::BTreeSet;

use mandate_model::{Group, GroupId, Member, Timestamp, User, UserId};
use mandate_store::{
    AfterName, ErrandRecord, GroupFilter, IdentityLinkRecord, IdentityProviderRecord, Scope,
    StoreError, UserFilter,
};
use uuid::Uuid;

use crate::place::places;
use crate::samples::{group, user};

#[tokio::test]
async fn a_user_reads_back_as_written_and_is_found_without_regard_to_case() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let zoe = user(1, "ZOË.Ångström");
        session.insert_user(&zoe).await.unwrap();
        assert_eq!(session.find_user(zoe.id).await.unwrap(), Some(zoe.clone()));
        assert_eq!(
            session.find_user_by_name("zoë.ångSTRÖM").await.unwrap(),
            Some(zoe.clone())
        );
        let prefix = UserFilter {
            name_prefix: Some("zOË".to_owned()),
            ..UserFilter::default()
        };
        assert_eq!(
            session.list_users(&prefix, None, 10).await.unwrap(),
            std::slice::from_ref(&zoe)
        );
        let duplicate = session.insert_user(&user(2, "zoë.ångström")).await;
        assert!(
            matches!(duplicate, Err(StoreError::Duplicate)),
            "{duplicate:?}"
        );
    }
}

#[tokio::test]
async fn people_and_groups_are_found_by_a_part_of_a_name_and_paged_in_its_order() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for (number, name) in [(3, "Émile"), (1, "zoë"), (2, "Ada_1"), (4, "ada")] {
            session.insert_user(&user(number, name)).await.unwrap();
            let named = Group {
                display_name: name.to_owned(),
                ..group(number)
            };
            session.insert_group(&named).await.unwrap();
        }
        let mut after = None;
        let mut names = Vec::new();
        loop {
            let page = session.search_users(None, after.as_ref(), 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(AfterName {
                name: last.display_name.clone(),
                id: last.id,
            });
            names.extend(page.into_iter().map(|user| user.display_name));
        }
        assert_eq!(names.len(), 4);
        assert_eq!(&names[..2], ["ada", "Ada_1"]);
        for (text, found) in [
            ("DA_", 1),
            ("éMI", 1),
            ("da", 2),
            ("%", 0),
            ("@example.com", 4),
        ] {
            let people = session.search_users(Some(text), None, 9).await.unwrap();
            assert_eq!(people.len(), found, "{text}");
        }
        let groups = session.search_groups(Some("A_1"), None, 9).await.unwrap();
        assert_eq!(groups.len(), 1);
        let last = AfterName {
            name: "Ada_1".to_owned(),
            id: GroupId(Uuid::from_u128(2)),
        };
        let rest = session.search_groups(None, Some(&last), 9).await.unwrap();
        assert_eq!(rest.len(), 2);
    }
}

#[tokio::test]
async fn lists_are_paged_by_key_without_gaps() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=7 {
            session.insert_group(&group(number)).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = session
                .list_groups(&GroupFilter::default(), after, 3)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|group| group.id.0.as_u128()));
        }
        assert_eq!(seen, (1..=7).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn membership_goes_through_nested_groups_even_in_a_ring() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        for number in 1..=3 {
            session.insert_group(&group(number)).await.unwrap();
        }
        let ada = user(9, "ada");
        session.insert_user(&ada).await.unwrap();
        let id = |number| GroupId(Uuid::from_u128(number));
        session
            .insert_member(id(1), Member::Group(id(2)))
            .await
            .unwrap();
        session
            .insert_member(id(2), Member::Group(id(3)))
            .await
            .unwrap();
        session
            .insert_member(id(3), Member::Group(id(1)))
            .await
            .unwrap();
        assert!(
            session
                .insert_member(id(3), Member::User(ada.id))
                .await
                .unwrap()
        );
        assert!(
            !session
                .insert_member(id(3), Member::User(ada.id))
                .await
                .unwrap()
        );
        let all: BTreeSet<GroupId> = (1..=3).map(id).collect();
        assert_eq!(session.groups_of(ada.id.0, true).await.unwrap(), all);
        assert_eq!(
            session.groups_of(ada.id.0, false).await.unwrap(),
            BTreeSet::from([id(3)])
        );
        let members = session
            .list_members(id(1), true, &Scope::all(), None, 100)
            .await
            .unwrap();
        assert!(members.contains(&Member::User(ada.id)));
    }
}

#[tokio::test]
async fn owners_are_not_members_and_go_with_their_group_or_themselves() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let (ada, ben) = (user(1, "ada"), user(2, "ben"));
        let (sales, staff) = (group(10), group(11));
        for user in [&ada, &ben] {
            session.insert_user(user).await.unwrap();
        }
        for group in [&sales, &staff] {
            session.insert_group(group).await.unwrap();
            assert!(session.insert_owner(group.id, ben.id).await.unwrap());
        }
        assert!(session.insert_owner(sales.id, ada.id).await.unwrap());
        assert!(!session.insert_owner(sales.id, ada.id).await.unwrap());
        let owners = session.list_owners(sales.id, None, 10).await.unwrap();
        assert_eq!(owners, [ada.id, ben.id]);
        let rest = session.list_owners(sales.id, Some(ada.id), 10).await;
        assert_eq!(rest.unwrap(), [ben.id]);
        assert!(session.memberships().await.unwrap().is_empty());

        session.delete_ownerships(ada.id).await.unwrap();
        assert!(!session.delete_owner(sales.id, ada.id).await.unwrap());
        assert!(session.delete_group(sales.id).await.unwrap());
        let owners = session.list_owners(sales.id, None, 10).await.unwrap();
        assert!(owners.is_empty());
        let owners = session.list_owners(staff.id, None, 10).await.unwrap();
        assert_eq!(owners, [ben.id]);
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn rules_of_groups_read_back_and_a_run_goes_on_where_it_was() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let before = session.hold_rules().await.unwrap();
        let rule = mandate_model::GroupRule {
            text: "user.city -eq \"Lund\"".to_owned(),
            is_paused: true,
        };
        let dynamic = Group {
            rule: Some(rule.clone()),
            ..group(1)
        };
        session.insert_group(&dynamic).await.unwrap();
        session.insert_group(&group(2)).await.unwrap();
        session.raise_rules().await.unwrap();
        assert_eq!(session.rules_number().await.unwrap(), before + 1);
        let id = dynamic.id;
        assert_eq!(session.find_group(id).await.unwrap(), Some(dynamic));
        let rules = session.list_rules().await.unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!((&rules[0].text, rules[0].is_paused), (&rule.text, true));
        assert_eq!(session.count_rules().await.unwrap(), 1);

        session.start_rule_run(id, Timestamp(5)).await.unwrap();
        let after = Uuid::from_u128(3);
        session.advance_rule_run(id, after).await.unwrap();
        let run = session.oldest_rule_run().await.unwrap().unwrap();
        assert_eq!((run.group, run.after), (id, Some(after)));
        // Another change begins anew.
        session.start_rule_run(id, Timestamp(6)).await.unwrap();
        let run = session.oldest_rule_run().await.unwrap().unwrap();
        assert_eq!((run.after, run.started_at), (None, Timestamp(6)));
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(state.running_since, Some(Timestamp(6)));
        session.set_rule_problem(id, "stopped").await.unwrap();
        session.delete_rule_run(id).await.unwrap();
        assert_eq!(session.oldest_rule_run().await.unwrap(), None);
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(state.problem.as_deref(), Some("stopped"));
        session
            .set_rule_evaluated(id, Some(Timestamp(7)))
            .await
            .unwrap();
        let state = session.rule_state(id).await.unwrap();
        assert_eq!(
            (state.evaluated_at, state.problem),
            (Some(Timestamp(7)), None)
        );

        let people: Vec<Member> = (10..14)
            .map(|number| Member::User(UserId(Uuid::from_u128(number))))
            .collect();
        let stranger = Member::Group(GroupId(Uuid::from_u128(2)));
        for member in people.iter().chain([&stranger]) {
            session.insert_member(id, *member).await.unwrap();
        }
        let (first, last) = (people[0].id(), people[2].id());
        let between = session.members_between(id, Some(first), last);
        assert_eq!(between.await.unwrap(), people[1..3]);
        let others = session.members_of_other_kind(id, mandate_model::MemberKind::User, 9);
        assert_eq!(others.await.unwrap(), [stranger]);
        session.start_rule_run(id, Timestamp(8)).await.unwrap();
        assert!(session.delete_group(id).await.unwrap());
        assert_eq!(session.oldest_rule_run().await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_account_elsewhere_is_one_person_and_an_errand_is_taken_once() {
    for place in places().await {
        let (ada, bob) = (user(1, "ada"), user(2, "bob"));
        let now = Timestamp(1_000_000);
        let provider = IdentityProviderRecord {
            name: "company".to_owned(),
            kind: "oidc".to_owned(),
            settings: "{}".to_owned(),
            created_at: now,
        };
        let link = |subject: &str, user: &User| IdentityLinkRecord {
            provider: "company".to_owned(),
            subject: subject.to_owned(),
            user: user.id,
            created_at: now,
        };
        let errand = ErrandRecord {
            hash: vec![1; 32],
            provider: "company".to_owned(),
            flow_hash: vec![2; 32],
            redirect_uri: "https://x/y".to_owned(),
            fresh: true,
            created_at: now,
        };
        let mut session = place.store.write().await.unwrap();
        session.insert_user(&ada).await.unwrap();
        session.insert_user(&bob).await.unwrap();
        session.insert_identity_provider(&provider).await.unwrap();
        session
            .insert_identity_link(&link("u1", &ada))
            .await
            .unwrap();
        session.insert_errand(&errand).await.unwrap();
        session.commit().await.unwrap();
        // Neither the account nor the person has another one there.
        for taken in [link("u1", &bob), link("u2", &ada)] {
            let mut session = place.store.write().await.unwrap();
            let outcome = session.insert_identity_link(&taken).await;
            assert!(matches!(outcome, Err(StoreError::Duplicate)));
        }
        let mut session = place.store.write().await.unwrap();
        let outcome = session.insert_identity_provider(&provider).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)));
        drop(session);
        let mut session = place.store.write().await.unwrap();
        session
            .insert_identity_link(&link("u2", &bob))
            .await
            .unwrap();
        let found = session.find_identity_link("company", "u2").await.unwrap();
        assert_eq!(found, Some(link("u2", &bob)));
        let found = session.find_identity_link_of("company", ada.id).await;
        assert_eq!(found.unwrap(), Some(link("u1", &ada)));
        let page = session.list_identity_links("company", "u1", 10).await;
        assert_eq!(page.unwrap(), [link("u2", &bob)]);
        assert!(
            session
                .delete_identity_link("company", bob.id)
                .await
                .unwrap()
        );
        session.delete_identity_links_of_user(ada.id).await.unwrap();
        let page = session.list_identity_links("company", "", 10).await;
        assert!(page.unwrap().is_empty());
        let taken = session.take_errand(&errand.hash).await.unwrap();
        assert_eq!(taken, Some(errand.clone()));
        assert_eq!(session.take_errand(&errand.hash).await.unwrap(), None);
        session.insert_errand(&errand).await.unwrap();
        assert_eq!(session.delete_errands_before(now).await.unwrap(), 0);
        let later = now.plus(1);
        assert_eq!(session.delete_errands_before(later).await.unwrap(), 1);
        assert!(
            session
                .update_identity_provider("company", "{\"a\":1}")
                .await
                .unwrap()
        );
        let listed = session.list_identity_providers().await.unwrap();
        assert_eq!(listed[0].settings, "{\"a\":1}");
        session.insert_errand(&errand).await.unwrap();
        session
            .insert_identity_link(&link("u3", &ada))
            .await
            .unwrap();
        assert!(session.delete_identity_provider("company").await.unwrap());
        assert!(!session.delete_identity_provider("company").await.unwrap());
        let found = session.find_identity_link("company", "u3").await.unwrap();
        assert_eq!(found, None);
        assert_eq!(session.take_errand(&errand.hash).await.unwrap(), None);
    }
}
