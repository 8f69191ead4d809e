//! Device enrolment managers: people who enrol many devices for others.

use mandate_engine::{Actor, EnrolmentManager, Page};
use mandate_model::UserId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::read_text;
use crate::error::{GraphError, Result};
use crate::resources::found;
use crate::state::GraphState;

/// There are never more than 150: one page will do.
const ALL: u32 = 1000;

/// `GET enrollmentManagers`: all of them, by id.
pub(crate) async fn list_enrollment_managers(state: &GraphState, actor: &Actor) -> Result<Value> {
    let managers = state
        .engine()
        .list_enrolment_managers(actor, Page::first(ALL))
        .await?;
    let value: Vec<Value> = managers.iter().map(shown).collect();
    Ok(json!({ "value": value }))
}

/// `POST enrollmentManagers`: by `userId` or `userPrincipalName`.
pub(crate) async fn appoint_enrollment_manager(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<()> {
    let key = read_text(body, "userId")?.or(read_text(body, "userPrincipalName")?);
    let key = key.ok_or_else(|| {
        GraphError::invalid("userId", "`userId` or `userPrincipalName` is required")
    })?;
    let user = found(state.engine().find_user(actor, &key).await?, "user", &key)?;
    Ok(state
        .engine()
        .appoint_enrolment_manager(actor, user.id)
        .await?)
}

/// `DELETE enrollmentManagers/{user}`
pub(crate) async fn dismiss_enrollment_manager(
    state: &GraphState,
    actor: &Actor,
    key: &str,
) -> Result<()> {
    let id =
        Uuid::try_parse(key).map_err(|_| GraphError::no_such("device enrolment manager", key))?;
    Ok(state
        .engine()
        .dismiss_enrolment_manager(actor, UserId(id))
        .await?)
}

fn shown(manager: &EnrolmentManager) -> Value {
    json!({
        "userId": manager.user.id,
        "userPrincipalName": manager.user.user_principal_name,
        "displayName": manager.user.display_name,
        "sinceDateTime": manager.since.to_string(),
        "enrolledDevices": manager.enrolled,
        "deviceEnrollmentLimit": manager.most,
    })
}
