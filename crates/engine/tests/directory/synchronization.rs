//! Runs over a directory: what happens there, and what becomes of it here.

use std::sync::Arc;

use mandate_engine::{Actor, EngineError, SyncEnd, SyncReport};
use mandate_model::{Timestamp, User};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::house::{House, houses_with};
use crate::peer::{Held, Peer};

#[expect(clippy::needless_pass_by_value, reason = "it is written on the spot")]
fn body(more: Value) -> Map<String, Value> {
    let mut body = json!({
        "name": "corp", "kind": "activeDirectory", "url": "ldaps://dc1", "account": "sync@corp",
        "password": "right", "base": "DC=corp,DC=contoso,DC=com",
    });
    let map = body.as_object_mut().unwrap();
    map.extend(more.as_object().cloned().unwrap());
    map.clone()
}

/// A house for each database, each with a directory to read; [`restock`] fills it anew.
async fn stories(more: Value) -> Vec<(House, Peer)> {
    let peer = Peer::default();
    let mut stories = Vec::new();
    for house in houses_with(Arc::new(peer.clone())).await {
        let engine = &house.engine;
        engine
            .create_synced_directory(&Actor::system(), body(more.clone()))
            .await
            .unwrap();
        stories.push((house, peer.clone()));
    }
    stories
}

async fn run(house: &House) -> SyncReport {
    house.clock.forward(Timestamp::MINUTE);
    let report = house.engine.synchronize_directory("corp").await.unwrap();
    let report = report.expect("nobody else is at it");
    assert_eq!(report.failure, None);
    report
}

async fn named(house: &House, name: &str) -> User {
    house.person(&format!("{name}@contoso.com")).await.unwrap()
}

async fn groups_of(house: &House, user: &User) -> Vec<String> {
    let member = mandate_model::Member::User(user.id);
    let groups = house
        .engine
        .groups_of(&Actor::system(), member, true)
        .await
        .unwrap();
    let mut names: Vec<String> = groups.into_iter().map(|group| group.display_name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn people_and_groups_come_with_what_profiles_need() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        peer.set(
            1,
            "proxyAddresses",
            &["smtp:a@contoso.com", "SMTP:Ada.L@contoso.com"],
        );
        peer.set(3, "mail", &[]);
        let report = run(&house).await;
        assert!(report.is_full);
        assert_eq!((report.people.created, report.groups.created), (3, 1));
        assert_eq!(report.members_added, 2);
        let ada = named(&house, "ada").await;
        assert_eq!(ada.mail.as_deref(), Some("Ada.L@contoso.com"));
        assert_eq!(ada.on_premises_sam_account_name.as_deref(), Some("ada"));
        assert_eq!(
            ada.on_premises_domain_name.as_deref(),
            Some("corp.contoso.com")
        );
        assert_eq!(ada.on_premises_net_bios_name.as_deref(), Some("CORP"));
        let dn = "CN=ada,OU=Staff,DC=corp,DC=contoso,DC=com";
        assert_eq!(ada.on_premises_distinguished_name.as_deref(), Some(dn));
        assert_eq!(
            ada.other["onPremisesImmutableId"],
            "AAAAAAAAAAAAAAAAAAAAAQ=="
        );
        assert_eq!(groups_of(&house, &ada).await, ["Sales"]);
        let ready = house
            .engine
            .directory_readiness(&Actor::system(), "corp")
            .await
            .unwrap();
        assert_eq!((ready.people, ready.suffixes[0].people), (3, 3));
        assert!(ready.suffixes[0].is_verified);
        let lacking: Vec<_> = ready
            .lacking
            .iter()
            .map(|one| (one.property.as_str(), one.people))
            .collect();
        assert_eq!(lacking, [("givenName", 3), ("mail", 1), ("surname", 3)]);
    }
}

#[tokio::test]
async fn the_same_again_writes_nothing_and_reads_only_what_changed() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        run(&house).await;
        let before = house.traces().await;
        peer.held().given = 0;
        let report = run(&house).await;
        assert!(!report.is_full && peer.held().given < 6);
        assert_eq!((report.people.read, report.groups.read), (0, 0));
        assert_eq!(house.traces().await, before);
        // Everything once more, with the same outcome.
        house.clock.forward(Timestamp::DAY);
        let report = run(&house).await;
        assert!(report.is_full);
        assert_eq!((report.people.unchanged, report.groups.unchanged), (3, 1));
        assert_eq!(house.traces().await, before);
        // Another domain controller counts for itself.
        peer.held().invocation = 7;
        assert!(run(&house).await.is_full);
        assert!(!run(&house).await.is_full);
    }
}

