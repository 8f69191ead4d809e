//! Enrolment: links, how many and which devices people may have, which are the organisation's, terms, and who enrols many for
//! others.

mod categories;
mod configuration;
mod groups;
mod identities;
mod limit;
mod limits;
mod links;
mod managers;
mod migration_form;
mod migrations;
mod new_link;
mod restriction;
mod restrictions;
mod terms;
mod terms_form;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_engine::{Action, DeviceLimit, PlatformRestrictions};
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};
use uuid::Uuid;

use crate::administrator::Administrator;

/// Where the area begins: with the links.
pub(crate) const PATH: &str = "/console/enrolment";
const LIMITS: &str = "/console/enrolment/limits";
const CATEGORIES: &str = "/console/enrolment/categories";
const RESTRICTIONS: &str = "/console/enrolment/restrictions";
const IDENTIFIERS: &str = "/console/enrolment/identifiers";
const TERMS: &str = "/console/enrolment/terms";
const MANAGERS: &str = "/console/enrolment/managers";
const MIGRATIONS: &str = "/console/enrolment/migrations";

/// Routes of the area.
#[expect(clippy::too_many_lines, reason = "one line for each page")]
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
            get(configuration::show_groups::<DeviceLimit>)
                .post(configuration::change_groups::<DeviceLimit>),
        )
        .route(
            "/console/enrolment/limits/{id}/up",
            post(configuration::move_up::<DeviceLimit>),
        )
        .route(
            "/console/enrolment/limits/{id}/delete",
            get(configuration::show_delete::<DeviceLimit>)
                .post(configuration::delete::<DeviceLimit>),
        )
        .route(RESTRICTIONS, get(restrictions::list_restrictions))
        .route(
            "/console/enrolment/restrictions/new",
            get(restriction::show_new).post(restriction::create),
        )
        .route(
            "/console/enrolment/restrictions/everybody/{platform}",
            get(restriction::show_everybody).post(restriction::update_everybody),
        )
        .route(
            "/console/enrolment/restrictions/{id}",
            get(restriction::show_one).post(restriction::update_one),
        )
        .route(
            "/console/enrolment/restrictions/{id}/groups",
            get(configuration::show_groups::<PlatformRestrictions>)
                .post(configuration::change_groups::<PlatformRestrictions>),
        )
        .route(
            "/console/enrolment/restrictions/{id}/up",
            post(configuration::move_up::<PlatformRestrictions>),
        )
        .route(
            "/console/enrolment/restrictions/{id}/delete",
            get(configuration::show_delete::<PlatformRestrictions>)
                .post(configuration::delete::<PlatformRestrictions>),
        )
        .route(
            IDENTIFIERS,
            get(identities::list_identities).post(identities::import),
        )
        .route(
            "/console/enrolment/identifiers/{id}/delete",
            get(identities::show_delete).post(identities::delete),
        )
        .route(TERMS, get(terms::list_terms))
        .route(
            "/console/enrolment/terms/new",
            get(terms_form::show_new).post(terms_form::create),
        )
        .route(
            "/console/enrolment/terms/{id}",
            get(terms_form::show_one).post(terms_form::update),
        )
        .route(
            "/console/enrolment/terms/{id}/people",
            get(terms::show_people).post(terms::change_people),
        )
        .route(
            "/console/enrolment/terms/{id}/accepted",
            get(terms::list_accepted),
        )
        .route(
            "/console/enrolment/terms/{id}/delete",
            get(terms::show_delete).post(terms::delete),
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
        .merge(migration_routes())
        .route(
            "/console/enrolment/managers/{id}/dismiss",
            get(managers::show_dismiss).post(managers::dismiss),
        )
}

fn migration_routes() -> Routes<Door> {
    Routes::new()
        .route(MIGRATIONS, get(migrations::list_migrations))
        .route(
            "/console/enrolment/migrations/new",
            get(migration_form::show_new).post(migration_form::open),
        )
        .route(
            "/console/enrolment/migrations/{id}",
            get(migrations::show_migration),
        )
        .route(
            "/console/enrolment/migrations/{id}/edit",
            get(migration_form::show_edit).post(migration_form::update),
        )
        .route(
            "/console/enrolment/migrations/{id}/key",
            post(migrations::make_key),
        )
        .route(
            "/console/enrolment/migrations/{id}/withdraw",
            post(migrations::revoke_key),
        )
        .route(
            "/console/enrolment/migrations/{id}/state",
            post(migrations::set_state),
        )
        .route(
            "/console/enrolment/migrations/{id}/wake",
            post(migrations::wake),
        )
        .route(
            "/console/enrolment/migrations/{id}/people",
            post(migrations::set_people),
        )
        .route(
            "/console/enrolment/migrations/{id}/delete",
            get(migrations::show_delete).post(migrations::delete),
        )
}

/// The parts of the area that somebody may see.
#[expect(clippy::struct_excessive_bools, reason = "one for each part")]
struct Tabs {
    has_links: bool,
    has_identities: bool,
    has_terms: bool,
    has_managers: bool,
    has_categories: bool,
    /// Path of the part that is shown.
    current: &'static str,
}

impl Tabs {
    fn of(administrator: &Administrator, current: &'static str) -> Self {
        Self {
            has_links: administrator.actor.may(Action::EnrolmentLinksRead),
            has_identities: administrator.actor.may(Action::CorporateIdentifiersRead),
            has_terms: administrator.actor.may(Action::TermsRead),
            has_managers: administrator.actor.may(Action::EnrolmentManagersRead),
            has_categories: administrator.actor.may(Action::DevicesRead),
            current,
        }
    }
}

/// Whether something is to be deleted.
#[derive(Template)]
#[template(path = "enrolment/confirm.html")]
struct Confirm {
    page: Page,
    title: String,
    /// Id of what is said of it.
    about: &'static str,
    /// Where the form goes.
    action: String,
    /// The list it is in, and the id of its name.
    list: &'static str,
    part: &'static str,
}

impl Confirm {
    /// Asks before something of a list is deleted: its id and name, the path of the list and the id of its name, and the id of
    /// what is said of it.
    fn deletion(
        administrator: &Administrator,
        (id, name): (Uuid, &str),
        (list, part): (&'static str, &'static str),
        about: &'static str,
    ) -> Response {
        let page = administrator.page();
        let confirm = Self {
            title: page.text_with("enrolment-delete-title", "name", name),
            about,
            action: format!("{list}/{id}/delete"),
            list,
            part,
            page,
        };
        render(StatusCode::OK, &confirm)
    }
}
