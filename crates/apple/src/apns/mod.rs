//! Wakes devices through Apple's push service.
//!
//! A push says only "please connect". APNs keeps one per device and topic, nobody learns whether it arrived, and it
//! may be sent twice without harm; so nothing here is stored, and unfinished pushes are simply sent again.

mod backoff;
mod client;
mod outcome;

pub use backoff::Backoff;
pub use client::{Apns, ApnsError, ApnsSettings};
pub use outcome::{PushOutcome, judge};
