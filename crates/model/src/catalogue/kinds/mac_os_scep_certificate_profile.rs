//! `macOSScepCertificateProfile`: a certificate that the Mac asks for by SCEP.

use crate::catalogue::certificates::{
    Advice, Issuance, KEY_SIZES_MAC, allow_all_apps_access, alternative_name_format,
    alternative_name_type, alternative_names, certificate_store, check_channel, check_hash,
    check_issued, deployment_channel, extended_key_usages, hash_algorithm, is_for_user, key_size,
    key_usage, renewal_threshold, scep_server_urls, subject_format, subject_format_string,
    validity_period, validity_unit,
};
use crate::catalogue::{Impact, Kind, Reference};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "macOSScepCertificateProfile",
    base_types: &["macOSCertificateProfileBase", "deviceConfiguration"],
    platform: Platform::MacOs,
    minimum_os: OsVersion::new(10, 11),
    label: "SCEP certificate",
    help: "A certificate of its own for each Mac, whose key never leaves it.",
    settings: &[
        deployment_channel(),
        certificate_store(),
        subject_format(),
        subject_format_string(),
        alternative_name_type(),
        alternative_name_format(),
        alternative_names(Issuance::Scep),
        validity_period(),
        validity_unit(),
        key_usage(),
        key_size(KEY_SIZES_MAC),
        hash_algorithm(),
        extended_key_usages(),
        allow_all_apps_access(),
        renewal_threshold(),
        scep_server_urls(),
    ],
    references: &[Reference {
        property: "rootCertificate",
        label: "Root certificate",
        help: "The trusted certificate profile of the authority that stands behind the certificates.",
        targets: &["macOSTrustedRootCertificate"],
        target_label: "trusted certificate profile",
        required_when: None,
        impact: Impact::Silent,
        use_of_certificate: None,
    }],
    check: |settings| {
        let mut violations = check_issued(settings);
        violations.extend(check_channel(settings));
        violations.extend(check_hash(settings));
        violations
    },
    warn: |settings, _| {
        let advice = Advice::new(settings)
            .key_size()
            .scep_servers()
            .store()
            .variables(Platform::MacOs)
            .usages()
            .channel(is_for_user(settings))
            .hash();
        advice.into_warnings()
    },
    needs_user: is_for_user,
};
