//! Texts, colour and switches, and what they may be.
//!
//! Lengths are counted in Unicode scalar values of the text in normalisation form C, after spaces at both ends are gone:
//! an `ü` is one character, however it was typed, and an emoji that is put together of several counts as several.

use mandate_model::catalogue::Violation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use url::Url;

use super::Colour;

/// What the organisation says of itself. Texts that are empty count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BrandDetails {
    /// Name of the organisation, the title of the portal: at most 40 letters, digits and spaces. Without it the
    /// company's name counts.
    pub display_name: Option<String>,
    /// Whom people ask, at most 40 characters.
    pub contact_name: Option<String>,
    /// Telephone number of IT, at most 20 characters.
    pub contact_phone: Option<String>,
    /// Mail address of IT, at most 40 characters.
    pub contact_email: Option<String>,
    /// More about IT, such as opening hours: at most 120 characters, in one or several lines.
    pub contact_notes: Option<String>,
    /// Where the organisation says what it does with data: `https`, at most 79 characters.
    pub privacy_url: Option<String>,
    /// Where IT helps: `https`, at most 150 characters. Without it no support site is shown at all.
    pub support_url: Option<String>,
    /// What the link to it is called, at most 40 characters; pages have words of their own for a site without a name.
    pub support_name: Option<String>,
    /// Colour of what stands out; the pages' own without it.
    pub theme_colour: Option<Colour>,
    /// Whether logos are shown.
    pub show_logo: bool,
    /// Whether the name is shown beside the logo.
    pub show_name_next_to_logo: bool,
}

impl Default for BrandDetails {
    fn default() -> Self {
        Self {
            display_name: None,
            contact_name: None,
            contact_phone: None,
            contact_email: None,
            contact_notes: None,
            privacy_url: None,
            support_url: None,
            support_name: None,
            theme_colour: None,
            show_logo: false,
            show_name_next_to_logo: true,
        }
    }
}

/// One of the texts: its property in Graph, and how many characters it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandText {
    /// Name of the property, such as `contactITName`; errors name it.
    pub property: &'static str,
    /// Most characters.
    pub limit: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Line,
    Lines,
    Mail,
    Url,
}

impl BrandText {
    /// All texts, in the order of forms.
    pub const ALL: [Self; 8] = [
        Self::new("displayName", 40, Kind::Name),
        Self::new("contactITName", 40, Kind::Line),
        Self::new("contactITPhoneNumber", 20, Kind::Line),
        Self::new("contactITEmailAddress", 40, Kind::Mail),
        Self::new("contactITNotes", 120, Kind::Lines),
        Self::new("privacyUrl", 79, Kind::Url),
        Self::new("onlineSupportSiteUrl", 150, Kind::Url),
        Self::new("onlineSupportSiteName", 40, Kind::Line),
    ];

    const fn new(property: &'static str, limit: usize, kind: Kind) -> Self {
        Self {
            property,
            limit,
            kind,
        }
    }

    /// What is wrong with a text that was tidied.
    fn check(self, text: &str) -> Result<(), String> {
        let length = text.chars().count();
        if length > self.limit {
            let limit = self.limit;
            return Err(format!(
                "must have at most {limit} characters and has {length}"
            ));
        }
        let lines = self.kind == Kind::Lines;
        if text.chars().any(|character| is_invisible(character, lines)) {
            return Err("must have no control characters".to_owned());
        }
        let (fits, rule) = match self.kind {
            Kind::Name => (
                is_name(text),
                "must have letters, digits and spaces only, no other characters",
            ),
            Kind::Line | Kind::Lines => (true, ""),
            Kind::Mail => (
                is_mail_address(text),
                "must be a mail address such as `helpdesk@example.com`",
            ),
            Kind::Url => (
                is_secure_url(text),
                "must be an address that begins with `https://`, such as `https://www.example.com`",
            ),
        };
        if fits { Ok(()) } else { Err(rule.to_owned()) }
    }
}

impl BrandDetails {
    /// The text of a property of [`BrandText::ALL`], to be read or changed.
    pub fn text_mut(&mut self, text: BrandText) -> &mut Option<String> {
        match text.property {
            "displayName" => &mut self.display_name,
            "contactITName" => &mut self.contact_name,
            "contactITPhoneNumber" => &mut self.contact_phone,
            "contactITEmailAddress" => &mut self.contact_email,
            "contactITNotes" => &mut self.contact_notes,
            "privacyUrl" => &mut self.privacy_url,
            "onlineSupportSiteUrl" => &mut self.support_url,
            _ => &mut self.support_name,
        }
    }

