//! `macOSTrustedRootCertificate`: a root or intermediate certificate that Macs trust.

use crate::catalogue::Kind;
use crate::catalogue::certificates::{
    Advice, TRUSTED, certificate_file, certificate_file_name, deployment_channel,
};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "macOSTrustedRootCertificate",
    base_types: &["deviceConfiguration"],
    platform: Platform::MacOs,
    minimum_os: OsVersion::new(10, 7),
    label: "Trusted certificate",
    help: "A root or intermediate certificate. Delivered by device management, a root is trusted for TLS at once.",
    settings: &[
        deployment_channel().section(TRUSTED),
        certificate_file(),
        certificate_file_name(),
    ],
    references: &[],
    check: |_| Vec::new(),
    warn: |settings, _| Advice::new(settings).channel(false).into_warnings(),
    needs_user: |_| false,
};
