//! The seeds of the fuzz targets are what they are meant to be: inputs that get through to the end. One that is refused early
//! would show nothing.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::{fs, path::PathBuf};

use mandate_pki::{
    certificate::Certificate, cms::decrypt, csr::CertificateSigningRequest, keys::PrivateKey,
    pkcs12::open_within,
};

fn fuzz(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz")).join(path)
}

fn seed(path: &str) -> Vec<u8> {
    fs::read(fuzz("seeds").join(path)).unwrap()
}

#[test]
fn every_pkcs12_file_opens_within_what_the_target_spends() {
    let mut opened = 0;
    for file in fs::read_dir(fuzz("seeds/pkcs12")).unwrap() {
        let file = fs::read(file.unwrap().path()).unwrap();
        open_within(&file, "s3cret", 200).unwrap();
        opened += 1;
    }
    assert_eq!(opened, 9);
}

#[test]
fn every_encrypted_message_is_for_the_fixed_key() {
    let text = |path| fs::read_to_string(fuzz(path)).unwrap();
    let key = PrivateKey::from_pem(&text("fixtures/recipient.key.pem")).unwrap();
    let certificate = Certificate::from_pem(&text("fixtures/recipient.pem")).unwrap();
    for name in ["encrypted", "authenticated", "oaep"] {
        let content = decrypt(&seed(&format!("cms/{name}")), &key, &certificate).unwrap();
        assert_eq!(content.as_slice(), b"content");
    }
}

#[test]
fn the_request_verifies_and_asks_for_everything() {
    let request = CertificateSigningRequest::from_der(&seed("pkcs10/attributes")).unwrap();
    assert_eq!(request.challenge_password(), Some("s3cret"));
    assert_eq!(request.subject_alt_names().len(), 5);
    assert_eq!(request.extended_key_usages().len(), 2);
    assert!(request.key_usages().is_some());
}
