//! Typed access to the keys of a message. Absent is `None`; present in another type is the peer's error where the key
//! matters, and `None` where it is only inventory.

use plist::{Dictionary, Value};

use super::WireError;

/// Longest text that is kept of what a device says about itself.
const FACT_LENGTH: usize = 255;

pub(super) fn text<'a>(
    dictionary: &'a Dictionary,
    key: &'static str,
) -> Result<Option<&'a str>, WireError> {
    match dictionary.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(WireError::WrongType {
            key,
            expected: "a string",
        }),
    }
}

pub(super) fn required_text<'a>(
    dictionary: &'a Dictionary,
    key: &'static str,
) -> Result<&'a str, WireError> {
    text(dictionary, key)?.ok_or(WireError::Missing(key))
}

/// Text that is passed on but never shown or compared, up to a length.
pub(super) fn bounded_text(
    dictionary: &Dictionary,
    key: &'static str,
    limit: usize,
) -> Result<Option<String>, WireError> {
    match text(dictionary, key)? {
        Some(text) if text.len() > limit => Err(WireError::TooLarge { limit }),
        other => Ok(other.map(str::to_owned)),
    }
}

pub(super) fn data(
    dictionary: &Dictionary,
    key: &'static str,
) -> Result<Option<Vec<u8>>, WireError> {
    match dictionary.get(key) {
        None => Ok(None),
        Some(Value::Data(bytes)) => Ok(Some(bytes.clone())),
        Some(_) => Err(WireError::WrongType {
            key,
            expected: "data",
        }),
    }
}

/// A boolean; Fleet's client writes it as a string, some agents as a number.
pub(super) fn boolean(dictionary: &Dictionary, key: &str) -> Option<bool> {
    match dictionary.get(key)? {
        Value::Boolean(boolean) => Some(*boolean),
        Value::Integer(integer) => integer.as_signed().map(|integer| integer != 0),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

pub(super) fn integer(dictionary: &Dictionary, key: &str) -> Option<i64> {
    dictionary.get(key)?.as_signed_integer()
}

/// What a device says about itself: shown to people, so without control characters and not endless. Empty is absent.
pub(super) fn fact(dictionary: &Dictionary, key: &str) -> Option<String> {
    let text = dictionary.get(key)?.as_string()?;
    let text: String = text
        .chars()
        .filter(|character| !character.is_control())
        .take(FACT_LENGTH)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The dictionaries of an array, anything else left out.
pub(super) fn dictionaries<'a>(
    dictionary: &'a Dictionary,
    key: &str,
) -> impl Iterator<Item = &'a Dictionary> {
    dictionary
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_dictionary)
}
