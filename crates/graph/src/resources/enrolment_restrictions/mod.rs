//! Restrictions of platforms, versions and people's own devices: a sort of enrolment configuration.
//!
//! Ids are those of Intune as far as clients have seen them: `TENANT_DefaultPlatformRestrictions` for the one of everybody, which
//! has all platforms in one, and `GUID_SinglePlatformRestriction` for others.

mod read;
mod view;

use axum::http::StatusCode;
use mandate_engine::{EnrolmentRestriction, EnrolmentRestrictionChange, NewEnrolmentRestriction};
use mandate_model::EnrolmentRestrictionId;
use serde_json::{Map, Value};
use uuid::Uuid;

use self::read::RestrictionBody;
use self::view::restriction_entity;
use super::enrolment_configurations::{COLLECTION, DECLARED, WHAT};
use super::enrolment_limits::{assignment_rows, read_groups, whole};
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::schema;
use crate::state::GraphState;

/// The one of everybody: all platforms in one.
const TYPE_OF_ALL: &str = "deviceEnrollmentPlatformRestrictionsConfiguration";
/// Others: one platform each.
const TYPE_OF_ONE: &str = "deviceEnrollmentPlatformRestrictionConfiguration";
/// How the id of the one of everybody ends.
const OF_EVERYBODY: &str = "_DefaultPlatformRestrictions";
/// How the ids of others end.
const OF_SOME: &str = "_SinglePlatformRestriction";

/// Whether an id is one of a restriction.
pub(super) fn is_key(key: &str) -> bool {
    let folded = key.trim().to_ascii_lowercase();
    [OF_EVERYBODY, OF_SOME]
        .iter()
        .any(|ending| folded.ends_with(&ending.to_ascii_lowercase()))
}

/// Whether a body says that it is one of a restriction.
pub(super) fn is_body(body: &Map<String, Value>) -> bool {
    let name = body.get("@odata.type").and_then(Value::as_str);
    let name = schema::bare(name.unwrap_or_default());
    [TYPE_OF_ALL, TYPE_OF_ONE]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// All restrictions, behind the limits: that of everybody first, then by platform and priority.
pub(super) async fn rows(state: &GraphState, request: &GraphRequest) -> Result<Vec<Keyed>> {
    let all = state
        .engine()
        .list_enrolment_restrictions(&request.actor)
        .await?;
    let row = |one: &EnrolmentRestriction| {
        let platform = one.platform.map_or("", |platform| platform.word());
        Keyed {
            key: format!("r{platform}{:020}", one.priority),
            entity: restriction_entity(state, one),
        }
    };
    Ok(all.iter().map(row).collect())
}

pub(super) async fn show_restriction(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(state, &named(state, request).await?))
}

pub(super) async fn create_restriction(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let new: NewEnrolmentRestriction = RestrictionBody::read(request.object()?)?.into_new()?;
    let one = state
        .engine()
        .create_enrolment_restriction(&request.actor, new)
        .await?;
    let entity = restriction_entity(state, &one);
    Ok(Reply::created(entity, DECLARED, COLLECTION))
}

pub(super) async fn update_restriction(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let body = RestrictionBody::read(request.object()?)?;
    let one = named(state, request).await?;
    if body
        .priority()
        .is_some_and(|priority| priority != one.priority)
    {
        let message = "`priority` is changed by the action `setPriority`";
        return Err(GraphError::invalid("priority", message));
    }
    let change: EnrolmentRestrictionChange = body.into_change(&one)?;
    let one = state
        .engine()
        .update_enrolment_restriction(&request.actor, one.id, change)
        .await?;
    Ok(shown(state, &one))
}

pub(super) async fn delete_restriction(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    state
        .engine()
        .delete_enrolment_restriction(&request.actor, id)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

pub(super) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let one = named(state, request).await?;
    let key = key_of(state, one.id);
    let rows = assignment_rows(&key, &one.groups);
    let context = format!("{COLLECTION}('{key}')/assignments");
    Listing::management("enrollmentConfigurationAssignment", context)
        .page_of(request, rows)
        .await
}

pub(super) async fn assign_restriction(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    let groups = read_groups(request.object()?)?;
    state
        .engine()
        .assign_enrolment_restriction(&request.actor, id, groups)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

pub(super) async fn prioritise_restriction(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = id_of(state, request.key(0))?;
    let value = request.object()?.get("priority");
    let value = value.ok_or_else(|| GraphError::invalid("priority", "`priority` is required"))?;
    let priority = whole("priority", value)?;
    state
        .engine()
        .prioritise_enrolment_restriction(&request.actor, id, priority)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

fn shown(state: &GraphState, one: &EnrolmentRestriction) -> Reply {
    Reply::entity(restriction_entity(state, one), DECLARED, COLLECTION)
}

/// The restriction that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<EnrolmentRestriction> {
    let id = id_of(state, request.key(0))?;
    let one = state
        .engine()
        .find_enrolment_restriction(&request.actor, id)
        .await?;
    found(one, WHAT, request.key(0))
}

/// The id on the wire.
fn key_of(state: &GraphState, id: EnrolmentRestrictionId) -> String {
    if id == EnrolmentRestriction::OF_EVERYBODY {
        format!("{}{OF_EVERYBODY}", state.engine().tenant().id)
    } else {
        format!("{id}{OF_SOME}")
    }
}

/// Reads an id.
fn id_of(state: &GraphState, key: &str) -> Result<EnrolmentRestrictionId> {
    let key = key.trim();
    let folded = key.to_ascii_lowercase();
    if folded == key_of(state, EnrolmentRestriction::OF_EVERYBODY).to_ascii_lowercase() {
        return Ok(EnrolmentRestriction::OF_EVERYBODY);
    }
    folded
        .strip_suffix(&OF_SOME.to_ascii_lowercase())
        .and_then(|bare| Uuid::try_parse(bare).ok())
        .filter(|id| !id.is_nil())
        .map(EnrolmentRestrictionId)
        .ok_or_else(|| GraphError::no_such(WHAT, key))
}
