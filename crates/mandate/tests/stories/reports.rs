//! What administrators are told of certificates: whose they are, where they are, and which end soon.

use std::sync::Mutex;
use std::time::Duration;

use axum::http::Method;
use mandate_engine::{
    Actor, AlertCourier, AlertMessage, CertificateOrigin, Delivery, DeliveryOutcome, EngineError,
    ExpiryWatch, HeldCertificate, Permission, Presence, Sharing,
};
use mandate_model::{AppId, ImportPurpose, Member, Target, Timestamp};
use mandate_pki::hmac_sha256;
use mandate_simulator::device::Device;
use mandate_simulator::http::Request;
use mandate_simulator::receiver::Receiver;
use mandate_simulator::scep::ScepRequest;
use serde_json::{Value, json};

use crate::house::{House, Openssl, Place, Program, places};

const ADA: &str = "ada@contoso.com";
const PURPOSE: ImportPurpose = ImportPurpose::SmimeEncryption;

/// A history profile for everybody.
async fn history(house: &House) {
    let history = house
        .profile(
            "iosImportedPFXCertificateProfile",
            "S/MIME encryption",
            json!({ "intendedPurpose": "smimeEncryption" }),
            &[],
        )
        .await;
    house.target(history.id, vec![Target::AllUsers]).await;
}

async fn certificates(house: &House) -> Vec<HeldCertificate> {
    let found = house.engine.user_certificates(&house.admin, ADA).await;
    found.unwrap().unwrap().value
}

/// Whether, and how, a certificate is on a phone.
async fn presence(house: &House, phone: &Device, thumbprint: &str) -> Option<Presence> {
    let id = house.device_of(phone).await;
    let certificates = certificates(house).await;
    let found = certificates
        .iter()
        .find(|certificate| certificate.thumbprint == thumbprint)
        .unwrap();
    let device = found.devices.iter().find(|device| device.id == id)?;
    assert_eq!(
        device.seen_date_time.is_some(),
        device.state != Presence::Expected
    );
    Some(device.state)
}

fn thumbprint(certificate: &mandate_simulator::certificates::Certificate) -> String {
    mandate_simulator::certificates::hex(&mandate_pki::sha1(certificate.der()))
}

#[tokio::test]
async fn a_person_s_certificates_are_listed_with_the_devices_that_were_seen_to_have_them() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        history(&house).await;
        let authority = house.foreign_authority();
        let first = house.mail_key(&authority, 31, "ada@mail.contoso.com", (-1, 2));
        house.import(&openssl, ADA, PURPOSE, &first, &[]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let tablet = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let stranger = house.hire("ben").await;
        house.enrol(house.phone(17, 5), Some(stranger.id)).await;

        let held = certificates(&house).await;
        let (shared, own): (Vec<_>, Vec<_>) = held
            .iter()
            .partition(|held| held.source == CertificateOrigin::Imported);
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].sharing, Sharing::SharedByDevices);
        assert_eq!(shared[0].purpose, "smimeEncryption");
        assert_eq!(shared[0].devices.len(), 2);
        for device in [&phone, &tablet] {
            let thumbprint = thumbprint(&first.certificate);
            assert_eq!(
                presence(&house, device, &thumbprint).await,
                Some(Presence::Confirmed)
            );
        }
        assert!(own.len() >= 2, "one for each device and document");
        for certificate in own {
            assert_eq!(certificate.source, CertificateOrigin::Scep);
            assert_eq!(certificate.sharing, Sharing::PerDevice);
            assert_eq!(certificate.purpose, "clientAuthentication");
            assert_eq!(certificate.user_principal_name.as_deref(), Some(ADA));
            assert_eq!(certificate.external_issuer, None);
            assert_eq!(certificate.devices.len(), 1);
            assert_eq!(certificate.devices[0].state, Presence::Confirmed);
        }

        // What is imported now is expected where its predecessor is, and confirmed once a list shows it.
        let next = house.mail_key(&authority, 32, "ada@mail.contoso.com", (0, 3));
        house.import(&openssl, ADA, PURPOSE, &next, &[]).await;
        let next = thumbprint(&next.certificate);
        for device in [&phone, &tablet] {
            assert_eq!(
                presence(&house, device, &next).await,
                Some(Presence::Expected)
            );
        }
        house.settle(&mut phone).await;
        assert_eq!(
            presence(&house, &phone, &next).await,
            Some(Presence::Confirmed)
        );
        assert_eq!(
            presence(&house, &tablet, &next).await,
            Some(Presence::Expected)
        );

        // What is no longer managed has nothing any more.
        let id = house.device_of(&phone).await;
        house.engine.retire_device(&house.admin, id).await.unwrap();
        house.settle_until_gone(&mut phone).await;
        assert_eq!(presence(&house, &phone, &next).await, None);
        let revoked = certificates(&house).await;
        let revoked = revoked
            .iter()
            .filter(|held| held.revoked_date_time.is_some())
            .count();
        assert!(revoked >= 1);
    }
}

