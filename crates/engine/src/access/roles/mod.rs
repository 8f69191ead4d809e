//! Roles: what they allow, who has them, and where.

mod assignments;
mod built_in;
mod definitions;
mod directory;
mod directory_members;
mod held;

pub use assignments::{NewRoleAssignment, RoleAssignment, RoleAssignmentChange, ScopeType};
pub(crate) use built_in::BuiltIn;
pub use definitions::{NewRole, RoleChange, RoleDefinition};
pub use directory::DirectoryRole;
pub(crate) use directory_members::Somebody;
pub use held::HeldRole;

use crate::EngineError;

pub(super) fn check_texts(
    property: &str,
    name: &str,
    limit: usize,
    description: Option<&str>,
) -> Result<(), EngineError> {
    if name.trim().is_empty() || name.chars().count() > limit {
        let rule = format!("must have 1 to {limit} characters");
        return Err(EngineError::invalid(property, &rule, Some(name)));
    }
    if description.is_some_and(|text| text.chars().count() > 1024) {
        let rule = "must have at most 1,024 characters";
        return Err(EngineError::invalid("description", rule, None));
    }
    Ok(())
}
