//! SCIM from outside: the protocol's own examples in our words, the requests of Entra and Okta, and what nobody should send.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod groups;
mod hostile;
mod house;
mod users;
