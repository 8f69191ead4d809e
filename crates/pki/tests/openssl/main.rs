//! Our certificates and messages before OpenSSL, and OpenSSL's before us. Without the `openssl` command these tests say so and
//! pass.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step fails the test, a skipped one says so"
)]

mod authority;
mod encrypted;
mod import;
mod keys;
mod names;
mod ocsp;
mod openssl;
mod pkcs12;
mod signed;

use std::sync::LazyLock;

use mandate_pki::{
    authority::{
        Authority, AuthorityMaterial, AuthorityRequest, CertificateRequest, SerialNumber, create,
    },
    certificate::{Certificate, KeyUsages},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    oid,
};

/// 2026-11-21; OpenSSL compares with the real time, so the authority must live now.
const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;

static MATERIAL: LazyLock<AuthorityMaterial> = LazyLock::new(|| {
    let mut request =
        AuthorityRequest::new("Analytical Engines, Ltd.", NOW, [serial(1), serial(2)]);
    // Saves seconds of key generation.
    request.root_kind = KeyKind::Rsa2048;
    create(&request).unwrap()
});

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| MATERIAL.authority().unwrap());
static RSA: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());
static EC: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(KeyKind::P256).unwrap());
static RSA_LEAF: LazyLock<Certificate> = LazyLock::new(|| AUTHORITY.issue(&leaf(&RSA, 3)).unwrap());
static EC_LEAF: LazyLock<Certificate> = LazyLock::new(|| AUTHORITY.issue(&leaf(&EC, 4)).unwrap());

fn serial(octet: u8) -> SerialNumber {
    SerialNumber::from_random([octet; 16])
}

fn leaf(key: &PrivateKey, number: u8) -> CertificateRequest {
    let mut request = CertificateRequest::new(
        key.public_key_info(),
        DistinguishedName::common_name("device"),
        serial(number),
    );
    (request.not_before, request.not_after) = (NOW - 400 * DAY, NOW + 400 * DAY);
    request.key_usages = KeyUsages::DIGITAL_SIGNATURE;
    if key.public_key().unwrap().is_rsa() {
        request.key_usages = request.key_usages | KeyUsages::KEY_ENCIPHERMENT;
    }
    request.extended_key_usages = vec![oid::CLIENT_AUTH, oid::EMAIL_PROTECTION];
    request.crl_url = Some("http://mandate.example.org/crl".to_owned());
    request.issuer_url = Some("http://mandate.example.org/ca".to_owned());
    request
}
