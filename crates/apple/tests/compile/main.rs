//! What profiles become for a device.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

mod account;
mod any_input;
mod certificates;
mod history;
mod house;
mod identity;
mod issuers;
mod mac;
mod pkcs;
mod smime;
mod smime_notices;
mod subjects;
