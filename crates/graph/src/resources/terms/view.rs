//! Terms as Graph shows them.

use mandate_engine::{Terms, TermsAcceptance};
use mandate_model::TermsId;
use serde_json::json;

use super::{COLLECTION, DECLARED};
use crate::entity::Entity;

/// The entity of terms.
pub(super) fn terms_entity(terms: &Terms) -> Entity {
    let body = json!({
        "id": terms.id,
        "createdDateTime": terms.created_at.to_string(),
        "modifiedDateTime": terms.modified_at.to_string(),
        "lastModifiedDateTime": terms.modified_at.to_string(),
        "displayName": terms.display_name,
        "description": terms.description,
        "title": terms.title,
        "bodyText": terms.body,
        "acceptanceStatement": terms.statement,
        "version": terms.version,
        "roleScopeTagIds": ["0"],
    });
    Entity::from_json(DECLARED, format!("{COLLECTION}('{}')", terms.id), body)
}

/// The entity of an acceptance; its id is `TERMS_USER`.
pub(super) fn acceptance_entity(terms: TermsId, one: &TermsAcceptance) -> Entity {
    let id = format!("{terms}_{}", one.user);
    let path = format!("{COLLECTION}('{terms}')/acceptanceStatuses('{id}')");
    let body = json!({
        "id": id,
        "userDisplayName": one.user_display_name,
        "userPrincipalName": one.user_principal_name,
        "acceptedVersion": one.version,
        "acceptedDateTime": one.accepted_at.to_string(),
    });
    Entity::from_json("termsAndConditionsAcceptanceStatus", path, body)
}
