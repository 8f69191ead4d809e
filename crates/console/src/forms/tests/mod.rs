mod any;
mod languages;

use std::collections::BTreeMap;

use mandate_model::catalogue::{Kind, ValueType, kind, kinds};
use mandate_model::{ProfileId, Settings};
use mandate_web::Language;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::tree::{Making, Offer};
use super::{Field, Form, Input, Problems, Reading, Widget};

/// The smallest thing that is shaped like a certificate.
const CERTIFICATE: &str = "MAkwAgUAMAADAQA=";

fn ios_mail() -> &'static Kind {
    kind("iosEasEmailProfileConfiguration").unwrap()
}

fn posted(kind: &Kind, fields: &[(&str, &str)]) -> Input {
    Input::posted(kind, fields.iter().copied())
}

/// A body that the kind takes, with what it demands and otherwise defaults.
fn least(kind: &Kind) -> Settings {
    let mut body = Map::new();
    for setting in kind.settings.iter().filter(|setting| setting.required) {
        let value = match setting.value {
            ValueType::Certificate => json!(CERTIFICATE),
            ValueType::Enum(choices) => json!(choices[0].value),
            _ => json!("mail.example.org"),
        };
        body.insert(setting.property.to_owned(), value);
    }
    kind.create(&body).unwrap().settings
}

fn form_of(kind: &'static Kind, input: &Input, is_made: bool, language: Language) -> Form {
    let reading = Reading::of_new(kind, input);
    Form::new(&Making {
        kind,
        input,
        settings: &reading.settings,
        problems: &reading.problems,
        offers: &BTreeMap::new(),
        is_made,
        language,
    })
}

fn field<'a>(form: &'a Form, name: &str) -> &'a Field {
    form.sections
        .iter()
        .flat_map(|section| &section.fields)
        .find(|field| field.name == name)
        .unwrap_or_else(|| panic!("there is no field `{name}`"))
}

#[test]
fn every_kind_comes_back_from_its_form_as_it_was() {
    for kind in kinds() {
        let settings = least(kind);
        let none = BTreeMap::new();
        let input = Input::of_settings(kind, &settings, &none);
        let reading = Reading::of_change(kind, &input, (&settings, &none));
        assert_eq!(reading.problems, Problems::default(), "{kind:?}");
        assert_eq!(reading.settings, settings, "{kind:?}");
        let updated = kind.update(&settings, &reading.body).unwrap();
        assert_eq!(updated.settings, settings, "{kind:?}");
    }
}

#[test]
fn every_setting_that_is_not_hidden_has_a_field_and_nothing_has_two() {
    for kind in kinds() {
        for language in Language::ALL {
            let form = form_of(kind, &Input::of_defaults(kind), false, language);
            let mut names: Vec<&str> = form
                .sections
                .iter()
                .flat_map(|section| &section.fields)
                .map(|field| field.name.as_str())
                .collect();
            let asked = kind.settings.iter().filter(|setting| !setting.hidden);
            for setting in asked {
                assert!(
                    names.contains(&setting.property),
                    "{kind:?} {}",
                    setting.property
                );
            }
            for reference in kind.references {
                assert!(
                    names.contains(&reference.property),
                    "{kind:?} {}",
                    reference.property
                );
            }
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{kind:?}");
        }
    }
}

#[test]
fn a_new_form_asks_for_what_is_required() {
    let input = Input::of_defaults(ios_mail());
    let reading = Reading::of_new(ios_mail(), &input);
    for required in ["hostName", "accountName", "emailAddressSource"] {
        let wrong = reading.problems.of(required, Language::English);
        assert_eq!(wrong, ["Is required."], "{required}");
        assert!(!reading.body.contains_key(required));
    }
    let form = form_of(ios_mail(), &input, false, Language::English);
    assert!(field(&form, "hostName").is_required);
    assert_eq!(form.wrong.len(), 3);
    assert_eq!(form.wrong[0].0, "hostName");
    assert_eq!(form.wrong[0].1, "Email server");
}

#[test]
fn an_inverted_setting_asks_the_opposite_question() {
    let input = Input::of_defaults(ios_mail());
    let form = form_of(ios_mail(), &input, false, Language::English);
    let Widget::Radios(answers) = &field(&form, "blockMovingMessagesToOtherEmailAccounts").widget
    else {
        panic!("it is a switch");
    };
    let said: Vec<(&str, &str, bool)> = answers
        .iter()
        .map(|answer| {
            (
                answer.label.as_str(),
                answer.value.as_str(),
                answer.is_chosen,
            )
        })
        .collect();
    assert_eq!(
        said,
        [("Enable", "false", true), ("Disable", "true", false)]
    );
}

