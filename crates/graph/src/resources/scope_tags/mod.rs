//! Scope tags. Their ids are small integers, written as text; `0` is built in.
//!
//! Status codes are those that `IntuneCD` insists on: 200 for whatever succeeds.

mod assignments;
mod view;

pub(crate) use self::assignments::{assign_tag, list_assignments};
pub(crate) use self::view::tag_entity;

use axum::http::StatusCode;
use mandate_engine::{Page, ScopeTag};
use serde_json::{Map, Value, json};

use super::body::{ids, text};
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, annotate};
use crate::page::{Listing, check_select};
use crate::render::show;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// Where scope tags are.
const COLLECTION: &str = "deviceManagement/roleScopeTags";
const DECLARED: &str = "roleScopeTag";
const WHAT: &str = "scope tag";
/// Most tags that one request may name.
const MAX_NAMED: usize = 1000;

/// `GET deviceManagement/roleScopeTags`
pub(crate) async fn list_tags(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let pull = |after: Option<String>, limit: usize| async move {
        let page = Page {
            after,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        };
        let tags = state.engine().list_scope_tags(&request.actor, page).await?;
        let row = |tag: &ScopeTag| Keyed {
            key: tag.id.clone(),
            entity: tag_entity(tag),
        };
        Ok(tags.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/roleScopeTags/{id}`
pub(crate) async fn show_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let tag = state
        .engine()
        .find_scope_tag(&request.actor, request.key(0))
        .await?;
    Ok(shown(&found(tag, WHAT, request.key(0))?))
}

/// `POST deviceManagement/roleScopeTags`: 200 with the tag.
pub(crate) async fn create_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = TagBody::read(request.object()?)?;
    let name = body.display_name.ok_or_else(|| {
        GraphError::model_validation("`displayName` is required").at("displayName")
    })?;
    let tag = state
        .engine()
        .create_scope_tag(&request.actor, &name, body.description.flatten())
        .await?;
    Ok(shown(&tag))
}

/// `PATCH deviceManagement/roleScopeTags/{id}`: 200 with the tag.
pub(crate) async fn update_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = TagBody::read(request.object()?)?;
    let tag = state
        .engine()
        .update_scope_tag(
            &request.actor,
            request.key(0),
            body.display_name,
            body.description,
        )
        .await?;
    Ok(shown(&tag))
}

/// `DELETE deviceManagement/roleScopeTags/{id}`: 200.
pub(crate) async fn delete_tag(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_scope_tag(&request.actor, request.key(0))
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `POST deviceManagement/roleScopeTags/getRoleScopeTagsById`: unknown ids are left out.
pub(crate) async fn find_tags(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut value = Vec::new();
    for id in ids("roleScopeTagIds", request.object()?, MAX_NAMED)? {
        let tag = state.engine().find_scope_tag(&request.actor, &id).await?;
        value.extend(tag.map(|tag| {
            let mut entity = tag_entity(&tag);
            show(&mut entity, request.version, &request.query);
            Value::Object(annotate(request.context(), entity, DECLARED))
        }));
    }
    Ok(Reply::Value {
        context: format!("Collection(microsoft.graph.{DECLARED})"),
        value: Value::Array(value),
    })
}

/// `GET deviceManagement/roleScopeTags/hasCustomRoleScopeTag()`: whether the caller sees any that is not built in.
pub(crate) async fn say_whether_any(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let first_two = Page::first(2);
    let tags = state
        .engine()
        .list_scope_tags(&request.actor, first_two)
        .await?;
    Ok(Reply::Value {
        context: "Edm.Boolean".to_owned(),
        value: json!(tags.iter().any(|tag| !tag.built_in)),
    })
}

fn shown(tag: &ScopeTag) -> Reply {
    Reply::entity(tag_entity(tag), DECLARED, COLLECTION)
}

/// The properties of a tag that a body mentions; the inner `Option` is `null`.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
struct TagBody {
    display_name: Option<String>,
    description: Option<Option<String>>,
}

impl TagBody {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            match name.as_str() {
                "displayName" => read.display_name = Some(text(name, value)?.unwrap_or_default()),
                "description" => read.description = Some(text(name, value)?),
                "id" | "isBuiltIn" => {}
                "assignments" if value.as_array().is_none_or(Vec::is_empty) => {}
                _ if name.contains('@') => {}
                "assignments" => {
                    let message =
                        "`assignments` cannot be given with the tag; send them to its `assign`";
                    return Err(GraphError::invalid(name, message));
                }
                _ => {
                    let message =
                        format!("`{name}` is not a property of `microsoft.graph.{DECLARED}`");
                    return Err(GraphError::invalid(name, message));
                }
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_read_can_be_sent_back_and_what_is_unknown_is_refused() {
        let sent = json!({
            "@odata.type": "#microsoft.graph.roleScopeTag", "id": "1", "displayName": "North",
            "description": null, "isBuiltIn": false, "assignments": [],
        });
        let read = TagBody::read(sent.as_object().unwrap()).unwrap();
        assert_eq!(read.display_name.as_deref(), Some("North"));
        assert_eq!(read.description, Some(None));
        for (body, target) in [
            (json!({"colour": "red"}), "colour"),
            (json!({"displayName": 5}), "displayName"),
            (json!({"assignments": [{}]}), "assignments"),
        ] {
            let error = TagBody::read(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
    }
}
