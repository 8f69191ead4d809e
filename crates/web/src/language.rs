//! Languages of pages: one catalogue each, a file of it for each room.

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::cookies::LANGUAGE;

/// The files of a catalogue: whoever adds one adds it in each language.
macro_rules! sources {
    ($code:literal) => {
        &[
            include_str!(concat!("../languages/", $code, "/frame.ftl")),
            include_str!(concat!("../languages/", $code, "/barriers.ftl")),
            include_str!(concat!("../languages/", $code, "/sign-in.ftl")),
            include_str!(concat!("../languages/", $code, "/home.ftl")),
            include_str!(concat!("../languages/", $code, "/setup.ftl")),
            include_str!(concat!("../languages/", $code, "/devices.ftl")),
            include_str!(concat!("../languages/", $code, "/migration.ftl")),
            include_str!(concat!("../languages/", $code, "/reasons.ftl")),
            include_str!(concat!("../languages/", $code, "/users.ftl")),
            include_str!(concat!("../languages/", $code, "/groups.ftl")),
            include_str!(concat!("../languages/", $code, "/certificates.ftl")),
            include_str!(concat!("../languages/", $code, "/apps.ftl")),
            include_str!(concat!("../languages/", $code, "/audit.ftl")),
            include_str!(concat!("../languages/", $code, "/roles.ftl")),
            include_str!(concat!("../languages/", $code, "/settings-page.ftl")),
            include_str!(concat!("../languages/", $code, "/branding.ftl")),
            include_str!(concat!("../languages/", $code, "/apple.ftl")),
            include_str!(concat!("../languages/", $code, "/enrolment.ftl")),
            include_str!(concat!("../languages/", $code, "/authority.ftl")),
            include_str!(concat!("../languages/", $code, "/licences.ftl")),
            include_str!(concat!("../languages/", $code, "/directory.ftl")),
            include_str!(concat!("../languages/", $code, "/portal.ftl")),
            include_str!(concat!("../languages/", $code, "/notifications.ftl")),
            include_str!(concat!("../languages/", $code, "/profiles.ftl")),
            include_str!(concat!("../languages/", $code, "/preflight.ftl")),
            include_str!(concat!("../languages/", $code, "/simulation.ftl")),
        ]
    };
}

/// A language that pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English; what nobody has said anything about.
    #[default]
    English,
    /// Dutch.
    Dutch,
    /// Swedish.
    Swedish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Dutch, Self::Swedish];

    /// ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::Swedish => "sv",
        }
    }

    /// Its own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Dutch => "Nederlands",
            Self::Swedish => "Svenska",
        }
    }

    /// By its code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// The one that somebody chose, else the one that their browser likes best.
    pub fn of(headers: &HeaderMap, is_secure: bool) -> Self {
        let chosen = LANGUAGE.read(headers, is_secure).and_then(Self::parse);
        chosen.unwrap_or_else(|| {
            let accepted = headers
                .get(header::ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok());
            accepted.map(accepted_best).unwrap_or_default()
        })
    }

    /// A text of the catalogue.
    pub fn text(self, id: &str) -> String {
        self.text_with(id, &[])
    }

    /// A text with values in it. A text that is missing, which a test forbids, shows its id.
    pub fn text_with(self, id: &str, values: &[(&str, &str)]) -> String {
        let catalogue = self.catalogue();
        let pattern = catalogue
            .get_message(id)
            .and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return id.to_owned();
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            // Whole numbers choose between one and many.
            let value = match value.parse::<i32>() {
                Ok(number) => FluentValue::from(number),
                Err(_) => FluentValue::from((*value).to_owned()),
            };
            arguments.set((*name).to_owned(), value);
        }
        let mut errors = Vec::new();
        catalogue
            .format_pattern(pattern, Some(&arguments), &mut errors)
            .into_owned()
    }

    /// The files of its catalogue.
    const fn sources(self) -> &'static [&'static str] {
        match self {
            Self::English => sources!("en"),
            Self::Dutch => sources!("nl"),
            Self::Swedish => sources!("sv"),
        }
    }

    /// What the rooms below say in English, in the other languages.
    const fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::English => &[],
            Self::Dutch => &[
                include_str!("../languages/nl/settings.ftl"),
                include_str!("../languages/nl/rules.ftl"),
            ],
            Self::Swedish => &[
                include_str!("../languages/sv/settings.ftl"),
                include_str!("../languages/sv/rules.ftl"),
            ],
        }
    }

    fn catalogue(self) -> &'static FluentBundle<FluentResource> {
        &CATALOGUES[self as usize]
    }
}

