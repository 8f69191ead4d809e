//! What a directory should not hold, and may: whoever writes there must harm nobody but the entry that they wrote.

use std::collections::BTreeMap;

use mandate_engine::Actor;
use serde_json::json;
use uuid::Uuid;

use crate::synchronization::{named, restock, run, stories};

const MEGABYTE: usize = 1024 * 1024;

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
                expected.insert(Uuid::from_u128(number).to_string(), *blamed);
            }
        }
        let report = run(&house).await;
        let harmless = table.len() - expected.len();
        assert_eq!(report.people.created, 3 + harmless as u64);
        assert_eq!(report.people.refused, expected.len() as u64);
        for name in ["ada", "bob", "eve", "u24", "u25", "u26"] {
            assert!(named(&house, name).await.account_enabled, "{name}");
        }
        let worries = house
            .engine
            .list_directory_worries(&Actor::system(), "corp", false, ("", 200))
            .await
            .unwrap();
        for worry in &worries {
            let fault = worry.fault.as_ref().unwrap();
            let expected = expected.get(&worry.external_id);
            assert_eq!(Some(&fault.property.as_str()), expected, "{fault:?}");
            assert!(format!("{worry:?}").len() < 4000, "what is said is short");
        }
        assert_eq!(worries.len(), expected.len());

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
