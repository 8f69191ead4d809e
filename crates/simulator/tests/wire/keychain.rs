//! The keychain: shared certificates, what the server is told, what the user deletes.

use crate::company::{Company, Form, PASSWORD};
use crate::device::{enrolled, outcome};
use crate::mini::Mini;
use crate::openssl::openssl_is_there;
use crate::payloads::{pkcs12_payload, profile, root_payload};
use mandate_simulator::device::{Device, Outcome};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use plist::Value;
use std::collections::BTreeMap;

/// What the server is told: DER and whether it is an identity.
async fn listed(mini: &Mini, device: &mut Device, http: &Http) -> BTreeMap<Vec<u8>, bool> {
    mini.queue("CertificateList", &[]);
    assert_eq!(outcome(device, http).await, Outcome::Acknowledged);
    let report = mini.last_report();
    let list = report
        .get("CertificateList")
        .and_then(Value::as_array)
        .unwrap();
    let items: Vec<_> = list
        .iter()
        .map(|item| {
            let item = item.as_dictionary().unwrap();
            let data = item.get("Data").and_then(Value::as_data).unwrap().to_vec();
            let identity = item.get("IsIdentity").and_then(Value::as_boolean).unwrap();
            (data, identity)
        })
        .collect();
    let count = items.len();
    let map: BTreeMap<_, _> = items.into_iter().collect();
    assert_eq!(map.len(), count, "a certificate is listed once");
    map
}

#[tokio::test]
async fn a_certificate_of_two_profiles_goes_with_the_last_of_them() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let ada = company.issue(KeyPool::shared().key(2), 20, "ada@example.com");
    let file = company.pkcs12(&ada, Form::Modern);
    for (identifier, uuid) in [("com.example.one", "ONE"), ("com.example.two", "TWO")] {
        let payloads = vec![
            root_payload(&format!("ROOT-{uuid}"), &company.root()),
            pkcs12_payload(&format!("ID-{uuid}"), &file, PASSWORD),
        ];
        mini.queue_profile(&profile(identifier, uuid, payloads));
        assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    }
    let list = listed(&mini, &mut device, &http).await;
    assert_eq!(
        list.len(),
        3,
        "the enrolment's identity, Ada's, and the root"
    );
    assert_eq!(list.get(ada.certificate.der()), Some(&true));
    assert_eq!(list.get(company.root().der()), Some(&false));
    let keychain = device.keychain();
    let item = keychain
        .iter()
        .find(|item| item.certificate == &ada.certificate)
        .unwrap();
    assert_eq!(item.profiles, ["com.example.one", "com.example.two"]);

    for (identifier, left) in [("com.example.one", true), ("com.example.two", false)] {
        mini.queue("RemoveProfile", &[("Identifier", identifier.into())]);
        assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
        assert_eq!(device.holds_key_of(&ada.certificate), left);
        assert_eq!(device.holds(&company.root()), left);
    }
    assert_eq!(listed(&mini, &mut device, &http).await.len(), 1);
}

#[tokio::test]
async fn what_the_user_deletes_is_gone_until_the_profile_comes_again() {
    let company = Company::new();
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let with_root = profile(
        "com.example.root",
        "ROOT",
        vec![root_payload("R", &company.root())],
    );
    mini.queue_profile(&with_root);
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    let fingerprint = company.root().fingerprint();
    assert!(device.delete_certificate(&fingerprint));
    assert!(!device.delete_certificate(&fingerprint), "it is gone");
    assert!(device.has_profile("com.example.root") && !device.holds(&company.root()));
    assert_eq!(listed(&mini, &mut device, &http).await.len(), 1);

    mini.queue_profile(&with_root);
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    assert!(device.holds(&company.root()));
}
