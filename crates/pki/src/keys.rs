//! Private and public keys, and the signatures they make.

mod algorithm;
mod carried;
mod export;
mod file;
mod kind;
mod oaep;
mod private;
mod public;

pub use algorithm::{SignatureAlgorithm, SignatureScheme};
pub use carried::CarriedKey;
pub(crate) use kind::pss_alone;
pub use kind::{CarriedKind, KeyKind};
pub use private::{OaepDigest, PrivateKey};
pub use public::PublicKey;
