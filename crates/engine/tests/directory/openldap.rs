//! OpenLDAP, over real connections.

use std::collections::HashSet;
use std::sync::Arc;

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{LdapConnAsync, Mod, Scope};
use mandate_engine::{Actor, SyncReport};
use mandate_model::{Member, Timestamp};
use serde_json::{Value, json};

use crate::courier::Courier;
use crate::house::{House, houses_with};
use crate::slapd::{BASE, PASSWORD, Slapd};

async fn add(house: &House, slapd: &Slapd, more: Value) {
    let mut body = json!({
        "name": "corp", "kind": "ldap", "roots": slapd.root(),
        "url": format!("ldaps://127.0.0.1:{}", slapd.tls_port),
        "account": format!("cn=admin,{BASE}"), "password": PASSWORD, "base": BASE,
        "attributes": {"userPrincipalName": "mail"}, "domainName": "corp.contoso.com",
        "netBiosName": "CORP",
    });
    let map = body.as_object_mut().unwrap();
    map.extend(more.as_object().cloned().unwrap());
    let actor = Actor::system();
    let made = house.engine.create_synced_directory(&actor, map.clone());
    made.await.unwrap();
}

async fn run(house: &House) -> SyncReport {
    house.clock.forward(Timestamp::MINUTE);
    let report = house.engine.synchronize_directory("corp").await.unwrap();
    let report = report.unwrap();
    assert_eq!(report.failure, None);
    report
}

fn value(one: &str) -> HashSet<&str> {
    HashSet::from([one])
}

#[tokio::test]
async fn openldap_is_read_by_each_way_to_it_and_changes_are_found() {
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    for number in 0..600 {
        slapd
            .add_person("others", &format!("u{number}"), "secret")
            .await;
    }
    let ada = format!("uid=ada,ou=people,{BASE}");
    let outer = format!("cn=Outer,ou=groups,{BASE}");
    let sales = format!("cn=Sales,ou=groups,{BASE}");
    let group = |name: &'static str| [("objectClass", name)];
    for (dn, name, member) in [(&sales, "Sales", &ada), (&outer, "Outer", &sales)] {
        let kind = group("groupOfNames")[0].1;
        let attributes: [(&str, &[&str]); 3] = [
            ("objectClass", &[kind]),
            ("cn", &[name]),
            ("member", &[member.as_str()]),
        ];
        slapd.add(dn, &attributes).await;
    }
    for house in houses_with(Arc::new(Courier)).await {
        let plain = format!("ldap://127.0.0.1:{}", slapd.plain_port);
        add(&house, &slapd, json!({})).await;
        let actor = Actor::system();
        let steps = house
            .engine
            .try_synced_directory(&actor, "corp")
            .await
            .unwrap();
        assert!(steps.iter().all(|step| step.good), "{steps:?}");
        let report = run(&house).await;
        assert_eq!((report.people.created, report.groups.created), (602, 2));
        assert_eq!(report.members_added, 2);
        let person = house.person("ada@contoso.com").await.unwrap();
        assert_eq!(person.on_premises_net_bios_name.as_deref(), Some("CORP"));
        let groups = house
            .engine
            .groups_of(&actor, Member::User(person.id), true);
        assert_eq!(groups.await.unwrap().len(), 2);
        let before = house.traces().await;
        let report = run(&house).await;
        assert!(!report.is_full && report.people.changed + report.people.created == 0);
        assert_eq!(house.traces().await, before);
        // The other ways lead to the same people.
        for change in [
            json!({"url": plain, "startTls": true}),
            json!({"startTls": false}),
        ] {
            let mut change = change.as_object().cloned().unwrap();
            change.insert("password".to_owned(), PASSWORD.into());
            let changed = house.engine.update_synced_directory(&actor, "corp", change);
            changed.await.unwrap();
            let report = run(&house).await;
            assert_eq!((report.is_full, report.people.unchanged), (true, 602));
        }
        assert_eq!(house.traces().await.0, before.0);
        // Another number, another name, another place; somebody new, and somebody gone.
        slapd
            .modify(&ada, vec![Mod::Replace("telephoneNumber", value("+31 1"))])
            .await;
        slapd
            .rename(&format!("uid=bob,ou=people,{BASE}"), "uid=robert")
            .await;
        slapd.add_person("people", "new", "secret").await;
        delete(&slapd, &format!("uid=u7,ou=others,{BASE}")).await;
        let report = run(&house).await;
        assert!(!report.is_full);
        assert_eq!((report.people.created, report.people.gone), (1, 1));
        assert_eq!(report.people.changed, 2);
        assert!(
            !house
                .person("u7@contoso.com")
                .await
                .unwrap()
                .account_enabled
        );
        let bob = house.person("bob@contoso.com").await.unwrap();
        let dn = format!("uid=robert,ou=people,{BASE}");
        assert_eq!(bob.on_premises_distinguished_name, Some(dn.clone()));
        // As it was, for the other database.
        slapd.rename(&dn, "uid=bob").await;
        delete(&slapd, &format!("uid=new,ou=people,{BASE}")).await;
        slapd.add_person("others", "u7", "secret").await;
        slapd
            .modify(&ada, vec![Mod::Delete("telephoneNumber", HashSet::new())])
            .await;
    }
}

