//! Configuration profiles as iOS and macOS read them: unwrapping, validation, and the error chains of a refusal.

mod eas;
mod error;
mod fields;
mod open;
mod payload;
mod pkcs12;
mod scep;
mod secrets;
mod smime;
mod system;

pub use eas::{MailSettings, SMIME_REFERENCES};
pub use error::{ErrorChain, ErrorLink};
pub use open::{Profile, open, read};
pub use payload::{Payload, kind};
pub use pkcs12::{Pkcs12, open as open_pkcs12};
pub use scep::scep_request;
pub use secrets::Secret;
pub use smime::SmimeSwitches;
pub use system::{Platform, System};