#[tokio::test]
async fn reports_about_certificates_need_both_permissions_and_name_nobody_else() {
    for place in places().await {
        let house = House::open(place).await;
        house.hire("ada").await;
        let with = |permissions: &[Permission]| {
            Actor::app(AppId(uuid::Uuid::nil()), "reader", permissions.to_vec())
        };
        let (configuration, devices) = (Permission::ConfigurationRead, Permission::DevicesRead);
        for actor in [with(&[]), with(&[configuration]), with(&[devices])] {
            let one = house.engine.user_certificates(&actor, ADA).await;
            assert!(matches!(one, Err(EngineError::NotAllowed { .. })));
            let all = house
                .engine
                .expiring_certificates(&actor, 60, None, 10)
                .await;
            assert!(matches!(all, Err(EngineError::NotAllowed { .. })));
        }
        let reader = with(&[configuration, devices]);
        let found = house.engine.user_certificates(&reader, ADA).await.unwrap();
        assert_eq!(found.unwrap().value, []);
        let nobody = house
            .engine
            .user_certificates(&reader, "nobody@contoso.com")
            .await;
        assert_eq!(nobody.unwrap(), None);
        for (days, after) in [
            (0, None),
            (731, None),
            (60, Some("nonsense")),
            (60, Some("AAAA")),
        ] {
            let found = house
                .engine
                .expiring_certificates(&reader, days, after, 10)
                .await;
            assert!(
                matches!(found, Err(EngineError::Invalid(_))),
                "{days} {after:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_ends_soon_is_listed_in_order_page_by_page_until_it_is_renewed() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        house.hire("ben").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let authority = house.foreign_authority();
        for number in 31..36 {
            let key = house.mail_key(&authority, number, "ada@mail.contoso.com", (-1, 1));
            house.import(&openssl, ADA, PURPOSE, &key, &[]).await;
            // Two people may have the same key.
            house
                .import(&openssl, "ben@contoso.com", PURPOSE, &key, &[])
                .await;
        }
        let later = house.mail_key(&authority, 36, "ada@mail.contoso.com", (0, 3));
        house.import(&openssl, ADA, PURPOSE, &later, &[]).await;
        assert_eq!(all(&house, 60, 3).await, [], "nothing ends yet");

        house.clock.forward_days(320);
        let found = all(&house, 60, 3).await;
        let imported = |found: &[HeldCertificate]| {
            let is_imported = |held: &&HeldCertificate| held.source == CertificateOrigin::Imported;
            found.iter().filter(is_imported).count()
        };
        assert_eq!(imported(&found), 10);
        assert!(
            found.len() > 10,
            "and those of the phone, which did not come"
        );
        assert_eq!(found, all(&house, 60, 1000).await);
        let ends: Vec<Timestamp> = found.iter().map(|held| held.not_after_date_time).collect();
        assert!(ends.is_sorted());
        assert_eq!(all(&house, 30, 3).await, []);

        house.settle(&mut phone).await;
        house.settle(&mut phone).await;
        let found = all(&house, 60, 3).await;
        assert_eq!(
            imported(&found),
            found.len(),
            "what was renewed is not of interest"
        );
    }
}

/// All pages of a list.
async fn all(house: &House, days: i64, limit: u32) -> Vec<HeldCertificate> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = house
            .engine
            .expiring_certificates(&house.admin, days, after.as_deref(), limit)
            .await
            .unwrap();
        assert!(page.certificates.len() <= limit as usize);
        found.extend(page.certificates);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// Somebody who is told, and does not always listen.
#[derive(Default)]
struct Listener {
    heard: Mutex<Vec<Value>>,
    deaf: Mutex<u32>,
}

impl AlertCourier for Listener {
    fn deliver<'a>(&'a self, message: &'a AlertMessage) -> Delivery<'a> {
        let mut deaf = self.deaf.lock().unwrap();
        if *deaf > 0 {
            *deaf -= 1;
            return Box::pin(async { DeliveryOutcome::Unavailable("HTTP 503".to_owned()) });
        }
        let body: Value = serde_json::from_str(&message.body).unwrap();
        assert_eq!(body["id"], json!(message.id));
        self.heard.lock().unwrap().push(body);
        Box::pin(async { DeliveryOutcome::Taken("HTTP 204".to_owned()) })
    }
}

impl Listener {
    /// What was heard since it was last asked: source and threshold, sorted.
    fn news(&self) -> Vec<(String, i64)> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let mut news: Vec<(String, i64)> = heard
            .iter()
            .map(|alert| {
                let source = alert["source"].as_str().unwrap().to_owned();
                (source, alert["thresholdDays"].as_i64().unwrap())
            })
            .collect();
        news.sort();
        news
    }
}

fn watch() -> ExpiryWatch {
    ExpiryWatch {
        days: vec![60, 30, 7],
        tells_somebody: true,
        ..ExpiryWatch::default()
    }
}

/// W-39
#[tokio::test]
async fn the_push_certificate_is_spoken_of_before_it_ends() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let certificate = engine.push_certificate(admin).await.unwrap().unwrap();
        let watch = ExpiryWatch {
            days: vec![60, 30, 14, 7, 1],
            tells_somebody: true,
            ..ExpiryWatch::default()
        };
        let listener = Listener::default();
        let round = || async {
            engine.watch_expiry(&watch).await.unwrap();
            engine.deliver_alerts(&listener).await.unwrap();
            let mut news = listener.news();
            news.retain(|(source, _)| source == "pushCertificate");
            news
        };
        assert_eq!(round().await, []);
        for days in [60, 30, 14, 7, 1] {
            let at = certificate.not_after.plus(-days * Timestamp::DAY);
            house
                .clock
                .forward(at.plus(Timestamp::HOUR).since(engine.now()));
            assert_eq!(round().await, [("pushCertificate".to_owned(), days)]);
            assert_eq!(round().await, [], "once is enough");
        }
        let counted = engine.metrics().await.unwrap().counted;
        assert_eq!(counted.push_ends, Some(certificate.not_after));
        for line in [
            (7, "pushCertificate".to_owned(), 1),
            (7, "enrolmentToken".to_owned(), 0),
        ] {
            assert!(counted.expiring.contains(&line), "{:?}", counted.expiring);
        }
    }
}

