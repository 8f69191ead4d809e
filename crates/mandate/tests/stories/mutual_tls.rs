//! Phones that prove who they are by the certificate of their TLS connection.

use axum::http::HeaderName;
use mandate_simulator::certificates::{Issuer, Template};
use mandate_simulator::cms::Identity;
use mandate_simulator::device::{Device, Ending};
use mandate_simulator::http::{Answer, Request};
use mandate_simulator::keys::Digest;
use plist::Dictionary;

use crate::house::{Program, mail_settings, places, xml};

/// Enrols a phone with a profile that does not ask it to sign, and that names the listener for certificates.
async fn enrol_unsigned(program: &Program, phone: &mut Device, user: &str) {
    let link = program.link(user, false).await;
    let answer = program.http.fetch(&link).await.unwrap();
    let profile = String::from_utf8(answer.body.to_vec()).unwrap();
    let addresses: usize = ["checkin", "mdm"]
        .iter()
        .map(|path| {
            profile
                .matches(&format!("{}/apple/{path}<", program.url))
                .count()
        })
        .sum();
    assert_eq!(addresses, 2, "{profile}");
    let profile = profile
        .replace(
            &format!("{}/apple/", program.url),
            &format!("{}/apple/", program.device_url),
        )
        .replace("<key>SignMessage</key>", "<key>Unused</key>");
    phone
        .enrol_with_profile(&program.http, profile.as_bytes())
        .await
        .unwrap();
}

/// Asks for work as a phone, over TLS with a certificate or without one, and unsigned.
async fn ask(program: &Program, base: &str, phone: &Device, shown: Option<&Identity>) -> Answer {
    let mut message = Dictionary::new();
    message.insert("UDID".to_owned(), phone.enrolment_id().into());
    message.insert("Status".to_owned(), "Idle".into());
    let url = format!("{base}/apple/mdm");
    let mut request = Request::new(axum::http::Method::PUT, &url)
        .body("application/x-apple-aspen-mdm", xml(message))
        .unwrap();
    request.identity = shown;
    assert!(
        !request
            .headers
            .iter()
            .any(|(name, _)| name == HeaderName::from_static("mdm-signature"))
    );
    program.http.send(&request).await.unwrap()
}

/// The same key and names, by an issuer that is nobody.
fn foreign(identity: &Identity, now: i64) -> Identity {
    let template = Template {
        subject: identity.certificate.subject(),
        public: identity.key.public().to_vec(),
        serial: vec![1, 2, 3],
        validity: (now - 3600, now + 86_400),
        extensions: Vec::new(),
    };
    Identity {
        key: identity.key.clone(),
        certificate: Issuer::self_signed(&identity.key, &template, Digest::Sha256).unwrap(),
    }
}

#[tokio::test]
async fn a_phone_that_shows_its_certificate_need_not_sign() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.phone();
        enrol_unsigned(&program, &mut phone, &ada).await;
        assert!(!phone.state().enrolment.as_ref().unwrap().sign_message);
        let mail = program
            .profile("iosEasEmailProfileConfiguration", "Mail", mail_settings())
            .await;
        program.assign_to_all(&mail).await;
        let commands = program.settle(&mut phone).await;
        assert!(
            commands.contains(&"InstallProfile".to_owned()),
            "{commands:?}"
        );
        assert_eq!(phone.mail_accounts().len(), 1);
        assert_eq!(program.states(&mail).await[0]["state"], "succeeded");
    }
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_is_refused_and_never_with_401() {
    for place in places().await {
        let program = Program::start(place).await;
        let (ada, ben) = (program.hire("ada").await, program.hire("ben").await);
        let (phone, other) = (program.enrol(&ada).await, program.enrol(&ben).await);
        let (own, others) = (phone.mdm_identity().unwrap(), other.mdm_identity().unwrap());
        let forged = foreign(&own, program.http.now());
        let (devices, plain) = (&program.device_url, &program.url);
        for (what, base, shown, status) in [
            ("its own certificate", devices, Some(&own), 200),
            ("no certificate", devices, None, 403),
            ("a foreign certificate", devices, Some(&forged), 403),
            ("another phone's certificate", devices, Some(&others), 403),
            ("a listener that does not ask", plain, Some(&own), 403),
        ] {
            let answer = ask(&program, base, &phone, shown).await;
            assert_eq!(answer.status, status, "{what}: {}", answer.excerpt());
        }
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_in_the_same_way() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.phone();
        enrol_unsigned(&program, &mut phone, &ada).await;
        program.settle(&mut phone).await;
        let earlier = phone.mdm_identity().unwrap();
        // The same phone enrols again, and what it had is revoked.
        enrol_unsigned(&program, &mut phone, &ada).await;
        program.settle(&mut phone).await;
        let answer = ask(&program, &program.device_url, &phone, Some(&earlier)).await;
        assert_eq!(
            (answer.status, answer.excerpt().as_str()),
            (403, "revoked certificate")
        );
        let now = phone.mdm_identity().unwrap();
        let answer = ask(&program, &program.device_url, &phone, Some(&now)).await;
        assert_eq!(answer.status, 200);

        let devices = program.get("/v1.0/deviceManagement/managedDevices").await;
        let id = devices["value"][0]["id"].as_str().unwrap();
        let path = format!("/v1.0/deviceManagement/managedDevices/{id}/retire");
        program.post(&path, serde_json::json!({})).await;
        let report = phone.check_in(&program.http).await.unwrap();
        assert_eq!(report.ending, Ending::Unenrolled);
        let answer = ask(&program, &program.device_url, &phone, Some(&now)).await;
        assert_eq!(answer.status, 403);
        assert!(answer.excerpt().contains("com.apple.unrecognized.device"));
    }
}
