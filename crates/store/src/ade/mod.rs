//! Automated device enrolment: tokens of Apple's service, the profiles defined there, and the devices it told of.

mod devices;
mod profiles;
mod tokens;
mod visits;

pub use devices::{AdeDeviceRecord, AdeFilter, AdeSource};
pub use profiles::AdeProfileRecord;
pub use tokens::AdeTokenRecord;
pub use visits::VisitRecord;
