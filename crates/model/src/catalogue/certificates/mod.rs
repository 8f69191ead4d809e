//! What the certificate profiles of all platforms have in common: settings, their values, rules and warnings. A kind
//! names what it has.

mod choices;
mod directory_attribute;
mod hash;
mod names;
mod rules;
mod settings;
mod warnings;

pub(super) use choices::{KEY_SIZES_IOS, KEY_SIZES_MAC};
pub use directory_attribute::directory_attribute;
pub(super) use hash::check_hash;
pub use hash::wants_sha1_only;
pub(super) use names::{
    Issuance, alternative_name_format, alternative_name_type, alternative_names, subject_format,
    subject_format_string,
};
pub(super) use rules::{check_channel, check_issued, is_for_user};
pub(super) use settings::{
    allow_all_apps_access, carried, carried_period, carried_threshold, certificate_file,
    certificate_file_name, certificate_store, certificate_template, certification_authority,
    certification_authority_name, deployment_channel, extended_key_usages, hash_algorithm,
    intended_purpose, key_size, key_usage, renewal_threshold, scep_server_urls, validity_period,
    validity_unit,
};
pub(super) use warnings::Advice;

/// Heading of what the certificate is.
const CERTIFICATE: &str = "Certificate";

/// Heading of how it is asked for and renewed.
const ENROLMENT: &str = "Enrolment settings";

/// Heading of who issues it.
const AUTHORITY: &str = "Certification authority";

/// Heading of trusted certificates.
pub(super) const TRUSTED: &str = "Trusted certificate";
