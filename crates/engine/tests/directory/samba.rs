//! Active Directory, as Samba is one: `.ci/samba` starts it, in a network of its own.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod};
use mandate_engine::{Actor, SyncReport};
use mandate_model::{Member, Timestamp};
use serde_json::json;

use crate::courier::Courier;
use crate::house::{House, houses_with};

const BASE: &str = "DC=mandate,DC=test";
const PASSWORD: &str = "Passw0rd!x";

fn place() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the script says where it is")]
    let place = std::env::var("MANDATE_TEST_SAMBA");
    if place.is_err() {
        eprintln!(
            "SKIPPED: MANDATE_TEST_SAMBA is not set; `.ci/samba COMMAND` runs a command beside a domain controller"
        );
    }
    place.ok().map(PathBuf::from)
}

async fn administrator() -> Ldap {
    let settings = LdapConnSettings::new()
        .set_starttls(true)
        .set_no_tls_verify(true);
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, "ldap://127.0.0.1")
        .await
        .unwrap();
    tokio::spawn(connection.drive());
    let bound = ldap
        .simple_bind("Administrator@mandate.test", PASSWORD)
        .await
        .unwrap();
    bound.success().unwrap();
    ldap
}

async fn run(house: &House) -> SyncReport {
    house.clock.forward(Timestamp::MINUTE);
    let report = house.engine.synchronize_directory("corp").await.unwrap();
    let report = report.unwrap();
    assert_eq!(report.failure, None);
    report
}

fn value<'a>(attribute: &'a str, value: &'a str) -> Mod<&'a str> {
    Mod::Replace(attribute, HashSet::from([value]))
}

#[tokio::test]
async fn samba_is_read_with_its_tombstones() {
    let Some(place) = place() else {
        return;
    };
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let roots = std::fs::read_to_string(place.join("ca.pem")).unwrap();
    let houses = houses_with(Arc::new(Courier)).await;
    let house = &houses[0];
    let (engine, actor) = (&house.engine, Actor::system());
    let body = json!({
        "name": "corp", "kind": "activeDirectory", "url": "ldap://127.0.0.1", "startTls": true,
        "roots": roots, "account": "Administrator@mandate.test", "password": PASSWORD, "base": BASE,
    });
    let body = body.as_object().cloned().unwrap();
    engine.create_synced_directory(&actor, body).await.unwrap();
    let steps = engine.try_synced_directory(&actor, "corp").await.unwrap();
    assert!(steps.iter().all(|step| step.good), "{steps:?}");
    let named = steps.iter().find(|step| step.step == "directory").unwrap();
    assert_eq!(named.outcome, "the domain mandate.test (MANDATE)");
    let report = run(house).await;
    assert_eq!(
        (report.people.created, report.people.refused),
        (3, 0),
        "{report:?}"
    );
    let ada = house.person("ada@mandate.test").await.unwrap();
    assert_eq!(ada.on_premises_sam_account_name.as_deref(), Some("ada"));
    assert_eq!(ada.on_premises_domain_name.as_deref(), Some("mandate.test"));
    assert_eq!(ada.on_premises_net_bios_name.as_deref(), Some("MANDATE"));
    assert_eq!(ada.mail.as_deref(), Some("ada@mandate.test"));
    let sid = ada.on_premises_security_identifier.clone().unwrap();
    assert!(sid.starts_with("S-1-5-21-"), "{sid}");
    let groups = engine
        .groups_of(&actor, Member::User(ada.id), false)
        .await
        .unwrap();
    assert!(groups.iter().any(|group| group.display_name == "Sales"));
    let before = house.traces().await;
    assert!(!run(house).await.is_full);
    assert_eq!(house.traces().await, before);

    let mut ldap = administrator().await;
    let old = format!("CN=ada Test,CN=Users,{BASE}");
    let renamed = ldap
        .modifydn(&old, "CN=Ada Byron", true, None)
        .await
        .unwrap();
    renamed.success().unwrap();
    let new = format!("CN=Ada Byron,CN=Users,{BASE}");
    let upn = vec![value("userPrincipalName", "ada.byron@mandate.test")];
    ldap.modify(&new, upn).await.unwrap().success().unwrap();
    let bob = format!("CN=bob Test,CN=Users,{BASE}");
    let disabled = vec![value("userAccountControl", "514")];
    ldap.modify(&bob, disabled)
        .await
        .unwrap()
        .success()
        .unwrap();
    let eve = format!("CN=eve Test,CN=Users,{BASE}");
    ldap.delete(&eve).await.unwrap().success().unwrap();
    let report = run(house).await;
    assert!(!report.is_full && report.notes.is_empty(), "{report:?}");
    assert_eq!(
        (
            report.people.changed,
            report.people.disabled,
            report.people.gone
        ),
        (1, 1, 1),
        "{report:?}"
    );
    let same = house.person("ada.byron@mandate.test").await.unwrap();
    assert_eq!(same.id, ada.id);
    assert_eq!(same.on_premises_distinguished_name, Some(new));
    let groups = engine
        .groups_of(&actor, Member::User(ada.id), false)
        .await
        .unwrap();
    assert!(groups.iter().any(|group| group.display_name == "Sales"));
    assert!(
        !house
            .person("eve@mandate.test")
            .await
            .unwrap()
            .account_enabled
    );
}
