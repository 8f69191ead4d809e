//! The list of revoked certificates, read by somebody else's program.

use std::process::Command;

use base64::engine::general_purpose::STANDARD;
use mandate_model::{Member, Timestamp};
use mandate_pki::authority::RevocationReason;
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::KeyKind;
use mandate_simulator::device::Device;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::house::{House, Place, Said, Workshop, places};

#[tokio::test]
async fn openssl_refuses_the_certificates_of_a_retired_phone_and_only_those() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: there is no openssl");
        return;
    }
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[sales.id]).await;
        let mut gone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let stays = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let revoked: Vec<String> = gone
            .identities()
            .iter()
            .map(|held| held.certificate.pem())
            .collect();
        let valid: Vec<String> = stays
            .identities()
            .iter()
            .map(|held| held.certificate.pem())
            .collect();
        assert!(revoked.len() >= 2 && valid.len() >= 2);

        let device = house.device_of(&gone).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.settle_until_gone(&mut gone).await;
        let list = house
            .http
            .fetch(&format!("{}/pki/crl", house.url))
            .await
            .unwrap();
        assert_eq!(
            (list.status, list.content_type.as_str()),
            (200, "application/pkix-crl")
        );

        let shelf = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = shelf.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let authority = house.engine.authority();
        let authorities = format!(
            "{}{}",
            authority.root().to_pem(),
            authority.issuing().to_pem()
        );
        let authorities = file("ca.pem", authorities.as_bytes());
        let (der, pem) = (file("crl.der", &list.body), shelf.path().join("crl.pem"));
        let converted = Command::new("openssl")
            .args(["crl", "-inform", "DER", "-CAfile"])
            .arg(&authorities)
            .arg("-in")
            .arg(&der)
            .arg("-out")
            .arg(&pem)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&converted.stderr).into_owned();
        assert!(
            converted.status.success() && said.contains("verify OK"),
            "{said}"
        );

        let verify = |certificate: &str| {
            let output = Command::new("openssl")
                .args([
                    "verify",
                    "-crl_check",
                    "-attime",
                    &house.clock.unix_seconds().to_string(),
                    "-CAfile",
                ])
                .arg(&authorities)
                .arg("-CRLfile")
                .arg(&pem)
                .arg(file("leaf.pem", certificate.as_bytes()))
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            (
                output.status.success(),
                String::from_utf8_lossy(&said).into_owned(),
            )
        };
        for certificate in &revoked {
            let (accepted, said) = verify(certificate);
            assert!(!accepted && said.contains("revoked"), "{said}");
        }
        for certificate in &valid {
            let (accepted, said) = verify(certificate);
            assert!(accepted, "{said}");
        }
    }
}

