//! A text as Graph shows it.

use mandate_engine::{MailBranding, MailMessage, MailTemplate};
use serde_json::json;

use super::COLLECTION;
use crate::entity::Entity;

/// The entity of a text.
pub(super) fn template_entity(template: &MailTemplate) -> Entity {
    let id = template.id;
    let body = json!({
        "id": id,
        "displayName": template.display_name,
        "description": template.description,
        "defaultLocale": template.default_locale,
        "brandingOptions": MailBranding::text(&template.branding),
        "roleScopeTagIds": template.scope_tags,
        "lastModifiedDateTime": template.modified_at.to_string(),
    });
    Entity::from_json(
        "notificationMessageTemplate",
        format!("{COLLECTION}('{id}')"),
        body,
    )
}

/// The entity of a text in one language.
pub(super) fn message_entity(message: &MailMessage) -> Entity {
    let (template, id) = (message.template, message.id());
    let body = json!({
        "id": id,
        "locale": message.locale,
        "subject": message.subject,
        "messageTemplate": message.body,
        "isDefault": message.is_default,
        "lastModifiedDateTime": message.modified_at.to_string(),
    });
    let path = format!("{COLLECTION}('{template}')/localizedNotificationMessages('{id}')");
    Entity::from_json("localizedNotificationMessage", path, body)
}
