//! The languages of a text.

use axum::http::StatusCode;
use mandate_engine::{MailMessage, MailTemplate};
use uuid::Uuid;

use super::read::MessageBody;
use super::view::message_entity;
use super::{COLLECTION, WHAT};
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const DECLARED: &str = "localizedNotificationMessage";
const MESSAGE: &str = "localized notification message";

/// `GET deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages`
pub(crate) async fn list_messages(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let template = template(state, request).await?;
    let row = |message: &MailMessage| Keyed {
        key: message.locale.clone(),
        entity: message_entity(message),
    };
    let rows = template.messages.iter().map(row).collect();
    Listing::management(DECLARED, collection(template.id))
        .page_of(request, rows)
        .await
}

/// `GET deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}`
pub(crate) async fn show_message(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let (id, locale) = named(request)?;
    let template = template(state, request).await?;
    let is_it = |message: &&MailMessage| message.locale.eq_ignore_ascii_case(locale);
    let message = template.messages.iter().find(is_it);
    let message = message.ok_or_else(|| GraphError::no_such(MESSAGE, request.key(1)))?;
    Ok(Reply::entity(
        message_entity(message),
        DECLARED,
        collection(id),
    ))
}

/// `POST deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages`: 200 with the message.
pub(crate) async fn create_message(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = request.id(0, WHAT)?;
    let new = MessageBody::read(request.object()?)?.into_new()?;
    let message = state
        .engine()
        .create_notification_message(&request.actor, id, new)
        .await?;
    Ok(Reply::entity(
        message_entity(&message),
        DECLARED,
        collection(id),
    ))
}

/// `PATCH deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}`: 200 with the
/// message.
pub(crate) async fn update_message(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let (id, locale) = named(request)?;
    let change = MessageBody::read(request.object()?)?.into_change();
    let message = state
        .engine()
        .update_notification_message(&request.actor, (id, locale), change)
        .await?;
    Ok(Reply::entity(
        message_entity(&message),
        DECLARED,
        collection(id),
    ))
}

/// `DELETE deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}`: 200.
pub(crate) async fn delete_message(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let place = named(request)?;
    state
        .engine()
        .delete_notification_message(&request.actor, place)
        .await?;
    Ok(Reply::Empty(StatusCode::OK))
}

async fn template(state: &GraphState, request: &GraphRequest) -> Result<MailTemplate> {
    let id = request.id(0, WHAT)?;
    Ok(state
        .engine()
        .find_notification_template(&request.actor, id)
        .await?)
}

fn collection(template: Uuid) -> String {
    format!("{COLLECTION}('{template}')/localizedNotificationMessages")
}

/// The text and the language that a path names; the language alone will do as well.
fn named(request: &GraphRequest) -> Result<(Uuid, &str)> {
    let id: Uuid = request.id(0, WHAT)?;
    let key = request.key(1);
    let locale = match key.split_once('_') {
        None => key,
        Some((template, locale)) => {
            let is_its = Uuid::try_parse(template).is_ok_and(|template| template == id);
            if !is_its {
                return Err(GraphError::no_such(MESSAGE, key));
            }
            locale
        }
    };
    Ok((id, locale))
}
