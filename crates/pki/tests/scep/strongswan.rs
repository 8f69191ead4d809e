//! strongSwan's `pki --scep` (Debian packages `strongswan-pki` and `libstrongswan-extra-plugins`).

use mandate_pki::{
    DigestAlgorithm,
    certificate::{Certificate, SubjectAltName},
    cms::ContentCipher,
    keys::KeyKind,
    scep::{MessageType, Policy, Responder},
};

use crate::{
    house::{CHALLENGE, Granted, House},
    program::{Said, Workshop},
};

/// A client with a key and the certificates of the house.
struct Client<'a> {
    workshop: Workshop,
    house: &'a House,
}

impl<'a> Client<'a> {
    fn of(house: &'a House) -> Option<Self> {
        let workshop = Workshop::with(&["pki"])?;
        let help = workshop.run("pki", &["--scep", "--help"]).text;
        if !help.contains("--cacert-enc") {
            println!("skipped: `pki` is not strongSwan's, or too old for SCEP");
            return None;
        }
        workshop.write("root.pem", house.authority.root().to_pem());
        workshop.write("ca.pem", house.authority.issuing().to_pem());
        let responder = Responder::of(&house.authority).certificate;
        workshop.write("responder.pem", responder.to_pem());
        let client = Self { workshop, house };
        client.make_key("key.pem");
        Some(client)
    }

    fn make_key(&self, name: &str) {
        let options = ["--gen", "--type", "rsa", "--size", "2048", "--outform"];
        let made = self
            .workshop
            .succeed("pki", &[&options[..], &["pem"]].concat());
        let from = made.find("-----BEGIN").unwrap();
        let to = made.rfind("-----").unwrap() + 5;
        self.workshop.write(name, &made[from..to]);
    }

    /// Asks for a certificate of `key`.
    fn ask(&self, key: &str, options: &[&str]) -> Said {
        let fixed = ["--scep", "--url", &self.house.url, "--outform", "pem"];
        let trust = ["--cacert", "root.pem", "--cacert", "ca.pem"];
        let answered_by = [
            "--cacert-enc",
            "responder.pem",
            "--cacert-sig",
            "responder.pem",
        ];
        let arguments = [
            &fixed[..],
            &trust,
            &answered_by,
            &["--in", key, "--dn", "C=FR, O=Mandate, CN=dev"],
            &["--san", "dev1.example.org"],
            options,
        ];
        self.workshop.run("pki", &arguments.concat())
    }

    /// Asks with the right challenge, must get a certificate, and says what the house heard.
    fn enrol(&self, options: &[&str]) -> Granted {
        let said = self.ask("key.pem", &[&["--password", CHALLENGE], options].concat());
        assert!(said.success, "{options:?}: {}", said.text);
        let certificate = Certificate::from_pem(&said.text).unwrap();
        self.house.authority.verify_chain(&certificate).unwrap();
        let granted = self.house.last_granted();
        assert_eq!(granted.issued, certificate);
        granted
    }
}

#[test]
fn strongswan_enrols_by_every_cipher_and_digest() {
    let house = House::open(KeyKind::Rsa2048, Policy::default());
    let Some(client) = Client::of(&house) else {
        return;
    };
    let usual = client.enrol(&[]);
    assert_eq!(usual.message_type, MessageType::PkcsReq);
    assert_eq!(usual.cipher, ContentCipher::Aes128Cbc);
    assert_eq!(usual.digest, DigestAlgorithm::Sha256);
    assert_eq!(usual.issued.subject(), "CN=dev,O=Mandate,C=FR");
    assert_eq!(
        usual.issued.subject_alt_names(),
        [SubjectAltName::Dns("dev1.example.org".to_owned())]
    );
    let older = client.enrol(&["--cipher", "des3", "--digest", "sha512"]);
    assert_eq!(older.cipher, ContentCipher::TripleDesCbc);
    assert_eq!(older.digest, DigestAlgorithm::Sha512);
    client.enrol(&["--rsa-padding", "pss"]);
    client.enrol(&["--rsa-padding", "pss", "--digest", "sha384"]);
}

#[test]
fn strongswan_takes_no_for_an_answer() {
    let house = House::open(KeyKind::Rsa2048, Policy::default());
    let Some(client) = Client::of(&house) else {
        return;
    };
    for options in [&["--password", "guess"][..], &[]] {
        let said = client.ask("key.pem", options);
        assert!(!said.success, "{}", said.text);
        assert!(said.text.contains("badMessageCheck"), "{}", said.text);
    }
    assert_eq!(house.count_granted(), 0);
}

#[test]
fn strongswan_renews_by_the_certificate_it_has() {
    let house = House::open(KeyKind::Rsa2048, Policy::default());
    let Some(client) = Client::of(&house) else {
        return;
    };
    let first = client.enrol(&[]);
    client.workshop.write("old.pem", first.issued.to_pem());
    client.make_key("new.pem");
    let said = client.ask("new.pem", &["--cert", "old.pem", "--key", "key.pem"]);
    assert!(said.success, "{}", said.text);
    let renewal = house.last_granted();
    assert_eq!(renewal.message_type, MessageType::RenewalReq);
    assert_eq!(renewal.renewed.as_ref(), Some(&first.issued));
    assert_eq!(Certificate::from_pem(&said.text).unwrap(), renewal.issued);
    assert_ne!(
        renewal.issued.public_key_info(),
        first.issued.public_key_info()
    );
    assert_eq!(renewal.issued.subject_der(), first.issued.subject_der());

    // Somebody else's certificate renews nothing.
    let stranger = House::open(KeyKind::Rsa2048, Policy::default());
    let Some(elsewhere) = Client::of(&stranger) else {
        return;
    };
    elsewhere.workshop.write("old.pem", first.issued.to_pem());
    let key = client.workshop.read("key.pem");
    elsewhere.workshop.write("old-key.pem", key);
    let said = elsewhere.ask("key.pem", &["--cert", "old.pem", "--key", "old-key.pem"]);
    assert!(!said.success, "{}", said.text);
    assert!(said.text.contains("badMessageCheck"), "{}", said.text);
    assert_eq!(stranger.count_granted(), 0);
}

#[test]
fn strongswan_enrols_through_a_registration_authority() {
    let house = House::open(KeyKind::P256, Policy::default());
    let Some(client) = Client::of(&house) else {
        return;
    };
    client.workshop.succeed(
        "pki",
        &[
            "--scepca",
            "--url",
            &house.url,
            "--caout",
            "fetched.pem",
            "--raout",
            "fetched-ra.pem",
            "--outform",
            "pem",
        ],
    );
    let fetched = |name| Certificate::from_pem(&client.workshop.read(name)).unwrap();
    assert_eq!(fetched("fetched.pem"), *house.authority.root());
    assert_eq!(fetched("fetched-1.pem"), *house.authority.issuing());
    let (registration, _) = house.authority.registration().unwrap();
    assert_eq!(fetched("fetched-ra.pem"), *registration);
    client.enrol(&[]);
}
