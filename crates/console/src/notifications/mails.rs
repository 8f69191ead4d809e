//! What became of each mail.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, MailedNotice, NoticeEvent, NoticeState};
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::MAILS;
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::list::{LINES, LINES_OF_FILE, cut, link};

#[derive(Template)]
#[template(path = "notifications/mails.html")]
struct MailsPage {
    page: Page,
    tab: &'static str,
    mails: Vec<Line>,
    states: Vec<(&'static str, bool)>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    can_send: bool,
}

/// A mail as the list shows it.
struct Line {
    id: Uuid,
    event: &'static str,
    person: String,
    device: String,
    about: String,
    state: &'static str,
    class: &'static str,
    result: String,
    at: String,
    shown: String,
    can_go_again: bool,
}

/// What the list was asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    before: Option<Uuid>,
}

/// `GET /console/notifications/mails`
pub(super) async fn list_mails(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let state = NoticeState::parse(&asked.state);
    let mut found = engine
        .list_mailed_notices(actor, state, asked.before, LINES + 1)
        .await?;
    let is_more = cut(&mut found);
    let last = found.last().filter(|_| is_more).map(|one| one.id);
    let word = state.map_or("", NoticeState::name);
    let of_state = |before: &str| link(MAILS, &[("state", word), ("before", before)]);
    let template = MailsPage {
        tab: MAILS,
        mails: found.into_iter().map(line).collect(),
        states: NoticeState::ALL
            .map(|one| (one.name(), Some(one) == state))
            .into(),
        first: asked.before.map(|_| of_state("")),
        next: last.map(|last| of_state(&last.to_string())),
        file: link(
            "/console/notifications/mails/export.csv",
            &[("state", word)],
        ),
        can_send: actor.may(Action::NotificationsUpdate),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/notifications/mails/export.csv`
pub(super) async fn export_mails(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let page = administrator.page();
    let columns = [
        "notifications-when",
        "notifications-event",
        "notifications-person",
        "notifications-device",
        "notifications-about-what",
        "notifications-state",
        "notifications-result",
    ];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let state = NoticeState::parse(&asked.state);
    let mut before = None;
    loop {
        let found = engine
            .list_mailed_notices(actor, state, before, LINES_OF_FILE)
            .await?;
        let Some(last) = found.last() else { break };
        before = Some(last.id);
        for line in found.into_iter().map(line) {
            file.row(&[
                line.shown,
                page.text(&format!("notifications-{}", line.event)),
                line.person,
                line.device,
                line.about,
                page.text(&format!("notifications-state-{}", line.state)),
                line.result,
            ])?;
        }
    }
    file.answer("notifications")
}

/// `POST /console/notifications/mails/{id}/again`
pub(super) async fn send_again(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine.send_notice_again(&administrator.actor, id).await?;
    Ok(redirect(MAILS))
}

fn line(mail: MailedNotice) -> Line {
    let at = mail.told_at.unwrap_or(mail.created_at);
    Line {
        id: mail.id,
        event: mail.event.map_or("test", NoticeEvent::name),
        person: mail
            .user_principal_name
            .unwrap_or_else(|| mail.user.to_string()),
        device: mail.device_name.unwrap_or_default(),
        about: mail.about.unwrap_or_default(),
        state: mail.state.name(),
        class: class(mail.state),
        result: mail.result.unwrap_or_default(),
        at: at.to_string(),
        shown: moment(at),
        can_go_again: matches!(
            mail.state,
            NoticeState::Refused | NoticeState::Unknown | NoticeState::Withdrawn
        ),
    }
}

/// The class that shows a state.
const fn class(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Due | NoticeState::Sending => "pending",
        NoticeState::Sent => "succeeded",
        NoticeState::Refused => "error",
        NoticeState::Unknown => "warned",
        NoticeState::Withdrawn => "not-applicable",
    }
}
