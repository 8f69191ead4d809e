//! Files of `certtool` and `keytool`. Without their commands these tests say so and pass.

use std::process::Command;

use mandate_pki::pkcs12::{Chain, Encoding, Pkcs12, Pkcs12Error, open, write};

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
        key: RSA.clone(),
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
    generate("charles", "-keyalg EC -groupname secp384r1");
    assert_eq!(
        open(&openssl.read("store.p12"), "s3cret").unwrap_err(),
        Pkcs12Error::SeveralIdentities
    );
}
