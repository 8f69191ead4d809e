//! People sign in with the password of a directory: OpenLDAP's, over real connections.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ldap3::Mod;
use mandate_engine::{DirectoryRole, DirectoryVerdict, NewGroup, NewPassword, Visit};
use mandate_model::{GroupId, Member, User};
use serde_json::{Map, Value, json};

use crate::house::{BASE, DIRECTORY_PASSWORD, House, Slapd, places};

/// A house with a directory.
struct Story {
    house: House,
    slapd: Slapd,
    ada: User,
}

impl Story {
    async fn begin() -> Option<Self> {
        let slapd = Slapd::start().await?;
        let house = House::open(places().await.remove(0)).await;
        let ada = house.hire("ada").await;
        Some(Self { house, slapd, ada })
    }

    /// With a provider that searches with the bound names of people, over TLS, unless said otherwise.
    async fn with(more: Value) -> Option<Self> {
        let story = Self::begin().await?;
        story.add(more).await;
        Some(story)
    }

    async fn add(&self, more: Value) {
        let mut body = json!({
            "name": "directory", "kind": "ldap", "roots": self.slapd.root(),
            "url": format!("ldaps://127.0.0.1:{}", self.slapd.tls_port),
            "base": format!("ou=people,{BASE}"), "nameAttribute": "uid",
        });
        let map = body.as_object_mut().unwrap();
        map.extend(more.as_object().cloned().unwrap());
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine.create_provider(admin, map.clone()).await.unwrap();
    }

    async fn change(&self, change: Value) {
        let change: Map<String, Value> = change.as_object().cloned().unwrap();
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .update_provider(admin, "directory", change)
            .await
            .unwrap();
    }

    async fn check(&self, password: &str) -> DirectoryVerdict {
        let engine = &self.house.engine;
        engine
            .check_directory_password(&self.ada, password)
            .await
            .unwrap()
    }

    async fn check_name(&self, name: &str, password: &str) -> DirectoryVerdict {
        let engine = &self.house.engine;
        engine
            .check_directory_name(name, None, password)
            .await
            .unwrap()
    }

    async fn group(&self, name: &str) -> GroupId {
        let new = NewGroup {
            display_name: name.to_owned(),
            ..NewGroup::default()
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .create_group(admin, new, Vec::new())
            .await
            .unwrap()
            .id
    }

    async fn groups_of_ada(&self) -> Vec<String> {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let groups = engine
            .groups_of(admin, Member::User(self.ada.id), false)
            .await
            .unwrap();
        groups.into_iter().map(|group| group.display_name).collect()
    }
}

fn is_right(verdict: &DirectoryVerdict, user: &User) {
    match verdict {
        DirectoryVerdict::Right {
            user: found,
            provider,
            methods,
        } => {
            assert_eq!(found.id, user.id);
            assert_eq!((provider.as_str(), methods.as_str()), ("directory", "pwd"));
        }
        other => panic!("{other:?}"),
    }
}

fn searching() -> Value {
    json!({ "searchAccount": format!("cn=admin,{BASE}"), "searchPassword": DIRECTORY_PASSWORD })
}

#[tokio::test]
async fn a_password_of_the_directory_is_taken_by_each_way_to_it() {
    let Some(story) = Story::begin().await else {
        return;
    };
    let plain = format!("ldap://127.0.0.1:{}", story.slapd.plain_port);
    let named = json!({ "bindName": format!("uid={{name}},ou=people,{BASE}") });
    let mut start_tls = searching();
    start_tls["url"] = json!(plain);
    start_tls["startTls"] = json!(true);
    // Nobody else hears what is said within this machine.
    let mut in_clear = named.clone();
    in_clear["url"] = json!(plain);
    for way in [searching(), named, start_tls, in_clear] {
        story.add(way.clone()).await;
        is_right(&story.check("Ada's own").await, &story.ada);
        for wrong in ["Bob's own", "ada's own", DIRECTORY_PASSWORD, " "] {
            assert_eq!(story.check(wrong).await, DirectoryVerdict::Wrong, "{wrong}");
        }
        let (engine, admin) = (&story.house.engine, &story.house.admin);
        let steps = engine.try_provider(admin, "directory", Some("ada@contoso.com"));
        let steps = steps.await.unwrap();
        assert!(steps.iter().all(|step| step.good), "{way} {steps:?}");
        engine.delete_provider(admin, "directory").await.unwrap();
    }
}

#[tokio::test]
async fn an_empty_password_is_wrong_although_the_directory_would_take_it() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    assert_eq!(story.check("").await, DirectoryVerdict::Wrong);
    let too_long = "x".repeat(5000);
    assert_eq!(story.check(&too_long).await, DirectoryVerdict::Wrong);
}

