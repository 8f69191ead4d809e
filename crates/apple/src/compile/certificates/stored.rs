//! Keys that the server sends: `com.apple.security.pkcs12`, with marks where file and password belong.

use mandate_model::{Compiled, OsVersion, Pkcs12Encoding, Platform, Profile, StoredKey};

use crate::compile::context::{Context, Payload};

/// The payload of a key. `role` is its place in the document.
pub(super) fn payload(
    context: &Context<'_>,
    profile: &Profile,
    key: &StoredKey,
    role: &str,
    label: &str,
) -> Payload {
    let mut payload = context.payload("com.apple.security.pkcs12", role, "", label);
    payload.set("PayloadCertificateFileName", "certificate.p12");
    payload.set("PayloadContent", Compiled::identity_mark(key));
    payload.set("Password", Compiled::password_mark(key));
    context.guard_key(
        profile,
        "KeyIsExtractable",
        PKCS12_EXTRACTABLE,
        |key, value| {
            payload.set(key, value);
        },
    );
    payload
}

/// What the device reads.
///
/// Apple does not say which algorithms of PKCS#12 which release reads. Older ones are reported to refuse AES-256 with
/// a MAC of SHA-256 as a wrong password (`MCCertificateErrorDomain` 9000). The border is our choice.
pub(super) fn encoding(context: &Context<'_>) -> Pkcs12Encoding {
    let modern_since = match context.platform {
        Platform::Ios => IOS_WITH_AES,
        Platform::MacOs => MACOS_WITH_AES,
    };
    if context.os < modern_since {
        Pkcs12Encoding::Legacy
    } else {
        Pkcs12Encoding::Modern
    }
}

/// First release of iOS that is sent AES.
const IOS_WITH_AES: OsVersion = OsVersion::new(15, 0);

/// First release of macOS that is sent AES.
const MACOS_WITH_AES: OsVersion = OsVersion::new(12, 0);

/// First macOS with `KeyIsExtractable` in `com.apple.security.pkcs12`.
const PKCS12_EXTRACTABLE: OsVersion = OsVersion::new(10, 15);
