//! A mail server that asks for certificates, reached by a device from what profiles installed alone.

use crate::company::{Company, Form, PASSWORD, VALIDITY};
use crate::device::{enrolled, outcome};
use crate::mini::Mini;
use crate::openssl::openssl_is_there;
use crate::payloads::{eas_payload, pkcs12_payload, profile, root_payload};
use mandate_simulator::certificates::{Issuer, Name, RevocationList};
use mandate_simulator::cms::Identity;
use mandate_simulator::device::{Device, MailFailure, Outcome};
use mandate_simulator::http::Http;
use mandate_simulator::keys::{Curve, Key, KeyPool};
use mandate_simulator::mail_server::{MailServer, MailServerPlan, server_identity};
use plist::Value;
use std::sync::Arc;

const ADA: &str = "ada@example.com";
const HOST: &str = "mail.example.com";

/// A phone whose profile trusts the company and signs in with an identity, if there is one.
async fn a_phone(company: &Company, identity: Option<&Identity>, trusts: bool) -> (Device, Http) {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let mut payloads = Vec::new();
    if trusts {
        payloads.push(root_payload("ROOT", &company.root()));
    }
    let mut keys: Vec<(&str, Value)> = Vec::new();
    if let Some(identity) = identity {
        let file = company.pkcs12(identity, Form::Modern);
        payloads.push(pkcs12_payload("ID", &file, PASSWORD));
        keys.push(("PayloadCertificateUUID", "ID".into()));
    }
    payloads.push(eas_payload("ACCOUNT", &keys));
    mini.queue_profile(&profile("com.example.mail", "MAIL", payloads));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    (device, http)
}

async fn a_server(company: &Company, http: &Http, host: &str) -> MailServer {
    let key = KeyPool::shared().key(6);
    let identity = server_identity(&company.root, key, host, VALIDITY).unwrap();
    let plan = MailServerPlan {
        intermediates: vec![company.issuing()],
        ..MailServerPlan::new(HOST, identity, company.root())
    };
    MailServer::start(http, plan).await.unwrap()
}

fn list(issuer: &Issuer, revoked: &[&Identity], ends: i64) -> Vec<u8> {
    let revoked = revoked
        .iter()
        .map(|identity| (identity.certificate.serial_number(), 1_700_000_000));
    let list = RevocationList {
        number: 1,
        validity: (1_700_000_000, ends),
        revoked: revoked.collect(),
    };
    issuer.revocation_list(&list).unwrap()
}

fn refused(answer: Result<impl Sized, MailFailure>) -> String {
    match answer {
        Err(MailFailure::Refused { alert }) => alert,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was let in"),
    }
}

#[tokio::test]
async fn a_delivered_identity_signs_in_until_it_is_revoked() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let curve = Arc::new(Key::generate_on(0, Curve::P384).unwrap());
    for (serial, key) in [(20, KeyPool::shared().key(2)), (21, curve)] {
        let ada = company.issue(key, serial, ADA);
        let (device, http) = a_phone(&company, Some(&ada), true).await;
        let server = a_server(&company, &http, HOST).await;
        let answer = device.connect_mail(&http, ADA).await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.protocol_versions().contains("16.1"));
        assert_eq!(answer.header("x-signed-in-as"), ADA);
        let sign_in = server.sign_ins().remove(0);
        assert_eq!(sign_in.principal_name.as_deref(), Some(ADA));
        assert_eq!(sign_in.subject, "CN=ada@example.com, O=Example");
        assert_eq!(sign_in.addresses, [ADA]);
        assert_eq!(
            (
                sign_in.method.as_str(),
                sign_in.path.as_str(),
                sign_in.agent.as_str()
            ),
            (
                "OPTIONS",
                "/Microsoft-Server-ActiveSync",
                "Apple-iPhone14C7/2202.79"
            )
        );

        server
            .set_revocation_lists(vec![list(&company.issuing, &[], 2_600_000_000)])
            .unwrap();
        assert_eq!(device.connect_mail(&http, ADA).await.unwrap().status, 200);
        server
            .set_revocation_lists(vec![list(&company.issuing, &[&ada], 2_600_000_000)])
            .unwrap();
        assert_eq!(
            refused(device.connect_mail(&http, ADA).await),
            "CertificateRevoked"
        );
        assert_eq!(server.sign_ins().len(), 2);
        assert!(
            server.refusals()[0].contains("Revoked"),
            "{:?}",
            server.refusals()
        );
    }
}

