//! Enrolment: links, how many devices people may have, and who enrols many for others.

mod categories;
mod groups;
mod limit;
mod limits;
mod links;
mod managers;
mod new_link;

use axum::routing::{get, post};
use mandate_engine::Action;
use mandate_ui::Door;
use mandate_web::Routes;

use crate::administrator::Administrator;

/// Where the area begins: with the links.
pub(crate) const PATH: &str = "/console/enrolment";
const LIMITS: &str = "/console/enrolment/limits";
const CATEGORIES: &str = "/console/enrolment/categories";
const MANAGERS: &str = "/console/enrolment/managers";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(links::list_links))
        .route("/console/enrolment/export.csv", get(links::export_links))
        .route(
            "/console/enrolment/new",
            get(new_link::show_new).post(new_link::create_link),
        )
        .route(
            "/console/enrolment/links/{id}/withdraw",
            get(links::show_withdraw).post(links::withdraw_link),
        )
        .route(LIMITS, get(limits::list_limits))
        .route(
            "/console/enrolment/limits/new",
            get(limit::show_new).post(limit::create_limit),
        )
        .route(
            "/console/enrolment/limits/{id}",
            get(limit::show_limit).post(limit::update_limit),
        )
        .route(
            "/console/enrolment/limits/{id}/groups",
            get(groups::show_groups).post(groups::change_groups),
        )
        .route("/console/enrolment/limits/{id}/up", post(limits::move_up))
        .route(
            "/console/enrolment/limits/{id}/delete",
            get(limits::show_delete).post(limits::delete_limit),
        )
        .route(
            CATEGORIES,
            get(categories::list_categories).post(categories::add_category),
        )
        .route(
            "/console/enrolment/categories/choosing",
            post(categories::set_choosing),
        )
        .route(
            "/console/enrolment/categories/{id}",
            get(categories::show_category).post(categories::update_category),
        )
        .route(
            "/console/enrolment/categories/{id}/delete",
            get(categories::show_delete).post(categories::delete_category),
        )
        .route(
            MANAGERS,
            get(managers::list_managers).post(managers::appoint),
        )
        .route(
            "/console/enrolment/managers/{id}/dismiss",
            get(managers::show_dismiss).post(managers::dismiss),
        )
}

/// The parts of the area that somebody may see.
struct Tabs {
    has_links: bool,
    has_managers: bool,
    has_categories: bool,
    /// Path of the part that is shown.
    current: &'static str,
}

impl Tabs {
    fn of(administrator: &Administrator, current: &'static str) -> Self {
        Self {
            has_links: administrator.actor.may(Action::EnrolmentLinksRead),
            has_managers: administrator.actor.may(Action::EnrolmentManagersRead),
            has_categories: administrator.actor.may(Action::DevicesRead),
            current,
        }
    }
}
