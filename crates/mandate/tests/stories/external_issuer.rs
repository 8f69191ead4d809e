//! Authorities of others: asked by SCEP on behalf of devices, and told what was revoked.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mandate_engine::{EngineError, ExternalRevocation, NewIssuer};
use mandate_model::{GroupId, Member, Profile, Reason, State, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_simulator::device::Device;
use mandate_simulator::receiver::Receiver;
use serde_json::json;
use zeroize::Zeroizing;

use crate::house::{House, Program, Workshop, places};

/// micromdm's `scepserver` with an authority of its own; ends with the story.
struct ScepServer {
    process: Child,
    port: u16,
    url: String,
    authority: Certificate,
    workshop: Workshop,
}

impl ScepServer {
    async fn start(challenge: Option<&str>) -> Option<Self> {
        let workshop = Workshop::with(&["scepserver"])?;
        let init = ["ca", "-init", "-depot", "depot", "-keySize", "2048"];
        workshop.succeed("scepserver", &init).await;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let authority = Certificate::from_pem(&workshop.read("depot/ca.pem")).unwrap();
        let process = listen(&workshop, port, challenge).await;
        Some(Self {
            process,
            port,
            url: format!("http://127.0.0.1:{port}/scep"),
            authority,
            workshop,
        })
    }

    fn fingerprint(&self) -> String {
        mandate_simulator::certificates::hex(&self.authority.sha256())
    }

    fn stop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }

    async fn resume(&mut self) {
        self.process = listen(&self.workshop, self.port, None).await;
    }
}

impl Drop for ScepServer {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(workshop: &Workshop, port: u16, challenge: Option<&str>) -> Child {
    let mut command = Command::new("scepserver");
    command
        .current_dir(workshop.path())
        .args([
            "-depot",
            "depot",
            "-allowrenew",
            "0",
            "-crtvalid",
            "300",
            "-port",
        ])
        .arg(port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(challenge) = challenge {
        command.args(["-challenge", challenge]);
    }
    let process = command.spawn().unwrap();
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "scepserver does not listen"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process
}

fn issuer(server: &ScepServer, challenge: Option<&str>) -> NewIssuer {
    NewIssuer {
        name: "Fabrikam".to_owned(),
        url: server.url.clone(),
        challenge: challenge.map(|text| Zeroizing::new(text.to_owned())),
        // It signs its answers over SHA-1.
        legacy_des: true,
        revocation_url: None,
        revocation_token: None,
    }
}

/// A house in the present, since the other authority goes by the real time.
async fn house_at(place: crate::house::Place) -> (House, GroupId) {
    let house = House::open(place).await;
    house.come_to_the_present();
    let ada = house.hire("ada").await;
    let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
    (house, staff.id)
}

async fn ada(house: &House) -> mandate_model::UserId {
    let ada = house
        .engine
        .find_user(&house.admin, "ada@contoso.com")
        .await;
    ada.unwrap().unwrap().id
}

/// A mail profile that signs in by a certificate of this profile; all of it assigned.
async fn mail_with(house: &House, certificate: &Profile, staff: GroupId) -> Profile {
    let mut settings = crate::house::mail_settings();
    settings["authenticationMethod"] = json!("certificate");
    let reference = [("identityCertificate", certificate.id)];
    let kind = "iosEasEmailProfileConfiguration";
    let mail = house.profile(kind, "Mail", settings, &reference).await;
    for profile in [certificate, &mail] {
        house.assign(profile.id, &[staff]).await;
    }
    mail
}

async fn pkcs_profile(house: &House) -> Profile {
    let settings = json!({
        "certificateTemplateName": "clientAuthentication",
        "certificationAuthority": "ca.fabrikam.com",
        "certificationAuthorityName": "Fabrikam",
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}},O=Contoso",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
    });
    let kind = "iosPkcsCertificateProfile";
    house.profile(kind, "Certificate", settings, &[]).await
}

