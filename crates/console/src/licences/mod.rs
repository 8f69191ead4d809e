//! Licences: how many there are, who has one, and what a change would take away.

mod change;
mod show;

use axum::routing::get;
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(crate) const PATH: &str = "/console/licences";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route(PATH, get(show::show_licences)).route(
        "/console/licences/change",
        get(change::preview).post(change::make),
    )
}
