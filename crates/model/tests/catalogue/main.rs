//! The catalogue from outside: what Graph bodies become, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

mod bodies;
mod certificates;
mod mail;
mod references;
mod shared;

use mandate_model::Settings;
use mandate_model::catalogue::{self, Kind, ValueType, Violation};
use serde_json::{Value, json};

#[test]
fn kinds_are_found_in_any_spelling() {
    for name in [
        MAIL,
        "IOSEASEMAILPROFILECONFIGURATION",
        "#microsoft.graph.iosEasEmailProfileConfiguration",
    ] {
        assert_eq!(catalogue::kind(name).unwrap().type_name, MAIL);
    }
    assert_eq!(
        catalogue::kind("microsoft.graph.iosUpdateConfiguration"),
        None
    );
    assert_eq!(catalogue::kinds().len(), 9);
}

#[test]
fn kinds_know_their_base_types() {
    assert!(kind(SCEP).is_a("microsoft.graph.iosCertificateProfile"));
    assert!(kind(MAIL).is_a("deviceConfiguration"));
    assert!(!kind(MAIL).is_a("iosCertificateProfile"));
}

#[test]
fn every_kind_is_consistent_in_itself() {
    for kind in catalogue::kinds() {
        for setting in kind.settings {
            let default = setting.default.to_json();
            assert!(
                !default.is_null() || setting.nullable || setting.required,
                "{}: no default",
                setting.property
            );
            assert!(
                !setting.label.is_empty() && !setting.section.is_empty(),
                "{}",
                setting.property
            );
            if let ValueType::Enum(choices) = setting.value {
                let known = |value: &str| choices.iter().any(|choice| choice.value == value);
                assert!(default.as_str().is_none_or(known), "{}", setting.property);
            }
        }
        let defaults = kind
            .settings
            .iter()
            .map(|s| (s.property.to_owned(), s.default.to_json()))
            .collect();
        assert_eq!((kind.check)(&defaults), [], "{}", kind.type_name);
    }
}

#[test]
fn graph_sees_every_property_of_the_kind() {
    let shown = kind(MAIL).to_graph(&Settings::new());
    assert_eq!(shown.len(), kind(MAIL).settings.len());
    assert!(shown.values().all(Value::is_null));
    let settings = mail(json!({}));
    assert_eq!(kind(MAIL).to_graph(&settings), settings);
    assert_eq!(
        create(MAIL, Value::Object(settings.clone())).unwrap(),
        settings,
        "what is read can be written back"
    );
}

#[test]
fn reference_pages_name_every_setting() {
    for kind in catalogue::kinds() {
        insta::assert_snapshot!(kind.type_name, kind.docs());
    }
}

#[test]
fn json_schemas_describe_every_setting() {
    for kind in catalogue::kinds() {
        let schema = kind.json_schema();
        for setting in kind.settings {
            let described = &schema["properties"][setting.property];
            let nullable = described["type"].as_array().is_some();
            assert_eq!(nullable, setting.nullable, "{}", setting.property);
            assert_eq!(described["title"], setting.label);
        }
    }
    insta::assert_json_snapshot!("json_schema_of_a_root", kind(ROOT).json_schema());
}

pub(crate) fn kind(name: &str) -> &'static Kind {
    catalogue::kind(name).unwrap()
}

pub(crate) fn create(name: &str, body: Value) -> Result<Settings, Vec<Violation>> {
    kind(name)
        .create(body.as_object().unwrap())
        .map(|draft| draft.settings)
}

pub(crate) fn update(old: &Settings, body: Value) -> Result<Settings, Vec<Violation>> {
    update_of(MAIL, old, body)
}

pub(crate) fn update_of(
    name: &str,
    old: &Settings,
    body: Value,
) -> Result<Settings, Vec<Violation>> {
    kind(name)
        .update(old, body.as_object().unwrap())
        .map(|draft| draft.settings)
}

/// A complete mail profile with something more.
pub(crate) fn with(extra: Value) -> Value {
    let mut body = json!({
        "hostName": "mail.example.org", "accountName": "Mail", "emailAddressSource": "primarySmtpAddress",
    });
    body.as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    body
}

pub(crate) fn mail(extra: Value) -> Settings {
    create(MAIL, with(extra)).unwrap()
}

pub(crate) fn properties(violations: &[Violation]) -> Vec<&str> {
    violations
        .iter()
        .map(|violation| violation.property.as_str())
        .collect()
}

pub(crate) const VPN: &str = "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10";

pub(crate) const MAIL: &str = "iosEasEmailProfileConfiguration";
pub(crate) const SCEP: &str = "iosScepCertificateProfile";
pub(crate) const ROOT: &str = "iosTrustedRootCertificate";
pub(crate) const PKCS: &str = "iosPkcsCertificateProfile";
pub(crate) const IMPORTED: &str = "iosImportedPFXCertificateProfile";
pub(crate) const MAC_ROOT: &str = "macOSTrustedRootCertificate";
pub(crate) const MAC_SCEP: &str = "macOSScepCertificateProfile";
pub(crate) const MAC_PKCS: &str = "macOSPkcsCertificateProfile";
pub(crate) const MAC_IMPORTED: &str = "macOSImportedPFXCertificateProfile";
