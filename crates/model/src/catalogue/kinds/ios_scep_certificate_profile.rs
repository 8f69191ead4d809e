//! `iosScepCertificateProfile`: a certificate that the device asks for by SCEP.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::{
    Choice, Condition, Constant, DistinguishedName, Field, Impact, Kind, Reference, Setting,
    Template, TextRule, ValueType, Variable, Violation, Warning,
};
use crate::{OsVersion, Platform, ProfileId, Settings};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosScepCertificateProfile",
    base_types: &[
        "iosCertificateProfileBase",
        "iosCertificateProfile",
        "deviceConfiguration",
    ],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(4, 0),
    label: "SCEP certificate",
    help: "A certificate of its own for each device. Each profile that refers to it gets one.",
    settings: SETTINGS,
    references: &[Reference {
        property: "rootCertificate",
        label: "Root certificate",
        help: "The trusted certificate profile of the authority that stands behind the certificates.",
        targets: &["iosTrustedRootCertificate"],
        target_label: "trusted certificate profile",
        required_when: None,
        impact: Impact::Silent,
        alternative_name: None,
        key_usage: None,
    }],
    check,
    warn,
    needs_user: |settings| {
        settings.get("certificateStore").and_then(Value::as_str) != Some("machine")
    },
};

const SETTINGS: &[Setting] = &[
    Setting::new(
        "certificateStore",
        "Certificate type",
        ValueType::Enum(STORES),
    )
    .help(
        "A device certificate uses device variables only and also reaches devices without a user.",
    )
    .section(CERTIFICATE)
    .nullable()
    .default(Constant::Text("user"))
    .null_means(Constant::Text("user")),
    Setting::new(
        "subjectNameFormat",
        "Kind of subject name",
        ValueType::Enum(SUBJECT_FORMATS),
    )
    .help("Only `custom` for new profiles; the others are shorthands of older ones.")
    .section(CERTIFICATE)
    .default(Constant::Text("custom"))
    .hidden(),
    Setting::new(
        "subjectNameFormatString",
        "Subject name format",
        text(TextRule::Subject, 1024),
    )
    .help(
        "Values with commas or plus signs stand in quotes. Without a text it is \
         `CN={{UserName}},E={{EmailAddress}}` for users and `CN={{AAD_Device_ID}}` for devices.",
    )
    .section(CERTIFICATE)
    .nullable()
    .shown_when(Condition::Is("subjectNameFormat", "custom")),
    Setting::new(
        "subjectAlternativeNameType",
        "Alternative names of older profiles",
        ValueType::Flags(SAN_TYPES),
    )
    .section(CERTIFICATE)
    .nullable()
    .hidden(),
    Setting::new(
        "subjectAlternativeNameFormatString",
        "Alternative name format",
        text(TextRule::Any, 1024),
    )
    .help("Kept for older profiles; has no effect.")
    .section(CERTIFICATE)
    .nullable()
    .hidden(),
    Setting::new(
        "customSubjectAlternativeNames",
        "Subject alternative name",
        ValueType::ObjectList {
            type_name: "customSubjectAlternativeName",
            fields: &[
                Field {
                    property: "sanType",
                    label: "Attribute",
                    value: ValueType::Enum(SAN_CHOICES),
                    nullable: false,
                },
                Field {
                    property: "name",
                    label: "Value",
                    value: text(TextRule::Template, 1024),
                    nullable: false,
                },
            ],
            maximum_items: 500,
        },
    )
    .help("Certificates for mail need the user principal name; S/MIME needs the mail address.")
    .section(CERTIFICATE)
    .nullable()
    .default(Constant::EmptyList),
    Setting::new(
        "certificateValidityPeriodValue",
        "Validity period",
        ValueType::Integer {
            minimum: 1,
            maximum: 730,
        },
    )
    .help("From five days to 24 months.")
    .section(CERTIFICATE)
    .default(Constant::Integer(1)),
    Setting::new(
        "certificateValidityPeriodScale",
        "Unit of the validity period",
        ValueType::Enum(SCALES),
    )
    .section(CERTIFICATE)
    .default(Constant::Text("years")),
    Setting::new("keyUsage", "Key usage", ValueType::Flags(KEY_USAGES))
        .section(CERTIFICATE)
        .default(Constant::Text("keyEncipherment,digitalSignature")),
    Setting::new("keySize", "Key size (bits)", ValueType::Enum(KEY_SIZES))
        .section(CERTIFICATE)
        .default(Constant::Text("size2048")),
    Setting::new(
        "extendedKeyUsages",
        "Extended key usage",
        ValueType::ObjectList {
            type_name: "extendedKeyUsage",
            fields: &[
                Field {
                    property: "name",
                    label: "Name",
                    value: text(TextRule::Any, 255),
                    nullable: true,
                },
                Field {
                    property: "objectIdentifier",
                    label: "Object identifier",
                    value: text(TextRule::ObjectIdentifier, 255),
                    nullable: false,
                },
            ],
            maximum_items: 500,
        },
    )
    .help("None means client authentication.")
    .section(CERTIFICATE)
    .default(Constant::EmptyList),
    Setting::new(
        "renewalThresholdPercentage",
        "Renewal threshold (%)",
        ValueType::Integer {
            minimum: 1,
            maximum: 99,
        },
    )
    .help("Renewal begins when this share of the validity is left.")
    .section(ENROLMENT)
    .default(Constant::Integer(20)),
    Setting::new(
        "scepServerUrls",
        "SCEP server URLs",
        ValueType::TextList {
            rule: TextRule::HttpUrl,
            maximum_length: 2048,
            maximum_items: 500,
        },
    )
    .help("Empty for this server. With addresses of another server devices ask the first of them.")
    .section(ENROLMENT)
    .nullable()
    .default(Constant::EmptyList),
];

