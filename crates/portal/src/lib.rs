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
mod start;
mod words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use mandate_ui::{Door, redirect};
use mandate_web::{Guard, Protection, Routes, check_forms, protect};

/// The Company Portal, for one listener.
pub fn router(door: Door) -> Router {
    let fallback = door.fallback().to_owned();
    let refusing = door.clone();
    let guard = Guard::new(door.scheme(), fallback.clone(), move |parts| {
        failure::refused_form(&refusing, parts)
    });
    let protection = Protection {
        scheme: door.scheme(),
        fallback,
    };
    routes()
        .into_router()
        .layer(from_fn_with_state(door.clone(), failure::show_failures))
        .layer(from_fn_with_state(guard, check_forms))
        .layer(from_fn_with_state(protection, protect))
        .with_state(door)
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
}

/// All paths, in axum's form, for a test that holds each of them to what it lets through.
pub fn paths() -> Vec<&'static str> {
    routes().paths()
}
