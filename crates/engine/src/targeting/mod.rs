//! Who gets what, and why: one implementation for "what should this device have?" and "whom does this concern?".

mod decide;
mod intent;
mod membership;

pub(crate) use decide::{Decision, Standing, decide};
pub(crate) use intent::{IMPORTED, Intent, LastChange, referenced_by};
pub(crate) use membership::Membership;
