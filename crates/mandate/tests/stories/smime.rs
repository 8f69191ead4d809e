//! Signed and encrypted mail: the right keys on the right devices, and nowhere else.

use mandate_model::{GroupId, ImportPurpose, Member, Profile, Reason, State};
use mandate_simulator::device::{Device, MailError, SignedForm};
use serde_json::{Value, json};

use crate::house::{House, MailKey, Openssl, mail_settings, places, text};

const ADA: &str = "ada@mail.contoso.com";

/// What encrypts a text for somebody as other mail programs do.
pub(crate) fn encrypted(
    openssl: &Openssl,
    mail_key: &MailKey,
    content: &str,
    options: &[&str],
) -> Vec<u8> {
    let recipient = openssl.file("recipient.pem", mail_key.certificate.pem());
    let content = openssl.file("content.txt", content);
    let out = openssl.path("mail.eml");
    let mut arguments = vec![
        "cms",
        "-encrypt",
        "-binary",
        "-in",
        text(&content),
        "-out",
        text(&out),
    ];
    arguments.extend(options);
    arguments.push(text(&recipient));
    openssl.run(&arguments);
    std::fs::read(out).unwrap()
}

/// A history profile and a mail profile that encrypts with the newest of it, for a group.
pub(crate) async fn encrypting_mail(house: &House, group: GroupId) -> (Profile, Profile) {
    let history = house
        .profile(
            "iosImportedPFXCertificateProfile",
            "S/MIME encryption",
            json!({ "intendedPurpose": "smimeEncryption" }),
            &[],
        )
        .await;
    let mut settings = mail_settings();
    settings["requireSmime"] = json!(true);
    settings["encryptionCertificateType"] = json!("certificate");
    settings["smimeEncryptByDefaultEnabled"] = json!(true);
    let mail = house
        .profile(
            "iosEasEmailProfileConfiguration",
            "Mail",
            settings,
            &[("smimeEncryptionCertificate", history.id)],
        )
        .await;
    for profile in [&history, &mail] {
        house.assign(profile.id, &[group]).await;
    }
    (history, mail)
}

fn payloads(house: &House, phone: &Device, profile: &Profile) -> Vec<String> {
    let mut payloads: Vec<String> = phone
        .profile(&house.identifier(profile.id))
        .unwrap()
        .payloads
        .iter()
        .map(|payload| payload.uuid.clone())
        .collect();
    payloads.sort();
    payloads
}

/// Each text with the message that hides it.
type Mails = [(String, Vec<u8>)];

fn assert_opens_all(device: &Device, mails: &Mails) {
    for (content, mail) in mails {
        assert_eq!(device.decrypt_mail(mail).unwrap(), content.as_bytes());
    }
}

fn assert_opens_none(device: &Device, mails: &Mails) {
    for (_, mail) in mails {
        assert!(matches!(
            device.decrypt_mail(mail),
            Err(MailError::NotForUs)
        ));
    }
}