#[tokio::test]
async fn whatever_happens_to_somebody_it_is_the_same_person() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        run(&house).await;
        let ada = named(&house, "ada").await.id;
        let is = async |check: &dyn Fn(&User) -> bool| {
            let report = run(&house).await;
            assert!(!report.is_full);
            let user = house.user(ada.0).await;
            assert!(check(&user), "{user:?}");
            report
        };
        // A marriage, another department, another domain, a leave, and the way back.
        peer.rename(1, "CN=Ada Byron,OU=Staff");
        peer.set(1, "userPrincipalName", &["ada.byron@contoso.com"]);
        let report = is(&|user| user.user_principal_name == "ada.byron@contoso.com").await;
        assert_eq!(report.people.changed, 1);
        peer.rename(1, "CN=Ada Byron,OU=Research");
        is(&|user| {
            let dn = user.on_premises_distinguished_name.as_deref();
            dn.is_some_and(|dn| dn.contains("OU=Research"))
        })
        .await;
        let user = house.user(ada.0).await;
        assert_eq!(groups_of(&house, &user).await, ["Sales"]);
        peer.set(1, "userPrincipalName", &["ada@fabrikam.com"]);
        is(&|user| user.user_principal_name == "ada@fabrikam.com").await;
        let ready = house
            .engine
            .directory_readiness(&Actor::system(), "corp")
            .await
            .unwrap();
        let foreign = ready
            .suffixes
            .iter()
            .find(|suffix| !suffix.is_verified)
            .unwrap();
        assert_eq!(
            (foreign.domain.as_str(), foreign.people),
            ("fabrikam.com", 1)
        );
        peer.set(1, "userAccountControl", &["514"]);
        let report = is(&|user| !user.account_enabled).await;
        assert_eq!(report.people.disabled, 1);
        peer.set(1, "userAccountControl", &["512"]);
        let report = is(&|user| user.account_enabled).await;
        assert_eq!(report.people.restored, 1);
        peer.delete(1);
        let report = is(&|user| !user.account_enabled).await;
        assert_eq!(report.people.gone, 1);
        peer.reanimate(1);
        let report = is(&|user| user.account_enabled).await;
        assert_eq!(report.people.restored, 1);
        // Gone for good; then somebody else gets the name.
        peer.delete(1);
        run(&house).await;
        peer.person(9, "ada");
        peer.set(9, "userPrincipalName", &["ada@fabrikam.com"]);
        let report = run(&house).await;
        assert_eq!((report.people.created, report.people.refused), (1, 0));
        let other = house.person("ada@fabrikam.com").await.unwrap();
        assert_ne!(other.id, ada);
        house.clock.forward(31 * Timestamp::DAY);
        let report = run(&house).await;
        assert_eq!(report.deleted, 1);
        let gone = house
            .engine
            .find_user(&Actor::system(), &ada.to_string())
            .await
            .unwrap();
        assert!(gone.is_none());
    }
}

#[tokio::test]
async fn who_is_missing_is_found_without_tombstones_too() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        peer.held().shows_deleted = false;
        run(&house).await;
        peer.delete(2);
        let report = run(&house).await;
        assert!(!report.is_full);
        assert_eq!(report.people.gone, 1);
        assert!(report.notes[0].contains("deleted objects"));
        assert!(!named(&house, "bob").await.account_enabled);
    }
}

