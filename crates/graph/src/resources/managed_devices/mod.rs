//! Managed devices.

mod act;
mod change;
mod overview;
mod states;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use mandate_engine::{DeviceChange, DeviceFilter, DeviceRemarks, DeviceView};
use mandate_model::{DeviceId, Ownership, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::act::{lock_device, retire_device, sync_device, wipe_device};
use self::change::read_change;
pub(crate) use self::overview::show_overview;
pub(crate) use self::states::{list_no_states, list_profile_states};
use self::view::device_entity;
use super::device_categories::{label_of, put_label};
use super::{found, page, users};
use crate::error::Result;
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
    let remarks = remarks_of(state, request, view.device.id).await?;
    let mut now = device_entity(&view, &remarks, &[]);
    let label = label_of(state, request, view.device.id).await?;
    put_label(&mut now, label.as_ref());
    let change = read_change(request.object()?, &now)?;
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
    let remarks = remarks_of(state, request, view.device.id).await?;
    let mut entity = device_entity(&view, &remarks, &actions);
    let label = label_of(state, request, view.device.id).await?;
    put_label(&mut entity, label.as_ref());
    Ok(Reply::entity(entity, DECLARED, COLLECTION))
}

/// What is written about one device.
async fn remarks_of(
    state: &GraphState,
    request: &GraphRequest,
    id: DeviceId,
) -> Result<DeviceRemarks> {
    let engine = state.engine();
    let found = engine.device_remarks(&request.actor, id, id).await?;
    Ok(found
        .into_iter()
        .next()
        .map_or_else(DeviceRemarks::default, |(_, remarks)| remarks))
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
            rows.extend(rows_of(state, request, view.into_iter().collect()).await?);
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
            rows_of(state, request, views).await
        }
    };
    let total = if filter == DeviceFilter::default() && counts_everything(&request.query) {
        Some(state.engine().count_devices(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

/// Devices in the order of their ids, with what is written about them. Lists do not show actions, which Graph leaves
/// out of them too.
async fn rows_of(
    state: &GraphState,
    request: &GraphRequest,
    views: Vec<DeviceView>,
) -> Result<Vec<Keyed>> {
    let (Some(first), Some(last)) = (views.first(), views.last()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (first.device.id, last.device.id);
    let engine = state.engine();
    let remarks: BTreeMap<DeviceId, DeviceRemarks> = engine
        .device_remarks(&request.actor, first, last)
        .await?
        .into_iter()
        .collect();
    let labels = engine.device_labels(&request.actor, first, last).await?;
    let none = DeviceRemarks::default();
    let row = |view: &DeviceView| {
        let id = view.device.id;
        let mut entity = device_entity(view, remarks.get(&id).unwrap_or(&none), &[]);
        put_label(&mut entity, labels.iter().find(|label| label.device == id));
        Keyed {
            key: id.to_string(),
            entity,
        }
    };
    Ok(views.iter().map(row).collect())
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

/// Graph's word for whose a device is.
fn ownership_word(ownership: Ownership) -> Value {
    json!(match ownership {
        Ownership::Unknown => "unknown",
        Ownership::Company => "company",
        Ownership::Personal => "personal",
    })
}
