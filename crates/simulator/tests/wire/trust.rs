//! Signatures, encryption, client certificates and rights.

use crate::device::{an_iphone, enrolled, outcome, refusal};
use crate::mini::Mini;
use crate::payloads::{eas_payload, enrolment_profile, profile};
use mandate_simulator::device::{Forgery, OsVersion, Outcome, SignatureForm};
use mandate_simulator::http::Http;
use plist::Value;

#[tokio::test]
async fn an_encrypted_signed_profile_opens_with_the_enrolments_identity_alone() {
    use mandate_simulator::chance::Chance;
    use mandate_simulator::cms::{ContentCipher, Envelope, Identity, Signing, envelope_for, sign};
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let authority = mini.inside.lock().unwrap().authority.clone();
    let root = authority.certificate.clone().unwrap();
    let mut payloads = Vec::new();
    Value::Array(vec![eas_payload(
        "ACCOUNT-1",
        &[("Password", "secret".into())],
    )])
    .to_writer_xml(&mut payloads)
    .unwrap();
    for (recipient, readable) in [
        (device.mdm_identity().unwrap().certificate, true),
        (root.clone(), false),
    ] {
        let how = Envelope {
            cipher: ContentCipher::Aes256,
            constructed: false,
        };
        let hidden = envelope_for(&recipient, &payloads, how, &mut Chance::new(5)).unwrap();
        let mut top = crate::payloads::payload("Configuration", "MAIL-1", "com.example.mail", &[])
            .into_dictionary()
            .unwrap();
        top.insert("EncryptedPayloadContent".into(), Value::Data(hidden));
        top.insert("IsEncrypted".into(), true.into());
        let author = Identity {
            key: authority.key.clone(),
            certificate: root.clone(),
        };
        let signed = sign(
            &author,
            &crate::payloads::xml(top),
            &Signing::attached(http.now()),
        )
        .unwrap();
        mini.queue_profile(&signed);
        let outcome = outcome(&mut device, &http).await;
        if readable {
            assert_eq!(outcome, Outcome::Acknowledged);
            let installed = device.profile("com.example.mail").unwrap();
            assert!(installed.encrypted && installed.signers == [root.clone()]);
            assert!(
                !device.mail_accounts()[0]
                    .settings
                    .keys
                    .contains_key("Password")
            );
            assert_eq!(device.counters().password_prompts, 0);
        } else {
            assert_eq!(
                refusal(&outcome),
                ("MCProfileErrorDomain".to_owned(), 1_006)
            );
        }
    }
    let mut broken = sign(
        &Identity {
            key: authority.key.clone(),
            certificate: root,
        },
        &profile(
            "com.example.other",
            "OTHER",
            vec![eas_payload("ACCOUNT-2", &[])],
        ),
        &Signing::attached(http.now()),
    )
    .unwrap();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    mini.queue_profile(&broken);
    assert_eq!(
        refusal(&outcome(&mut device, &http).await),
        ("MCProfileErrorDomain".to_owned(), 1_004)
    );
}

#[tokio::test]
async fn an_unchanged_idle_message_is_signed_once() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    for form in [SignatureForm::Clean, SignatureForm::Device] {
        device.signature = form;
        device.check_in(&http).await.unwrap();
        device.check_in(&http).await.unwrap();
    }
    let inside = mini.inside.lock().unwrap();
    let last = inside.signatures.len() - 1;
    assert_eq!(inside.signatures[last], inside.signatures[last - 1]);
    let signature = inside.signatures[last].as_ref().unwrap();
    let opened = mandate_simulator::cms::open_signed(signature).unwrap();
    assert!(opened.is_intact(&inside.bodies[last]));
    assert!(opened.content.is_empty());
}

#[tokio::test]
async fn forged_signatures_do_not_verify() {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    for forgery in [
        Forgery::OtherBody,
        Forgery::ForeignCertificate,
        Forgery::ExpiredCertificate,
        Forgery::Missing,
    ] {
        device.faults.forgery = forgery;
        device.check_in(&http).await.unwrap();
        let inside = mini.inside.lock().unwrap();
        let body = inside.bodies.last().unwrap();
        let Some(signature) = inside.signatures.last().unwrap() else {
            assert_eq!(forgery, Forgery::Missing);
            continue;
        };
        let opened = mandate_simulator::cms::open_signed(signature).unwrap();
        assert_eq!(opened.is_intact(body), forgery != Forgery::OtherBody);
        let ours = opened.certificates[0].is_signed_by(inside.authority.key.public());
        assert_eq!(ours, forgery == Forgery::OtherBody);
    }
}