#[tokio::test]
async fn what_people_type_stays_a_name() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    story.change(json!({ "createsPeople": true })).await;
    for name in [
        "*@contoso.com",
        "a*@contoso.com",
        "ada)(uid=*@contoso.com",
        "*)(|(uid=ada@contoso.com",
        "ada,ou=people@contoso.com",
        "\0@contoso.com",
        "@contoso.com",
    ] {
        let verdict = story.check_name(name, "Ada's own").await;
        assert_eq!(verdict, DirectoryVerdict::Wrong, "{name:?}");
    }
    let bind_name = format!("uid={{name}},ou=people,{BASE}");
    story.change(json!({ "bindName": bind_name })).await;
    story.slapd.add_person("others", "eve", "Eve's own").await;
    let climbing = format!("eve,ou=others,{BASE}@contoso.com");
    let verdict = story.check_name(&climbing, "Eve's own").await;
    assert_eq!(verdict, DirectoryVerdict::Wrong);
}

#[tokio::test]
async fn a_directory_that_cannot_be_asked_is_no_wrong_password() {
    let Some(mut story) = Story::with(searching()).await else {
        return;
    };
    // A certificate of somebody else's authority.
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    let other = json!({ "roots": engine.root().to_pem() });
    story.change(other).await;
    assert_eq!(
        story.check("Ada's own").await,
        DirectoryVerdict::Unavailable
    );
    let steps = engine.try_provider(admin, "directory", None).await.unwrap();
    let bad: Vec<_> = steps.iter().filter(|step| !step.good).collect();
    assert_eq!(bad.len(), 1, "{steps:?}");
    assert_eq!(bad[0].step, "TLS", "{steps:?}");
    story.change(json!({ "roots": story.slapd.root() })).await;
    // The password of the account that searches was changed.
    story
        .change(json!({ "searchPassword": "an old one" }))
        .await;
    assert_eq!(
        story.check("Ada's own").await,
        DirectoryVerdict::Unavailable
    );
    let steps = engine.try_provider(admin, "directory", None).await.unwrap();
    assert_eq!(steps.last().unwrap().step, "search account", "{steps:?}");
    story.change(searching()).await;
    is_right(&story.check("Ada's own").await, &story.ada);
    story.slapd.stop();
    assert_eq!(
        story.check("Ada's own").await,
        DirectoryVerdict::Unavailable
    );
    let steps = story
        .house
        .engine
        .try_provider(&story.house.admin, "directory", None);
    assert_eq!(steps.await.unwrap().last().unwrap().step, "connection");
}

#[tokio::test]
async fn a_directory_is_asked_once_for_each_wrong_password_whoever_has_one_here() {
    let house = House::open(places().await.remove(0)).await;
    let (engine, admin) = (&house.engine, &house.admin);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let directory = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            drop(connection);
        }
    });
    let body = json!({
        "name": "directory", "kind": "ldap", "url": format!("ldap://127.0.0.1:{port}"),
        "base": format!("ou=people,{BASE}"), "bindName": "{upn}",
    });
    let body = body.as_object().cloned().unwrap();
    engine.create_provider(admin, body).await.unwrap();
    house.hire("ada").await;
    let bob = house.hire("bob").await;
    let here = NewPassword {
        text: "correct horse battery".to_owned().into(),
        must_change: false,
    };
    engine.set_password(admin, bob.id, &here).await.unwrap();
    for (name, password, times) in [
        ("ada", "wrong", 1),
        ("bob", "wrong", 1),
        ("nobody", "wrong", 1),
        ("ada", "", 0),
        ("bob", "", 0),
        ("bob", "correct horse battery", 0),
    ] {
        let before = asked.load(Ordering::SeqCst);
        let flow = engine.begin_flow("/account/", None, false).await.unwrap();
        let name = format!("{name}@contoso.com");
        engine.enter_name(&flow, &name).await.unwrap();
        let visit = Visit::default();
        let entered = engine.enter_password(&flow, password, &visit).await;
        assert_eq!(entered.is_ok(), password.starts_with("correct"));
        let after = asked.load(Ordering::SeqCst);
        assert_eq!(after - before, times, "{name} `{password}`");
    }
    directory.abort();
}

#[tokio::test]
async fn several_of_one_name_are_nobody() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    story.change(json!({ "base": BASE })).await;
    story
        .slapd
        .add_person("others", "ada", "Another's own")
        .await;
    for password in ["Ada's own", "Another's own"] {
        assert_eq!(story.check(password).await, DirectoryVerdict::Wrong);
    }
}

#[tokio::test]
async fn groups_of_the_directory_become_groups_here_where_they_are_mapped() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    let group = story.group("administrators").await;
    let theirs = format!("CN=Admins, OU=groups,{BASE}");
    story.change(json!({ "groups": { theirs: group } })).await;
    is_right(&story.check("Ada's own").await, &story.ada);
    assert!(story.groups_of_ada().await.is_empty());
    let (admins, member) = (
        format!("cn=admins,ou=groups,{BASE}"),
        format!("uid=ada,ou=people,{BASE}"),
    );
    let entry: [(&str, &[&str]); 3] = [
        ("objectClass", &["groupOfNames"]),
        ("cn", &["admins"]),
        ("member", &[&member, "cn=admin,dc=contoso,dc=com"]),
    ];
    story.slapd.add(&admins, &entry).await;
    is_right(&story.check("Ada's own").await, &story.ada);
    assert_eq!(story.groups_of_ada().await, ["administrators"]);
    // A wrong password changes nothing.
    let leaving = vec![Mod::Delete("member", HashSet::from([member.as_str()]))];
    story.slapd.modify(&admins, leaving).await;
    assert_eq!(story.check("wrong").await, DirectoryVerdict::Wrong);
    assert_eq!(story.groups_of_ada().await, ["administrators"]);
    is_right(&story.check("Ada's own").await, &story.ada);
    assert!(story.groups_of_ada().await.is_empty());
}

