//! Who has a directory role.

use mandate_engine::{EngineError, Object, Page};
use mandate_model::{GroupId, Member, UserId};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{ROLES, named};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::devices::object_entity;
use crate::resources::groups::{named_in_request, reference_in_body};
use crate::resources::page;
use crate::state::GraphState;

/// `GET directoryRoles/{id}/members`
pub(crate) async fn list_members(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let role = named(state, request).await?;
    let pull = |after: Option<String>, limit| async move {
        let page: Page<Uuid> = page(after, limit)?;
        let members = state
            .engine()
            .list_directory_role_members(&request.actor, role, page)
            .await?;
        let mut rows = Vec::with_capacity(members.len());
        for member in members {
            rows.push(Keyed {
                key: member.id().to_string(),
                entity: entity_of(state, request, member).await?,
            });
        }
        Ok(rows)
    };
    let context = format!("{ROLES}('{}')/members", role.id());
    Listing::directory("directoryObject", context)
        .page(request, pull)
        .await
}

/// `POST directoryRoles/{id}/members/$ref`: 204.
pub(crate) async fn add_member(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let role = named(state, request).await?;
    let reference = reference_in_body(request)?;
    let engine = state.engine();
    for member in candidates(state, request, &reference).await? {
        match engine
            .add_directory_role_member(&request.actor, role, member)
            .await
        {
            Err(EngineError::NotFound { .. }) => {}
            other => {
                other?;
                return Ok(Reply::no_content());
            }
        }
    }
    Err(GraphError::no_such("directory object", &reference.key).at("@odata.id"))
}

/// `DELETE directoryRoles/{id}/members/{member}/$ref`: 204.
pub(crate) async fn remove_member(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    remove(state, request, request.id(1, "member")?).await
}

/// `DELETE directoryRoles/{id}/members/$ref?@id=…`: 204.
pub(crate) async fn remove_named_member(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let member = named_in_request(request)?.id("@id")?;
    remove(state, request, member).await
}

async fn remove(state: &GraphState, request: &GraphRequest, member: Uuid) -> Result<Reply> {
    let role = named(state, request).await?;
    state
        .engine()
        .remove_directory_role_member(&request.actor, role, member)
        .await?;
    Ok(Reply::no_content())
}

/// What an address may mean: people by id or sign-in name, groups by id, and directory objects as either. Nothing is
/// looked up here that whoever gives roles need not be able to see.
async fn candidates(
    state: &GraphState,
    request: &GraphRequest,
    reference: &Reference,
) -> Result<Vec<Member>> {
    let Ok(id) = Uuid::try_parse(&reference.key) else {
        let user = state
            .engine()
            .find_user(&request.actor, &reference.key)
            .await?;
        return Ok(user.into_iter().map(|user| Member::User(user.id)).collect());
    };
    let (user, group) = (Member::User(UserId(id)), Member::Group(GroupId(id)));
    Ok(match reference.collection.as_str() {
        "users" => vec![user],
        "groups" => vec![group],
        _ => vec![user, group],
    })
}

/// A member with what the caller may see of it.
pub(super) async fn entity_of(
    state: &GraphState,
    request: &GraphRequest,
    member: Member,
) -> Result<Entity> {
    let found = state
        .engine()
        .find_object(&request.actor, member.id())
        .await;
    match found {
        Ok(Some(object @ (Object::User(_) | Object::Group(_)))) => Ok(object_entity(&object)),
        Ok(_) | Err(EngineError::NotAllowed { .. }) => Ok(bare(member)),
        Err(error) => Err(error.into()),
    }
}

fn bare(member: Member) -> Entity {
    let (type_name, collection) = match member {
        Member::User(_) => ("user", "users"),
        Member::Group(_) => ("group", "groups"),
        Member::Device(_) => ("device", "devices"),
    };
    let id = member.id();
    Entity::new(
        type_name,
        format!("{collection}('{id}')"),
        Map::from_iter([("id".to_owned(), json!(id))]),
    )
}
