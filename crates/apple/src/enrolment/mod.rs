//! The profile that brings a device under management and, sent again, renews its identity.

mod profile;

pub use profile::{EnrolmentProfile, Identity, Mode, ServerCapability, Texts};

#[cfg(test)]
mod tests;
