//! What profiles become for a device.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

mod account;
mod certificates;
mod house;
mod identity;
mod smime;
