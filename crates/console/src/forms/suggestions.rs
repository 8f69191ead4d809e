//! What is often meant where a field takes any text: as a proposal, never more.

use mandate_web::Language;

use super::field::Choice;

/// Extended key usages by their names in English (RFC 5280 §4.2.1.12).
const USAGES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.2", "Client authentication"),
    ("1.3.6.1.5.5.7.3.4", "Secure email (S/MIME)"),
    ("1.3.6.1.5.5.7.3.1", "Server authentication"),
];

const VALUES: &[(&str, &str)] = &[
    ("{{UserPrincipalName}}", "User principal name"),
    ("{{EmailAddress}}", "Email address"),
    ("{{OnPremisesSecurityIdentifier}}", "Security identifier"),
    ("{{Device_Serial}}", "Serial number"),
];

const SUBJECTS: &[(&str, &str)] = &[
    ("CN={{UserName}},E={{EmailAddress}}", "User certificate"),
    ("CN={{UserPrincipalName}}", "User certificate"),
    ("CN={{AAD_Device_ID}}", "Device certificate"),
];

const TEMPLATES: &[(&str, &str)] = &[
    ("clientAuthentication", "Client authentication"),
    ("signing", "S/MIME signing"),
    ("encryption", "S/MIME encryption"),
];

/// Proposals for a setting, or for a part of the objects of a list.
pub(crate) fn suggestions(property: &str, part: &str, language: Language) -> Vec<Choice> {
    let proposals = match (property, part) {
        ("extendedKeyUsages", "objectIdentifier") => USAGES,
        ("customSubjectAlternativeNames", "name") => VALUES,
        ("subjectNameFormatString", _) => SUBJECTS,
        ("certificateTemplateName", _) => TEMPLATES,
        _ => &[],
    };
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        label: language.phrase(label),
        is_chosen: false,
        unavailable: String::new(),
    };
    proposals.iter().map(choice).collect()
}

/// Every label, for the catalogues.
#[cfg(test)]
pub(crate) fn labels() -> impl Iterator<Item = &'static str> {
    let all = [USAGES, VALUES, SUBJECTS, TEMPLATES];
    all.into_iter().flatten().map(|(_, label)| *label)
}
