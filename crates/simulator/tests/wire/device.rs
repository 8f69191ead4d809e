//! One device against a small server: enrolment, commands, refusals, faults.

use crate::mini::Mini;
use crate::payloads::{eas_payload, enrolment_profile, profile, scep_payload};
use mandate_simulator::device::{Device, DeviceError, Ending, Model, OsVersion, Outcome};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use mandate_simulator::scep::ScepMode;
use plist::Value;

pub(crate) fn an_iphone() -> Device {
    Device::new(1, Model::IPhone, OsVersion::new(18, 1), &KeyPool::shared())
}

pub(crate) async fn enrolled(mini: &Mini) -> (Device, Http) {
    let (http, mut device) = (Http::new(), an_iphone());
    device.enrol(&http, &mini.link()).await.unwrap();
    (device, http)
}

pub(crate) async fn outcome(device: &mut Device, http: &Http) -> Outcome {
    let report = device.check_in(http).await.unwrap();
    report
        .commands
        .last()
        .expect("a command was waiting")
        .1
        .clone()
}

pub(crate) fn refusal(outcome: &Outcome) -> (String, i64) {
    let Outcome::Error(chain) = outcome else {
        panic!("{outcome:?} is no refusal")
    };
    let cause = chain.cause().unwrap();
    (cause.domain.clone(), cause.code)
}

#[tokio::test]
async fn a_device_enrols_installs_and_lists() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    assert!(device.is_enrolled());
    assert_eq!(mini.messages_of("Authenticate").len(), 1);
    assert_eq!(mini.messages_of("TokenUpdate").len(), 1);

    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![
            scep_payload(&mini.url, "ID-1", "com.example.mail.identity"),
            eas_payload("ACCOUNT-1", &[("PayloadCertificateUUID", "ID-1".into())]),
        ],
    ));
    mini.queue("ProfileList", &[]);
    mini.queue("CertificateList", &[]);
    let report = device.check_in(&http).await.unwrap();
    assert_eq!(report.commands.len(), 3);
    assert!(
        report
            .commands
            .iter()
            .all(|(_, outcome)| *outcome == Outcome::Acknowledged),
        "{report:?}"
    );
    assert_eq!(report.ending, Ending::Empty);

    assert!(device.has_profile("com.example.mail"));
    assert_eq!(device.mail_accounts()[0].settings.host, "mail.example.com");
    assert!(!device.mail_accounts()[0].settings.asks_password);
    assert_eq!(device.identities().len(), 2);
    let listed = mini.last_report();
    assert_eq!(
        listed
            .get("CertificateList")
            .and_then(Value::as_array)
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn every_scep_client_enrols_by_post_and_by_get() {
    for (mode, post) in [
        (ScepMode::Modern, true),
        (ScepMode::Modern, false),
        (ScepMode::TripleDes, true),
        (ScepMode::Mdmb, true),
        (ScepMode::Mdmb, false),
    ] {
        let mini = Mini::start().await;
        mini.inside.lock().unwrap().scep_offers_post = post;
        let mut device = an_iphone();
        device.scep = mode;
        device
            .enrol(&Http::new(), &mini.link())
            .await
            .unwrap_or_else(|error| panic!("{mode:?} {post}: {error}"));
    }
}

#[tokio::test]
async fn a_refused_certificate_request_leaves_no_enrolment() {
    let mini = Mini::start().await;
    mini.inside.lock().unwrap().refuse_scep = true;
    let mut device = an_iphone();
    let error = device.enrol(&Http::new(), &mini.link()).await.unwrap_err();
    let DeviceError::Profile(chain) = error else {
        panic!("{error}")
    };
    assert!(chain.is("MCSCEPErrorDomain", 22_013), "{chain}");
    assert!(!device.is_enrolled() && device.profiles().is_empty());
}

#[tokio::test]
async fn an_account_made_by_the_user_blocks_until_it_is_gone() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    device.add_user_account("mail.example.com", "Ada@Example.com");
    let mail = profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("ACCOUNT-1", &[])],
    );
    mini.queue_profile(&mail);
    let refused = outcome(&mut device, &http).await;
    let Outcome::Error(chain) = &refused else {
        panic!("{refused:?}")
    };
    let codes: Vec<i64> = chain.0.iter().map(|link| link.code).collect();
    assert_eq!(codes, [4001, 1009, 21005]);

    device.remove_user_account("mail.example.com", "ada@example.com");
    mini.queue_profile(&mail);
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    assert_eq!(device.counters().password_prompts, 1);
}

