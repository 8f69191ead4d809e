//! Roots and SCEP identities.

use mandate_model::{Compiled, KeySpec, OsVersion, Profile, Refusal, SanSpec, Slot};
use plist::{Dictionary, Value};
use serde_json::json;

use crate::house::{DER, House, id_of, mail, payloads, root, scep, text, types};

#[test]
fn a_trusted_root_needs_no_user() {
    let mut house = House::with_ios("17");
    house.user = None;
    let compiled = house.compile(&root(2, &DER)).unwrap();
    assert_eq!(types(&compiled), ["security.root"]);
    assert_eq!(
        payloads(&compiled)[0]
            .get("PayloadContent")
            .and_then(Value::as_data),
        Some(&DER[..])
    );
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn a_scep_profile_brings_its_root() {
    let house = House::with_ios("17");
    let compiled = house.compile(&house.referenced[&id_of(3)]).unwrap();
    assert_eq!(types(&compiled), ["security.root", "security.scep"]);
    let spec = &compiled.certificates[0];
    assert_eq!(
        spec.subject,
        [
            vec![("CN".to_owned(), "ada".to_owned())],
            vec![(
                "1.2.840.113549.1.9.1".to_owned(),
                "Ada.Lovelace@example.org".to_owned()
            )],
        ]
    );
    assert_eq!(
        spec.subject_alt_names,
        [
            SanSpec::UserPrincipalName("ada@example.org".to_owned()),
            SanSpec::Email("Ada.Lovelace@example.org".to_owned()),
        ]
    );
    assert_eq!(
        spec.key,
        KeySpec {
            bits: 2048,
            digital_signature: true,
            key_encipherment: true,
            non_repudiation: false
        }
    );
    assert_eq!(
        (spec.validity_days, spec.renewal_threshold_percentage),
        (365, 20)
    );
    let body = String::from_utf8(compiled.body).unwrap();
    assert!(body.contains(&Compiled::challenge_mark(&spec.slot)));
    insta::assert_snapshot!(body);
}

#[test]
fn a_device_certificate_needs_no_user() {
    let mut house = House::with_ios("17");
    let profile = scep(5, json!({ "certificateStore": "machine" }));
    house.user = None;
    let compiled = house.compile(&profile).unwrap();
    let device = house.device.id.to_string();
    assert_eq!(
        compiled.certificates[0].subject,
        [[("CN".to_owned(), device)]]
    );
    assert_eq!(house.compile(&scep(6, json!({}))), Err(Refusal::NoUser));
}

#[test]
fn every_variable_is_filled_in() {
    let house = House::with_ios("17");
    let cases = [
        ("{{UserName}}", "ada"),
        ("{{userprincipalname}}", "ada@example.org"),
        ("{{EmailAddress}}", "Ada.Lovelace@example.org"),
        (
            "{{OnPrem_Distinguished_Name}}",
            "CN=Lovelace\\, Ada,OU=Users,DC=corp,DC=example,DC=org",
        ),
        ("{{OnPremisesSamAccountName}}", "alovelace"),
        ("{{GivenName}} {{SurName}}", "Ada Lovelace"),
        ("{{OnPremisesSecurityIdentifier}}", "S-1-5-21-1-2-3-1001"),
        ("{{AAD_Device_ID}}", "00000000-0000-0000-0000-000000de71ce"),
        (
            "{{AzureADDeviceId}}",
            "00000000-0000-0000-0000-000000de71ce",
        ),
        ("{{DeviceId}}", "00000000-0000-0000-0000-000000de71ce"),
        ("{{Device_Serial}}", "C39XX0AAAAAA"),
        ("{{SERIALNUMBER}}", "C39XX0AAAAAA"),
        ("{{IMEI}}", "351234567890123"),
        ("{{IMEINumber}}", "351234567890123"),
        ("{{Device_IMEI}}", "351234567890123"),
        ("{{WiFiMacAddress}}", "aa:bb:cc:dd:ee:ff"),
        ("{{DeviceName}}", "Ada's iPhone"),
    ];
    for (template, expected) in cases {
        let profile = scep(
            5,
            json!({ "subjectNameFormatString": format!("CN=\"{template}\",O=Example") }),
        );
        let compiled = house.compile(&profile).unwrap();
        let subject = &compiled.certificates[0].subject;
        assert_eq!(subject.len(), 2, "what is filled in is not read as a name");
        assert_eq!(subject[0][0].1, expected, "{template}");
    }
}

#[test]
fn what_this_device_does_not_have_is_named() {
    let house = House::with_ios("17");
    let refusal = |variable: &str| {
        house
            .compile(&scep(
                5,
                json!({ "subjectNameFormatString": format!("CN={{{{{variable}}}}}") }),
            ))
            .unwrap_err()
    };
    assert_eq!(
        refusal("MEID"),
        Refusal::MissingDeviceAttribute {
            attribute: "meid".to_owned()
        }
    );
    assert_eq!(
        refusal("FullyQualifiedDomainName"),
        Refusal::UnknownVariable {
            variable: "FullyQualifiedDomainName".to_owned(),
            profile: "SCEP certificate 5".to_owned()
        }
    );
}

#[test]
fn several_alternative_names_of_a_kind_are_an_array() {
    let sans = json!([
        { "sanType": "domainNameService", "name": "a.example.org" },
        { "sanType": "domainNameService", "name": "{{DeviceId}}.example.org" },
        { "sanType": "universalResourceIdentifier", "name": "{{OnPremisesSecurityIdentifier}}" },
    ]);
    let house = House::with_ios("17");
    let profile = scep(
        5,
        json!({ "customSubjectAlternativeNames": sans, "subjectAlternativeNameType": "userPrincipalName" }),
    );
    let compiled = house.compile(&profile).unwrap();
    let request = request(&compiled);
    let names = request
        .get("SubjectAltName")
        .and_then(Value::as_dictionary)
        .unwrap();
    assert_eq!(
        names.get("dNSName").and_then(Value::as_array).map(Vec::len),
        Some(2)
    );
    assert_eq!(
        text(names, "uniformResourceIdentifier"),
        "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1-2-3-1001"
    );
    assert_eq!(text(names, "ntPrincipalName"), "ada@example.org");
}

#[test]
fn keys_and_usages_are_written_out() {
    let house = House::with_ios("17");
    for (usage, bits) in [
        ("digitalSignature", 1),
        ("keyEncipherment", 4),
        ("keyEncipherment,digitalSignature", 5),
    ] {
        let compiled = house
            .compile(&scep(
                5,
                json!({ "keyUsage": usage, "keySize": "size4096" }),
            ))
            .unwrap();
        let request = request(&compiled);
        assert_eq!(
            request.get("Key Usage").and_then(Value::as_signed_integer),
            Some(bits)
        );
        assert_eq!(
            request.get("Keysize").and_then(Value::as_signed_integer),
            Some(4096)
        );
    }
    let refused = House::with_ios("13").compile(&scep(5, json!({ "keySize": "size4096" })));
    assert_eq!(
        refused,
        Err(Refusal::OsTooOld {
            minimum: OsVersion::new(14, 0)
        })
    );
}

#[test]
fn another_server_is_asked_without_our_challenge() {
    let house = House::with_ios("17");
    let urls = json!({ "scepServerUrls": ["https://ndes.example.com/scep", "https://ndes2.example.com/scep"] });
    let compiled = house.compile(&scep(5, urls)).unwrap();
    assert_eq!(
        text(&request(&compiled), "URL"),
        "https://ndes.example.com/scep"
    );
    assert!(
        !request(&compiled).contains_key("Challenge")
            && !request(&compiled).contains_key("CAFingerprint")
    );
    assert_eq!(compiled.certificates, []);

    let own = house
        .compile(&scep(
            5,
            json!({ "scepServerUrls": ["https://MDM.example.org:443/scep"] }),
        ))
        .unwrap();
    assert_eq!(text(&request(&own), "URL"), "https://mdm.example.org/scep");
    assert_eq!(own.certificates.len(), 1);
}

#[test]
fn equal_roots_are_one() {
    let mut house = House::with_ios("17");
    house.add(root(7, &DER));
    let mut second = scep(4, json!({}));
    second
        .references
        .insert("rootCertificate".to_owned(), id_of(7));
    house.add(second);
    let profile = mail(json!({
        "authenticationMethod": "certificate", "requireSmime": true, "encryptionCertificateType": "certificate",
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
}

#[test]
fn a_missing_reference_is_named() {
    let missing = |reference: &str| {
        Err(Refusal::MissingReference {
            reference: reference.to_owned(),
        })
    };
    let mut house = House::with_ios("17");
    let without = |mut profile: Profile, reference: &str| {
        profile.references.remove(reference);
        profile
    };
    let by_certificate = mail(json!({ "authenticationMethod": "certificate" }));
    assert_eq!(
        house.compile(&without(by_certificate.clone(), "identityCertificate")),
        missing("identityCertificate")
    );
    assert_eq!(
        house.compile(&without(scep(3, json!({})), "rootCertificate")),
        missing("rootCertificate")
    );
    house.referenced.remove(&id_of(3));
    assert_eq!(
        house.compile(&by_certificate),
        missing("identityCertificate")
    );
}

#[test]
fn a_slot_is_the_certificate_profile() {
    let house = House::with_ios("17");
    let compiled = house
        .compile(&mail(json!({ "authenticationMethod": "certificate" })))
        .unwrap();
    assert_eq!(compiled.certificates[0].slot, Slot(id_of(3).to_string()));
}

fn request(compiled: &Compiled) -> Dictionary {
    let payloads = payloads(compiled);
    let payload = payloads
        .iter()
        .find(|payload| text(payload, "PayloadType") == "com.apple.security.scep")
        .unwrap();
    payload
        .get("PayloadContent")
        .and_then(Value::as_dictionary)
        .unwrap()
        .clone()
}
