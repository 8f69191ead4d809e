//! Certificates whose key the server makes.

use mandate_model::{
    CertificateSource, Compiled, KeySpec, Pkcs12Encoding, Refusal, SanSpec, Slot, StoredIdentity,
    StoredKey,
};
use plist::Value;
use serde_json::{Value as Json, json};

use crate::house::{House, PKCS, id_of, mail, notices, payloads, profile, smime, text, types};

#[test]
fn a_pkcs_profile_becomes_an_identity_with_marks() {
    let house = House::with_ios("17");
    let compiled = house.compile(&profile(7, PKCS, signing())).unwrap();
    assert_eq!(types(&compiled), ["security.pkcs12"]);
    let slot = Slot(id_of(7).to_string());
    let key = StoredKey::Issued(slot.clone());
    assert_eq!(
        compiled.identities,
        [StoredIdentity {
            key: key.clone(),
            encoding: Pkcs12Encoding::Modern
        }]
    );
    let payload = &payloads(&compiled)[0];
    assert_eq!(
        text(payload, "PayloadContent"),
        Compiled::identity_mark(&key)
    );
    assert_eq!(text(payload, "Password"), Compiled::password_mark(&key));
    let [spec] = compiled.certificates.as_slice() else {
        panic!("one specification for the one key");
    };
    assert_eq!((&spec.slot, spec.source), (&slot, CertificateSource::Pkcs));
    assert_eq!(
        spec.key,
        KeySpec {
            bits: 2048,
            digital_signature: true,
            key_encipherment: false,
            non_repudiation: true
        }
    );
    assert_eq!(spec.extended_key_usages, ["1.3.6.1.5.5.7.3.4"]);
    assert_eq!(
        spec.subject_alt_names,
        [SanSpec::Email("Ada.Lovelace@example.org".to_owned())]
    );
    assert_eq!(
        (spec.validity_days, spec.renewal_threshold_percentage),
        (730, 30)
    );
    assert_eq!(spec.issuer, None);
    assert_eq!(notices(&compiled), [""; 0]);
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn a_key_that_two_settings_name_is_in_the_document_once() {
    let mut house = House::with_ios("17");
    house.add(profile(
        7,
        PKCS,
        json!({ "customSubjectAlternativeNames": names() }),
    ));
    let mut account = smime(Some(7), Some(7));
    let settings =
        mail(json!({ "authenticationMethod": "certificate" })).settings["authenticationMethod"]
            .clone();
    account
        .settings
        .insert("authenticationMethod".to_owned(), settings);
    account
        .references
        .insert("identityCertificate".to_owned(), id_of(7));
    let compiled = house.compile(&account).unwrap();
    assert_eq!(types(&compiled), ["security.pkcs12", "eas.account"]);
    assert_eq!(
        (compiled.identities.len(), compiled.certificates.len()),
        (1, 1)
    );
    let payloads = payloads(&compiled);
    for key in [
        "PayloadCertificateUUID",
        "SMIMESigningCertificateUUID",
        "SMIMEEncryptionCertificateUUID",
    ] {
        assert_eq!(
            text(&payloads[1], key),
            text(&payloads[0], "PayloadUUID"),
            "{key}"
        );
    }
}

#[test]
fn the_key_is_the_same_one_in_every_document_that_names_it() {
    let mut house = House::with_ios("17");
    house.add(profile(7, PKCS, signing()));
    let own = house.compile(&house.referenced[&id_of(7)]).unwrap();
    let in_mail = house.compile(&smime(Some(7), None)).unwrap();
    assert_eq!(own.identities, in_mail.identities);
    assert_eq!(own.certificates, in_mail.certificates);
}

#[test]
fn releases_that_cannot_read_the_new_form_get_the_old_one() {
    for (version, encoding) in [
        ("14.8", Pkcs12Encoding::Legacy),
        ("15.0", Pkcs12Encoding::Modern),
        ("26.1", Pkcs12Encoding::Modern),
    ] {
        let compiled = House::with_ios(version).compile(&profile(7, PKCS, signing()));
        assert_eq!(
            compiled.unwrap().identities[0].encoding,
            encoding,
            "{version}"
        );
    }
    let old = House::with_ios("14.8").compile(&profile(7, PKCS, signing()));
    let new = House::with_ios("15.0").compile(&profile(7, PKCS, signing()));
    assert_ne!(
        old.unwrap().content_hash,
        new.unwrap().content_hash,
        "another file is other content"
    );
}

#[test]
fn a_template_decides_about_key_and_usages() {
    let mut house = House::with_ios("17");
    let spec = |house: &House, name: &str| {
        let body = json!({ "certificateTemplateName": name });
        let compiled = house.compile(&profile(7, PKCS, body)).unwrap();
        compiled.certificates[0].clone()
    };
    let encryption = spec(&house, "Encryption");
    assert!(encryption.key.key_encipherment && !encryption.key.digital_signature);
    assert_eq!(
        spec(&house, "").extended_key_usages,
        ["1.3.6.1.5.5.7.3.2"],
        "without a name it is for client authentication"
    );
    let mut own = house.services.templates["signing"].clone();
    own.name = "MailUser".to_owned();
    own.key_bits = 4096;
    house.services.templates.insert("MailUser".to_owned(), own);
    assert_eq!(spec(&house, "mailuser").key.bits, 4096);
    assert_eq!(
        house.compile(&profile(
            7,
            PKCS,
            json!({ "certificateTemplateName": "IntuneUser" })
        )),
        Err(Refusal::UnknownTemplate {
            template: "IntuneUser".to_owned(),
            profile: "PKCS certificate 7".to_owned()
        })
    );
}

#[test]
fn a_template_ends_what_a_profile_may_ask_for() {
    let mut house = House::with_ios("17");
    house
        .services
        .templates
        .get_mut("signing")
        .unwrap()
        .maximum_validity_days = 90;
    let compiled = house.compile(&profile(7, PKCS, signing())).unwrap();
    assert_eq!(compiled.certificates[0].validity_days, 90);
    assert_eq!(notices(&compiled), ["validityShortened"]);
    assert!(compiled.notices[0].message.contains("730 days"));

    let names = json!([{ "sanType": "domainNameService", "name": "{{DeviceId}}.example.org" }]);
    let refused = house.compile(&profile(
        7,
        PKCS,
        json!({ "certificateTemplateName": "signing", "customSubjectAlternativeNames": names }),
    ));
    let Err(Refusal::Unsupported { reason }) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        reason.contains("`domainNameService`") && reason.contains("`signing`"),
        "{reason}"
    );
}

