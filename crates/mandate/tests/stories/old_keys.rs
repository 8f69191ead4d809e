//! Keys that people got years ago and that nobody makes any more: they open the mail of their time, wherever they come from.

use std::path::Path;
use std::sync::Arc;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::{ImportPurpose, Member, State};
use mandate_pki::keys::{OaepDigest, PublicKey};
use mandate_simulator::device::MailError;
use mandate_simulator::keys::Key;
use serde_json::{Value, json};

use crate::house::{House, Openssl, Program, places, text};
use crate::imported::{COLLECTION, json_of, result_of};
use crate::smime::{encrypted, encrypting_mail};

const ADA: &str = "ada@mail.contoso.com";
const RSA_1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
const RSA_1536: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1536"];
const RSA_512: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"];
const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
const SECP256K1: &[&str] = &[
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:secp256k1",
];
const ED25519: &[&str] = &["-algorithm", "ED25519"];
const PSS: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];

/// A key as `openssl genpkey` makes it, in a file of this name.
fn generated(openssl: &Openssl, name: &str, options: &[&str]) -> Vec<u8> {
    let (pem, der) = (openssl.path(name), openssl.path("generated.der"));
    openssl.run(&[&["genpkey", "-out", text(&pem)], options].concat());
    openssl.run(&[
        "pkcs8",
        "-topk8",
        "-nocrypt",
        "-in",
        text(&pem),
        "-outform",
        "DER",
        "-out",
        text(&der),
    ]);
    std::fs::read(der).unwrap()
}

/// A key as Ada had it for some years, and what was made with it.
struct Generation {
    kind: &'static [&'static str],
    years: (i64, i64),
    /// How her file is written.
    form: &'static [&'static str],
    /// How mail to her was encrypted.
    cipher: &'static str,
}

/// The newest last: it is the account's own.
const GENERATIONS: [Generation; 3] = [
    Generation {
        kind: RSA_1024,
        years: (-8, -6),
        form: &["-legacy"],
        cipher: "-des3",
    },
    Generation {
        kind: RSA_1536,
        years: (-6, -3),
        form: &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"],
        cipher: "-aes128",
    },
    Generation {
        kind: P521,
        years: (-3, 2),
        form: &[],
        cipher: "-aes256",
    },
];

#[tokio::test]
async fn mail_of_every_year_opens_on_new_and_old_phones() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let readers = house.group("Readers", vec![Member::User(ada.id)]).await;
        let authority = house.foreign_authority();
        let mut mails = Vec::new();
        let mut newest = None;
        for (serial, generation) in (50..).zip(GENERATIONS) {
            let pkcs8 = generated(&openssl, "key.pem", generation.kind);
            let key = Arc::new(Key::from_pkcs8(0, &pkcs8).unwrap());
            let mail_key = house.mail_key_of(&authority, key, serial, ADA, generation.years);
            let purpose = ImportPurpose::SmimeEncryption;
            house
                .import(
                    &openssl,
                    "ada@contoso.com",
                    purpose,
                    &mail_key,
                    generation.form,
                )
                .await;
            let content = format!("To Ada, generation {serial}\n");
            let message = encrypted(&openssl, &mail_key, &content, &[generation.cipher]);
            mails.push((message, content.into_bytes()));
            newest = Some(mail_key.certificate);
        }

        let (history, mail) = encrypting_mail(&house, readers.id).await;
        // The first reads the modern form of PKCS#12, the second the legacy one alone.
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let old = house.enrol(house.phone(13, 0), Some(ada.id)).await;
        let stranger = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        for device in [&phone, &old] {
            for profile in [&history, &mail] {
                let state = house.state(profile.id, device).await;
                assert_eq!(state, Some(State::Succeeded));
            }
            for (message, content) in &mails {
                assert_eq!(&device.decrypt_mail(message).unwrap(), content);
            }
            let account = device.mail_account(ADA).unwrap();
            assert_eq!(account.encryption, newest);
            assert_eq!(device.received_in_clear(), []);
        }
        for (message, _) in &mails {
            assert_eq!(stranger.decrypt_mail(message), Err(MailError::NotForUs));
        }
    }
}

