//! `iosImportedPFXCertificateProfile`: certificates that were imported for the user.

use crate::catalogue::Kind;
use crate::catalogue::certificates::intended_purpose;
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosImportedPFXCertificateProfile",
    base_types: &["iosCertificateProfile", "deviceConfiguration"],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(4, 0),
    label: "Imported PKCS certificate",
    help: "Certificates that were imported for the user, with their keys: the same on every device of the user.",
    settings: &[intended_purpose()],
    references: &[],
    check: |_| Vec::new(),
    warn: |_, _| Vec::new(),
    needs_user: |_| true,
};
