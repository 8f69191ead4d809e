//! PKCS#12 payloads: which files a device takes, and whether anybody on the way could read them.

use crate::company::{Company, Form, PASSWORD};
use crate::device::{an_iphone, enrolled, outcome, refusal};
use crate::mini::Mini;
use crate::openssl::openssl_is_there;
use crate::payloads::{eas_payload, encrypted_profile, pkcs12_payload, profile};
use mandate_simulator::device::{Device, OsVersion, Outcome, Secret, System};
use mandate_simulator::keys::{Curve, Key, KeyPool};
use mandate_simulator::profiles::open_pkcs12;
use std::sync::Arc;

const ADA: &str = "ada@example.com";

fn refused(result: Result<impl Sized, mandate_simulator::profiles::ErrorChain>) -> i64 {
    let Err(chain) = result else {
        panic!("the file was taken")
    };
    let cause = chain.cause().unwrap();
    assert_eq!(cause.domain, "MCCertificateErrorDomain", "{chain}");
    cause.code
}

#[test]
fn older_releases_take_the_legacy_form_alone_and_newer_ones_both() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    let modern = company.pkcs12(&ada, Form::Modern);
    let legacy = company.pkcs12(&ada, Form::Legacy);
    for system in [System::ios(15, 0), System::ios(26, 1), System::mac(12, 0)] {
        for file in [&modern, &legacy] {
            let opened = open_pkcs12(file, PASSWORD, system).unwrap();
            assert_eq!(opened.certificate, ada.certificate);
        }
    }
    for system in [System::ios(14, 8), System::mac(11, 7)] {
        assert_eq!(refused(open_pkcs12(&modern, PASSWORD, system)), 9_000);
        open_pkcs12(&legacy, PASSWORD, system).unwrap();
    }
}

#[test]
fn what_is_not_one_identity_with_a_password_is_refused() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let keys = KeyPool::shared();
    let ada = company.issue(keys.key(2), 20, ADA);
    let system = System::ios(18, 1);
    let file = company.pkcs12(&ada, Form::Legacy);
    for password in ["", "another"] {
        assert_eq!(refused(open_pkcs12(&file, password, system)), 9_000);
    }
    let rc2 = company.pkcs12(&ada, Form::Rc2);
    assert_eq!(refused(open_pkcs12(&rc2, PASSWORD, system)), 9_000);
    let no_mac = company.pkcs12(&ada, Form::NoMac);
    assert_eq!(refused(open_pkcs12(&no_mac, PASSWORD, system)), 9_005);

    let password = format!("pass:{PASSWORD}");
    let certificates = [
        "pkcs12",
        "-export",
        "-nokeys",
        "-in",
        "chain.pem",
        "-passout",
        &password,
        "-out",
        "p12",
    ];
    company.openssl(&certificates);
    let nobody = company.read("p12");
    assert_eq!(refused(open_pkcs12(&nobody, PASSWORD, system)), 9_006);

    assert_eq!(
        refused(open_pkcs12(&file[..file.len() - 9], PASSWORD, system)),
        9_005
    );
}

#[test]
fn keys_on_curves_are_taken() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let key = Arc::new(Key::generate_on(0, curve).unwrap());
        let ada = company.issue(key, 30, ADA);
        let file = company.pkcs12(&ada, Form::Modern);
        let opened = open_pkcs12(&file, PASSWORD, (17, 0)).unwrap();
        assert_eq!(opened.certificate, ada.certificate);
        let again = Key::from_pkcs8(0, &opened.pkcs8).unwrap();
        assert_eq!(again.public(), ada.key.public());
    }
}

#[tokio::test]
async fn a_device_installs_the_form_of_its_release_and_keeps_the_leaf_alone() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    device.update_os(OsVersion::new(14, 8));
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    for (form, taken) in [(Form::Modern, false), (Form::Legacy, true)] {
        let file = company.pkcs12(&ada, form);
        let payloads = vec![
            pkcs12_payload("ID", &file, PASSWORD),
            eas_payload("ACCOUNT", &[("SMIMESigningCertificateUUID", "ID".into())]),
        ];
        mini.queue_profile(&profile("com.example.mail", "MAIL", payloads));
        let outcome = outcome(&mut device, &http).await;
        if taken {
            assert_eq!(outcome, Outcome::Acknowledged);
            assert!(device.holds_key_of(&ada.certificate));
            assert!(
                !device.holds(&company.issuing()),
                "the chain of the file is not kept"
            );
        } else {
            let refused = ("MCCertificateErrorDomain".to_owned(), 9_000);
            assert_eq!(refusal(&outcome), refused);
            assert!(!device.has_profile("com.example.mail"));
        }
    }
}

#[tokio::test]
async fn secrets_in_clear_are_remembered_for_ever_and_encrypted_ones_are_not_among_them() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    assert_eq!(device.received_in_clear(), []);
    let recipient = device.mdm_identity().unwrap().certificate;
    let garbage = pkcs12_payload("ID", b"no identity", "secret");
    mini.queue_profile(&encrypted_profile(
        &recipient,
        "com.example.hidden",
        "H",
        vec![garbage.clone()],
    ));
    assert_eq!(refusal(&outcome(&mut device, &http).await).1, 9_005);
    assert_eq!(device.received_in_clear(), [], "it came encrypted");

    mini.queue_profile(&profile("com.example.open", "O", vec![garbage]));
    assert_eq!(refusal(&outcome(&mut device, &http).await).1, 9_005);
    let account = eas_payload("A", &[("Password", "secret".into())]);
    let identity = crate::payloads::scep_payload(&mini.url, "S", "com.example.scep");
    mini.queue_profile(&profile("com.example.mail", "M", vec![account, identity]));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    device.lose_profile("com.example.mail");

    let secrets = |device: &Device| -> Vec<(String, Secret)> {
        let noted = device.received_in_clear().iter();
        noted
            .map(|noted| (noted.profile.clone(), noted.secret))
            .collect()
    };
    let expected = [
        ("com.example.open".to_owned(), Secret::PrivateKey),
        ("com.example.mail".to_owned(), Secret::Password),
        ("com.example.mail".to_owned(), Secret::Challenge),
    ];
    assert_eq!(secrets(&device), expected);
    mini.queue("EraseDevice", &[]);
    device.check_in(&http).await.unwrap();
    assert_eq!(secrets(&device), expected);
}

#[tokio::test]
async fn what_the_user_installs_by_hand_did_not_come_by_mdm() {
    let mini = Mini::start().await;
    let mut device = an_iphone();
    let account = eas_payload("A", &[("Password", "secret".into())]);
    let by_hand = profile("com.example.own", "OWN", vec![account]);
    let http = mandate_simulator::http::Http::new();
    device.enrol(&http, &mini.link()).await.unwrap();
    device.install_by_hand(&http, &by_hand).await.unwrap();
    assert_eq!(device.received_in_clear(), []);
    assert!(!device.profile("com.example.own").unwrap().managed);
}