#[tokio::test]
async fn an_edit_keeps_the_account_while_its_uuid_stays() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    for (version, account, days) in [("1", "A", 7), ("2", "A", 31), ("3", "B", 31)] {
        let keys = [("MailNumberOfPastDaysToSync", days.into())];
        mini.queue_profile(&profile(
            "com.example.mail",
            &format!("MAIL-{version}"),
            vec![eas_payload(account, &keys)],
        ));
        assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    }
    assert_eq!(device.mail_accounts().len(), 1);
    assert_eq!(
        (
            device.counters().password_prompts,
            device.counters().accounts_recreated
        ),
        (2, 1)
    );
}

/// Name, keys, and domain and code of the refusal.
type Case = (&'static str, Vec<(&'static str, Value)>, &'static str, i64);

#[tokio::test]
async fn what_ios_refuses_is_refused_with_its_codes() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let off = [
        "EnableMail",
        "EnableContacts",
        "EnableCalendars",
        "EnableReminders",
        "EnableNotes",
    ];
    let no_service: Vec<(&str, Value)> = off.iter().map(|key| (*key, false.into())).collect();
    let cases: Vec<Case> = vec![
        (
            "no host",
            vec![("Host", "".into())],
            "MCEASErrorDomain",
            21_003,
        ),
        ("no service", no_service, "MCEASErrorDomain", 21_009),
        (
            "days",
            vec![("MailNumberOfPastDaysToSync", 30.into())],
            "MCPayloadErrorDomain",
            2_004,
        ),
        (
            "type",
            vec![("SSL", "yes".into())],
            "MCPayloadErrorDomain",
            2_003,
        ),
        (
            "user",
            vec![("UserName", "".into())],
            "MCPayloadErrorDomain",
            2_002,
        ),
        (
            "certificate",
            vec![("SMIMESigningCertificateUUID", "NONE".into())],
            "MCEmailErrorDomain",
            7_003,
        ),
        (
            "duplicate",
            vec![("PayloadUUID", "MAIL-1".into())],
            "MCInstallationErrorDomain",
            4_002,
        ),
        (
            "version",
            vec![("PayloadVersion", "1".into())],
            "MCPayloadErrorDomain",
            2_003,
        ),
    ];
    for (name, keys, domain, code) in cases {
        mini.queue_profile(&profile(
            "com.example.mail",
            "MAIL-1",
            vec![eas_payload("ACCOUNT-1", &keys)],
        ));
        let refused = outcome(&mut device, &http).await;
        assert_eq!(refusal(&refused), (domain.to_owned(), code), "{name}");
    }
    mini.queue_profile(b"<plist><dict>");
    assert_eq!(
        refusal(&outcome(&mut device, &http).await),
        ("MCProfileErrorDomain".to_owned(), 1_000)
    );
    assert!(!device.has_profile("com.example.mail"));
}

#[tokio::test]
async fn keys_newer_than_the_release_are_ignored() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    device.update_os(OsVersion::new(11, 4));
    let keys = [
        ("EnableMail", "not even a switch".into()),
        ("OAuth", true.into()),
    ];
    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("ACCOUNT-1", &keys)],
    ));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    let settings = &device.mail_accounts()[0].settings;
    assert!(settings.asks_password && !settings.keys.contains_key("OAuth"));
}

