//! Macs: the same protocol, other facts, other payloads.

use crate::company::{Company, Form, PASSWORD};
use crate::device::{enrolled, outcome, refusal};
use crate::mini::Mini;
use crate::openssl::openssl_is_there;
use crate::payloads::{eas_payload, payload, pkcs12_payload, profile, root_payload, scep_payload};
use mandate_simulator::device::{Device, Model, OsVersion, Outcome};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use plist::{Dictionary, Value};

async fn enrolled_mac(mini: &Mini) -> (Device, Http) {
    let (http, keys) = (Http::new(), KeyPool::shared());
    let mut device = Device::new(1, Model::MacBook, OsVersion::new(14, 5), &keys);
    device.enrol(&http, &mini.link()).await.unwrap();
    (device, http)
}

fn with_key(mut payload: Value, inner: bool, key: &str, value: Value) -> Value {
    let top = payload.as_dictionary_mut().unwrap();
    let place = if inner {
        top.get_mut("PayloadContent")
            .and_then(Value::as_dictionary_mut)
            .unwrap()
    } else {
        top
    };
    place.insert(key.into(), value);
    payload
}

#[tokio::test]
async fn a_mac_introduces_itself_as_one() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled_mac(&mini).await;
    let hello = mini.messages_of("Authenticate").remove(0);
    let text = |key: &str| hello.get(key).and_then(Value::as_string);
    assert_eq!(text("ProductName"), Some("Mac14,2"));
    assert_eq!(text("ModelName"), Some("MacBook Air"));
    assert_eq!(text("OSVersion"), Some("14.5"));
    assert_eq!(text("BuildVersion"), Some("23F79"));
    assert!(text("IMEI").is_none() && text("SerialNumber").is_some());
    assert_eq!(text("UDID").unwrap().split('-').count(), 5);
    let token = mini.messages_of("TokenUpdate").remove(0);
    assert!(!token.contains_key("UnlockToken"));

    let asked = ["IMEI", "EASDeviceIdentifier", "IsAppleSilicon", "OSVersion"];
    let queries = Value::Array(asked.iter().map(|name| (*name).into()).collect());
    mini.queue("DeviceInformation", &[("Queries", queries)]);
    mini.queue("SecurityInfo", &[]);
    mini.queue("ClearPasscode", &[("UnlockToken", Value::Data(vec![1]))]);
    let report = device.check_in(&http).await.unwrap();
    assert_eq!(refusal(&report.commands[2].1).1, 12_021);
    let reports = mini.inside.lock().unwrap().messages.clone();
    let answers = |key: &str| -> Dictionary {
        let report = reports.iter().find_map(|message| message.get(key)).unwrap();
        report.as_dictionary().unwrap().clone()
    };
    let told: Vec<String> = answers("QueryResponses").keys().cloned().collect();
    assert_eq!(told, ["IsAppleSilicon", "OSVersion"]);
    let security = answers("SecurityInfo");
    assert!(security.contains_key("FDE_Enabled") && !security.contains_key("PasscodePresent"));
}

#[tokio::test]
async fn a_mac_takes_certificates_and_no_active_sync_account() {
    if !openssl_is_there() {
        return;
    }
    let mini = Mini::start().await;
    let (mut device, http) = enrolled_mac(&mini).await;
    let mail = profile("com.example.mail", "MAIL", vec![eas_payload("A", &[])]);
    mini.queue_profile(&mail);
    let refused = outcome(&mut device, &http).await;
    assert_eq!(
        refusal(&refused),
        ("MCInstallationErrorDomain".to_owned(), 4_023)
    );

    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, "ada@example.com");
    let file = company.pkcs12(&ada, Form::Modern);
    let pem = Value::Data(company.issuing().pem().into_bytes());
    let payloads = vec![
        root_payload("ROOT", &company.root()),
        payload(
            "com.apple.security.pem",
            "PEM",
            "com.example.pem",
            &[("PayloadContent", pem)],
        ),
        scep_payload(&mini.url, "SCEP", "com.example.scep"),
        pkcs12_payload("P12", &file, PASSWORD),
    ];
    mini.queue_profile(&profile("com.example.certificates", "C", payloads));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    assert!(device.holds(&company.root()) && device.holds(&company.issuing()));
    assert!(device.holds_key_of(&ada.certificate));
    assert_eq!(device.identities().len(), 3);
}

#[tokio::test]
async fn switches_for_the_private_key_are_for_macs_alone() {
    if !openssl_is_there() {
        return;
    }
    let mini = Mini::start().await;
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, "ada@example.com");
    let file = company.pkcs12(&ada, Form::Modern);
    let (mut mac, mut phone) = (enrolled_mac(&mini).await, enrolled(&mini).await);
    for key in ["AllowAllAppsAccess", "KeyIsExtractable"] {
        let scep = scep_payload(&mini.url, "ID", "com.example.id");
        let payloads = [
            with_key(scep, true, key, true.into()),
            with_key(
                pkcs12_payload("ID", &file, PASSWORD),
                false,
                key,
                true.into(),
            ),
        ];
        for payload in payloads {
            let sent = profile("com.example.id", "P", vec![payload]);
            mini.queue_profile(&sent);
            assert_eq!(outcome(&mut mac.0, &mac.1).await, Outcome::Acknowledged);
            mini.queue_profile(&sent);
            let refused = outcome(&mut phone.0, &phone.1).await;
            assert_eq!(refusal(&refused).1, 2_004, "{key}");
        }
        let wrong = with_key(
            pkcs12_payload("ID", &file, PASSWORD),
            false,
            key,
            "yes".into(),
        );
        mini.queue_profile(&profile("com.example.id", "P", vec![wrong]));
        assert_eq!(refusal(&outcome(&mut mac.0, &mac.1).await).1, 2_003);
    }
}

#[tokio::test]
async fn a_large_key_is_made_when_the_payload_asks_for_one() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled_mac(&mini).await;
    let payload = scep_payload(&mini.url, "BIG", "com.example.big");
    let payload = with_key(payload, true, "Keysize", 4_096.into());
    mini.queue_profile(&profile("com.example.big", "P", vec![payload]));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    let held = device.identities().last().unwrap();
    assert!(held.certificate.public().len() > 512);
    let saved = serde_json::to_string(device.state()).unwrap();
    let again = Device::from_state(serde_json::from_str(&saved).unwrap(), &KeyPool::shared());
    let identity = again
        .identity_of(again.identities().last().unwrap())
        .unwrap();
    assert_eq!(identity.key.public(), identity.certificate.public());
}
