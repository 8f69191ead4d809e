//! Enrolment configurations (`deviceEnrollmentConfigurations`): limits of devices, and restrictions. The ending of an id says
//! which of them it is.
//!
//! Ids are those of Intune as far as clients have seen them: `TENANT_DefaultLimit` for the limit of everybody and `GUID_Limit`
//! for others; `TENANT_DefaultPlatformRestrictions` for the restriction of everybody, which has all platforms in one, and
//! `GUID_SinglePlatformRestriction` for others.

mod assignments;
mod limit;
mod read;
mod restriction;
mod view;

pub(super) use self::read::{require_default_tag, require_none, whole};

use axum::http::StatusCode;
use mandate_engine::{DeviceLimit, EnrolmentConfiguration, EnrolmentContent, PlatformRestrictions};
use mandate_model::EnrolmentConfigurationId;
use serde_json::{Map, Value};
use uuid::Uuid;

use self::assignments::{list_assignments_of, read_groups};
use self::read::{Body, Own};
use self::view::entity_of;
use super::found;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::schema;
use crate::state::GraphState;

/// Where enrolment configurations are.
const COLLECTION: &str = "deviceManagement/deviceEnrollmentConfigurations";
const DECLARED: &str = "deviceEnrollmentConfiguration";
const WHAT: &str = "enrolment configuration";

/// How Graph writes a sort of enrolment configuration.
trait Sort: EnrolmentContent {
    /// What a request says of it.
    type Own: Own<Content = Self>;

    /// How the id of the one of everybody ends.
    const OF_EVERYBODY: &'static str;
    /// How the ids of others end.
    const OF_SOME: &'static str;
    /// Types in Graph.
    const TYPES: &'static [&'static str];
    /// Whether each is for a platform, so that it must be looked at before it is changed.
    const HAS_PLATFORMS: bool;

    /// What a list is sorted by before the priority: limits as they count, then restrictions by platform.
    fn place(&self) -> String;

    /// Its type in Graph, and what says the same under `deviceEnrollmentConfigurationType`.
    fn kind(&self, is_of_everybody: bool) -> (&'static str, &'static str);

    /// Properties that others do not have.
    fn properties(&self) -> Map<String, Value>;
}

/// `GET deviceManagement/deviceEnrollmentConfigurations`: limits as they count, then restrictions.
pub(crate) async fn list_all(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut all = rows::<DeviceLimit>(state, request).await?;
    all.extend(rows::<PlatformRestrictions>(state, request).await?);
    Listing::management(DECLARED, COLLECTION)
        .page_of(request, all)
        .await
}

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}`
pub(crate) async fn show_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        show::<PlatformRestrictions>(state, request).await
    } else {
        show::<DeviceLimit>(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations`: 201.
pub(crate) async fn create_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let named = request.object()?.get("@odata.type").and_then(Value::as_str);
    if is_type_of::<PlatformRestrictions>(named.unwrap_or_default()) {
        create::<PlatformRestrictions>(state, request).await
    } else {
        create::<DeviceLimit>(state, request).await
    }
}

/// `PATCH deviceManagement/deviceEnrollmentConfigurations/{id}`: 200 with what there is now, as `IntuneCD` insists.
pub(crate) async fn update_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        update::<PlatformRestrictions>(state, request).await
    } else {
        update::<DeviceLimit>(state, request).await
    }
}

/// `DELETE deviceManagement/deviceEnrollmentConfigurations/{id}`: 200, as `IntuneCD` insists.
pub(crate) async fn delete_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        delete::<PlatformRestrictions>(state, request).await
    } else {
        delete::<DeviceLimit>(state, request).await
    }
}

