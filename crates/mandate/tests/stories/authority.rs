//! The certificate authority: replaced beside a running server, brought along, and its root put away.

use std::time::{Duration, Instant};

use axum::http::Method;
use mandate_engine::{Actor, AuthorityKeys, EngineError};
use mandate_model::{Member, Profile, State, Timestamp};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_simulator::device::Device;
use mandate_simulator::http::Request;
use serde_json::Value;

use crate::house::{House, Program, Workshop, places};

const YEAR_DAYS: i64 = 365;

/// Ada's phone with a chain of certificate and mail on it.
async fn a_phone_with_mail(house: &House) -> (Device, (Profile, Profile, Profile)) {
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let chain = house.mail_with_certificate("Mail").await;
    house.assign_chain(&chain, &[sales.id]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    assert_eq!(
        house.state(chain.2.id, &phone).await,
        Some(State::Succeeded)
    );
    (phone, chain)
}

/// The certificate on a phone that a profile brought.
fn held(house: &House, phone: &Device, profile: &Profile) -> Certificate {
    let identifier = house.identifier(profile.id);
    let held = phone
        .identities()
        .iter()
        .find(|held| held.profile == identifier)
        .unwrap();
    Certificate::from_der(held.certificate.der()).unwrap()
}

async fn fetch(house: &House, path: &str) -> (u16, Vec<u8>) {
    let url = format!("{}{path}", house.url);
    let answer = house.http.fetch(&url).await.unwrap();
    (answer.status, answer.body.to_vec())
}

fn key_id(authority: &mandate_pki::authority::Authority) -> String {
    mandate_simulator::certificates::hex(&authority.issuing().public_key().unwrap().key_id())
}

#[tokio::test]
async fn a_rollover_breaks_no_device_and_what_is_renewed_comes_from_the_new_authority() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = a_phone_with_mail(&house).await;
        let (before, old) = (
            held(&house, &phone, &chain.1),
            house.engine.authority().clone(),
        );

        for kind in [KeyKind::Rsa3072, KeyKind::P256] {
            house.engine.roll_over(&house.admin, kind).await.unwrap();
            assert_eq!(
                house.settle(&mut phone).await,
                Vec::<String>::new(),
                "a rollover sends nothing again"
            );
        }
        let new = house.engine.authority();
        assert_ne!(new.issuing(), old.issuing());
        assert_eq!(new.root(), old.root());
        assert_eq!(house.engine.root(), *old.root());
        let (status, list) = fetch(&house, &format!("/pki/crl/{}", key_id(&old))).await;
        assert_eq!(status, 200);
        assert!(!list.is_empty());

        house.clock.forward_days(294);
        house.background().await;
        house.settle(&mut phone).await;
        let after = held(&house, &phone, &chain.1);
        assert_ne!(after.serial_hex(), before.serial_hex());
        new.verify_chain(&after).unwrap();
        let identity = phone.mdm_identity().unwrap().certificate;
        new.verify_chain(&Certificate::from_der(identity.der()).unwrap())
            .unwrap();
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        assert_eq!(phone.counters().accounts_recreated, 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_was_asked_of_the_former_authority_is_still_answered() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.assign_chain(&chain, &[sales.id]).await;
        let offer = house.offered_certificate(&phone).await;
        let applicant = house.applicant(offer);
        let old = house.engine.authority();
        house
            .engine
            .roll_over(&house.admin, KeyKind::Rsa2048)
            .await
            .unwrap();

        let issued = applicant.ask().await.unwrap();
        let issued = Certificate::from_der(issued.der()).unwrap();
        house.engine.authority().verify_chain(&issued).unwrap();
        // Who was told a fingerprint finds its authority at its own address.
        let path = format!("/scep/{}?operation=GetCACert", key_id(&old));
        assert_eq!(fetch(&house, &path).await.1, old.issuing().der());
        let (_, present) = fetch(&house, "/scep?operation=GetCACert").await;
        assert_eq!(present, house.engine.authority().issuing().der());
        for wrong in [
            "/scep/00?operation=GetCACert",
            "/pki/crl/00",
            "/pki/ca/00.crt",
            "/pki/ca/00",
        ] {
            assert_eq!(fetch(&house, wrong).await.0, 404, "{wrong}");
        }
    }
}

#[tokio::test]
async fn an_authority_with_a_key_that_nobody_encrypts_to_enrols_through_a_registration_authority() {
    for place in places().await {
        let house = House::open(place).await;
        house
            .engine
            .roll_over(&house.admin, KeyKind::P384)
            .await
            .unwrap();
        let (phone, chain) = a_phone_with_mail(&house).await;
        let authority = house.engine.authority();
        assert!(authority.registration().is_some());
        authority
            .verify_chain(&held(&house, &phone, &chain.1))
            .unwrap();
    }
}