#[tokio::test]
async fn many_deletions_at_once_wait_for_somebody_to_confirm_them_once() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        for id in 10..50 {
            peer.person(id, &format!("u{id}"));
        }
        run(&house).await;
        for id in 10..30 {
            peer.delete(id);
        }
        for _ in 0..2 {
            let report = run(&house).await;
            assert_eq!((report.end, report.held), (SyncEnd::Held, 20));
            assert_eq!(report.held_examples.len(), 20);
            assert!(named(&house, "u10").await.account_enabled);
        }
        let (engine, actor) = (&house.engine, Actor::system());
        assert_eq!(engine.confirm_deletions(&actor, "corp").await.unwrap(), 20);
        // More than was confirmed is not what was confirmed.
        peer.delete(30);
        let report = run(&house).await;
        assert_eq!((report.end, report.held), (SyncEnd::Held, 21));
        engine.confirm_deletions(&actor, "corp").await.unwrap();
        let report = run(&house).await;
        assert_eq!((report.end, report.people.gone), (SyncEnd::Succeeded, 21));
        assert!(!named(&house, "u10").await.account_enabled);
        let none = engine.confirm_deletions(&actor, "corp").await;
        assert!(matches!(none, Err(EngineError::NotPossible { .. })));
    }
}

#[tokio::test]
async fn many_disabled_accounts_and_emptied_groups_wait_to_be_confirmed_too() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        let many: Vec<u128> = (10..50).collect();
        for id in &many {
            peer.person(*id, &format!("u{id}"));
        }
        peer.group(101, "All", &many);
        run(&house).await;
        for id in 10..30 {
            peer.set(id, "userAccountControl", &["514"]);
        }
        peer.members(101, &[]);
        peer.set(1, "telephoneNumber", &["+31 20 1"]);
        let report = run(&house).await;
        assert_eq!((report.end, report.held), (SyncEnd::Held, 60), "{report:?}");
        assert_eq!((report.people.disabled, report.people.changed), (0, 1));
        let one = named(&house, "u10").await;
        assert!(one.account_enabled);
        assert_eq!(groups_of(&house, &one).await, ["All"]);
        // What is held is seen again, and nothing of it is forgotten.
        let report = run(&house).await;
        assert_eq!((report.end, report.held), (SyncEnd::Held, 60), "{report:?}");
        let (engine, actor) = (&house.engine, Actor::system());
        assert_eq!(engine.confirm_deletions(&actor, "corp").await.unwrap(), 60);
        let report = run(&house).await;
        assert_eq!(report.end, SyncEnd::Succeeded, "{report:?}");
        assert_eq!((report.people.disabled, report.members_removed), (20, 40));
        assert!(!named(&house, "u10").await.account_enabled);

        // Few may always, and an account that is disabled already is nothing to count.
        peer.set(40, "userAccountControl", &["514"]);
        peer.set(10, "telephoneNumber", &["+31 20 2"]);
        let report = run(&house).await;
        assert_eq!(
            (report.end, report.people.disabled),
            (SyncEnd::Succeeded, 1)
        );
        assert_eq!(report.people.changed, 1);

        peer.members(101, &many);
        run(&house).await;
        peer.members(101, &[]);
        let report = run(&house).await;
        assert_eq!((report.end, report.held), (SyncEnd::Held, 40), "{report:?}");
        assert_eq!(report.members_removed, 0);
    }
}

#[tokio::test]
async fn large_groups_nested_ones_and_rings_are_read() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        let many: Vec<u128> = (1000..4200).collect();
        for id in &many {
            peer.person(*id, &format!("u{id}"));
        }
        peer.group(101, "All", &many);
        peer.group(102, "Outer", &[101]);
        peer.members(101, &[many, vec![102, 1]].concat());
        let report = run(&house).await;
        assert_eq!(report.members_added, 2 + 3202 + 1);
        let ada = named(&house, "ada").await;
        assert_eq!(groups_of(&house, &ada).await, ["All", "Outer", "Sales"]);
        peer.members(101, &[102]);
        let report = run(&house).await;
        assert_eq!((report.members_added, report.members_removed), (0, 3201));
        // Somebody who comes into sight is in the groups that did not change.
        peer.set(3, "userPrincipalName", &["bad name"]);
        let newcomer = 5000;
        peer.person(newcomer, "newcomer");
        let sales = [vec![1, 2], vec![newcomer]].concat();
        peer.members(100, &sales);
        let report = run(&house).await;
        assert_eq!((report.people.created, report.people.refused), (1, 1));
        let user = named(&house, "newcomer").await;
        assert_eq!(groups_of(&house, &user).await, ["Sales"]);
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_read_changes_nothing() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        run(&house).await;
        let before = house.traces().await;
        peer.held().broken = Some("it is out of order".to_owned());
        house.clock.forward(Timestamp::DAY);
        let engine = &house.engine;
        let report = engine.synchronize_directory("corp").await.unwrap().unwrap();
        assert_eq!(report.end, SyncEnd::Failed);
        assert!(report.failure.unwrap().contains("out of order"));
        assert_eq!(house.traces().await, before);
        assert!(named(&house, "ada").await.account_enabled);
        peer.held().broken = None;
        run(&house).await;
        let password = json!({"password": "wrong"}).as_object().cloned().unwrap();
        engine
            .update_synced_directory(&Actor::system(), "corp", password)
            .await
            .unwrap();
        let report = engine.synchronize_directory("corp").await.unwrap().unwrap();
        assert!(report.failure.unwrap().contains("password is wrong"));
        let steps = engine
            .try_synced_directory(&Actor::system(), "corp")
            .await
            .unwrap();
        let last = steps.last().unwrap();
        assert_eq!((last.step, last.good), ("account", false));
    }
}