#[tokio::test]
async fn old_mail_opens_on_every_device_of_its_reader_and_on_no_other() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let (ada, ben) = (house.hire("ada").await, house.hire("ben").await);
        let readers = house.group("Readers", vec![Member::User(ada.id)]).await;
        let authority = house.foreign_authority();
        let generations = [
            house.mail_key(&authority, 31, ADA, (-4, -2)),
            house.mail_key(&authority, 32, ADA, (-2, -1)),
            house.mail_key(&authority, 33, ADA, (-1, 2)),
        ];
        let forms: [&[&str]; 3] = [
            &["-legacy"],
            &[
                "-keypbe",
                "PBE-SHA1-3DES",
                "-certpbe",
                "PBE-SHA1-3DES",
                "-macalg",
                "SHA1",
            ],
            &[],
        ];
        let purpose = ImportPurpose::SmimeEncryption;
        for (generation, form) in generations.iter().zip(forms) {
            house
                .import(&openssl, "ada@contoso.com", purpose, generation, form)
                .await;
        }
        let (history, mail) = encrypting_mail(&house, readers.id).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let old = house.enrol(house.phone(13, 0), Some(ada.id)).await;
        let stranger = house.enrol(house.phone(17, 5), Some(ben.id)).await;

        let ciphers: [&[&str]; 3] = [&["-aes256"], &["-aes128"], &["-des3"]];
        let mails: Vec<(String, Vec<u8>)> = generations
            .iter()
            .zip(ciphers)
            .enumerate()
            .map(|(number, (generation, cipher))| {
                let content = format!("To Ada, generation {number}\n");
                let mail = encrypted(&openssl, generation, &content, cipher);
                (content, mail)
            })
            .collect();
        for device in [&phone, &old] {
            assert_eq!(house.state(mail.id, device).await, Some(State::Succeeded));
            assert_eq!(
                house.state(history.id, device).await,
                Some(State::Succeeded)
            );
            assert_opens_all(device, &mails);
            let account = device.mail_account(ADA).unwrap();
            assert_eq!(
                account.encryption.as_ref(),
                Some(&generations[2].certificate)
            );
            assert_eq!(device.received_in_clear(), []);
        }
        assert_opens_none(&stranger, &mails);
        assert_eq!(house.state(mail.id, &stranger).await, None);

        // A rotation adds one payload to the history and makes the newest the account's.
        let before = payloads(&house, &phone, &history);
        assert_eq!(before.len(), 3);
        let next = house.mail_key(&authority, 34, ADA, (0, 3));
        house
            .import(&openssl, "ada@contoso.com", purpose, &next, &[])
            .await;
        house.settle(&mut phone).await;
        let after = payloads(&house, &phone, &history);
        assert_eq!(after.len(), 4);
        assert!(before.iter().all(|uuid| after.contains(uuid)));
        let account = phone.mail_account(ADA).unwrap();
        assert_eq!(account.encryption.as_ref(), Some(&next.certificate));
        assert_opens_all(&phone, &mails);

        // What is enrolled later gets all of them.
        let later = house.enrol(house.phone(26, 0), Some(ada.id)).await;
        assert_opens_all(&later, &mails);

        // What is no longer assigned loses the keys.
        for profile in [&history, &mail] {
            house.target(profile.id, Vec::new()).await;
        }
        house.settle(&mut phone).await;
        assert_opens_none(&phone, &mails);
    }
}

#[tokio::test]
async fn somebody_without_an_imported_certificate_is_named_and_gets_it_when_there_is_one() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let readers = house.group("Readers", vec![Member::User(ada.id)]).await;
        let (history, mail) = encrypting_mail(&house, readers.id).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let missing = Reason::NoImportedCertificate {
            purpose: ImportPurpose::SmimeEncryption,
            user: "ada@contoso.com".to_owned(),
        };
        for profile in [&history, &mail] {
            assert_eq!(
                house.reason(profile.id, &phone).await,
                Some(missing.clone())
            );
        }
        let authority = house.foreign_authority();
        let key = house.mail_key(&authority, 31, "somebody@example.org", (-1, 1));
        let purpose = ImportPurpose::SmimeEncryption;
        let imported = house
            .import(&openssl, "ada@contoso.com", purpose, &key, &[])
            .await;
        assert!(!imported.warnings.is_empty(), "the address is not Ada's");
        house.settle(&mut phone).await;
        let status = house.status(mail.id, &phone).await.unwrap();
        assert_eq!(status.state(), State::Succeeded);
        assert_eq!(status.notices[0].code, "addressMismatch");
        let message = &status.notices[0].message;
        assert!(
            message.contains(ADA) && message.contains("somebody@example.org"),
            "{message}"
        );

        let id = mandate_engine::ImportId::of(&imported.record);
        house
            .engine
            .delete_imported(&house.admin, &id)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        // The account stays, with a word; what is the history alone goes.
        assert_eq!(house.reason(mail.id, &phone).await, Some(missing.clone()));
        assert!(house.has(&phone, mail.id) && !house.has(&phone, history.id));
    }
}