#[tokio::test]
async fn an_authority_that_is_about_to_end_issues_nothing_and_is_replaced() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let end = house.engine.authority().issuing().not_after();
        let left = (end - house.clock.unix_seconds()) * Timestamp::SECOND;
        house.clock.forward(left - 30 * Timestamp::HOUR);
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.clock.forward(7 * Timestamp::HOUR);
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let offer = house.offered_certificate(&phone).await;
        house.applicant(offer.clone()).ask().await.unwrap_err();
        assert_eq!(fetch(&house, "/scep?operation=GetCACert").await.0, 200);
        house.clock.forward(2 * Timestamp::DAY);
        let device = house.device_of(&phone).await;
        house.settle(&mut phone).await;
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        assert_eq!(issued.len(), 1, "only the identity: {issued:?}");

        house
            .engine
            .roll_over(&house.admin, KeyKind::Rsa2048)
            .await
            .unwrap();
        house.clock.forward_days(2);
        house.settle(&mut phone).await;
        let lasting = held(&house, &phone, &chain.1);
        assert!(lasting.not_after() > house.clock.unix_seconds() + 300 * 86_400);
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
    }
}

#[tokio::test]
async fn a_key_that_is_known_here_comes_under_no_other_name() {
    let Some(workshop) = Workshop::with(&["openssl"]) else {
        return;
    };
    let extensions = "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
                      subjectKeyIdentifier=hash\n[req]\ndistinguished_name=name\n[name]\n";
    workshop.write("extensions", extensions);
    workshop
        .openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ca.key")
        .await;
    for name in ["first", "second"] {
        workshop
            .openssl(&format!(
                "req -x509 -new -key ca.key -days 900 -subj /O=Fabrikam/CN={name} -config extensions \
                 -extensions ca -out {name}.pem"
            ))
            .await;
    }
    let key = || PrivateKey::from_pem_or_der(workshop.read("ca.key").as_bytes(), None).unwrap();
    let certificate = |name: &str| Certificate::from_pem(&workshop.read(name)).unwrap();
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let engine = &house.engine;
        engine
            .import_authority(&house.admin, key(), &[certificate("first.pem")])
            .await
            .unwrap();
        let refused = engine
            .import_authority(&house.admin, key(), &[certificate("second.pem")])
            .await
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`CN=first,O=Fabrikam`") && refused.contains("keeps its name"),
            "{refused}"
        );
        assert_eq!(*engine.authority().issuing(), certificate("first.pem"));
    }
}