#[test]
fn whatever_changes_the_certificate_is_other_content() {
    let mut house = House::with_ios("17");
    let before = house.compile(&profile(7, PKCS, signing())).unwrap();
    let changed = |house: &House, body: Json| {
        let after = house.compile(&profile(7, PKCS, body)).unwrap();
        assert_eq!(
            text(&payloads(&before)[0], "PayloadUUID"),
            text(&payloads(&after)[0], "PayloadUUID")
        );
        after.content_hash != before.content_hash
    };
    for (property, value) in [
        ("subjectNameFormatString", json!("CN={{UserPrincipalName}}")),
        ("customSubjectAlternativeNames", json!([])),
        ("certificateValidityPeriodValue", json!(1)),
        ("certificateTemplateName", json!("encryption")),
    ] {
        let mut body = signing();
        body[property] = value;
        assert!(changed(&house, body), "{property}");
    }
    let mut body = signing();
    body["renewalThresholdPercentage"] = json!(50);
    assert!(
        !changed(&house, body),
        "an earlier renewal is the same certificate"
    );
    let template = house.services.templates.get_mut("signing").unwrap();
    template.extended_key_usages.push("1.2.3".to_owned());
    assert!(changed(&house, signing()), "the template's usages");
}

#[test]
fn a_renewal_is_new_content_with_the_same_payloads() {
    let mut house = House::with_ios("17");
    house.add(profile(7, PKCS, signing()));
    let (own, in_mail) = (house.referenced[&id_of(7)].clone(), smime(Some(7), None));
    let before = [&own, &in_mail].map(|profile| house.compile(profile).unwrap());
    house.rounds.insert(Slot(id_of(7).to_string()), 1);
    for (profile, before) in [&own, &in_mail].into_iter().zip(before) {
        let after = house.compile(profile).unwrap();
        assert_ne!(before.content_hash, after.content_hash);
        assert_eq!(payloads(&before), payloads(&after));
    }
}