    /// The text of a property.
    pub fn text(&self, text: BrandText) -> Option<&str> {
        let found = match text.property {
            "displayName" => &self.display_name,
            "contactITName" => &self.contact_name,
            "contactITPhoneNumber" => &self.contact_phone,
            "contactITEmailAddress" => &self.contact_email,
            "contactITNotes" => &self.contact_notes,
            "privacyUrl" => &self.privacy_url,
            "onlineSupportSiteUrl" => &self.support_url,
            _ => &self.support_name,
        };
        found.as_deref()
    }

    /// The support site: its address, and its name if it has one.
    pub fn support_site(&self) -> Option<(&str, Option<&str>)> {
        let url = self.support_url.as_deref()?;
        Some((url, self.support_name.as_deref()))
    }

    /// Puts all texts into one form, and takes empty ones away.
    pub(super) fn tidy(&mut self) {
        for text in BrandText::ALL {
            let place = self.text_mut(text);
            *place = place.take().map(|text| tidied(&text));
            place.take_if(|text| text.is_empty());
        }
    }

    /// Every rule that the texts break.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let broken = |text: BrandText| {
            let value = self.text(text)?;
            let rule = text.check(value).err()?;
            Some(Violation::new(text.property, rule, &Value::from(value)))
        };
        BrandText::ALL.into_iter().filter_map(broken).collect()
    }
}

fn tidied(text: &str) -> String {
    let text: String = text.nfc().collect();
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim()
        .to_owned()
}

/// Control characters, and those that turn the direction of what follows them (UAX #9 §2.1, §2.4): with them a text
/// looks like another one.
fn is_invisible(character: char, may_break: bool) -> bool {
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (character.is_control() && !(may_break && character == '\n'))
}

/// Letters and digits of any script with their marks, and single kinds of space.
fn is_name(text: &str) -> bool {
    text.chars().all(|character| {
        character == ' '
            || character.is_alphanumeric()
            || character.general_category_group() == GeneralCategoryGroup::Mark
    }) && text.chars().any(char::is_alphanumeric)
}

