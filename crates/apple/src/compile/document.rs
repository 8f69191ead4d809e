//! The document as a whole: order of payloads, content hash, XML.

use mandate_model::{
    AccountKey, CertificateSpec, Compiled, Notice, Pkcs12Encoding, Platform, ProfileId, Refusal,
    SkippedSetting, Slot, StoredIdentity, StoredKey,
};
use plist::{Dictionary, Value};

use super::certificates::Identity;
use super::context::{Context, Payload, content_uuid, text};

/// A document in the making. Payloads stand in the order in which they were added.
#[derive(Default)]
pub(super) struct Document {
    payloads: Vec<Value>,
    pub(super) certificates: Vec<CertificateSpec>,
    pub(super) accounts: Vec<AccountKey>,
    pub(super) skipped: Vec<SkippedSetting>,
    /// What deserves a word.
    pub(super) notices: Vec<Notice>,
    /// DER of the roots that are in already.
    pub(super) roots: Vec<Vec<u8>>,
    /// The identities that are in already, by their profile.
    pub(super) identities: Vec<(ProfileId, Identity)>,
    /// Certificates that are renewed in rounds.
    pub(super) slots: Vec<Slot>,
    /// Keys that the server holds and this document carries.
    stored: Vec<StoredIdentity>,
}

impl Document {
    pub(super) fn push(&mut self, payload: Payload) {
        self.payloads.push(Value::Dictionary(payload.keys));
    }

    /// Has a key of the server's, once however often it stands in the document.
    pub(super) fn carry(&mut self, key: StoredKey, encoding: Pkcs12Encoding) {
        if self.stored.iter().all(|stored| stored.key != key) {
            self.stored.push(StoredIdentity { key, encoding });
        }
    }

    /// Names the content by its hash and writes it down.
    pub(super) fn seal(self, context: &Context<'_>) -> Result<Compiled, Refusal> {
        let unnamed = render(context, &self.payloads, None)?;
        let content_hash = mandate_pki::sha256(&self.hashed(context, unnamed)?);
        let content_uuid = content_uuid(&content_hash);
        Ok(Compiled {
            identifier: context.identifier(),
            content_uuid,
            content_hash,
            body: render(context, &self.payloads, Some(content_uuid))?,
            skipped: self.skipped,
            certificates: self.certificates,
            accounts: self.accounts,
            identities: self.stored,
            notices: self.notices,
        })
    }

    /// What the hash is made of: the document, and what makes another certificate or another file without showing in
    /// the document. Secrets are neither here nor there: they are filled in when the document is rendered.
    fn hashed(&self, context: &Context<'_>, mut bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        for slot in &self.slots {
            let round = context.input.rounds.get(slot).copied().unwrap_or_default();
            bytes.extend(format!("\0round\0{}\0{round}", slot.0).into_bytes());
        }
        for certificate in &self.certificates {
            // When it is renewed does not change what it is.
            let issued = CertificateSpec {
                renewal_threshold_percentage: 0,
                ..certificate.clone()
            };
            bytes.extend(b"\0certificate\0");
            let written = serde_json::to_vec(&issued).map_err(|error| unwritable(&error))?;
            bytes.extend(written);
        }
        for stored in &self.stored {
            let encoding = match stored.encoding {
                Pkcs12Encoding::Modern => "modern",
                Pkcs12Encoding::Legacy => "legacy",
            };
            bytes.extend(format!("\0key\0{}\0{encoding}", stored.key).into_bytes());
        }
        Ok(bytes)
    }
}

fn render(
    context: &Context<'_>,
    payloads: &[Value],
    name: Option<uuid::Uuid>,
) -> Result<Vec<u8>, Refusal> {
    let mut keys = Dictionary::new();
    keys.insert("PayloadType".into(), "Configuration".into());
    keys.insert("PayloadVersion".into(), 1.into());
    keys.insert("PayloadIdentifier".into(), context.identifier().into());
    keys.insert(
        "PayloadUUID".into(),
        name.unwrap_or_default().to_string().to_uppercase().into(),
    );
    keys.insert(
        "PayloadDisplayName".into(),
        text(&context.input.profile.display_name),
    );
    keys.insert(
        "PayloadOrganization".into(),
        text(&context.input.endpoints.organisation),
    );
    if context.platform == Platform::MacOs {
        // The device channel brings it to the Mac as a whole, that of a person to the person's own keychain.
        let scope = if context.input.profile.is_for_user_channel() {
            "User"
        } else {
            "System"
        };
        keys.insert("PayloadScope".into(), scope.into());
    }
    keys.insert("PayloadContent".into(), Value::Array(payloads.to_vec()));
    let mut body = Vec::new();
    let written = Value::Dictionary(keys).to_writer_xml(&mut body);
    written.map_err(|error| unwritable(&error))?;
    Ok(body)
}

fn unwritable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Unsupported {
        reason: format!("the profile cannot be written: {error}"),
    }
}
