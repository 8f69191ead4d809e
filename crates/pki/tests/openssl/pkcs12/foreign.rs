//! Files of `certtool`, `keytool` and `pk12util`. Without their commands these tests say so and pass.

use std::process::Command;

use mandate_pki::{
    keys::CarriedKind,
    pkcs12::{Chain, Encoding, Pkcs12, Pkcs12Error, open, write},
};

use super::{assert_opens, lay_out};
use crate::{EC, EC_LEAF, RSA, RSA_LEAF, openssl::Openssl};

/// Runs a command of words without spaces in the directory of `openssl`; `None`, and a word about it, where it is missing.
fn run(openssl: &Openssl, command: &str, line: &str) -> Option<String> {
    let Ok(output) = Command::new(command)
        .args(line.split_whitespace())
        .current_dir(openssl.path("."))
        .output()
    else {
        println!("skipped: no `{command}` command");
        return None;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command} {line}: {said}");
    Some(said)
}

#[test]
fn files_of_gnutls_are_opened() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    // It derives each key in 600,000 iterations, so not everything is tried with everything.
    let mut cases: Vec<_> = ["aes-128", "aes-192", "3des", "rc2-40"]
        .map(|cipher| (cipher, "--password=s3cret", "s3cret"))
        .to_vec();
    for cipher in ["aes-256", "3des-pkcs12"] {
        cases.extend([
            (cipher, "--password=鍵🗝", "鍵🗝"),
            (cipher, "--empty-password", ""),
            (cipher, "--null-password", ""),
        ]);
    }
    lay_out(&openssl, &EC, &EC_LEAF);
    for (cipher, option, password) in cases {
        let line = format!(
            "--to-p12 --load-privkey key.pem --load-certificate cert.pem --p12-name name --outder --outfile file.p12 \
             --pkcs-cipher {cipher} {option}"
        );
        if run(&openssl, "certtool", &line).is_none() {
            return;
        }
        let opened = assert_opens(&openssl.read("file.p12"), password, &EC, &EC_LEAF);
        assert_eq!(opened.friendly_name.as_deref(), Some("name"));
    }
}

#[test]
fn gnutls_reads_both_encodings() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let identity = Pkcs12 {
        key: RSA.clone().into(),
        certificate: RSA_LEAF.clone(),
        chain: Vec::new(),
        friendly_name: Some("name".to_owned()),
    };
    for encoding in [Encoding::Modern, Encoding::Legacy] {
        openssl.write(
            "file.p12",
            write(&identity, "s3cret", encoding, Chain::Omitted).unwrap(),
        );
        let line = "--p12-info --inder --infile file.p12 --password=s3cret";
        let Some(said) = run(&openssl, "certtool", line) else {
            return;
        };
        assert!(said.contains("BEGIN CERTIFICATE"), "{said}");
        assert!(said.contains("PRIVATE KEY"), "{said}");
    }
}

#[test]
fn stores_of_java_are_opened_unless_they_hold_several_keys() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let generate = |alias: &str, algorithm: &str| {
        let line = format!(
            "-J-Xshare:auto -genkeypair -keystore store.p12 -storetype PKCS12 -storepass s3cret -alias {alias} \
             -dname CN={alias} {algorithm}"
        );
        run(&openssl, "keytool", &line)
    };
    if generate("ada", "-keyalg RSA -keysize 2048").is_none() {
        return;
    }
    let opened = open(&openssl.read("store.p12"), "s3cret").unwrap();
    assert_eq!(opened.certificate.subject(), "CN=ada");
    assert_eq!(opened.friendly_name.as_deref(), Some("ada"));
    let opened = |arguments: &str| {
        run(
            &openssl,
            "keytool",
            &format!(
                "-J-Xshare:auto -genkeypair -keystore old.p12 -storetype PKCS12 -storepass s3cret -alias old -dname CN=old {arguments}"
            ),
        );
        let opened = open(&openssl.read("old.p12"), "s3cret").unwrap();
        std::fs::remove_file(openssl.path("old.p12")).unwrap();
        opened.key.kind()
    };
    let old = "-J-Dkeystore.pkcs12.legacy";
    assert_eq!(
        opened(&format!("{old} -keyalg RSA -keysize 1024")),
        CarriedKind::Rsa { bits: 1024 }
    );
    assert_eq!(opened("-keyalg EC -groupname secp521r1"), CarriedKind::P521);
    generate("charles", "-keyalg EC -groupname secp384r1");
    assert_eq!(
        open(&openssl.read("store.p12"), "s3cret").unwrap_err(),
        Pkcs12Error::SeveralIdentities
    );
}

/// Makes a file by `pk12util` as Firefox and Thunderbird do; every option without spaces but in the names of ciphers.
fn export_from_nss(openssl: &Openssl, password: &str, ciphers: [&str; 2]) -> Vec<u8> {
    let [cipher, digest] = ciphers;
    let output = Command::new("pk12util")
        .args(["-d", "db", "-o", "nss.p12", "-n", "name", "-W", password])
        .args(["-c", cipher, "-C", cipher, "-M", digest])
        .current_dir(openssl.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{cipher}: {said}");
    openssl.read("nss.p12")
}

#[test]
fn files_of_nss_are_opened_and_ours_by_it() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    std::fs::create_dir(openssl.path("db")).unwrap();
    if run(&openssl, "certutil", "-N -d db --empty-password").is_none() {
        return;
    }
    // By way of what we write, so that it is read too.
    for algorithm in [
        "RSA -pkeyopt rsa_keygen_bits:1024",
        "EC -pkeyopt ec_paramgen_curve:P-521",
    ] {
        openssl.succeed(&format!("genpkey -algorithm {algorithm} -out key.pem"));
        openssl.succeed("req -x509 -new -key key.pem -subj /CN=old -out cert.pem");
        let mut identity = open(&super::export(&openssl, "", "x"), "x").unwrap();
        identity.friendly_name = Some("name".to_owned());
        for encoding in [Encoding::Modern, Encoding::Legacy] {
            let file = write(&identity, "s3cret", encoding, Chain::Omitted).unwrap();
            openssl.write("ours.p12", file);
            run(&openssl, "pk12util", "-d db -l ours.p12 -W s3cret");
        }
        run(&openssl, "pk12util", "-d db -i ours.p12 -W s3cret");
        for (password, ciphers) in [
            ("grün", ["AES-256-CBC", "SHA-384"]),
            (
                "鍵",
                ["PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC", "SHA-1"],
            ),
        ] {
            let file = export_from_nss(&openssl, password, ciphers);
            let opened = open(&file, password).unwrap();
            assert_eq!(opened.key.to_pkcs8(), identity.key.to_pkcs8());
            assert_eq!(opened.certificate, identity.certificate);
        }
        run(&openssl, "certutil", "-F -d db -n name");
    }
}
