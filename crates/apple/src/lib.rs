//! The Apple channel: what iPhones and iPads speak, and what we put on them.
//!
//! `wire` turns bytes into types and back, `compile` turns intent into mobileconfigs, `apns` wakes devices,
//! `enrolment` makes the profile that brings a device under management. None of these knows the engine or a web
//! framework, so each can be tested alone.

pub mod apns;
pub mod compile;
pub mod enrolment;
pub mod wire;
