//! The authority over the wire, as clients and those who attack them use it.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod afterwards;
mod clients;
mod codes;
mod devices;
mod documents;
mod forgery;
mod house;
mod keys;
mod logout;
mod refresh;
