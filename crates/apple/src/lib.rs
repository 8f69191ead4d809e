//! The Apple channel: what iPhones and iPads speak, and what we put on them.
//!
//! ```text
//! http ──► wire ──► session ──► engine          compile: intent ─► mobileconfig
//!   (who speaks)   (words both ways)            apns: wakes devices
//! ```
//!
//! `wire` turns bytes into types and back, `compile` turns intent into mobileconfigs, `apns` wakes devices,
//! `enrolment` makes the profile that brings a device under management. None of these knows the engine or a web
//! framework, so each can be tested alone. `session` translates between Apple's words and the engine's, and `http` is
//! the door.

pub mod apns;
mod channel;
pub mod compile;
pub mod enrolment;
mod explain;
mod gateway;
mod http;
mod session;
pub mod wire;

pub use channel::AppleChannel;
pub use gateway::{ApnsGateway, GatewaySettings};
pub use http::{AppleState, ImportProblem, PeerCertificate, paths, read_import, router};
