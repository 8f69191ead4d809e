//! Settings of the instance: the push certificate, how people sign in, and what it is.

mod providers;
mod push;
mod show;
mod sign_in;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
const PATH: &str = "/console/settings";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show::show_settings))
        .route("/console/settings/push", post(push::store))
        .route("/console/settings/push/request", post(push::request))
        .route(
            "/console/settings/push/remove",
            get(push::ask_removal).post(push::remove),
        )
        .route("/console/settings/second-factor", post(sign_in::set))
        .merge(providers::routes())
}