#[tokio::test]
async fn a_new_version_of_the_enrolment_profile_renews_the_identity() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let before = device.mdm_identity().unwrap().certificate;
    mini.queue_profile(&enrolment_profile(&mini.url, "2"));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    assert_ne!(device.mdm_identity().unwrap().certificate, before);
    assert_eq!(mini.messages_of("Authenticate").len(), 2);
    assert_eq!(device.profiles().len(), 1);

    mini.queue_profile(&enrolment_profile("http://elsewhere.example", "3"));
    assert_eq!(
        refusal(&outcome(&mut device, &http).await),
        ("MCMDMErrorDomain".to_owned(), 12_009)
    );
    assert!(device.is_enrolled());
}

#[tokio::test]
async fn removing_the_enrolment_profile_takes_everything_and_says_goodbye() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("ACCOUNT-1", &[])],
    ));
    mini.queue(
        "RemoveProfile",
        &[("Identifier", "com.example.other".into())],
    );
    mini.queue(
        "RemoveProfile",
        &[("Identifier", "com.example.enrol".into())],
    );
    let report = device.check_in(&http).await.unwrap();
    assert_eq!(refusal(&report.commands[1].1).1, 12_075);
    assert_eq!(report.ending, Ending::Unenrolled);
    assert!(
        device.profiles().is_empty()
            && device.mail_accounts().is_empty()
            && device.identities().is_empty()
    );
    assert_eq!(mini.messages_of("CheckOut").len(), 1);
    assert!(matches!(
        device.check_in(&http).await,
        Err(DeviceError::NotEnrolled(_))
    ));
}

#[tokio::test]
async fn a_401_ends_the_management_and_a_503_does_not() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    mini.inside.lock().unwrap().answer_all_with = Some((503, ""));
    let report = device.check_in(&http).await.unwrap();
    assert_eq!(report.ending, Ending::Refused(503));
    assert!(report.comes_back() && device.is_enrolled());
    mini.inside.lock().unwrap().answer_all_with = Some((401, ""));
    assert_eq!(
        device.check_in(&http).await.unwrap().ending,
        Ending::Unenrolled
    );
    assert!(!device.is_enrolled());
}

#[tokio::test]
async fn unknown_commands_are_refused_and_an_erase_is_final() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    mini.queue("DeclarativeManagement", &[]);
    mini.queue(
        "DeviceInformation",
        &[(
            "Queries",
            Value::Array(vec!["UDID".into(), "NoSuchThing".into()]),
        )],
    );
    mini.queue("EraseDevice", &[]);
    let report = device.check_in(&http).await.unwrap();
    assert_eq!(refusal(&report.commands[0].1).1, 12_021);
    assert_eq!(report.ending, Ending::Erased);
    assert!(device.profiles().is_empty());
}

#[tokio::test]
async fn faults_are_drawn_and_the_device_recovers() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    device.faults.not_now_first = 1;
    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("ACCOUNT-1", &[])],
    ));
    let first = device.check_in(&http).await.unwrap();
    assert_eq!(first.commands[0].1, Outcome::NotNow);
    assert!(first.comes_back() && !device.has_profile("com.example.mail"));

    device.faults.not_now_first = 0;
    device.faults.lost_acknowledgements = 1.0;
    assert_eq!(
        device.check_in(&http).await.unwrap().ending,
        Ending::ReportLost
    );
    assert!(device.has_profile("com.example.mail"));

    device.faults.lost_acknowledgements = 0.0;
    device.faults.duplicate_reports = 1.0;
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    device.faults.lost_profiles = 1.0;
    device.check_in(&http).await.unwrap();
    assert!(!device.has_profile("com.example.mail") && device.is_enrolled());
}

#[tokio::test]
async fn a_saved_device_goes_on_where_it_was() {
    let mini = Mini::start().await;
    let (device, http) = enrolled(&mini).await;
    let saved = serde_json::to_string(device.state()).unwrap();
    let mut again = Device::from_state(serde_json::from_str(&saved).unwrap(), &KeyPool::shared());
    mini.queue("ProfileList", &[]);
    assert_eq!(outcome(&mut again, &http).await, Outcome::Acknowledged);
}