#[tokio::test]
async fn what_keeps_a_directory_from_being_read_is_named() {
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    let houses = houses_with(Arc::new(Courier)).await;
    let house = &houses[0];
    add(house, &slapd, json!({})).await;
    let actor = Actor::system();
    let engine = &house.engine;
    for (change, step) in [
        (json!({"roots": null}), "TLS"),
        (
            json!({"roots": slapd.root(), "password": "wrong"}),
            "account",
        ),
        (
            json!({"password": PASSWORD, "base": "ou=nowhere,dc=contoso,dc=com"}),
            "people",
        ),
        (json!({"base": BASE, "userFilter": "(=)"}), "people"),
        (json!({"userFilter": "(uid=nobody)"}), "people"),
    ] {
        let change = change.as_object().cloned().unwrap();
        engine
            .update_synced_directory(&actor, "corp", change)
            .await
            .unwrap();
        let steps = engine.try_synced_directory(&actor, "corp").await.unwrap();
        let last = steps.last().unwrap();
        assert_eq!((last.step, last.good), (step, false), "{steps:?}");
        assert!(!format!("{steps:?}").contains(PASSWORD));
    }
}

/// How long as many people take as `MANDATE_MEASURE_DIRECTORY` says, and with how much memory; nothing without it.
#[tokio::test]
async fn many_people_are_read_in_pages() {
    #[expect(clippy::disallowed_methods, reason = "whoever measures says how many")]
    let Some(number) = std::env::var("MANDATE_MEASURE_DIRECTORY")
        .ok()
        .and_then(|text| text.parse::<u32>().ok())
    else {
        return;
    };
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    let url = format!("ldap://127.0.0.1:{}", slapd.plain_port);
    let (connection, mut ldap) = LdapConnAsync::new(&url).await.unwrap();
    tokio::spawn(connection.drive());
    ldap.simple_bind(&format!("cn=admin,{BASE}"), PASSWORD)
        .await
        .unwrap();
    for number in 0..number {
        let (name, mail) = (format!("m{number}"), format!("m{number}@contoso.com"));
        let dn = format!("uid={name},ou=others,{BASE}");
        let attributes = vec![
            ("objectClass", value("inetOrgPerson")),
            ("uid", value(&name)),
            ("cn", value(&name)),
            ("sn", value("Of the directory")),
            ("mail", value(&mail)),
        ];
        ldap.add(&dn, attributes).await.unwrap().success().unwrap();
    }
    // What the directory itself takes, with nobody here who does anything with it.
    let begun = std::time::Instant::now();
    let handed_out = hand_out(&slapd).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("slapd alone: {handed_out} people handed out, {seconds:.1} s");
    for house in houses_with(Arc::new(Courier)).await {
        add(&house, &slapd, json!({})).await;
        for what in ["the first time", "changes only", "everything again"] {
            forget_peak();
            let (begun, busy) = (std::time::Instant::now(), processor());
            if what == "everything again" {
                house.clock.forward(2 * Timestamp::DAY);
            }
            let report = run(&house).await;
            println!(
                "{}: {} people {what}: {} new, {} unchanged, {:.1} s, of which this process computed {:.1} s, {} at most",
                house.engine.store().kind(),
                report.people.read,
                report.people.created,
                report.people.unchanged,
                begun.elapsed().as_secs_f64(),
                processor() - busy,
                memory(),
            );
        }
    }
}

/// Reads everybody in pages as large as ours, and drops what comes.
async fn hand_out(slapd: &Slapd) -> usize {
    let url = format!("ldap://127.0.0.1:{}", slapd.plain_port);
    let (connection, mut ldap) = LdapConnAsync::new(&url).await.unwrap();
    tokio::spawn(connection.drive());
    ldap.simple_bind(&format!("cn=admin,{BASE}"), PASSWORD)
        .await
        .unwrap();
    let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![
        Box::new(EntriesOnly::new()),
        Box::new(PagedResults::new(500)),
    ];
    let filter = "(objectClass=inetOrgPerson)";
    let mut found = ldap
        .streaming_search_with(adapters, BASE, Scope::Subtree, filter, vec!["*", "+"])
        .await
        .unwrap();
    let mut number = 0;
    while found.next().await.unwrap().is_some() {
        number += 1;
    }
    number
}

/// Seconds for which this process has had a processor (`utime` and `stime` of proc(5), a hundred to the second).
fn processor() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|text| text.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// From now on [`memory`] counts anew (`clear_refs` of proc(5)); where that cannot be, it counts from the beginning.
fn forget_peak() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that this process had.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

async fn delete(slapd: &Slapd, dn: &str) {
    let url = format!("ldap://127.0.0.1:{}", slapd.plain_port);
    let (connection, mut ldap) = LdapConnAsync::new(&url).await.unwrap();
    tokio::spawn(connection.drive());
    ldap.simple_bind(&format!("cn=admin,{BASE}"), PASSWORD)
        .await
        .unwrap();
    ldap.delete(dn).await.unwrap().success().unwrap();
}