#[tokio::test]
async fn an_entry_is_known_for_good_and_its_name_is_not_inherited() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    is_right(&story.check("Ada's own").await, &story.ada);
    story
        .slapd
        .rename(&format!("uid=ada,ou=people,{BASE}"), "uid=ada.king")
        .await;
    story
        .slapd
        .add_person("people", "ada", "Another's own")
        .await;
    let other = story.check("Another's own").await;
    assert_eq!(other, DirectoryVerdict::Blocked);
}

#[tokio::test]
async fn people_of_the_directory_come_in_where_it_is_wanted() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    let verdict = story.check_name("bob@contoso.com", "Bob's own").await;
    assert_eq!(verdict, DirectoryVerdict::Wrong);
    story.change(json!({ "createsPeople": true })).await;
    let wrong = story.check_name("bob@contoso.com", "wrong").await;
    assert_eq!(wrong, DirectoryVerdict::Wrong);
    let DirectoryVerdict::Right { user, .. } =
        story.check_name("bob@contoso.com", "Bob's own").await
    else {
        panic!("bob is not let in");
    };
    assert_eq!(user.display_name, "Somebody");
    assert_eq!(user.mail.as_deref(), Some("bob@contoso.com"));
    // It speaks for nobody of other domains.
    let elsewhere = story.check_name("bob@fabrikam.com", "Bob's own").await;
    assert_eq!(elsewhere, DirectoryVerdict::NotConcerned);
}

#[tokio::test]
async fn somebody_of_the_same_short_name_and_another_domain_is_somebody_else() {
    let Some(story) = Story::begin().await else {
        return;
    };
    // The directory's Ada is of a company that was bought, and ours has a name like hers.
    let ada = format!("uid=ada,ou=people,{BASE}");
    let address = HashSet::from(["ada@fabrikam.com"]);
    let changes = vec![Mod::Replace("mail", address)];
    story.slapd.modify(&ada, changes).await;
    let named = json!({ "bindName": format!("uid={{name}},ou=people,{BASE}") });
    for way in [searching(), named] {
        story.add(way.clone()).await;
        for domains in [json!([]), json!(["contoso.com", "fabrikam.com"])] {
            story.change(json!({ "domains": domains })).await;
            let verdict = story.check("Ada's own").await;
            assert_eq!(verdict, DirectoryVerdict::Wrong, "{way} {domains}");
        }
        // Nobody is added under a name that is not that of the entry either.
        story.change(json!({ "createsPeople": true })).await;
        let bob = format!("uid=bob,ou=people,{BASE}");
        let none = vec![Mod::Delete("mail", HashSet::new())];
        story.slapd.modify(&bob, none).await;
        let verdict = story.check_name("bob@contoso.com", "Bob's own").await;
        assert_eq!(verdict, DirectoryVerdict::Wrong, "{way}");
        let back = vec![Mod::Add("mail", HashSet::from(["bob@contoso.com"]))];
        story.slapd.modify(&bob, back).await;
        // Unless an administrator said that everybody there is of one domain.
        story.change(json!({ "domains": ["contoso.com"] })).await;
        is_right(&story.check("Ada's own").await, &story.ada);
        let (engine, admin) = (&story.house.engine, &story.house.admin);
        engine.delete_provider(admin, "directory").await.unwrap();
    }
}

#[tokio::test]
async fn who_has_a_role_is_linked_by_an_administrator_and_not_by_a_name() {
    let Some(story) = Story::with(searching()).await else {
        return;
    };
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    let member = Member::User(story.ada.id);
    let reader = DirectoryRole::GlobalReader;
    engine
        .add_directory_role_member(admin, reader, member)
        .await
        .unwrap();
    assert_eq!(story.check("Ada's own").await, DirectoryVerdict::Blocked);
    // Trying the directory tells what the account is called.
    let ada = "ada@contoso.com";
    let steps = engine.try_provider(admin, "directory", Some(ada));
    let steps = steps.await.unwrap();
    let (_, subject) = steps.last().unwrap().outcome.rsplit_once(", ").unwrap();
    engine
        .link_to_provider(admin, "directory", ada, subject)
        .await
        .unwrap();
    is_right(&story.check("Ada's own").await, &story.ada);
    // Or names are such that nobody chooses theirs.
    engine
        .unlink_from_provider(admin, "directory", ada)
        .await
        .unwrap();
    assert_eq!(story.check("Ada's own").await, DirectoryVerdict::Blocked);
    story.change(json!({ "trustsNames": true })).await;
    is_right(&story.check("Ada's own").await, &story.ada);
}
