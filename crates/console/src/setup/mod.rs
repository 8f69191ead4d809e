//! The way to the first device: the checklist, the connections, and the domains.

mod checklist;
mod connections;
mod domain;
mod domains;

pub(crate) use checklist::{Line, progress};

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins.
pub(super) const PATH: &str = "/console/setup";
/// The connections.
const CONNECTIONS: &str = "/console/setup/connections";
/// The domains.
const DOMAINS: &str = "/console/setup/domains";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(checklist::show))
        .route("/console/setup/platforms", post(checklist::enable))
        .route(CONNECTIONS, get(connections::show).post(connections::test))
        .route(DOMAINS, get(domains::list).post(domains::add))
        .route("/console/setup/domains/{name}", get(domain::show))
        .route("/console/setup/domains/{name}/verify", post(domain::verify))
        .route(
            "/console/setup/domains/{name}/default",
            post(domain::make_default),
        )
        .route(
            "/console/setup/domains/{name}/discovery",
            post(domain::discover),
        )
        .route(
            "/console/setup/domains/{name}/delete",
            get(domain::ask_deletion).post(domain::delete),
        )
}