#[tokio::test]
async fn a_user_enrolment_tells_neither_udid_nor_serial() {
    let mini = Mini::start().await;
    let http = Http::new();
    let mut device = an_iphone();
    let text = String::from_utf8(enrolment_profile(&mini.url, "1")).unwrap();
    let byod = text.replace(
        "<key>AccessRights</key>",
        "<key>EnrollmentMode</key><string>BYOD</string><key>Unused</key>",
    );
    device
        .enrol_with_profile(&http, byod.as_bytes())
        .await
        .unwrap();
    let authenticate = &mini.messages_of("Authenticate")[0];
    assert!(!authenticate.contains_key("UDID") && !authenticate.contains_key("SerialNumber"));
    assert_eq!(
        authenticate.get("EnrollmentID").and_then(Value::as_string),
        Some(device.enrolment_id())
    );
    mini.queue("EraseDevice", &[]);
    assert_eq!(refusal(&outcome(&mut device, &http).await).1, 12_021);

    let with_rights = text.replace(
        "<key>Topic</key>",
        "<key>EnrollmentMode</key><string>BYOD</string><key>Topic</key>",
    );
    let error = an_iphone()
        .enrol_with_profile(&http, with_rights.as_bytes())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("AccessRights"), "{error}");
}

#[tokio::test]
async fn without_signatures_the_client_certificate_speaks() {
    let mini = Mini::start_with_tls().await;
    let untrusting = an_iphone()
        .enrol(&Http::new(), &mini.link())
        .await
        .unwrap_err();
    assert!(untrusting.to_string().contains("--ca"), "{untrusting}");

    let http = Http::with_roots(mini.root_pem().as_bytes()).unwrap();
    let mut device = an_iphone();
    let signed = String::from_utf8(enrolment_profile(&mini.url, "1")).unwrap();
    let unsigned = signed.replace("<key>SignMessage</key>", "<key>Unused</key>");
    device
        .enrol_with_profile(&http, unsigned.as_bytes())
        .await
        .unwrap();
    mini.queue("ProfileList", &[]);
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    let ours = device.mdm_identity().unwrap().certificate;
    let inside = mini.inside.lock().unwrap();
    assert!(inside.signatures.iter().all(Option::is_none));
    assert!(
        inside
            .peers
            .iter()
            .all(|peer| peer.as_deref() == Some(ours.der()))
    );
}

#[tokio::test]
async fn a_command_beyond_the_access_rights_is_refused() {
    let mini = Mini::start().await;
    let (http, mut device) = (Http::new(), an_iphone());
    let text = String::from_utf8(enrolment_profile(&mini.url, "1")).unwrap();
    let few = text.replace("<integer>8191</integer>", "<integer>3</integer>");
    device
        .enrol_with_profile(&http, few.as_bytes())
        .await
        .unwrap();
    mini.queue("EraseDevice", &[]);
    assert_eq!(refusal(&outcome(&mut device, &http).await).1, 12_007);
    mini.queue("ProfileList", &[]);
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    // More rights cannot be had by a new version of the profile.
    mini.queue_profile(&enrolment_profile(&mini.url, "2"));
    assert_eq!(refusal(&outcome(&mut device, &http).await).1, 12_009);
}

#[tokio::test]
async fn an_unrecognised_device_of_today_ends_its_management() {
    for (os, gone) in [
        (OsVersion::new(17, 0), true),
        (OsVersion::new(16, 6), false),
    ] {
        let mini = Mini::start().await;
        let (mut device, http) = enrolled(&mini).await;
        device.update_os(os);
        mini.inside.lock().unwrap().answer_all_with =
            Some((403, r#"{"code":"com.apple.unrecognized.device"}"#));
        device.check_in(&http).await.unwrap();
        assert_eq!(device.is_enrolled(), !gone);
    }
}
