//! `macOSImportedPFXCertificateProfile`: certificates that were imported for the user.

use crate::catalogue::Kind;
use crate::catalogue::certificates::{
    Advice, alternative_name_type, carried, carried_period, carried_threshold, deployment_channel,
    intended_purpose, subject_format, validity_unit,
};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "macOSImportedPFXCertificateProfile",
    base_types: &["macOSCertificateProfileBase", "deviceConfiguration"],
    platform: Platform::MacOs,
    minimum_os: OsVersion::new(10, 11),
    label: "Imported PKCS certificate",
    help: "Certificates that were imported for the user, with their keys: the same on every device of the user.",
    settings: &[
        deployment_channel(),
        intended_purpose(),
        carried(subject_format()),
        carried(alternative_name_type()),
        carried_period(),
        carried(validity_unit()),
        carried_threshold(),
    ],
    references: &[],
    check: |_| Vec::new(),
    warn: |settings, _| Advice::new(settings).channel(true).into_warnings(),
    needs_user: |_| true,
};
