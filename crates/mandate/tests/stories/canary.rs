//! A known key, a known password and a known file go in, keys are made and delivered, everything runs; then all that was
//! written anywhere is searched.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use mandate_pki::keys::{OaepDigest, PublicKey};
use mandate_simulator::asn1;
use mandate_simulator::certificates::hex;
use mandate_simulator::device::{Device, KeyReference};
use mandate_simulator::http::Request;
use serde_json::{Value, json};

use crate::house::{Openssl, Place, Program, places, text};

const COLLECTION: &str = "/beta/deviceManagement/userPfxCertificates";
const ADA: &str = "ada@contoso.com";
const PASSWORD: &str = "Kanarienvogel 7f3a91c2";
/// As many octets of a secret are looked for at once.
const WINDOW: usize = 24;

/// What must not be found, in all the spellings in which it could be.
#[derive(Default)]
struct Needles {
    /// By their first eight octets.
    spelt: HashMap<[u8; 8], Vec<(String, Vec<u8>)>>,
}

impl Needles {
    /// A text, as it is and as other systems write it.
    fn word(&mut self, name: &str, word: &str) {
        self.octets(name, word.as_bytes());
        let wide = |write: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(write).collect();
        let (big, little): (Vec<u8>, Vec<u8>) = (wide(u16::to_be_bytes), wide(u16::to_le_bytes));
        self.octets(&format!("{name} in UTF-16BE"), &big);
        self.octets(&format!("{name} in UTF-16LE"), &little);
    }

    /// Something long, of which parts here and there are looked for: a page or a line may end in the midst of it.
    fn long(&mut self, name: &str, octets: &[u8]) {
        for start in (8..octets.len().saturating_sub(WINDOW)).step_by(40) {
            self.octets(name, &octets[start..start + WINDOW]);
        }
    }

    /// A few octets: raw, reversed, hexadecimal, and base64 wherever it may begin.
    fn octets(&mut self, name: &str, octets: &[u8]) {
        let reversed: Vec<u8> = octets.iter().rev().copied().collect();
        self.add(name, octets.to_vec());
        self.add(&format!("{name}, reversed"), reversed);
        self.add(&format!("{name} in hexadecimal"), hex(octets).into_bytes());
        self.add(
            &format!("{name} in HEXADECIMAL"),
            hex(octets).to_uppercase().into_bytes(),
        );
        for skipped in 0..3 {
            let whole = &octets[skipped..];
            let whole = &whole[..whole.len() / 3 * 3];
            for engine in [&STANDARD, &URL_SAFE] {
                self.add(
                    &format!("{name} in base64"),
                    engine.encode(whole).into_bytes(),
                );
            }
        }
    }

    fn add(&mut self, name: &str, spelling: Vec<u8>) {
        let start = spelling[..8].try_into().unwrap();
        let list = self.spelt.entry(start).or_default();
        if list.iter().all(|(_, known)| *known != spelling) {
            list.push((name.to_owned(), spelling));
        }
    }

    /// Names of what is in a haystack.
    fn found_in(&self, haystack: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (at, start) in haystack.windows(8).enumerate() {
            let start: &[u8; 8] = start.try_into().unwrap();
            for (name, spelling) in self.spelt.get(start).into_iter().flatten() {
                if haystack[at..].starts_with(spelling) && !found.contains(name) {
                    found.push(name.clone());
                }
            }
        }
        found
    }
}

/// The parts of an RSA private key (RFC 8017 §A.1.2) out of PKCS#8: modulus, then everything that is private.
fn parts(pkcs8: &[u8]) -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let outer = asn1::parse(pkcs8).unwrap();
    let key = outer.children().unwrap()[2].content;
    let key = asn1::parse(key).unwrap();
    let numbers = key.children().unwrap();
    let number = |index: usize| -> Vec<u8> {
        let octets = numbers[index].content;
        octets.strip_prefix(&[0]).unwrap_or(octets).to_vec()
    };
    let names = [
        "the private exponent",
        "a prime",
        "the other prime",
        "an exponent of a prime",
        "an exponent of the other prime",
        "the coefficient",
    ];
    let private = names.into_iter().enumerate();
    let private = private.map(|(index, name)| (name, number(index + 3)));
    (number(1), private.collect())
}

/// The keys that came to a phone in documents, PKCS#8.
fn delivered(phone: &Device) -> Vec<Vec<u8>> {
    let own = phone
        .identities()
        .iter()
        .filter_map(|held| match &held.key {
            KeyReference::Own(pkcs8) => Some(pkcs8.clone()),
            KeyReference::Pool(_) => None,
        });
    own.collect()
}

