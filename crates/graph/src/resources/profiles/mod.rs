//! Profiles (`deviceConfigurations`).
//!
//! In Graph the kinds exist in `beta` only. Here both versions show them as what they are: a `v1.0` client that sees
//! nothing would conclude that nothing is configured.

mod assignments;
mod read;
mod references;
mod states;
pub(super) mod targets;
mod view;

use mandate_model::{Profile, ProfileId};

pub(crate) use self::assignments::{
    add_assignment, add_group_assignment, assign_profile, list_assignments, list_group_assignments,
    remove_assignment, show_assignment,
};
pub(super) use self::read::{ProfileBody, change_of};
pub(crate) use self::references::{put_reference, remove_reference, show_reference};
pub(crate) use self::states::{
    list_certificate_states, list_device_statuses, list_setting_states, list_targeted,
    list_user_statuses, show_device_overview, show_user_overview, summarise_states,
};
use self::view::profile_entity;
pub(super) use self::view::profile_json;
use super::{found, page};
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::{GraphRequest, Preference};
use crate::state::GraphState;

/// Where profiles are.
pub(crate) const COLLECTION: &str = "deviceManagement/deviceConfigurations";
/// What profiles are declared as.
const DECLARED: &str = "deviceConfiguration";

/// `GET deviceManagement/deviceConfigurations`
pub(crate) async fn list_profiles(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let pull = |after: Option<String>, limit| async move {
        let profiles = state
            .engine()
            .list_profiles(&request.actor, page::<ProfileId>(after, limit)?)
            .await?;
        let row = |profile: &Profile| Keyed {
            key: profile.id.to_string(),
            entity: profile_entity(profile),
        };
        Ok(profiles.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/deviceConfigurations/{id}`
pub(crate) async fn show_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    Ok(shown(&named(state, request).await?))
}

/// `POST deviceManagement/deviceConfigurations`: 201.
pub(crate) async fn create_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = ProfileBody::read(request.object()?)?.into_new()?;
    let profile = state.engine().create_profile(&request.actor, new).await?;
    Ok(Reply::created(
        profile_entity(&profile),
        DECLARED,
        COLLECTION,
    ))
}

/// `PATCH deviceManagement/deviceConfigurations/{id}`: 204, or 200 with the profile where `Prefer` asks for it.
pub(crate) async fn update_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let profile = named(state, request).await?;
    let change = change_of(&profile, request.object()?)?;
    let profile = state
        .engine()
        .update_profile(&request.actor, profile.id, change)
        .await?;
    Ok(match request.prefer {
        Some(Preference::Representation) => shown(&profile),
        _ => Reply::no_content(),
    })
}

/// `DELETE deviceManagement/deviceConfigurations/{id}`: 200, as the live service answers and `IntuneCD` insists.
pub(crate) async fn delete_profile(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_profile(&request.actor, request.id(0, "profile")?)
        .await?;
    Ok(Reply::Empty(axum::http::StatusCode::OK))
}

fn shown(profile: &Profile) -> Reply {
    Reply::entity(profile_entity(profile), DECLARED, COLLECTION)
}

/// The profile that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<Profile> {
    let profile = state
        .engine()
        .find_profile(&request.actor, request.id(0, "profile")?)
        .await?;
    found(profile, "profile", request.key(0))
}

/// The address of something below a profile.
fn below(id: ProfileId, path: &str) -> String {
    format!("{COLLECTION}('{id}')/{path}")
}
