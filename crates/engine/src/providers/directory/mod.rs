//! Passwords of a directory, proved by a bind (RFC 4513 §5.1.3).

mod answer;
mod bound;
mod check;
mod escape;
mod person;
mod try_out;

pub use check::DirectoryVerdict;
