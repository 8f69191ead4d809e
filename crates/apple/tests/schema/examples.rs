//! Values for settings whose type does not say which there are.

use serde_json::{Value, json};

/// No Mac has an IMEI, so that profiles which ask for it become nothing.
pub(crate) fn mac_subject_formats() -> (&'static str, Vec<Value>) {
    let formats = [
        "commonName",
        "commonNameAsEmail",
        "custom",
        "commonNameIncludingEmail",
        "commonNameAsSerialNumber",
    ];
    ("subjectNameFormat", formats.map(Value::from).to_vec())
}

/// Values of what certificate profiles of several kinds have in common.
pub(crate) fn certificate_examples() -> Vec<(&'static str, Vec<Value>)> {
    let san = |kind: &str, name: &str| json!({ "sanType": kind, "name": name });
    vec![
        (
            "keyUsage",
            vec![
                json!("keyEncipherment"),
                json!("digitalSignature"),
                json!("keyEncipherment,digitalSignature"),
            ],
        ),
        (
            "subjectNameFormatString",
            vec![
                json!("CN={{UserName}}+E={{EmailAddress}},C=DE"),
                json!("CN={{DeviceId}}"),
            ],
        ),
        ("subjectAlternativeNameFormatString", vec![json!("x")]),
        (
            "subjectAlternativeNameType",
            vec![
                json!("none"),
                json!("emailAddress"),
                json!("emailAddress,userPrincipalName"),
            ],
        ),
        (
            "customSubjectAlternativeNames",
            vec![
                json!([]),
                json!([
                    san("domainNameService", "{{DeviceId}}.example.org"),
                    san("domainNameService", "b.example.org")
                ]),
                json!([san(
                    "universalResourceIdentifier",
                    "{{OnPremisesSecurityIdentifier}}"
                )]),
                json!([
                    san("emailAddress", "{{EmailAddress}}"),
                    san("userPrincipalName", "{{UserPrincipalName}}")
                ]),
            ],
        ),
        (
            "certificateValidityPeriodValue",
            vec![json!(1), json!(5), json!(365)],
        ),
        (
            "extendedKeyUsages",
            vec![
                json!([]),
                json!([{ "name": "x", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }]),
            ],
        ),
        (
            "renewalThresholdPercentage",
            vec![json!(1), json!(20), json!(99)],
        ),
        (
            "scepServerUrls",
            vec![json!([]), json!(["https://ndes.example.com/scep"])],
        ),
    ]
}

/// All 31 combinations of services.
pub(crate) fn services() -> Vec<Value> {
    let names = ["calendars", "contacts", "email", "notes", "reminders"];
    let chosen = |bits: u32| {
        names
            .iter()
            .enumerate()
            .filter(move |(at, _)| bits & (1 << at) != 0)
            .map(|(_, name)| *name)
    };
    (1..32)
        .map(|bits| json!(chosen(bits).collect::<Vec<_>>().join(",")))
        .collect()
}