#[test]
fn a_device_certificate_needs_no_user() {
    let mut house = House::with_ios("17");
    house.user = None;
    let device =
        json!({ "certificateStore": "machine", "subjectNameFormatString": "CN={{SerialNumber}}" });
    let compiled = house.compile(&profile(7, PKCS, device)).unwrap();
    assert_eq!(compiled.certificates[0].subject[0][0].1, "C39XX0AAAAAA");
    assert_eq!(
        house.compile(&profile(7, PKCS, json!({}))),
        Err(Refusal::NoUser)
    );
}

#[test]
fn no_fingerprint_of_an_authority_is_in_the_content() {
    let mut house = House::with_ios("17");
    let before = house.compile(&house.referenced[&id_of(3)]).unwrap();
    house.endpoints.scep_ca_fingerprint = vec![0xfe; 20];
    let after = house.compile(&house.referenced[&id_of(3)]).unwrap();
    assert_eq!(before, after, "another authority is no other content");
    let request = payloads(&after)[1]["PayloadContent"].clone();
    let mark = request
        .as_dictionary()
        .and_then(|keys| keys.get("CAFingerprint"))
        .and_then(Value::as_data);
    assert_eq!(mark, Some(Compiled::FINGERPRINT_MARK.as_slice()));
}

/// An S/MIME signing certificate for two years.
#[test]
fn an_alternative_name_comes_from_any_attribute_of_the_directory() {
    let mut house = House::with_ios("17");
    let user = house.user.as_mut().unwrap();
    user.other.insert("department".to_owned(), json!("R & D"));
    let extensions = json!({ "extensionAttribute1": "ada@lab.contoso.com" });
    user.other
        .insert("onPremisesExtensionAttributes".to_owned(), extensions);
    let names = |house: &House, body: Json| {
        let compiled = house.compile(&profile(7, PKCS, body))?;
        Ok::<_, Refusal>(compiled.certificates[0].subject_alt_names.clone())
    };
    let custom = |value: &str| json!({ "customSubjectAlternativeNames": [{ "sanType": "customAzureADAttribute", "name": value }] });
    let department = vec![SanSpec::UserPrincipalName("R & D".to_owned())];
    assert_eq!(names(&house, custom("department")), Ok(department.clone()));
    let address = vec![SanSpec::Email("ada@lab.contoso.com".to_owned())];
    assert_eq!(
        names(&house, custom("{{extensionAttribute1}}")),
        Ok(address)
    );
    let older = json!({
        "subjectAlternativeNameType": "customAzureADAttribute",
        "subjectAlternativeNameFormatString": "Department",
    });
    assert_eq!(names(&house, older), Ok(department));
    assert_eq!(
        names(&house, custom("jobTitle")),
        Err(Refusal::MissingAttribute {
            attribute: "jobTitle".to_owned(),
            user: "ada@example.org".to_owned(),
        })
    );
}

fn signing() -> Json {
    json!({
        "certificateTemplateName": "signing", "certificateValidityPeriodValue": 2,
        "renewalThresholdPercentage": 30, "customSubjectAlternativeNames": names(),
    })
}

fn names() -> Json {
    json!([{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }])
}
