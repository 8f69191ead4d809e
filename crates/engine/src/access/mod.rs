//! Who may do what: the one permission check.

mod action;
mod actor;
mod apps;
mod escalation;
pub(crate) mod growth;
mod permission;
mod resolve;
mod role;
mod roles;
pub(crate) mod scope;
pub(crate) mod tagging;
mod tags;

pub use action::Action;
pub use actor::{Actor, Grant, Lacking, Origin, Powers, Reach, Who};
pub use apps::{
    App, CertificateCredential, ClientProof, ClientRefusal, MOST_CREDENTIALS, NewApp,
    NewRegistration, NewSecret, Redirect, RedirectKind, Registration, RegistrationChange,
    SecretCredential, SecretLife,
};
pub use permission::Permission;
pub use role::Role;
pub(crate) use roles::Somebody;
pub use roles::{
    DirectoryRole, HeldRole, NewRole, NewRoleAssignment, RoleAssignment, RoleAssignmentChange,
    RoleChange, RoleDefinition, ScopeType,
};
pub use tags::ScopeTag;
