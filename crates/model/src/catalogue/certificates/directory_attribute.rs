//! How a certificate profile names an attribute of the directory (`customAzureADAttribute`).

use serde_json::Value;

use crate::Settings;
use crate::catalogue::{TextRule, Violation};

/// Graph's name of the kind of alternative name that is an attribute of the user's.
pub(in crate::catalogue) const CUSTOM_ATTRIBUTE: &str = "customAzureADAttribute";

/// Which attribute a value names, by itself (`department`) or in braces (`{{department}}`). Graph's documentation shows
/// the one form and the forms of Intune's portal the other; both are taken. `None` if it is no name.
pub fn directory_attribute(value: &str) -> Option<&str> {
    let value = value.trim();
    let inner = value
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let name = inner.unwrap_or(value).trim();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (begins && fits && name.len() <= LONGEST_NAME).then_some(name)
}

/// Values of alternative names: attributes where one is asked for, texts with known variables anywhere else. The older
/// flag takes its attribute from `subjectAlternativeNameFormatString`.
pub(super) fn check_alternative_names(settings: &Settings) -> Vec<Violation> {
    let mut violations = Vec::new();
    let names = settings
        .get("customSubjectAlternativeNames")
        .and_then(Value::as_array);
    for (index, item) in names.into_iter().flatten().enumerate() {
        let Some(value) = item.get("name") else {
            continue;
        };
        let text = value.as_str().unwrap_or_default();
        let rule = if item
            .get("sanType")
            .is_some_and(|kind| kind == CUSTOM_ATTRIBUTE)
        {
            directory_attribute(text).is_none().then(|| RULE.to_owned())
        } else {
            TextRule::Template.check(text).err()
        };
        if let Some(rule) = rule {
            let property = format!("customSubjectAlternativeNames[{index}].name");
            violations.push(Violation::new(property, rule, value));
        }
    }
    if has_older_flag(settings) {
        let property = "subjectAlternativeNameFormatString";
        let value = settings.get(property).unwrap_or(&Value::Null);
        if value.as_str().and_then(directory_attribute).is_none() {
            let rule = format!("{RULE} when `subjectAlternativeNameType` has `{CUSTOM_ATTRIBUTE}`");
            violations.push(Violation::new(property, rule, value));
        }
    }
    violations
}

fn has_older_flag(settings: &Settings) -> bool {
    let flags = settings
        .get("subjectAlternativeNameType")
        .and_then(Value::as_str);
    let mut flags = flags.unwrap_or_default().split(',');
    flags.any(|flag| flag.trim() == CUSTOM_ATTRIBUTE)
}

const RULE: &str = "must name an attribute of the directory, such as `department`";
const LONGEST_NAME: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_named_with_or_without_braces() {
        for (value, name) in [
            ("department", "department"),
            (" {{ extensionAttribute1 }} ", "extensionAttribute1"),
            ("Department", "Department"),
        ] {
            assert_eq!(directory_attribute(value), Some(name));
        }
        for value in [
            "",
            "{{}}",
            "{{a",
            "a}}",
            "two words",
            "1a",
            "{{a}}b",
            "a/b",
            "@@a",
        ] {
            assert_eq!(directory_attribute(value), None, "{value}");
        }
    }
}
