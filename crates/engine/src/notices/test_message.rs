//! Trying a text out on oneself.

use serde_json::json;
use uuid::Uuid;

use super::matters::TEST;
use super::templates::{KIND, seen};
use super::{Facts, noted};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Mails a text to the person who asks, in their language, with the values that are known of them alone.
    pub async fn send_test_message(
        &self,
        actor: &Actor,
        template: Uuid,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        let text = seen(&mut session, actor, Action::NotificationsUpdate, template).await?;
        let not_possible = |reason: &str| EngineError::NotPossible {
            reason: reason.to_owned(),
        };
        let Some(user) = actor.user() else {
            return Err(not_possible(
                "a test message goes to the person who asks for it, and a client of its own is none",
            ));
        };
        if session.notification_messages(template).await?.is_empty() {
            return Err(not_possible(
                "the template has no message yet: add a language first",
            ));
        }
        let person = session.find_user(user).await?;
        if person.and_then(|person| person.mail).is_none() {
            return Err(not_possible("you have no mail address in the directory"));
        }
        let id = self.chance().id(now);
        let facts = Facts {
            template: Some(template),
            ..Facts::default()
        };
        let matter = (format!("{TEST}:{id}"), TEST);
        let record = noted((id, now), matter, user, (None, None), &facts);
        session.raise_notice(&record, now).await?;
        let after = json!({ "userId": user });
        let change = Change::action("sendTestMessage", KIND, template, &text.display_name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}
