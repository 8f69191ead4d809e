//! `iosTrustedRootCertificate`: a root or intermediate certificate that devices trust.

use crate::catalogue::{Constant, Impact, Kind, Setting, TextRule, ValueType};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosTrustedRootCertificate",
    base_types: &["deviceConfiguration"],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(4, 0),
    label: "Trusted certificate",
    help: "A root or intermediate certificate. Delivered by device management, a root is trusted for TLS at once.",
    settings: &[
        Setting::new(
            "trustedRootCertificate",
            "Certificate file",
            ValueType::Certificate,
        )
        .help("One X.509 certificate. Kept as DER; PEM is converted.")
        .section(SECTION)
        .required()
        .impact(Impact::Silent),
        Setting::new(
            "certFileName",
            "File name",
            ValueType::Text {
                rule: TextRule::Any,
                maximum_length: 255,
            },
        )
        .help("Name of the file it came from, shown on the device.")
        .section(SECTION)
        .nullable()
        .default(Constant::Null),
    ],
    references: &[],
    check: |_| Vec::new(),
    warn: |_, _| Vec::new(),
    needs_user: |_| false,
};

const SECTION: &str = "Trusted certificate";
