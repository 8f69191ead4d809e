//! Rules over several settings of a certificate profile.

use serde_json::Value;

use super::directory_attribute::{CUSTOM_ATTRIBUTE, check_alternative_names};
use crate::Settings;
use crate::catalogue::{DistinguishedName, Template, Variable, Violation};

/// Validity, purposes, and the names of device certificates.
pub(in crate::catalogue) fn check_issued(settings: &Settings) -> Vec<Violation> {
    let mut violations = Vec::new();
    violations.extend(check_validity(settings));
    violations.extend(check_purposes(settings));
    violations.extend(check_alternative_names(settings));
    if !is_for_user(settings) {
        violations.extend(check_device_certificate(settings));
    }
    violations
}

/// Whether certificates are made for a person.
pub(in crate::catalogue) fn is_for_user(settings: &Settings) -> bool {
    settings.get("certificateStore").and_then(Value::as_str) != Some("machine")
}

/// The user channel has no store of the machine.
pub(in crate::catalogue) fn check_channel(settings: &Settings) -> Option<Violation> {
    let channel = settings.get("deploymentChannel").and_then(Value::as_str);
    let store = settings.get("certificateStore")?;
    (channel == Some("userChannel") && store == "machine").then(|| {
        let rule = "must be `user` when `deploymentChannel` is `userChannel`";
        Violation::new("certificateStore", rule, store)
    })
}

/// 24 months are two years; five days are the least that Intune advises.
fn check_validity(settings: &Settings) -> Option<Violation> {
    let value = settings.get("certificateValidityPeriodValue")?;
    let number = value.as_i64()?;
    let (least, most) = match settings.get("certificateValidityPeriodScale")?.as_str()? {
        "days" => (5, 730),
        "months" => (1, 24),
        _ => (1, 2),
    };
    let fits = (least..=most).contains(&number);
    (!fits).then(|| {
        Violation::new(
            "certificateValidityPeriodValue",
            "must amount to 5 days to 24 months",
            value,
        )
    })
}

/// OCSP signing (RFC 6960 §4.2.2.2): who has a certificate for it says in the authority's name what is revoked.
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

fn check_purposes(settings: &Settings) -> Vec<Violation> {
    let purposes = settings.get("extendedKeyUsages").and_then(Value::as_array);
    let judge = |(index, purpose): (usize, &Value)| {
        let value = purpose.get("objectIdentifier")?;
        (value == OCSP_SIGNING).then(|| {
            let rule = "must not be OCSP signing: its holder would answer for the authority";
            let property = format!("extendedKeyUsages[{index}].objectIdentifier");
            Violation::new(property, rule, value)
        })
    };
    let purposes = purposes.into_iter().flatten().enumerate();
    purposes.filter_map(judge).collect()
}

/// A device certificate names no person; otherwise it could not reach devices without a user.
fn check_device_certificate(settings: &Settings) -> Vec<Violation> {
    let text = |property: &str| settings.get(property).and_then(Value::as_str);
    let mut violations = Vec::new();
    let judge = |property: String, text: &str, variables: Vec<String>| {
        let of_user = |name: &String| Variable::parse(name).is_some_and(Variable::is_of_user);
        variables.into_iter().find(of_user).map(|variable| {
            let rule = format!("must not use `{{{{{variable}}}}}`: {DEVICE_ONLY}");
            Violation::new(property, rule, &Value::from(text))
        })
    };
    if let Some(format) = text("subjectNameFormatString") {
        let name = DistinguishedName::parse(format);
        let variables = name.map(|name| name.variables().map(str::to_owned).collect());
        violations.extend(judge(
            "subjectNameFormatString".to_owned(),
            format,
            variables.unwrap_or_default(),
        ));
    }
    let names = settings
        .get("customSubjectAlternativeNames")
        .and_then(Value::as_array);
    for (index, item) in names.into_iter().flatten().enumerate() {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        if item
            .get("sanType")
            .is_some_and(|kind| kind == CUSTOM_ATTRIBUTE)
        {
            let property = format!("customSubjectAlternativeNames[{index}].sanType");
            let rule = format!("must not be an attribute of the user: {DEVICE_ONLY}");
            let kind = Value::from(CUSTOM_ATTRIBUTE);
            violations.push(Violation::new(property, rule, &kind));
            continue;
        }
        let variables = Template::parse(name)
            .unwrap_or_default()
            .variables()
            .map(str::to_owned)
            .collect();
        violations.extend(judge(
            format!("customSubjectAlternativeNames[{index}].name"),
            name,
            variables,
        ));
    }
    for (property, allowed) in DEVICE_SHORTHANDS {
        if let Some(chosen) = text(property).filter(|chosen| !allowed.contains(chosen)) {
            let rule = format!("must be one of `{}`: {DEVICE_ONLY}", allowed.join("`, `"));
            violations.push(Violation::new(*property, rule, &Value::from(chosen)));
        }
    }
    violations
}

const DEVICE_ONLY: &str = "a device certificate has device variables only";

/// Shorthands that a device certificate may use.
const DEVICE_SHORTHANDS: &[(&str, &[&str])] = &[
    (
        "subjectNameFormat",
        &["custom", "commonNameAsIMEI", "commonNameAsSerialNumber"],
    ),
    ("subjectAlternativeNameType", &["none"]),
];
