//! Encrypted and signed mail on the device, judged by `openssl cms`.

use crate::company::{Company, Form, PASSWORD};
use crate::device::{enrolled, outcome};
use crate::mini::Mini;
use crate::openssl::openssl_is_there;
use crate::payloads::{eas_payload, pkcs12_payload, profile, root_payload};
use mandate_simulator::certificates::Certificate;
use mandate_simulator::cms::Identity;
use mandate_simulator::device::{Device, MailError, Outcome, SignedForm};
use mandate_simulator::http::Http;
use mandate_simulator::keys::{Curve, Key, KeyPool};
use plist::Value;
use std::sync::Arc;

const ADA: &str = "ada@example.com";
const MAIL: &[u8] = b"Content-Type: text/plain; charset=utf-8\n\nThe cheque is in the post.\n";

/// A phone with a mail profile: root, issuing authority, one identity that signs, and one for old mail that nothing refers to.
async fn a_phone(
    company: &Company,
    signing: &Identity,
    old: &[&Identity],
    keys: &[(&str, Value)],
) -> (Device, Http) {
    let mini = Mini::start().await;
    let (mut device, http) = enrolled(&mini).await;
    let mut payloads = vec![
        root_payload("ROOT", &company.root()),
        root_payload("ISSUING", &company.issuing()),
        pkcs12_payload("SIGN", &company.pkcs12(signing, Form::Modern), PASSWORD),
    ];
    for (number, identity) in old.iter().enumerate() {
        let file = company.pkcs12(identity, Form::Legacy);
        payloads.push(pkcs12_payload(&format!("OLD-{number}"), &file, PASSWORD));
    }
    let mut all = vec![
        ("SMIMESigningCertificateUUID", "SIGN".into()),
        ("SMIMEEncryptionCertificateUUID", "SIGN".into()),
    ];
    all.extend(keys.iter().cloned());
    payloads.push(eas_payload("ACCOUNT", &all));
    mini.queue_profile(&profile("com.example.mail", "MAIL", payloads));
    assert_eq!(outcome(&mut device, &http).await, Outcome::Acknowledged);
    (device, http)
}

/// Mail encrypted by `openssl cms` with further options.
fn encrypted(company: &Company, to: &Certificate, form: &str, options: &[&str]) -> Vec<u8> {
    company.write("to.pem", to.pem());
    company.write("mail", MAIL);
    let encrypt = [
        "cms", "-encrypt", "-binary", "-in", "mail", "-out", "m", "-outform", form,
    ];
    company.openssl(&[&encrypt[..], options].concat());
    company.read("m")
}

#[tokio::test]
async fn old_mail_opens_with_any_key_of_the_keychain_and_with_no_other() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let pool = KeyPool::shared();
    let [newest, older, oldest, stranger] = [2, 3, 4, 5]
        .map(|number| company.issue(pool.key(number), 20 + u8::try_from(number).unwrap(), ADA));
    let (mut device, _) = a_phone(&company, &newest, &[&older, &oldest], &[]).await;
    let mini = Mini::start().await;
    let (unassigned, _) = enrolled(&mini).await;
    let forms: [(&str, &[&str]); 8] = [
        ("DER", &["-aes256", "to.pem"]),
        ("DER", &["-aes128", "-stream", "to.pem"]),
        ("PEM", &["-aes192", "to.pem"]),
        ("SMIME", &["-des3", "to.pem"]),
        ("SMIME", &["-aes256", "-keyid", "to.pem"]),
        (
            "DER",
            &[
                "-aes256",
                "-recip",
                "to.pem",
                "-keyopt",
                "rsa_padding_mode:oaep",
            ],
        ),
        (
            "DER",
            &[
                "-aes256",
                "-recip",
                "to.pem",
                "-keyopt",
                "rsa_padding_mode:oaep",
                "-keyopt",
                "rsa_oaep_md:sha256",
            ],
        ),
        (
            "SMIME",
            &[
                "-aes256",
                "-keyid",
                "-recip",
                "to.pem",
                "-keyopt",
                "rsa_padding_mode:oaep",
                "-keyopt",
                "rsa_oaep_md:sha384",
            ],
        ),
    ];
    for identity in [&newest, &older, &oldest] {
        for (form, options) in forms {
            let message = encrypted(&company, &identity.certificate, form, options);
            let opened = device.decrypt_mail(&message);
            assert_eq!(opened.as_deref(), Ok(MAIL), "{form} {options:?}");
            assert_eq!(unassigned.decrypt_mail(&message), Err(MailError::NotForUs));
        }
    }
    company.write("stranger.pem", stranger.certificate.pem());
    let to_both = ["-aes256", "stranger.pem", "to.pem"];
    let message = encrypted(&company, &older.certificate, "DER", &to_both);
    assert_eq!(device.decrypt_mail(&message).as_deref(), Ok(MAIL));
    let foreign = encrypted(&company, &stranger.certificate, "SMIME", &["to.pem"]);
    assert_eq!(device.decrypt_mail(&foreign), Err(MailError::NotForUs));
    assert_eq!(device.decrypt_mail(MAIL), Err(MailError::Malformed));
    assert_eq!(device.decrypt_mail(b""), Err(MailError::Malformed));

    let message = encrypted(&company, &oldest.certificate, "DER", &["to.pem"]);
    let mut broken = message.clone();
    broken.truncate(message.len() - 16);
    assert!(device.decrypt_mail(&broken).is_err());
    device.lose_profile("com.example.mail");
    assert_eq!(device.decrypt_mail(&message), Err(MailError::NotForUs));
}

