//! What people and programs read: data on standard output, the rest on standard error.

use std::io::Write as _;

use serde::Serialize;

/// Writes a line of data. A reader that has gone is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes data as one JSON document.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(&text),
        Err(error) => problem(&format!("the answer cannot be written as JSON: {error}")),
    }
}

/// Writes a remark for people.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes what went wrong.
pub(crate) fn problem(text: &str) {
    note(&format!("error: {text}"));
}