#[tokio::test]
async fn each_threshold_is_told_once_and_again_until_it_is_heard() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        house.hire("ada").await;
        let authority = house.foreign_authority();
        let key = house.mail_key(&authority, 31, "ada@mail.contoso.com", (-1, 1));
        house.import(&openssl, ADA, PURPOSE, &key, &[]).await;
        let listener = Listener::default();
        let round = || async {
            house.engine.watch_expiry(&watch()).await.unwrap();
            house.engine.watch_expiry(&watch()).await.unwrap();
            house.engine.deliver_alerts(&listener).await.unwrap();
            house.engine.deliver_alerts(&listener).await.unwrap();
            let mut news = listener.news();
            news.retain(|(source, _)| source == "imported");
            news
        };
        house.clock.forward_days(304);
        assert_eq!(round().await, []);
        for (days, threshold) in [(2, 60), (30, 30), (23, 7)] {
            house.clock.forward_days(days);
            assert_eq!(round().await, [("imported".to_owned(), threshold)]);
            house.clock.forward_days(1);
            assert_eq!(round().await, [], "once is enough");
        }
        let session = house.engine.store().read();
        let alerts = session.await.unwrap().list_alerts(None, 100).await.unwrap();
        assert!(alerts.iter().all(|alert| alert.due_at.is_none()));
        assert!(
            alerts
                .iter()
                .all(|alert| alert.result.as_deref() == Some("delivered: HTTP 204"))
        );
        // The push certificate of the house ends in that year too.
        assert!(
            alerts
                .iter()
                .any(|alert| alert.subject.starts_with("pushCertificate:"))
        );

        // Its successor is imported when nobody listens.
        let next = house.mail_key(&authority, 32, "ada@mail.contoso.com", (-1, 1));
        house.import(&openssl, ADA, PURPOSE, &next, &[]).await;
        house.clock.forward_days(320);
        *listener.deaf.lock().unwrap() = u32::MAX;
        assert_eq!(round().await, []);
        house.clock.forward(Timestamp::MINUTE / 2);
        *listener.deaf.lock().unwrap() = 0;
        assert_eq!(round().await, [], "not before a minute has passed");
        house.clock.forward(Timestamp::MINUTE);
        assert_eq!(round().await, [("imported".to_owned(), 60)]);
    }
}

