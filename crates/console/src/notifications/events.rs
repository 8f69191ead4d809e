//! Which events are mailed, and with which text.

use askama::Template;
use axum::http::request::Parts;
use axum::response::Response;
use mandate_engine::{Action, MailTemplate, NoticeEvent, NoticeSettings};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::PATH;
use super::templates::all_templates;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

#[derive(Template)]
#[template(path = "notifications/events.html")]
struct EventsPage {
    page: Page,
    tab: &'static str,
    events: Vec<EventView>,
    days: String,
    days_wrong: String,
    problem: String,
    can_change: bool,
    is_saved: bool,
}

/// An event with its fields.
struct EventView {
    name: &'static str,
    is_mailed: bool,
    templates: Vec<Choice>,
}

/// A text that may be chosen.
struct Choice {
    id: String,
    name: String,
    is_chosen: bool,
}

/// `GET /console/notifications`
pub(super) async fn show_events(administrator: Administrator, parts: Parts) -> Answer {
    let engine = administrator.engine();
    let settings = engine.notice_settings(&administrator.actor).await?;
    let days = settings.certificate_days.iter().map(ToString::to_string);
    let days = days.collect::<Vec<_>>().join(", ");
    let is_saved = parts.uri.query() == Some("saved");
    let wrong = Wrong::new();
    show(&administrator, &settings, (days, is_saved), wrong).await
}

/// `POST /console/notifications`
pub(super) async fn save_events(administrator: Administrator, fields: Fields) -> Answer {
    let engine = administrator.engine();
    let mut typed = engine.notice_settings(&administrator.actor).await?;
    for event in NoticeEvent::ALL {
        let settings = typed.of_mut(event);
        settings.is_mailed = fields.has(&format!("{}-mailed", event.name()));
        let chosen = fields.text(&format!("{}-template", event.name()));
        settings.template_id = Uuid::try_parse(chosen).ok();
    }
    let days = fields.text("certificateDays").to_owned();
    // What is no number is out of range.
    let read = |word: &str| word.trim().parse().unwrap_or_default();
    let words = days.split(',').filter(|word| !word.trim().is_empty());
    typed.certificate_days = words.map(read).collect();
    let wanted = typed.clone();
    let saved = engine
        .update_notice_settings(&administrator.actor, move |settings| *settings = wanted)
        .await;
    match saved.map_err(|error| administrator.beside(error)) {
        Ok(_) => Ok(redirect("/console/notifications?saved")),
        Err(Ok(wrong)) => show(&administrator, &typed, (days, false), wrong).await,
        Err(Err(error)) => Err(Failure(error)),
    }
}

async fn show(
    administrator: &Administrator,
    settings: &NoticeSettings,
    (days, is_saved): (String, bool),
    mut wrong: Wrong,
) -> Answer {
    let templates = all_templates(administrator).await?;
    let status = form_status(wrong.is_empty());
    let page = administrator.page();
    let days_wrong = match wrong.remove("certificateDays") {
        Some(_) => page.text("notifications-days-wrong"),
        None => String::new(),
    };
    let view = |event: NoticeEvent| {
        let of_event = settings.of(event);
        let choice = |template: &MailTemplate| Choice {
            id: template.id.to_string(),
            name: template.display_name.clone(),
            is_chosen: of_event.template_id == Some(template.id),
        };
        EventView {
            name: event.name(),
            is_mailed: of_event.is_mailed,
            templates: templates.iter().map(choice).collect(),
        }
    };
    let template = EventsPage {
        tab: PATH,
        events: NoticeEvent::ALL.map(view).into(),
        days,
        days_wrong,
        problem: said_above(wrong),
        can_change: administrator.actor.may(Action::NotificationsUpdate),
        is_saved,
        page,
    };
    let response: Response = render(status, &template);
    Ok(response)
}
