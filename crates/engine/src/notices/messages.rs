//! The languages of a text.

use mandate_model::catalogue::Violation;
use mandate_store::{MessageRecord, Session, TemplateRecord};
use serde_json::{Value, json};
use uuid::Uuid;

use super::templates::{KIND, none_of, seen};
use super::{MailMessage, locale};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

const WHAT: &str = "localized notification message";
/// As long as a subject may be; a line of a mail has at most 998 octets (RFC 5322 §2.1.1).
const SUBJECT_LIMIT: usize = 200;
const BODY_LIMIT: usize = 20_000;
/// More languages than Intune's console offers.
const MOST: usize = 100;

/// A text in one language, to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Language, and region perhaps: `nl`, `nl-NL`. There is one of each.
    pub locale: String,
    /// Subject, 1 to 200 characters in one line.
    pub subject: String,
    /// Body, 1 to 20,000 characters.
    pub body: String,
    /// Whether people read it in whose language there is none; then no other one is.
    pub is_default: bool,
}

/// A change of a text in one language; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageChange {
    /// Another language.
    pub locale: Option<String>,
    /// Another subject.
    pub subject: Option<String>,
    /// Another body.
    pub body: Option<String>,
    /// Whether people read it in whose language there is none.
    pub is_default: Option<bool>,
}

impl Engine {
    /// Adds a language to a text.
    pub async fn create_notification_message(
        &self,
        actor: &Actor,
        template: Uuid,
        new: NewMessage,
    ) -> Result<MailMessage, EngineError> {
        let mut session = self.store().write().await?;
        let text = seen(&mut session, actor, Action::NotificationsUpdate, template).await?;
        let others = session.notification_messages(template).await?;
        let record = MessageRecord {
            template_id: template,
            locale: new.locale.trim().to_owned(),
            subject: new.subject.trim().to_owned(),
            body: new.body,
            is_default: new.is_default,
            modified_at: self.now(),
        };
        check(&record)?;
        require_other_locale(&others, &record.locale)?;
        if others.len() >= MOST {
            let rule = "must have at most 100 languages";
            return Err(EngineError::invalid("locale", rule, None));
        }
        self.write(&mut session, actor, &text, (&others, None), &record)
            .await?;
        session.commit().await?;
        Ok(MailMessage::of(record))
    }

    /// Changes a text in one language, named by its locale.
    pub async fn update_notification_message(
        &self,
        actor: &Actor,
        (template, locale): (Uuid, &str),
        change: MessageChange,
    ) -> Result<MailMessage, EngineError> {
        let mut session = self.store().write().await?;
        let text = seen(&mut session, actor, Action::NotificationsUpdate, template).await?;
        let mut others = session.notification_messages(template).await?;
        let before = take(&mut others, template, locale)?;
        let mut record = before.clone();
        if let Some(given) = change.locale
            && !given.trim().eq_ignore_ascii_case(&before.locale)
        {
            given.trim().clone_into(&mut record.locale);
            require_other_locale(&others, &record.locale)?;
        }
        if let Some(subject) = change.subject {
            subject.trim().clone_into(&mut record.subject);
        }
        if let Some(body) = change.body {
            record.body = body;
        }
        if let Some(is_default) = change.is_default {
            record.is_default = is_default;
        }
        check(&record)?;
        if record == before {
            return Ok(MailMessage::of(before));
        }
        record.modified_at = self.now();
        self.write(
            &mut session,
            actor,
            &text,
            (&others, Some(&before)),
            &record,
        )
        .await?;
        session.commit().await?;
        Ok(MailMessage::of(record))
    }

    /// Removes a language from a text.
    pub async fn delete_notification_message(
        &self,
        actor: &Actor,
        (template, locale): (Uuid, &str),
    ) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        let text = seen(&mut session, actor, Action::NotificationsUpdate, template).await?;
        let mut others = session.notification_messages(template).await?;
        let gone = take(&mut others, template, locale)?;
        session
            .delete_notification_message(template, &gone.locale)
            .await?;
        self.note(&mut session, actor, &text, (Some(&gone), None))
            .await?;
        Ok(session.commit().await?)
    }

    /// Writes one language, and that no other is the default if this one is.
    async fn write(
        &self,
        session: &mut Session,
        actor: &Actor,
        text: &TemplateRecord,
        (others, before): (&[MessageRecord], Option<&MessageRecord>),
        record: &MessageRecord,
    ) -> Result<(), EngineError> {
        for other in others {
            if record.is_default && other.is_default {
                let lesser = MessageRecord {
                    is_default: false,
                    ..other.clone()
                };
                session.set_notification_message(&lesser).await?;
            }
        }
        if let Some(before) = before.filter(|before| before.locale != record.locale) {
            session
                .delete_notification_message(text.id, &before.locale)
                .await?;
        }
        session.set_notification_message(record).await?;
        self.note(session, actor, text, (before, Some(record)))
            .await
    }

    async fn note(
        &self,
        session: &mut Session,
        actor: &Actor,
        text: &TemplateRecord,
        (before, after): (Option<&MessageRecord>, Option<&MessageRecord>),
    ) -> Result<(), EngineError> {
        let changed = TemplateRecord {
            modified_at: self.now(),
            ..text.clone()
        };
        session.update_notification_template(&changed).await?;
        let said = |record: Option<&MessageRecord>| record.map_or(Value::Null, said);
        let change = Change::act(
            "changeLanguage",
            KIND,
            text.id,
            &text.display_name,
            said(before),
            said(after),
        );
        self.audit(session, actor, change).await
    }
}

/// The one of a language, taken out of all.
fn take(
    all: &mut Vec<MessageRecord>,
    template: Uuid,
    locale: &str,
) -> Result<MessageRecord, EngineError> {
    let place = all
        .iter()
        .position(|record| record.locale.eq_ignore_ascii_case(locale));
    place
        .map(|place| all.remove(place))
        .ok_or_else(|| EngineError::not_found(WHAT, format!("{template}_{locale}")))
}

fn require_other_locale(others: &[MessageRecord], locale: &str) -> Result<(), EngineError> {
    let is_taken = |record: &MessageRecord| record.locale.eq_ignore_ascii_case(locale);
    if others.iter().any(is_taken) {
        return Err(EngineError::AlreadyExists {
            what: WHAT,
            property: "locale",
            value: locale.to_owned(),
        });
    }
    Ok(())
}

/// Everything that is wrong with a text in one language, at once.
fn check(record: &MessageRecord) -> Result<(), EngineError> {
    let mut violations = Vec::new();
    violations.extend(locale::problem("locale", &record.locale));
    let subject = &record.subject;
    if subject.is_empty() || subject.chars().count() > SUBJECT_LIMIT {
        let rule = "must have 1 to 200 characters";
        violations.push(Violation::new("subject", rule, &json!(subject)));
    } else if subject.chars().any(char::is_control) {
        let rule = "must be one line without control characters";
        violations.push(Violation::without_value("subject", rule));
    }
    let is_wrong = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if record.body.trim().is_empty() || record.body.chars().count() > BODY_LIMIT {
        let rule = "must have 1 to 20,000 characters";
        violations.push(Violation::without_value("messageTemplate", rule));
    } else if record.body.chars().any(is_wrong) {
        let rule = "must have no control characters but line ends and tabs";
        violations.push(Violation::without_value("messageTemplate", rule));
    }
    none_of(violations)
}

/// What the audit says of a text in one language.
fn said(record: &MessageRecord) -> Value {
    json!({
        "locale": record.locale,
        "subject": record.subject,
        "messageTemplate": record.body,
        "isDefault": record.is_default,
    })
}
