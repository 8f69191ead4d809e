use aws_lc_rs::rand::SystemRandom;

use super::*;
use crate::{keys::KeyKind, pem};

/// A key of the nineties, when nobody got a longer one; and the longest.
const RSA_1024: &str = include_str!("rsa-1024.key.pem");
const RSA_8192: &str = include_str!("rsa-8192.key.pem");

fn der(pem_text: &str) -> Vec<u8> {
    pem::decode("PRIVATE KEY", pem_text).unwrap()
}

fn p521() -> Vec<u8> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P521_SHA512_ASN1_SIGNING, &SystemRandom::new());
    made.unwrap().as_ref().to_vec()
}

/// The document around an `RSAPrivateKey`, with these parameters behind the identifier.
fn document(parameters: &[u8], key: &[u8], attributes: &[u8]) -> Vec<u8> {
    let algorithm = writer::algorithm(&oid::RSA_ENCRYPTION, parameters);
    let key = writer::octet_string(key);
    writer::sequence([&writer::integer(0), &algorithm, &key, attributes])
}

/// The numbers of an RSA key, as they are between tag and length.
fn numbers(pkcs8: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = Reader::sequence_only(Document::read(pkcs8).unwrap().key).unwrap();
    (0..RSA_NUMBERS)
        .map(|_| fields.expect(tag::INTEGER).unwrap().content.to_vec())
        .collect()
}

fn of_numbers(numbers: &[Vec<u8>]) -> Vec<u8> {
    let integers: Vec<_> = numbers
        .iter()
        .map(|number| writer::element(tag::INTEGER, number))
        .collect();
    document(&writer::null(), &writer::sequence_of(&integers), &[])
}

fn refusal(pkcs8: &[u8]) -> Error {
    CarriedKey::from_pkcs8(pkcs8).unwrap_err()
}

#[test]
fn a_key_that_is_used_here_can_be_carried_and_used_again() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let key = PrivateKey::generate(kind).unwrap();
        let carried = CarriedKey::from(key.clone());
        let read = CarriedKey::from_pkcs8(&key.to_pkcs8()).unwrap();
        for one in [&carried, &read] {
            assert_eq!(one.kind(), kind.into());
            assert_eq!(one.to_pkcs8(), key.to_pkcs8());
            assert_eq!(one.public_key_info(), key.public_key_info());
            assert_eq!(one.to_private_key().unwrap().kind(), kind);
        }
    }
}

#[test]
fn keys_that_nobody_makes_any_more_are_carried_and_not_used() {
    for (pkcs8, kind, bits, name) in [
        (
            der(RSA_1024),
            CarriedKind::Rsa { bits: 1024 },
            1024,
            "RSA of 1024 bits",
        ),
        (
            der(RSA_8192),
            CarriedKind::Rsa { bits: 8192 },
            8192,
            "RSA of 8192 bits",
        ),
        (p521(), CarriedKind::P521, 521, "secp521r1 (1.3.132.0.35)"),
    ] {
        let key = CarriedKey::from_pkcs8(&pkcs8).unwrap();
        assert_eq!(key.kind(), kind);
        assert_eq!(key.public_key().unwrap().bits(), bits);
        assert_eq!(key.to_pkcs8().as_slice(), pkcs8);
        assert_eq!(
            key.to_private_key().unwrap_err(),
            Error::UnsupportedKey(name.to_owned())
        );
    }
}

/// Also for a key that AWS-LC itself would not use: see [`check_rsa`].
#[test]
fn numbers_that_do_not_fit_together_are_no_key() {
    let long = PrivateKey::generate(KeyKind::Rsa2048).unwrap().to_pkcs8();
    for pkcs8 in [der(RSA_1024), long.to_vec()] {
        assert!(CarriedKey::from_pkcs8(&of_numbers(&numbers(&pkcs8))).is_ok());
        for place in 1..RSA_NUMBERS {
            let mut changed = numbers(&pkcs8);
            *changed[place].last_mut().unwrap() ^= 2;
            assert_eq!(refusal(&of_numbers(&changed)), MALFORMED, "number {place}");
        }
        let mut other = numbers(&pkcs8);
        other.swap(4, 5);
        assert_eq!(refusal(&of_numbers(&other)), MALFORMED);
    }
}

#[test]
fn sizes_end_at_1024_and_8192_bits() {
    for (octets, first, bits) in [
        (128, 0x40, 1023),
        (64, 0x80, 512),
        (1025, 0x01, 8193),
        (2048, 0x80, 16_384),
    ] {
        let mut changed = numbers(&der(RSA_1024));
        changed[1] = [&[0, first], vec![1; octets - 1].as_slice()].concat();
        assert_eq!(
            refusal(&of_numbers(&changed)),
            Error::UnsupportedKey(format!("RSA of {bits} bits"))
        );
    }
}

