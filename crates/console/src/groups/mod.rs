//! Groups: who is in them.

mod edit;
mod list;
mod members;
mod rule;
mod show;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(crate) const PATH: &str = "/console/groups";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(list::list_groups))
        .route("/console/groups/export.csv", get(list::export_groups))
        .route(
            "/console/groups/new",
            get(edit::show_new).post(edit::create_group),
        )
        .route("/console/groups/{id}", get(show::show_group))
        .route(
            "/console/groups/{id}/edit",
            get(edit::show_edit).post(edit::update_group),
        )
        .route(
            "/console/groups/{id}/delete",
            get(edit::show_delete).post(edit::delete_group),
        )
        .route(
            "/console/groups/{id}/rule",
            get(rule::show_rule).post(rule::change_rule),
        )
        .route(
            "/console/groups/{id}/members",
            get(members::find_newcomers).post(members::add_members),
        )
        .route(
            "/console/groups/{id}/members/{member}/remove",
            post(members::remove_member),
        )
}

/// Path of a group's page.
pub(crate) fn path_of(id: impl std::fmt::Display) -> String {
    format!("{PATH}/{id}")
}
