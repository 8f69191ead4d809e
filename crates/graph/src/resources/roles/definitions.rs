//! Role definitions.

use axum::http::StatusCode;
use mandate_engine::RoleDefinition;
use uuid::Uuid;

use super::DEFINITIONS;
use super::assignments::{list, made};
use super::read::{AssignmentBody, DefinitionBody};
use super::view::definition_entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::{found, page};
use crate::state::GraphState;

const DECLARED: &str = "roleDefinition";
const WHAT: &str = "role definition";

/// `GET deviceManagement/roleDefinitions`
pub(crate) async fn list_definitions(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let pull = |after: Option<String>, limit| async move {
        let roles = state
            .engine()
            .list_role_definitions(&request.actor, page::<Uuid>(after, limit)?)
            .await?;
        let row = |role: &RoleDefinition| Keyed {
            key: role.id.to_string(),
            entity: definition_entity(role),
        };
        Ok(roles.iter().map(row).collect())
    };
    Listing::management(DECLARED, DEFINITIONS)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/roleDefinitions/{id}`
pub(crate) async fn show_definition(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let id = request.id(0, WHAT)?;
    let role = state
        .engine()
        .find_role_definition(&request.actor, id)
        .await?;
    Ok(shown(&found(role, WHAT, request.key(0))?))
}

/// `POST deviceManagement/roleDefinitions`: 200 with the role.
pub(crate) async fn create_definition(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = DefinitionBody::read(request.object()?)?.into_new()?;
    let role = state
        .engine()
        .create_role_definition(&request.actor, new)
        .await?;
    Ok(shown(&role))
}

/// `PATCH deviceManagement/roleDefinitions/{id}`: 200 with the role.
pub(crate) async fn update_definition(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = DefinitionBody::read(request.object()?)?.into_change();
    let role = state
        .engine()
        .update_role_definition(&request.actor, request.id(0, WHAT)?, change)
        .await?;
    Ok(shown(&role))
}

/// `DELETE deviceManagement/roleDefinitions/{id}`: 200.
pub(crate) async fn delete_definition(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_role_definition(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `GET deviceManagement/roleDefinitions/{id}/roleAssignments`
pub(crate) async fn list_assignments_of(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id: Uuid = request.id(0, WHAT)?;
    let role = state
        .engine()
        .find_role_definition(&request.actor, id)
        .await?;
    found(role, WHAT, request.key(0))?;
    let listing = Listing::management(
        "roleAssignment",
        format!("{DEFINITIONS}('{id}')/roleAssignments"),
    );
    list(state, request, Some(id), listing).await
}

/// `POST deviceManagement/roleDefinitions/{id}/roleAssignments`: 201.
pub(crate) async fn create_assignment_of(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let new = AssignmentBody::read(request.object()?)?.into_new(Some(request.id(0, WHAT)?), "")?;
    made(state, request, new).await
}

fn shown(role: &RoleDefinition) -> Reply {
    Reply::entity(definition_entity(role), DECLARED, DEFINITIONS)
}
