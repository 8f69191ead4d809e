//! Languages of people and of texts.

use mandate_model::User;
use mandate_model::catalogue::Violation;

use super::template::MailMessage;

/// The language of people whose own nobody knows.
pub(super) const USUAL: &str = "en";

/// What is wrong with a language tag such as `nl`, `nl-NL` or `zh-Hant-TW` (RFC 5646), if anything is.
pub(super) fn problem(property: &str, tag: &str) -> Option<Violation> {
    let mut parts = tag.split('-');
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic());
    let is_more = |part: &str| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if parts.next().is_some_and(is_language) && parts.all(is_more) && tag.len() <= 35 {
        return None;
    }
    let rule = "must be a language such as `nl` or `nl-NL`";
    Some(Violation::new(
        property,
        rule,
        &serde_json::Value::from(tag),
    ))
}

/// The language that a person prefers, as the directory says (`preferredLanguage`).
pub(super) fn of_person(user: &User) -> &str {
    user.attribute("preferredLanguage").unwrap_or(USUAL)
}

/// The text that a person with this language reads: in exactly that language, in the language of another region, the default one,
/// the one of the default language, or any.
pub(super) fn best<'a>(
    messages: &'a [MailMessage],
    preferred: &str,
    default_locale: Option<&str>,
) -> Option<&'a MailMessage> {
    in_language(messages, preferred)
        .or_else(|| messages.iter().find(|message| message.is_default))
        .or_else(|| in_language(messages, default_locale?))
        .or_else(|| messages.first())
}

fn in_language<'a>(messages: &'a [MailMessage], wanted: &str) -> Option<&'a MailMessage> {
    let exactly = |message: &&MailMessage| message.locale.eq_ignore_ascii_case(wanted);
    let broadly =
        |message: &&MailMessage| language(&message.locale).eq_ignore_ascii_case(language(wanted));
    messages
        .iter()
        .find(exactly)
        .or_else(|| messages.iter().find(broadly))
}

/// The language of a tag without its region: `nl` of `nl-NL`.
pub(super) fn language(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag).trim()
}

#[cfg(test)]
mod tests {
    use mandate_model::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn message(locale: &str, is_default: bool) -> MailMessage {
        MailMessage {
            template: Uuid::nil(),
            locale: locale.to_owned(),
            subject: locale.to_owned(),
            body: locale.to_owned(),
            is_default,
            modified_at: Timestamp(0),
        }
    }

    #[test]
    fn a_person_reads_the_nearest_language() {
        let all = [
            message("de-de", false),
            message("en-us", true),
            message("nl", false),
            message("nl-BE", false),
        ];
        let read =
            |preferred, default| best(&all, preferred, default).map(|one| one.locale.as_str());
        assert_eq!(read("nl-be", None), Some("nl-BE"));
        assert_eq!(read("nl-NL", None), Some("nl"));
        assert_eq!(read("DE", None), Some("de-de"));
        assert_eq!(read("fr", Some("nl")), Some("en-us"));
        let without_default = [message("de", false), message("nl", false)];
        let read = |default| best(&without_default, "fr", default).map(|one| one.locale.as_str());
        assert_eq!((read(Some("nl-NL")), read(None)), (Some("nl"), Some("de")));
        assert_eq!(best(&[], "nl", Some("nl")), None);
    }

    #[test]
    fn a_language_is_a_tag() {
        for right in ["nl", "nl-NL", "zh-Hant-TW", "gsw-u-sd-chzh"] {
            assert_eq!(problem("locale", right), None);
        }
        for wrong in [
            "",
            "n",
            "dutch",
            "nl_NL",
            "nl-",
            "-nl",
            "nl\r\n",
            " nl",
            "12",
            "nl-123456789",
        ] {
            assert!(problem("locale", wrong).is_some(), "{wrong:?}");
        }
    }
}
