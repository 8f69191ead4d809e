//! Messages as devices send them, and commands as they expect them, from outside of the crate.

#![expect(clippy::unwrap_used, reason = "a test says by panicking")]

#[path = "wire/commands.rs"]
mod commands;
#[path = "wire/messages.rs"]
mod messages;
#[path = "wire/reports.rs"]
mod reports;
#[path = "wire/robustness.rs"]
mod robustness;
#[path = "wire/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};

/// The bytes of `tests/messages/<name>.plist`.
fn message(name: &str) -> Vec<u8> {
    std::fs::read(messages_folder().join(name).with_extension("plist")).unwrap()
}

fn all_messages() -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(messages_folder()).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn messages_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages")
}