#[tokio::test]
async fn nobody_is_told_of_a_renewal_before_it_is_overdue() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let listener = Listener::default();
        let round = || async {
            house.engine.watch_expiry(&watch()).await.unwrap();
            house.engine.deliver_alerts(&listener).await.unwrap();
            let mut news = listener.news();
            news.retain(|(source, _)| source == "scep");
            news
        };
        // The phone comes and renews: nothing has to be said.
        house.clock.forward_days(300);
        house.settle(&mut phone).await;
        house.settle(&mut phone).await;
        house.clock.forward_days(10);
        assert_eq!(round().await, []);
        // It does not come any more.
        house.clock.forward_days(310);
        let news = round().await;
        assert!(
            !news.is_empty() && news.iter().all(|(_, threshold)| *threshold == 60),
            "{news:?}"
        );
        assert_eq!(round().await, []);
    }
}

#[tokio::test]
async fn what_is_counted_is_what_happened() {
    for place in places().await {
        let house = House::open(place).await;
        let before = house.engine.metrics().await.unwrap();
        assert_eq!((before.check_ins, before.scep_issued), (0, 0));
        assert_eq!(before.beat_age_seconds, None, "the background never worked");
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let idle = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let applicant = house.applicant(without_challenge(&phone));
        applicant.ask().await.unwrap_err();
        house.background().await;
        house.clock.forward(30 * Timestamp::SECOND);

        let after = house.engine.metrics().await.unwrap();
        assert!(after.check_ins > 4, "{after:?}");
        let held = phone.identities().len() + idle.identities().len();
        assert_eq!(after.scep_issued, u64::try_from(held).unwrap());
        assert_eq!(after.scep_refused, 1);
        assert_eq!(after.beat_age_seconds, Some(30));
        assert_eq!(after.counted.devices, [("enrolled".to_owned(), 2)]);
        assert_eq!(after.counted.profiles, [("succeeded".to_owned(), 6)]);
        assert_eq!(
            after
                .counted
                .expiring
                .iter()
                .map(|(.., number)| number)
                .sum::<i64>(),
            0
        );

        // What is kept for 15 seconds is asked for as often as one likes.
        house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let again = house.engine.metrics().await.unwrap();
        assert_eq!(again.counted, after.counted);
        house.clock.forward(16 * Timestamp::SECOND);
        let later = house.engine.metrics().await.unwrap();
        assert_eq!(later.counted.devices, [("enrolled".to_owned(), 3)]);
    }
}

/// What a phone has, asked for by somebody who was given no challenge.
fn without_challenge(phone: &Device) -> ScepRequest {
    let held = phone.identities().first().unwrap();
    ScepRequest {
        url: String::new(),
        instance: String::new(),
        subject: held.certificate.subject(),
        key_bits: 2048,
        challenge: Some("nonsense".to_owned()),
        extensions: Vec::new(),
        fingerprint: None,
        retries: 0,
    }
}

#[tokio::test]
async fn without_a_webhook_an_alert_is_only_noted() {
    for place in places().await {
        let house = House::open(place).await;
        house.clock.forward_days(340);
        let quiet = ExpiryWatch {
            days: vec![60],
            ..ExpiryWatch::default()
        };
        assert!(house.engine.watch_expiry(&quiet).await.unwrap() > 0);
        let listener = Listener::default();
        house.engine.deliver_alerts(&listener).await.unwrap();
        assert_eq!(listener.news(), []);
        let counted = house.engine.metrics().await.unwrap().counted;
        assert!(counted.alerts > 0);
        assert_eq!(counted.waiting_alerts, 0);
    }
}

