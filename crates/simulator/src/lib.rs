//! Stateful Apple devices and stand-ins for vendor services, seen from outside.
//!
//! The server under test is known only by its wire: this crate uses none of the server's crates, because a shared codec would hide
//! a shared mistake. ASN.1, CMS and SCEP are written here a second time, small and lenient.
//!
//! The picture to enter with: a [`device::Device`] is state plus behaviour and does nothing by itself; [`http::Http`] is the
//! network all devices share; [`fleet::Fleet`] drives many devices; [`apns::ApnsStandIn`] plays Apple's push service and wakes
//! them; [`mail_server::MailServer`] is where their accounts lead, [`receiver::Receiver`] whom the server tells things, and
//! [`identity_provider::IdentityProvider`] where its people prove who they are.
//! `mandate-sim` and the server's own tests use the same interface.

pub mod apns;
pub mod apple_service;
pub mod asn1;
pub mod authenticator;
pub mod certificates;
pub mod chance;
pub mod cms;
pub mod device;
pub mod fleet;
pub mod graph;
pub mod http;
pub mod identity_provider;
pub mod keys;
mod listening;
pub mod load;
pub mod mail_server;
pub mod name_server;
pub mod profiles;
pub mod receiver;
pub mod scep;
pub mod smime;
mod tls;
