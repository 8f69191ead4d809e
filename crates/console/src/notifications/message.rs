//! A text in one language.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{
    Action, EngineError, MailMessage, MailTemplate, MessageChange, NewMessage, NoticeEvent,
    VARIABLES,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::TEMPLATES;
use super::template::find;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

#[derive(Template)]
#[template(path = "notifications/message.html")]
struct Edit {
    page: Page,
    template: Uuid,
    template_name: String,
    /// What is changed; none for a new one.
    known: Option<String>,
    locale: String,
    subject: String,
    body: String,
    is_default: bool,
    locale_wrong: String,
    subject_wrong: String,
    body_wrong: String,
    problem: String,
    variables: Vec<&'static str>,
    /// Events whose usual text one may begin with.
    events: Vec<&'static str>,
    can_change: bool,
}

/// What a new language begins with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    event: String,
    #[serde(default)]
    locale: String,
}

/// What is typed into the form.
#[derive(Default)]
struct Typed {
    locale: String,
    subject: String,
    body: String,
    is_default: bool,
}

/// `GET /console/notifications/templates/{id}/new`, with `event` and `locale` for our own text of an event.
pub(super) async fn show_new(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    administrator.actor.require(Action::NotificationsUpdate)?;
    let template = find(&administrator, id).await?;
    let locale = match asked.locale.trim() {
        "" => administrator.language().code().to_owned(),
        locale => locale.to_owned(),
    };
    let usual = NoticeEvent::parse(&asked.event).map(|event| event.usual_text(&locale));
    let (subject, body) = usual.unwrap_or_default();
    let typed = Typed {
        subject: subject.to_owned(),
        body: body.to_owned(),
        is_default: template.messages.is_empty(),
        locale,
    };
    let wrong = Wrong::new();
    Ok(form(&administrator, (&template, None), typed, wrong))
}

/// `POST /console/notifications/templates/{id}/new`
pub(super) async fn create_message(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let template = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let new = NewMessage {
        locale: typed.locale.clone(),
        subject: typed.subject.clone(),
        body: typed.body.clone(),
        is_default: typed.is_default,
    };
    let engine = administrator.engine();
    let made = engine.create_notification_message(&administrator.actor, id, new);
    match made.await.map_err(|error| administrator.beside(error)) {
        Ok(_) => Ok(redirect(&format!("{TEMPLATES}/{id}?saved"))),
        Err(Ok(wrong)) => Ok(form(&administrator, (&template, None), typed, wrong)),
        Err(Err(error)) => Err(Failure(error)),
    }
}

/// `GET /console/notifications/templates/{id}/languages/{locale}`
pub(super) async fn show_message(
    administrator: Administrator,
    Path((id, locale)): Path<(Uuid, String)>,
) -> Answer {
    let template = find(&administrator, id).await?;
    let message = of_locale(&template, &locale)?;
    let typed = Typed {
        locale: message.locale.clone(),
        subject: message.subject.clone(),
        body: message.body.clone(),
        is_default: message.is_default,
    };
    let known = Some(message.locale.clone());
    let wrong = Wrong::new();
    Ok(form(&administrator, (&template, known), typed, wrong))
}

/// `POST /console/notifications/templates/{id}/languages/{locale}`
pub(super) async fn update_message(
    administrator: Administrator,
    Path((id, locale)): Path<(Uuid, String)>,
    fields: Fields,
) -> Answer {
    let template = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let change = MessageChange {
        locale: Some(typed.locale.clone()),
        subject: Some(typed.subject.clone()),
        body: Some(typed.body.clone()),
        is_default: Some(typed.is_default),
    };
    let engine = administrator.engine();
    let changed = engine.update_notification_message(&administrator.actor, (id, &locale), change);
    match changed.await.map_err(|error| administrator.beside(error)) {
        Ok(_) => Ok(redirect(&format!("{TEMPLATES}/{id}?saved"))),
        Err(Ok(wrong)) => {
            let known = Some(locale.clone());
            Ok(form(&administrator, (&template, known), typed, wrong))
        }
        Err(Err(error)) => Err(Failure(error)),
    }
}

/// `POST /console/notifications/templates/{id}/languages/{locale}/delete`
pub(super) async fn delete_message(
    administrator: Administrator,
    Path((id, locale)): Path<(Uuid, String)>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .delete_notification_message(&administrator.actor, (id, &locale))
        .await?;
    Ok(redirect(&format!("{TEMPLATES}/{id}?saved")))
}

fn of_locale<'a>(template: &'a MailTemplate, locale: &str) -> Result<&'a MailMessage, Failure> {
    let is_it = |message: &&MailMessage| message.locale.eq_ignore_ascii_case(locale);
    let found = template.messages.iter().find(is_it);
    found.ok_or_else(|| {
        Failure(EngineError::NotFound {
            what: "localized notification message",
            id: format!("{}_{locale}", template.id),
        })
    })
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            locale: text("locale"),
            subject: text("subject"),
            // Browsers end lines with two characters.
            body: text("messageTemplate").replace("\r\n", "\n"),
            is_default: fields.has("isDefault"),
        }
    }
}

fn form(
    administrator: &Administrator,
    (template, known): (&MailTemplate, Option<String>),
    typed: Typed,
    mut wrong: Wrong,
) -> Response {
    let status = form_status(wrong.is_empty());
    let page = administrator.page();
    let mut of = |property, id| said_of(&mut wrong, &page, (property, id));
    let edit = Edit {
        template: template.id,
        template_name: template.display_name.clone(),
        locale_wrong: of("locale", "notifications-locale-wrong"),
        subject_wrong: of("subject", "notifications-subject-wrong"),
        body_wrong: of("messageTemplate", "notifications-body-wrong"),
        problem: said_above(wrong),
        known,
        locale: typed.locale,
        subject: typed.subject,
        body: typed.body,
        is_default: typed.is_default,
        variables: VARIABLES.map(|(name, _)| name).into(),
        events: NoticeEvent::ALL.map(NoticeEvent::name).into(),
        can_change: administrator.actor.may(Action::NotificationsUpdate),
        page,
    };
    render(status, &edit)
}

#[cfg(test)]
mod tests {
    use mandate_web::Language;

    use super::*;

    #[test]
    fn every_event_and_variable_has_its_texts() {
        for language in Language::ALL {
            let events = NoticeEvent::ALL.map(|event| format!("notifications-{}", event.name()));
            let variables = VARIABLES.map(|(name, _)| format!("notifications-variable-{name}"));
            for id in events.iter().chain(&variables) {
                assert_ne!(language.text(id), *id, "{language:?}");
            }
        }
    }
}