#[tokio::test]
async fn a_list_that_ended_or_is_of_another_issuer_lets_nobody_in() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    let (device, http) = a_phone(&company, Some(&ada), true).await;
    let server = a_server(&company, &http, HOST).await;
    let ended = list(&company.issuing, &[], 1_700_000_001);
    let foreign = list(&company.root, &[], 2_600_000_000);
    for lists in [vec![ended.clone()], vec![foreign]] {
        server.set_revocation_lists(lists).unwrap();
        refused(device.connect_mail(&http, ADA).await);
    }
    assert!(
        server
            .set_revocation_lists(vec![b"no list".to_vec()])
            .is_err()
    );

    // The same list counts while the clock stands in its time.
    let early = http.with_clock(|| 1_700_000_000);
    let server = a_server(&company, &early, HOST).await;
    server.set_revocation_lists(vec![ended]).unwrap();
    assert_eq!(device.connect_mail(&early, ADA).await.unwrap().status, 200);
    drop(server);
}

#[tokio::test]
async fn without_a_certificate_or_with_a_foreign_or_expired_one_nobody_gets_in() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let keys = KeyPool::shared();
    let (device, http) = a_phone(&company, None, true).await;
    let server = a_server(&company, &http, HOST).await;
    assert_eq!(
        refused(device.connect_mail(&http, ADA).await),
        "CertificateRequired"
    );

    let mut foreign = Company::new();
    foreign.root = Issuer::authority(keys.key(3), &Name::common("Foreign"), VALIDITY).unwrap();
    foreign.issuing = foreign
        .root
        .subordinate(
            keys.key(4),
            &Name::common("Foreign Issuing"),
            &[2],
            VALIDITY,
        )
        .unwrap();
    let mallory = foreign.issue(keys.key(5), 20, ADA);
    let (device, _) = a_phone(&company, Some(&mallory), true).await;
    assert_eq!(refused(device.connect_mail(&http, ADA).await), "UnknownCA");

    let ada = company.issue(keys.key(2), 20, ADA);
    let (device, _) = a_phone(&company, Some(&ada), true).await;
    assert_eq!(device.connect_mail(&http, ADA).await.unwrap().status, 200);
    assert_eq!(server.refusals().len(), 2);
    let late = http.with_clock(|| 2_600_000_001);
    assert!(matches!(
        device.connect_mail(&late, ADA).await,
        Err(MailFailure::ServerNotTrusted(reason)) if reason.contains("Expired")
    ));
}

#[tokio::test]
async fn the_device_trusts_what_profiles_brought_and_looks_at_the_name() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    let (unsure, http) = a_phone(&company, Some(&ada), false).await;
    let (mut device, _) = a_phone(&company, Some(&ada), true).await;
    let elsewhere = a_server(&company, &http, "other.example.com").await;
    assert!(matches!(
        unsure.connect_mail(&http, ADA).await,
        Err(MailFailure::ServerNotTrusted(_))
    ));
    assert!(matches!(
        device.connect_mail(&http, ADA).await,
        Err(MailFailure::ServerNotTrusted(reason)) if reason.contains("NotValidForName")
    ));
    assert!(elsewhere.sign_ins().is_empty());
    let address = elsewhere.address();
    drop(elsewhere);

    let gone = device.connect_mail(&http, "bob@example.com").await;
    assert_eq!(
        gone,
        Err(MailFailure::NoAccount("bob@example.com".to_owned()))
    );
    device.delete_certificate(&ada.certificate.fingerprint());
    assert_eq!(
        device.connect_mail(&http, ADA).await,
        Err(MailFailure::NoIdentity)
    );
    http.name_host(HOST, address);
    assert_eq!(http.address_of("MAIL.example.com"), Some(address));
}

#[tokio::test]
async fn openssl_accepts_the_stand_in_authoritys_list() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    let bob = company.issue(KeyPool::shared().key(3), 21, "bob@example.com");
    company.write("issuing.pem", company.issuing().pem());
    company.write("list", list(&company.issuing, &[&ada], 2_600_000_000));
    let read = [
        "crl",
        "-inform",
        "DER",
        "-in",
        "list",
        "-CAfile",
        "issuing.pem",
        "-out",
        "list.pem",
    ];
    company.openssl(&read);
    company.write("bob.pem", bob.certificate.pem());
    company.write("ada.pem", ada.certificate.pem());
    company.write("root.pem", company.root().pem());
    let check = [
        "verify",
        "-crl_check",
        "-CRLfile",
        "list.pem",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "issuing.pem",
    ];
    company.openssl(&[&check[..], &["bob.pem"]].concat());
    let output = std::process::Command::new("openssl")
        .current_dir(company.files.path())
        .args(check)
        .arg("ada.pem")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("certificate revoked"), "{text}");
}
