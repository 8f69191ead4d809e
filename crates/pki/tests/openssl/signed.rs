use mandate_pki::{
    Error, Legacy,
    certificate::Certificate,
    cms::{SignedMessage, degenerate, sign_attached, sign_detached},
    keys::PrivateKey,
};

use crate::{AUTHORITY, EC, EC_LEAF, NOW, RSA, RSA_LEAF, openssl::Openssl};

const CONTENT: &[u8] = b"<plist>\r\n<dict/>\n</plist>\n";

fn identities() -> [(&'static PrivateKey, &'static Certificate); 2] {
    [(&RSA, &RSA_LEAF), (&EC, &EC_LEAF)]
}

#[test]
fn openssl_verifies_what_we_sign() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("root.pem", AUTHORITY.root().to_pem());
    openssl.write("content", CONTENT);
    let verify = format!(
        "cms -verify -binary -inform DER -in message.der -attime {NOW} -CAfile root.pem -out verified"
    );
    for (key, certificate) in identities() {
        openssl.write(
            "message.der",
            sign_attached(CONTENT, key, certificate, &AUTHORITY.chain(), NOW).unwrap(),
        );
        openssl.succeed(&verify);
        assert_eq!(openssl.read("verified"), CONTENT);
        openssl.write(
            "message.der",
            sign_detached(CONTENT, key, certificate, &AUTHORITY.chain(), NOW).unwrap(),
        );
        openssl.succeed(&format!("{verify} -content content"));
        openssl.write("other", b"other");
        openssl.fail(&format!("{verify} -content other"));
    }
}

#[test]
fn we_verify_what_openssl_signs() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    for (key, certificate) in identities() {
        openssl.write_identity(key, certificate);
        for options in [
            "",
            "-stream -indef",
            "-noattr",
            "-noattr -stream -indef",
            "-keyid",
            "-nosmimecap",
            "-md sha512",
            "-md sha384",
        ] {
            for (attach, attached) in [("-nodetach", true), ("", false)] {
                openssl.succeed(&format!(
                    "cms -sign -binary -in content -signer cert.pem -inkey key.pem -outform DER -out message {attach} {options}"
                ));
                let message = SignedMessage::from_ber(&openssl.read("message")).unwrap();
                let signer = message.verify_detached(CONTENT, Legacy::Refuse).unwrap();
                assert_eq!(signer, certificate, "{options}");
                // OpenSSL streams the content along even where it was told not to.
                let attached = attached || options.contains("-stream");
                assert_eq!(message.content().is_some(), attached);
                assert!(message.verify_detached(b"other", Legacy::Refuse).is_err());
                assert_eq!(message.verify_attached(Legacy::Refuse).is_ok(), attached);
            }
        }
    }
}

#[test]
fn sha_1_counts_only_where_it_is_allowed() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    for options in ["", "-noattr -stream -indef"] {
        openssl.succeed(&format!(
            "cms -sign -binary -md sha1 -in content -signer cert.pem -inkey key.pem -outform DER -out message {options}"
        ));
        let message = SignedMessage::from_ber(&openssl.read("message")).unwrap();
        assert_eq!(
            message
                .verify_detached(CONTENT, Legacy::Refuse)
                .unwrap_err(),
            Error::Forbidden("SHA-1")
        );
        message.verify_detached(CONTENT, Legacy::AllowSha1).unwrap();
    }
}

#[test]
fn pss_signatures_verify() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    for digest in ["sha256", "sha512"] {
        openssl.succeed(&format!(
            "cms -sign -binary -md {digest} -in content -signer cert.pem -inkey key.pem -keyopt rsa_padding_mode:pss \
             -keyopt rsa_pss_saltlen:-1 -outform DER -out message"
        ));
        let message = SignedMessage::from_ber(&openssl.read("message")).unwrap();
        message.verify_detached(CONTENT, Legacy::Refuse).unwrap();
    }
}

#[test]
fn a_message_has_exactly_one_signer_and_brings_its_certificate() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    openssl.write("key2.pem", EC.to_pem().as_bytes());
    openssl.write("cert2.pem", EC_LEAF.to_pem());
    let sign =
        "cms -sign -binary -in content -signer cert.pem -inkey key.pem -outform DER -out message";
    openssl.succeed(&format!("{sign} -signer cert2.pem -inkey key2.pem"));
    let two = SignedMessage::from_ber(&openssl.read("message")).unwrap();
    assert_eq!(
        two.verify_detached(CONTENT, Legacy::Refuse).unwrap_err(),
        Error::Unsupported("number of signers")
    );
    openssl.succeed(&format!("{sign} -nocerts"));
    let bare = SignedMessage::from_ber(&openssl.read("message")).unwrap();
    assert_eq!(
        bare.verify_detached(CONTENT, Legacy::Refuse).unwrap_err(),
        Error::SignerMissing
    );
}

#[test]
fn a_bag_of_certificates_keeps_their_order() {
    let bag = degenerate(&[
        EC_LEAF.clone(),
        AUTHORITY.issuing().clone(),
        AUTHORITY.root().clone(),
    ]);
    let read = SignedMessage::from_ber(&bag).unwrap();
    assert!(!read.is_signed());
    assert_eq!(read.certificates()[0], *EC_LEAF);
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("bag.der", bag);
    let printed = openssl.succeed("pkcs7 -inform DER -in bag.der -print_certs");
    assert_eq!(printed.matches("BEGIN CERTIFICATE").count(), 3);
}

/// The same message in BER of indefinite lengths throughout.
fn indefinite(der: &[u8]) -> Vec<u8> {
    let mut ber = Vec::new();
    let mut rest = der;
    while let [tag, length, after @ ..] = rest {
        let octets = usize::from(length & 0x7f) * usize::from(*length >= 0x80);
        let long = after[..octets]
            .iter()
            .fold(0, |sum, octet| sum << 8 | usize::from(*octet));
        let size = if octets == 0 {
            usize::from(*length)
        } else {
            long
        };
        let content = &after[octets..octets + size];
        if tag & 0x20 == 0 {
            ber.extend_from_slice(&rest[..2 + octets + size]);
        } else {
            ber.extend_from_slice(&[*tag, 0x80]);
            ber.extend(indefinite(content));
            ber.extend_from_slice(&[0, 0]);
        }
        rest = &after[octets + size..];
    }
    ber
}

#[test]
fn the_form_of_macos_is_read() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.write_identity(&RSA, &RSA_LEAF);
    for options in ["-noattr -md sha1", "-md sha256"] {
        openssl.succeed(&format!(
            "cms -sign -binary -in content -signer cert.pem -inkey key.pem -outform DER -out message {options}"
        ));
        let message = SignedMessage::from_ber(&indefinite(&openssl.read("message"))).unwrap();
        assert!(message.content().is_none());
        let signer = message.verify_detached(CONTENT, Legacy::AllowSha1).unwrap();
        assert_eq!(signer, &*RSA_LEAF);
    }
}