/// What `openssl cms -verify` says to a signed message that trusts the root alone.
fn verify(company: &Company, form: SignedForm, signed: &[u8], content: &[u8]) -> Vec<u8> {
    company.write("root.pem", company.root().pem());
    company.write("signed", signed);
    company.write("content", content);
    let common = [
        "cms", "-verify", "-in", "signed", "-CAfile", "root.pem", "-out", "verified",
    ];
    let more: &[&str] = match form {
        SignedForm::Multipart => &["-inform", "SMIME"],
        SignedForm::Detached => &["-inform", "DER", "-binary", "-content", "content"],
        SignedForm::Opaque => &["-inform", "DER"],
    };
    company.openssl(&[&common[..], more].concat());
    company.read("verified")
}

#[tokio::test]
async fn signed_mail_verifies_up_to_the_root_alone() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let curve = Arc::new(Key::generate_on(0, Curve::P256).unwrap());
    let other = Arc::new(Key::generate_on(0, Curve::P384).unwrap());
    for key in [KeyPool::shared().key(2), curve, other] {
        let ada = company.issue(key, 20, ADA);
        let keys = [("SMIMESigningEnabled", true.into())];
        let (device, http) = a_phone(&company, &ada, &[], &keys).await;
        let crlf: Vec<u8> = String::from_utf8_lossy(MAIL)
            .replace('\n', "\r\n")
            .into_bytes();
        for form in [
            SignedForm::Detached,
            SignedForm::Opaque,
            SignedForm::Multipart,
        ] {
            let signed = device.sign_mail(&http, ADA, MAIL, form).unwrap();
            let verified = verify(&company, form, &signed, MAIL);
            let expected = if form == SignedForm::Multipart {
                &crlf[..]
            } else {
                MAIL
            };
            assert_eq!(verified, expected, "{form:?}");
        }
    }
}

#[tokio::test]
async fn an_account_signs_only_what_it_may_with_what_it_has() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let pool = KeyPool::shared();
    let sign = |device: &Device, http: &Http| {
        device
            .sign_mail(http, ADA, MAIL, SignedForm::Detached)
            .map(|_| ())
    };
    let ada = company.issue(pool.key(2), 20, ADA);
    let (device, http) = a_phone(&company, &ada, &[], &[]).await;
    assert_eq!(
        sign(&device, &http),
        Err(MailError::SigningOff(ADA.to_owned()))
    );
    let nobody = device.sign_mail(&http, "bob@example.com", MAIL, SignedForm::Opaque);
    assert_eq!(
        nobody,
        Err(MailError::NoAccount("bob@example.com".to_owned()))
    );

    let on = [("SMIMESigningEnabled", true.into())];
    let mismatch = company.issue(pool.key(2), 21, "Ada@example.com");
    let (device, http) = a_phone(&company, &mismatch, &[], &on).await;
    let refused = MailError::AddressMismatch {
        address: ADA.to_owned(),
        found: vec!["Ada@example.com".to_owned()],
    };
    assert_eq!(sign(&device, &http), Err(refused));

    let (mut device, http) = a_phone(&company, &ada, &[], &on).await;
    sign(&device, &http).unwrap();
    let late = http.with_clock(|| 2_600_000_001);
    assert_eq!(
        sign(&device, &late),
        Err(MailError::NotValidNow(1_600_000_000, 2_600_000_000))
    );
    device.delete_certificate(&ada.certificate.fingerprint());
    assert_eq!(
        sign(&device, &http),
        Err(MailError::NoCertificate(ADA.to_owned()))
    );
    assert_eq!(device.mail_account(ADA).unwrap().signing, None);
}

#[tokio::test]
async fn the_account_shows_what_its_payload_says_to_its_release() {
    if !openssl_is_there() {
        return;
    }
    let company = Company::new();
    let ada = company.issue(KeyPool::shared().key(2), 20, ADA);
    let keys = [
        ("SMIMESigningEnabled", true.into()),
        ("SMIMESigningUserOverrideable", true.into()),
        ("SMIMEEncryptionEnabled", true.into()),
        ("SMIMEEncryptByDefault", false.into()),
        ("SMIMEEnablePerMessageSwitch", true.into()),
        ("PayloadCertificateUUID", "SIGN".into()),
    ];
    let (device, _) = a_phone(&company, &ada, &[], &keys).await;
    let view = device.mail_account("Ada@Example.com").unwrap();
    assert_eq!(
        (
            view.host.as_str(),
            view.address.as_str(),
            view.user_name.as_str(),
            view.tls
        ),
        ("mail.example.com", ADA, ADA, true)
    );
    for certificate in [&view.identity, &view.signing, &view.encryption] {
        assert_eq!(certificate.as_ref(), Some(&ada.certificate));
    }
    let smime = view.smime;
    assert!(smime.signs && smime.user_switches_signing && smime.per_message_switch);
    assert!(!smime.encrypts_by_default, "the new key counts on iOS 18");
    assert_eq!(device.mail_views(), [view]);
    assert_eq!(device.mail_account("bob@example.com"), None);
}