/// Root and issuing authority of the house, as trusted-certificate profiles for a group.
async fn trust(house: &House, group: GroupId) {
    let authority = house.engine.authority();
    for (name, certificate) in [("Root", authority.root()), ("Issuing", authority.issuing())] {
        let der = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            certificate.der(),
        );
        let body = json!({ "trustedRootCertificate": der, "certFileName": format!("{name}.cer") });
        let profile = house
            .profile("iosTrustedRootCertificate", name, body, &[])
            .await;
        house.assign(profile.id, &[group]).await;
    }
}

fn pkcs_settings(template: &str) -> Value {
    json!({
        "certificateTemplateName": template,
        "certificationAuthority": "",
        "certificationAuthorityName": "",
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "customSubjectAlternativeNames": [{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }],
    })
}

#[tokio::test]
async fn signed_mail_verifies_up_to_the_root_that_was_delivered() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        trust(&house, staff.id).await;
        let signing = house
            .profile(
                "iosPkcsCertificateProfile",
                "Signing",
                pkcs_settings("signing"),
                &[],
            )
            .await;
        let mut settings = mail_settings();
        settings["requireSmime"] = json!(true);
        settings["smimeSigningEnabled"] = json!(true);
        settings["signingCertificateType"] = json!("certificate");
        let reference = [("smimeSigningCertificate", signing.id)];
        let mail = house
            .profile(
                "iosEasEmailProfileConfiguration",
                "Mail",
                settings,
                &reference,
            )
            .await;
        for profile in [&signing, &mail] {
            house.assign(profile.id, &[staff.id]).await;
        }
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let other = house.enrol(house.phone(14, 8), Some(ada.id)).await;
        for device in [&phone, &other] {
            assert_eq!(house.state(mail.id, device).await, Some(State::Succeeded));
            assert_eq!(device.received_in_clear(), []);
            let content = b"Yours, Ada";
            let mail = device
                .sign_mail(&house.http, ADA, content, SignedForm::Opaque)
                .unwrap();
            let mail = openssl.file("signed.der", mail);
            let root = house.engine.authority().root().to_pem();
            let root = openssl.file("root.pem", root);
            let arguments = [
                "cms",
                "-verify",
                "-inform",
                "DER",
                "-in",
                text(&mail),
                "-CAfile",
                text(&root),
                "-purpose",
                "smimesign",
                "-attime",
                &house.clock.unix_seconds().to_string(),
            ];
            assert_eq!(openssl.run(&arguments), content);
        }
        // Each device has its own key, and one key in all of its documents.
        let key_of = |device: &Device| device.mail_account(ADA).unwrap().signing.unwrap();
        assert_ne!(key_of(&phone), key_of(&other));
        assert_eq!(
            phone
                .keychain()
                .iter()
                .filter(|item| item.is_identity && item.certificate == &key_of(&phone))
                .count(),
            1
        );

        // It is renewed in time, in both documents, and the former one is revoked.
        let former = key_of(&phone);
        house.clock.forward_days(300);
        house.settle(&mut phone).await;
        let renewed = key_of(&phone);
        assert_ne!(former, renewed);
        assert!(!phone.holds(&former));
        let device = house.device_of(&phone).await;
        let issued = house
            .engine
            .device_certificates(&house.admin, device)
            .await
            .unwrap();
        let of = |certificate: &mandate_simulator::certificates::Certificate| {
            let sha256 = mandate_pki::sha256(certificate.der());
            issued
                .iter()
                .find(|issued| issued.sha256 == sha256)
                .unwrap()
        };
        assert!(of(&former).revoked_at.is_some());
        assert!(of(&renewed).revoked_at.is_none());
    }
}
