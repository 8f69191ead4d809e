//! Bringing a device under management, and knowing it again.

mod caller;
mod check_in;
mod link;
mod offer;

pub use caller::{Caller, Met, Refused};
pub use check_in::{Authentication, TokenNews};
pub use link::{EnrolmentLink, KnownLink, NewLink};
pub use offer::EnrolmentOffer;
