//! Which service manages devices, and how another one takes over.

mod reset;
mod show;

use axum::routing::{get, post};
use mandate_engine::ManagementAuthority;
use mandate_ui::Door;
use mandate_web::{Page, Routes};

/// Where the area begins.
pub(crate) const PATH: &str = "/console/setup/authority";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show::show_authority).post(show::set_authority))
        .route(
            "/console/setup/authority/resets",
            post(reset::request_reset),
        )
        .route(
            "/console/setup/authority/resets/{id}",
            get(reset::show_reset),
        )
        .route(
            "/console/setup/authority/resets/{id}/attest",
            post(reset::attest),
        )
        .route(
            "/console/setup/authority/resets/{id}/withdraw",
            post(reset::withdraw),
        )
        .route(
            "/console/setup/authority/resets/{id}/start",
            post(reset::start),
        )
        .route(
            "/console/setup/authority/resets/{id}/cancel",
            post(reset::cancel),
        )
}

/// What a page calls an authority.
fn name_of(page: &Page, authority: ManagementAuthority) -> String {
    page.text(&format!("authority-name-{}", authority.name()))
}

/// The authorities that one can choose, with their names; that in force is left out.
fn choices(page: &Page, in_force: ManagementAuthority) -> Vec<Choice> {
    ManagementAuthority::ALL
        .into_iter()
        .filter(|one| *one != ManagementAuthority::Unknown && *one != in_force)
        .map(|one| Choice {
            value: one.name(),
            name: name_of(page, one),
        })
        .collect()
}

/// An authority that can be chosen.
struct Choice {
    value: &'static str,
    name: String,
}
