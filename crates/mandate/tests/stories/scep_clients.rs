//! SCEP clients that somebody else wrote, against the whole server, with challenges that an administrator gives out.

use mandate_engine::{ManualChallenge, NewChallenge, Options};
use mandate_model::{SanSpec, Timestamp};
use mandate_pki::authority::RevocationReason;
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_pki::keys::KeyKind;

use crate::house::{House, Said, Workshop, places};

/// A challenge for one certificate of a device called `dev`.
async fn challenge(house: &House, subject: &str) -> ManualChallenge {
    let new = NewChallenge {
        subject: subject.to_owned(),
        alternative_names: vec![SanSpec::Dns("dev.example.org".to_owned())],
        template: "clientAuthentication".to_owned(),
        key_bits: None,
        validity_days: Some(30),
        lifetime: Timestamp::HOUR,
    };
    house
        .engine
        .mint_manual_challenge(&house.admin, new)
        .await
        .unwrap()
}

fn is_ours(house: &House, certificate: &Certificate) {
    house.engine.authority().verify_chain(certificate).unwrap();
    let days = (certificate.not_after() - house.clock.unix_seconds()) / 86_400;
    assert!((29..=30).contains(&days), "{days}");
    let usages: Vec<String> = certificate
        .extended_key_usages()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(usages, ["1.3.6.1.5.5.7.3.2"]);
}

/// strongSwan's `pki --scep` with a key and our certificates.
struct StrongSwan {
    workshop: Workshop,
    url: String,
}

impl StrongSwan {
    async fn of(house: &House) -> Option<Self> {
        let workshop = Workshop::with(&["pki"])?;
        let help = workshop.run("pki", &["--scep", "--help"]).await.text;
        if !help.contains("--cacert-enc") {
            eprintln!("SKIPPED: `pki` is not strongSwan's, or too old for SCEP");
            return None;
        }
        let authority = house.engine.authority();
        workshop.write("root.pem", authority.root().to_pem());
        workshop.write("ca.pem", authority.issuing().to_pem());
        let client = Self {
            workshop,
            url: format!("{}/scep", house.url),
        };
        client.make_key("key.pem").await;
        Some(client)
    }

    async fn make_key(&self, name: &str) {
        let options = [
            "--gen",
            "--type",
            "rsa",
            "--size",
            "2048",
            "--outform",
            "pem",
        ];
        let made = self.workshop.succeed("pki", &options).await;
        let from = made.find("-----BEGIN").unwrap();
        let to = made.rfind("-----").unwrap() + 5;
        self.workshop.write(name, &made[from..to]);
    }

    /// Asks for a certificate of `key`.
    async fn ask(&self, key: &str, subject: &str, options: &[&str]) -> Said {
        let fixed = ["--scep", "--url", &self.url, "--outform", "pem"];
        let trust = ["--cacert", "root.pem", "--cacert", "ca.pem"];
        let answered_by = ["--cacert-enc", "ca.pem", "--cacert-sig", "ca.pem"];
        let wanted = ["--in", key, "--dn", subject, "--san", "dev.example.org"];
        let arguments = [&fixed[..], &trust, &answered_by, &wanted, options].concat();
        self.workshop.run("pki", &arguments).await
    }
}

const SUBJECT: &str = "O=Contoso, CN=dev";

#[tokio::test]
async fn strongswan_enrols_once_for_exactly_what_its_challenge_is_for() {
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let Some(client) = StrongSwan::of(&house).await else {
            return;
        };
        let right = challenge(&house, "CN=dev,O=Contoso").await.challenge;
        let with = ["--password", right.as_str()];
        let refused = |said: Said, word: &str| {
            assert!(!said.success && said.text.contains(word), "{}", said.text);
        };
        refused(
            client
                .ask("key.pem", SUBJECT, &["--password", "guess"])
                .await,
            "badMessageCheck",
        );
        refused(client.ask("key.pem", SUBJECT, &[]).await, "badMessageCheck");
        refused(
            client.ask("key.pem", "O=Contoso, CN=root", &with).await,
            "badRequest",
        );
        let more = [&with[..], &["--san", "www.contoso.com"]].concat();
        refused(client.ask("key.pem", SUBJECT, &more).await, "badRequest");

        let said = client.ask("key.pem", SUBJECT, &with).await;
        assert!(said.success, "{}", said.text);
        let certificate = Certificate::from_pem(&said.text).unwrap();
        is_ours(&house, &certificate);
        assert_eq!(certificate.subject(), "CN=dev,O=Contoso");
        assert_eq!(
            certificate.subject_alt_names(),
            [SubjectAltName::Dns("dev.example.org".to_owned())]
        );
        client.make_key("another.pem").await;
        refused(
            client.ask("another.pem", SUBJECT, &with).await,
            "badMessageCheck",
        );

        let late = challenge(&house, "CN=dev,O=Contoso").await.challenge;
        house.clock.forward(2 * Timestamp::HOUR);
        refused(
            client
                .ask("another.pem", SUBJECT, &["--password", &late])
                .await,
            "badMessageCheck",
        );
    }
}

