//! An imported certificate as Graph shows it: everything but file and password.

use mandate_engine::{ImportId, Imported, ImportedRecord};
use mandate_model::catalogue::Warning;
use serde_json::{Value, json};

use super::{COLLECTION, DECLARED};
use crate::entity::Entity;
use crate::schema;

/// What is allowed and probably not meant, as an annotation that Graph's clients pass over.
const WARNINGS: &str = "@mandate.warnings";

/// The entity of a certificate.
pub(super) fn record_entity(record: &ImportedRecord) -> Entity {
    let certificate = &record.certificate;
    let id = ImportId::of(record);
    // A text that is not there is `null`: the certificate came from the command line.
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mut body = schema::blank(DECLARED);
    for (name, value) in [
        ("id", json!(id.to_string())),
        ("thumbprint", json!(certificate.thumbprint)),
        ("intendedPurpose", json!(certificate.purpose.name())),
        ("userPrincipalName", json!(record.user_principal_name)),
        ("startDateTime", json!(certificate.not_before.to_string())),
        (
            "expirationDateTime",
            json!(certificate.not_after.to_string()),
        ),
        ("providerName", json!(text(&record.provider_name))),
        ("keyName", json!(text(&record.key_name))),
        ("paddingScheme", json!(record.padding_scheme)),
        ("encryptedPfxBlob", Value::Null),
        ("encryptedPfxPassword", Value::Null),
        ("createdDateTime", json!(record.created_at.to_string())),
        (
            "lastModifiedDateTime",
            json!(record.modified_at.to_string()),
        ),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new(DECLARED, format!("{COLLECTION}('{id}')"), body)
}

/// The same after an import or a change, with its warnings if there are any.
pub(super) fn imported_entity(imported: &Imported) -> Entity {
    let mut entity = record_entity(&imported.record);
    if !imported.warnings.is_empty() {
        let warnings: Vec<Value> = imported
            .warnings
            .iter()
            .map(|warning: &Warning| json!(warning))
            .collect();
        entity
            .body
            .insert(WARNINGS.to_owned(), Value::Array(warnings));
    }
    entity
}