fn check(settings: &Settings) -> Vec<Violation> {
    let mut violations = Vec::new();
    violations.extend(check_validity(settings));
    if settings.get("certificateStore").and_then(Value::as_str) == Some("machine") {
        violations.extend(check_device_certificate(settings));
    }
    violations
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

/// A device certificate names no person; otherwise it could not reach devices without a user.
fn check_device_certificate(settings: &Settings) -> Vec<Violation> {
    let text = |property: &str| settings.get(property).and_then(Value::as_str);
    let mut violations = Vec::new();
    let mut judge = |property: String, text: &str, variables: Vec<String>| {
        let of_user = |name: &String| Variable::parse(name).is_some_and(Variable::is_of_user);
        if let Some(variable) = variables.into_iter().find(of_user) {
            let rule = format!("must not use `{{{{{variable}}}}}`: {DEVICE_ONLY}");
            violations.push(Violation::new(property, rule, &Value::from(text)));
        }
    };
    if let Some(format) = text("subjectNameFormatString") {
        let name = DistinguishedName::parse(format);
        let variables = name.map(|name| name.variables().map(str::to_owned).collect());
        judge(
            "subjectNameFormatString".to_owned(),
            format,
            variables.unwrap_or_default(),
        );
    }
    let names = settings
        .get("customSubjectAlternativeNames")
        .and_then(Value::as_array);
    for (index, item) in names.into_iter().flatten().enumerate() {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        let variables = Template::parse(name)
            .unwrap_or_default()
            .variables()
            .map(str::to_owned)
            .collect();
        judge(
            format!("customSubjectAlternativeNames[{index}].name"),
            name,
            variables,
        );
    }
    for (property, allowed) in DEVICE_SHORTHANDS {
        if let Some(chosen) = text(property).filter(|chosen| !allowed.contains(chosen)) {
            let rule = format!("must be one of `{}`: {DEVICE_ONLY}", allowed.join("`, `"));
            violations.push(Violation::new(*property, rule, &Value::from(chosen)));
        }
    }
    violations
}

fn warn(settings: &Settings, _: &BTreeMap<String, ProfileId>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if settings.get("keySize").and_then(Value::as_str) == Some("size1024") {
        let message = "keys of 1024 bits are too weak; choose 2048";
        warnings.push(Warning::new("weakKey", "keySize", message));
    }
    if settings
        .get("scepServerUrls")
        .and_then(Value::as_array)
        .is_some_and(|urls| !urls.is_empty())
    {
        let message = "if these are addresses of another server, devices ask it without a challenge, and certificates \
                       are neither checked nor renewed nor revoked here; leave the list empty to use this server";
        warnings.push(Warning::new(
            "externalScepServer",
            "scepServerUrls",
            message,
        ));
    }
    if settings.get("certificateStore").and_then(Value::as_str) == Some("machine") {
        let message = "a device certificate names no person: a mail server cannot tell from it whose mailbox is asked for";
        warnings.push(Warning::new(
            "deviceCertificate",
            "certificateStore",
            message,
        ));
    }
    let lower = |property| {
        settings
            .get(property)
            .map(Value::to_string)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let names = lower("subjectNameFormatString") + &lower("customSubjectAlternativeNames");
    if names.contains("{{fullyqualifieddomainname}}") {
        let message = "no iPhone or iPad has a fully qualified domain name: the profile will fail on every device";
        warnings.push(Warning::new(
            "variableNotOnPlatform",
            "subjectNameFormatString",
            message,
        ));
    }
    let usages = settings.get("extendedKeyUsages").and_then(Value::as_array);
    let oids = usages
        .into_iter()
        .flatten()
        .filter_map(|usage| usage.get("objectIdentifier")?.as_str());
    if oids.into_iter().any(|oid| ANY_USAGES.contains(&oid)) {
        let message =
            "a certificate for any purpose can be used for more than is meant; name the purposes";
        warnings.push(Warning::new(
            "anyExtendedKeyUsage",
            "extendedKeyUsages",
            message,
        ));
    }
    warnings
}

const fn text(rule: TextRule, maximum_length: usize) -> ValueType {
    ValueType::Text {
        rule,
        maximum_length,
    }
}

const CERTIFICATE: &str = "Certificate";
const ENROLMENT: &str = "Enrolment settings";

const STORES: &[Choice] = &[
    Choice::new("user", "User"),
    Choice::new("machine", "Device"),
];

const SUBJECT_FORMATS: &[Choice] = &[
    Choice::new("commonName", "Common name"),
    Choice::new("commonNameAsEmail", "Common name as email"),
    Choice::new("custom", "Custom"),
    Choice::new("commonNameIncludingEmail", "Common name including email"),
    Choice::new("commonNameAsIMEI", "IMEI number"),
    Choice::new("commonNameAsSerialNumber", "Serial number"),
];

const SAN_TYPES: &[Choice] = &[
    Choice::new("none", "None"),
    Choice::new("emailAddress", "Email address"),
    Choice::new("userPrincipalName", "User principal name (UPN)"),
    Choice::new("customAzureADAttribute", "Custom directory attribute")
        .unavailable("only PKCS certificate profiles have it"),
    Choice::new("domainNameService", "DNS")
        .unavailable("name the value in `customSubjectAlternativeNames`"),
    Choice::new("universalResourceIdentifier", "URI")
        .unavailable("name the value in `customSubjectAlternativeNames`"),
];

const SAN_CHOICES: &[Choice] = &[
    Choice::new("emailAddress", "Email address"),
    Choice::new("userPrincipalName", "User principal name (UPN)"),
    Choice::new("domainNameService", "DNS"),
    Choice::new("universalResourceIdentifier", "URI"),
];

const SCALES: &[Choice] = &[
    Choice::new("days", "Days"),
    Choice::new("months", "Months"),
    Choice::new("years", "Years"),
];

const KEY_USAGES: &[Choice] = &[
    Choice::new("keyEncipherment", "Key encipherment"),
    Choice::new("digitalSignature", "Digital signature"),
];

const KEY_SIZES: &[Choice] = &[
    Choice::new("size1024", "1024"),
    Choice::new("size2048", "2048"),
    Choice::new("size4096", "4096").since(OsVersion::new(14, 0)),
];

const ANY_USAGES: &[&str] = &["2.5.29.37.0", "1.3.6.1.4.1.311.10.12.1"];

const DEVICE_ONLY: &str = "a device certificate has device variables only";

/// Shorthands that a device certificate may use.
const DEVICE_SHORTHANDS: &[(&str, &[&str])] = &[
    (
        "subjectNameFormat",
        &["custom", "commonNameAsIMEI", "commonNameAsSerialNumber"],
    ),
    ("subjectAlternativeNameType", &["none"]),
];