#[tokio::test]
async fn without_the_key_of_the_root_only_a_rollover_is_impossible() {
    for place in places().await {
        let house = House::open(place).await;
        let root = house.engine.export_root_key(&house.admin).await.unwrap();
        assert_eq!(root.certificate, house.engine.root());
        house.engine.remove_root_key(&house.admin).await.unwrap();
        let refused = house
            .engine
            .roll_over(&house.admin, KeyKind::Rsa2048)
            .await
            .unwrap_err();
        let EngineError::NotPossible { reason } = refused else {
            panic!("{refused}");
        };
        assert!(reason.contains("root-key import"), "{reason}");
        a_phone_with_mail(&house).await;

        let wrong = house.engine.authority().issuing_key().clone();
        house
            .engine
            .import_root_key(&house.admin, &wrong)
            .await
            .unwrap_err();
        house
            .engine
            .import_root_key(&house.admin, &root.key)
            .await
            .unwrap();
        house
            .engine
            .roll_over(&house.admin, KeyKind::Rsa2048)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn only_who_may_change_the_service_may_touch_an_authority() {
    let house = House::open(places().await.remove(0)).await;
    let id = mandate_model::AppId(uuid::Uuid::nil());
    let reader = Actor::app(id, "r", [mandate_engine::Permission::ServiceConfigRead]);
    assert!(house.engine.show_authorities(&reader).await.is_ok());
    for refused in [
        house
            .engine
            .roll_over(&reader, KeyKind::Rsa2048)
            .await
            .map(drop),
        house.engine.export_root_key(&reader).await.map(drop),
        house.engine.remove_root_key(&reader).await,
    ] {
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    }
}

/// The certificate that a running server issues by.
async fn issuing(program: &Program) -> Certificate {
    let url = format!("{}/pki/ca.crt", program.url);
    let request = Request::new(Method::GET, &url);
    let answer = program.http.send(&request).await.unwrap();
    Certificate::from_der(&answer.body).unwrap()
}

/// Waits until a running server, which has a clock of its own, issues by another authority.
async fn replaced(program: &Program, before: &Certificate) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if issuing(program).await != *before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server still issues by {}", before.subject());
}

async fn succeed(program: &Program, words: &[&str]) -> Value {
    let (success, said) = program.command(words).await;
    assert!(success, "{words:?}: {said}");
    serde_json::from_str(&said).unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_rollover_by_command_reaches_a_running_server_within_seconds() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.enrol(&ada).await;
        let before = issuing(&program).await;
        let made = succeed(&program, &["ca", "rollover", "--key", "p256", "--json"]).await;
        assert_eq!(
            (&made["key"], &made["isCurrent"]),
            (&"p256".into(), &true.into())
        );
        replaced(&program, &before).await;

        program.settle(&mut phone).await;
        assert!(phone.is_enrolled());
        let other = program.enrol(&ada).await;
        let identity = other.mdm_identity().unwrap().certificate;
        let identity = Certificate::from_der(identity.der()).unwrap();
        identity.verify_signed_by(&issuing(&program).await).unwrap();
        let shown = succeed(&program, &["ca", "show", "--json"]).await;
        let shown = shown.as_array().unwrap();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0]["isCurrent"], false);
        assert_eq!(shown[1]["keyId"], made["keyId"]);
        assert_eq!(shown[1]["hasRegistration"], true);
    }
}

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn the_key_of_the_root_goes_to_a_file_and_comes_back() {
    let Some(workshop) = Workshop::with(&["openssl"]) else {
        return;
    };
    let program = Program::start(places().await.remove(0)).await;
    let path = |name: &str| workshop.file(name).to_str().unwrap().to_owned();
    workshop.write("short", "too short");
    workshop.write("password", "a password that is long enough\n");
    let (file, password, short) = (path("root.p12"), path("password"), path("short"));
    let export = |password: &str| -> Vec<String> {
        [
            "ca",
            "root-key",
            "export",
            "--to",
            &file,
            "--password-file",
            password,
        ]
        .iter()
        .map(|word| (*word).to_owned())
        .collect()
    };
    let (success, said) = program.command(&words(&export(&short))).await;
    assert!(!success && said.contains("20 characters"), "{said}");
    let mut and_remove = export(&password);
    and_remove.extend(["--remove".to_owned(), "--json".to_owned()]);
    let exported = succeed(&program, &words(&and_remove)).await;
    assert_eq!(exported["removed"], true);
    let listed = workshop
        .openssl("pkcs12 -in root.p12 -passin file:password -nodes")
        .await;
    assert!(listed.contains("Contoso Root CA") && listed.contains("PRIVATE KEY"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let (success, said) = program.command(&["ca", "rollover"]).await;
    assert!(!success && said.contains("root-key import"), "{said}");
    let import = ["ca", "root-key", "import", "--from", &file];
    let (success, said) = program.command(&import).await;
    assert!(!success && said.contains("password"), "{said}");
    let with_password = [&import[..], &["--password-file", &password, "--json"]].concat();
    succeed(&program, &with_password).await;
    succeed(&program, &["ca", "rollover", "--json"]).await;
}

/// Root, an authority between, and an issuing one, as `openssl` makes them.
async fn another_house(workshop: &Workshop) {
    let extensions = "
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[between]
basicConstraints=critical,CA:TRUE,pathlen:1
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[narrow]
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[leaf]
basicConstraints=critical,CA:FALSE
[req]
distinguished_name=name
[name]
";
    workshop.write("extensions", extensions);
    for name in [
        "root", "between", "narrow", "issuing", "below", "leaf", "old",
    ] {
        workshop
            .openssl(&format!(
                "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /O=Fabrikam/CN={name} \
                 -config extensions"
            ))
            .await;
    }
    workshop
        .openssl("x509 -req -in root.csr -signkey root.key -days 900 -extfile extensions -extensions root -out root.pem")
        .await;
    for (name, issuer, extensions, days) in [
        ("between", "root", "between", "800"),
        ("narrow", "root", "narrow", "800"),
        ("issuing", "between", "narrow", "700"),
        ("below", "narrow", "narrow", "700"),
        ("leaf", "between", "leaf", "700"),
        // Its end lies before its beginning, and so in the past however fast this goes.
        ("old", "between", "narrow", "-1"),
    ] {
        workshop
            .openssl(&format!(
                "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days {days} \
                 -extfile extensions -extensions {extensions} -out {name}.pem"
            ))
            .await;
    }
    let bundle = |names: &[&str]| -> String {
        names
            .iter()
            .map(|name| workshop.read(&format!("{name}.pem")))
            .collect()
    };
    for (file, names) in [
        ("good.chain", &["root", "issuing", "between"][..]),
        ("broken.chain", &["issuing", "root"]),
        ("rootless.chain", &["issuing", "between"]),
        ("leaf.chain", &["leaf", "between", "root"]),
        ("long.chain", &["below", "narrow", "root"]),
        ("old.chain", &["old", "between", "root"]),
    ] {
        workshop.write(file, bundle(names));
    }
    workshop.write("password", "correct horse\n");
    workshop
        .openssl(
            "pkcs8 -topk8 -in issuing.key -out sealed.key -v2 aes-256-cbc -passout file:password",
        )
        .await;
}

#[tokio::test]
async fn an_issuing_authority_is_brought_along_or_refused_with_its_reason() {
    let Some(workshop) = Workshop::with(&["openssl"]) else {
        return;
    };
    another_house(&workshop).await;
    let path = |name: &str| workshop.file(name).to_str().unwrap().to_owned();
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.enrol(&ada).await;
        let before = issuing(&program).await;
        for (key, chain, reason) in [
            (
                "root.key",
                "rootless.chain",
                "none of the certificates belongs to the key",
            ),
            (
                "issuing.key",
                "broken.chain",
                "`CN=between,O=Fabrikam`, which issued",
            ),
            (
                "issuing.key",
                "rootless.chain",
                "`CN=root,O=Fabrikam`, which issued",
            ),
            (
                "leaf.key",
                "leaf.chain",
                "is not the certificate of an authority",
            ),
            (
                "below.key",
                "long.chain",
                "allows 0 authorities below it, but 1",
            ),
            (
                "old.key",
                "old.chain",
                "certificate 1 of the chain, `CN=old,O=Fabrikam`, expired",
            ),
            ("sealed.key", "good.chain", "needs its password"),
            ("good.chain", "good.chain", "is no private key"),
            (
                "issuing.key",
                "issuing.key",
                "none of the certificates belongs to the key",
            ),
        ] {
            let (key, chain) = (path(key), path(chain));
            let words = ["ca", "import", "--key", &key, "--chain", &chain];
            let (success, said) = program.command(&words).await;
            assert!(!success && said.contains(reason), "{key} {chain}: {said}");
        }
        assert_eq!(issuing(&program).await, before);

        let (key, chain, password) = (path("sealed.key"), path("good.chain"), path("password"));
        let words = ["ca", "import", "--key", &key, "--chain", &chain];
        let with_password = [&words[..], &["--password-file", &password]].concat();
        let (success, said) = program.command(&with_password).await;
        assert!(success && said.contains("trusted root"), "{said}");
        replaced(&program, &before).await;
        program.settle(&mut phone).await;
        assert!(phone.is_enrolled(), "who enrolled before stays");
        let other = program.enrol(&ada).await;
        let identity = other.mdm_identity().unwrap().certificate;
        Certificate::from_der(identity.der())
            .unwrap()
            .verify_signed_by(&issuing(&program).await)
            .unwrap();
        workshop.write("phone.pem", identity.pem());
        workshop
            .openssl("verify -CAfile root.pem -untrusted good.chain phone.pem")
            .await;
        let (success, said) = program.command(&with_password).await;
        assert!(!success && said.contains("issues already"), "{said}");
        // Its root's key never was here.
        let (success, said) = program.command(&["ca", "rollover"]).await;
        assert!(!success && said.contains("CN=root,O=Fabrikam"), "{said}");
    }
}

#[tokio::test]
async fn the_kinds_of_the_first_keys_are_chosen_at_the_beginning() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("new");
    let run = |words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_mandate"))
            .args(words)
            .arg("--data")
            .arg(&data)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    run(&[
        "init",
        "--company",
        "Contoso",
        "--domain",
        "contoso.com",
        "--admin",
        "a@contoso.com",
        "--ca-key",
        "p384",
        "--root-key",
        "p256",
        "--json",
    ]);
    let shown = run(&["ca", "show", "--json"]);
    assert_eq!(shown[0]["key"], "p384");
    assert_eq!(shown[0]["hasRegistration"], true);
    assert_eq!(shown[0]["hasRootKey"], true);
    let root = std::fs::read_to_string(data.join("ca.pem")).unwrap();
    let root = Certificate::from_pem(&root).unwrap();
    assert_eq!(root.public_key().unwrap().bits(), 256);
    assert_eq!(AuthorityKeys::default().issuing, KeyKind::Rsa2048);
    assert!(root.not_after() - root.not_before() > 9 * YEAR_DAYS * 86_400);
}
