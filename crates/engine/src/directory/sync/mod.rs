//! Directories that people and groups are read from, again and again.
//!
//! ```text
//!  due ─► hold ─► connect, bind, look ─► people ─► groups ─► who is gone (guarded) ─► what was refused, again
//!                                                                                        │
//!  release, due later ◄─ report, cursor ◄─ what is gone for long ◄─ memberships ◄────────┘
//! ```
//!
//! Pages are taken as they come, so that the size of a directory does not matter for memory; of all entries together only
//! their ids are kept. What is known of the last run is a cursor: the number of the last change on that domain controller,
//! or its time. Without one, with another server, with other settings and once in a while everything is read.
//! `directory/source` decides what becomes of a record; here is only how records are come by.

mod entry;
mod faults;
mod forecast;
mod gone;
mod guard;
mod kind;
mod manage;
mod memberships;
mod progress;
mod reader;
mod readiness;
mod round;
mod run;
mod settings;
mod try_out;

pub use faults::DirectoryWorry;
pub use forecast::{SyncExample, SyncForecast};
pub use kind::DirectoryKind;
pub use manage::SyncedDirectory;
pub use progress::{SyncCounts, SyncEnd, SyncReport};
pub(super) use readiness::Counted;
pub use readiness::{LackingProperty, Readiness, Suffix};
pub use settings::SyncSettings;
