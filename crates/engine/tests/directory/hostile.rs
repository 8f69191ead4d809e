//! What a directory should not hold, and may: whoever writes there must harm nobody but the entry that they wrote.

use std::collections::BTreeMap;

use mandate_engine::Actor;
use serde_json::json;
use uuid::Uuid;

use crate::house::House;
use crate::synchronization::{named, restock, run, stories};

const MEGABYTE: usize = 1024 * 1024;

/// Entries that were not taken: id there, and the property that is to blame.
async fn worries(house: &House) -> Vec<(String, String)> {
    let system = Actor::system();
    let listed = house
        .engine
        .list_directory_worries(&system, "corp", false, ("", 200));
    let mut worries = Vec::new();
    for worry in listed.await.unwrap() {
        assert!(format!("{worry:?}").len() < 4000, "what is said is short");
        worries.push((worry.external_id, worry.fault.unwrap().property));
    }
    worries
}

#[tokio::test]
async fn entries_that_nobody_should_write_keep_nobody_else_out_and_are_named() {
    let long = vec![b'x'; MEGABYTE];
    let many_labels = [b"u@", "a.".repeat(5000).as_bytes()].concat();
    // What is written where, and which property is blamed; none where there is no harm in it.
    let table: [(&str, &[u8], Option<&str>); 17] = [
        ("displayName", &long, Some("displayName")),
        ("displayName", b"Ada\0Admin", Some("displayName")),
        ("givenName", b"\xff\xfe\x00", Some("givenName")),
        ("sn", b"\x1b[2J", Some("surname")),
        ("mail", &long, Some("mail")),
        ("sAMAccountName", &long, Some("onPremisesSamAccountName")),
        ("userPrincipalName", &many_labels, Some("userPrincipalName")),
        (
            "userPrincipalName",
            "\u{430}da@contoso.com".as_bytes(),
            Some("userPrincipalName"),
        ),
        (
            "userPrincipalName",
            "ad\u{200b}a@contoso.com".as_bytes(),
            Some("userPrincipalName"),
        ),
        (
            "userPrincipalName",
            b"ADA@contoso.com",
            Some("userPrincipalName"),
        ),
        ("mail", b"ADA@CONTOSO.COM", Some("mail")),
        ("department", &long, Some("department")),
        ("proxyAddresses", &long, Some("proxyAddresses")),
        (
            "extensionAttribute7",
            b"a\0b",
            Some("onPremisesExtensionAttributes"),
        ),
        // Numbers, ids and certificates that are none are as if they were not there.
        ("userAccountControl", b"moon", None),
        ("objectSid", b"\x01\xff\xff", None),
        ("userCertificate", &long, None),
    ];
    for (house, peer) in stories(json!({})).await {
        restock(&peer);
        let mut expected = BTreeMap::new();
        for (number, (attribute, octets, blamed)) in (10_u128..).zip(&table) {
            peer.person(number, &format!("u{number}"));
            peer.set_octets(number, attribute, octets);
            if let Some(blamed) = blamed {
                let id = Uuid::from_u128(number).to_string();
                expected.insert(id, (*blamed).to_owned());
            }
        }
        let report = run(&house).await;
        let harmless = table.len() - expected.len();
        assert_eq!(report.people.created, 3 + harmless as u64);
        assert_eq!(report.people.refused, expected.len() as u64);
        for name in ["ada", "bob", "eve", "u24", "u25", "u26"] {
            assert!(named(&house, name).await.account_enabled, "{name}");
        }
        let found: BTreeMap<String, String> = worries(&house).await.into_iter().collect();
        assert_eq!(found, expected);

        // The same again comes to the same; mended, they come in.
        let again = run(&house).await;
        assert_eq!(again.people.created, 0);
        for number in 10..27 {
            peer.person(number, &format!("u{number}"));
        }
        let mended = run(&house).await;
        assert_eq!(mended.people.created, expected.len() as u64);
        assert_eq!(mended.people.refused, 0);
    }
}

#[tokio::test]
async fn who_lacks_what_is_required_is_named_until_it_is_there() {
    for (house, peer) in stories(json!({"required": ["mail"]})).await {
        restock(&peer);
        peer.set(3, "mail", &[]);
        let report = run(&house).await;
        assert_eq!((report.people.created, report.people.refused), (2, 1));
        let eve = (Uuid::from_u128(3).to_string(), "mail".to_owned());
        assert_eq!(worries(&house).await, std::slice::from_ref(&eve));
        // Nothing changes, and it is still said.
        let report = run(&house).await;
        assert!(!report.is_full);
        assert_eq!(worries(&house).await, std::slice::from_ref(&eve));

        // Who was taken before stays as they were, and says what is wrong.
        peer.set(1, "mail", &[]);
        peer.set(1, "displayName", &["Ada Lovelace"]);
        let report = run(&house).await;
        assert_eq!((report.people.changed, report.people.refused), (0, 1));
        let ada = named(&house, "ada").await;
        assert_eq!(ada.mail.as_deref(), Some("ada@contoso.com"));
        assert!(ada.account_enabled);
        let errors = &ada.other["onPremisesProvisioningErrors"];
        assert_eq!(errors[0]["propertyCausingError"], "mail", "{errors}");
        assert_eq!(worries(&house).await.len(), 2);

        for (id, name) in [(1, "ada"), (3, "eve")] {
            peer.set(id, "mail", &[&format!("{name}@contoso.com")]);
        }
        let report = run(&house).await;
        assert_eq!((report.people.created, report.people.changed), (1, 1));
        assert_eq!(worries(&house).await, []);
        let ada = named(&house, "ada").await;
        assert_eq!(ada.display_name, "Ada Lovelace");
        assert!(!ada.other.contains_key("onPremisesProvisioningErrors"));
    }
}