static CATALOGUES: LazyLock<[FluentBundle<FluentResource>; 3]> =
    LazyLock::new(|| Language::ALL.map(read));

fn read(language: Language) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // Marks around values would be seen by those who copy a text.
    bundle.set_use_isolating(false);
    for source in language.sources().iter().chain(language.phrases()) {
        // What cannot be read is left out, and a test finds it.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The best of `Accept-Language` (RFC 9110 §12.5.4) that is spoken here.
fn accepted_best(header: &str) -> Language {
    let mut best = (Language::default(), 0.0);
    for range in header.split(',').take(32) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |weight| weight.parse::<f32>().ok())
            .filter(|weight| (0.0..=1.0).contains(weight))
            .unwrap_or(0.0);
        let code = tag
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(language) = Language::parse(&code)
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Ids with the values that stand in them.
    fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        for source in language.sources() {
            let read = FluentResource::try_new((*source).to_owned());
            assert!(read.is_ok(), "{language:?}: {:?}", read.unwrap_err().1);
        }
        let mut texts = BTreeMap::new();
        let mut id = String::new();
        for line in language.sources().iter().flat_map(|source| source.lines()) {
            let is_entry = line.starts_with(|c: char| c.is_ascii_lowercase());
            if is_entry && let Some((name, _)) = line.split_once(" =") {
                id = name.to_owned();
                let is_new = texts.insert(id.clone(), BTreeSet::new()).is_none();
                assert!(is_new, "{language:?} has `{id}` twice");
            }
            for variable in line.split('$').skip(1) {
                let end = variable
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .unwrap_or(variable.len());
                if let Some(values) = texts.get_mut(&id) {
                    values.insert(variable[..end].to_owned());
                }
            }
        }
        texts
    }

    #[test]
    fn every_language_has_every_text_with_the_same_values() {
        let english = texts(Language::English);
        assert!(english.len() > 50);
        for language in [Language::Dutch, Language::Swedish] {
            assert_eq!(texts(language), english, "{language:?}");
        }
    }

    #[test]
    fn no_text_is_empty_or_shows_its_id() {
        for language in Language::ALL {
            for (id, values) in texts(language) {
                let values: Vec<(&str, &str)> =
                    values.iter().map(|name| (name.as_str(), "7")).collect();
                let text = language.text_with(&id, &values);
                assert!(text != id && !text.trim().is_empty(), "{language:?} {id}");
                assert!(!text.contains("{$"), "{language:?} {id}: {text}");
            }
        }
    }

    #[test]
    fn the_browser_says_which_language() {
        for (header, language) in [
            ("sv-SE,sv;q=0.9,en;q=0.8", Language::Swedish),
            ("de,nl;q=0.5,en;q=0.4", Language::Dutch),
            ("de", Language::English),
            ("", Language::English),
            ("nl;q=x, *;q=2", Language::English),
            ("nl;q=0, en;q=0.1", Language::English),
        ] {
            assert_eq!(accepted_best(header), language, "{header}");
        }
    }

    #[test]
    fn a_choice_beats_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "nl".parse().unwrap());
        assert_eq!(Language::of(&headers, true), Language::Dutch);
        headers.insert(
            header::COOKIE,
            "__Host-mandate-language=sv".parse().unwrap(),
        );
        assert_eq!(Language::of(&headers, true), Language::Swedish);
        assert_eq!(Language::of(&headers, false), Language::Dutch);
    }
}
