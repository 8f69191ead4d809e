//! Private and public keys, and the signatures they make.

mod algorithm;
mod private;
mod public;

pub use algorithm::{SignatureAlgorithm, SignatureScheme};
pub use private::{KeyKind, OaepDigest, PrivateKey};
pub use public::PublicKey;
