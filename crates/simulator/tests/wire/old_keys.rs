//! Keys as people have had them for years: short RSA, odd sizes, and the largest curve.

use crate::company::{Company, Form, PASSWORD};
use crate::openssl::openssl_is_there;
use mandate_simulator::cms::{CmsError, Identity, Signing, open_envelope, sign};
use mandate_simulator::keys::{Curve, Digest, Key, KeyError, KeyPool};
use mandate_simulator::profiles::open_pkcs12;
use std::sync::Arc;

const ADA: &str = "ada@example.com";
const MAIL: &[u8] = b"Content-Type: text/plain\n\nThe cheque was in the post.\n";

/// An RSA key of `openssl`'s, of any number of bits.
fn rsa(company: &Company, bits: usize) -> Result<Key, KeyError> {
    let option = format!("rsa_keygen_bits:{bits}");
    let generate = [
        "genpkey",
        "-algorithm",
        "RSA",
        "-pkeyopt",
        &option,
        "-out",
        "rsa.pem",
    ];
    company.openssl(&generate);
    let convert = [
        "pkcs8", "-topk8", "-nocrypt", "-in", "rsa.pem", "-outform", "DER", "-out", "rsa.der",
    ];
    company.openssl(&convert);
    Key::from_pkcs8(0, &company.read("rsa.der"))
}

/// Opens what `openssl cms` encrypts to an identity with further options.
fn opened(company: &Company, to: &Identity, by: &Identity, options: &[&str]) -> Vec<u8> {
    company.write("to.pem", to.certificate.pem());
    company.write("mail", MAIL);
    let encrypt = [
        "cms", "-encrypt", "-binary", "-in", "mail", "-out", "m", "-outform", "DER",
    ];
    let recipient = ["-recip", "to.pem"];
    company.openssl(&[&encrypt[..], &options[..1], &recipient, &options[1..]].concat());
    let message = company.read("m");
    let stranger = std::slice::from_ref(by);
    assert_eq!(
        open_envelope(&message, stranger),
        Err(CmsError::NotForUs),
        "{options:?}"
    );
    open_envelope(&message, &[by.clone(), to.clone()]).unwrap()
}

#[test]
fn mail_to_rsa_keys_of_any_size_opens() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let stranger = company.issue(KeyPool::shared().key(2), 99, ADA);
    let forms: [&[&str]; 3] = [
        &["-aes256"],
        &["-des3", "-keyopt", "rsa_padding_mode:oaep"],
        &[
            "-aes128",
            "-keyopt",
            "rsa_padding_mode:oaep",
            "-keyopt",
            "rsa_oaep_md:sha256",
        ],
    ];
    for (bits, serial) in [(1024, 1), (1025, 2), (1536, 3), (2047, 4), (2176, 5)] {
        let key = rsa(&company, bits).unwrap();
        let ada = company.issue(Arc::new(key), serial, ADA);
        for options in forms {
            assert_eq!(opened(&company, &ada, &stranger, options), MAIL, "{bits}");
        }
    }
    assert_eq!(rsa(&company, 1023).unwrap_err(), KeyError::Rejected);
}

#[test]
fn mail_to_keys_on_curves_opens() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let stranger = company.issue(KeyPool::shared().key(2), 99, ADA);
    let forms: [&[&str]; 6] = [
        &["-aes128"],
        &["-aes192", "-keyid"],
        &["-aes256", "-keyopt", "ecdh_kdf_md:sha256"],
        &["-des3", "-keyopt", "ecdh_kdf_md:sha384"],
        &["-aes256", "-keyid", "-keyopt", "ecdh_kdf_md:sha512"],
        &["-aes256", "-keyopt", "ecdh_cofactor_mode:1"],
    ];
    for (curve, serial) in [(Curve::P256, 1), (Curve::P384, 2), (Curve::P521, 3)] {
        let key = Key::generate_on(0, curve).unwrap();
        let ada = company.issue(Arc::new(key), serial, ADA);
        for options in forms {
            let opened = opened(&company, &ada, &stranger, options);
            assert_eq!(opened, MAIL, "{curve:?} {options:?}");
        }
    }
}

#[test]
fn a_broken_agreement_is_refused_or_opened_and_never_panics() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let stranger = company.issue(KeyPool::shared().key(2), 99, ADA);
    let key = Key::generate_on(0, Curve::P256).unwrap();
    let ada = company.issue(Arc::new(key), 1, ADA);
    assert_eq!(opened(&company, &ada, &stranger, &["-aes256"]), MAIL);
    let message = company.read("m");
    for place in 0..message.len() {
        let mut broken = message.clone();
        broken[place] ^= 1;
        let _ = open_envelope(&broken, std::slice::from_ref(&ada));
        broken.truncate(place);
        assert!(open_envelope(&broken, std::slice::from_ref(&ada)).is_err());
    }
}

#[test]
fn devices_take_both_forms_of_files_and_sign_with_what_is_in_them() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let curve = Key::generate_on(0, Curve::P521).unwrap();
    for (key, digest) in [
        (rsa(&company, 1024).unwrap(), Digest::Sha1),
        (rsa(&company, 1536).unwrap(), Digest::Sha256),
        (curve, Digest::Sha512),
    ] {
        let ada = company.issue(Arc::new(key), 7, ADA);
        for form in [Form::Modern, Form::Legacy] {
            let file = company.pkcs12(&ada, form);
            let opened = open_pkcs12(&file, PASSWORD, (17, 0)).unwrap();
            assert_eq!(opened.certificate, ada.certificate);
            let again = Key::from_pkcs8(0, &opened.pkcs8).unwrap();
            assert_eq!(again.public(), ada.key.public());
        }
        let how = Signing {
            digest,
            ..Signing::attached(1_700_000_000)
        };
        company.write("signed", sign(&ada, MAIL, &how).unwrap());
        company.write("cas.pem", company.issuing().pem() + &company.root().pem());
        let verify = [
            "cms", "-verify", "-inform", "DER", "-binary", "-in", "signed", "-CAfile", "cas.pem",
        ];
        assert_eq!(company.openssl(&verify), MAIL);
    }
}
