//! Texts of mails that administrators wrote, each in several languages.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::scope_tags::seen_by_tags;
use crate::{Scope, Session, StoreError};

/// A text, with its languages apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Object id.
    pub id: Uuid,
    /// Name for administrators.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The language for people whose own it is not in.
    pub default_locale: Option<String>,
    /// What is put around the text: Graph's words, parted by commas.
    pub branding: String,
    /// Scope tags.
    pub scope_tags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it, or one of its languages, was last changed.
    pub modified_at: Timestamp,
}

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// The text that it belongs to.
    pub template_id: Uuid,
    /// The language, as it was given: `nl-NL`.
    pub locale: String,
    /// Subject of the mail.
    pub subject: String,
    /// Body of the mail.
    pub body: String,
    /// Whether people read this one whose language there is none for.
    pub is_default: bool,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

#[derive(FromRow)]
struct TemplateRow {
    id: Uuid,
    display_name: String,
    description: Option<String>,
    default_locale: Option<String>,
    branding: String,
    scope_tags: String,
    created_at: i64,
    modified_at: i64,
}

#[derive(FromRow)]
struct MessageRow {
    template_id: Uuid,
    locale: String,
    subject: String,
    body: String,
    is_default: i64,
    modified_at: i64,
}

impl TryFrom<TemplateRow> for TemplateRecord {
    type Error = StoreError;

    fn try_from(row: TemplateRow) -> Result<Self, StoreError> {
        let scope_tags =
            serde_json::from_str(&row.scope_tags).map_err(|error| StoreError::Inconsistent {
                table: "notification_template",
                column: "scope_tags",
                id: row.id.to_string(),
                problem: error.to_string(),
            })?;
        Ok(Self {
            id: row.id,
            display_name: row.display_name,
            description: row.description,
            default_locale: row.default_locale,
            branding: row.branding,
            scope_tags,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        })
    }
}

impl From<MessageRow> for MessageRecord {
    fn from(row: MessageRow) -> Self {
        Self {
            template_id: row.template_id,
            locale: row.locale,
            subject: row.subject,
            body: row.body,
            is_default: row.is_default != 0,
            modified_at: Timestamp(row.modified_at),
        }
    }
}

const FIND: &str = "
    SELECT id, display_name, description, default_locale, branding, scope_tags, created_at, modified_at
    FROM notification_template WHERE id = $1";
const LIST: &str = concat!(
    "
    SELECT t.id, t.display_name, t.description, t.default_locale, t.branding, t.scope_tags, t.created_at, t.modified_at
    FROM notification_template t
    WHERE t.id > $1 AND ",
    seen_by_tags!("t.scope_tags", "$2", "$3"),
    "
    ORDER BY t.id LIMIT $4"
);
const INSERT: &str = "
    INSERT INTO notification_template
        (id, display_name, description, default_locale, branding, scope_tags, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "
    UPDATE notification_template SET
        display_name = $2, description = $3, default_locale = $4, branding = $5, scope_tags = $6, modified_at = $7
    WHERE id = $1";
const DELETE: &str = "DELETE FROM notification_template WHERE id = $1";
const MESSAGES: &str = "
    SELECT template_id, locale, subject, body, is_default, modified_at
    FROM notification_message WHERE template_id = $1";
const SET_MESSAGE: &str = "
    INSERT INTO notification_message (template_id, locale, subject, body, is_default, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (template_id, locale) DO UPDATE SET
        subject = excluded.subject, body = excluded.body, is_default = excluded.is_default,
        modified_at = excluded.modified_at";
const DELETE_MESSAGE: &str =
    "DELETE FROM notification_message WHERE template_id = $1 AND locale = $2";
const DELETE_MESSAGES: &str = "DELETE FROM notification_message WHERE template_id = $1";

impl Session {
    /// A text by id.
    pub async fn find_notification_template(
        &mut self,
        id: Uuid,
    ) -> Result<Option<TemplateRecord>, StoreError> {
        let row: Option<TemplateRow> = self.one(FIND, arguments![id]).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Texts that can be seen, by id, from the one after `after`.
    pub async fn list_notification_templates(
        &mut self,
        scope: &Scope,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<TemplateRecord>, StoreError> {
        let values = arguments![
            after.unwrap_or(Uuid::nil()),
            scope.is_all(),
            scope.text(),
            i64::from(limit)
        ];
        self.all::<TemplateRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a text.
    pub async fn insert_notification_template(
        &mut self,
        record: &TemplateRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.display_name,
            record.description.clone(),
            record.default_locale.clone(),
            &record.branding,
            serde_json::Value::from(&record.scope_tags[..]).to_string(),
            record.created_at,
            record.modified_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Changes a text; whether it was there.
    pub async fn update_notification_template(
        &mut self,
        record: &TemplateRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            record.id,
            &record.display_name,
            record.description.clone(),
            record.default_locale.clone(),
            &record.branding,
            serde_json::Value::from(&record.scope_tags[..]).to_string(),
            record.modified_at,
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a text with its languages; whether it was there.
    pub async fn delete_notification_template(&mut self, id: Uuid) -> Result<bool, StoreError> {
        self.execute(DELETE_MESSAGES, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// A text in all its languages, by language.
    pub async fn notification_messages(
        &mut self,
        template: Uuid,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let rows: Vec<MessageRow> = self.all(MESSAGES, arguments![template]).await?;
        let mut records: Vec<MessageRecord> = rows.into_iter().map(Into::into).collect();
        // The order of texts is a matter of the database's collation.
        records.sort_by(|one, other| one.locale.cmp(&other.locale));
        Ok(records)
    }

    /// Writes a text in one language, new or not.
    pub async fn set_notification_message(
        &mut self,
        record: &MessageRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.template_id,
            &record.locale,
            &record.subject,
            &record.body,
            record.is_default,
            record.modified_at,
        ];
        self.execute(SET_MESSAGE, values).await.map(drop)
    }

    /// Removes a text in one language; whether it was there.
    pub async fn delete_notification_message(
        &mut self,
        template: Uuid,
        locale: &str,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(DELETE_MESSAGE, arguments![template, locale])
            .await?
            == 1)
    }
}
