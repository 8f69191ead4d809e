//! What the doors share: which address was called and by whom, and what every page needs.

mod address;
mod routes;

pub use address::{Address, Caller, Scheme, address};
pub use routes::Routes;
