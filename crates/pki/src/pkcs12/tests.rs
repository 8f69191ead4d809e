mod hostile;
mod identities;
mod plain;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{
    authority::{CertificateRequest, SerialNumber},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
};

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(KeyKind::P256).unwrap());

fn serial(octet: u8) -> SerialNumber {
    SerialNumber::from_random([octet; 16])
}

fn self_signed(key: &PrivateKey, name: &str, octet: u8) -> Certificate {
    let name = DistinguishedName::common_name(name);
    let mut request = CertificateRequest::new(key.public_key_info(), name, serial(octet));
    request.not_after = 2_000_000_000;
    request.self_sign(key).unwrap()
}

fn identity(friendly_name: Option<&str>) -> Pkcs12 {
    let other = PrivateKey::generate(KeyKind::P256).unwrap();
    Pkcs12 {
        key: KEY.clone().into(),
        certificate: self_signed(&KEY, "ada", 1),
        chain: vec![self_signed(&other, "root", 2)],
        friendly_name: friendly_name.map(str::to_owned),
    }
}

#[test]
fn what_is_written_is_read() {
    let identity = identity(Some("Ada’s key 🗝"));
    for encoding in [Encoding::Modern, Encoding::Legacy] {
        let file = write(&identity, "pässwörd 🗝", encoding, Chain::Included).unwrap();
        let opened = open(&file, "pässwörd 🗝").unwrap();
        assert_eq!(opened.key.to_pkcs8(), identity.key.to_pkcs8());
        assert_eq!(opened.certificate, identity.certificate);
        assert_eq!(opened.chain, identity.chain);
        assert_eq!(opened.friendly_name, identity.friendly_name);
        assert_eq!(
            open(&file, "pässwörd").unwrap_err(),
            Pkcs12Error::WrongPassword
        );
    }
}

#[test]
fn what_old_nss_wrote_is_read_by_the_password_alone() {
    let identity = identity(None);
    for password in ["", "pässwörd 🗝"] {
        let wrong_way = Password::new(password).in_old_nss();
        for encoding in [Encoding::Modern, Encoding::Legacy] {
            let file =
                write::write_under(&identity, &wrong_way, encoding, Chain::Included).unwrap();
            let opened = open(&file, password).unwrap();
            assert_eq!(opened.certificate, identity.certificate);
            let other = format!("{password}x");
            assert_eq!(open(&file, &other).unwrap_err(), Pkcs12Error::WrongPassword);
        }
    }
}

#[test]
fn the_chain_can_stay_at_home() {
    let file = write(&identity(None), "x", Encoding::Modern, Chain::Omitted).unwrap();
    let opened = open(&file, "x").unwrap();
    assert!(opened.chain.is_empty());
    assert_eq!(opened.friendly_name, None);
}

#[test]
fn the_algorithms_are_those_that_were_asked_for() {
    const PBES2: &str = "1.2.840.113549.1.5.13";
    const SHA1_TRIPLE_DES: &str = "1.2.840.113549.1.12.1.3";
    let contains = |file: &[u8], dotted: &str| {
        let oid = crate::Oid::new_unwrap(dotted);
        file.windows(oid.as_bytes().len())
            .any(|window| window == oid.as_bytes())
    };
    let modern = write(&identity(None), "x", Encoding::Modern, Chain::Omitted).unwrap();
    assert!(contains(&modern, PBES2) && !contains(&modern, SHA1_TRIPLE_DES));
    let legacy = write(&identity(None), "x", Encoding::Legacy, Chain::Omitted).unwrap();
    assert!(contains(&legacy, SHA1_TRIPLE_DES) && !contains(&legacy, PBES2));
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", identity(Some("name")));
    assert_eq!(
        shown,
        r#"Pkcs12 { key: CarriedKey { kind: P256, .. }, certificate: "CN=ada", chain: 1, .. }"#
    );
}

#[test]
fn other_files_are_told_what_they_are() {
    let certificate = self_signed(&KEY, "ada", 1);
    for (file, part) in [
        (&b""[..], "empty"),
        (certificate.to_pem().as_bytes(), "PEM text"),
        (b"MIIKkwIBAzCC", "base64 text"),
        (certificate.der(), "another structure"),
        (b"\x30\x82\x01", "cut off"),
    ] {
        let error = open(file, "x").unwrap_err();
        assert!(matches!(error, Pkcs12Error::Malformed(_)));
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn work_has_bounds() {
    let file = write(&identity(None), "x", Encoding::Modern, Chain::Included).unwrap();
    let needed = u64::from(ITERATIONS) * 3;
    assert!(open_within(&file, "x", needed).is_ok());
    assert_eq!(
        open_within(&file, "x", needed - 1).unwrap_err(),
        Pkcs12Error::TooMuchWork
    );
    assert_eq!(
        open(&vec![0x30; MAX_SIZE + 1], "x").unwrap_err(),
        Pkcs12Error::TooMuchWork
    );
}

#[test]
fn a_changed_file_is_a_wrong_password() {
    let mut file = write(&identity(None), "x", Encoding::Modern, Chain::Included)
        .unwrap()
        .to_vec();
    // Within the ciphertext of the certificates.
    file[200] ^= 1;
    assert_eq!(open(&file, "x").unwrap_err(), Pkcs12Error::WrongPassword);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_password_and_name_come_back(password in ".{0,40}", name in ".{1,40}", legacy: bool) {
        let encoding = if legacy { Encoding::Legacy } else { Encoding::Modern };
        let written = identity(Some(&name));
        let file = write(&written, &password, encoding, Chain::Included).unwrap();
        let opened = open(&file, &password).unwrap();
        prop_assert_eq!(opened.certificate, written.certificate);
        prop_assert_eq!(opened.friendly_name, Some(name));
        let wrong = format!("{password}x");
        prop_assert_eq!(open(&file, &wrong).unwrap_err(), Pkcs12Error::WrongPassword);
    }
}
