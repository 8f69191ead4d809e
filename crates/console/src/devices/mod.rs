//! Devices: the list, each with what it has and waits for, and what can be done with it.

mod act;
mod category;
mod list;
mod profiles;
mod query;
mod queue;
mod show;
mod words;

use axum::routing::get;
use mandate_engine::EngineError;
use mandate_model::DeviceId;
use mandate_ui::Door;
use mandate_web::Routes;

use crate::failure::Failure;
pub(crate) use words::platform;

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/devices", get(list::show_list))
        .route("/console/devices/export.csv", get(list::export))
        .route("/console/devices/{id}", get(show::show_device))
        .route(
            "/console/devices/{id}/category",
            get(category::show_choice).post(category::choose_category),
        )
        .route("/console/devices/{id}/{deed}", get(act::ask).post(act::act))
}

/// What leads nowhere.
fn missing(what: &'static str, id: &str) -> EngineError {
    EngineError::NotFound {
        what,
        id: id.to_owned(),
    }
}

/// The id in a path. What is none leads nowhere.
fn device_id(text: &str) -> Result<DeviceId, Failure> {
    text.parse().map_err(|_| Failure(missing("device", text)))
}
