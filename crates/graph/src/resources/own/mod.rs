//! `/mandate/v1/…`: what Graph has no word for.

mod account_steps;
mod authority;
mod certificates;
mod deliveries;
mod directories;
mod licences;
mod links;
mod managers;
mod notifications;
mod options;
mod people;
mod preflight;
mod providers;
mod rules;
mod setup;
mod simulation;
mod versions;

pub(crate) use self::account_steps::{show_account_steps, update_account_steps};
pub(crate) use self::authority::{
    attest_item, cancel_authority_reset, list_authority_resets, request_authority_reset,
    show_authority, show_authority_reset, start_authority_reset, update_authority, withdraw_item,
};
pub(crate) use self::certificates::{list_expiring_certificates, list_user_certificates};
pub(crate) use self::deliveries::list_deliveries;
pub(crate) use self::directories::{
    confirm_deletions, create_directory, delete_directory, delete_gone, forecast_directory,
    list_directories, list_worries, show_directory, show_readiness, synchronize_directory,
    test_directory, update_directory,
};
pub(crate) use self::licences::{
    list_licensed_people, preview_licences, show_licences, update_licences,
};
pub(crate) use self::links::{
    create_enrollment_link, list_enrollment_links, withdraw_enrollment_link,
};
pub(crate) use self::managers::{
    appoint_enrollment_manager, dismiss_enrollment_manager, list_enrollment_managers,
};
pub(crate) use self::notifications::{
    list_notifications, send_notification_again, show_notification_settings,
    update_notification_settings,
};
pub(crate) use self::people::import_people;
pub(crate) use self::preflight::preflight;
pub(crate) use self::providers::{
    create_identity_provider, delete_identity_provider, list_identity_providers,
    show_identity_provider, test_identity_provider, update_identity_provider,
};
pub(crate) use self::rules::{
    preview_membership_rule, show_category_settings, update_category_settings,
    validate_membership_rule,
};
pub(crate) use self::setup::{
    check_discovery, list_connections, show_setup, test_connections, update_setup,
};
pub(crate) use self::simulation::simulate;
pub(crate) use self::versions::{
    compare_versions, list_deleted, list_versions, restore_deleted, restore_version, show_version,
};

use mandate_engine::{Actor, PlanRequest};
use mandate_model::ProfileId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::body::text;
use super::found;
use super::profiles::change_of;
use super::profiles::targets::read_targets;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// Devices that a plan names unless it is asked for more.
const SAMPLE: i64 = 20;

/// `POST plan`: what a change would do, and to whom, before it is made.
pub(crate) async fn show_plan(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let key = body
        .get("profileId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id = Uuid::try_parse(key).map(ProfileId).map_err(|_| {
        GraphError::invalid(
            "profileId",
            format!("`profileId` must be the id of a profile, but is `{key}`"),
        )
    })?;
    let change = match body.get("settings") {
        None | Some(Value::Null) => None,
        Some(Value::Object(settings)) => {
            let profile = found(
                state.engine().find_profile(actor, id).await?,
                "profile",
                key,
            )?;
            Some(change_of(&profile, settings)?)
        }
        Some(other) => {
            let message = format!("`settings` must be an object as in a PATCH, but is `{other}`");
            return Err(GraphError::invalid("settings", message));
        }
    };
    let targets = match body.get("assignments") {
        None | Some(Value::Null) => None,
        Some(_) => Some(read_targets(body)?),
    };
    let sample = number(body, "sample")?.unwrap_or(SAMPLE).clamp(0, 1000);
    let sample = u32::try_from(sample).unwrap_or_default();
    let plan = state
        .engine()
        .plan(
            actor,
            PlanRequest {
                profile: id,
                change,
                targets,
                sample,
            },
        )
        .await?;
    Ok(json!(plan))
}

fn read_text(body: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    body.get(name).map_or(Ok(None), |value| text(name, value))
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| {
            GraphError::invalid(
                name,
                format!("`{name}` must be a whole number, but is `{value}`"),
            )
        }),
    }
}
