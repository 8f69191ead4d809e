//! The Company Portal, `/portal/`: what people see and do about their own devices. Made for a phone first.
//!
//! A page is a struct with a template of the same name. Nobody needs a role here: what somebody sees is theirs, and the
//! engine holds every change to that. Everything works by links and forms alone; a script only makes a page that waits
//! for a device turn by itself.

mod colleague;
mod devices;
mod enrol;
mod failure;
mod help;
mod problem;
mod refusal;
mod set_up_apple;
mod start;
mod terms;
mod words;

use axum::Router;
use mandate_ui::{Door, framed, redirect};
use mandate_web::Routes;

pub use refusal::explain_refusals;

/// The Company Portal, for one listener.
pub fn router(door: Door) -> Router {
    framed::<colleague::Colleague>(door, routes())
}

/// Routes of all pages.
fn routes() -> Routes<Door> {
    Routes::new()
        .route(
            "/portal",
            axum::routing::get(|| async { redirect("/portal/") }),
        )
        .merge(start::routes())
        .merge(devices::routes())
        .merge(enrol::routes())
        .merge(help::routes())
        .merge(set_up_apple::routes())
        .merge(terms::routes())
}

/// All paths, in axum's form, for a test that holds each of them to what it lets through.
pub fn paths() -> Vec<&'static str> {
    routes().paths()
}
