//! Managed devices.

mod act;
mod overview;
mod states;
mod view;

use std::collections::BTreeSet;

use mandate_engine::{DeviceChange, DeviceFilter, DeviceView};
use mandate_model::{DeviceId, Ownership, UserId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) use self::act::{lock_device, retire_device, sync_device, wipe_device};
pub(crate) use self::overview::show_overview;
pub(crate) use self::states::{list_no_states, list_profile_states};
use self::view::device_entity;
use super::{found, page, users};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select, counts_everything, named_ids};
use crate::reference::Reference;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// Where managed devices are.
const COLLECTION: &str = "deviceManagement/managedDevices";
const DECLARED: &str = "managedDevice";

/// `GET deviceManagement/managedDevices`
pub(crate) async fn list_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    list(state, request, pushed_down(request), COLLECTION.to_owned()).await
}

/// `GET users/{id}/managedDevices`
pub(crate) async fn list_devices_of(
    state: &GraphState,
    request: &GraphRequest,
    user: UserId,
) -> Result<Reply> {
    let filter = DeviceFilter {
        user: Some(user),
        ..DeviceFilter::default()
    };
    list(
        state,
        request,
        filter,
        format!("users('{user}')/managedDevices"),
    )
    .await
}

/// `GET deviceManagement/managedDevices/{id}`
pub(crate) async fn show_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    shown(state, request).await
}

/// `PATCH deviceManagement/managedDevices/{id}`: 200 with the device.
pub(crate) async fn update_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let view = named(state, request).await?;
    let change = read_change(request.object()?, &device_entity(&view, &[]))?;
    if change != DeviceChange::default() {
        state
            .engine()
            .update_device(&request.actor, view.device.id, change)
            .await?;
    }
    shown(state, request).await
}

/// `DELETE deviceManagement/managedDevices/{id}`: management ends at the next check-in, and then the device is gone.
pub(crate) async fn delete_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_device(&request.actor, request.id(0, "device")?)
        .await?;
    Ok(Reply::no_content())
}

/// `GET …/users`: the primary user.
pub(crate) async fn list_users(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let view = named(state, request).await?;
    let rows = view.user.iter().map(|user| Keyed {
        key: user.id.to_string(),
        entity: users::user_entity(user),
    });
    let context = format!("{COLLECTION}('{}')/users", view.device.id);
    Listing::directory("user", context)
        .page_of(request, rows.collect())
        .await
}

/// `POST …/users/$ref`: makes somebody the primary user.
pub(crate) async fn put_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let value = request.object()?.get("@odata.id").unwrap_or(&Value::Null);
    let reference = Reference::read("@odata.id", value)?;
    let user = state
        .engine()
        .find_user(&request.actor, &reference.key)
        .await?;
    let user = found(user, "user", &reference.key).map_err(|error| error.at("@odata.id"))?;
    change_user(state, request, Some(user.id)).await
}

/// `DELETE …/users/$ref`
pub(crate) async fn remove_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    change_user(state, request, None).await
}

async fn change_user(
    state: &GraphState,
    request: &GraphRequest,
    user: Option<UserId>,
) -> Result<Reply> {
    let change = DeviceChange {
        user: Some(user),
        ..DeviceChange::default()
    };
    state
        .engine()
        .update_device(&request.actor, request.id(0, "device")?, change)
        .await?;
    Ok(Reply::no_content())
}

async fn shown(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let view = named(state, request).await?;
    let actions = state
        .engine()
        .device_actions(&request.actor, view.device.id)
        .await?;
    Ok(Reply::entity(
        device_entity(&view, &actions),
        DECLARED,
        COLLECTION,
    ))
}

/// The device that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<DeviceView> {
    let view = state
        .engine()
        .find_device(&request.actor, request.id(0, "device")?)
        .await?;
    found(view, "device", request.key(0))
}

async fn list(
    state: &GraphState,
    request: &GraphRequest,
    filter: DeviceFilter,
    context: String,
) -> Result<Reply> {
    let listing = Listing::management(DECLARED, context);
    if let Some(ids) = filtered_ids(request) {
        let mut rows = Vec::new();
        for id in ids {
            let view = state
                .engine()
                .find_device(&request.actor, DeviceId(id))
                .await?;
            rows.extend(view.as_ref().map(row));
        }
        return listing.page_of(request, rows).await;
    }
    let pull = |after: Option<String>, limit| {
        let filter = filter.clone();
        async move {
            let views = state
                .engine()
                .list_devices(&request.actor, filter, page::<DeviceId>(after, limit)?)
                .await?;
            Ok(views.iter().map(row).collect())
        }
    };
    let total = if filter == DeviceFilter::default() && counts_everything(&request.query) {
        Some(state.engine().count_devices(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

/// Lists do not show actions, which Graph leaves out of them too.
fn row(view: &DeviceView) -> Keyed {
    Keyed {
        key: view.device.id.to_string(),
        entity: device_entity(view, &[]),
    }
}

/// The devices that a filter by id can mean. Of those of one person, only the list itself can tell.
fn filtered_ids(request: &GraphRequest) -> Option<BTreeSet<Uuid>> {
    let query = Some(&request.query).filter(|_| request.keys.is_empty())?;
    named_ids(query, "id").or_else(|| named_ids(query, "azureADDeviceId"))
}

fn pushed_down(request: &GraphRequest) -> DeviceFilter {
    let Some(filter) = &request.query.filter else {
        return DeviceFilter::default();
    };
    DeviceFilter {
        name: filter.equality("deviceName"),
        name_prefix: filter.prefix("deviceName"),
        serial_number: filter.equality("serialNumber"),
        user: filter.equality("userId").and_then(|id| id.parse().ok()),
    }
}

/// Ownership is what we keep; of the rest, what a client sends back as it read it changes nothing.
fn read_change(body: &Map<String, Value>, now: &Entity) -> Result<DeviceChange> {
    let mut change = DeviceChange::default();
    for (name, value) in body {
        match name.as_str() {
            "managedDeviceOwnerType" | "ownerType" => {
                change.ownership = Some(ownership(name, value)?);
            }
            "notes" | "managedDeviceName" | "deviceCategoryDisplayName"
                if now.body.get(name) != Some(value) =>
            {
                return Err(
                    GraphError::not_implemented(format!("`{name}` cannot be changed yet")).at(name),
                );
            }
            _ if name.contains('@') || crate::schema::property(DECLARED, name).is_some() => {}
            _ => {
                let message =
                    format!("`{name}` is not a property of `microsoft.graph.managedDevice`");
                return Err(GraphError::invalid(name, message));
            }
        }
    }
    Ok(change)
}

fn ownership(name: &str, value: &Value) -> Result<Ownership> {
    match value
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "unknown" => Ok(Ownership::Unknown),
        "company" => Ok(Ownership::Company),
        "personal" => Ok(Ownership::Personal),
        _ => {
            let message =
                format!("`{name}` must be `unknown`, `company` or `personal`, but is `{value}`");
            Err(GraphError::invalid(name, message))
        }
    }
}

/// Graph's word for whose a device is.
fn ownership_word(ownership: Ownership) -> Value {
    json!(match ownership {
        Ownership::Unknown => "unknown",
        Ownership::Company => "company",
        Ownership::Personal => "personal",
    })
}
