//! The S/MIME switches of an account payload, old keys and new ones.

use super::fields::switch;
use plist::Dictionary;
use serde::{Deserialize, Serialize};

/// What the account does about S/MIME, and what its user may change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the payload's switches, one each"
)]
pub struct SmimeSwitches {
    /// `SMIMESigningEnabled`: messages are signed.
    pub signs: bool,
    /// `SMIMESigningUserOverrideable`: the user may switch signing.
    pub user_switches_signing: bool,
    /// `SMIMESigningCertificateUUIDUserOverrideable`: the user may choose the certificate.
    pub user_chooses_signing_certificate: bool,
    /// `SMIMEEncryptByDefault`, or `SMIMEEncryptionEnabled` where that is missing (and before iOS 12).
    pub encrypts_by_default: bool,
    /// `SMIMEEncryptByDefaultUserOverrideable`: the user may switch encryption by default.
    pub user_switches_encryption: bool,
    /// `SMIMEEncryptionCertificateUUIDUserOverrideable`: the user may choose the certificate.
    pub user_chooses_encryption_certificate: bool,
    /// `SMIMEEnableEncryptionPerMessageSwitch`, or `SMIMEEnablePerMessageSwitch` where that is missing (and before iOS 12).
    pub per_message_switch: bool,
}

impl SmimeSwitches {
    /// Reads keys of which those newer than the release have been taken out.
    pub(super) fn read(known: &Dictionary) -> Self {
        let on = |key: &str| switch(known, key, false);
        Self {
            signs: on("SMIMESigningEnabled"),
            user_switches_signing: on("SMIMESigningUserOverrideable"),
            user_chooses_signing_certificate: on("SMIMESigningCertificateUUIDUserOverrideable"),
            encrypts_by_default: switch(
                known,
                "SMIMEEncryptByDefault",
                on("SMIMEEncryptionEnabled"),
            ),
            user_switches_encryption: on("SMIMEEncryptByDefaultUserOverrideable"),
            user_chooses_encryption_certificate: on(
                "SMIMEEncryptionCertificateUUIDUserOverrideable",
            ),
            per_message_switch: switch(
                known,
                "SMIMEEnableEncryptionPerMessageSwitch",
                on("SMIMEEnablePerMessageSwitch"),
            ),
        }
    }
}
