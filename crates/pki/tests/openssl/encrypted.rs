use mandate_pki::{
    Error,
    cms::{ContentCipher, Policy, decrypt, decrypt_with, encrypt},
};

use crate::{AUTHORITY, EC_LEAF, MATERIAL, RSA, RSA_LEAF, openssl::Openssl};

const CONTENT: &[u8] = b"a profile that nobody else shall read";

#[test]
fn openssl_decrypts_for_either_recipient() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write_identity(&RSA, &RSA_LEAF);
    openssl.write("key2.pem", MATERIAL.issuing_key.to_pem().as_bytes());
    openssl.write("cert2.pem", MATERIAL.issuing.to_pem());
    let recipients = [RSA_LEAF.clone(), AUTHORITY.issuing().clone()];
    for cipher in [
        ContentCipher::Aes128Cbc,
        ContentCipher::Aes192Cbc,
        ContentCipher::Aes256Cbc,
        ContentCipher::TripleDesCbc,
    ] {
        openssl.write("message", encrypt(&recipients, CONTENT, cipher).unwrap());
        for number in ["", "2"] {
            openssl.succeed(&format!(
                "cms -decrypt -binary -inform DER -in message -recip cert{number}.pem -inkey key{number}.pem -out opened"
            ));
            assert_eq!(openssl.read("opened"), CONTENT);
        }
    }
}

#[test]
fn we_decrypt_what_openssl_encrypts() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    for (cipher, expected) in [
        ("aes-128-cbc", ContentCipher::Aes128Cbc),
        ("aes-192-cbc", ContentCipher::Aes192Cbc),
        ("aes-256-cbc", ContentCipher::Aes256Cbc),
        ("des-ede3-cbc", ContentCipher::TripleDesCbc),
        ("aes-128-gcm", ContentCipher::Aes128Gcm),
        ("aes-256-gcm", ContentCipher::Aes256Gcm),
    ] {
        for options in ["", "-stream -indef", "-keyid"] {
            openssl.succeed(&format!(
                "cms -encrypt -binary -in content -{cipher} -outform DER -out message {options} -recip cert.pem"
            ));
            let opened =
                decrypt_with(&openssl.read("message"), &RSA, &RSA_LEAF, Policy::Strong).unwrap();
            assert_eq!(opened.content.as_slice(), CONTENT, "{cipher} {options}");
            assert_eq!(opened.cipher, expected);
        }
    }
}

#[test]
fn oaep_is_understood() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    for digest in ["", "-keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256"] {
        openssl.succeed(&format!(
            "cms -encrypt -binary -in content -aes-256-cbc -outform DER -out message -recip cert.pem \
             -keyopt rsa_padding_mode:oaep {digest}"
        ));
        assert_eq!(
            decrypt(&openssl.read("message"), &RSA, &RSA_LEAF)
                .unwrap()
                .as_slice(),
            CONTENT
        );
    }
}

#[test]
fn every_failure_to_decrypt_looks_the_same() {
    let recipients = [RSA_LEAF.clone()];
    let message = encrypt(&recipients, CONTENT, ContentCipher::Aes256Cbc).unwrap();
    // The wrong key behind the right certificate: the content key comes out wrong.
    assert_eq!(
        decrypt(&message, &MATERIAL.issuing_key, &RSA_LEAF).err(),
        Some(Error::Decryption)
    );
    let mut changed = message.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_ne!(
        decrypt(&changed, &RSA, &RSA_LEAF)
            .ok()
            .as_deref()
            .map(Vec::as_slice),
        Some(CONTENT)
    );
    assert_eq!(
        decrypt(&message, &RSA, AUTHORITY.issuing()).unwrap_err(),
        Error::NotRecipient
    );
}

#[test]
fn single_des_needs_leave() {
    let message = encrypt(
        std::slice::from_ref(&*RSA_LEAF),
        CONTENT,
        ContentCipher::SingleDesCbc,
    )
    .unwrap();
    assert_eq!(
        decrypt(&message, &RSA, &RSA_LEAF).unwrap_err(),
        Error::Forbidden("single DES")
    );
    let opened = decrypt_with(&message, &RSA, &RSA_LEAF, Policy::AllowSingleDes).unwrap();
    assert_eq!(opened.content.as_slice(), CONTENT);
}

#[test]
fn nothing_is_encrypted_to_elliptic_curves_or_nobody() {
    assert!(
        encrypt(
            std::slice::from_ref(&*EC_LEAF),
            CONTENT,
            ContentCipher::Aes256Cbc
        )
        .is_err()
    );
    assert!(encrypt(&[], CONTENT, ContentCipher::Aes256Cbc).is_err());
}
