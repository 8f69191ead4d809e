//! Our own words for mails, in each language. A language that lacks one does not compile.

mod dutch;
mod english;
mod swedish;

use super::NoticeEvent;
use super::locale::language;

/// Everything that mails say of themselves in one language.
#[derive(Debug)]
pub(super) struct Words {
    /// ISO 639-1.
    pub(super) code: &'static str,
    blocked: Text,
    ending: Text,
    password: Text,
    approval: Text,
    /// How an account is removed on an iPhone or iPad.
    pub(super) steps_ios: &'static str,
    /// The same on a Mac.
    pub(super) steps_mac: &'static str,
    /// What to do about a certificate that somebody has to provide.
    pub(super) certificate_imported: &'static str,
    /// What to do about a certificate that the device renews.
    pub(super) certificate_renewed: &'static str,
    /// Before the name of the device.
    pub(super) device: &'static str,
    /// Before the address of the portal.
    pub(super) portal: &'static str,
    /// Above whom to ask.
    pub(super) contact: &'static str,
    /// Before a text that is only tried out.
    pub(super) test: &'static str,
}

/// Subject and body, with variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
}

const ALL: [&Words; 3] = [&english::WORDS, &dutch::WORDS, &swedish::WORDS];

impl Words {
    /// Those for a language tag; English where there are none.
    pub(super) fn of(tag: &str) -> &'static Self {
        let wanted = language(tag);
        let found = ALL
            .into_iter()
            .find(|words| words.code.eq_ignore_ascii_case(wanted));
        found.unwrap_or(&english::WORDS)
    }

    /// What is said of an event.
    pub(super) const fn text(&self, event: NoticeEvent) -> Text {
        match event {
            NoticeEvent::AccountBlocked => self.blocked,
            NoticeEvent::CertificateEnding => self.ending,
            NoticeEvent::PasswordExpected => self.password,
            NoticeEvent::ApprovalExpected => self.approval,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::unknown_variables;
    use super::*;

    #[test]
    fn a_language_is_found_by_its_tag_and_english_is_for_everybody_else() {
        let of = |tag| Words::of(tag).code;
        assert_eq!(
            ["nl-BE", "SV", "sv_SE", "de", ""].map(of),
            ["nl", "sv", "sv", "en", "en"]
        );
    }

    #[test]
    fn every_language_uses_the_same_variables_and_only_known_ones() {
        let variables = |text: &str| {
            let mut found: Vec<String> = text
                .split("{{")
                .skip(1)
                .filter_map(|part| part.split_once("}}").map(|(name, _)| name.to_owned()))
                .collect();
            found.sort();
            found
        };
        for event in NoticeEvent::ALL {
            let english = english::WORDS.text(event);
            for words in ALL {
                let text = words.text(event);
                assert_eq!(
                    variables(text.body),
                    variables(english.body),
                    "{} {event:?}",
                    words.code
                );
                assert_eq!(
                    variables(text.subject),
                    variables(english.subject),
                    "{}",
                    words.code
                );
                assert_eq!(unknown_variables(text.body), Vec::<String>::new());
            }
        }
    }
}
