//! `macOSPkcsCertificateProfile`: a certificate whose key the server makes.

use crate::catalogue::Kind;
use crate::catalogue::certificates::{
    Advice, Issuance, allow_all_apps_access, alternative_name_format, alternative_name_type,
    alternative_names, certificate_store, certificate_template, certification_authority,
    certification_authority_name, check_channel, check_issued, deployment_channel, is_for_user,
    renewal_threshold, subject_format, subject_format_string, validity_period, validity_unit,
};
use crate::{OsVersion, Platform};

pub(crate) static KIND: Kind = Kind {
    type_name: "macOSPkcsCertificateProfile",
    base_types: &["macOSCertificateProfileBase", "deviceConfiguration"],
    platform: Platform::MacOs,
    minimum_os: OsVersion::new(10, 11),
    label: "PKCS certificate",
    help: "A certificate for each device whose key is made by this server and sent along. The same one in every profile that refers to it.",
    settings: &[
        deployment_channel(),
        certificate_store(),
        subject_format(),
        subject_format_string(),
        alternative_name_type(),
        alternative_name_format(),
        alternative_names(Issuance::Pkcs),
        validity_period(),
        validity_unit(),
        allow_all_apps_access(),
        renewal_threshold(),
        certification_authority(),
        certification_authority_name(),
        certificate_template(),
    ],
    references: &[],
    check: |settings| {
        let mut violations = check_issued(settings);
        violations.extend(check_channel(settings));
        violations
    },
    warn: |settings, _| {
        let advice = Advice::new(settings)
            .store()
            .variables(Platform::MacOs)
            .authority()
            .channel(is_for_user(settings));
        advice.into_warnings()
    },
    needs_user: is_for_user,
};
