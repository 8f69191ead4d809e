//! What forms say is said in every language.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mandate_model::catalogue::{Kind, ValueType, kind, kinds};
use mandate_web::{Language, phrase_id};
use serde_json::{Value, json};

use super::{ios_mail, least};

/// Everything that a form says in the words of the catalogue.
fn catalogue_texts() -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        if !text.is_empty() && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    };
    for kind in kinds() {
        add(kind.label);
        add(kind.help);
        for setting in kind.settings {
            add(setting.section);
            add(setting.label);
            add(setting.help);
            let mut values = vec![setting.value];
            if let ValueType::ObjectList { fields, .. } = setting.value {
                for field in fields {
                    add(field.label);
                    values.push(field.value);
                }
            }
            for value in values {
                if let ValueType::Enum(choices) | ValueType::Flags(choices) = value {
                    for choice in choices {
                        add(choice.label);
                        add(choice.unavailable.unwrap_or_default());
                    }
                }
            }
        }
        for reference in kind.references {
            add(reference.label);
            add(reference.help);
            add(reference.target_label);
        }
    }
    for either in super::super::either::EITHER {
        add(either.label);
        add(either.first_label);
        add(either.second_label);
    }
    super::super::suggestions::labels().for_each(&mut add);
    texts
}

#[test]
fn every_text_of_the_catalogue_is_in_every_language() {
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for text in catalogue_texts() {
        if text.chars().all(|c| c.is_ascii_digit()) {
            continue;
        }
        let id = phrase_id(&text);
        for language in [Language::Dutch, Language::Swedish] {
            let found = language.text(&id) != id;
            assert!(found, "{language:?} lacks `{id}`: {text}");
        }
        // Texts that differ in their values alone share a translation.
        let words: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        if let Some(other) = ids.insert(id.clone(), words.clone()) {
            assert_eq!(other, words, "both are `{id}`");
        }
    }
}

#[test]
fn rules_and_warnings_are_said_in_every_language() {
    let scep = kind("iosScepCertificateProfile").unwrap();
    let bodies: [(&Kind, Value); 4] = [
        (
            ios_mail(),
            json!({ "hostName": "https://x", "accountName": "", "emailAddressSource": "none",
                    "perAppVPNProfileId": "x", "customDomainName": "a b" }),
        ),
        (
            scep,
            json!({ "subjectNameFormatString": "CN={{Nothing}}", "renewalThresholdPercentage": 0,
                    "scepServerUrls": ["x"], "extendedKeyUsages": [{ "objectIdentifier": "x" }],
                    "customSubjectAlternativeNames": [{ "sanType": "emailAddress", "name": "{{" }] }),
        ),
        (
            scep,
            json!({ "certificateValidityPeriodValue": 7, "certificateStore": "machine",
                    "extendedKeyUsages": [{ "objectIdentifier": "1.3.6.1.5.5.7.3.9" }],
                    "subjectNameFormatString": "CN={{UserName}}" }),
        ),
        (
            kind("iosTrustedRootCertificate").unwrap(),
            json!({ "trustedRootCertificate": "MA==" }),
        ),
    ];
    for (kind, body) in bodies {
        let violations = kind.create(body.as_object().unwrap()).unwrap_err();
        for violation in violations {
            // What a list offers cannot be missed in a form.
            if violation.rule.starts_with("must be one of") {
                continue;
            }
            for language in [Language::Dutch, Language::Swedish] {
                let said = language.phrase(&violation.rule);
                assert_ne!(said, violation.rule, "{language:?} {}", violation.property);
            }
        }
    }
    let mut settings = least(ios_mail());
    settings.insert("useOAuth".to_owned(), json!(true));
    settings.insert("requireSsl".to_owned(), json!(false));
    settings.insert("requireSmime".to_owned(), json!(true));
    settings.insert("easServices".to_owned(), json!("email"));
    settings.insert("usernameAADSource".to_owned(), json!("samAccountName"));
    let warnings = ios_mail().warnings(&settings, &BTreeMap::new());
    assert!(warnings.len() > 5);
    for warning in warnings {
        for language in [Language::Dutch, Language::Swedish] {
            let said = language.phrase(&warning.message);
            assert_ne!(said, warning.message, "{language:?} {}", warning.code);
        }
    }
}

/// Where rules are made that stand beside fields of the admin centre.
const ROOMS: [&str; 13] = [
    "model/src",
    "engine/src/access/apps",
    "engine/src/branding",
    "engine/src/certificates/templates.rs",
    "engine/src/directory/groups.rs",
    "engine/src/directory/users.rs",
    "engine/src/enrolment",
    "engine/src/imported/create.rs",
    "engine/src/imported/file.rs",
    "engine/src/notices",
    "engine/src/push",
    "engine/src/self_service",
    "engine/src/sign_in/administer.rs",
];

/// Rules with words in them that only the moment knows, and others that no form can break. They stay English.
const OWN_WORDS: [&str; 12] = [
    "must have one kind of ",
    "is refused: ",
    "must be {}",
    "cannot be `{value}`: {reason}",
    "must be any of {}",
    "must be one of {}",
    "must be one of `",
    "must not use `",
    "must not be an attribute of the user: {",
    "is a setting of profiles for {platform}",
    "needs version {minimum}",
    "needs {}, which is not assigned",
];

fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.extend(Some(path.to_owned()).filter(|path| path.extension() == Some("rs".as_ref())));
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        sources(&entry.unwrap().path(), found);
    }
}

/// Texts in a source, without what its tests say; values in them are `7`.
fn rules(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    // Quotes that are no ends of texts.
    let code = code.replace("\\\"", "'").replace("'\"'", "");
    let texts = code.split('"').skip(1).step_by(2);
    let begins = ["must ", "cannot ", "is ", "has ", "needs ", "or ", "may "];
    texts
        .map(|text| {
            let parts = text.split("\\\n").map(str::trim_start);
            parts.collect::<String>()
        })
        .filter(|text| begins.iter().any(|begin| text.starts_with(begin)))
        .filter(|text| !OWN_WORDS.iter().any(|own| text.starts_with(own)))
        .map(|text| without_values(&text))
        .collect()
}

fn without_values(text: &str) -> String {
    // Two braces are one that is said.
    let text = text.replace("{{", "(").replace("}}", ")");
    let mut parts = text.split('{');
    let begin = parts.next().unwrap_or_default().to_owned();
    parts.fold(begin, |said, part| {
        said + "7" + part.split_once('}').map_or("", |(_, rest)| rest)
    })
}

#[test]
fn every_rule_that_stands_beside_a_field_is_said_in_every_language() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for room in ROOMS {
        sources(&crates.join(room), &mut found);
    }
    let (mut seen, mut missing) = (0, Vec::new());
    for path in found {
        for rule in rules(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            let id = phrase_id(&rule);
            for language in [Language::Dutch, Language::Swedish] {
                if language.text(&id) == id {
                    missing.push(format!("{language:?} lacks `{id}` of {}", path.display()));
                }
            }
        }
    }
    assert!(seen > 80, "{seen} rules are no more than a few");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
