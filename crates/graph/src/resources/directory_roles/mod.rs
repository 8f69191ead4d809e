//! Directory roles: for the whole instance, without a scope. Their ids here are those of Microsoft's templates.

mod members;
mod unified;
mod view;

pub(crate) use self::members::{add_member, list_members, remove_member, remove_named_member};
pub(crate) use self::unified::{
    create_assignment, delete_assignment, list_assignments, list_definitions, show_assignment,
    show_definition, show_definition_of, show_principal,
};

use mandate_engine::DirectoryRole;
use uuid::Uuid;

use self::view::{role_entity, template_entity};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const ROLES: &str = "directoryRoles";
const TEMPLATES: &str = "directoryRoleTemplates";
const WHAT: &str = "directory role";

/// `GET directoryRoles`
pub(crate) async fn list_roles(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::directory("directoryRole", ROLES);
    list(state, request, listing, role_entity).await
}

/// `GET directoryRoles/{id}`, also as `roleTemplateId=…`
pub(crate) async fn show_role(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "directoryRole")?;
    let role = named(state, request).await?;
    Ok(Reply::entity(role_entity(role), "directoryRole", ROLES))
}

/// `GET directoryRoleTemplates`
pub(crate) async fn list_templates(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::directory("directoryRoleTemplate", TEMPLATES);
    list(state, request, listing, template_entity).await
}

/// `GET directoryRoleTemplates/{id}`
pub(crate) async fn show_template(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "directoryRoleTemplate")?;
    let role = named(state, request).await?;
    Ok(Reply::entity(
        template_entity(role),
        "directoryRoleTemplate",
        TEMPLATES,
    ))
}

async fn list(
    state: &GraphState,
    request: &GraphRequest,
    listing: Listing,
    entity: fn(DirectoryRole) -> Entity,
) -> Result<Reply> {
    let roles = state.engine().list_directory_roles(&request.actor)?;
    let rows = roles.iter().map(|role| Keyed {
        key: role.id().to_string(),
        entity: entity(*role),
    });
    listing.page_of(request, rows.collect()).await
}

/// The role that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<DirectoryRole> {
    let key = request.key(0);
    let id = match key.split_once('=') {
        Some((name, id)) if name.trim().eq_ignore_ascii_case("roleTemplateId") => {
            id.trim().trim_matches('\'')
        }
        _ => key,
    };
    let roles = state.engine().list_directory_roles(&request.actor)?;
    let id = Uuid::try_parse(id.trim()).ok();
    let role = roles.iter().find(|role| Some(role.id()) == id);
    role.copied().ok_or_else(|| GraphError::no_such(WHAT, key))
}
