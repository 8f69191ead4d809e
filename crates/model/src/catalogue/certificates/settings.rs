//! The settings, each once; those about names are beside.

use super::choices::{CHANNELS, HASHES, KEY_USAGES, PURPOSES, SCALES, STORES};
use super::{AUTHORITY, CERTIFICATE, ENROLMENT, TRUSTED};
use crate::catalogue::{Choice, Constant, Field, Setting, TextRule, ValueType};

/// `certificateStore`; left out it is `user`.
pub(in crate::catalogue) const fn certificate_store() -> Setting {
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
    .null_means(Constant::Text("user"))
}

/// `deploymentChannel` of a Mac.
pub(in crate::catalogue) const fn deployment_channel() -> Setting {
    Setting::new(
        "deploymentChannel",
        "Deployment channel",
        ValueType::Enum(CHANNELS),
    )
    .help(
        "The device channel reaches the Mac as a whole. The user channel reaches the keychain of the Mac's user, once this \
         person has logged in there.",
    )
    .section(CERTIFICATE)
    .nullable()
    .default(Constant::Text("deviceChannel"))
    .null_means(Constant::Text("deviceChannel"))
}

/// `certificateValidityPeriodValue`.
pub(in crate::catalogue) const fn validity_period() -> Setting {
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
    .default(Constant::Integer(1))
}

/// `certificateValidityPeriodScale`.
pub(in crate::catalogue) const fn validity_unit() -> Setting {
    Setting::new(
        "certificateValidityPeriodScale",
        "Unit of the validity period",
        ValueType::Enum(SCALES),
    )
    .section(CERTIFICATE)
    .default(Constant::Text("years"))
}

/// `keyUsage`.
pub(in crate::catalogue) const fn key_usage() -> Setting {
    Setting::new("keyUsage", "Key usage", ValueType::Flags(KEY_USAGES))
        .section(CERTIFICATE)
        .default(Constant::Text("keyEncipherment,digitalSignature"))
}

/// `keySize` with the sizes of a platform.
pub(in crate::catalogue) const fn key_size(sizes: &'static [Choice]) -> Setting {
    Setting::new("keySize", "Key size (bits)", ValueType::Enum(sizes))
        .section(CERTIFICATE)
        .default(Constant::Text("size2048"))
}

/// `hashAlgorithm`, which Macs have and no form shows.
pub(in crate::catalogue) const fn hash_algorithm() -> Setting {
    Setting::new("hashAlgorithm", "Hash algorithm", ValueType::Flags(HASHES))
        .help(
            "This server's authority signs with SHA-2: SHA-256, or what belongs to the curve of its key. SHA-1 alone is \
             refused, unless another server issues, which decides by itself.",
        )
        .section(CERTIFICATE)
        .nullable()
        .hidden()
}

/// `extendedKeyUsages`.
pub(in crate::catalogue) const fn extended_key_usages() -> Setting {
    Setting::new(
        "extendedKeyUsages",
        "Extended key usage",
        ValueType::ObjectList {
            type_name: "extendedKeyUsage",
            fields: USAGE_FIELDS,
            maximum_items: 500,
        },
    )
    .help("None means client authentication.")
    .section(CERTIFICATE)
    .default(Constant::EmptyList)
}

/// `allowAllAppsAccess` of a Mac.
pub(in crate::catalogue) const fn allow_all_apps_access() -> Setting {
    Setting::new(
        "allowAllAppsAccess",
        "Allow all apps access to private key",
        ValueType::Boolean,
    )
    .help("Otherwise the Mac asks its user before an app may use the key.")
    .section(CERTIFICATE)
    .nullable()
    .null_means(Constant::Boolean(false))
}

/// `renewalThresholdPercentage`.
pub(in crate::catalogue) const fn renewal_threshold() -> Setting {
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
    .default(Constant::Integer(20))
}