#[tokio::test]
async fn strongswan_renews_once_by_the_certificate_that_it_has() {
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let Some(client) = StrongSwan::of(&house).await else {
            return;
        };
        let first = challenge(&house, SUBJECT).await.challenge;
        let said = client
            .ask("key.pem", SUBJECT, &["--password", &first])
            .await;
        assert!(said.success, "{}", said.text);
        let first = Certificate::from_pem(&said.text).unwrap();
        client.workshop.write("old.pem", first.to_pem());
        client.make_key("new.pem").await;
        let by_old = ["--cert", "old.pem", "--key", "key.pem"];
        let said = client.ask("new.pem", "O=Contoso, CN=root", &by_old).await;
        assert!(
            !said.success && said.text.contains("badRequest"),
            "{}",
            said.text
        );
        let said = client.ask("new.pem", SUBJECT, &by_old).await;
        assert!(said.success, "{}", said.text);
        let second = Certificate::from_pem(&said.text).unwrap();
        is_ours(&house, &second);
        assert_eq!(second.subject_der(), first.subject_der());
        assert_eq!(second.subject_alt_names(), first.subject_alt_names());
        assert_ne!(second.public_key_info(), first.public_key_info());

        client.make_key("third.pem").await;
        let said = client.ask("third.pem", SUBJECT, &by_old).await;
        assert!(!said.success, "a certificate renews one: {}", said.text);
        house
            .engine
            .revoke_certificate(
                &house.admin,
                &second.serial_hex(),
                RevocationReason::KeyCompromise,
            )
            .await
            .unwrap();
        client.workshop.write("old.pem", second.to_pem());
        let by_revoked = ["--cert", "old.pem", "--key", "new.pem"];
        let said = client.ask("third.pem", SUBJECT, &by_revoked).await;
        assert!(
            !said.success && said.text.contains("badRequest"),
            "{}",
            said.text
        );
    }
}

#[tokio::test]
async fn strongswan_renews_after_a_rollover_it_has_not_heard_of() {
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let Some(client) = StrongSwan::of(&house).await else {
            return;
        };
        let first = challenge(&house, SUBJECT).await.challenge;
        let said = client
            .ask("key.pem", SUBJECT, &["--password", &first])
            .await;
        assert!(said.success, "{}", said.text);
        client.workshop.write("old.pem", &said.text);
        house
            .engine
            .roll_over(&house.admin, KeyKind::P256)
            .await
            .unwrap();
        client.make_key("new.pem").await;
        // It encrypts for the former authority, and takes an answer from nobody else.
        let by_old = ["--cert", "old.pem", "--key", "key.pem"];
        let said = client.ask("new.pem", SUBJECT, &by_old).await;
        assert!(said.success, "{}", said.text);
        is_ours(&house, &Certificate::from_pem(&said.text).unwrap());
    }
}

/// Tells certmonger of the server, asks, waits for the outcome and goes on from there. `ca.pem` must hold the authorities, or
/// it trusts no answer.
const CERTMONGER: &str = r#"
getcert add-scep-ca -s -c mandate -u "$URL" -N "$PWD/ca.pem"
getcert request -s -c mandate -k "$PWD/key.pem" -f "$PWD/cert.pem" -N CN=dev -D dev.example.org -L "$CHALLENGE" \
    -I one -w --wait-timeout=30
cp cert.pem first.pem && $THEN
getcert list -s
"#;

/// A directory in which certmonger has asked, and what it says of it. The bus and the daemon are the test's own.
async fn certmonger(house: &House, challenge: &str, then: &str) -> Option<(Workshop, String)> {
    let workshop = Workshop::with(&[
        "dbus-run-session",
        "getcert",
        "/usr/lib/certmonger/certmonger-session",
    ])?;
    let chain = house.engine.authority().chain();
    workshop.write(
        "ca.pem",
        chain.iter().map(Certificate::to_pem).collect::<String>(),
    );
    let script = format!(
        "URL={}/scep CHALLENGE={challenge} THEN='{then}'\n{CERTMONGER}",
        house.url
    );
    let home = format!("HOME={}", workshop.path().display());
    let arguments = [
        &home,
        "XDG_CONFIG_HOME=",
        "dbus-run-session",
        "--",
        "sh",
        "-c",
        &script,
    ];
    let said = workshop.run("env", &arguments).await;
    Some((workshop, said.text))
}

