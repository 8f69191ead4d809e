//! Intent into configuration profiles: what one device receives for one profile.
//!
//! Pure: the same [`CompileInput`] gives the same bytes. Secrets are not known here; a mark stands where a challenge, a
//! key or its password belongs ([`Compiled::challenge_mark`], [`Compiled::identity_mark`], [`Compiled::password_mark`]).
//!
//! ```text
//! profile ─► roots ─► identities (SCEP, PKCS, imported) ─► account ─► document ─► hash, PayloadUUID, XML
//! ```
//!
//! One mail profile becomes one document with everything in it, because an account can refer only to certificates of
//! its own document. Payload keys and the versions that have them: Apple's schema of iOS 18.1, `com.apple.eas.account`,
//! `com.apple.security.scep`, `com.apple.security.pkcs12`, `com.apple.security.root`.

mod account;
mod certificates;
mod context;
mod document;
mod gate;
mod notices;
mod smime;
mod user_name;
mod variables;

use mandate_model::{CompileInput, Compiled, Refusal};

use context::Context;
use document::Document;

/// Makes what a device is to receive for a profile, or says why there is nothing for it.
///
/// A device that never reported its version counts as new enough for everything: each `Authenticate` reports one, so
/// this lasts for seconds. A version that was reported but cannot be read is a [`Refusal::MissingDeviceAttribute`].
pub fn compile(input: &CompileInput<'_>) -> Result<Compiled, Refusal> {
    let context = Context::new(input)?;
    let mut document = Document::default();
    let profile = input.profile;
    match profile.kind.type_name {
        "iosEasEmailProfileConfiguration" => account::add(&context, &mut document)?,
        "iosScepCertificateProfile"
        | "macOSScepCertificateProfile"
        | "iosPkcsCertificateProfile"
        | "macOSPkcsCertificateProfile" => {
            certificates::add_identity(&context, profile, &mut document)?;
        }
        "iosImportedPFXCertificateProfile" | "macOSImportedPFXCertificateProfile" => {
            certificates::add_imported(&context, profile, &mut document)?;
        }
        "iosTrustedRootCertificate" | "macOSTrustedRootCertificate" => {
            certificates::add_root(&context, profile, &mut document)?;
        }
        other => {
            return Err(Refusal::Unsupported {
                reason: format!("`{other}` has no form for Apple's platforms"),
            });
        }
    }
    document.seal(&context)
}
