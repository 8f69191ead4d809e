//! S/MIME keys by version.

use serde_json::json;

use crate::house::{House, boolean, mail, payloads, text, types};

#[test]
fn without_smime_there_is_no_key_of_it() {
    let account = House::with_ios("17").account(json!({ "requireSmime": false }));
    assert!(!account.keys().any(|key| key.starts_with("SMIME")));
}

#[test]
fn per_message_encryption_and_encryption_by_default_are_independent() {
    for by_default in [true, false] {
        for per_message in [true, false] {
            let settings = json!({
                "requireSmime": true, "smimeEncryptByDefaultEnabled": by_default,
                "smimeEnablePerMessageSwitch": per_message, "encryptionCertificateType": "certificate",
            });
            let new = House::with_ios("12.0").account(settings.clone());
            assert_eq!(boolean(&new, "SMIMEEncryptByDefault"), Some(by_default));
            assert_eq!(
                boolean(&new, "SMIMEEnableEncryptionPerMessageSwitch"),
                Some(per_message)
            );
            assert_eq!(boolean(&new, "SMIMEEncryptionEnabled"), None);
            assert_eq!(boolean(&new, "SMIMEEnablePerMessageSwitch"), None);

            let old = House::with_ios("11.4").account(settings);
            assert_eq!(boolean(&old, "SMIMEEncryptionEnabled"), Some(by_default));
            assert_eq!(
                boolean(&old, "SMIMEEnablePerMessageSwitch"),
                Some(per_message)
            );
            assert_eq!(boolean(&old, "SMIMEEncryptByDefault"), None);
            assert_eq!(boolean(&old, "SMIMEEnableEncryptionPerMessageSwitch"), None);
            assert_eq!(
                boolean(&old, "SMIMEEnabled"),
                None,
                "for versions below 10 only"
            );
        }
    }
}

#[test]
fn what_users_may_change_is_known_since_version_12() {
    let settings = json!({
        "requireSmime": true, "smimeSigningEnabled": true, "smimeSigningUserOverrideEnabled": true,
        "smimeSigningCertificateUserOverrideEnabled": true, "smimeEncryptByDefaultUserOverrideEnabled": true,
        "smimeEncryptionCertificateUserOverrideEnabled": true,
    });
    let keys = [
        "SMIMESigningUserOverrideable",
        "SMIMESigningCertificateUUIDUserOverrideable",
        "SMIMEEncryptByDefaultUserOverrideable",
        "SMIMEEncryptionCertificateUUIDUserOverrideable",
    ];
    let new = House::with_ios("12").account(settings.clone());
    let old = House::with_ios("11").account(settings.clone());
    for key in keys {
        assert_eq!(
            (boolean(&new, key), boolean(&old, key)),
            (Some(true), None),
            "{key}"
        );
    }
    assert_eq!(boolean(&old, "SMIMESigningEnabled"), Some(true));
    assert_eq!(
        House::with_ios("11").skipped(settings),
        [
            "smimeSigningUserOverrideEnabled",
            "smimeSigningCertificateUserOverrideEnabled",
            "smimeEncryptByDefaultUserOverrideEnabled",
            "smimeEncryptionCertificateUserOverrideEnabled",
        ]
    );
}

#[test]
fn one_certificate_profile_is_one_certificate_however_often_it_is_named() {
    let house = House::with_ios("17");
    let profile = mail(json!({
        "authenticationMethod": "certificate", "requireSmime": true, "smimeSigningEnabled": true,
        "signingCertificateType": "certificate", "encryptionCertificateType": "certificate",
    }));
    let compiled = house.compile(&profile).unwrap();
    assert_eq!(
        types(&compiled),
        [
            "security.root",
            "security.scep",
            "security.scep",
            "eas.account"
        ]
    );
    let slots: Vec<_> = compiled
        .certificates
        .iter()
        .map(|spec| &spec.slot.0[35..])
        .collect();
    assert_eq!(slots, ["3", "4"]);

    let payloads = payloads(&compiled);
    let account = &payloads[3];
    assert_eq!(
        text(account, "PayloadCertificateUUID"),
        text(&payloads[1], "PayloadUUID")
    );
    assert_eq!(
        text(account, "SMIMESigningCertificateUUID"),
        text(&payloads[1], "PayloadUUID")
    );
    assert_eq!(
        text(account, "SMIMEEncryptionCertificateUUID"),
        text(&payloads[2], "PayloadUUID")
    );
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn references_without_smime_are_left_alone() {
    let compiled = House::with_ios("17").compile(&mail(json!({}))).unwrap();
    assert_eq!(types(&compiled), ["eas.account"]);
}
