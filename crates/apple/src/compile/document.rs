//! The document as a whole: order of payloads, content hash, XML.

use mandate_model::{AccountKey, CertificateSpec, Compiled, Refusal, SkippedSetting};
use plist::{Dictionary, Value};

use super::context::{Context, Payload, content_uuid, text};

/// A document in the making. Payloads stand in the order in which they were added.
#[derive(Default)]
pub(super) struct Document {
    payloads: Vec<Value>,
    pub(super) certificates: Vec<CertificateSpec>,
    pub(super) accounts: Vec<AccountKey>,
    pub(super) skipped: Vec<SkippedSetting>,
    /// DER of the roots that are in already.
    pub(super) roots: Vec<Vec<u8>>,
    /// Slot and `PayloadUUID` of the identities that are in already.
    pub(super) identities: Vec<(String, String)>,
}

impl Document {
    pub(super) fn push(&mut self, payload: Payload) {
        self.payloads.push(Value::Dictionary(payload.keys));
    }

    /// Names the content by its hash and writes it down.
    pub(super) fn seal(self, context: &Context<'_>) -> Result<Compiled, Refusal> {
        let unnamed = render(context, &self.payloads, None)?;
        let content_hash = mandate_pki::sha256(&self.hashed(context, unnamed));
        let content_uuid = content_uuid(&content_hash);
        Ok(Compiled {
            identifier: context.identifier(),
            content_uuid,
            content_hash,
            body: render(context, &self.payloads, Some(content_uuid))?,
            skipped: self.skipped,
            certificates: self.certificates,
            accounts: self.accounts,
        })
    }

    /// What the hash is made of: the document, and what makes another certificate without showing in the document.
    fn hashed(&self, context: &Context<'_>, mut bytes: Vec<u8>) -> Vec<u8> {
        for (slot, _) in &self.identities {
            let round = context
                .input
                .rounds
                .iter()
                .find(|(known, _)| known.0 == *slot)
                .map_or(0, |(_, round)| *round);
            bytes.extend(format!("\0round\0{slot}\0{round}").into_bytes());
        }
        for certificate in &self.certificates {
            let CertificateSpec {
                slot,
                extended_key_usages,
                validity_days,
                ..
            } = certificate;
            let usages = extended_key_usages.join(",");
            bytes.extend(
                format!("\0certificate\0{}\0{validity_days}\0{usages}", slot.0).into_bytes(),
            );
        }
        bytes
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
    keys.insert("PayloadContent".into(), Value::Array(payloads.to_vec()));
    let mut body = Vec::new();
    let written = Value::Dictionary(keys).to_writer_xml(&mut body);
    written.map_err(|error| Refusal::Unsupported {
        reason: format!("the profile cannot be written: {error}"),
    })?;
    Ok(body)
}