/// Files of a key each, with certificates for a person's address, and what is to become of them.
const FILES: [(&str, &[&str], Option<&str>); 7] = [
    ("rsa-1024.pfx", RSA_1024, None),
    ("rsa-1536.p12", RSA_1536, None),
    ("p-521.pfx", P521, None),
    ("rsa-512.pfx", RSA_512, Some("RSA of 512 bits")),
    ("k1.pfx", SECP256K1, Some("secp256k1 (1.3.132.0.10)")),
    ("ed25519.pfx", ED25519, Some("Ed25519 (1.3.101.112)")),
    (
        "pss.pfx",
        PSS,
        Some("RSA for PSS signatures alone (1.2.840.113549.1.1.10)"),
    ),
];

/// Writes a file of [`FILES`] into the directory.
fn file(openssl: &Openssl, name: &str, kind: &[&str]) {
    generated(openssl, "key.pem", kind);
    let (directory, certificate) = (openssl.path("keys"), openssl.path("cert.pem"));
    std::fs::create_dir_all(&directory).unwrap();
    let key = openssl.path("key.pem");
    openssl.run(&[
        "req",
        "-x509",
        "-new",
        "-key",
        text(&key),
        "-subj",
        "/CN=old",
        "-addext",
        "subjectAltName=email:ada@contoso.com",
        "-out",
        text(&certificate),
    ]);
    let out = directory.join(name);
    openssl.run(&[
        "pkcs12",
        "-export",
        "-inkey",
        text(&key),
        "-in",
        text(&certificate),
        "-passout",
        "pass:s3cret",
        "-out",
        text(&out),
    ]);
}

#[tokio::test]
async fn both_ways_in_take_the_same_kinds_of_keys_and_name_the_others() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let program = Program::start(place).await;
        for name in ["ada", "ben"] {
            program.hire(name).await;
        }
        for (name, kind, _) in FILES {
            file(&openssl, name, kind);
        }
        let (keys, password) = (openssl.path("keys"), openssl.file("password", "s3cret\n"));
        let words = [
            "pfx",
            "import",
            text(&keys),
            "--user",
            "ada@contoso.com",
            "--purpose",
            "smimeEncryption",
            "--password-file",
            text(&password),
        ];
        let (_, report) = json_of(&program, &words).await;
        assert_eq!(report["imported"], 3, "{report}");

        let sender = Sender::new(&program).await;
        for (name, _, refused) in FILES {
            let found = result_of(&report, name);
            let (status, answer) = sender.send(&program, &keys.join(name)).await;
            let Some(kind) = refused else {
                assert_eq!(found["result"], "imported", "{found}");
                assert_eq!(status, 201, "{name}: {answer}");
                continue;
            };
            let reason = format!("unsupported private key: {kind}; keys may be RSA of 1024 to");
            let problem = found["problem"].as_str().unwrap();
            assert_eq!(found["result"], "refused");
            assert!(problem.contains(&reason), "{problem}");
            assert_eq!(status, 400, "{name}: {answer}");
            assert!(answer.to_string().contains(&reason), "{answer}");
        }
        let list = program.get(COLLECTION).await;
        assert_eq!(list["value"].as_array().unwrap().len(), 6);
    }
}

/// Somebody who imports over Graph.
struct Sender {
    connector: Value,
    key: PublicKey,
}

impl Sender {
    async fn new(program: &Program) -> Self {
        let (_, connector) = json_of(program, &["connector", "key", "--size", "2048"]).await;
        let pem = connector["publicKey"].as_str().unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        Self {
            key: PublicKey::from_der(&STANDARD.decode(base64).unwrap()).unwrap(),
            connector,
        }
    }

    async fn send(&self, program: &Program, file: &Path) -> (u16, Value) {
        let password = self
            .key
            .encrypt_oaep(OaepDigest::Sha512, b"s3cret")
            .unwrap();
        let body = json!({
            "intendedPurpose": "smimeEncryption",
            "userPrincipalName": "ben@contoso.com",
            "providerName": self.connector["providerName"],
            "keyName": self.connector["keyName"],
            "paddingScheme": "oaepSha512",
            "encryptedPfxBlob": STANDARD.encode(std::fs::read(file).unwrap()),
            "encryptedPfxPassword": STANDARD.encode(password),
        });
        program.call(Method::POST, COLLECTION, Some(body)).await
    }
}