#[test]
fn children_appear_with_their_parents_and_count_only_then() {
    let fields = [
        ("hostName", "mail.example.org"),
        ("accountName", "Mail"),
        ("emailAddressSource", "primarySmtpAddress"),
        ("easServices", "email"),
        ("smimeSigningEnabled", "true"),
        ("signingCertificateType", "certificate"),
        (
            "smimeSigningCertificate",
            "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10",
        ),
    ];
    let off = posted(
        ios_mail(),
        &[&fields[..], &[("requireSmime", "false")]].concat(),
    );
    let reading = Reading::of_new(ios_mail(), &off);
    assert_eq!(reading.body["smimeSigningEnabled"], json!(false));
    assert_eq!(reading.body["signingCertificateType"], Value::Null);
    assert_eq!(reading.references.get("smimeSigningCertificate"), None);
    assert!(ios_mail().create(&reading.body).is_ok());
    let form = form_of(ios_mail(), &off, false, Language::English);
    let child = field(&form, "smimeSigningCertificate");
    assert!(!child.is_shown);
    assert_eq!(child.depth, 2);
    assert_eq!(
        child.when,
        r#"["all",["is","requireSmime","true"],["is","signingCertificateType","certificate"]]"#
    );
    assert_eq!(
        field(&form, "smimeSigningEnabled").when_said,
        "“S/MIME: Enable”"
    );
    // What was typed is still there, and counts again with its parent.
    let on = posted(
        ios_mail(),
        &[&fields[..], &[("requireSmime", "true")]].concat(),
    );
    let reading = Reading::of_new(ios_mail(), &on);
    assert_eq!(reading.body["smimeSigningEnabled"], json!(true));
    let id = "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10".parse().unwrap();
    assert_eq!(reading.references["smimeSigningCertificate"], Some(id));
    let form = form_of(ios_mail(), &on, false, Language::English);
    assert!(field(&form, "smimeSigningCertificate").is_shown);
}

#[test]
fn one_of_two_settings_is_asked_for_behind_a_question() {
    let fields = |source| {
        [
            ("usernameAADSource", "samAccountName"),
            ("userDomainName.source", source),
            ("userDomainNameSource", "netBiosDomainName"),
            ("customDomainName", "contoso"),
        ]
    };
    for (source, attribute, custom) in [
        ("first", json!("netBiosDomainName"), Value::Null),
        ("second", Value::Null, json!("contoso")),
        ("", Value::Null, Value::Null),
    ] {
        let input = posted(ios_mail(), &fields(source));
        let reading = Reading::of_new(ios_mail(), &input);
        assert_eq!(reading.body["userDomainNameSource"], attribute, "{source}");
        assert_eq!(reading.body["customDomainName"], custom, "{source}");
        let form = form_of(ios_mail(), &input, false, Language::English);
        assert!(field(&form, "userDomainName.source").is_shown);
        assert_eq!(
            field(&form, "customDomainName").is_shown,
            source == "second"
        );
    }
    let mut settings = least(ios_mail());
    settings.insert("usernameAADSource".to_owned(), json!("samAccountName"));
    settings.insert("customDomainName".to_owned(), json!("contoso.com"));
    let input = Input::of_settings(ios_mail(), &settings, &BTreeMap::new());
    assert_eq!(input.text("userDomainName.source"), "second");
}

