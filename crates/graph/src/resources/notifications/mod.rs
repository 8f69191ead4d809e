//! Texts of mails to people (`notificationMessageTemplates`) and their languages.
//!
//! Status codes are those that `IntuneCD` insists on: 200 for what is made and changed. Ids of languages are
//! `TEMPLATE_LOCALE`.

mod messages;
mod read;
mod view;

pub(crate) use self::messages::{
    create_message, delete_message, list_messages, show_message, update_message,
};

use axum::http::StatusCode;
use mandate_engine::{MailTemplate, Page};

use self::read::TemplateBody;
use self::view::template_entity;
use super::page;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// Where texts are.
const COLLECTION: &str = "deviceManagement/notificationMessageTemplates";
const DECLARED: &str = "notificationMessageTemplate";
const WHAT: &str = "notification message template";

/// `GET deviceManagement/notificationMessageTemplates`
pub(crate) async fn list_templates(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let pull = |after: Option<String>, limit: usize| async move {
        let page: Page<uuid::Uuid> = page(after, limit)?;
        let templates = state
            .engine()
            .list_notification_templates(&request.actor, page)
            .await?;
        let row = |template: &MailTemplate| Keyed {
            key: template.id.to_string(),
            entity: template_entity(template),
        };
        Ok(templates.iter().map(row).collect())
    };
    Listing::management(DECLARED, COLLECTION)
        .page(request, pull)
        .await
}

/// `GET deviceManagement/notificationMessageTemplates/{id}`
pub(crate) async fn show_template(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let template = state
        .engine()
        .find_notification_template(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(shown(&template))
}

/// `POST deviceManagement/notificationMessageTemplates`: 200 with the template.
pub(crate) async fn create_template(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = TemplateBody::read(request.object()?)?.into_new()?;
    let template = state
        .engine()
        .create_notification_template(&request.actor, new)
        .await?;
    Ok(shown(&template))
}

/// `PATCH deviceManagement/notificationMessageTemplates/{id}`: 200 with the template.
pub(crate) async fn update_template(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = TemplateBody::read(request.object()?)?.into_change();
    let template = state
        .engine()
        .update_notification_template(&request.actor, request.id(0, WHAT)?, change)
        .await?;
    Ok(shown(&template))
}

/// `DELETE deviceManagement/notificationMessageTemplates/{id}`: 200.
pub(crate) async fn delete_template(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_notification_template(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

/// `POST deviceManagement/notificationMessageTemplates/{id}/sendTestMessage`: 204; the mail follows.
pub(crate) async fn send_test_message(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .send_test_message(&request.actor, request.id(0, WHAT)?)
        .await?;
    Ok(Reply::no_content())
}

fn shown(template: &MailTemplate) -> Reply {
    Reply::entity(template_entity(template), DECLARED, COLLECTION)
}
