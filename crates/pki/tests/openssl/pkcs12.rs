//! PKCS#12 files between us and OpenSSL, and of others that are about.

mod build;
mod foreign;
mod keys;
mod read;
mod write;

use mandate_pki::{
    certificate::Certificate,
    keys::PrivateKey,
    pkcs12::{Pkcs12, open},
};

use crate::{AUTHORITY, MATERIAL, openssl::Openssl};

/// What `openssl pkcs12 -export` is told about key and certificate.
const IDENTITY: &str = "-inkey key.pem -in cert.pem";

/// Puts key, certificate and the two above it into files.
fn lay_out(openssl: &Openssl, key: &PrivateKey, certificate: &Certificate) {
    openssl.write_identity(key, certificate);
    let chain = [MATERIAL.root.to_pem(), AUTHORITY.issuing().to_pem()].concat();
    openssl.write("chain.pem", chain);
}

/// Makes a file by OpenSSL; every option without spaces.
fn export(openssl: &Openssl, options: &str, password: &str) -> Vec<u8> {
    println!("made by `openssl pkcs12 -export {options}`");
    openssl.succeed(&format!(
        "pkcs12 -export {IDENTITY} -passout pass:{password} -out file.p12 {options}"
    ));
    openssl.read("file.p12")
}

fn assert_opens(
    file: &[u8],
    password: &str,
    key: &PrivateKey,
    certificate: &Certificate,
) -> Pkcs12 {
    let opened = open(file, password)
        .unwrap_or_else(|error| panic!("with the password `{password}`: {error}"));
    assert_eq!(opened.key.public_key_info(), key.public_key_info());
    assert_eq!(&opened.certificate, certificate);
    opened
}
