//! Keys in the files OpenSSL makes of them, and secrets under RSA-OAEP.

use mandate_pki::{
    DigestAlgorithm, Error, Legacy,
    keys::{KeyKind, PrivateKey},
};

use crate::{
    EC, RSA,
    openssl::{Openssl, hex},
};

/// Key options of OpenSSL for a key that has to be ours again.
fn assert_same(openssl: &Openssl, file: &str, password: Option<&str>, key: &PrivateKey) {
    let read = PrivateKey::from_pem_or_der(&openssl.read(file), password)
        .unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(read.kind(), key.kind());
    assert_eq!(read.public_key_info(), key.public_key_info());
    let signature = read.sign(b"message").unwrap();
    key.public_key()
        .unwrap()
        .verify(
            key.signature_algorithm(),
            Legacy::Refuse,
            b"message",
            &signature,
        )
        .unwrap();
}

#[test]
fn keys_are_read_in_every_form() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let p384 = PrivateKey::generate(KeyKind::P384).unwrap();
    for (key, command) in [(&*RSA, "rsa -traditional"), (&*EC, "ec"), (&p384, "ec")] {
        openssl.write("key.pem", key.to_pem().as_bytes());
        assert_same(&openssl, "key.pem", None, key);
        assert_same(&openssl, "key.pem", Some("not looked at"), key);
        openssl.write("key.der", key.to_pkcs8().as_slice());
        assert_same(&openssl, "key.der", None, key);
        for form in ["PEM", "DER"] {
            openssl.succeed(&format!("{command} -in key.pem -outform {form} -out old"));
            assert_same(&openssl, "old", None, key);
        }
    }
}

#[test]
fn curves_are_known_without_their_name_and_points() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("key.pem", EC.to_pem().as_bytes());
    openssl.succeed("ec -in key.pem -no_public -out bare.pem");
    assert_same(&openssl, "bare.pem", None, &EC);
    openssl.succeed("pkcs8 -topk8 -nocrypt -in bare.pem -outform DER -out bare.der");
    assert_same(&openssl, "bare.der", None, &EC);
    openssl.succeed("ec -in key.pem -param_enc explicit -out explicit.pem");
    assert!(matches!(
        PrivateKey::from_pem_or_der(&openssl.read("explicit.pem"), None),
        Err(Error::Unsupported(_) | Error::Malformed(_))
    ));
    openssl.succeed("ecparam -name P-256 -genkey -out with-parameters.pem");
    let text = openssl.read("with-parameters.pem");
    assert!(text.starts_with(b"-----BEGIN EC PARAMETERS"));
    let key = PrivateKey::from_pem_or_der(&text, None).unwrap();
    assert_eq!(key.kind(), KeyKind::P256);
}

#[test]
fn encrypted_keys_are_read_by_their_password_only() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for key in [&*RSA, &*EC] {
        openssl.write("key.pem", key.to_pem().as_bytes());
        for options in [
            "",
            "-v2 aes-128-cbc -v2prf hmacWithSHA1",
            "-v2 aes-192-cbc -v2prf hmacWithSHA224",
            "-v2 aes-256-cbc -v2prf hmacWithSHA384",
            "-v2 aes-256-cbc -v2prf hmacWithSHA512",
            "-v2 des3",
            "-iter 100000",
            "-v1 PBE-SHA1-3DES",
            "-v1 PBE-SHA1-2DES",
            "-v1 PBE-SHA1-RC2-128 -provider legacy -provider default",
            "-v1 PBE-SHA1-RC2-40 -provider legacy -provider default",
        ] {
            for (form, password) in [("PEM", "pä ss".replace(' ', "")), ("DER", String::new())] {
                openssl.succeed(&format!(
                    "pkcs8 -topk8 -in key.pem -passout pass:{password} -outform {form} -out secret {options}"
                ));
                assert_same(&openssl, "secret", Some(&password), key);
                let file = openssl.read("secret");
                assert_eq!(
                    PrivateKey::from_pem_or_der(&file, Some("wrong")).unwrap_err(),
                    Error::WrongPassword,
                    "{options}"
                );
                assert_eq!(
                    PrivateKey::from_pem_or_der(&file, None).unwrap_err(),
                    Error::PasswordNeeded
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    let reason = |file: &str| {
        PrivateKey::from_pem_or_der(&openssl.read(file), Some("x"))
            .unwrap_err()
            .to_string()
    };
    openssl.write("key.pem", RSA.to_pem().as_bytes());
    openssl.succeed("pkcs8 -topk8 -in key.pem -passout pass:x -scrypt -out scrypt.pem");
    assert_eq!(
        reason("scrypt.pem"),
        "unsupported encryption of the private key: scrypt (1.3.6.1.4.1.11591.4.11)"
    );
    openssl.succeed("rsa -in key.pem -traditional -aes128 -passout pass:x -out traditional.pem");
    assert!(reason("traditional.pem").contains("openssl pkcs8 -topk8"));
    openssl.succeed("genrsa -out small.pem 1024");
    assert_eq!(
        reason("small.pem"),
        "unsupported private key: RSA of 1024 bits"
    );
    openssl.succeed("rsa -in key.pem -pubout -out public.pem");
    assert_eq!(
        reason("public.pem"),
        "malformed private key: the PEM text holds none"
    );
    openssl.succeed("req -x509 -new -key key.pem -subj /CN=x -out cert.pem");
    openssl.succeed("pkcs12 -export -inkey key.pem -in cert.pem -passout pass:x -out file.p12");
    assert_eq!(
        reason("file.p12"),
        "malformed private key: it is a PKCS#12 file"
    );
    openssl.write("text", "not a key at all");
    assert_eq!(reason("text"), "malformed private key");
}

#[test]
fn oaep_goes_both_ways() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("key.pem", RSA.to_pem().as_bytes());
    let public = RSA.public_key().unwrap();
    openssl.write("public.pem", public.to_pem());
    openssl.write("secret", "pässword of a PFX");
    for (digest, name) in [
        (DigestAlgorithm::Sha256, "sha256"),
        (DigestAlgorithm::Sha384, "sha384"),
        (DigestAlgorithm::Sha512, "sha512"),
    ] {
        let options = format!(
            "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{name} -pkeyopt rsa_mgf1_md:{name}"
        );
        openssl.succeed(&format!(
            "pkeyutl -encrypt -pubin -inkey public.pem -in secret -out theirs {options}"
        ));
        let opened = RSA.decrypt_oaep(digest, &openssl.read("theirs")).unwrap();
        assert_eq!(opened.as_slice(), "pässword of a PFX".as_bytes());

        openssl.write("ours", public.encrypt_oaep(digest, b"a secret").unwrap());
        openssl.succeed(&format!(
            "pkeyutl -decrypt -inkey key.pem -in ours -out opened {options}"
        ));
        assert_eq!(openssl.read("opened"), b"a secret");
    }
}

#[test]
fn the_exported_public_key_is_ours() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("public.pem", RSA.public_key().unwrap().to_pem());
    let blob = RSA.public_key().unwrap().to_rsa_public_blob().unwrap();
    // The blob of the cryptographic interface before this one is what OpenSSL knows; the modulus is the same, turned around.
    let text = openssl.succeed("rsa -pubin -in public.pem -noout -modulus");
    assert_eq!(
        text.trim(),
        format!("Modulus={}", hex(&blob[27..]).to_uppercase())
    );
}
