//! One of one's own devices.

mod change;
mod show;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use mandate_engine::{EngineError, OwnDevice};
use mandate_model::DeviceId;
use mandate_ui::Door;
use mandate_web::Routes;
use uuid::Uuid;

use crate::colleague::Colleague;
use crate::failure::Failure;

/// Routes of a device.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/portal/devices/{id}", get(show::show_device))
        .route("/portal/devices/{id}/live", get(show::show_live))
        .route("/portal/devices/{id}/check", post(change::check))
        .route(
            "/portal/devices/{id}/name",
            get(change::show_name).post(change::rename),
        )
        .route(
            "/portal/devices/{id}/retire",
            get(change::show_retire).post(change::retire),
        )
        .route(
            "/portal/devices/{id}/remove",
            get(change::show_remove).post(change::remove),
        )
}

/// Somebody and a device of theirs. A handler that takes this is asked about no other.
pub(super) struct Own {
    pub(super) colleague: Colleague,
    pub(super) device: OwnDevice,
}

impl FromRequestParts<Door> for Own {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        let colleague = Colleague::from_request_parts(parts, door).await?;
        let id = Path::<String>::from_request_parts(parts, door).await;
        let id = id.map_or_else(|_| String::new(), |Path(id)| id);
        let found = match Uuid::parse_str(&id) {
            Ok(id) => {
                let engine = colleague.engine();
                engine.own_device(&colleague.of, DeviceId(id)).await
            }
            Err(_) => Ok(None),
        };
        match found {
            Ok(Some(device)) => Ok(Self { colleague, device }),
            Ok(None) => Err(Failure(EngineError::NotFound { what: "device", id }).into_response()),
            Err(error) => Err(Failure(error).into_response()),
        }
    }
}
