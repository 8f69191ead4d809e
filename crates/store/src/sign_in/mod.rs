//! How people prove who they are, and that they did.

mod credentials;
mod factors;
mod flows;
mod links;
mod sessions;
mod throttle;

pub use credentials::CredentialRecord;
pub use factors::{PasskeyRecord, TotpRecord};
pub use links::{LinkMaker, SetUpLinkRecord};
pub use sessions::SignInSessionRecord;
pub use throttle::ThrottleRecord;