#[tokio::test]
async fn what_a_run_would_do_is_told_without_doing_it() {
    for (house, peer) in
        stories(json!({"required": ["mail"], "defaults": {"surname": "{displayName}"}})).await
    {
        restock(&peer);
        let engine = &house.engine;
        let actor = Actor::system();
        let before = house.traces().await;
        peer.set(3, "mail", &[]);
        let forecast = engine
            .foresee_synchronization(&actor, "corp")
            .await
            .unwrap();
        assert_eq!((forecast.people.created, forecast.people.refused), (2, 1));
        assert_eq!(forecast.groups, 1);
        let refused = forecast
            .examples
            .iter()
            .find(|one| one.outcome == "refused")
            .unwrap();
        assert_eq!(refused.properties, ["mail"]);
        assert_eq!(house.traces().await, before);
        run(&house).await;
        assert_eq!(named(&house, "ada").await.surname.as_deref(), Some("ada"));
        peer.set(1, "department", &["Research"]);
        peer.delete(2);
        let forecast = engine
            .foresee_synchronization(&actor, "corp")
            .await
            .unwrap();
        assert_eq!((forecast.people.changed, forecast.people.gone), (1, 1));
        let changed = forecast
            .examples
            .iter()
            .find(|one| one.outcome == "changed")
            .unwrap();
        assert_eq!(changed.properties, ["department"]);
        assert!(named(&house, "bob").await.account_enabled);
    }
}

#[tokio::test]
async fn one_reads_at_a_time_and_only_what_is_due() {
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        let engine = &house.engine;
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 1);
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 0);
        house.clock.forward(30 * Timestamp::MINUTE);
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 1);
        engine
            .request_synchronization(&Actor::system(), "corp", true)
            .await
            .unwrap();
        // Somebody else has it, and dies with it.
        let now = house.now();
        let mut session = engine.store().write().await.unwrap();
        let until = now.plus(5 * Timestamp::MINUTE);
        assert!(
            session
                .hold_directory("corp", Uuid::from_u128(1), (now, until))
                .await
                .unwrap()
        );
        session.commit().await.unwrap();
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 0);
        assert_eq!(engine.synchronize_directory("corp").await.unwrap(), None);
        house.clock.forward(6 * Timestamp::MINUTE);
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 1);
        let directory = engine
            .find_synced_directory(&Actor::system(), "corp")
            .await
            .unwrap()
            .unwrap();
        assert!(directory.last.unwrap().is_full && !directory.is_running);
        let paused = json!({"isPaused": true}).as_object().cloned().unwrap();
        engine
            .update_synced_directory(&Actor::system(), "corp", paused)
            .await
            .unwrap();
        house.clock.forward(Timestamp::DAY);
        assert_eq!(engine.synchronize_due_directories().await.unwrap(), 0);
    }
}

/// A directory of three people and a group, as if nothing had happened to it.
fn restock(peer: &Peer) {
    *peer.held() = Held {
        shows_deleted: true,
        ..Held::default()
    };
    for (id, name) in [(1, "ada"), (2, "bob"), (3, "eve")] {
        peer.person(id, name);
    }
    peer.group(100, "Sales", &[1, 2]);
}
