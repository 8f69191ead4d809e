//! Imported certificates, asked for as Intune's import module asks: bodies with capitals and local times, keys without
//! quotes, and an answer of exactly 204 to a removal.

mod consequences;
mod contract;
mod rules;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Actor, ConnectorKey, NewConnectorKey};
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::keys::{KeyKind, OaepDigest, PrivateKey, PublicKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::pkcs12::{self, Chain, Encoding, Pkcs12};
use serde_json::{Value, json};

use crate::house::{House, NOON};

const PATH: &str = "/beta/deviceManagement/userPfxCertificates";
const YEAR: i64 = 365 * 86_400;

/// A file with its password, and what the module reads in it.
struct Pfx {
    certificate: Certificate,
    file: Vec<u8>,
    password: &'static str,
}

/// A certificate for an address, valid from and until so many years from noon.
fn pfx(address: &str, serial: u8, (from, until): (i64, i64)) -> Pfx {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let subject = DistinguishedName::common_name(address);
    let serial = SerialNumber::from_random([serial; 16]);
    let mut request = CertificateRequest::new(key.public_key_info(), subject, serial);
    request.subject_alt_names = vec![SubjectAltName::Email(address.to_owned())];
    request.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_AGREEMENT;
    request.not_before = NOON + from * YEAR;
    request.not_after = NOON + until * YEAR;
    let certificate = request.self_sign(&key).unwrap();
    let pkcs12 = Pkcs12 {
        key: key.into(),
        certificate: certificate.clone(),
        chain: Vec::new(),
        friendly_name: None,
    };
    let password = "gr\u{fc}n & geheim";
    let file = pkcs12::write(&pkcs12, password, Encoding::Modern, Chain::Included).unwrap();
    Pfx {
        certificate,
        file: file.to_vec(),
        password,
    }
}

fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
}

fn thumbprint(pfx: &Pfx) -> String {
    hex(&pfx.certificate.sha1())
}

/// A password as the module encrypts it: one octet for each character.
fn encrypted(key: &ConnectorKey, password: &str, digest: OaepDigest) -> String {
    let body: String = key
        .to_pem()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let public = PublicKey::from_der(&STANDARD.decode(body).unwrap()).unwrap();
    let octets: Vec<u8> = password
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    STANDARD.encode(public.encrypt_oaep(digest, &octets).unwrap())
}

/// What `Import-IntuneUserPfxCertificate` sends.
fn module_body(key: &ConnectorKey, pfx: &Pfx, upn: &str, purpose: &str) -> Value {
    let local = |seconds: i64| {
        let utc = mandate_model::Timestamp::from_unix_seconds(seconds + 7200).to_string();
        utc.replace('Z', "+02:00")
    };
    json!({
        "thumbprint": thumbprint(pfx),
        "intendedPurpose": purpose,
        "userPrincipalName": upn,
        "startDateTime": local(pfx.certificate.not_before()),
        "expirationDateTime": local(pfx.certificate.not_after()),
        "providerName": key.provider,
        "keyName": key.name,
        "paddingScheme": "OaepSha512",
        "encryptedPfxBlob": STANDARD.encode(&pfx.file),
        "encryptedPfxPassword": encrypted(key, pfx.password, OaepDigest::Sha512),
        "createdDateTime": "2026-11-21T14:00:00.7156189+02:00",
        "lastModifiedDateTime": "2026-11-21T14:00:00.7156189+02:00",
    })
}

async fn connector(house: &House) -> ConnectorKey {
    let new = NewConnectorKey {
        bits: 2048,
        ..NewConnectorKey::default()
    };
    house
        .engine
        .connector_key(&Actor::system(), new)
        .await
        .unwrap()
}

/// A house with Ada and a connector key.
async fn open() -> (House, String, ConnectorKey) {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let key = connector(&house).await;
    (house, ada, key)
}

const ADA: &str = "ada@example.com";
