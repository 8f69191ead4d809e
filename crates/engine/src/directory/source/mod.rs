//! People and groups that are kept elsewhere: a record comes in, what became of it goes out.
//!
//! ```text
//!  a directory that is read ─┐                              ┌─► person or group, audited, devices told
//!  whoever pushes people ────┼─► records ─► take / leave ───┤
//!                            ┘                              └─► or a fault, kept with the record and tried again
//! ```
//!
//! A source knows its entries by ids that stay for good, so that neither a new name nor another place makes somebody else
//! of a person. What was taken last is known by its digest: the same again is no work and leaves no trace. One record that
//! cannot be taken never keeps others from being taken.

mod apply;
mod expire;
mod foresee;
mod groups;
mod leave;
mod lock;
mod members;
mod names;
mod people;
mod record;
mod retry;
mod sound;
mod take;

pub use members::MembersMoved;
pub(super) use members::members;
pub use record::{Source, SourceFault, SourceOutcome, SourcedGroup, SourcedPerson};

pub(super) use foresee::{Foreseen, different};
pub(super) use lock::{require_own_group, require_own_user, require_unsourced};
pub(super) use people::has_other_with_mail;
pub(super) use take::fault_of;
