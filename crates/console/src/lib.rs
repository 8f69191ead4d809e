//! The admin centre, `/console/`: pages over the same use cases and the same permission check as Graph.
//!
//! ```text
//!  /console/…  ─►  Administrator  ─►  an area  ─►  one engine call  ─►  a page (templates/<area>/*.html)
//!                  who, with what      home, devices,
//!                  roles, in which     profiles, …
//!                  language
//! ```
//!
//! A page is a struct with a template of the same name. An area is a folder here, a folder of templates, and a file of
//! texts in each language. Everything works by links and forms alone; scripts only save a reload and show what is live.

mod administrator;
mod apps;
mod areas;
mod audit;
mod branding;
mod certificates;
mod csv_file;
mod devices;
mod directory;
mod enrolment;
mod failure;
mod forms;
mod groups;
mod home;
mod licences;
mod list;
mod management_authority;
mod moments;
mod notifications;
mod numbers;
mod plain;
mod preflight;
mod profiles;
mod reasons;
mod roles;
mod settings;
mod setup;
mod simulation;
mod users;

use axum::Router;
use mandate_ui::{Door, framed, redirect};
use mandate_web::Routes;

/// The admin centre, for one listener.
pub fn router(door: Door) -> Router {
    framed::<administrator::Administrator>(door, routes())
}

/// Routes of all areas.
fn routes() -> Routes<Door> {
    Routes::new()
        .route(
            "/console",
            axum::routing::get(|| async { redirect("/console/") }),
        )
        .merge(home::routes())
        .merge(devices::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(certificates::routes())
        .merge(apps::routes())
        .merge(roles::routes())
        .merge(audit::routes())
        .merge(settings::routes())
        .merge(setup::routes())
        .merge(profiles::routes())
        .merge(preflight::routes())
        .merge(simulation::routes())
        .merge(branding::routes())
        .merge(notifications::routes())
        .merge(enrolment::routes())
        .merge(management_authority::routes())
        .merge(licences::routes())
        .merge(directory::routes())
}

/// Whether a path leads to an area that there is: what one is led to may not be made yet.
fn leads_somewhere(path: &str) -> bool {
    static PATHS: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(paths);
    PATHS.contains(&path)
}

/// All paths, in axum's form, for a test that holds each of them to what it lets through.
pub fn paths() -> Vec<&'static str> {
    routes().paths()
}
