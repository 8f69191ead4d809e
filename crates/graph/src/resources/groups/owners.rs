//! Owners of a group: people, and a note for people.

use mandate_engine::Object;
use mandate_model::{GroupId, User, UserId};

use super::members::{named_in_request, reference_in_body, resolve_one};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::page;
use crate::resources::users::user_entity;
use crate::state::GraphState;

/// `GET groups/{id}/owners`
pub(crate) async fn list_owners(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: GroupId = request.id(0, "group")?;
    let row = |user: &User| Keyed {
        key: user.id.to_string(),
        entity: user_entity(user),
    };
    let pull = |after: Option<String>, limit| async move {
        let page = page::<UserId>(after, limit)?;
        let owners = state.engine().list_owners(&request.actor, id, page).await?;
        Ok(owners.iter().map(row).collect())
    };
    Listing::directory("directoryObject", "directoryObjects")
        .page(request, pull)
        .await
}

/// `POST groups/{id}/owners/$ref`
pub(crate) async fn add_owner(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: GroupId = request.id(0, "group")?;
    let owner = owner(state, request, &reference_in_body(request)?).await?;
    state.engine().add_owner(&request.actor, id, owner).await?;
    Ok(Reply::no_content())
}

/// `DELETE groups/{id}/owners/{owner}/$ref`
pub(crate) async fn remove_owner(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    remove(state, request, request.id(1, "owner")?).await
}

/// `DELETE groups/{id}/owners/$ref?@id=…`
pub(crate) async fn remove_named_owner(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let owner = named_in_request(request)?.id("@id")?;
    remove(state, request, UserId(owner)).await
}

async fn remove(state: &GraphState, request: &GraphRequest, owner: UserId) -> Result<Reply> {
    state
        .engine()
        .remove_owner(&request.actor, request.id(0, "group")?, owner)
        .await?;
    Ok(Reply::no_content())
}

/// The people that addresses name.
pub(super) async fn resolve(
    state: &GraphState,
    request: &GraphRequest,
    references: &[Reference],
) -> Result<Vec<UserId>> {
    let mut owners = Vec::with_capacity(references.len());
    for reference in references {
        owners.push(owner(state, request, reference).await?);
    }
    Ok(owners)
}

/// Graph also takes service principals; clients of the API are not in the directory here.
async fn owner(
    state: &GraphState,
    request: &GraphRequest,
    reference: &Reference,
) -> Result<UserId> {
    match resolve_one(state, request, reference).await? {
        Object::User(user) => Ok(user.id),
        Object::Group(_) | Object::Device(_) => {
            let message = format!("an owner must be a person, but `{}` is none", reference.key);
            Err(GraphError::invalid("owners", message))
        }
    }
}
