//! Profiles of automated enrolment (`enrollmentProfiles`).

use axum::http::StatusCode;
use mandate_engine::{AdeProfile, AdeProfileChange, NewAdeProfile, Page};
use mandate_model::Platform;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::view::profile_entity;
use super::{COLLECTION, WHAT, beta_only};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::body::{ids, text};
use crate::resources::{found, page};
use crate::state::GraphState;

const DECLARED: &str = "enrollmentProfile";
const PROFILE: &str = "enrolment profile";
/// Serial numbers in one request.
const MOST_SERIALS: usize = 10_000;
/// What Graph computes; clients send it back as they got it.
const COMPUTED: &[&str] = &[
    "id",
    "@odata.type",
    "@odata.context",
    "configurationEndpointUrl",
    "isDefault",
];

/// `GET …/{id}/enrollmentProfiles`
pub(crate) async fn list_profiles(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let pull = |after: Option<String>, limit: usize| async move {
        let page: Page<Uuid> = page(after, limit)?;
        let profiles = state
            .engine()
            .list_ade_profiles(&request.actor, token, page)
            .await?;
        let row = |profile: &AdeProfile| Keyed {
            key: profile.id.to_string(),
            entity: profile_entity(profile),
        };
        Ok(profiles.iter().map(row).collect())
    };
    Listing::management(DECLARED, collection(token))
        .page(request, pull)
        .await
}

/// `GET …/{id}/enrollmentProfiles/{profile}`
pub(crate) async fn show_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    check_select(&request.query, DECLARED)?;
    let (token, id) = named(request)?;
    let profile = state
        .engine()
        .find_ade_profile(&request.actor, token, id)
        .await?;
    let profile = found(profile, PROFILE, request.key(1))?;
    Ok(Reply::entity(
        profile_entity(&profile),
        DECLARED,
        collection(token),
    ))
}

/// `POST …/{id}/enrollmentProfiles`: 201.
pub(crate) async fn create_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let body = request.object()?;
    let platform = kind_of(body)?.ok_or_else(|| {
        let message = "`@odata.type` must be `#microsoft.graph.depIOSEnrollmentProfile` or `#microsoft.graph.depMacOSEnrollmentProfile`";
        GraphError::invalid("@odata.type", message)
    })?;
    let change = read(body)?;
    let new = NewAdeProfile {
        platform,
        name: change
            .name
            .ok_or_else(|| GraphError::invalid("displayName", "`displayName` is required"))?,
        description: change.description.unwrap_or_default(),
        settings: change.settings,
    };
    let profile = state
        .engine()
        .create_ade_profile(&request.actor, token, new)
        .await?;
    Ok(Reply::created(
        profile_entity(&profile),
        DECLARED,
        collection(token),
    ))
}

/// `PATCH …/{id}/enrollmentProfiles/{profile}`: 204, as `IntuneCD` expects.
pub(crate) async fn update_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let place = named(request)?;
    let change = read(request.object()?)?;
    state
        .engine()
        .update_ade_profile(&request.actor, place, change)
        .await?;
    Ok(Reply::no_content())
}

/// `DELETE …/{id}/enrollmentProfiles/{profile}`
pub(crate) async fn delete_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let (token, id) = named(request)?;
    state
        .engine()
        .delete_ade_profile(&request.actor, token, id)
        .await?;
    Ok(Reply::no_content())
}

/// `POST …/{profile}/setDefaultProfile`: 204.
pub(crate) async fn set_default_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    beta_only(request)?;
    let (token, id) = named(request)?;
    state
        .engine()
        .set_default_ade_profile(&request.actor, token, id)
        .await?;
    Ok(Reply::Empty(StatusCode::NO_CONTENT))
}

/// `POST …/{profile}/updateDeviceProfileAssignment`: 204. `deviceIds` are serial numbers.
pub(crate) async fn assign_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let (token, id) = named(request)?;
    let serials = ids("deviceIds", request.object()?, MOST_SERIALS)?;
    state
        .engine()
        .assign_ade_profile(&request.actor, (token, Some(id)), &serials)
        .await?;
    Ok(Reply::no_content())
}

fn collection(token: Uuid) -> String {
    format!("{COLLECTION}('{token}')/enrollmentProfiles")
}

/// Token and profile; a bare GUID will do for the profile as well.
fn named(request: &GraphRequest) -> Result<(Uuid, Uuid)> {
    let token = request.id(0, WHAT)?;
    let key = request.key(1);
    let bare = key.split_once('_').map_or(key, |(_, bare)| bare);
    let id = Uuid::try_parse(bare).map_err(|_| GraphError::no_such(PROFILE, key))?;
    Ok((token, id))
}

fn kind_of(body: &Map<String, Value>) -> Result<Option<Platform>> {
    let Some(kind) = body.get("@odata.type").and_then(Value::as_str) else {
        return Ok(None);
    };
    match kind.trim_start_matches("#microsoft.graph.") {
        "depIOSEnrollmentProfile" => Ok(Some(Platform::Ios)),
        "depMacOSEnrollmentProfile" => Ok(Some(Platform::MacOs)),
        _ => Err(GraphError::invalid(
            "@odata.type",
            format!("`{kind}` is no profile that devices can be enrolled with here"),
        )),
    }
}

fn read(body: &Map<String, Value>) -> Result<AdeProfileChange> {
    let mut change = AdeProfileChange::default();
    for (name, value) in body {
        match name.as_str() {
            "displayName" => change.name = text(name, value)?,
            "description" => change.description = Some(text(name, value)?.unwrap_or_default()),
            other if COMPUTED.contains(&other) => {}
            _ => {
                change.settings.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(change)
}