/// `alias@domainname.com`: a dot-atom (RFC 5322 §3.2.3) and a domain of two labels or more.
fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    local.split('.').all(is_atom)
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && top.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `https://` and a host, with nothing that makes people believe in another host.
fn is_secure_url(text: &str) -> bool {
    let begins = text
        .get(..8)
        .is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    // The parser passes over tabs, and takes `\` for `/`.
    let is_plain = !text
        .chars()
        .any(|character| character.is_whitespace() || character == '\\');
    let parsed = Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    begins && is_plain && parsed && !text[8..].starts_with('/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(property: &str) -> BrandText {
        let found = BrandText::ALL
            .into_iter()
            .find(|text| text.property == property);
        found.unwrap()
    }

    /// The property that is refused, if any.
    fn refused(property: &str, value: &str) -> Option<String> {
        let mut details = BrandDetails::default();
        *details.text_mut(text(property)) = Some(value.to_owned());
        details.tidy();
        let violations = details.violations();
        assert!(violations.len() <= 1);
        violations
            .into_iter()
            .next()
            .map(|violation| violation.property)
    }

    #[test]
    fn every_text_has_its_exact_limit() {
        let limits: [(&str, usize, &str); 8] = [
            ("displayName", 40, ""),
            ("contactITName", 40, ""),
            ("contactITPhoneNumber", 20, ""),
            ("contactITEmailAddress", 40, "@example.com"),
            ("contactITNotes", 120, ""),
            ("privacyUrl", 79, "https://example.com/"),
            ("onlineSupportSiteUrl", 150, "https://example.com/"),
            ("onlineSupportSiteName", 40, ""),
        ];
        for (property, limit, frame) in limits {
            let filled = |length: usize| {
                let filling = "a".repeat(length - frame.len());
                if frame.starts_with('@') {
                    filling + frame
                } else {
                    frame.to_owned() + &filling
                }
            };
            assert_eq!(refused(property, &filled(limit)), None, "{property}");
            assert_eq!(
                refused(property, &filled(limit + 1)).as_deref(),
                Some(property)
            );
            // What stands at the ends does not count.
            let spaced = format!("  {} \r\n", filled(limit));
            assert_eq!(refused(property, &spaced), None, "{property}");
        }
    }

    #[test]
    fn characters_are_counted_however_they_were_typed() {
        for letter in ["ü", "u\u{308}", "語", "ß"] {
            assert_eq!(refused("displayName", &letter.repeat(40)), None, "{letter}");
            assert!(refused("displayName", &letter.repeat(41)).is_some());
        }
        assert_eq!(refused("contactITNotes", &"🦊".repeat(120)), None);
        assert!(refused("contactITNotes", &"🦊".repeat(121)).is_some());
    }

    #[test]
    fn a_name_has_letters_and_digits_of_any_script() {
        for name in ["Contoso 2", "Ünï", "Ångström", "株式会社", "हिन्दी", "Ελλάς"]
        {
            assert_eq!(refused("displayName", name), None, "{name}");
        }
        for name in [
            "A & B",
            "A-B",
            "A.B",
            "<b>",
            "A\tB",
            "🦊",
            "A\u{200d}B",
            "A\0",
            "A\u{202e}B",
            "\u{301}",
        ] {
            assert!(refused("displayName", name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_mail_address_is_one() {
        for address in ["it@example.com", "i.t+help@a-b.example.co", "o'neill@x.se"] {
            assert_eq!(refused("contactITEmailAddress", address), None, "{address}");
        }
        for address in [
            "it",
            "it@",
            "@example.com",
            "it@example",
            "it@@example.com",
            "i t@example.com",
            "it@exa mple.com",
            ".it@example.com",
            "it.@example.com",
            "i..t@example.com",
            "it@-a.com",
            "it@a-.com",
            "it@a..com",
            "it@10.0.0.1",
            "\"it\"@example.com",
            "it@example.com?bcc=x",
            "it@example.com\nBcc: x@y.se",
            "<it@example.com>",
            "ït@example.com",
        ] {
            assert!(
                refused("contactITEmailAddress", address).is_some(),
                "{address}"
            );
        }
    }

    #[test]
    fn an_address_of_a_page_is_secure() {
        for url in [
            "https://www.contoso.com",
            "HTTPS://Contoso.com/privacy?lang=sv#top",
            "https://helpdesk/",
            "https://[2001:db8::1]:8443/",
            "https://bücher.example",
        ] {
            assert_eq!(refused("privacyUrl", url), None, "{url}");
        }
        for url in [
            "http://www.contoso.com",
            "www.contoso.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:contoso.com",
            "https:/contoso.com",
            "https:///contoso.com",
            "https://",
            "https://a b.com",
            "https:\\\\contoso.com",
            "https://contoso.com\\@evil.example",
            "https://bank.com@evil.example",
            "https://u:p@contoso.com",
            "ht\ttps://contoso.com",
            "https://con\ntoso.com",
            "//contoso.com",
            "https://exa\u{202e}mple.com",
            "https://a:99999",
            "ftp://contoso.com",
        ] {
            assert!(refused("privacyUrl", url).is_some(), "{url}");
            assert!(refused("onlineSupportSiteUrl", url).is_some(), "{url}");
        }
    }

    #[test]
    fn lines_break_only_where_there_are_several() {
        assert_eq!(refused("contactITNotes", "Mon\r\nTue"), None);
        assert!(refused("contactITName", "Mon\nTue").is_some());
        assert!(refused("contactITPhoneNumber", "1\r2").is_some());
        assert!(refused("contactITNotes", "a\u{2066}b").is_some());
    }

    #[test]
    fn nothing_is_left_of_what_is_empty() {
        let mut details = BrandDetails {
            contact_name: Some(" \u{3000}\t".to_owned()),
            support_name: Some("Help".to_owned()),
            ..BrandDetails::default()
        };
        details.tidy();
        assert_eq!(details.contact_name, None);
        // A name alone is no site.
        assert_eq!(details.support_site(), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_by_name(value in any::<String>()) {
            for text in BrandText::ALL {
                if let Some(property) = refused(text.property, &value) {
                    prop_assert_eq!(property, text.property);
                }
            }
        }

        #[test]
        fn to_tidy_twice_changes_nothing_more(value in any::<String>()) {
            let once = tidied(&value);
            prop_assert_eq!(tidied(&once), once);
        }
    }
}
