//! `iosScepCertificateProfile`: a certificate that the device asks for by SCEP.

use crate::catalogue::certificates::{
    Advice, Issuance, KEY_SIZES_IOS, alternative_name_format, alternative_name_type,
    alternative_names, certificate_store, check_issued, extended_key_usages, is_for_user, key_size,
    key_usage, renewal_threshold, scep_server_urls, subject_format, subject_format_string,
    validity_period, validity_unit,
};
use crate::catalogue::{Impact, Kind, Reference};
use crate::{OsVersion, Platform};

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
    settings: &[
        certificate_store(),
        subject_format(),
        subject_format_string(),
        alternative_name_type(),
        alternative_name_format(),
        alternative_names(Issuance::Scep),
        validity_period(),
        validity_unit(),
        key_usage(),
        key_size(KEY_SIZES_IOS),
        extended_key_usages(),
        renewal_threshold(),
        scep_server_urls(),
    ],
    references: &[Reference {
        property: "rootCertificate",
        label: "Root certificate",
        help: "The trusted certificate profile of the authority that stands behind the certificates.",
        targets: &["iosTrustedRootCertificate"],
        target_label: "trusted certificate profile",
        required_when: None,
        impact: Impact::Silent,
        use_of_certificate: None,
    }],
    check: check_issued,
    warn: |settings, _| {
        let advice = Advice::new(settings)
            .key_size()
            .scep_servers()
            .store()
            .variables(Platform::Ios)
            .usages();
        advice.into_warnings()
    },
    needs_user: is_for_user,
};
