//! Values of settings, in Graph's spelling.

use crate::OsVersion;
use crate::catalogue::Choice;

pub(super) const STORES: &[Choice] = &[
    Choice::new("user", "User"),
    Choice::new("machine", "Device"),
];

pub(super) const CHANNELS: &[Choice] = &[
    Choice::new("deviceChannel", "Device channel"),
    Choice::new("userChannel", "User channel"),
];

pub(super) const SUBJECT_FORMATS: &[Choice] = &[
    Choice::new("commonName", "Common name"),
    Choice::new("commonNameAsEmail", "Common name as email"),
    Choice::new("custom", "Custom"),
    Choice::new("commonNameIncludingEmail", "Common name including email"),
    Choice::new("commonNameAsIMEI", "IMEI number"),
    Choice::new("commonNameAsSerialNumber", "Serial number"),
];

pub(super) const ALTERNATIVE_NAME_TYPES: &[Choice] = &[
    Choice::new("none", "None"),
    Choice::new("emailAddress", "Email address"),
    Choice::new("userPrincipalName", "User principal name (UPN)"),
    Choice::new("customAzureADAttribute", "Custom directory attribute"),
    Choice::new("domainNameService", "DNS")
        .unavailable("name the value in `customSubjectAlternativeNames`"),
    Choice::new("universalResourceIdentifier", "URI")
        .unavailable("name the value in `customSubjectAlternativeNames`"),
];

pub(super) const SCEP_ALTERNATIVE_NAMES: &[Choice] = &[
    Choice::new("emailAddress", "Email address"),
    Choice::new("userPrincipalName", "User principal name (UPN)"),
    Choice::new("domainNameService", "DNS"),
    Choice::new("universalResourceIdentifier", "URI"),
];

pub(super) const PKCS_ALTERNATIVE_NAMES: &[Choice] = &[
    Choice::new("emailAddress", "Email address"),
    Choice::new("userPrincipalName", "User principal name (UPN)"),
    Choice::new("domainNameService", "DNS"),
    Choice::new("universalResourceIdentifier", "URI"),
    Choice::new("customAzureADAttribute", "Custom directory attribute"),
];

pub(super) const SCALES: &[Choice] = &[
    Choice::new("days", "Days"),
    Choice::new("months", "Months"),
    Choice::new("years", "Years"),
];

pub(super) const KEY_USAGES: &[Choice] = &[
    Choice::new("keyEncipherment", "Key encipherment"),
    Choice::new("digitalSignature", "Digital signature"),
];

/// Key sizes of iPhones and iPads.
pub(in crate::catalogue) const KEY_SIZES_IOS: &[Choice] = &[
    Choice::new("size1024", "1024"),
    Choice::new("size2048", "2048"),
    Choice::new("size4096", "4096").since(OsVersion::new(14, 0)),
];

/// Key sizes of Macs.
pub(in crate::catalogue) const KEY_SIZES_MAC: &[Choice] = &[
    Choice::new("size1024", "1024"),
    Choice::new("size2048", "2048"),
    Choice::new("size4096", "4096").since(OsVersion::new(11, 0)),
];

pub(super) const HASHES: &[Choice] = &[Choice::new("sha1", "SHA-1"), Choice::new("sha2", "SHA-2")];

pub(super) const PURPOSES: &[Choice] = &[
    Choice::new("unassigned", "General purpose"),
    Choice::new("smimeEncryption", "S/MIME encryption"),
    Choice::new("smimeSigning", "S/MIME signing"),
    Choice::new("vpn", "VPN")
        .unavailable("imported certificates for VPN are delivered by no profile"),
    Choice::new("wifi", "Wi-Fi"),
];
