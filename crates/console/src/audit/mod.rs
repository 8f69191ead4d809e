//! The audit: who did what, when, and what is different since.

mod list;
mod show;

use axum::routing::get;
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(crate) const PATH: &str = "/console/audit";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(list::list_events))
        .route("/console/audit/export.csv", get(list::export_events))
        .route("/console/audit/{id}", get(show::show_event))
}
