//! Certificates of people: what they are for, where they came from, when they end, and on which devices they are.

mod expiring;
mod held;
mod user;

pub use expiring::ExpiringCertificates;
pub(crate) use expiring::renewal_of;
pub use held::{CertificateOrigin, DevicePresence, HeldCertificate, Presence, Sharing};
pub use user::UserCertificates;
pub(in crate::reports) use user::shows_imported;
