//! What a request says about a text.

use std::collections::BTreeSet;

use mandate_engine::{MailBranding, MessageChange, NewMessage, NewTemplate, TemplateChange};
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, text, texts};

/// The properties of a text that a body mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TemplateBody(TemplateChange);

/// The properties of a text in one language that a body mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MessageBody(MessageChange);

impl TemplateBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut change = TemplateChange::default();
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            // Written by the server: a client that sends an object back as it read it is not refused.
            if name.contains('@') || is("id") || is("lastModifiedDateTime") {
            } else if is("displayName") {
                change.display_name = Some(text(name, value)?.unwrap_or_default());
            } else if is("description") {
                change.description = Some(text(name, value)?);
            } else if is("defaultLocale") {
                change.default_locale = Some(text(name, value)?);
            } else if is("brandingOptions") {
                change.branding = Some(branding(value)?);
            } else if is("roleScopeTagIds") {
                change.scope_tags = match value {
                    Value::Null => None,
                    value => Some(texts(name, value)?).filter(|tags| !tags.is_empty()),
                };
            } else if is("localizedNotificationMessages") {
                if !value.as_array().is_none_or(Vec::is_empty) {
                    let message = format!(
                        "`{name}` cannot be given with the template; add each to its `localizedNotificationMessages`"
                    );
                    return Err(GraphError::invalid(name, message));
                }
            } else {
                return Err(unknown(name, "notificationMessageTemplate"));
            }
        }
        Ok(Self(change))
    }

    /// A new text: its name is required.
    pub(super) fn into_new(self) -> Result<NewTemplate> {
        let Self(change) = self;
        Ok(NewTemplate {
            display_name: change.display_name.ok_or_else(|| required("displayName"))?,
            description: change.description.flatten(),
            default_locale: change.default_locale.flatten(),
            branding: change.branding.unwrap_or_default(),
            scope_tags: change.scope_tags,
        })
    }

    pub(super) fn into_change(self) -> TemplateChange {
        self.0
    }
}

impl MessageBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut change = MessageChange::default();
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            if name.contains('@') || is("id") || is("lastModifiedDateTime") {
            } else if is("locale") {
                change.locale = Some(text(name, value)?.unwrap_or_default());
            } else if is("subject") {
                change.subject = Some(text(name, value)?.unwrap_or_default());
            } else if is("messageTemplate") {
                change.body = Some(text(name, value)?.unwrap_or_default());
            } else if is("isDefault") {
                change.is_default = Some(boolean(name, value)?);
            } else {
                return Err(unknown(name, "localizedNotificationMessage"));
            }
        }
        Ok(Self(change))
    }

    /// A new language: the language and both texts are required.
    pub(super) fn into_new(self) -> Result<NewMessage> {
        let Self(change) = self;
        Ok(NewMessage {
            locale: change.locale.ok_or_else(|| required("locale"))?,
            subject: change.subject.ok_or_else(|| required("subject"))?,
            body: change.body.ok_or_else(|| required("messageTemplate"))?,
            is_default: change.is_default.unwrap_or_default(),
        })
    }

    pub(super) fn into_change(self) -> MessageChange {
        self.0
    }
}

fn branding(value: &Value) -> Result<BTreeSet<MailBranding>> {
    let words = value.as_str().and_then(MailBranding::parse);
    words.ok_or_else(|| {
        let names = MailBranding::ALL.map(|option| format!("`{}`", option.name()));
        let message = format!(
            "`brandingOptions` must be `none` or some of {}, parted by commas, but is `{value}`",
            names.join(", ")
        );
        GraphError::invalid("brandingOptions", message)
    })
}

fn required(name: &str) -> GraphError {
    GraphError::model_validation(format!("`{name}` is required")).at(name)
}

fn unknown(name: &str, kind: &str) -> GraphError {
    let message = format!("`{name}` is not a property of `microsoft.graph.{kind}`");
    GraphError::invalid(name, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_client_read_can_be_sent_back() {
        let sent = json!({
            "@odata.type": "#microsoft.graph.notificationMessageTemplate", "id": "x",
            "displayName": "Blocked", "description": null, "defaultLocale": "nl-nl",
            "brandingOptions": "includeCompanyName,includeCompanyLogo", "roleScopeTagIds": ["0"],
            "lastModifiedDateTime": "2026-01-01T00:00:00Z",
            "localizedNotificationMessages@odata.context": "x", "localizedNotificationMessages": [],
        });
        let new = TemplateBody::read(sent.as_object().unwrap()).unwrap();
        let new = new.into_new().unwrap();
        assert_eq!(new.default_locale.as_deref(), Some("nl-nl"));
        assert_eq!(new.branding.len(), 2);
        assert_eq!(new.scope_tags, Some(vec!["0".to_owned()]));
        let sent = json!({"id": "x_nl", "locale": "nl", "subject": "a", "messageTemplate": "b", "isDefault": true,
            "lastModifiedDateTime": "2026-01-01T00:00:00Z"});
        let new = MessageBody::read(sent.as_object().unwrap()).unwrap();
        assert!(new.into_new().unwrap().is_default);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, target) in [
            (json!({"displayName": 5}), "displayName"),
            (json!({"brandingOptions": "includeMoon"}), "brandingOptions"),
            (json!({"brandingOptions": 3}), "brandingOptions"),
            (json!({"roleScopeTagIds": "0"}), "roleScopeTagIds"),
            (
                json!({"localizedNotificationMessages": [{}]}),
                "localizedNotificationMessages",
            ),
            (json!({"moon": 1}), "moon"),
        ] {
            let error = TemplateBody::read(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        for (body, target) in [
            (json!({"isDefault": "yes"}), "isDefault"),
            (json!({"subject": []}), "subject"),
            (json!({"moon": 1}), "moon"),
        ] {
            let error = MessageBody::read(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        let error = MessageBody::default().into_new().unwrap_err();
        assert_eq!(error.target.as_deref(), Some("locale"));
    }
}
