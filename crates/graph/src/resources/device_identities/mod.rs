//! Devices that belong to the organisation, by serial number or IMEI (`importedDeviceIdentities`).

mod read;
mod view;

use axum::http::StatusCode;
use mandate_engine::{DeviceIdentity, NewDeviceIdentity, Page};
use serde_json::{Value, json};

use self::read::{entries, new_identity};
use self::view::{identity_entity, result_json};
use super::body::{boolean, text};
use super::{found, page};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/importedDeviceIdentities";
const DECLARED: &str = "importedDeviceIdentity";
const WHAT: &str = "imported device identity";

/// `GET deviceManagement/importedDeviceIdentities`
pub(crate) async fn list_identities(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let pull = |after: Option<String>, limit: usize| async move {
        let page: Page<mandate_model::DeviceIdentityId> = page(after, limit)?;
        let found = state
            .engine()
            .list_device_identities(&request.actor, "", page)
            .await?;
        let row = |one: &DeviceIdentity| Keyed {
            key: one.id.to_string(),
            entity: identity_entity(one),
        };
        Ok(found.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/importedDeviceIdentities/{id}`
pub(crate) async fn show_identity(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let one = state
        .engine()
        .find_device_identity(&request.actor, request.id(0, WHAT)?)
        .await?;
    let one = found(one, WHAT, request.key(0))?;
    Ok(Reply::entity(identity_entity(&one), DECLARED, COLLECTION))
}

/// `POST deviceManagement/importedDeviceIdentities`: one of them; 201. One that is there already is a conflict.
pub(crate) async fn create_identity(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = new_identity("", &Value::Object(request.object()?.clone()))?;
    let identifier = new.identifier.clone();
    let rows: Vec<NewDeviceIdentity> = vec![new];
    let results = state
        .engine()
        .import_device_identities(&request.actor, rows, false)
        .await?;
    let result = results.into_iter().next();
    match result.map(|result| (result.outcome, result.identity)) {
        Some((mandate_engine::IdentityOutcome::Added, Some(one))) => {
            Ok(Reply::created(identity_entity(&one), DECLARED, COLLECTION))
        }
        Some((mandate_engine::IdentityOutcome::Wrong(rule), _)) => {
            let message = format!("`{IDENTIFIER}` {rule}");
            Err(GraphError::invalid(IDENTIFIER, message))
        }
        _ => {
            let message = format!("`{IDENTIFIER}`: `{identifier}` is in the list already");
            Err(GraphError::invalid(IDENTIFIER, message))
        }
    }
}

/// `PATCH deviceManagement/importedDeviceIdentities/{id}`: what is noted of it.
pub(crate) async fn update_identity(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object()?;
    for name in body.keys() {
        if !name.contains('@') && name != "id" && name != "description" {
            let message = format!("`{name}` cannot be changed; import the identifier anew");
            return Err(GraphError::invalid(name, message));
        }
    }
    let Some(value) = body.get("description") else {
        return show_identity(state, request).await;
    };
    let one = state
        .engine()
        .describe_device_identity(
            &request.actor,
            request.id(0, WHAT)?,
            text("description", value)?,
        )
        .await?;
    Ok(Reply::entity(identity_entity(&one), DECLARED, COLLECTION))
}

/// `DELETE deviceManagement/importedDeviceIdentities/{id}`: 204.
pub(crate) async fn delete_identity(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_device_identity(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::Empty(StatusCode::NO_CONTENT))
}

/// `POST deviceManagement/importedDeviceIdentities/importDeviceIdentityList`: what became of each, in the order they came.
pub(crate) async fn import_identities(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object()?;
    let overwrite = body
        .get("overwriteImportedDeviceIdentities")
        .filter(|value| !value.is_null())
        .map_or(Ok(false), |value| {
            boolean("overwriteImportedDeviceIdentities", value)
        })?;
    let rows = entries(body)?;
    let given = rows.clone();
    let results = state
        .engine()
        .import_device_identities(&request.actor, rows, overwrite)
        .await?;
    let value: Vec<Value> = results
        .iter()
        .zip(&given)
        .map(|(result, given)| result_json(result, given))
        .collect();
    let context = request
        .context()
        .url("$metadata#Collection(microsoft.graph.importedDeviceIdentityResult)");
    Ok(Reply::Json(
        json!({ "@odata.context": context, "value": value }),
    ))
}

/// `POST deviceManagement/importedDeviceIdentities/searchExistingIdentities`: those that are known.
pub(crate) async fn search_identities(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let rows = entries(request.object()?)?;
    let wanted: Vec<_> = rows
        .into_iter()
        .map(|row| (row.kind, row.identifier))
        .collect();
    let found = state
        .engine()
        .search_device_identities(&request.actor, &wanted)
        .await?;
    let value: Vec<Value> = found.iter().map(view::identity_json).collect();
    let context = request
        .context()
        .url("$metadata#Collection(microsoft.graph.importedDeviceIdentity)");
    Ok(Reply::Json(
        json!({ "@odata.context": context, "value": value }),
    ))
}

const IDENTIFIER: &str = "importedDeviceIdentifier";
