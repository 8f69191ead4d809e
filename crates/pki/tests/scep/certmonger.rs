//! certmonger (Debian packages `certmonger` and `dbus`) on a bus of the test's own, which also starts the daemon. It sends its
//! requests by GET.

use mandate_pki::{
    DigestAlgorithm,
    certificate::{Certificate, SubjectAltName},
    cms::ContentCipher,
    keys::KeyKind,
    scep::{MessageType, Policy},
};

use crate::{
    house::{CHALLENGE, House},
    program::Workshop,
};

/// Tells the daemon of the house, asks for a certificate, waits for the outcome and goes on from there. `ca.pem` must name the authorities, or
/// certmonger trusts no answer.
const SCRIPT: &str = r#"
getcert add-scep-ca -s -c mandate -u "$URL" -N "$PWD/ca.pem"
getcert request -s -c mandate -k "$PWD/key.pem" -f "$PWD/cert.pem" -N CN=dev -D dev.example.org -L "$CHALLENGE" \
    -I one -w --wait-timeout=30
cp cert.pem first.pem && $THEN
getcert list -s
"#;

/// A directory in which certmonger has asked, and what it says of it.
fn ask(house: &House, challenge: &str, then: &str) -> Option<(Workshop, String)> {
    let programs = [
        "dbus-run-session",
        "getcert",
        "/usr/lib/certmonger/certmonger-session",
    ];
    let workshop = Workshop::with(&programs)?;
    let chain = house.authority.chain();
    let chain: String = chain.iter().map(Certificate::to_pem).collect();
    workshop.write("ca.pem", chain);
    let script = format!(
        "URL={} CHALLENGE={challenge} THEN='{then}'\n{SCRIPT}",
        house.url
    );
    // The bus hands its environment to the daemon it starts, which keeps its records at home.
    let home = format!("HOME={}", workshop.path().display());
    let said = workshop.run(
        "env",
        &[
            &home,
            "XDG_CONFIG_HOME=",
            "dbus-run-session",
            "--",
            "sh",
            "-c",
            &script,
        ],
    );
    Some((workshop, said.text))
}

#[test]
fn certmonger_enrols_with_and_without_a_registration_authority() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let house = House::open(kind, Policy::default());
        let Some((workshop, said)) = ask(&house, CHALLENGE, "true") else {
            return;
        };
        assert!(said.contains("status: MONITORING"), "{said}");
        let certificate = Certificate::from_pem(&workshop.read("cert.pem")).unwrap();
        house.authority.verify_chain(&certificate).unwrap();
        let granted = house.last_granted();
        assert_eq!(granted.issued, certificate);
        assert_eq!(granted.message_type, MessageType::PkcsReq);
        assert_eq!(granted.cipher, ContentCipher::Aes256Cbc);
        assert_eq!(granted.digest, DigestAlgorithm::Sha256);
        assert_eq!(
            certificate.subject_alt_names(),
            [SubjectAltName::Dns("dev.example.org".to_owned())]
        );
    }
}

#[test]
fn certmonger_takes_no_for_an_answer() {
    let house = House::open(KeyKind::Rsa2048, Policy::default());
    let Some((_, said)) = ask(&house, "guess", "true") else {
        return;
    };
    assert!(said.contains("status: CA_REJECTED"), "{said}");
    // Its words for `badMessageCheck`.
    assert!(
        said.contains("Integrity check of client request failed at server"),
        "{said}"
    );
    assert_eq!(house.count_granted(), 0);
}

#[test]
fn certmonger_renews_by_the_certificate_it_has() {
    for (verb, keeps_its_key) in [("resubmit", true), ("rekey", false)] {
        let house = House::open(KeyKind::Rsa2048, Policy::default());
        let renew = format!("getcert {verb} -s -i one -w --wait-timeout=30");
        let Some((workshop, said)) = ask(&house, CHALLENGE, &renew) else {
            return;
        };
        assert!(said.contains("status: MONITORING"), "{said}");
        let read = |name| Certificate::from_pem(&workshop.read(name)).unwrap();
        let (first, second) = (read("first.pem"), read("cert.pem"));
        let renewal = house.last_granted();
        assert_eq!(house.count_granted(), 2);
        assert_eq!(renewal.issued, second);
        // It keeps to the drafts before RFC 8894.
        assert_eq!(renewal.message_type, MessageType::PkcsReq);
        assert_eq!(renewal.renewed.as_ref(), Some(&first));
        let same_key = first.public_key_info() == second.public_key_info();
        assert_eq!(same_key, keeps_its_key);
    }
}
