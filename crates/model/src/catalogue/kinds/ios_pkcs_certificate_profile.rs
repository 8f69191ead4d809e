//! `iosPkcsCertificateProfile`: a certificate whose key the server makes.

use crate::catalogue::Kind;
use crate::catalogue::certificates::{
    Advice, Issuance, alternative_name_format, alternative_name_type, alternative_names,
    certificate_store, certificate_template, certification_authority, certification_authority_name,
    check_issued, is_for_user, renewal_threshold, subject_format, subject_format_string,
    validity_period, validity_unit,
};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosPkcsCertificateProfile",
    base_types: &[
        "iosCertificateProfileBase",
        "iosCertificateProfile",
        "deviceConfiguration",
    ],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(4, 0),
    label: "PKCS certificate",
    help: "A certificate for each device whose key is made by this server and sent along. The same one in every profile that refers to it.",
    settings: &[
        certificate_store(),
        subject_format(),
        subject_format_string(),
        alternative_name_type(),
        alternative_name_format(),
        alternative_names(Issuance::Pkcs),
        validity_period(),
        validity_unit(),
        renewal_threshold(),
        certification_authority(),
        certification_authority_name(),
        certificate_template(),
    ],
    references: &[],
    check: check_issued,
    warn: |settings, _| {
        let advice = Advice::new(settings)
            .store()
            .variables(Platform::Ios)
            .authority();
        advice.into_warnings()
    },
    needs_user: is_for_user,
};
