//! Texts of mails: making, changing and deleting them.

use std::collections::BTreeSet;

use mandate_model::catalogue::Violation;
use mandate_store::{Session, TemplateRecord};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{MailBranding, MailTemplate, locale, settings};
use crate::access::tagging::{tags_for_new, tags_for_update};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

pub(super) const WHAT: &str = "notification message template";
/// Kind of the thing, for the audit.
pub(super) const KIND: &str = "notificationMessageTemplate";
const NAME_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 1024;

/// A text to be made; it is empty until it gets a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Name for administrators, 1 to 200 characters.
    pub display_name: String,
    /// What it is for, at most 1,024 characters.
    pub description: Option<String>,
    /// The language for people in whose own there is none.
    pub default_locale: Option<String>,
    /// What is put around the text.
    pub branding: BTreeSet<MailBranding>,
    /// Scope tags; those of who makes it if absent.
    pub scope_tags: Option<Vec<String>>,
}

/// A change of a text; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// Another name.
    pub display_name: Option<String>,
    /// Another description, or none.
    pub description: Option<Option<String>>,
    /// Another default language, or none.
    pub default_locale: Option<Option<String>>,
    /// Something else around the text.
    pub branding: Option<BTreeSet<MailBranding>>,
    /// Other scope tags.
    pub scope_tags: Option<Vec<String>>,
}

impl Engine {
    /// Texts that the actor sees, by id, with their languages.
    pub async fn list_notification_templates(
        &self,
        actor: &Actor,
        page: Page<Uuid>,
    ) -> Result<Vec<MailTemplate>, EngineError> {
        let scope = actor.scope_for(Action::NotificationsRead)?;
        let mut session = self.store().read().await?;
        let records = session
            .list_notification_templates(&scope, page.after, page.limit)
            .await?;
        let mut templates = Vec::with_capacity(records.len());
        for record in records {
            let messages = session.notification_messages(record.id).await?;
            templates.push(MailTemplate::of(record, messages));
        }
        Ok(templates)
    }

    /// A text with its languages.
    pub async fn find_notification_template(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<MailTemplate, EngineError> {
        let mut session = self.store().read().await?;
        let record = seen(&mut session, actor, Action::NotificationsRead, id).await?;
        let messages = session.notification_messages(id).await?;
        Ok(MailTemplate::of(record, messages))
    }

    /// Makes a text.
    pub async fn create_notification_template(
        &self,
        actor: &Actor,
        new: NewTemplate,
    ) -> Result<MailTemplate, EngineError> {
        let action = Action::NotificationsUpdate;
        actor.require(action)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let record = TemplateRecord {
            id: self.chance().id(now),
            display_name: new.display_name.trim().to_owned(),
            description: new.description,
            default_locale: tidied(new.default_locale),
            branding: MailBranding::text(&new.branding),
            scope_tags: tags_for_new(&mut session, actor, action, new.scope_tags).await?,
            created_at: now,
            modified_at: now,
        };
        check(&record)?;
        session.insert_notification_template(&record).await?;
        let change = Change::create(KIND, record.id, &record.display_name, said(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(MailTemplate::of(record, Vec::new()))
    }

    /// Changes a text, its languages apart.
    pub async fn update_notification_template(
        &self,
        actor: &Actor,
        id: Uuid,
        change: TemplateChange,
    ) -> Result<MailTemplate, EngineError> {
        let action = Action::NotificationsUpdate;
        let mut session = self.store().write().await?;
        let before = seen(&mut session, actor, action, id).await?;
        let mut record = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut record.display_name);
        }
        if let Some(description) = change.description {
            record.description = description;
        }
        if let Some(locale) = change.default_locale {
            record.default_locale = tidied(locale);
        }
        if let Some(branding) = change.branding {
            record.branding = MailBranding::text(&branding);
        }
        let tags = &before.scope_tags;
        record.scope_tags =
            tags_for_update(&mut session, actor, action, tags, change.scope_tags).await?;
        check(&record)?;
        let messages = session.notification_messages(id).await?;
        if record == before {
            return Ok(MailTemplate::of(before, messages));
        }
        record.modified_at = self.now();
        session.update_notification_template(&record).await?;
        let (old, new) = (said(&before), said(&record));
        let change = Change::update(KIND, id, &record.display_name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(MailTemplate::of(record, messages))
    }

    /// Deletes a text with its languages. Refused while an event uses it.
    pub async fn delete_notification_template(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        let record = seen(&mut session, actor, Action::NotificationsUpdate, id).await?;
        let uses = settings::read(&mut session).await?.uses_of(id);
        if !uses.is_empty() {
            return Err(EngineError::InUse {
                what: WHAT,
                name: record.display_name,
                by: uses
                    .iter()
                    .map(|event| format!("the event `{}`", event.name()))
                    .collect(),
            });
        }
        session.delete_notification_template(id).await?;
        let change = Change::delete(KIND, id, &record.display_name, said(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// A text that is there and that the actor may see; refuses if they may see it and not do this.
pub(super) async fn seen(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    id: Uuid,
) -> Result<TemplateRecord, EngineError> {
    actor.require(action)?;
    let record = session
        .find_notification_template(id)
        .await?
        .filter(|record| {
            actor.reaches(Action::NotificationsRead, &record.scope_tags)
                || actor.reaches(action, &record.scope_tags)
        })
        .ok_or_else(|| EngineError::not_found(WHAT, id))?;
    actor.require_on(action, &record.scope_tags)?;
    Ok(record)
}

/// Everything that is wrong with a text, at once.
fn check(record: &TemplateRecord) -> Result<(), EngineError> {
    let mut violations = Vec::new();
    let name = &record.display_name;
    if name.is_empty() || name.chars().count() > NAME_LIMIT {
        let rule = "must have 1 to 200 characters";
        violations.push(Violation::new("displayName", rule, &json!(name)));
    }
    let description = record.description.as_ref();
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
        let rule = "must have at most 1,024 characters";
        violations.push(Violation::without_value("description", rule));
    }
    if let Some(text) = &record.default_locale {
        violations.extend(locale::problem("defaultLocale", text));
    }
    none_of(violations)
}

/// Refuses if anything is wrong.
pub(super) fn none_of(violations: Vec<Violation>) -> Result<(), EngineError> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(EngineError::Invalid(violations))
    }
}

/// A language without blanks around it; an empty one is none.
fn tidied(given: Option<String>) -> Option<String> {
    let given = given.map(|locale| locale.trim().to_owned());
    given.filter(|locale| !locale.is_empty())
}

/// What the audit says of a text.
fn said(record: &TemplateRecord) -> Value {
    json!({
        "displayName": record.display_name,
        "description": record.description,
        "defaultLocale": record.default_locale,
        "brandingOptions": record.branding,
        "roleScopeTagIds": record.scope_tags,
    })
}
