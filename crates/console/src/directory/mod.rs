//! Directories that people and groups come from: how they fare, what is refused, and what waits for somebody.

mod act;
mod edit;
mod list;
mod show;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
const PATH: &str = "/console/directory";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(list::list_directories))
        .route("/console/directory/{name}", get(show::show_directory))
        .route(edit::NEW, get(edit::show_new).post(edit::create))
        .route(
            "/console/directory/{name}/edit",
            get(edit::show_edit).post(edit::update),
        )
        .route(
            "/console/directory/{name}/remove",
            get(edit::ask_removal).post(edit::remove),
        )
        .route("/console/directory/{name}/sync", post(act::synchronize))
        .route("/console/directory/{name}/test", post(act::test))
        .route("/console/directory/{name}/forecast", post(act::forecast))
        .route("/console/directory/{name}/confirm", post(act::confirm))
}

/// Where a directory is shown.
fn path_of(name: &str) -> String {
    format!("{PATH}/{name}")
}
