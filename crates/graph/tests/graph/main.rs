//! The door from outside: real requests, a real engine on SQLite, no network.

mod batch;
mod conventions;
mod devices;
mod directory;
mod house;
mod profiles;
mod sign_in;
