//! Phrases that the rooms below say in English, such as names of settings, rules and reasons, in other languages.
//!
//! The English text itself leads to its translation, so that nothing has to be named twice: what stands in backticks and
//! whole numbers are values, and the words left over make the id. `must have at most 40 characters` is
//! `phrase-must-have-at-most-characters` with `$a`. A phrase without a translation stays English.

use crate::Language;

/// Words of a phrase that count for its id: more would make long ones unwieldy and tell nothing apart.
const WORDS: usize = 16;
const VALUE_NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A phrase taken apart.
struct Phrase<'a> {
    id: String,
    values: Vec<&'a str>,
}

impl Language {
    /// A phrase in this language.
    pub fn phrase(self, english: &str) -> String {
        if self == Self::English {
            return english.to_owned();
        }
        let Phrase { id, values } = take_apart(english);
        let values: Vec<(&str, &str)> = VALUE_NAMES.into_iter().zip(values).collect();
        let text = self.text_with(&id, &values);
        if text == id { english.to_owned() } else { text }
    }
}

/// Id of a phrase in the catalogues.
pub fn phrase_id(english: &str) -> String {
    take_apart(english).id
}

fn take_apart(english: &str) -> Phrase<'_> {
    let (mut words, mut values) = (Vec::new(), Vec::new());
    // Every other piece stands in backticks.
    for (index, piece) in english.split('`').enumerate() {
        if index % 2 == 1 {
            values.push(piece);
            continue;
        }
        // A comma may stand in a number, as in `1,024`.
        for word in piece.split(|c: char| !c.is_ascii_alphanumeric() && c != ',') {
            let word = word.trim_matches(',');
            if word.chars().all(|c| c.is_ascii_digit() || c == ',') {
                values.extend(Some(word).filter(|word| !word.is_empty()));
            } else {
                words.extend(word.split(',').map(str::to_ascii_lowercase));
            }
        }
    }
    words.truncate(WORDS);
    values.truncate(VALUE_NAMES.len());
    Phrase {
        id: format!("phrase-{}", words.join("-")),
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_count_for_the_id() {
        let phrase = take_apart("must have at most 40 characters, not `one two`");
        assert_eq!(phrase.id, "phrase-must-have-at-most-characters-not");
        assert_eq!(phrase.values, ["40", "one two"]);
        let phrase = take_apart("must have 1 to 1,024 characters, or 2");
        assert_eq!(phrase.id, "phrase-must-have-to-characters-or");
        assert_eq!(phrase.values, ["1", "1,024", "2"]);
        assert_eq!(phrase_id("S/MIME"), "phrase-s-mime");
        assert_eq!(phrase_id("1024"), "phrase-");
    }

    #[test]
    fn a_phrase_nobody_translated_stays_english() {
        for language in Language::ALL {
            let text = "no catalogue has `this` sentence, nor 17 others";
            assert_eq!(language.phrase(text), text);
            assert_eq!(language.phrase("2048"), "2048");
            assert_eq!(language.phrase(""), "");
        }
    }
}
