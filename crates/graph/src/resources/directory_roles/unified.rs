//! The newer form of the same: `roleManagement/directory`.

use mandate_engine::{DirectoryRole, Page};
use mandate_model::{GroupId, Member, UserId};
use uuid::Uuid;

use super::members::entity_of;
use super::view::{assignment_entity, definition_entity};
use super::{WHAT, list, named};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const DEFINITIONS: &str = "roleManagement/directory/roleDefinitions";
const ASSIGNMENTS: &str = "roleManagement/directory/roleAssignments";
const DECLARED: &str = "unifiedRoleAssignment";
/// Members that are read at once.
const CHUNK: u32 = 500;

/// `GET roleManagement/directory/roleDefinitions`
pub(crate) async fn list_definitions(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::directory("unifiedRoleDefinition", DEFINITIONS);
    list(state, request, listing, definition_entity).await
}

/// `GET roleManagement/directory/roleDefinitions/{id}`
pub(crate) async fn show_definition(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "unifiedRoleDefinition")?;
    let role = named(state, request).await?;
    Ok(Reply::entity(
        definition_entity(role),
        "unifiedRoleDefinition",
        DEFINITIONS,
    ))
}

/// `GET roleManagement/directory/roleAssignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut rows = Vec::new();
    for role in state.engine().list_directory_roles(&request.actor)? {
        let members = members_of(state, request, *role).await?;
        rows.extend(members.into_iter().map(|member| Keyed {
            key: format!("{}_{}", role.id(), member.id()),
            entity: assignment_entity(*role, member),
        }));
    }
    Listing::directory(DECLARED, ASSIGNMENTS)
        .page_of(request, rows)
        .await
}

/// `GET roleManagement/directory/roleAssignments/{id}`
pub(crate) async fn show_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let (role, member) = held(state, request).await?;
    Ok(Reply::entity(
        assignment_entity(role, member),
        DECLARED,
        ASSIGNMENTS,
    ))
}

/// `GET roleManagement/directory/roleAssignments/{id}/principal`: who has the role.
pub(crate) async fn show_principal(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "directoryObject")?;
    let (_, member) = held(state, request).await?;
    let entity = entity_of(state, request, member).await?;
    Ok(Reply::entity(entity, "directoryObject", "directoryObjects"))
}

/// `GET roleManagement/directory/roleAssignments/{id}/roleDefinition`
pub(crate) async fn show_definition_of(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_select(&request.query, "unifiedRoleDefinition")?;
    let (role, _) = held(state, request).await?;
    Ok(Reply::entity(
        definition_entity(role),
        "unifiedRoleDefinition",
        DEFINITIONS,
    ))
}

/// `POST roleManagement/directory/roleAssignments`: 201. There is one scope, `/`.
pub(crate) async fn create_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object()?;
    let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
    let id = |name: &str| {
        text(name)
            .and_then(|text| Uuid::try_parse(text).ok())
            .ok_or_else(|| GraphError::invalid(name, format!("`{name}` must be an id")))
    };
    if let Some(scope) = text("directoryScopeId").filter(|scope| *scope != "/") {
        let message = format!(
            "`directoryScopeId` must be `/`: directory roles have no scope here, but is `{scope}`"
        );
        return Err(GraphError::invalid("directoryScopeId", message));
    }
    let principal = id("principalId")?;
    let role = DirectoryRole::of_id(id("roleDefinitionId")?).ok_or_else(|| {
        GraphError::no_such(WHAT, text("roleDefinitionId").unwrap_or_default())
            .at("roleDefinitionId")
    })?;
    for member in [
        Member::User(UserId(principal)),
        Member::Group(GroupId(principal)),
    ] {
        let added = state
            .engine()
            .add_directory_role_member(&request.actor, role, member)
            .await;
        match added {
            Err(mandate_engine::EngineError::NotFound { .. }) => {}
            other => {
                other?;
                let entity = assignment_entity(role, member);
                return Ok(Reply::created(entity, DECLARED, ASSIGNMENTS));
            }
        }
    }
    Err(GraphError::no_such("directory object", &principal.to_string()).at("principalId"))
}

/// `DELETE roleManagement/directory/roleAssignments/{id}`: 204.
pub(crate) async fn delete_assignment(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let (role, principal) = parts(state, request)?;
    state
        .engine()
        .remove_directory_role_member(&request.actor, role, principal)
        .await?;
    Ok(Reply::no_content())
}

/// The assignment that the path names.
async fn held(state: &GraphState, request: &GraphRequest) -> Result<(DirectoryRole, Member)> {
    let (role, principal) = parts(state, request)?;
    let members = members_of(state, request, role).await?;
    let member = members.into_iter().find(|member| member.id() == principal);
    let member = member.ok_or_else(|| GraphError::no_such("role assignment", request.key(0)))?;
    Ok((role, member))
}

/// Role and principal of an assignment's id.
fn parts(state: &GraphState, request: &GraphRequest) -> Result<(DirectoryRole, Uuid)> {
    // Whoever may not see roles learns nothing of ids.
    state.engine().list_directory_roles(&request.actor)?;
    let parsed = request
        .key(0)
        .split_once('_')
        .and_then(|(role, principal)| {
            let role = DirectoryRole::of_id(Uuid::try_parse(role).ok()?)?;
            Some((role, Uuid::try_parse(principal).ok()?))
        });
    parsed.ok_or_else(|| GraphError::no_such("role assignment", request.key(0)))
}

async fn members_of(
    state: &GraphState,
    request: &GraphRequest,
    role: DirectoryRole,
) -> Result<Vec<Member>> {
    let mut members: Vec<Member> = Vec::new();
    loop {
        let page = Page {
            after: members.last().map(|member| member.id()),
            limit: CHUNK,
        };
        let found = state
            .engine()
            .list_directory_role_members(&request.actor, role, page)
            .await?;
        let is_last = found.len() < CHUNK as usize;
        members.extend(found);
        if is_last {
            return Ok(members);
        }
    }
}
