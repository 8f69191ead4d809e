//! The tokens of automated enrolment, and making room for one.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, AdeToken, Page as Slice};
use mandate_ui::{date, moment, redirect};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::{TOKENS, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Wrong, form_status, said_above};
use crate::list::{LINES, cut, link};

#[derive(Template)]
#[template(path = "apple/tokens.html")]
struct List {
    page: Page,
    lines: Vec<Line>,
    first: Option<&'static str>,
    next: Option<String>,
    can_change: bool,
}

/// A token in the list.
struct Line {
    id: Uuid,
    name: String,
    class: &'static str,
    standing: String,
    problem: String,
    devices: i64,
    ends: String,
    synced: String,
}

#[derive(Template)]
#[template(path = "apple/token_new.html")]
struct New {
    page: Page,
    name: String,
    apple_id: String,
    name_wrong: String,
    apple_id_wrong: String,
    problem: String,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) after: Option<Uuid>,
}

/// `GET /console/apple/tokens`
pub(super) async fn list_tokens(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let slice = Slice {
        after: asked.after,
        limit: LINES + 1,
    };
    let mut found = engine.list_ade_tokens(actor, slice).await?;
    let is_more = cut(&mut found);
    let page = administrator.page();
    let last = found.last().filter(|_| is_more).map(|last| last.id);
    let template = List {
        lines: found.iter().map(|token| line(&page, token)).collect(),
        first: asked.after.map(|_| TOKENS),
        next: last.map(|id| link(TOKENS, &[("after", &id.to_string())])),
        can_change: actor.may(Action::OrganizationUpdate),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

fn line(page: &Page, token: &AdeToken) -> Line {
    let (class, standing) = words::standing(page, token);
    let never = || page.text("at-no-time");
    Line {
        id: token.id,
        name: token.name.clone(),
        class,
        standing,
        problem: words::problem(page, &token.problem),
        devices: token.devices,
        ends: token.expires_at.map_or_else(String::new, date),
        synced: token.synced_at.map_or_else(never, moment),
    }
}

/// `GET /console/apple/tokens/new`
pub(super) async fn ask(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    Ok(form(&administrator, &Fields::default(), Wrong::new()))
}

/// `POST /console/apple/tokens/new`
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let apple_id = Some(fields.text("appleIdentifier")).filter(|text| !text.trim().is_empty());
    match engine
        .create_ade_token(actor, fields.text("tokenName"), apple_id)
        .await
    {
        Ok(token) => Ok(redirect(&format!("{TOKENS}/{}", token.id))),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            Ok(form(&administrator, &fields, wrong))
        }
    }
}

fn form(administrator: &Administrator, fields: &Fields, mut wrong: Wrong) -> Response {
    let status = form_status(wrong.is_empty());
    let template = New {
        page: administrator.page(),
        name: fields.text("tokenName").to_owned(),
        apple_id: fields.text("appleIdentifier").to_owned(),
        name_wrong: wrong.remove("tokenName").unwrap_or_default(),
        apple_id_wrong: wrong.remove("appleIdentifier").unwrap_or_default(),
        problem: said_above(wrong),
    };
    render(status, &template)
}
