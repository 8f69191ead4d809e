//! Custody of secrets: what each sealed value is bound to, whether all of them open, and sealing all of them anew.

mod check;
mod context;
mod rotate;

pub use check::{CustodyCount, CustodyReport};
pub(crate) use context::{
    certificate_key_context, imported_key_context, totp_context, unlock_token_context,
};
