//! Notifications: what people are told of by mail, with which texts, and what became of each mail.

mod events;
mod mails;
mod message;
mod template;
mod templates;

use axum::routing::{get, post};
use mandate_ui::Door;
use mandate_web::Routes;

/// Where the area begins: with the events.
pub(crate) const PATH: &str = "/console/notifications";
const TEMPLATES: &str = "/console/notifications/templates";
const MAILS: &str = "/console/notifications/mails";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(events::show_events).post(events::save_events))
        .route(TEMPLATES, get(templates::list_templates))
        .route(
            "/console/notifications/templates/new",
            get(template::show_new).post(template::create_template),
        )
        .route(
            "/console/notifications/templates/{id}",
            get(template::show_template).post(template::update_template),
        )
        .route(
            "/console/notifications/templates/{id}/test",
            post(template::send_test),
        )
        .route(
            "/console/notifications/templates/{id}/delete",
            get(template::show_delete).post(template::delete_template),
        )
        .route(
            "/console/notifications/templates/{id}/new",
            get(message::show_new).post(message::create_message),
        )
        .route(
            "/console/notifications/templates/{id}/languages/{locale}",
            get(message::show_message).post(message::update_message),
        )
        .route(
            "/console/notifications/templates/{id}/languages/{locale}/delete",
            post(message::delete_message),
        )
        .route(MAILS, get(mails::list_mails))
        .route(
            "/console/notifications/mails/export.csv",
            get(mails::export_mails),
        )
        .route(
            "/console/notifications/mails/{id}/again",
            post(mails::send_again),
        )
}
