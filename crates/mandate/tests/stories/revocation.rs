//! The list of revoked certificates, read by somebody else's program.

use std::process::Command;

use mandate_model::Member;

use crate::house::{House, places};

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
