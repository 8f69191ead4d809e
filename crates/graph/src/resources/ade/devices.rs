//! Devices that Apple says are the organisation's (`importedAppleDeviceIdentities`).

use mandate_engine::AdeDevice;

use super::view::device_entity;
use super::{COLLECTION, WHAT, beta_only};
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::state::GraphState;

const DECLARED: &str = "importedAppleDeviceIdentity";
const DEVICE: &str = "device of automated enrolment";

/// `GET …/{id}/importedAppleDeviceIdentities`
pub(crate) async fn list_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let pull = |after: Option<String>, limit: usize| async move {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let devices = state
            .engine()
            .list_ade_devices(&request.actor, token, "", (after.as_deref(), limit))
            .await?;
        let row = |device: &AdeDevice| Keyed {
            key: device.serial.clone(),
            entity: device_entity(token, device),
        };
        Ok(devices.iter().map(row).collect())
    };
    let context = format!("{COLLECTION}('{token}')/importedAppleDeviceIdentities");
    Listing::management(DECLARED, context)
        .page(request, pull)
        .await
}

/// `GET …/{id}/importedAppleDeviceIdentities/{device}`
pub(crate) async fn show_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    check_select(&request.query, DECLARED)?;
    let token = request.id(0, WHAT)?;
    let key = request.key(1);
    let serial = key.split_once('_').map_or(key, |(_, serial)| serial);
    let device = state
        .engine()
        .find_ade_device(&request.actor, token, serial)
        .await?;
    let device = found(device, DEVICE, key)?;
    let context = format!("{COLLECTION}('{token}')/importedAppleDeviceIdentities");
    Ok(Reply::entity(
        device_entity(token, &device),
        DECLARED,
        context,
    ))
}
