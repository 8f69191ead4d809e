//! References from a profile to others: `…/identityCertificate`, `…/identityCertificate/$ref`.

use std::collections::BTreeMap;

use mandate_engine::ProfileChange;
use mandate_model::{Profile, ProfileId};
use serde_json::Value;

use super::read::{navigation, target};
use super::view::profile_entity;
use super::{COLLECTION, DECLARED, named};
use crate::dispatch::property_of;
use crate::error::{GraphError, Result};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// `GET …/{navigation}`: the profile referred to, or a property of the profile itself.
pub(crate) async fn show_reference(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let profile = named(state, request).await?;
    let name = request.key(1);
    let Ok(navigation) = navigation(profile.kind, name) else {
        let unknown =
            || GraphError::not_found(format!("a `{}` has no `{name}`", profile.kind.type_name));
        return property_of(&profile_entity(&profile), name).ok_or_else(unknown);
    };
    let unset = || {
        GraphError::not_found(format!(
            "`{navigation}` of profile `{}` is not set",
            profile.display_name
        ))
    };
    let id = profile.references.get(navigation).ok_or_else(unset)?;
    let target = state
        .engine()
        .find_profile(&request.actor, *id)
        .await?
        .ok_or_else(unset)?;
    Ok(Reply::entity(profile_entity(&target), DECLARED, COLLECTION))
}

/// `PUT …/{navigation}/$ref`
pub(crate) async fn put_reference(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let profile = named(state, request).await?;
    let value = request
        .object()?
        .get("@odata.id")
        .cloned()
        .unwrap_or(Value::Null);
    let id = target("@odata.id", &value)?.ok_or_else(|| {
        GraphError::invalid(
            "@odata.id",
            "`@odata.id` must be the address of a deviceConfiguration",
        )
    })?;
    refer(state, request, &profile, Some(id)).await
}

/// `DELETE …/{navigation}/$ref`
pub(crate) async fn remove_reference(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let profile = named(state, request).await?;
    refer(state, request, &profile, None).await
}

async fn refer(
    state: &GraphState,
    request: &GraphRequest,
    profile: &Profile,
    id: Option<ProfileId>,
) -> Result<Reply> {
    let navigation = navigation(profile.kind, request.key(1))?.to_owned();
    let change = ProfileChange {
        references: BTreeMap::from([(navigation, id)]),
        ..ProfileChange::default()
    };
    state
        .engine()
        .update_profile(&request.actor, profile.id, change)
        .await?;
    Ok(Reply::no_content())
}
