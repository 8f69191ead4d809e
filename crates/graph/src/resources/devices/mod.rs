//! Devices as the directory knows them, and directory objects of any kind.

mod view;

use std::collections::BTreeSet;

use mandate_engine::DeviceFilter;
use mandate_model::{Device, DeviceId, Member, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::view::{device_entity, object_entity};
use super::users::listed_ids;
use super::{found, groups, page, users};
use crate::error::{GraphError, Result};
use crate::odata::{Keyed, annotate};
use crate::page::{Listing, check_select, counts_everything, named_ids};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// `GET devices`
pub(crate) async fn list_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let filter = match &request.query.filter {
        Some(filter) => DeviceFilter {
            name: filter.equality("displayName"),
            name_prefix: filter.prefix("displayName"),
            ..DeviceFilter::default()
        },
        None => DeviceFilter::default(),
    };
    list(
        state,
        request,
        filter,
        Listing::directory("device", "devices"),
    )
    .await
}

/// `GET devices/{id}`
pub(crate) async fn show_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "device")?;
    let view = state
        .engine()
        .find_device(&request.actor, request.id(0, "device")?)
        .await?;
    Ok(Reply::entity(
        device_entity(&found(view, "device", request.key(0))?.device),
        "device",
        "devices",
    ))
}

/// `GET users/{id}/ownedDevices`
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
        Listing::directory("directoryObject", "directoryObjects"),
    )
    .await
}

/// `GET devices/{id}/memberOf`
pub(crate) async fn list_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    groups::list_groups_of(
        state,
        request,
        Member::Device(named(state, request).await?),
        false,
    )
    .await
}

/// `GET devices/{id}/transitiveMemberOf`
pub(crate) async fn list_all_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    groups::list_groups_of(
        state,
        request,
        Member::Device(named(state, request).await?),
        true,
    )
    .await
}

/// `POST devices/{id}/getMemberGroups`
pub(crate) async fn name_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    groups::name_groups_of(state, request, Member::Device(named(state, request).await?)).await
}

/// `POST devices/{id}/checkMemberGroups`
pub(crate) async fn check_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    groups::check_groups_of(state, request, Member::Device(named(state, request).await?)).await
}

/// `GET devices/{id}/registeredOwners` and `registeredUsers`: the primary user.
pub(crate) async fn list_users(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let view = state
        .engine()
        .find_device(&request.actor, request.id(0, "device")?)
        .await?;
    let user = found(view, "device", request.key(0))?.user;
    let rows = user.iter().map(|user| Keyed {
        key: user.id.to_string(),
        entity: users::user_entity(user),
    });
    Listing::directory("directoryObject", "directoryObjects")
        .page_of(request, rows.collect())
        .await
}

/// `GET directoryObjects/{id}`
pub(crate) async fn show_object(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let object = state
        .engine()
        .find_object(&request.actor, request.id(0, "directory object")?)
        .await?;
    let object = found(object, "directory object", request.key(0))?;
    Ok(Reply::entity(
        object_entity(&object),
        "directoryObject",
        "directoryObjects",
    ))
}

/// `POST directoryObjects/getByIds`: unknown ids are left out.
pub(crate) async fn find_objects(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let wanted = listed_ids(request, "ids")?;
    let types = match request.object()?.get("types") {
        None | Some(Value::Null) => Vec::new(),
        Some(types) => super::body::texts("types", types)?,
    };
    let mut value = Vec::new();
    for id in wanted {
        let id = Uuid::try_parse(&id).map_err(|_| {
            GraphError::invalid(
                "ids",
                format!("`ids` must be a list of ids, but has `{id}`"),
            )
        })?;
        let Some(object) = state.engine().find_object(&request.actor, id).await? else {
            continue;
        };
        let mut entity = object_entity(&object);
        if !types.is_empty()
            && !types
                .iter()
                .any(|name| name.eq_ignore_ascii_case(entity.type_name))
        {
            continue;
        }
        if let Some(select) = &request.query.select {
            select.apply(&mut entity.body);
        }
        value.push(Value::Object(annotate(
            request.context(),
            entity,
            "directoryObject",
        )));
    }
    Ok(Reply::Value {
        context: "directoryObjects".to_owned(),
        value: json!(value),
    })
}

async fn list(
    state: &GraphState,
    request: &GraphRequest,
    filter: DeviceFilter,
    listing: Listing,
) -> Result<Reply> {
    if let Some(ids) = filtered_ids(request) {
        let mut rows = Vec::new();
        for id in ids {
            let view = state
                .engine()
                .find_device(&request.actor, DeviceId(id))
                .await?;
            rows.extend(view.as_ref().map(|view| row(&view.device)));
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
            Ok(views.iter().map(|view| row(&view.device)).collect())
        }
    };
    let total = if filter == DeviceFilter::default() && counts_everything(&request.query) {
        Some(state.engine().count_devices(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

fn row(device: &Device) -> Keyed {
    Keyed {
        key: device.id.to_string(),
        entity: device_entity(device),
    }
}

/// The devices that a filter by id can mean. Of those of one person, only the list itself can tell.
fn filtered_ids(request: &GraphRequest) -> Option<BTreeSet<Uuid>> {
    let query = Some(&request.query).filter(|_| request.keys.is_empty())?;
    named_ids(query, "id").or_else(|| named_ids(query, "deviceId"))
}

async fn named(state: &GraphState, request: &GraphRequest) -> Result<DeviceId> {
    let view = state
        .engine()
        .find_device(&request.actor, request.id(0, "device")?)
        .await?;
    Ok(found(view, "device", request.key(0))?.device.id)
}
