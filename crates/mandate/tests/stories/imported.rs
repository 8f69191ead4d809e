//! Certificates with their keys for people: from the command line, from Intune's import module, to the phones of their
//! owner, and away again.

use std::path::{Path, PathBuf};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::keys::{KeyKind, OaepDigest, PrivateKey, PublicKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::pkcs12::{self, Chain, Encoding, Pkcs12};
use mandate_simulator::certificates::hex;
use mandate_simulator::device::Device;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::house::{Openssl, Place, Program, places, text};

pub(crate) const COLLECTION: &str = "/beta/deviceManagement/userPfxCertificates";
const PASSWORD: &str = "Zw3i;Wörter \"x\"";
const YEAR: i64 = 365 * 86_400;

/// Files that an administrator has.
struct Desk {
    directory: TempDir,
    /// Now, in seconds since 1970: the program's clock is the real one.
    now: i64,
}

impl Desk {
    fn new() -> Self {
        let now = mandate_engine::Clock::now(&mandate_engine::SystemClock).unix_seconds();
        let desk = Self {
            directory: tempfile::tempdir().unwrap(),
            now,
        };
        desk.write("password.txt", format!("{PASSWORD}\n"));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A PFX file of a name, for an address, valid from and until so many years from now; its certificate.
    fn pfx(&self, name: &str, address: &str, (from, until): (i64, i64)) -> Certificate {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let certificate = self.certificate(&key, address, (from, until));
        let pkcs12 = Pkcs12 {
            key: key.into(),
            certificate: certificate.clone(),
            chain: Vec::new(),
            friendly_name: None,
        };
        let file = pkcs12::write(&pkcs12, PASSWORD, Encoding::Legacy, Chain::Included).unwrap();
        self.write(name, file.as_slice());
        certificate
    }

    fn certificate(
        &self,
        key: &PrivateKey,
        address: &str,
        (from, until): (i64, i64),
    ) -> Certificate {
        let subject = DistinguishedName::common_name(address);
        let mut random = [0; 16];
        mandate_engine::Chance::fill(&mandate_engine::SystemChance, &mut random);
        let serial = SerialNumber::from_random(random);
        let mut request = CertificateRequest::new(key.public_key_info(), subject, serial);
        request.subject_alt_names = vec![SubjectAltName::Email(address.to_owned())];
        request.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT;
        request.not_before = self.now + from * YEAR;
        request.not_after = self.now + until * YEAR;
        request.self_sign(key).unwrap()
    }
}

/// Runs a command that ends with `--json`, whether or not it went well; what it printed.
pub(crate) async fn json_of(program: &Program, words: &[&str]) -> (bool, Value) {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let (went_well, said) = program.command(&words).await;
    let (start, end) = (said.find(['{', '[']), said.rfind(['}', ']']));
    let (Some(start), Some(end)) = (start, end) else {
        panic!("no JSON: {said}");
    };
    let value =
        serde_json::from_str(&said[start..=end]).unwrap_or_else(|error| panic!("{error}: {said}"));
    (went_well, value)
}

/// What became of each file, by its name.
fn results(report: &Value) -> Vec<(String, String)> {
    let files = report["files"].as_array().unwrap();
    files
        .iter()
        .map(|file| {
            let name = Path::new(file["file"].as_str().unwrap())
                .file_name()
                .unwrap();
            (
                name.to_str().unwrap().to_owned(),
                file["result"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

pub(crate) fn result_of<'a>(report: &'a Value, name: &str) -> &'a Value {
    let files = report["files"].as_array().unwrap();
    files
        .iter()
        .find(|file| file["file"].as_str().unwrap().ends_with(name))
        .unwrap()
}

async fn thumbprints(program: &Program, user: &str) -> Vec<String> {
    let (_, list) = json_of(program, &["pfx", "list", "--user", user]).await;
    let mut found: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["thumbprint"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

fn holds(phone: &Device, certificate: &Certificate) -> bool {
    phone
        .identities()
        .iter()
        .any(|held| held.certificate.der() == certificate.der())
}

async fn start(place: Place) -> (Program, Desk) {
    let program = Program::start(place).await;
    program.hire("ada").await;
    program.hire("ben").await;
    (program, Desk::new())
}

#[tokio::test]
async fn a_folder_with_a_mapping_is_imported_and_each_file_is_answered() {
    for place in places().await {
        let (program, desk) = start(place).await;
        let old = desk.pfx("keys/ada-old.pfx", "ada@contoso.com", (-3, -1));
        let new = desk.pfx("keys/ada-new.p12", "ada@contoso.com", (-1, 2));
        desk.pfx("keys/ben-expired.pfx", "ben@contoso.com", (-3, -1));
        desk.pfx("keys/ben-elsewhere.pfx", "ben@elsewhere.example", (-1, 2));
        desk.pfx("keys/stray.pfx", "ada@contoso.com", (-1, 2));
        desk.pfx("keys/nobody.pfx", "ada@contoso.com", (-1, 2));
        desk.pfx("keys/locked.pfx", "ada@contoso.com", (-1, 2));
        desk.write("keys/broken.pfx", "this is no PFX file");
        desk.write("keys/readme.txt", "not looked at");
        let quoted = format!("\"{}\"", PASSWORD.replace('"', "\"\""));
        let mapping = format!(
            "file;user;purpose;password;passwordFile\r\n\
             keys/ada-old.pfx;ada@contoso.com;smimeEncryption;{quoted};\r\n\
             keys/ada-new.p12;;SmimeEncryption;;password.txt\r\n\
             keys/ben-expired.pfx;ben@contoso.com;smimeSigning;;password.txt\r\n\
             keys/ben-elsewhere.pfx;ben@contoso.com;smimeSigning;;password.txt\r\n\
             keys/nobody.pfx;nobody@contoso.com;smimeSigning;;password.txt\r\n\
             keys/locked.pfx;ada@contoso.com;smimeSigning;guessed;\r\n\
             keys/broken.pfx;ada@contoso.com;smimeSigning;;password.txt\r\n\
             keys/gone.pfx;ada@contoso.com;smimeSigning;;password.txt\r\n"
        );
        let (keys, mapping) = (desk.path("keys"), desk.write("mapping.csv", mapping));
        let words = ["pfx", "import", text(&keys), "--mapping", text(&mapping)];

        // First it is only tried.
        let dry: Vec<&str> = words.iter().copied().chain(["--dry-run"]).collect();
        let (went_well, report) = json_of(&program, &dry).await;
        assert!(!went_well);
        assert_eq!(report["imported"], 3, "{report}");
        assert_eq!(
            result_of(&report, "ada-old.pfx")["result"],
            "would be imported"
        );
        assert!(thumbprints(&program, "ada@contoso.com").await.is_empty());

        let (went_well, report) = json_of(&program, &words).await;
        assert!(!went_well, "some were refused");
        for (name, result, said) in [
            ("ada-old.pfx", "imported", ""),
            ("ada-new.p12", "imported", ""),
            ("ben-elsewhere.pfx", "imported", ""),
            ("ben-expired.pfx", "refused", "expired"),
            ("stray.pfx", "refused", "the mapping has no line for it"),
            ("nobody.pfx", "refused", "existing user"),
            ("locked.pfx", "refused", "password does not open"),
            ("broken.pfx", "refused", "not a PKCS#12"),
            ("gone.pfx", "refused", "not there"),
        ] {
            let found = result_of(&report, name);
            assert_eq!(found["result"], result, "{found}");
            assert!(
                found["problem"].as_str().unwrap_or_default().contains(said),
                "{found}"
            );
        }
        assert_eq!(results(&report).len(), 9);
        let warnings = &result_of(&report, "ben-elsewhere.pfx")["warnings"];
        assert_eq!(warnings[0]["code"], "noAddressMatch", "{report}");
        assert!(!report.to_string().contains("Zw3i") && !report.to_string().contains("guessed"));
        let mut expected = [hex(&old.sha1()), hex(&new.sha1())];
        expected.sort();
        assert_eq!(thumbprints(&program, "ada@contoso.com").await, expected);

        // Again: nothing is done twice, and the API shows the same.
        let (_, report) = json_of(&program, &words).await;
        assert_eq!(
            (&report["imported"], &report["alreadyThere"]),
            (&json!(0), &json!(3))
        );
        let list = program.get(COLLECTION).await;
        assert_eq!(list["value"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn files_of_one_name_go_each_to_the_person_of_its_own_line() {
    for place in places().await {
        let (program, desk) = start(place).await;
        let ada = desk.pfx("keys/ada/smime.p12", "ada@contoso.com", (-1, 2));
        let ben = desk.pfx("keys/ben/smime.p12", "ben@contoso.com", (-1, 2));
        desk.pfx("keys/carl/smime.p12", "ada@contoso.com", (-1, 2));
        let mapping = desk.write(
            "keys/mapping.csv",
            "file,user,purpose,passwordFile\n\
             ada/smime.p12,ada@contoso.com,smimeEncryption,../password.txt\n\
             ben/smime.p12,ben@contoso.com,smimeEncryption,../password.txt\n",
        );
        let folders = ["ben", "carl", "ada"].map(|name| desk.path("keys").join(name));
        let mut words = vec!["pfx", "import"];
        words.extend(folders.iter().map(|folder| text(folder)));
        words.extend(["--mapping", text(&mapping)]);
        let (went_well, report) = json_of(&program, &words).await;
        assert!(!went_well, "nothing says whose Carl's file is");
        assert_eq!(report["imported"], 2, "{report}");
        let carl = result_of(&report, "carl/smime.p12");
        let problem = carl["problem"].as_str().unwrap();
        assert!(
            problem.contains("2 lines and 3 files are called `smime.p12`"),
            "{problem}"
        );
        for (user, certificate) in [("ada@contoso.com", ada), ("ben@contoso.com", ben)] {
            let expected = [hex(&certificate.sha1())];
            assert_eq!(thumbprints(&program, user).await, expected, "{user}");
        }
    }
}

#[tokio::test]
async fn the_lines_for_people_say_what_became_of_a_file() {
    for place in places().await {
        let (program, desk) = start(place).await;
        desk.pfx("ada.pfx", "ada@contoso.com", (-1, 2));
        desk.pfx("ben.pfx", "ben@elsewhere.example", (-1, 2));
        let (ada, ben) = (desk.path("ada.pfx"), desk.path("ben.pfx"));
        let password = desk.path("password.txt");
        let import = [
            "pfx",
            "import",
            text(&ada),
            "--password-file",
            text(&password),
        ];
        let with = |more: &[&'static str]| -> Vec<String> {
            let words = import.iter().copied().chain(more.iter().copied());
            words.map(str::to_owned).collect()
        };
        let run = async |words: Vec<String>| {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            program.command(&words).await
        };
        let (went_well, said) = run(with(&[])).await;
        assert!(!went_well && said.contains("--purpose"), "{said}");
        let (went_well, said) = run(with(&["--purpose", "mail"])).await;
        assert!(!went_well && said.contains("smimeEncryption"), "{said}");
        // The address in the certificate says whose it is.
        let (went_well, said) = run(with(&["--purpose", "smimeSigning"])).await;
        assert!(went_well, "{said}");
        assert!(
            said.contains("imported") && said.contains("ada@contoso.com"),
            "{said}"
        );
        assert!(
            said.contains("1 imported, 0 already there, 0 refused"),
            "{said}"
        );
        let (went_well, said) = run(with(&["--purpose", "smimeSigning"])).await;
        assert!(went_well && said.contains("already there"), "{said}");

        let (went_well, said) = run(with(&["--purpose", "smimeEncryption"])).await;
        assert!(
            went_well && said.contains("it is there for `smimeSigning`"),
            "{said}"
        );

        let ben = text(&ben);
        let mut words = vec!["pfx", "import", ben, "--password-file", text(&password)];
        words.extend(["--purpose", "smimeSigning"]);
        let (went_well, said) = program.command(&words).await;
        assert!(
            !went_well && said.contains("nobody has the mail address"),
            "{said}"
        );
        words.extend(["--user", "BEN@contoso.com"]);
        let strict: Vec<&str> = words.iter().copied().chain(["--strict"]).collect();
        let (went_well, said) = program.command(&strict).await;
        assert!(
            !went_well && said.contains("ben@elsewhere.example"),
            "{said}"
        );
        let (went_well, said) = program.command(&words).await;
        assert!(went_well && said.contains("warning"), "{said}");

        // Without a terminal nobody can be asked.
        let (went_well, said) = program
            .command(&["pfx", "import", ben, "--purpose", "wifi"])
            .await;
        assert!(!went_well && said.contains("--password-file"), "{said}");
        let (went_well, said) = program.command(&["pfx", "import"]).await;
        assert!(!went_well && said.contains("FILE|DIR"), "{said}");

        let (went_well, said) = program.command(&["pfx", "list"]).await;
        assert!(
            went_well && said.contains("2 certificates imported"),
            "{said}"
        );
        let thumbprint = &thumbprints(&program, "ben@contoso.com").await[0];
        let remove = ["pfx", "remove", "--user", "ben@contoso.com", thumbprint];
        let (went_well, said) = program.command(&remove).await;
        assert!(went_well && said.contains(thumbprint), "{said}");
        let (went_well, said) = program.command(&remove).await;
        assert!(!went_well && said.contains("nothing was removed"), "{said}");
    }
}

#[tokio::test]
async fn an_address_of_two_people_decides_for_neither() {
    for place in places().await {
        let (program, desk) = start(place).await;
        let again = json!({
            "displayName": "Ada again", "userPrincipalName": "ada2@contoso.com", "mail": "ada@contoso.com",
        });
        program.post("/v1.0/users", again).await;
        desk.pfx("ada.pfx", "ada@contoso.com", (-1, 2));
        let (file, password) = (desk.path("ada.pfx"), desk.path("password.txt"));
        let words = [
            "pfx",
            "import",
            text(&file),
            "--password-file",
            text(&password),
        ];
        let words: Vec<&str> = words
            .into_iter()
            .chain(["--purpose", "smimeEncryption"])
            .collect();
        let (went_well, report) = json_of(&program, &words).await;
        assert!(!went_well);
        let problem = result_of(&report, "ada.pfx")["problem"].as_str().unwrap();
        assert!(
            problem.contains("several people")
                && problem.contains("`ada@contoso.com`")
                && problem.contains("`ada2@contoso.com`"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn files_of_any_make_are_opened() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let place = places().await.remove(0);
    let (program, desk) = start(place).await;
    let makes: [(&str, &[&str]); 4] = [
        ("modern.pfx", &[]),
        ("rc2.pfx", &["-legacy"]),
        (
            "3des.pfx",
            &[
                "-keypbe",
                "PBE-SHA1-3DES",
                "-certpbe",
                "PBE-SHA1-3DES",
                "-macalg",
                "sha1",
            ],
        ),
        (
            "unencrypted.pfx",
            &["-certpbe", "NONE", "-keypbe", "AES-256-CBC"],
        ),
    ];
    for (name, options) in makes {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let certificate = desk.certificate(&key, "ada@contoso.com", (-1, 2));
        let file = openssl.pfx(&key.to_pkcs8(), &certificate.to_pem(), PASSWORD, options);
        desk.write(&format!("keys/{name}"), file);
    }
    let (keys, password) = (desk.path("keys"), desk.path("password.txt"));
    let words = [
        "pfx",
        "import",
        text(&keys),
        "--password-file",
        text(&password),
    ];
    let words: Vec<&str> = words
        .into_iter()
        .chain(["--purpose", "smimeEncryption"])
        .collect();
    let (went_well, report) = json_of(&program, &words).await;
    assert!(went_well, "{report}");
    assert_eq!(report["imported"], 4);
}

#[tokio::test]
async fn the_connector_key_comes_in_the_forms_that_the_module_reads() {
    for place in places().await {
        let (program, desk) = start(place).await;
        let (_, none) = json_of(&program, &["connector", "list"]).await;
        assert_eq!(none, json!([]));
        let blob = desk.path("public.blob");
        let words = ["connector", "key", "--size", "2048", "--format", "blob"];
        let words: Vec<&str> = words.into_iter().chain(["--out", text(&blob)]).collect();
        let (went_well, key) = json_of(&program, &words).await;
        assert!(went_well);
        assert_eq!(key["keyName"], "mandate-connector");
        assert_eq!(
            key["providerName"],
            "Microsoft Software Key Storage Provider"
        );
        let written = std::fs::read(&blob).unwrap();
        assert_eq!(&written[..8], b"RSA1\0\x08\0\0");
        assert_eq!(written.len(), 24 + 3 + 256);
        let (went_well, said) = program.command(&words).await;
        assert!(
            !went_well && said.contains("public.blob"),
            "not overwritten: {said}"
        );
        let (went_well, said) = program
            .command(&["connector", "key", "--format", "blob"])
            .await;
        assert!(!went_well && said.contains("--out"), "{said}");

        // The same key again, until another is made.
        let (went_well, said) = program.command(&["connector", "key"]).await;
        assert!(
            went_well && said.contains(key["publicKey"].as_str().unwrap().trim()),
            "{said}"
        );
        assert!(said.contains("keyName       mandate-connector"), "{said}");
        let new = ["connector", "key", "--new", "next", "--size", "2048"];
        let (_, next) = json_of(&program, &new).await;
        assert_ne!(next["publicKey"], key["publicKey"]);
        let (went_well, said) = program.command(&new).await;
        assert!(!went_well && said.contains("already"), "{said}");
        let (_, newest) = json_of(&program, &["connector", "key"]).await;
        assert_eq!(newest["keyName"], "next");
        let (_, old) = json_of(
            &program,
            &["connector", "key", "--name", "mandate-connector"],
        )
        .await;
        assert_eq!(old["publicKey"], key["publicKey"]);
        let (went_well, said) = program.command(&["connector", "key", "--name", "x"]).await;
        assert!(
            !went_well && said.contains("`mandate-connector`, `next`"),
            "{said}"
        );
        let (went_well, said) = program
            .command(&["connector", "key", "--new", "small", "--size", "1024"])
            .await;
        assert!(!went_well && said.contains("2048, 3072 or 4096"), "{said}");

        let (went_well, _) = program
            .command(&["connector", "remove", "mandate-connector"])
            .await;
        assert!(went_well);
        let (_, left) = json_of(&program, &["connector", "list"]).await;
        assert_eq!(left.as_array().unwrap().len(), 1);
        let (went_well, said) = program
            .command(&["connector", "remove", "mandate-connector"])
            .await;
        assert!(!went_well && said.contains("mandate-connector"), "{said}");
    }
}

#[tokio::test]
async fn what_the_module_imports_is_on_the_phone_and_goes_with_its_removal() {
    for place in places().await {
        let (program, desk) = start(place).await;
        let ada = program.get("/v1.0/users/ada@contoso.com").await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let history = program
            .profile(
                "iosImportedPFXCertificateProfile",
                "S/MIME encryption",
                json!({ "intendedPurpose": "smimeEncryption" }),
            )
            .await;
        program.assign_to_all(&history).await;
        let mut phone = program.enrol(&ada).await;
        let (_, key) = json_of(&program, &["connector", "key", "--size", "2048"]).await;

        // Encrypted with what came out, as the module does.
        let certificate = desk.pfx("ada.pfx", "ada@contoso.com", (-1, 2));
        let public: String = key["publicKey"]
            .as_str()
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let public = PublicKey::from_der(&STANDARD.decode(public).unwrap()).unwrap();
        let octets: Vec<u8> = PASSWORD
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let encrypted = public.encrypt_oaep(OaepDigest::Sha512, &octets).unwrap();
        let body = json!({
            "thumbprint": hex(&certificate.sha1()),
            "intendedPurpose": "SmimeEncryption",
            "userPrincipalName": "Ada@Contoso.com",
            "providerName": key["providerName"],
            "keyName": key["keyName"],
            "paddingScheme": "OaepSha512",
            "encryptedPfxBlob": STANDARD.encode(std::fs::read(desk.path("ada.pfx")).unwrap()),
            "encryptedPfxPassword": STANDARD.encode(encrypted),
        });
        let (status, made) = program.call(Method::POST, COLLECTION, Some(body)).await;
        assert_eq!(status, 201, "{made}");
        program.settle(&mut phone).await;
        assert!(holds(&phone, &certificate));
        assert!(phone.received_in_clear().is_empty());

        // A second one from the command line while the server runs.
        let second = desk.pfx("second.pfx", "ada@contoso.com", (0, 3));
        let (file, password) = (desk.path("second.pfx"), desk.path("password.txt"));
        let words = [
            "pfx",
            "import",
            text(&file),
            "--password-file",
            text(&password),
        ];
        let words: Vec<&str> = words
            .into_iter()
            .chain(["--purpose", "smimeEncryption", "--user", "ada@contoso.com"])
            .collect();
        let (went_well, said) = program.command(&words).await;
        assert!(went_well, "{said}");
        program.settle(&mut phone).await;
        assert!(holds(&phone, &certificate) && holds(&phone, &second));

        let item = format!("{COLLECTION}/{}", made["id"].as_str().unwrap());
        let (status, _) = program.call(Method::DELETE, &item, None).await;
        assert_eq!(status, 204);
        program.settle(&mut phone).await;
        assert!(!holds(&phone, &certificate) && holds(&phone, &second));

        // Who is removed takes everything along.
        let (status, _) = program
            .call(Method::DELETE, &format!("/v1.0/users/{ada}"), None)
            .await;
        assert_eq!(status, 204);
        program.settle(&mut phone).await;
        assert!(!holds(&phone, &second));
        let list = program.get(COLLECTION).await;
        assert_eq!(list["value"], json!([]));
    }
}