#[test]
fn rsa_keys_of_other_making_are_named() {
    let changed = |place: usize, number: &[u8]| {
        let mut numbers = numbers(&der(RSA_1024));
        numbers[place] = number.to_vec();
        refusal(&of_numbers(&numbers)).to_string()
    };
    assert!(changed(0, &[1]).contains("more than two primes"));
    assert!(changed(5, &[0]).contains("without its primes"));
    assert!(changed(2, &[2, 0, 0, 0, 1]).contains("exponent of more than 33 bits"));
}

#[test]
fn an_rsa_key_is_one_however_it_is_written() {
    let pkcs8 = der(RSA_1024);
    let key = Document::read(&pkcs8).unwrap().key;
    // Windows notes the key usage there when it exports.
    let usage = writer::sequence([
        &writer::oid(&oid::KEY_USAGE),
        &writer::set_of(vec![writer::named_bits(0b100)]),
    ]);
    let with_attributes = document(&writer::null(), key, &writer::context(0, &usage));
    let without_parameters = document(&[], key, &[]);
    let padded: Vec<_> = numbers(&pkcs8)
        .iter()
        .map(|number| [&[0, 0], number.as_slice()].concat())
        .collect();
    let stripped: Vec<_> = numbers(&pkcs8)
        .iter()
        .map(|number| match number.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            all => all.to_vec(),
        })
        .collect();
    for other in [
        with_attributes,
        without_parameters,
        of_numbers(&padded),
        of_numbers(&stripped),
    ] {
        assert_ne!(other, pkcs8);
        let read = CarriedKey::from_pkcs8(&other).unwrap();
        assert_eq!(read.to_pkcs8().as_slice(), pkcs8);
    }
}

#[test]
fn a_key_on_a_curve_gets_its_point_and_no_other() {
    let pkcs8 = p521();
    let number = |key: &[u8]| {
        let mut fields = Reader::sequence_only(key).unwrap();
        fields.expect(tag::INTEGER).unwrap();
        fields.expect(tag::OCTET_STRING).unwrap().content.to_vec()
    };
    let key = number(Document::read(&pkcs8).unwrap().key);
    let other = CarriedKey::from_pkcs8(&p521()).unwrap();
    let foreign = PublicPoint(&other).octets();
    let written = |point: &[u8]| {
        let key = writer::sequence([&writer::integer(1), &writer::octet_string(&key), point]);
        let curve = writer::algorithm(&oid::EC_PUBLIC_KEY, &writer::oid(&oid::P521));
        writer::sequence([&writer::integer(0), &curve, &writer::octet_string(&key)])
    };
    let read = CarriedKey::from_pkcs8(&written(&[])).unwrap();
    assert_eq!(read.to_pkcs8().as_slice(), pkcs8);
    let astray = written(&writer::context(1, &writer::bit_string(&foreign)));
    assert_eq!(refusal(&astray), MALFORMED);
}

/// The point of a key on a curve.
struct PublicPoint<'a>(&'a CarriedKey);

impl PublicPoint<'_> {
    fn octets(&self) -> Vec<u8> {
        let info = self.0.public_key_info();
        let mut fields = Reader::sequence_only(&info).unwrap();
        fields.sequence().unwrap();
        fields.bit_string().unwrap().to_vec()
    }
}

#[test]
fn keys_of_other_sorts_are_named() {
    let of_kind = |dotted: &str, parameters: &[u8]| {
        let algorithm = writer::algorithm(&Oid::new_unwrap(dotted), parameters);
        let key = writer::octet_string(&[4; 34]);
        let document = writer::sequence([&writer::integer(0), &algorithm, &key]);
        refusal(&document).to_string()
    };
    let brainpool = writer::oid(&Oid::new_unwrap("1.3.36.3.3.2.8.1.1.7"));
    for (dotted, parameters, name) in [
        ("1.2.840.10040.4.1", &[][..], "DSA (1.2.840.10040.4.1)"),
        ("1.3.101.110", &[], "X25519 (1.3.101.110)"),
        ("1.3.101.112", &[], "Ed25519 (1.3.101.112)"),
        (
            "1.2.840.113549.1.1.10",
            &[],
            "RSA for PSS signatures alone (1.2.840.113549.1.1.10)",
        ),
        (
            "1.2.840.10045.2.1",
            &brainpool,
            "brainpoolP256r1 (1.3.36.3.3.2.8.1.1.7)",
        ),
        ("1.2.840.10045.2.1", &[], "elliptic curve that has no name"),
    ] {
        assert_eq!(
            of_kind(dotted, parameters),
            format!("unsupported private key: {name}")
        );
    }
    assert_eq!(refusal(b"nonsense"), MALFORMED);
}

#[test]
fn debug_shows_no_secret() {
    let key = CarriedKey::from_pkcs8(&der(RSA_1024)).unwrap();
    assert_eq!(
        format!("{key:?}"),
        "CarriedKey { kind: Rsa { bits: 1024 }, .. }"
    );
}