/// `GET deviceManagement/deviceEnrollmentConfigurations/{id}/assignments`
pub(crate) async fn list_assignments(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        list_assignments_of::<PlatformRestrictions>(state, request).await
    } else {
        list_assignments_of::<DeviceLimit>(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/assign`: replaces the whole set; 200 without a body.
pub(crate) async fn assign_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        assign::<PlatformRestrictions>(state, request).await
    } else {
        assign::<DeviceLimit>(state, request).await
    }
}

/// `POST deviceManagement/deviceEnrollmentConfigurations/{id}/setPriority`: 200 without a body.
pub(crate) async fn prioritise_one(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if is_key_of::<PlatformRestrictions>(request.key(0)) {
        prioritise::<PlatformRestrictions>(state, request).await
    } else {
        prioritise::<DeviceLimit>(state, request).await
    }
}

/// All of a sort, that of everybody first.
async fn rows<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Vec<Keyed>> {
    let all = state
        .engine()
        .list_enrolment_configurations::<S>(&request.actor)
        .await?;
    let row = |one: &EnrolmentConfiguration<S>| Keyed {
        key: format!("{}{:020}", one.content.place(), one.priority),
        entity: entity_of(state, one),
    };
    Ok(all.iter().map(row).collect())
}

async fn show<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(state, &named::<S>(state, request).await?))
}

async fn create<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = Body::<S>::read(request.object()?)?.into_new()?;
    let one = state
        .engine()
        .create_enrolment_configuration(&request.actor, new)
        .await?;
    Ok(Reply::created(entity_of(state, &one), DECLARED, COLLECTION))
}

async fn update<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of::<S>(state, request.key(0))?;
    let body = Body::<S>::read(request.object()?)?;
    let known = if S::HAS_PLATFORMS || body.priority.is_some() {
        Some(named::<S>(state, request).await?)
    } else {
        None
    };
    let change = body.into_change(known.as_ref())?;
    let one = state
        .engine()
        .update_enrolment_configuration::<S>(&request.actor, id, change)
        .await?;
    Ok(shown(state, &one))
}

async fn delete<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of::<S>(state, request.key(0))?;
    state
        .engine()
        .delete_enrolment_configuration::<S>(&request.actor, id)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

async fn assign<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of::<S>(state, request.key(0))?;
    let groups = read_groups(request.object()?)?;
    state
        .engine()
        .assign_enrolment_configuration::<S>(&request.actor, id, groups)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

async fn prioritise<S: Sort>(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = id_of::<S>(state, request.key(0))?;
    let value = request.object()?.get("priority");
    let value = value.ok_or_else(|| GraphError::invalid("priority", "`priority` is required"))?;
    let priority = whole("priority", value)?;
    state
        .engine()
        .prioritise_enrolment_configuration::<S>(&request.actor, id, priority)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

fn shown<S: Sort>(state: &GraphState, one: &EnrolmentConfiguration<S>) -> Reply {
    Reply::entity(entity_of(state, one), DECLARED, COLLECTION)
}

/// The one that the path names.
async fn named<S: Sort>(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<EnrolmentConfiguration<S>> {
    let id = id_of::<S>(state, request.key(0))?;
    let one = state
        .engine()
        .find_enrolment_configuration(&request.actor, id)
        .await?;
    found(one, WHAT, request.key(0))
}

/// Whether an id is one of a sort.
fn is_key_of<S: Sort>(key: &str) -> bool {
    let folded = key.trim().to_ascii_lowercase();
    [S::OF_EVERYBODY, S::OF_SOME]
        .iter()
        .any(|ending| folded.ends_with(&ending.to_ascii_lowercase()))
}

/// Whether a type is one of a sort.
fn is_type_of<S: Sort>(name: &str) -> bool {
    let name = schema::bare(name);
    S::TYPES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// The id on the wire.
fn key_of<S: Sort>(state: &GraphState, id: EnrolmentConfigurationId) -> String {
    if id == EnrolmentConfiguration::<S>::OF_EVERYBODY {
        format!("{}{}", state.engine().tenant().id, S::OF_EVERYBODY)
    } else {
        format!("{id}{}", S::OF_SOME)
    }
}

/// Reads an id; a bare GUID will do as well.
fn id_of<S: Sort>(state: &GraphState, key: &str) -> Result<EnrolmentConfigurationId> {
    let key = key.trim();
    let everybody = EnrolmentConfiguration::<S>::OF_EVERYBODY;
    if key.eq_ignore_ascii_case(&key_of::<S>(state, everybody)) {
        return Ok(everybody);
    }
    let folded = key.to_ascii_lowercase();
    let bare = folded
        .strip_suffix(&S::OF_SOME.to_ascii_lowercase())
        .unwrap_or(&folded);
    Uuid::try_parse(bare)
        .ok()
        .filter(|id| !id.is_nil())
        .map(EnrolmentConfigurationId)
        .ok_or_else(|| GraphError::no_such(WHAT, key))
}
