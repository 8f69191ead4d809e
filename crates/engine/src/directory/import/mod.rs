//! People from a file: read, shown as they would come, and taken.
//!
//! ```text
//!  octets ─► cells ─► rows (columns by their headings) ─► looked at, page by page ─► report
//!                                                    └──► taken,     page by page ─► report
//! ```
//!
//! Looking and taking are the same code; what was only looked at is undone. A row that cannot be taken keeps no other
//! from being taken, and what is imported again is found to be there already.

mod column;
mod file;
mod groups;
mod keep;
mod report;
mod row;
mod take;

pub use file::{MOST_PEOPLE, MOST_PEOPLE_BYTES, PeopleFile};
pub use report::{ImportedPerson, PeopleReport, PersonOutcome};
pub use take::{KnownPeople, PeopleImport};