#[tokio::test]
async fn the_webhook_is_told_over_http_with_a_signature() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let receiver = Receiver::start().await.unwrap();
    for place in places().await {
        let Place::Sqlite(directory) = &place else {
            continue;
        };
        let secret = directory.path().join("webhook.secret");
        std::fs::write(&secret, "a secret of the webhook\n").unwrap();
        let settings = format!(
            "webhook_url = \"{}\"\nwebhook_secret_file = \"{}\"\nexpiry_alert_days = [60, 30, 7]\n",
            receiver.url(),
            secret.display()
        );
        std::fs::write(directory.path().join("mandate.toml"), settings).unwrap();
        let mut program = Program::start(place.clone()).await;
        let ada = program.hire("ada").await;
        let issued = soon(&openssl);
        let file = openssl.file("ada.pfx", &issued);
        let password = openssl.file("password", "secret of the file");
        let (done, said) = program
            .command(&[
                "pfx",
                "import",
                file.to_str().unwrap(),
                "--user",
                ADA,
                "--purpose",
                "smimeEncryption",
                "--password-file",
                password.to_str().unwrap(),
            ])
            .await;
        assert!(done, "{said}");
        receiver.fail_next(1, 503);
        program.restart().await;
        let first = receiver.wait_for(1, Duration::from_secs(30)).await.unwrap();
        assert_eq!(first[0].answered, 503);
        let alert = first[0].json().unwrap();
        assert_eq!(alert["type"], "certificateExpiring");
        assert_eq!(alert["source"], "imported");
        assert_eq!(alert["thresholdDays"], 7);
        assert_eq!(alert["userPrincipalName"], ADA);
        let mac = hmac_sha256(b"a secret of the webhook", &first[0].body);
        let signature = format!("sha256={}", mandate_simulator::certificates::hex(&mac));
        assert_eq!(first[0].headers["x-mandate-signature"], signature);
        assert_eq!(
            first[0].headers["x-mandate-alert-id"],
            alert["id"].as_str().unwrap()
        );

        over_the_wire(&program, &ada).await;
    }
}

/// The same reports by the API, by the command line and as counts.
async fn over_the_wire(program: &Program, ada: &str) {
    for key in [ada, ADA] {
        let list = program
            .get(&format!("/mandate/v1/users/{key}/certificates"))
            .await;
        assert_eq!(list["userPrincipalName"], ADA);
        let held = &list["value"][0];
        assert_eq!(held["sharing"], "shared by the user's devices");
        assert_eq!(held["source"], "imported");
        assert_eq!(held["purpose"], "smimeEncryption");
        assert_eq!(held["devices"], json!([]));
        for secret in [
            "encryptedPfxBlob",
            "encryptedPfxPassword",
            "sealedKey",
            "der",
        ] {
            assert!(held.get(secret).is_none());
        }
    }
    let (status, body) = program
        .call(
            Method::GET,
            "/mandate/v1/users/nobody@contoso.com/certificates",
            None,
        )
        .await;
    assert_eq!(status, 404, "{body}");
    let list = program
        .get("/mandate/v1/certificates/expiring?days=7&limit=1")
        .await;
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let (status, body) = program
        .call(
            Method::GET,
            "/mandate/v1/certificates/expiring?days=x",
            None,
        )
        .await;
    assert_eq!(status, 400, "{body}");
    let (status, _) = anonymous(program, "/mandate/v1/certificates/expiring").await;
    assert_eq!(status, 401);

    let (done, said) = program
        .command(&["certificates", "expiring", "--days", "7", "--json"])
        .await;
    assert!(done && said.contains(ADA), "{said}");
    let (done, said) = program
        .command(&["certificates", "list", "--user", ADA])
        .await;
    assert!(
        done && said.contains("shared by the user's devices"),
        "{said}"
    );
    let (done, said) = program
        .command(&["certificates", "list", "--user", "nobody"])
        .await;
    assert!(
        !done && said.contains("there is no user `nobody`"),
        "{said}"
    );

    let plain = format!("{}/metrics", program.plain_url);
    let plain = Request::new(Method::GET, &plain);
    let page = program.http.send(&plain).await.unwrap();
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    for line in [
        "mandate_certificates_expiring{source=\"imported\",within_days=\"7\"} 1",
        "mandate_expiry_alerts{state=\"waiting\"} 1",
        "mandate_check_ins_total 0",
        "mandate_scep_requests_total{result=\"issued\"} 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    assert!(
        page.contains("mandate_background_beat_age_seconds "),
        "{page}"
    );
    assert!(!page.contains("contoso"), "no name is in it");
    let (status, _) = anonymous(program, "/metrics").await;
    assert_eq!(status, 404);
}

async fn anonymous(program: &Program, path: &str) -> (u16, String) {
    let url = format!("{}{path}", program.url);
    let answer = program
        .http
        .send(&Request::new(Method::GET, &url))
        .await
        .unwrap();
    (answer.status, answer.excerpt())
}

/// A PFX file of a certificate that ends in five days of real time.
fn soon(openssl: &Openssl) -> Vec<u8> {
    openssl.run(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
        "-days",
        "5",
        "-subj",
        "/CN=Ada",
        "-addext",
        "subjectAltName=email:ada@contoso.com",
    ]);
    openssl.run(&[
        "pkcs12",
        "-export",
        "-inkey",
        "k.pem",
        "-in",
        "c.pem",
        "-passout",
        "pass:secret of the file",
        "-out",
        "c.pfx",
    ]);
    std::fs::read(openssl.path("c.pfx")).unwrap()
}
