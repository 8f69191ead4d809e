//! Roles of device management: what they allow, who has them, and where.
//!
//! Status codes are those that `IntuneCD` insists on: 200 for a new role, 201 for a new assignment.

mod assignments;
mod definitions;
mod own;
mod permissions;
mod read;
mod view;

pub(crate) use self::assignments::{
    add_scope_tag, create_assignment, delete_assignment, list_assignments, list_scope_tags,
    remove_scope_tag, show_assignment, show_definition_of, update_assignment,
};
pub(crate) use self::definitions::{
    create_assignment_of, create_definition, delete_definition, list_assignments_of,
    list_definitions, show_definition, update_definition,
};
pub(crate) use self::own::{
    list_effective_permissions, list_operations, say_whether_scoped, show_assigned_roles,
    show_operation,
};

/// Where roles are.
const DEFINITIONS: &str = "deviceManagement/roleDefinitions";
/// Where their assignments are.
const ASSIGNMENTS: &str = "deviceManagement/roleAssignments";
