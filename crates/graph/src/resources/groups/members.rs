//! Members of a group.

use mandate_engine::Object;
use mandate_model::{GroupId, Member, MemberKind};
use serde_json::{Map, json};
use uuid::Uuid;

use super::member_page;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::devices::object_entity;
use crate::state::GraphState;

/// `GET groups/{id}/members`
pub(crate) async fn list_members(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    list(state, request, false).await
}

/// `GET groups/{id}/transitiveMembers`
pub(crate) async fn list_all_members(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    list(state, request, true).await
}

/// `POST groups/{id}/members/$ref`
pub(crate) async fn add_member(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: GroupId = request.id(0, "group")?;
    let members = resolve(state, request, &[reference_in_body(request)?]).await?;
    state
        .engine()
        .add_members(&request.actor, id, members)
        .await?;
    Ok(Reply::no_content())
}

/// `DELETE groups/{id}/members/{member}/$ref`
pub(crate) async fn remove_member(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let member: Uuid = request.id(1, "member")?;
    state
        .engine()
        .remove_member(&request.actor, request.id(0, "group")?, member)
        .await?;
    Ok(Reply::no_content())
}

/// `DELETE groups/{id}/members/$ref?@id=…`
pub(crate) async fn remove_named_member(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let reference = named_in_request(request)?;
    let member = reference.id("@id")?;
    state
        .engine()
        .remove_member(&request.actor, request.id(0, "group")?, member)
        .await?;
    Ok(Reply::no_content())
}

/// The members that addresses name; an address that leads nowhere is refused.
pub(super) async fn resolve(
    state: &GraphState,
    request: &GraphRequest,
    references: &[Reference],
) -> Result<Vec<Member>> {
    let mut members = Vec::with_capacity(references.len());
    for reference in references {
        members.push(match resolve_one(state, request, reference).await? {
            Object::User(user) => Member::User(user.id),
            Object::Device(device) => Member::Device(device.id),
            Object::Group(group) => Member::Group(group.id),
        });
    }
    Ok(members)
}

/// What an address names, by id or, for people, by sign-in name.
pub(super) async fn resolve_one(
    state: &GraphState,
    request: &GraphRequest,
    reference: &Reference,
) -> Result<Object> {
    let object = match Uuid::try_parse(&reference.key) {
        Ok(id) => state.engine().find_object(&request.actor, id).await?,
        Err(_) => state
            .engine()
            .find_user(&request.actor, &reference.key)
            .await?
            .map(Object::User),
    };
    object.ok_or_else(|| GraphError::no_such("directory object", &reference.key).at("@odata.id"))
}

async fn list(state: &GraphState, request: &GraphRequest, transitive: bool) -> Result<Reply> {
    let id: GroupId = request.id(0, "group")?;
    let pull = |after: Option<String>, limit| async move {
        let page = member_page(after, limit)?;
        let members = state
            .engine()
            .list_members(&request.actor, id, transitive, page)
            .await?;
        let mut rows = Vec::with_capacity(members.len());
        for member in members {
            rows.extend(row(state, request, member).await?);
        }
        Ok(rows)
    };
    Listing::directory("directoryObject", "directoryObjects")
        .page(request, pull)
        .await
}

async fn row(state: &GraphState, request: &GraphRequest, member: Member) -> Result<Option<Keyed>> {
    let key = member.id().to_string();
    if only_ids(request) {
        return Ok(Some(Keyed {
            key,
            entity: bare(member),
        }));
    }
    let object = state
        .engine()
        .find_object(&request.actor, member.id())
        .await?;
    // A member may have vanished since the page was read; its row stays, so that the page does not look like the last.
    let entity = object.map_or_else(|| bare(member), |object| object_entity(&object));
    Ok(Some(Keyed { key, entity }))
}

/// Whether ids are all that is asked for, so that nothing else need be read.
fn only_ids(request: &GraphRequest) -> bool {
    let query = &request.query;
    let plain = query.search.is_none() && query.order_by.is_empty() && query.expand.is_empty();
    let selected = query
        .select
        .as_ref()
        .is_some_and(|select| select.names().all(|name| name.eq_ignore_ascii_case("id")));
    plain && (selected || query.top == Some(0)) && query.filter.is_none()
}

fn bare(member: Member) -> Entity {
    let (type_name, collection) = match member.kind() {
        MemberKind::User => ("user", "users"),
        MemberKind::Device => ("device", "devices"),
        MemberKind::Group => ("group", "groups"),
    };
    let id = member.id();
    Entity::new(
        type_name,
        format!("{collection}('{id}')"),
        Map::from_iter([("id".to_owned(), json!(id))]),
    )
}

/// What `?@id=` or `?$id=` names, or else the body.
pub(in crate::resources) fn named_in_request(request: &GraphRequest) -> Result<Reference> {
    let named = request
        .query
        .custom("@id")
        .or_else(|| request.query.custom("$id"));
    match named {
        Some(url) => Reference::read("@id", &json!(url)),
        None => reference_in_body(request),
    }
}

pub(in crate::resources) fn reference_in_body(request: &GraphRequest) -> Result<Reference> {
    let value = request.object()?.get("@odata.id");
    Reference::read("@odata.id", value.unwrap_or(&serde_json::Value::Null))
}
