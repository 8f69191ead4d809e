//! Who may do what: the one permission check.

mod action;
mod actor;
mod app;
mod escalation;
mod permission;
mod resolve;
mod role;
mod roles;
pub(crate) mod scope;
pub(crate) mod tagging;
mod tags;

pub use action::Action;
pub use actor::{Actor, Grant, Lacking, Origin, Powers, Reach, Who};
pub use app::{App, NewApp};
pub use permission::Permission;
pub use role::Role;
pub(crate) use roles::require_somebody;
pub use roles::{
    DirectoryRole, NewRole, NewRoleAssignment, RoleAssignment, RoleAssignmentChange, RoleChange,
    RoleDefinition, ScopeType,
};
pub use tags::ScopeTag;
