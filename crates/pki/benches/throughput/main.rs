//! How many of the costly operations one core does in a second.
//!
//! `cargo bench -p mandate-pki` prints a table. Each figure is the best of many slices of a fifth of a second, since whatever else
//! the machine does can only make it slower. Where there is an `openssl` command, its figure for raw RSA-2048 signatures, taken in
//! the same run, stands beside ours: machines differ, the ratio hardly.
//!
//! Words after `--` choose the rows whose names contain one of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot be set up has nothing to say, and its table is what it is for"
)]

mod house;
mod measure;
mod openssl;

use std::hint::black_box;

use mandate_pki::{
    authority::{RevocationReason, RevokedEntry},
    cms::{self, ContentCipher},
    keys::{KeyKind, PrivateKey},
    ocsp::{self, CertStatus},
    pkcs12,
};

use crate::{
    house::{House, NOW},
    measure::Table,
};

/// The size of a signed mail profile.
const PROFILE: [u8; 6500] = [b'p'; 6500];
const MESSAGE: &[u8] = b"a message to sign";

fn main() {
    let mut table = Table::new();
    let raw_before = openssl::rsa_2048_signs_per_second(&table);
    let house = House::new(KeyKind::Rsa2048);
    let elliptic = House::new(KeyKind::P256);
    keys(&mut table, &house);
    let issue = table.row("issue a certificate, RSA", || house.issue());
    let operation = table.row("SCEP PKIOperation, RSA", || house.answer_scep());
    table.row("SCEP PKIOperation, P-256 behind an RSA RA", || {
        elliptic.answer_scep()
    });
    messages(&mut table, &house);
    statuses(&mut table, &house, &elliptic);
    files(&mut table, &house);
    let raw_after = openssl::rsa_2048_signs_per_second(&table);
    if let Some(raw) = raw_before.into_iter().chain(raw_after).reduce(f64::max) {
        println!("\nopenssl speed rsa2048: {raw:.0} signatures/s");
        openssl::compare(
            "issue a certificate, RSA (one private operation)",
            issue,
            1.0,
            raw,
        );
        openssl::compare(
            "SCEP PKIOperation, RSA (three private operations)",
            operation,
            3.0,
            raw,
        );
    }
}

fn keys(table: &mut Table, house: &House) {
    table.row("RSA-2048 sign", || {
        house.authority.issuing_key().sign(MESSAGE).unwrap()
    });
    let ciphertext = house
        .rsa
        .public_key()
        .unwrap()
        .encrypt_pkcs1(&[7; 32])
        .unwrap();
    table.row("RSA-2048 decrypt", || {
        house.rsa.decrypt_pkcs1(&ciphertext).unwrap()
    });
    let ec = PrivateKey::generate(KeyKind::P256).unwrap();
    table.row("ECDSA P-256 sign", || ec.sign(MESSAGE).unwrap());
}

fn messages(table: &mut Table, house: &House) {
    let sign = || {
        cms::sign_attached(
            &PROFILE,
            &house.rsa,
            &house.leaf,
            &house.authority.chain(),
            NOW,
        )
        .unwrap()
    };
    table.row("CMS sign a profile of 6.5 KB, RSA", sign);
    let signed = sign();
    table.row("CMS verify it", || {
        let message = cms::SignedMessage::from_ber(&signed).unwrap();
        message
            .verify_attached(mandate_pki::Legacy::Refuse)
            .unwrap();
        message
    });
    let encrypt = || {
        let recipient = std::slice::from_ref(&house.leaf);
        cms::encrypt(recipient, &PROFILE, ContentCipher::Aes256Cbc).unwrap()
    };
    table.row("CMS encrypt 6.5 KB, AES-256, one recipient", encrypt);
    let encrypted = encrypt();
    table.row("CMS decrypt it", || {
        cms::decrypt(&encrypted, &house.rsa, &house.leaf).unwrap()
    });
}

fn statuses(table: &mut Table, house: &House, elliptic: &House) {
    for (name, house) in [("RSA", house), ("P-256", elliptic)] {
        let query = house.ocsp_query();
        table.row(&format!("OCSP answer, {name}"), || {
            let request = ocsp::Request::parse(&query).unwrap();
            let status = (request.certificate_ids()[0].clone(), CertStatus::Good);
            house.answer_ocsp(&request, &[status])
        });
    }
    let entries: Vec<_> = (0_u32..10_000)
        .map(|number| RevokedEntry {
            serial: [&[0x40; 12][..], &number.to_be_bytes()].concat(),
            revoked_at: NOW,
            reason: RevocationReason::CessationOfOperation,
        })
        .collect();
    table.row("CRL of 10,000 entries, RSA", || {
        house
            .authority
            .revocation_list(&entries, 1, NOW, NOW + 86_400)
            .unwrap()
    });
}

fn files(table: &mut Table, house: &House) {
    let identity = pkcs12::Pkcs12 {
        key: house.rsa.clone().into(),
        certificate: house.leaf.clone(),
        chain: house.authority.chain(),
        friendly_name: Some("bench".to_owned()),
    };
    for (name, encoding) in [
        ("modern", pkcs12::Encoding::Modern),
        ("legacy", pkcs12::Encoding::Legacy),
    ] {
        let write =
            || pkcs12::write(&identity, "password", encoding, pkcs12::Chain::Included).unwrap();
        table.row(&format!("PKCS#12 write, {name}"), write);
        let file = write();
        table.row(&format!("PKCS#12 open, {name}"), || {
            black_box(pkcs12::open(&file, "password").unwrap())
        });
    }
}
