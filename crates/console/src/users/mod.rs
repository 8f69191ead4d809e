//! People: who they are, which devices and keys they have, and how they get in.

mod access;
mod chosen;
mod edit;
mod import;
mod list;
mod scim;
mod show;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(crate) const PATH: &str = "/console/users";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(list::list_users))
        .route("/console/users/export.csv", get(list::export_users))
        .route(
            "/console/users/new",
            get(edit::show_new).post(edit::create_user),
        )
        .route(import::PATH, get(import::show_form).post(import::look))
        .route("/console/users/import/example.csv", get(import::example))
        .route("/console/users/import/confirm", post(import::confirm))
        .route("/console/users/import/forget", post(import::forget))
        .route(scim::PATH, get(scim::list_tokens).post(scim::create_token))
        .route("/console/users/scim/{id}/delete", post(scim::delete_token))
        .route("/console/users/{id}", get(show::show_user))
        .route(
            "/console/users/{id}/edit",
            get(edit::show_edit).post(edit::update_user),
        )
        .route(
            "/console/users/{id}/delete",
            get(edit::show_delete).post(edit::delete_user),
        )
        .route("/console/users/{id}/link", post(access::make_link))
        .route("/console/users/{id}/reset", post(access::reset))
        .route("/console/users/{id}/sign-out", post(access::end_sessions))
}

/// Path of a person's page.
pub(crate) fn path_of(id: impl std::fmt::Display) -> String {
    format!("{PATH}/{id}")
}