#[test]
fn rows_without_anything_are_left_out_and_the_others_move_up() {
    let scep = kind("iosScepCertificateProfile").unwrap();
    let input = posted(
        scep,
        &[
            ("extendedKeyUsages.0.name", ""),
            ("extendedKeyUsages.0.objectIdentifier", " "),
            ("extendedKeyUsages.3.name", "Mail"),
            ("extendedKeyUsages.3.objectIdentifier", "not an oid"),
            ("extendedKeyUsages.x.name", "foreign"),
            ("extendedKeyUsages.7.colour", "foreign"),
            (
                "scepServerUrls",
                "https://a.example/scep\r\n\r\n ftp://b.example \r\n",
            ),
        ],
    );
    assert_eq!(input.rows("extendedKeyUsages"), 1);
    let reading = Reading::of_new(scep, &input);
    assert_eq!(
        reading.body["extendedKeyUsages"],
        json!([{ "name": "Mail", "objectIdentifier": "not an oid" }])
    );
    assert_eq!(
        reading.body["scepServerUrls"],
        json!(["https://a.example/scep", "ftp://b.example"])
    );
    let mut problems = reading.problems.clone();
    problems.note_all(&scep.create(&reading.body).unwrap_err());
    let form = Form::new(&Making {
        kind: scep,
        input: &input,
        settings: &reading.settings,
        problems: &problems,
        offers: &BTreeMap::new(),
        is_made: false,
        language: Language::English,
    });
    let Widget::Rows { rows, .. } = &field(&form, "extendedKeyUsages").widget else {
        panic!("it is a list");
    };
    assert_eq!(rows.len(), 2, "one is left to be filled in");
    assert!(rows[0].cells[1].wrong[0].contains("object identifier"));
    assert!(field(&form, "scepServerUrls").wrong[0].starts_with("Line 2: "));
}

#[test]
fn a_reference_that_cannot_be_seen_stays_what_it_is() {
    let id = ProfileId(Uuid::from_u128(7));
    let mut settings = least(ios_mail());
    settings.insert("authenticationMethod".to_owned(), json!("certificate"));
    let references = BTreeMap::from([("identityCertificate".to_owned(), id)]);
    let input = Input::of_settings(ios_mail(), &settings, &references);
    let reading = Reading::of_change(ios_mail(), &input, (&settings, &references));
    assert!(reading.references.is_empty(), "nothing changes");
    let offers = BTreeMap::from([(
        "identityCertificate",
        vec![Offer {
            id: ProfileId(Uuid::from_u128(8)),
            name: "User certificate".to_owned(),
            kind: "SCEP certificate".to_owned(),
        }],
    )]);
    let form = Form::new(&Making {
        kind: ios_mail(),
        input: &input,
        settings: &reading.settings,
        problems: &reading.problems,
        offers: &offers,
        is_made: true,
        language: Language::English,
    });
    let Widget::Reference { choices, .. } = &field(&form, "identityCertificate").widget else {
        panic!("it is a reference");
    };
    let chosen: Vec<&str> = choices
        .iter()
        .filter(|choice| choice.is_chosen)
        .map(|choice| choice.value.as_str())
        .collect();
    assert_eq!(chosen, [id.to_string()]);
    assert_eq!(choices.len(), 3);
    // With a password the certificate goes.
    settings.insert(
        "authenticationMethod".to_owned(),
        json!("usernameAndPassword"),
    );
    let password = Input::of_settings(ios_mail(), &settings, &references);
    settings.insert("authenticationMethod".to_owned(), json!("certificate"));
    let reading = Reading::of_change(ios_mail(), &password, (&settings, &references));
    assert_eq!(reading.references["identityCertificate"], None);
}

#[test]
fn what_is_fixed_is_shown_and_not_asked_again() {
    let imported = kind("iosImportedPFXCertificateProfile").unwrap();
    let settings = least(imported);
    let none = BTreeMap::new();
    let input = posted(imported, &[("intendedPurpose", "smimeSigning")]);
    let reading = Reading::of_change(imported, &input, (&settings, &none));
    assert_eq!(reading.settings["intendedPurpose"], json!("unassigned"));
    assert!(!reading.body.contains_key("intendedPurpose"));
    let form = form_of(imported, &input, true, Language::English);
    assert!(matches!(
        field(&form, "intendedPurpose").widget,
        Widget::Fixed { .. }
    ));
}

#[test]
fn only_fields_of_the_kind_are_kept() {
    let input = posted(
        ios_mail(),
        &[
            ("form_token", "secret"),
            ("usernameSource", "primarySmtpAddress"),
            ("keySize", "size1024"),
            ("hostName", "mail.example.org"),
        ],
    );
    let kept = input.to_json();
    assert_eq!(kept, json!({ "hostName": ["mail.example.org"] }));
    let mut foreign = kept.as_object().unwrap().clone();
    foreign.insert("x".to_owned(), json!(["y"]));
    foreign.insert("accountName".to_owned(), json!(7));
    let read = Input::of_json(ios_mail(), &foreign);
    assert_eq!(read.text("hostName"), "mail.example.org");
    assert_eq!(read.text("x"), "");
    assert_eq!(read.text("accountName"), "");
}