/// `scepServerUrls`.
pub(in crate::catalogue) const fn scep_server_urls() -> Setting {
    Setting::new(
        "scepServerUrls",
        "SCEP server URLs",
        ValueType::TextList {
            rule: TextRule::HttpUrl,
            maximum_length: 2048,
            maximum_items: 500,
        },
    )
    .help(
        "Empty for this server. With the address of an authority that is registered here devices ask this server, \
         which asks the authority. With addresses of any other server devices ask the first of them.",
    )
    .section(ENROLMENT)
    .nullable()
    .default(Constant::EmptyList)
}

/// `certificationAuthority`.
pub(in crate::catalogue) const fn certification_authority() -> Setting {
    Setting::new(
        "certificationAuthority",
        "Certification authority",
        text(TextRule::Any, 255),
    )
    .help("DNS name of a Windows authority. Kept for profiles that come from elsewhere; has no effect.")
    .section(AUTHORITY)
    .default(Constant::Text(""))
}

/// `certificationAuthorityName`.
pub(in crate::catalogue) const fn certification_authority_name() -> Setting {
    Setting::new(
        "certificationAuthorityName",
        "Certification authority name",
        text(TextRule::Any, 255),
    )
    .help(
        "Name of an authority that is registered here. Without one, or with a name that is not registered, this \
         server's own authority issues.",
    )
    .section(AUTHORITY)
    .default(Constant::Text(""))
}

/// `certificateTemplateName`.
pub(in crate::catalogue) const fn certificate_template() -> Setting {
    Setting::new(
        "certificateTemplateName",
        "Certificate template name",
        text(TextRule::Any, 255),
    )
    .help(
        "Decides about the key and what it may be used for: `signing`, `encryption`, `clientAuthentication`, \
         `serverTls`, or one of your own. Without one it is `clientAuthentication`.",
    )
    .section(AUTHORITY)
    .default(Constant::Text(""))
}

/// `intendedPurpose`, which cannot change.
pub(in crate::catalogue) const fn intended_purpose() -> Setting {
    Setting::new(
        "intendedPurpose",
        "Intended purpose",
        ValueType::Enum(PURPOSES),
    )
    .help(
        "Selects among the certificates that were imported for the user. S/MIME encryption delivers all of them, so \
         that old mail opens; anything else the one with the newest start date.",
    )
    .section(CERTIFICATE)
    .default(Constant::Text("unassigned"))
    .fixed()
}

/// A setting that Graph's base type has and that means nothing for imported certificates.
pub(in crate::catalogue) const fn carried(setting: Setting) -> Setting {
    setting.help(CARRIED).hidden()
}

/// `certificateValidityPeriodValue` where it means nothing.
pub(in crate::catalogue) const fn carried_period() -> Setting {
    carried(Setting {
        value: ANY_NUMBER,
        ..validity_period()
    })
}

/// `renewalThresholdPercentage` where it means nothing.
pub(in crate::catalogue) const fn carried_threshold() -> Setting {
    carried(Setting {
        value: ANY_NUMBER,
        ..renewal_threshold()
    })
}

const CARRIED: &str = "Kept for programs that set it; imported certificates are what they are.";

/// `Edm.Int32`.
const ANY_NUMBER: ValueType = ValueType::Integer {
    minimum: i32::MIN as i64,
    maximum: i32::MAX as i64,
};

/// `trustedRootCertificate`.
pub(in crate::catalogue) const fn certificate_file() -> Setting {
    Setting::new(
        "trustedRootCertificate",
        "Certificate file",
        ValueType::Certificate,
    )
    .help("One X.509 certificate. Kept as DER; PEM is converted.")
    .section(TRUSTED)
    .required()
}

/// `certFileName`.
pub(in crate::catalogue) const fn certificate_file_name() -> Setting {
    Setting::new("certFileName", "File name", text(TextRule::Any, 255))
        .help("Name of the file it came from, shown on the device.")
        .section(TRUSTED)
        .nullable()
        .default(Constant::Null)
}

pub(super) const fn text(rule: TextRule, maximum_length: usize) -> ValueType {
    ValueType::Text {
        rule,
        maximum_length,
    }
}

const USAGE_FIELDS: &[Field] = &[
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
];
