//! Who may do what: the one permission check.

mod action;
mod actor;
mod app;
mod permission;
mod role;

pub use action::Action;
pub use actor::{Actor, Grant, Lacking, Origin, Powers, Reach, Who};
pub use app::{App, NewApp};
pub use permission::Permission;
pub use role::Role;
