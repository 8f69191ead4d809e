//! Who may do what: directory roles, roles and their assignments, scope tags.

mod assignments;
mod definitions;
mod directory;
mod overview;
mod tags;
mod words;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
const PATH: &str = "/console/roles";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(overview::show_roles))
        .route(
            "/console/roles/directory/{role}",
            post(directory::add_member),
        )
        .route(
            "/console/roles/directory/{role}/{member}/remove",
            post(directory::remove_member),
        )
        .route(
            "/console/roles/definitions/new",
            get(definitions::show_new).post(definitions::create),
        )
        .route(
            "/console/roles/definitions/{id}",
            get(definitions::show_definition),
        )
        .route(
            "/console/roles/definitions/{id}/delete",
            post(definitions::delete),
        )
        .route(
            "/console/roles/assignments/new",
            get(assignments::show_new).post(assignments::create),
        )
        .route(
            "/console/roles/assignments/{id}",
            get(assignments::show_edit).post(assignments::update),
        )
        .route(
            "/console/roles/assignments/{id}/delete",
            post(assignments::delete),
        )
        .route(
            "/console/roles/tags/new",
            get(tags::show_new).post(tags::create),
        )
        .route(
            "/console/roles/tags/{id}",
            get(tags::show_edit).post(tags::update),
        )
        .route("/console/roles/tags/{id}/delete", post(tags::delete))
}
