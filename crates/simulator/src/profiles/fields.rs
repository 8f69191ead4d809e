//! Fields of a dictionary, with the refusal of iOS when one is missing or of another type.

use super::{ErrorChain, Platform, System};
use plist::{Dictionary, Value};

/// The types of a property list that payload keys have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Switch,
    Bytes,
    Dictionary,
}

/// One key of a payload: name, type, first iOS release (major, minor) that reads it.
pub(super) type Field = (&'static str, Kind, (u32, u32));

impl Kind {
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_string().is_some(),
            Self::Number => matches!(value, Value::Integer(_)),
            Self::Switch => value.as_boolean().is_some(),
            Self::Bytes => value.as_data().is_some(),
            Self::Dictionary => value.as_dictionary().is_some(),
        }
    }
}

/// `MCPayloadErrorDomain` 2003 for the first known key of another type.
pub(super) fn check_types(
    content: &Dictionary,
    fields: &[Field],
    os: (u32, u32),
) -> Result<(), ErrorChain> {
    for (key, kind, introduced) in fields {
        if os >= *introduced
            && let Some(value) = content.get(key)
            && !kind.fits(value)
        {
            return Err(wrong_type(key));
        }
    }
    Ok(())
}

/// Switches that SCEP and PKCS#12 payloads have on macOS alone: 10.10 and 10.13.4 or 10.15, older than any simulated release.
const MAC_SWITCHES: [&str; 2] = ["AllowAllAppsAccess", "KeyIsExtractable"];

/// `MCPayloadErrorDomain` 2004 for macOS's switches elsewhere, 2003 for one of another type.
///
/// A real iPhone ignores keys that it does not know. This is stricter, so that a server which sends them is found out.
pub(super) fn check_mac_switches(content: &Dictionary, system: System) -> Result<(), ErrorChain> {
    for key in MAC_SWITCHES {
        match (content.get(key), system.platform) {
            (Some(_), Platform::Ios) => return Err(unsupported_value(key)),
            (Some(value), Platform::MacOs) if value.as_boolean().is_none() => {
                return Err(wrong_type(key));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A required text; empty counts as missing.
pub(super) fn text<'a>(content: &'a Dictionary, key: &str) -> Result<&'a str, ErrorChain> {
    match content.get(key) {
        None => Err(missing(key)),
        Some(Value::String(text)) if text.is_empty() => Err(missing(key)),
        Some(value) => value.as_string().ok_or_else(|| wrong_type(key)),
    }
}

/// A required integer.
pub(super) fn number(content: &Dictionary, key: &str) -> Result<i64, ErrorChain> {
    content
        .get(key)
        .ok_or_else(|| missing(key))?
        .as_signed_integer()
        .ok_or_else(|| wrong_type(key))
}

/// Required data.
pub(super) fn bytes<'a>(content: &'a Dictionary, key: &str) -> Result<&'a [u8], ErrorChain> {
    content
        .get(key)
        .ok_or_else(|| missing(key))?
        .as_data()
        .ok_or_else(|| wrong_type(key))
}

/// A text that may be absent or of another type.
pub(super) fn optional_text(content: &Dictionary, key: &str) -> String {
    content
        .get(key)
        .and_then(Value::as_string)
        .unwrap_or_default()
        .to_owned()
}

/// A switch with the device's default.
pub(super) fn switch(content: &Dictionary, key: &str, default: bool) -> bool {
    content
        .get(key)
        .and_then(Value::as_boolean)
        .unwrap_or(default)
}

pub(super) fn missing(key: &str) -> ErrorChain {
    ErrorChain::payload(2002, format!("The required field “{key}” is missing."))
}

pub(super) fn wrong_type(key: &str) -> ErrorChain {
    ErrorChain::payload(
        2003,
        format!("The field “{key}” contains a value of the wrong type."),
    )
}

pub(super) fn unsupported_value(key: &str) -> ErrorChain {
    ErrorChain::payload(
        2004,
        format!("The field “{key}” contains an unsupported value."),
    )
}
