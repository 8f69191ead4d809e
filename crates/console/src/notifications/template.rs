//! One text: its name, what stands around it, and its languages.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use mandate_engine::{
    Action, MailBranding, MailTemplate, NewTemplate, TemplateChange, unknown_variables,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::TEMPLATES;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

#[derive(Template)]
#[template(path = "notifications/template.html")]
struct Edit {
    page: Page,
    /// What is changed; none for a new one.
    id: Option<Uuid>,
    title: String,
    display_name: String,
    description: String,
    default_locale: String,
    branding: Vec<(&'static str, bool)>,
    name_wrong: String,
    description_wrong: String,
    locale_wrong: String,
    problem: String,
    languages: Vec<Language>,
    can_change: bool,
    /// Id of the text that says what was done.
    done: &'static str,
}

/// A language of the text.
struct Language {
    locale: String,
    subject: String,
    is_default: bool,
    /// Variables that there are none of.
    unknown: String,
}

#[derive(Template)]
#[template(path = "notifications/delete.html")]
struct Delete {
    page: Page,
    id: Uuid,
    name: String,
}

/// What is typed into the form.
#[derive(Default)]
struct Typed {
    name: String,
    description: String,
    default_locale: String,
    branding: BTreeSet<MailBranding>,
}

/// `GET /console/notifications/templates/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::NotificationsUpdate)?;
    let typed = Typed {
        branding: MailBranding::ALL.into(),
        ..Typed::default()
    };
    Ok(form(&administrator, None, typed, Wrong::new()))
}

/// `POST /console/notifications/templates/new`: the first language comes next.
pub(super) async fn create_template(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::read(&fields);
    let new = NewTemplate {
        display_name: typed.name.clone(),
        description: filled(&typed.description),
        default_locale: filled(&typed.default_locale),
        branding: typed.branding.clone(),
        scope_tags: None,
    };
    let engine = administrator.engine();
    let made = engine.create_notification_template(&administrator.actor, new);
    match made.await.map_err(|error| administrator.beside(error)) {
        Ok(template) => Ok(redirect(&format!("{TEMPLATES}/{}/new", template.id))),
        Err(Ok(wrong)) => Ok(form(&administrator, None, typed, wrong)),
        Err(Err(error)) => Err(Failure(error)),
    }
}

/// `GET /console/notifications/templates/{id}`
pub(super) async fn show_template(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    parts: Parts,
) -> Answer {
    let template = find(&administrator, id).await?;
    let typed = Typed {
        name: template.display_name.clone(),
        description: template.description.clone().unwrap_or_default(),
        default_locale: template.default_locale.clone().unwrap_or_default(),
        branding: template.branding.clone(),
    };
    let mut edit = edit(&administrator, Some(&template), typed, Wrong::new());
    edit.done = match parts.uri.query() {
        Some("saved") => "saved",
        Some("tested") => "notifications-tested",
        _ => "",
    };
    Ok(render(StatusCode::OK, &edit))
}

/// `POST /console/notifications/templates/{id}`
pub(super) async fn update_template(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let template = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let change = TemplateChange {
        display_name: Some(typed.name.clone()),
        description: Some(filled(&typed.description)),
        default_locale: Some(filled(&typed.default_locale)),
        branding: Some(typed.branding.clone()),
        scope_tags: None,
    };
    let engine = administrator.engine();
    let changed = engine.update_notification_template(&administrator.actor, id, change);
    match changed.await.map_err(|error| administrator.beside(error)) {
        Ok(_) => Ok(redirect(&format!("{TEMPLATES}/{id}?saved"))),
        Err(Ok(wrong)) => Ok(form(&administrator, Some(&template), typed, wrong)),
        Err(Err(error)) => Err(Failure(error)),
    }
}

/// `POST /console/notifications/templates/{id}/test`
pub(super) async fn send_test(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine.send_test_message(&administrator.actor, id).await?;
    Ok(redirect(&format!("{TEMPLATES}/{id}?tested")))
}

/// `GET /console/notifications/templates/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::NotificationsUpdate)?;
    let template = find(&administrator, id).await?;
    let delete = Delete {
        id,
        name: template.display_name,
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &delete))
}

/// `POST /console/notifications/templates/{id}/delete`
pub(super) async fn delete_template(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .delete_notification_template(&administrator.actor, id)
        .await?;
    Ok(redirect(TEMPLATES))
}

/// A text by id.
pub(super) async fn find(administrator: &Administrator, id: Uuid) -> Result<MailTemplate, Failure> {
    let engine = administrator.engine();
    Ok(engine
        .find_notification_template(&administrator.actor, id)
        .await?)
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        let chosen = MailBranding::ALL.into_iter();
        Self {
            name: text("displayName"),
            description: text("description"),
            default_locale: text("defaultLocale"),
            branding: chosen.filter(|option| fields.has(option.name())).collect(),
        }
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn form(
    administrator: &Administrator,
    template: Option<&MailTemplate>,
    typed: Typed,
    wrong: Wrong,
) -> Response {
    let status = form_status(wrong.is_empty());
    render(status, &edit(administrator, template, typed, wrong))
}

fn edit(
    administrator: &Administrator,
    template: Option<&MailTemplate>,
    typed: Typed,
    mut wrong: Wrong,
) -> Edit {
    let page = administrator.page();
    let mut of = |property, id| said_of(&mut wrong, &page, (property, id));
    let branding =
        MailBranding::ALL.map(|option| (option.name(), typed.branding.contains(&option)));
    let languages = template.map_or(&[][..], |template| &template.messages);
    let language = |message: &mandate_engine::MailMessage| Language {
        locale: message.locale.clone(),
        subject: message.subject.clone(),
        is_default: message.is_default,
        unknown: unknown_variables(&format!("{} {}", message.subject, message.body)).join(", "),
    };
    Edit {
        id: template.map(|template| template.id),
        title: template.map_or_else(
            || page.text("notifications-new"),
            |template| template.display_name.clone(),
        ),
        name_wrong: of("displayName", "notifications-name-wrong"),
        description_wrong: of("description", "notifications-description-wrong"),
        locale_wrong: of("defaultLocale", "notifications-locale-wrong"),
        problem: said_above(wrong),
        display_name: typed.name,
        description: typed.description,
        default_locale: typed.default_locale,
        branding: branding.into(),
        languages: languages.iter().map(language).collect(),
        can_change: administrator.actor.may(Action::NotificationsUpdate),
        done: "",
        page,
    }
}