async fn scep_profile(house: &House, server: &ScepServer) -> Profile {
    let root = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        server.authority.der(),
    );
    let body = json!({ "trustedRootCertificate": root, "certFileName": "root.cer" });
    let root = house
        .profile("iosTrustedRootCertificate", "Their root", body, &[])
        .await;
    house
        .target(root.id, vec![mandate_model::Target::AllUsers])
        .await;
    let settings = json!({
        "scepServerUrls": [server.url],
        "subjectNameFormatString": "CN={{UserName}},O=Contoso",
        "keySize": "size2048",
        "keyUsage": "digitalSignature,keyEncipherment",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "subjectNameFormat": "custom",
        "certificateStore": "user",
        "extendedKeyUsages": [{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }],
    });
    let reference = [("rootCertificate", root.id)];
    let kind = "iosScepCertificateProfile";
    house
        .profile(kind, "Certificate", settings, &reference)
        .await
}

/// The identity of the mail account on a phone.
fn identity(phone: &Device) -> Certificate {
    let account = phone.mail_account("ada@mail.contoso.com").unwrap();
    Certificate::from_der(account.identity.unwrap().der()).unwrap()
}

async fn revocations(house: &House) -> Vec<ExternalRevocation> {
    house
        .engine
        .external_revocations(&house.admin)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_key_of_the_server_is_certified_by_the_other_authority_and_renewed_by_it() {
    for place in places().await {
        let Some(server) = ScepServer::start(Some("s3cret")).await else {
            return;
        };
        let (house, staff) = house_at(place).await;
        let wrong = "00".repeat(32);
        house
            .engine
            .add_issuer(&house.admin, issuer(&server, Some("s3cret")), &wrong)
            .await
            .unwrap_err();
        house
            .engine
            .add_issuer(
                &house.admin,
                issuer(&server, Some("s3cret")),
                &server.fingerprint(),
            )
            .await
            .unwrap();
        let certificate = pkcs_profile(&house).await;
        let mail = mail_with(&house, &certificate, staff).await;
        let mut phone = house
            .enrol(house.phone(17, 5), Some(ada(&house).await))
            .await;
        assert_eq!(
            house.state(mail.id, &phone).await,
            Some(State::Succeeded),
            "{:?}",
            house.reason(mail.id, &phone).await
        );
        let before = identity(&phone);
        before.verify_signed_by(&server.authority).unwrap();
        assert_eq!(before.common_name().as_deref(), Some("ada"));

        // Four fifths of three hundred days; its clock stands where it was, so that its next one ends as early.
        house.clock.forward_days(245);
        house.background().await;
        house.settle(&mut phone).await;
        let after = identity(&phone);
        assert_ne!(after.serial_hex(), before.serial_hex());
        after.verify_signed_by(&server.authority).unwrap();
        // Nobody can be told of the first one but by hand.
        house.engine.tell_revocations().await.unwrap();
        let all = revocations(&house).await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(
            (all[0].serial.as_str(), all[0].state.as_str()),
            (before.serial_hex().as_str(), "manual")
        );
        house
            .engine
            .settle_external_revocation(&house.admin, all[0].id)
            .await
            .unwrap();
        assert_eq!(revocations(&house).await[0].state, "done");
        house
            .engine
            .settle_external_revocation(&house.admin, all[0].id)
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_key_of_the_phone_is_certified_by_the_other_authority_through_this_one() {
    for place in places().await {
        let Some(mut server) = ScepServer::start(None).await else {
            return;
        };
        let (house, staff) = house_at(place).await;
        house
            .engine
            .add_issuer(&house.admin, issuer(&server, None), &server.fingerprint())
            .await
            .unwrap();
        let certificate = scep_profile(&house, &server).await;
        let mail = mail_with(&house, &certificate, staff).await;
        // The challenge is judged here: what is asked for with it must be what was offered.
        let phone = house.phone(17, 5);
        server.stop();
        let mut phone = house.enrol(phone, Some(ada(&house).await)).await;
        assert_ne!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        server.resume().await;
        for _ in 0..4 {
            house.clock.forward(4 * Timestamp::HOUR);
            house.settle(&mut phone).await;
        }
        assert_eq!(
            house.state(mail.id, &phone).await,
            Some(State::Succeeded),
            "{:?}",
            house.reason(mail.id, &phone).await
        );
        let before = identity(&phone);
        before.verify_signed_by(&server.authority).unwrap();
        assert_eq!(before.subject(), "CN=ada,O=Contoso");

        house.clock.forward_days(245);
        house.background().await;
        house.settle(&mut phone).await;
        let after = identity(&phone);
        assert_ne!(after.serial_hex(), before.serial_hex());
        after.verify_signed_by(&server.authority).unwrap();
    }
}

#[tokio::test]
async fn an_authority_that_does_not_answer_is_asked_again_and_holds_nothing_else_up() {
    for place in places().await {
        let Some(mut server) = ScepServer::start(None).await else {
            return;
        };
        let (house, staff) = house_at(place).await;
        house
            .engine
            .add_issuer(&house.admin, issuer(&server, None), &server.fingerprint())
            .await
            .unwrap();
        let certificate = pkcs_profile(&house).await;
        let mail = mail_with(&house, &certificate, staff).await;
        server.stop();
        let mut phone = house
            .enrol(house.phone(17, 5), Some(ada(&house).await))
            .await;
        assert!(phone.is_enrolled());
        let reason = house.reason(mail.id, &phone).await;
        assert!(
            matches!(&reason, Some(Reason::IssuerFailed { issuer, .. }) if issuer == "Fabrikam"),
            "{reason:?}"
        );
        server.resume().await;
        house.clock.forward(Timestamp::HOUR);
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
    }
}

#[tokio::test]
async fn the_other_authority_is_told_of_revocations_until_it_has_heard() {
    for place in places().await {
        let Some(server) = ScepServer::start(None).await else {
            return;
        };
        let receiver = Receiver::start().await.unwrap();
        let (house, staff) = house_at(place).await;
        let new = NewIssuer {
            revocation_url: Some(receiver.url()),
            revocation_token: Some(Zeroizing::new("let me in".to_owned())),
            ..issuer(&server, None)
        };
        assert!(!format!("{new:?}").contains("let me in"));
        house
            .engine
            .add_issuer(&house.admin, new, &server.fingerprint())
            .await
            .unwrap();
        let certificate = pkcs_profile(&house).await;
        mail_with(&house, &certificate, staff).await;
        let mut phone = house
            .enrol(house.phone(17, 5), Some(ada(&house).await))
            .await;
        let held = identity(&phone);
        let device = house.device_of(&phone).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.settle_until_gone(&mut phone).await;

        receiver.fail_next(1, 503);
        house.engine.tell_revocations().await.unwrap();
        let all = revocations(&house).await;
        assert_eq!(all.len(), 1, "only theirs: {all:?}");
        assert_eq!((all[0].state.as_str(), all[0].attempts), ("queued", 1));
        assert!(all[0].result.as_deref().unwrap().contains("503"));
        house.engine.tell_revocations().await.unwrap();
        assert_eq!(receiver.received().len(), 1, "not before its time");

        house.clock.forward(2 * Timestamp::MINUTE);
        house.engine.tell_revocations().await.unwrap();
        assert_eq!(revocations(&house).await[0].state, "done");
        let posts = receiver.received();
        assert_eq!(posts.len(), 2);
        let told = posts[1].json().unwrap();
        assert_eq!(told["serialNumber"], held.serial_hex());
        assert_eq!(told["issuer"], "Fabrikam");
        assert_eq!(told["reason"], "cessationOfOperation");
        assert_eq!(posts[1].headers["authorization"], "Bearer let me in");
        house.clock.forward_days(3);
        house.engine.tell_revocations().await.unwrap();
        assert_eq!(receiver.received().len(), 2);
    }
}

#[tokio::test]
async fn an_authority_is_added_by_command_once_its_fingerprint_is_given() {
    let Some(server) = ScepServer::start(Some("s3cret")).await else {
        return;
    };
    let program = Program::start(places().await.remove(0)).await;
    server.workshop.write("challenge", "s3cret\n");
    let challenge = server.workshop.file("challenge");
    let (url, fingerprint) = (server.url.as_str(), server.fingerprint());
    let words = [
        "ca",
        "issuer",
        "add",
        "--name",
        "Fabrikam",
        "--url",
        url,
        "--challenge-file",
        challenge.to_str().unwrap(),
    ];
    let (success, said) = program.command(&words).await;
    assert!(!success && said.contains("--fingerprint"), "{said}");
    let confirmed = [&words[..], &["--fingerprint", &fingerprint]].concat();
    let (success, said) = program.command(&confirmed).await;
    assert!(success && said.contains("BEGIN CERTIFICATE"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let (success, said) = program.command(&confirmed).await;
    assert!(!success && said.contains("already"), "{said}");
    let (success, said) = program.command(&["ca", "issuer", "list"]).await;
    assert!(success && said.contains("a challenge is sent"), "{said}");
    let (success, said) = program.command(&["ca", "revocations", "--json"]).await;
    assert!(success && said.trim() == "[]", "{said}");
    let (success, said) = program.command(&["ca", "revocations", "done"]).await;
    assert!(!success && said.contains("<ID>"), "{said}");
    let nobody = "01992f1c-0000-7000-8000-000000000000";
    let (success, said) = program
        .command(&["ca", "revocations", "done", nobody])
        .await;
    assert!(
        !success && said.contains("there is no revocation"),
        "{said}"
    );
    let (success, said) = program
        .command(&["ca", "issuer", "remove", "Fabrikam"])
        .await;
    assert!(success, "{said}");
    let nowhere = [
        "ca",
        "issuer",
        "add",
        "--name",
        "X",
        "--url",
        "http://127.0.0.1:9/scep",
        "--fingerprint",
        "00",
    ];
    let (success, said) = program.command(&nowhere).await;
    assert!(
        !success && said.contains("gives no certificate now"),
        "{said}"
    );
}

#[tokio::test]
async fn a_template_is_added_and_removed_by_command_and_counts_for_profiles() {
    let Some(workshop) = Workshop::with(&["openssl"]) else {
        return;
    };
    let program = Program::start(places().await.remove(0)).await;
    workshop.write(
        "template.json",
        r#"{ "name": "guests", "maximumValidityDays": 30, "alternativeNames": ["emailAddress"] }"#,
    );
    let file = workshop.file("template.json");
    let add = ["ca", "template", "add", file.to_str().unwrap()];
    let (success, said) = program.command(&add).await;
    assert!(success, "{said}");
    let (success, said) = program.command(&add).await;
    assert!(!success && said.contains("already"), "{said}");
    let (success, said) = program.command(&["ca", "template", "list"]).await;
    assert!(
        success && said.contains("guests") && said.contains("serverTls"),
        "{said}"
    );
    for (name, reason) in [("signing", "built in"), ("nobody", "there is no")] {
        let (success, said) = program.command(&["ca", "template", "remove", name]).await;
        assert!(!success && said.contains(reason), "{said}");
    }
    let (success, said) = program
        .command(&["ca", "template", "remove", "guests"])
        .await;
    assert!(success, "{said}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anybody_is_asked() {
    let house = House::open(places().await.remove(0)).await;
    for url in ["ca/scep", "file:///etc/passwd", "http://a/scep?x"] {
        let refused = house.engine.inspect_issuer(&house.admin, url).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{url}");
    }
}