/// A house in the present with a phone whose certificates come from its authority, and `openssl` with what it needs.
async fn a_phone_and_a_judge(place: Place) -> Option<(House, Device, Workshop)> {
    let workshop = Workshop::with(&["openssl"])?;
    let house = House::open(place).await;
    house.come_to_the_present();
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let chain = house.mail_with_certificate("Mail").await;
    house.assign_chain(&chain, &[sales.id]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    write_authority(&house, &workshop);
    Some((house, phone, workshop))
}

fn write_authority(house: &House, workshop: &Workshop) {
    let authority = house.engine.authority();
    workshop.write("issuing.pem", authority.issuing().to_pem());
    let both = authority.root().to_pem() + &authority.issuing().to_pem();
    workshop.write("ca.pem", both);
}

fn serial(certificate: &mandate_simulator::certificates::Certificate) -> String {
    Certificate::from_der(certificate.der())
        .unwrap()
        .serial_hex()
}

/// What `openssl ocsp` says about a file.
async fn ask_ocsp(house: &House, workshop: &Workshop, options: &[&str]) -> Said {
    let url = format!("{}/pki/ocsp", house.url);
    let fixed = [
        "ocsp",
        "-issuer",
        "issuing.pem",
        "-CAfile",
        "ca.pem",
        "-url",
        &url,
    ];
    workshop
        .run("openssl", &[&fixed[..], options].concat())
        .await
}

#[tokio::test]
async fn openssl_hears_by_ocsp_what_became_of_a_certificate() {
    for place in places().await {
        let Some((house, phone, workshop)) = a_phone_and_a_judge(place).await else {
            return;
        };
        let held = &phone.identities()[0].certificate;
        workshop.write("leaf.pem", held.pem());
        let said = workshop
            .openssl(
                "x509 -in leaf.pem -noout -ocsp_uri -ext crlDistributionPoints,authorityInfoAccess",
            )
            .await;
        for address in ["/pki/ocsp", "/pki/crl/", "/pki/ca/"] {
            assert!(said.contains(&format!("{}{address}", house.url)), "{said}");
        }
        for digest in [&[][..], &["-sha256"], &["-no_nonce"]] {
            let said = ask_ocsp(
                &house,
                &workshop,
                &[digest, &["-cert", "leaf.pem"]].concat(),
            )
            .await;
            assert!(
                said.success
                    && said.text.contains("Response verify OK")
                    && said.text.contains("leaf.pem: good"),
                "{}",
                said.text
            );
        }
        let said = ask_ocsp(&house, &workshop, &["-serial", "0x1234"]).await;
        assert!(said.text.contains("0x1234: unknown"), "{}", said.text);

        house
            .engine
            .revoke_certificate(&house.admin, &serial(held), RevocationReason::KeyCompromise)
            .await
            .unwrap();
        let said = ask_ocsp(&house, &workshop, &["-cert", "leaf.pem"]).await;
        assert!(
            said.text.contains("leaf.pem: revoked") && said.text.contains("keyCompromise"),
            "{}",
            said.text
        );

        // Both authorities are answered for after a rollover, each by its own responder.
        for kind in [KeyKind::P256, KeyKind::Rsa2048] {
            house.engine.roll_over(&house.admin, kind).await.unwrap();
        }
        let said = ask_ocsp(&house, &workshop, &["-cert", "leaf.pem"]).await;
        assert!(
            said.text.contains("Response verify OK") && said.text.contains("leaf.pem: revoked"),
            "{}",
            said.text
        );
        // Nobody here speaks for the root.
        workshop.write("root.pem", house.engine.root().to_pem());
        let url = format!("{}/pki/ocsp", house.url);
        let line = ["ocsp", "-issuer", "root.pem", "-serial", "1", "-url", &url];
        let said = workshop.run("openssl", &line).await;
        assert!(said.text.contains("unauthorized"), "{}", said.text);
    }
}

/// The head of an answer, in small letters.
async fn head_of(house: &House, path: &str) -> String {
    let address = house.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    answer.split("\r\n\r\n").next().unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_by_address_may_be_kept_and_one_with_a_nonce_may_not() {
    for place in places().await {
        let Some((house, phone, workshop)) = a_phone_and_a_judge(place).await else {
            return;
        };
        workshop.write("leaf.pem", phone.identities()[0].certificate.pem());
        for (options, kept) in [("-no_nonce", true), ("-nonce", false)] {
            workshop
                .openssl(&format!(
                    "ocsp -issuer issuing.pem -cert leaf.pem {options} -reqout request.der"
                ))
                .await;
            let request = std::fs::read(workshop.file("request.der")).unwrap();
            let text = base64::Engine::encode(&STANDARD, &request);
            let escaped = text.replace('+', "%2B").replace('/', "%2F");
            for text in [text, escaped] {
                let url = format!("{}/pki/ocsp/{text}", house.url);
                let answer = house.http.fetch(&url).await.unwrap();
                assert_eq!(answer.status, 200, "{url}");
                assert_eq!(answer.content_type, "application/ocsp-response");
                let head = head_of(&house, &format!("/pki/ocsp/{text}")).await;
                assert_eq!(head.contains("cache-control: max-age=3600"), kept, "{head}");
                assert_eq!(head.contains("cache-control: no-store"), !kept, "{head}");
                assert_eq!(head.contains("expires: "), kept, "{head}");
                workshop.write("response.der", &answer.body);
                let said = workshop
                    .openssl(
                        "ocsp -respin response.der -issuer issuing.pem -cert leaf.pem -no_nonce -CAfile ca.pem",
                    )
                    .await;
                assert!(said.contains("leaf.pem: good"), "{said}");
            }
        }
        for wrong in ["x", "MEMwQTA%zz", "AAAA"] {
            let url = format!("{}/pki/ocsp/{wrong}", house.url);
            let answer = house.http.fetch(&url).await.unwrap();
            // malformedRequest
            assert_eq!(answer.body.as_ref(), [0x30, 3, 0x0a, 1, 1], "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_revocation_is_in_the_list_of_its_authority_at_once_and_in_no_other() {
    for place in places().await {
        let Some((house, phone, workshop)) = a_phone_and_a_judge(place).await else {
            return;
        };
        let held = phone.identities();
        let (gone, stays) = (&held[0].certificate, &held[1].certificate);
        workshop.write("gone.pem", gone.pem());
        workshop.write("stays.pem", stays.pem());
        let old = house.engine.authority();
        let old =
            mandate_simulator::certificates::hex(&old.issuing().public_key().unwrap().key_id());
        house
            .engine
            .roll_over(&house.admin, KeyKind::Rsa2048)
            .await
            .unwrap();
        let lists = || async {
            for (file, path) in [
                ("old.crl", format!("/pki/crl/{old}")),
                ("new.crl", "/pki/crl".to_owned()),
            ] {
                let answer = house
                    .http
                    .fetch(&format!("{}{path}", house.url))
                    .await
                    .unwrap();
                workshop.write("list.der", &answer.body);
                workshop
                    .openssl(&format!("crl -inform DER -in list.der -out {file}"))
                    .await;
            }
        };
        let verify = |file: &'static str| {
            let workshop = &workshop;
            async move {
                let words = [
                    "verify",
                    "-crl_check",
                    "-CAfile",
                    "ca.pem",
                    "-CRLfile",
                    "old.crl",
                    file,
                ];
                workshop.run("openssl", &words).await
            }
        };
        lists().await;
        assert!(verify("gone.pem").await.success && verify("stays.pem").await.success);
        house
            .engine
            .revoke_certificate(&house.admin, &serial(gone), RevocationReason::Superseded)
            .await
            .unwrap();
        lists().await;
        let said = verify("gone.pem").await;
        assert!(
            !said.success && said.text.contains("revoked"),
            "{}",
            said.text
        );
        assert!(verify("stays.pem").await.success);
        let new = workshop.openssl("crl -in new.crl -noout -text").await;
        assert!(new.contains("No Revoked Certificates"), "{new}");
        let list = workshop.openssl("crl -in old.crl -noout -text").await;
        assert!(list.contains("Superseded"), "{list}");
        // Made anew long before it ends, though nothing happened.
        let number = |text: &str| {
            text.split("CRL Number:")
                .nth(1)
                .unwrap()
                .trim()
                .lines()
                .next()
                .unwrap()
                .to_owned()
        };
        house.clock.forward(30 * Timestamp::MINUTE);
        lists().await;
        let same = workshop.openssl("crl -in old.crl -noout -text").await;
        assert_eq!(number(&same), number(&list));
        house.clock.forward(31 * Timestamp::MINUTE);
        lists().await;
        let newer = workshop.openssl("crl -in old.crl -noout -text").await;
        assert_ne!(number(&newer), number(&list));
    }
}
