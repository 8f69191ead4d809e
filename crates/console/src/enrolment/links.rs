//! The list of enrolment links, and withdrawing one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, EngineError, KnownLink, Page as Slice};
use mandate_model::{LinkId, Timestamp};
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::{LIMITS, PATH, Tabs};
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, LINES_OF_FILE, cut, link};

#[derive(Template)]
#[template(path = "enrolment/links.html")]
struct LinksPage {
    page: Page,
    tabs: Tabs,
    links: Vec<Line>,
    first: Option<&'static str>,
    next: Option<String>,
    can_add: bool,
    can_withdraw: bool,
}

/// A link as the list shows it.
struct Line {
    id: LinkId,
    /// `open`, `used` or `expired`.
    state: &'static str,
    /// Class that says the same.
    class: &'static str,
    /// Sign-in name of the person; empty for a device without a user.
    person: String,
    platform: &'static str,
    /// Whether only a part of the device is managed.
    is_part: bool,
    uses_left: i64,
    expires_at: String,
    expires: String,
}

#[derive(Template)]
#[template(path = "enrolment/withdraw.html")]
struct Withdraw {
    page: Page,
    line: Line,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<Uuid>,
}

/// `GET /console/enrolment`: whoever may not see links begins with the limits.
pub(super) async fn list_links(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    if !actor.may(Action::EnrolmentLinksRead) {
        return Ok(redirect(LIMITS));
    }
    let slice = Slice {
        after: asked.after.map(LinkId),
        limit: LINES + 1,
    };
    let mut found = engine.list_newest_enrolment_links(actor, slice).await?;
    let is_more = cut(&mut found);
    let last = found.last().filter(|_| is_more).map(|link| link.id);
    let mut lines = Vec::with_capacity(found.len());
    for link in found {
        lines.push(line(&administrator, link).await?);
    }
    Ok(render(
        StatusCode::OK,
        &LinksPage {
            tabs: Tabs::of(&administrator, PATH),
            links: lines,
            first: asked.after.map(|_| PATH),
            next: last.map(|last| link(PATH, &[("after", &last.to_string())])),
            can_add: actor.may(Action::EnrolmentLinksCreate),
            can_withdraw: actor.may(Action::EnrolmentLinksDelete),
            page: administrator.page(),
        },
    ))
}

/// `GET /console/enrolment/export.csv`
pub(super) async fn export_links(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let page = administrator.page();
    let columns = [
        "enrolment-state",
        "enrolment-person",
        "enrolment-platform",
        "enrolment-uses-left",
        "enrolment-until",
    ];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let mut slice = Slice::first(LINES_OF_FILE);
    loop {
        let links = engine.list_newest_enrolment_links(actor, slice).await?;
        slice.after = links.last().map(|link| link.id);
        if slice.after.is_none() {
            break;
        }
        for link in links {
            let line = line(&administrator, link).await?;
            file.row(&[
                page.text(&format!("enrolment-state-{}", line.state)),
                line.person,
                line.platform.to_owned(),
                line.uses_left.to_string(),
                line.expires,
            ])?;
        }
    }
    file.answer("enrolment-links")
}

/// `GET /console/enrolment/links/{id}/withdraw`
pub(super) async fn show_withdraw(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::EnrolmentLinksDelete)?;
    // The newest one that is not newer than this one is this one.
    let next = LinkId(Uuid::from_u128(id.as_u128().saturating_add(1)));
    let slice = Slice {
        after: Some(next),
        limit: 1,
    };
    let found = engine.list_newest_enrolment_links(actor, slice).await?;
    let found = found.into_iter().find(|link| link.id.0 == id);
    let link = found.ok_or_else(|| Failure::not_found("enrolment link", id))?;
    let withdraw = Withdraw {
        line: line(&administrator, link).await?,
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &withdraw))
}

/// `POST /console/enrolment/links/{id}/withdraw`
pub(super) async fn withdraw_link(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .withdraw_enrolment_link(&administrator.actor, LinkId(id))
        .await?;
    Ok(redirect(PATH))
}

async fn line(administrator: &Administrator, link: KnownLink) -> Result<Line, EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let person = match link.user {
        Some(user) if actor.may(Action::UsersRead) => {
            let key = user.to_string();
            let found = engine.find_user(actor, &key).await?;
            found.map_or(key, |user| user.user_principal_name)
        }
        Some(user) => user.to_string(),
        None => String::new(),
    };
    let (state, class) = state_of(&link, engine.now());
    Ok(Line {
        id: link.id,
        state,
        class,
        person,
        platform: if link.platform == "macos" {
            "macOS"
        } else {
            "iOS/iPadOS"
        },
        is_part: link.enrolment_type == "user",
        uses_left: link.uses_left,
        expires_at: link.expires_at.to_string(),
        expires: moment(link.expires_at),
    })
}

fn state_of(link: &KnownLink, now: Timestamp) -> (&'static str, &'static str) {
    match link {
        link if link.uses_left <= 0 => ("used", "not-applicable"),
        link if link.expires_at <= now => ("expired", "not-applicable"),
        _ => ("open", "succeeded"),
    }
}
