//! Private and public keys, and the signatures they make.

mod algorithm;
mod export;
mod file;
mod kind;
mod oaep;
mod private;
mod public;

pub use algorithm::{SignatureAlgorithm, SignatureScheme};
pub use kind::KeyKind;
pub use private::{OaepDigest, PrivateKey};
pub use public::PublicKey;
