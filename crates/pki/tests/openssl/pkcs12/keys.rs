//! Keys of all kinds: those that old mail was encrypted to, and those that no mail program takes.

use mandate_pki::{
    certificate::Certificate,
    keys::{CarriedKey, CarriedKind},
    pkcs12::{Chain, Encoding, Pkcs12, Pkcs12Error, open, write},
};

use super::export;
use crate::openssl::Openssl;

/// A key of OpenSSL's with a certificate of its own, in a file of each form.
fn files(openssl: &Openssl, algorithm: &str) -> [Vec<u8>; 3] {
    openssl.succeed(&format!("genpkey -algorithm {algorithm} -out key.pem"));
    openssl.succeed("req -x509 -new -key key.pem -subj /CN=old -out cert.pem");
    ["", "-legacy", "-keypbe NONE -certpbe NONE -nomac"]
        .map(|options| export(openssl, options, "s3cret"))
}

/// What `openssl` says of the public half of the private key in a file.
fn public_half(openssl: &Openssl, file: &str, options: &str) -> String {
    openssl.succeed(&format!(
        "pkcs12 -in {file} -passin pass:s3cret -nocerts -nodes -out out.pem {options}"
    ));
    openssl.succeed("pkey -in out.pem -check -noout");
    openssl.succeed("pkey -in out.pem -pubout")
}

#[test]
fn old_keys_are_read_and_written_for_devices() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let rsa = |bits: usize| {
        let algorithm = format!("RSA -pkeyopt rsa_keygen_bits:{bits}");
        (algorithm, CarriedKind::Rsa { bits })
    };
    let curve = |name: &str, kind| (format!("EC -pkeyopt ec_paramgen_curve:{name}"), kind);
    for (algorithm, kind) in [
        rsa(1024),
        rsa(1025),
        rsa(1536),
        rsa(2047),
        rsa(2176),
        curve("P-256", CarriedKind::P256),
        curve("P-384", CarriedKind::P384),
        curve("P-521", CarriedKind::P521),
    ] {
        let files = files(&openssl, &algorithm);
        let public = openssl.succeed("pkey -in key.pem -pubout");
        for file in files {
            let opened = open(&file, "s3cret").unwrap();
            assert_eq!(opened.key.kind(), kind);
            assert_eq!(opened.key.public_key().unwrap().to_pem(), public);
            for (encoding, options) in [(Encoding::Modern, ""), (Encoding::Legacy, "-legacy")] {
                let written = write(&opened, "s3cret", encoding, Chain::Included).unwrap();
                openssl.write("ours.p12", &written);
                assert_eq!(public_half(&openssl, "ours.p12", options), public);
            }
        }
    }
}

#[test]
fn a_key_beside_the_certificate_of_another_is_no_identity() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for algorithm in [
        "RSA -pkeyopt rsa_keygen_bits:1024",
        "EC -pkeyopt ec_paramgen_curve:P-521",
    ] {
        let [file, ..] = files(&openssl, algorithm);
        let own = open(&file, "s3cret").unwrap();
        let [file, ..] = files(&openssl, algorithm);
        let other = open(&file, "s3cret").unwrap();
        let mixed = Pkcs12 {
            certificate: other.certificate,
            ..own
        };
        let file = write(&mixed, "x", Encoding::Modern, Chain::Included).unwrap();
        assert_eq!(open(&file, "x").unwrap_err(), Pkcs12Error::NoIdentity);
    }
}

#[test]
fn keys_of_other_kinds_are_named() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl
        .succeed("genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -out dsa.param");
    for (algorithm, name) in [
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:1023",
            "RSA of 1023 bits",
        ),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:512",
            "RSA of 512 bits",
        ),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:1024 -pkeyopt rsa_keygen_primes:3",
            "RSA of more than two primes",
        ),
        (
            "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
            "RSA for PSS signatures alone (1.2.840.113549.1.1.10)",
        ),
        ("-paramfile dsa.param", "DSA (1.2.840.10040.4.1)"),
        ("-algorithm ED25519", "Ed25519 (1.3.101.112)"),
        ("-algorithm ED448", "Ed448 (1.3.101.113)"),
        ("-algorithm X25519", "X25519 (1.3.101.110)"),
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:P-224",
            "secp224r1 (1.3.132.0.33)",
        ),
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
            "secp256k1 (1.3.132.0.10)",
        ),
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
            "brainpoolP256r1 (1.3.36.3.3.2.8.1.1.7)",
        ),
    ] {
        openssl.succeed(&format!("genpkey {algorithm} -out key.pem"));
        openssl.succeed("pkey -in key.pem -pubout -out public.pem");
        // A key that signs nothing gets its certificate from another.
        openssl.succeed("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out issuer.pem");
        openssl.succeed("req -x509 -new -key issuer.pem -subj /CN=issuer -out issuer.crt");
        openssl.succeed(
            "x509 -new -subj /CN=x -force_pubkey public.pem -CA issuer.crt -CAkey issuer.pem -out cert.pem",
        );
        let file = export(&openssl, "", "x");
        let error = open(&file, "x").unwrap_err();
        assert_eq!(error, Pkcs12Error::UnsupportedKey(name.to_owned()));
    }
}

#[test]
fn every_function_that_stretches_a_password_is_known() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let [_, _, plain] = files(&openssl, "EC -pkeyopt ec_paramgen_curve:P-521");
    let certificate = Certificate::from_pem(&String::from_utf8(openssl.read("cert.pem")).unwrap());
    let certificate = certificate.unwrap();
    let key = open(&plain, "s3cret").unwrap().key;
    for prf in ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] {
        for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3"] {
            openssl.succeed(&format!(
                "pkcs8 -topk8 -in key.pem -passout pass:鍵 -v2 {cipher} -v2prf hmacWith{prf} -outform DER -out shrouded"
            ));
            let file = super::build::around_shrouded(&openssl.read("shrouded"), &certificate);
            let opened = open(&file, "鍵").unwrap();
            assert_eq!(opened.key.public_key_info(), key.public_key_info());
            assert_eq!(open(&file, "x").unwrap_err(), Pkcs12Error::WrongPassword);
        }
    }
}

/// What is carried has to be what the library would read too.
#[test]
fn a_carried_key_is_written_as_openssl_writes_it() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for algorithm in [
        "RSA -pkeyopt rsa_keygen_bits:1024",
        "EC -pkeyopt ec_paramgen_curve:P-521",
    ] {
        openssl.succeed(&format!("genpkey -algorithm {algorithm} -out key.pem"));
        openssl.succeed("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
        let der = openssl.read("key.der");
        let key = CarriedKey::from_pkcs8(&der).unwrap();
        assert_eq!(key.to_pkcs8().as_slice(), der);
    }
}
