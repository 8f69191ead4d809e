//! `iosTrustedRootCertificate`: a root or intermediate certificate that devices trust.

use crate::catalogue::Kind;
use crate::catalogue::certificates::{certificate_file, certificate_file_name};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosTrustedRootCertificate",
    base_types: &["deviceConfiguration"],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(4, 0),
    label: "Trusted certificate",
    help: "A root or intermediate certificate. Delivered by device management, a root is trusted for TLS at once.",
    settings: &[certificate_file(), certificate_file_name()],
    references: &[],
    check: |_| Vec::new(),
    warn: |_, _| Vec::new(),
    needs_user: |_| false,
};
