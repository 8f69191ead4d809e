//! Configuration profiles as iOS reads them: unwrapping, validation, and the error chains of a refusal.

mod eas;
mod error;
mod fields;
mod open;
mod payload;
mod pkcs12;
mod scep;

pub use eas::{MailSettings, SMIME_REFERENCES};
pub use error::{ErrorChain, ErrorLink};
pub use open::{Profile, open};
pub use payload::{Payload, kind};
pub use pkcs12::{Pkcs12, open as open_pkcs12};
pub use scep::scep_request;
