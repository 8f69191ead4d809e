//! What profiles become for a device.

mod account;
mod certificates;
mod house;
mod identity;
mod smime;
