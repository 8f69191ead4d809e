//! Settings about the names in a certificate.

use super::CERTIFICATE;
use super::choices::{
    ALTERNATIVE_NAME_TYPES, PKCS_ALTERNATIVE_NAMES, SCEP_ALTERNATIVE_NAMES, SUBJECT_FORMATS,
};
use super::settings::text;
use crate::catalogue::{Condition, Constant, Field, Setting, TextRule, ValueType};

/// `subjectNameFormat`.
pub(in crate::catalogue) const fn subject_format() -> Setting {
    Setting::new(
        "subjectNameFormat",
        "Kind of subject name",
        ValueType::Enum(SUBJECT_FORMATS),
    )
    .help("Only `custom` for new profiles; the others are shorthands of older ones.")
    .section(CERTIFICATE)
    .default(Constant::Text("custom"))
    .hidden()
}

/// `subjectNameFormatString`.
pub(in crate::catalogue) const fn subject_format_string() -> Setting {
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
    .shown_when(Condition::Is("subjectNameFormat", "custom"))
}

/// `subjectAlternativeNameType` of older profiles.
pub(in crate::catalogue) const fn alternative_name_type() -> Setting {
    Setting::new(
        "subjectAlternativeNameType",
        "Alternative names of older profiles",
        ValueType::Flags(ALTERNATIVE_NAME_TYPES),
    )
    .section(CERTIFICATE)
    .nullable()
    .hidden()
}

/// `subjectAlternativeNameFormatString`.
pub(in crate::catalogue) const fn alternative_name_format() -> Setting {
    Setting::new(
        "subjectAlternativeNameFormatString",
        "Alternative name format",
        text(TextRule::Any, 1024),
    )
    .help(
        "Names the attribute, such as `department`, when `subjectAlternativeNameType` has `customAzureADAttribute`. \
         Otherwise kept for older profiles, without effect.",
    )
    .section(CERTIFICATE)
    .nullable()
    .hidden()
}

/// `customSubjectAlternativeNames` of SCEP or PKCS profiles.
pub(in crate::catalogue) const fn alternative_names(of: Issuance) -> Setting {
    let fields = match of {
        Issuance::Scep => SCEP_NAME_FIELDS,
        Issuance::Pkcs => PKCS_NAME_FIELDS,
    };
    Setting::new(
        "customSubjectAlternativeNames",
        "Subject alternative name",
        ValueType::ObjectList {
            type_name: "customSubjectAlternativeName",
            fields,
            maximum_items: 500,
        },
    )
    .help(match of {
        Issuance::Scep => {
            "Certificates for mail need the user principal name; S/MIME needs the mail address."
        }
        Issuance::Pkcs => {
            "Certificates for mail need the user principal name; S/MIME needs the mail address. The value of \
             `customAzureADAttribute` names any attribute of the user, such as `department` or \
             `extensionAttribute1`: a mail address becomes an email address, anything else a user principal name."
        }
    })
    .section(CERTIFICATE)
    .nullable()
    .default(Constant::EmptyList)
}

/// How a certificate comes to be.
#[derive(Debug, Clone, Copy)]
pub(in crate::catalogue) enum Issuance {
    /// The device asks for it.
    Scep,
    /// The server asks for it.
    Pkcs,
}

const SCEP_NAME_FIELDS: &[Field] = &[
    Field {
        property: "sanType",
        label: "Attribute",
        value: ValueType::Enum(SCEP_ALTERNATIVE_NAMES),
        nullable: false,
    },
    NAME_FIELD,
];

const PKCS_NAME_FIELDS: &[Field] = &[
    Field {
        property: "sanType",
        label: "Attribute",
        value: ValueType::Enum(PKCS_ALTERNATIVE_NAMES),
        nullable: false,
    },
    Field {
        value: text(TextRule::TemplateOrAttribute, 1024),
        ..NAME_FIELD
    },
];

const NAME_FIELD: Field = Field {
    property: "name",
    label: "Value",
    value: text(TextRule::Template, 1024),
    nullable: false,
};
