//! App registrations: programs that use the management API, what they may do, and their secrets.

mod change;
mod show;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(crate) const PATH: &str = "/console/apps";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show::list_apps))
        .route(
            "/console/apps/new",
            get(change::show_new).post(change::register_app),
        )
        .route("/console/apps/{id}", get(show::show_app))
        .route("/console/apps/{id}/secrets", post(change::add_secret))
        .route(
            "/console/apps/{id}/secrets/{secret}/remove",
            post(change::remove_secret),
        )
        .route(
            "/console/apps/{id}/delete",
            get(show::ask_delete).post(change::delete_app),
        )
}

/// Path of a registration's page.
pub(crate) fn path_of(id: impl std::fmt::Display) -> String {
    format!("{PATH}/{id}")
}
