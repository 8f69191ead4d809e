//! A text of mails, as administrators see it.

use std::collections::BTreeSet;

use mandate_model::Timestamp;
use mandate_store::{MessageRecord, TemplateRecord};
use uuid::Uuid;

/// A text that an administrator wrote, in some languages (Graph's `notificationMessageTemplate`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTemplate {
    /// Object id.
    pub id: Uuid,
    /// Name for administrators.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The language for people in whose own there is none.
    pub default_locale: Option<String>,
    /// What is put around the text.
    pub branding: BTreeSet<MailBranding>,
    /// Scope tags.
    pub scope_tags: Vec<String>,
    /// When it, or one of its languages, was last changed.
    pub modified_at: Timestamp,
    /// Its languages, by locale.
    pub messages: Vec<MailMessage>,
}

/// A text in one language (Graph's `localizedNotificationMessage`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailMessage {
    /// The text that it belongs to.
    pub template: Uuid,
    /// Language, and region perhaps: `nl`, `nl-NL`.
    pub locale: String,
    /// Subject of the mail; may name variables.
    pub subject: String,
    /// Body of the mail: plain text, or text with a few HTML tags; may name variables.
    pub body: String,
    /// Whether people read it in whose language there is none.
    pub is_default: bool,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

impl MailMessage {
    /// Its id, as Graph makes it up.
    pub fn id(&self) -> String {
        format!("{}_{}", self.template, self.locale)
    }
}

/// Something that is put around a text (Graph's `notificationTemplateBrandingOptions`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailBranding {
    /// The logo on top.
    CompanyLogo,
    /// The organisation's name on top.
    CompanyName,
    /// Whom to ask, below.
    ContactInformation,
    /// A link to the portal, below.
    CompanyPortalLink,
    /// Which device it is about, below.
    DeviceDetails,
}

impl MailBranding {
    /// All of them, in Graph's order.
    pub const ALL: [Self; 5] = [
        Self::CompanyLogo,
        Self::CompanyName,
        Self::ContactInformation,
        Self::CompanyPortalLink,
        Self::DeviceDetails,
    ];

    /// Graph's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CompanyLogo => "includeCompanyLogo",
            Self::CompanyName => "includeCompanyName",
            Self::ContactInformation => "includeContactInformation",
            Self::CompanyPortalLink => "includeCompanyPortalLink",
            Self::DeviceDetails => "includeDeviceDetails",
        }
    }

    /// Reads Graph's flags, parted by commas; `none` and nothing are no flags. `None` if a word is unknown.
    pub fn parse(text: &str) -> Option<BTreeSet<Self>> {
        let words = text.split(',').map(str::trim);
        words
            .filter(|word| !word.is_empty() && *word != "none")
            .map(|word| Self::ALL.into_iter().find(|option| option.name() == word))
            .collect()
    }

    /// Writes Graph's flags.
    pub fn text(options: &BTreeSet<Self>) -> String {
        if options.is_empty() {
            return "none".to_owned();
        }
        let names: Vec<&str> = options.iter().map(|option| option.name()).collect();
        names.join(",")
    }
}

impl MailTemplate {
    pub(super) fn of(record: TemplateRecord, messages: Vec<MessageRecord>) -> Self {
        Self {
            id: record.id,
            display_name: record.display_name,
            description: record.description,
            default_locale: record.default_locale,
            branding: MailBranding::parse(&record.branding).unwrap_or_default(),
            scope_tags: record.scope_tags,
            modified_at: record.modified_at,
            messages: messages.into_iter().map(MailMessage::of).collect(),
        }
    }
}

impl MailMessage {
    pub(super) fn of(record: MessageRecord) -> Self {
        Self {
            template: record.template_id,
            locale: record.locale,
            subject: record.subject,
            body: record.body,
            is_default: record.is_default,
            modified_at: record.modified_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_in_any_order_and_written_in_graphs() {
        let read = MailBranding::parse("includeDeviceDetails, includeCompanyName").unwrap();
        assert_eq!(
            MailBranding::text(&read),
            "includeCompanyName,includeDeviceDetails"
        );
        assert_eq!(MailBranding::parse("none").unwrap(), BTreeSet::new());
        assert_eq!(MailBranding::text(&BTreeSet::new()), "none");
        assert_eq!(MailBranding::parse("includeMoon"), None);
    }
}
