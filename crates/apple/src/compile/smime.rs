//! S/MIME of an account. The keys changed in iOS 12; a device gets those of its own version only.

use mandate_model::{OsVersion, Refusal};

use super::account::no_derived_credentials;
use super::certificates;
use super::context::{Context, Payload};
use super::document::Document;
use super::gate::Gate;
use super::notices::{self, Role};

/// `PayloadUUID`s of the identities for S/MIME.
pub(super) struct Certificates {
    signing: Option<String>,
    encryption: Option<String>,
}

impl Certificates {
    /// Adds the identities that the settings ask for. `address` is that of the account.
    pub(super) fn add(
        context: &Context<'_>,
        gate: &mut Gate<'_>,
        address: &str,
        document: &mut Document,
    ) -> Result<Self, Refusal> {
        if gate.flag("requireSmime") != Some(true) {
            return Ok(Self {
                signing: None,
                encryption: None,
            });
        }
        let mut identity = |role: Role, kind: &str, reference: &str| match gate.text(kind) {
            Some("certificate") => {
                let certificate = context.referenced(context.input.profile, reference)?;
                let identity = certificates::add_identity(context, certificate, document)?;
                let notices = notices::about(role, &identity, address);
                document.notices.extend(notices);
                Ok(Some(identity.uuid))
            }
            Some("derivedCredential") => Err(no_derived_credentials()),
            _ => Ok(None),
        };
        let signing = identity(
            Role::Signing,
            "signingCertificateType",
            "smimeSigningCertificate",
        )?;
        let encryption = identity(
            Role::Encryption,
            "encryptionCertificateType",
            "smimeEncryptionCertificate",
        )?;
        Ok(Self {
            signing,
            encryption,
        })
    }

    /// Writes the keys; without `requireSmime` there are none at all.
    pub(super) fn set(self, gate: &mut Gate<'_>, account: &mut Payload) {
        if gate.flag("requireSmime") != Some(true) {
            return;
        }
        let new_keys = gate.is_since(OsVersion::new(12, 0));
        let by_default = if new_keys {
            "SMIMEEncryptByDefault"
        } else {
            "SMIMEEncryptionEnabled"
        };
        let per_message = if new_keys {
            "SMIMEEnableEncryptionPerMessageSwitch"
        } else {
            "SMIMEEnablePerMessageSwitch"
        };
        let switches = [
            ("smimeSigningEnabled", "SMIMESigningEnabled"),
            (
                "smimeSigningUserOverrideEnabled",
                "SMIMESigningUserOverrideable",
            ),
            (
                "smimeSigningCertificateUserOverrideEnabled",
                "SMIMESigningCertificateUUIDUserOverrideable",
            ),
            ("smimeEncryptByDefaultEnabled", by_default),
            (
                "smimeEncryptByDefaultUserOverrideEnabled",
                "SMIMEEncryptByDefaultUserOverrideable",
            ),
            (
                "smimeEncryptionCertificateUserOverrideEnabled",
                "SMIMEEncryptionCertificateUUIDUserOverrideable",
            ),
            ("smimeEnablePerMessageSwitch", per_message),
        ];
        for (property, key) in switches {
            if let Some(on) = gate.flag(property) {
                account.set(key, on);
            }
        }
        if let Some(signing) = self.signing {
            account.set("SMIMESigningCertificateUUID", signing);
        }
        if let Some(encryption) = self.encryption {
            account.set("SMIMEEncryptionCertificateUUID", encryption);
        }
    }
}
