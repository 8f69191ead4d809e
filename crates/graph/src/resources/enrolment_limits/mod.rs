//! Limits of devices per person: a sort of enrolment configuration (`deviceEnrollmentConfigurations`).
//!
//! Ids are those of Intune as far as clients have seen them: `TENANT_DefaultLimit` for the limit of everybody and
//! `GUID_Limit` for others.

mod assignments;
mod read;
mod view;

pub(super) use self::assignments::{assign_limit, assignment_rows, list_assignments, read_groups};
pub(super) use self::read::{PASSED_OVER, require_default_tag, require_none, whole};

use axum::http::StatusCode;
use mandate_engine::EnrolmentLimit;
use mandate_model::EnrolmentLimitId;
use uuid::Uuid;

use self::read::LimitBody;
use self::view::limit_entity;
use super::enrolment_configurations::{COLLECTION, DECLARED, WHAT};
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::check_select;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const TYPE: &str = "deviceEnrollmentLimitConfiguration";
/// How the id of the limit of everybody ends.
const OF_EVERYBODY: &str = "_DefaultLimit";
/// How the ids of others end.
const OF_SOME: &str = "_Limit";

/// All limits, that of everybody first.
pub(super) async fn rows(state: &GraphState, request: &GraphRequest) -> Result<Vec<Keyed>> {
    let limits = state.engine().list_enrolment_limits(&request.actor).await?;
    let row = |limit: &EnrolmentLimit| Keyed {
        // That of everybody first, then as they count.
        key: format!("{:020}", limit.priority),
        entity: limit_entity(state, limit),
    };
    Ok(limits.iter().map(row).collect())
}

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}`
pub(super) async fn show_limit(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(state, &named(state, request).await?))
}

/// `POST deviceManagement/deviceEnrollmentConfigurations`: 201.
pub(super) async fn create_limit(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = LimitBody::read(request.object()?)?.into_new()?;
    let limit = state
        .engine()
        .create_enrolment_limit(&request.actor, new)
        .await?;
    let entity = limit_entity(state, &limit);
    Ok(Reply::created(entity, DECLARED, COLLECTION))
}

/// `PATCH deviceManagement/deviceEnrollmentConfigurations/{id}`: 200 with the limit, as `IntuneCD` insists.
pub(super) async fn update_limit(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    let body = LimitBody::read(request.object()?)?;
    if let Some(priority) = body.priority() {
        let limit = named(state, request).await?;
        if limit.priority != priority {
            let message = "`priority` is changed by the action `setPriority`";
            return Err(GraphError::invalid("priority", message));
        }
    }
    let limit = state
        .engine()
        .update_enrolment_limit(&request.actor, id, body.into_change())
        .await?;
    Ok(shown(state, &limit))
}

/// `DELETE deviceManagement/deviceEnrollmentConfigurations/{id}`: 200, as `IntuneCD` insists.
pub(super) async fn delete_limit(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    state
        .engine()
        .delete_enrolment_limit(&request.actor, id)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/setPriority`: 200 without a body.
pub(super) async fn prioritise_limit(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    let body = request.object()?;
    let priority = if let Some(value) = body.get("priority") {
        whole("priority", value)?
    } else {
        let message = "`priority` is required";
        return Err(GraphError::invalid("priority", message));
    };
    state
        .engine()
        .prioritise_enrolment_limit(&request.actor, id, priority)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

fn shown(state: &GraphState, limit: &EnrolmentLimit) -> Reply {
    Reply::entity(limit_entity(state, limit), DECLARED, COLLECTION)
}

/// The limit that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<EnrolmentLimit> {
    let id = id_of(state, request.key(0))?;
    let limit = state
        .engine()
        .find_enrolment_limit(&request.actor, id)
        .await?;
    found(limit, WHAT, request.key(0))
}

/// The id on the wire.
fn key_of(state: &GraphState, id: EnrolmentLimitId) -> String {
    if id == EnrolmentLimit::OF_EVERYBODY {
        format!("{}{OF_EVERYBODY}", state.engine().tenant().id)
    } else {
        format!("{id}{OF_SOME}")
    }
}

/// Reads an id; a bare GUID will do as well.
fn id_of(state: &GraphState, key: &str) -> Result<EnrolmentLimitId> {
    let key = key.trim();
    let folded = key.to_ascii_lowercase();
    if folded == key_of(state, EnrolmentLimit::OF_EVERYBODY).to_ascii_lowercase() {
        return Ok(EnrolmentLimit::OF_EVERYBODY);
    }
    let bare = folded
        .strip_suffix(&OF_SOME.to_ascii_lowercase())
        .unwrap_or(&folded);
    Uuid::try_parse(bare)
        .ok()
        .filter(|id| !id.is_nil())
        .map(EnrolmentLimitId)
        .ok_or_else(|| GraphError::no_such(WHAT, key))
}