#[tokio::test]
async fn certmonger_enrols_and_renews_with_and_without_a_new_key() {
    for (verb, keeps_its_key) in [("resubmit", true), ("rekey", false)] {
        for place in places().await {
            let house = House::open(place).await;
            house.come_to_the_present();
            let right = challenge(&house, "CN=dev").await.challenge;
            let renew = format!("getcert {verb} -s -i one -w --wait-timeout=30");
            let Some((workshop, said)) = certmonger(&house, &right, &renew).await else {
                return;
            };
            assert!(said.contains("status: MONITORING"), "{said}");
            let read = |name| Certificate::from_pem(&workshop.read(name)).unwrap();
            let (first, second) = (read("first.pem"), read("cert.pem"));
            for certificate in [&first, &second] {
                is_ours(&house, certificate);
            }
            assert_ne!(first.serial_hex(), second.serial_hex(), "{said}");
            let same_key = first.public_key_info() == second.public_key_info();
            assert_eq!(same_key, keeps_its_key);
        }
    }
}

#[tokio::test]
async fn certmonger_says_what_was_wrong() {
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let Some((_, said)) = certmonger(&house, "guess", "true").await else {
            return;
        };
        assert!(said.contains("status: CA_REJECTED"), "{said}");
        // Its words for `badMessageCheck`.
        assert!(
            said.contains("Integrity check of client request failed at server"),
            "{said}"
        );
    }
}

/// In a directory of its own each time, since the client uses again what it finds.
async fn scepclient(house: &House, challenge: &str) -> Option<(Workshop, Said)> {
    let workshop = Workshop::with(&["scepclient"])?;
    let said = scepclient_again(house, &workshop, challenge).await;
    Some((workshop, said))
}

/// In a directory where it has been: it renews the certificate that it finds.
async fn scepclient_again(house: &House, workshop: &Workshop, challenge: &str) -> Said {
    let url = format!("{}/scep", house.url);
    let arguments = [
        "-private-key",
        "k.key",
        "-certificate",
        "c.pem",
        "-cn",
        "dev",
        "-organization",
        "Contoso",
        "-ou",
        "MDM",
        "-country",
        "FR",
        "-server-url",
        &url,
        "-challenge",
        challenge,
    ];
    workshop.run("scepclient", &arguments).await
}

#[tokio::test]
async fn scepclient_with_its_single_des_is_refused() {
    for place in places().await {
        let house = House::open(place).await;
        let right = challenge(&house, "CN=dev").await.challenge;
        let Some((_, said)) = scepclient(&house, &right).await else {
            return;
        };
        let refused = said.text.to_lowercase();
        assert!(!said.success && refused.contains("badalg"), "{refused}");
    }
}

#[tokio::test]
async fn scepclient_is_served_where_legacy_clients_are_allowed() {
    for place in places().await {
        let options = Options {
            legacy_clients: true,
            ..Options::default()
        };
        let house = House::open_with(place, options).await;
        house.come_to_the_present();
        let right = challenge(&house, "CN=dev,OU=MDM,O=Contoso,C=FR")
            .await
            .challenge;
        let Some((workshop, said)) = scepclient(&house, &right).await else {
            return;
        };
        assert!(said.success, "{}", said.text);
        is_ours(
            &house,
            &Certificate::from_pem(&workshop.read("c.pem")).unwrap(),
        );
        let before = workshop.read("c.pem");
        let said = scepclient_again(&house, &workshop, &right).await;
        assert!(said.success, "{}", said.text);
        let renewed = workshop.read("c.pem");
        assert_ne!(before, renewed, "it renews by the certificate that it has");
        is_ours(&house, &Certificate::from_pem(&renewed).unwrap());

        let Some((_, said)) = scepclient(&house, &right).await else {
            return;
        };
        let refused = said.text.to_lowercase().replace(' ', "");
        assert!(
            !said.success && refused.contains("badmessagecheck"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_challenge_is_minted_only_within_its_template() {
    let house = House::open(places().await.remove(0)).await;
    let good = NewChallenge {
        subject: "CN=dev".to_owned(),
        alternative_names: Vec::new(),
        template: "serverTls".to_owned(),
        key_bits: None,
        validity_days: None,
        lifetime: Timestamp::HOUR,
    };
    let mail = vec![SanSpec::Email("a@b.c".to_owned())];
    for (property, wrong) in [
        (
            "template",
            NewChallenge {
                template: "none".to_owned(),
                ..good.clone()
            },
        ),
        (
            "san",
            NewChallenge {
                alternative_names: mail,
                ..good.clone()
            },
        ),
        (
            "days",
            NewChallenge {
                validity_days: Some(800),
                ..good.clone()
            },
        ),
        (
            "subject",
            NewChallenge {
                subject: "dev".to_owned(),
                ..good.clone()
            },
        ),
        (
            "subject",
            NewChallenge {
                subject: String::new(),
                ..good.clone()
            },
        ),
        (
            "valid",
            NewChallenge {
                lifetime: 0,
                ..good.clone()
            },
        ),
    ] {
        let error = house
            .engine
            .mint_manual_challenge(&house.admin, wrong)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(property), "{property}: {error}");
    }
    let minted = house
        .engine
        .mint_manual_challenge(&house.admin, good)
        .await
        .unwrap();
    assert!(!format!("{minted:?}").contains(&minted.challenge));
}
