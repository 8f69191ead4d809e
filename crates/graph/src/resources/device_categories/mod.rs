//! Categories of devices, and the one that a device has.

use mandate_engine::{DeviceCategory, DeviceCategoryChange, DeviceLabel};
use mandate_model::{DeviceCategoryId, DeviceId};
use serde_json::{Map, Value, json};

use super::body::{text, texts};
use super::found;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// Where categories are.
const COLLECTION: &str = "deviceManagement/deviceCategories";
const DECLARED: &str = "deviceCategory";
const WHAT: &str = "device category";

/// `GET deviceManagement/deviceCategories`
pub(crate) async fn list_categories(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let categories = state
        .engine()
        .list_device_categories(&request.actor)
        .await?;
    let row = |category: &DeviceCategory| Keyed {
        key: category.id.to_string(),
        entity: entity_of(category),
    };
    Listing::management(DECLARED, COLLECTION)
        .page_of(request, categories.iter().map(row).collect())
        .await
}

/// `GET deviceManagement/deviceCategories/{id}`
pub(crate) async fn show_category(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let category = state
        .engine()
        .find_device_category(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(shown(&found(category, WHAT, request.key(0))?))
}

/// `POST deviceManagement/deviceCategories`
pub(crate) async fn create_category(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = read(request.object()?)?;
    if new.display_name.is_none() {
        return Err(GraphError::invalid(
            "displayName",
            "`displayName` is required",
        ));
    }
    let category = state
        .engine()
        .create_device_category(&request.actor, new)
        .await?;
    Ok(Reply::created(entity_of(&category), DECLARED, COLLECTION))
}

/// `PATCH deviceManagement/deviceCategories/{id}`: 200 with the category.
pub(crate) async fn update_category(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = read(request.object()?)?;
    let category = state
        .engine()
        .update_device_category(&request.actor, request.id(0, WHAT)?, change)
        .await?;
    Ok(shown(&category))
}

/// `DELETE deviceManagement/deviceCategories/{id}`; 409 as long as a device has it.
pub(crate) async fn delete_category(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_device_category(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::no_content())
}

/// `GET deviceManagement/managedDevices/{id}/deviceCategory`
pub(crate) async fn show_category_of(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: DeviceId = request.id(0, "device")?;
    let engine = state.engine();
    // A device out of sight has no category either, and says so like one that is not there.
    let device = engine.find_device(&request.actor, id).await?;
    found(device, "device", request.key(0))?;
    let label = label_of(state, request, id).await?;
    let category = match label.and_then(|label| label.category) {
        Some(category) => {
            engine
                .find_device_category(&request.actor, category)
                .await?
        }
        None => None,
    };
    Ok(shown(&found(category, WHAT, request.key(0))?))
}

/// `PUT deviceManagement/managedDevices/{id}/deviceCategory/$ref`
pub(crate) async fn put_category_of(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let value = request.object()?.get("@odata.id").unwrap_or(&Value::Null);
    let category = Reference::read("@odata.id", value)?.id("@odata.id")?;
    state
        .engine()
        .categorise_device(
            &request.actor,
            request.id(0, "device")?,
            Some(DeviceCategoryId(category)),
        )
        .await?;
    Ok(Reply::no_content())
}

/// `DELETE deviceManagement/managedDevices/{id}/deviceCategory/$ref`
pub(crate) async fn remove_category_of(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    state
        .engine()
        .categorise_device(&request.actor, request.id(0, "device")?, None)
        .await?;
    Ok(Reply::no_content())
}

/// What is noted about one device.
pub(super) async fn label_of(
    state: &GraphState,
    request: &GraphRequest,
    id: DeviceId,
) -> Result<Option<DeviceLabel>> {
    let labels = state.engine().device_labels(&request.actor, id, id).await?;
    Ok(labels.into_iter().next())
}

/// Shows a label with its device.
pub(super) fn put_label(entity: &mut Entity, label: Option<&DeviceLabel>) {
    let Some(label) = label else { return };
    if let Some(name) = &label.category_name {
        let name = json!(name);
        entity
            .body
            .insert("deviceCategoryDisplayName".to_owned(), name);
    }
    if let Some(name) = &label.enrolment_profile {
        let name = json!(name);
        entity.body.insert("enrollmentProfileName".to_owned(), name);
    }
}

fn shown(category: &DeviceCategory) -> Reply {
    Reply::entity(entity_of(category), DECLARED, COLLECTION)
}

fn entity_of(category: &DeviceCategory) -> Entity {
    let body = json!({
        "id": category.id,
        "displayName": category.display_name,
        "description": category.description,
        "roleScopeTagIds": ["0"],
    });
    Entity::from_json(DECLARED, format!("{COLLECTION}('{}')", category.id), body)
}

/// All see all categories: scope tags other than the built-in one are refused.
fn read(body: &Map<String, Value>) -> Result<DeviceCategoryChange> {
    let mut read = DeviceCategoryChange::default();
    for (name, value) in body {
        match name.as_str() {
            "displayName" => read.display_name = Some(text(name, value)?.unwrap_or_default()),
            "description" => read.description = Some(text(name, value)?),
            "roleScopeTagIds" => {
                if !value.is_null() && texts(name, value)?.iter().any(|tag| tag != "0") {
                    let message =
                        "`roleScopeTagIds` must be [\"0\"]: categories have no scope tags";
                    return Err(GraphError::invalid("roleScopeTagIds", message));
                }
            }
            "id" => {}
            _ if name.contains('@') => {}
            _ => {
                let message = format!("`{name}` is not a property of `microsoft.graph.{DECLARED}`");
                return Err(GraphError::invalid(name, message));
            }
        }
    }
    Ok(read)
}