/// Every file below a directory but the key.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().unwrap() != "secret.key" {
            let content = std::fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found
}

/// A dump of a database, as a backup makes it.
fn dump(place: &Place) -> Option<Vec<u8>> {
    let Place::Postgres(url) = place else {
        return None;
    };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let installed = installed.map(|entry| entry.unwrap().path().join("bin/pg_dump"));
    let programs = std::iter::once(PathBuf::from("pg_dump")).chain(installed);
    for program in programs {
        let Ok(output) = Command::new(program)
            .arg(format!("--dbname={url}"))
            .output()
        else {
            continue;
        };
        if output.status.success() {
            return Some(output.stdout);
        }
        eprintln!("pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    }
    eprintln!("SKIPPED: there is no `pg_dump` that reads this database");
    None
}

/// What everything answered.
struct Answers(Vec<(String, Vec<u8>)>);

impl Answers {
    async fn call(
        &mut self,
        program: &Program,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let name = format!("{method} {path}");
        let answer = program.send(method, path, body).await;
        self.0.push((name, answer.body.to_vec()));
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    async fn command(&mut self, program: &Program, words: &[&str]) -> bool {
        let (done, said) = program.command(words).await;
        self.0
            .push((format!("mandate {}", words.join(" ")), said.into_bytes()));
        done
    }

    /// What a script that backs up by the API reads.
    async fn export(&mut self, program: &Program) {
        for path in [
            "/v1.0/users",
            "/v1.0/groups",
            "/v1.0/organization",
            "/beta/deviceManagement/managedDevices",
            "/beta/deviceManagement/deviceConfigurations?$expand=assignments",
            "/beta/deviceManagement/ndesConnectors",
            COLLECTION,
            "/beta/$metadata",
            "/mandate/v1/users/ada@contoso.com/certificates",
            "/mandate/v1/certificates/expiring?days=730",
        ] {
            let list = self.call(program, Method::GET, path, None).await;
            for item in list["value"].as_array().into_iter().flatten() {
                if let (Some(id), false) = (item["id"].as_str(), path.contains('?')) {
                    let one = format!("{path}/{id}");
                    self.call(program, Method::GET, &one, None).await;
                }
            }
        }
        let metrics = format!("{}/metrics", program.plain_url);
        let metrics = Request::new(Method::GET, &metrics);
        let metrics = program.http.send(&metrics).await.unwrap();
        self.0.push(("/metrics".to_owned(), metrics.body.to_vec()));
        for words in [
            ["certificates", "list", "--user", ADA].as_slice(),
            &["certificates", "expiring", "--days", "730", "--json"],
            &["pfx", "list", "--user", ADA, "--json"],
            &["connector", "list", "--json"],
            &["key", "check"],
            &["config", "--json"],
        ] {
            self.command(program, words).await;
        }
    }
}

/// A PFX file whose key and password the test knows: file, thumbprint, PKCS#8.
fn pfx(openssl: &Openssl) -> (Vec<u8>, String, Vec<u8>) {
    openssl.run(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "c.key",
        "-out",
        "c.pem",
        "-days",
        "700",
        "-subj",
        "/CN=Ada",
        "-addext",
        "subjectAltName=email:ada@contoso.com",
    ]);
    let pass = format!("pass:{PASSWORD}");
    openssl.run(&[
        "pkcs12", "-export", "-inkey", "c.key", "-in", "c.pem", "-passout", &pass, "-out", "c.pfx",
    ]);
    let der = openssl.run(&["x509", "-in", "c.pem", "-outform", "DER"]);
    let pkcs8 = openssl.run(&[
        "pkcs8", "-topk8", "-nocrypt", "-in", "c.key", "-outform", "DER",
    ]);
    let file = std::fs::read(openssl.path("c.pfx")).unwrap();
    (file, hex(&mandate_pki::sha1(&der)), pkcs8)
}

/// The public half of the connector's key, as the module has it.
async fn connector(program: &Program) -> (Value, PublicKey) {
    let (done, said) = program
        .command(&["connector", "key", "--size", "2048", "--json"])
        .await;
    assert!(done, "{said}");
    let (start, end) = (said.find('{').unwrap(), said.rfind('}').unwrap());
    let key: Value = serde_json::from_str(&said[start..=end]).unwrap();
    let public = key["publicKey"].as_str().unwrap().lines();
    let public: String = public.filter(|line| !line.starts_with('-')).collect();
    let public = PublicKey::from_der(&STANDARD.decode(public).unwrap()).unwrap();
    (key, public)
}

/// Everything that can go wrong with an import goes wrong, and then it goes well.
async fn import(program: &Program, answers: &mut Answers, file: &[u8], thumbprint: &str) {
    let (key, public) = connector(program).await;
    let encrypted = |password: &str| {
        let encrypted = public.encrypt_oaep(OaepDigest::Sha512, password.as_bytes());
        STANDARD.encode(encrypted.unwrap())
    };
    let good = json!({
        "thumbprint": thumbprint,
        "intendedPurpose": "smimeEncryption",
        "userPrincipalName": ADA,
        "providerName": key["providerName"],
        "keyName": key["keyName"],
        "paddingScheme": "oaepSha512",
        "encryptedPfxBlob": STANDARD.encode(file),
        "encryptedPfxPassword": encrypted(PASSWORD),
    });
    let spoilt: [(&str, Value); 7] = [
        ("encryptedPfxPassword", json!(encrypted("another password"))),
        // Somebody forgot to encrypt it.
        ("encryptedPfxPassword", json!(STANDARD.encode(PASSWORD))),
        ("encryptedPfxPassword", json!(PASSWORD)),
        (
            "encryptedPfxBlob",
            json!(STANDARD.encode(&file[..file.len() - 9])),
        ),
        ("thumbprint", json!("00".repeat(20))),
        ("paddingScheme", json!("pkcs1")),
        ("userPrincipalName", json!("nobody@contoso.com")),
    ];
    for (name, value) in spoilt {
        let mut body = good.clone();
        body[name] = value;
        let answer = answers
            .call(program, Method::POST, COLLECTION, Some(body))
            .await;
        assert!(answer["error"].is_object(), "{name} is refused: {answer}");
    }
    let made = answers
        .call(program, Method::POST, COLLECTION, Some(good.clone()))
        .await;
    let id = made["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned();
    answers
        .call(program, Method::POST, COLLECTION, Some(good.clone()))
        .await;
    let item = format!("{COLLECTION}({id})");
    answers
        .call(program, Method::PATCH, &item, Some(good))
        .await;
}

/// A profile whose keys the server makes, for everybody.
async fn made_here(program: &Program) {
    let settings = json!({
        "certificateTemplateName": "clientAuthentication",
        "certificationAuthority": "",
        "certificationAuthorityName": "",
        "certificateStore": "user",
        "subjectNameFormat": "commonName",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
    });
    let profile = program
        .profile("iosPkcsCertificateProfile", "Made here", settings)
        .await;
    program.assign_to_all(&profile).await;
}

#[tokio::test]
async fn nothing_that_was_imported_is_anywhere_in_clear() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let mut program = Program::start_logging(place.clone(), "trace").await;
        let mut answers = Answers(Vec::new());
        let (file, thumbprint, pkcs8) = pfx(&openssl);
        let ada = program.hire("ada").await;
        let history = program
            .profile(
                "iosImportedPFXCertificateProfile",
                "S/MIME encryption",
                json!({ "intendedPurpose": "smimeEncryption" }),
            )
            .await;
        program.assign_to_all(&history).await;
        made_here(&program).await;
        let link = program.link(&ada, true).await;
        let mut phones = [program.enrol(&ada).await, program.enrol(&ada).await];
        import(&program, &mut answers, &file, &thumbprint).await;

        // The same from the command line: with a wrong password, then with the right one.
        let pfx = openssl.file("again.pfx", &file);
        for password in ["wrong", PASSWORD] {
            let password = openssl.file("password", password);
            let words = [
                "pfx",
                "import",
                text(&pfx),
                "--password-file",
                text(&password),
            ];
            let words: Vec<&str> = words
                .into_iter()
                .chain(["--purpose", "smimeEncryption", "--user", ADA])
                .collect();
            answers.command(&program, &words).await;
        }
        for phone in &mut phones {
            program.settle(phone).await;
            let held = phone.identities();
            let is_held = held
                .iter()
                .any(|held| hex(&mandate_pki::sha1(held.certificate.der())) == thumbprint);
            assert!(is_held, "it is on the device");
            assert!(phone.received_in_clear().is_empty());
        }
        let edit = json!({
            "@odata.type": "#microsoft.graph.iosImportedPFXCertificateProfile",
            "displayName": "S/MIME encryption of all",
        });
        let path = format!("/beta/deviceManagement/deviceConfigurations/{history}");
        answers
            .call(&program, Method::PATCH, &path, Some(edit))
            .await;
        program.settle(&mut phones[0]).await;
        answers.export(&program).await;

        let (modulus, private) = parts(&pkcs8);
        let mut needles = Needles::default();
        needles.word("the password", PASSWORD);
        for (name, octets) in &private {
            needles.long(name, octets);
        }
        let made: Vec<Vec<u8>> = phones.iter().flat_map(delivered).collect();
        let made: Vec<_> = made.iter().map(|pkcs8| parts(pkcs8)).collect();
        assert!(
            made.iter().any(|(other, _)| *other != modulus),
            "keys of our own too"
        );
        for (name, octets) in made.iter().flat_map(|(_, private)| private) {
            needles.long(&format!("{name} of a delivered key"), octets);
        }
        needles.long("the PFX file", &file);
        needles.octets(
            "the enrolment link",
            link.rsplit('/').next().unwrap().as_bytes(),
        );
        needles.octets("the client secret", program.client_secret.as_bytes());
        let token = format!("unlock token of {}", phones[0].udid());
        needles.octets("the unlock token", token.as_bytes());
        let key = std::fs::read_to_string(program.data().join("secret.key")).unwrap();
        needles.octets("the secret key", key.trim().as_bytes());
        let mut control = Needles::default();
        control.long("the modulus", &modulus);

        // While it runs, with the journals as they are; and after a power cut, a new start and a new key.
        search(&program, &place, &answers, &needles, &control);
        program.kill();
        assert!(answers.command(&program, &["key", "rotate"]).await);
        program.restart().await;
        answers.export(&program).await;
        search(&program, &place, &answers, &needles, &control);
    }
}

fn search(
    program: &Program,
    place: &Place,
    answers: &Answers,
    needles: &Needles,
    control: &Needles,
) {
    let files = files(program.data());
    let log = files.iter().find(|(path, _)| path.ends_with("server.log"));
    let log = String::from_utf8_lossy(&log.unwrap().1).into_owned();
    assert!(log.contains("DEBUG"), "more was logged than usual");
    let mut database: Vec<&[u8]> = files
        .iter()
        .filter(|(path, _)| path.to_string_lossy().contains("mandate.db"))
        .map(|(_, content)| content.as_slice())
        .collect();
    let dump = dump(place);
    database.extend(dump.as_deref());
    for content in &database {
        assert_eq!(
            needles.found_in(content),
            Vec::<String>::new(),
            "in the database"
        );
    }
    if !database.is_empty() {
        let shown = database
            .iter()
            .any(|content| !control.found_in(content).is_empty());
        assert!(
            shown,
            "the certificate is in it, so the right thing was searched"
        );
        let named = |content: &&[u8]| {
            content
                .windows(ADA.len())
                .any(|part| part == ADA.as_bytes())
        };
        assert!(database.iter().any(named));
    }
    for (path, content) in &files {
        let found = needles.found_in(content);
        assert_eq!(found, Vec::<String>::new(), "in {}", path.display());
    }
    for (name, content) in &answers.0 {
        assert_eq!(
            needles.found_in(content),
            Vec::<String>::new(),
            "{name} says it"
        );
    }
    assert!(answers.0.len() > 20);
}

#[test]
fn the_search_finds_what_is_planted_in_any_spelling() {
    let mut needles = Needles::default();
    needles.word("the password", PASSWORD);
    let secret: Vec<u8> = (0..=255).collect();
    needles.long("the key", &secret);
    let planted = |content: &[u8]| [b"before ".as_slice(), content, b" after"].concat();
    let wide: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (what, content) in [
        ("clear", PASSWORD.as_bytes().to_vec()),
        ("wide", wide),
        ("base64", STANDARD.encode(PASSWORD).into_bytes()),
        (
            "base64 within",
            STANDARD
                .encode(format!("{{\"a\":\"{PASSWORD}\"}}"))
                .into_bytes(),
        ),
        ("raw", secret[100..200].to_vec()),
        ("a dump", hex(&secret).into_bytes()),
        ("a PEM", URL_SAFE.encode(&secret[1..]).into_bytes()),
    ] {
        assert!(!needles.found_in(&planted(&content)).is_empty(), "{what}");
    }
    assert_eq!(
        needles.found_in(&planted(b"nothing of interest")),
        Vec::<String>::new()
    );
}
