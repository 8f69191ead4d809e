//! Role assignments.

use axum::http::StatusCode;
use mandate_engine::{NewRoleAssignment, RoleAssignment, RoleAssignmentChange};
use uuid::Uuid;

use super::read::{AssignmentBody, tag_of};
use super::view::{assignment_entity, definition_entity};
use super::{ASSIGNMENTS, DEFINITIONS};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::scope_tags::tag_entity;
use crate::resources::{found, page};
use crate::state::GraphState;

const DECLARED: &str = "deviceAndAppManagementRoleAssignment";
const WHAT: &str = "role assignment";

/// `GET deviceManagement/roleAssignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::management(DECLARED, ASSIGNMENTS);
    list(state, request, None, listing).await
}

/// Assignments of one role, or of all.
pub(super) async fn list(
    state: &GraphState,
    request: &GraphRequest,
    role: Option<Uuid>,
    listing: Listing,
) -> Result<Reply> {
    let pull = |after: Option<String>, limit| async move {
        let assignments = state
            .engine()
            .list_role_assignments(&request.actor, role, page::<Uuid>(after, limit)?)
            .await?;
        let row = |assignment: &RoleAssignment| Keyed {
            key: assignment.id.to_string(),
            entity: assignment_entity(assignment),
        };
        Ok(assignments.iter().map(row).collect())
    };
    listing.page(request, pull).await
}

/// `GET deviceManagement/roleAssignments/{id}`
pub(crate) async fn show_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(&named(state, request).await?))
}

/// `POST deviceManagement/roleAssignments`: 201.
pub(crate) async fn create_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new =
        AssignmentBody::read(request.object()?)?.into_new(None, "roleDefinition@odata.bind")?;
    made(state, request, new).await
}

/// Makes an assignment; 201 with it.
pub(super) async fn made(
    state: &GraphState,
    request: &GraphRequest,
    new: NewRoleAssignment,
) -> Result<Reply> {
    let made = state
        .engine()
        .create_role_assignment(&request.actor, new)
        .await?;
    Ok(Reply::created(
        assignment_entity(&made),
        DECLARED,
        ASSIGNMENTS,
    ))
}

/// `PATCH deviceManagement/roleAssignments/{id}`: 200 with the assignment. Which role it is of cannot change.
pub(crate) async fn update_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = AssignmentBody::read(request.object()?)?;
    let id: Uuid = request.id(0, WHAT)?;
    if let Some(role) = body.role()
        && named(state, request).await?.role_id != role
    {
        let target = "roleDefinition@odata.bind";
        let message =
            format!("`{target}`: the role of an assignment cannot change; make another one");
        return Err(GraphError::invalid(target, message));
    }
    let changed = state
        .engine()
        .update_role_assignment(&request.actor, id, body.into_change()?)
        .await?;
    Ok(shown(&changed))
}

/// `DELETE deviceManagement/roleAssignments/{id}`: 200.
pub(crate) async fn delete_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_role_assignment(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `GET deviceManagement/roleAssignments/{id}/roleDefinition`
pub(crate) async fn show_definition_of(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_select(&request.query, "roleDefinition")?;
    let role_id = named(state, request).await?.role_id;
    let role = state
        .engine()
        .find_role_definition(&request.actor, role_id)
        .await?;
    let role = found(role, "role definition", &role_id.to_string())?;
    Ok(Reply::entity(
        definition_entity(&role),
        "roleDefinition",
        DEFINITIONS,
    ))
}

/// `GET deviceManagement/roleAssignments/{id}/roleScopeTags`: the tags of what those who have the role see. Of them the
/// caller sees their own.
pub(crate) async fn list_scope_tags(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let assignment = named(state, request).await?;
    let mut rows = Vec::new();
    for id in &assignment.tags {
        let tag = state.engine().find_scope_tag(&request.actor, id).await?;
        rows.extend(tag.map(|tag| Keyed {
            key: format!("{:0>20}", tag.id),
            entity: tag_entity(&tag),
        }));
    }
    let context = format!("{ASSIGNMENTS}('{}')/roleScopeTags", assignment.id);
    Listing::management("roleScopeTag", context)
        .page_of(request, rows)
        .await
}

/// `POST deviceManagement/roleAssignments/{id}/roleScopeTags/$ref`: 204.
pub(crate) async fn add_scope_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let value = request.object()?.get("@odata.id");
    let reference = Reference::read("@odata.id", value.unwrap_or(&serde_json::Value::Null))?;
    let tag = tag_of("@odata.id", &reference)?;
    let mut tags = named(state, request).await?.tags;
    tags.push(tag);
    set_tags(state, request, tags).await
}

/// `DELETE deviceManagement/roleAssignments/{id}/roleScopeTags/{tag}/$ref`: 204.
pub(crate) async fn remove_scope_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut tags = named(state, request).await?.tags;
    let before = tags.len();
    tags.retain(|tag| tag != request.key(1));
    if tags.len() == before {
        return Err(GraphError::no_such("scope tag", request.key(1)));
    }
    set_tags(state, request, tags).await
}

async fn set_tags(state: &GraphState, request: &GraphRequest, tags: Vec<String>) -> Result<Reply> {
    let change = RoleAssignmentChange {
        tags: Some(tags),
        ..RoleAssignmentChange::default()
    };
    state
        .engine()
        .update_role_assignment(&request.actor, request.id(0, WHAT)?, change)
        .await?;
    Ok(Reply::no_content())
}

/// The assignment that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<RoleAssignment> {
    let assignment = state
        .engine()
        .find_role_assignment(&request.actor, request.id(0, WHAT)?)
        .await?;
    found(assignment, WHAT, request.key(0))
}

fn shown(assignment: &RoleAssignment) -> Reply {
    Reply::entity(assignment_entity(assignment), DECLARED, ASSIGNMENTS)
}
