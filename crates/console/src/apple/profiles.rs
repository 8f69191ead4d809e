//! Profiles of a token: the list, which one is the default, and removing one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, AdeProfile, Page as Slice};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::confirm::Confirm;
use super::list::Asked;
use super::{TOKENS, token, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, said_above};
use crate::list::{LINES, cut, link};

/// As many as a token may have.
const MOST: u32 = 1_000;

#[derive(Template)]
#[template(path = "apple/profiles.html")]
struct List {
    page: Page,
    token: Uuid,
    title: String,
    lines: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    can_change: bool,
}

/// A profile in the list.
struct Line {
    id: Uuid,
    name: String,
    platform: String,
    is_default: bool,
    is_supervised: bool,
    class: &'static str,
    standing: String,
}

/// `GET /console/apple/tokens/{token}/profiles`
pub(super) async fn list(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let of = token::find(&administrator, id).await?;
    let slice = Slice {
        after: asked.after,
        limit: LINES + 1,
    };
    let mut found = engine.list_ade_profiles(actor, id, slice).await?;
    let is_more = cut(&mut found);
    let page = administrator.page();
    let path = place(id);
    let last = found.last().filter(|_| is_more).map(|last| last.id);
    let template = List {
        token: id,
        title: of.name,
        lines: found.iter().map(|profile| line(&page, profile)).collect(),
        next: last.map(|last| link(&path, &[("after", &last.to_string())])),
        first: asked.after.map(|_| path),
        can_change: actor.may(Action::OrganizationUpdate),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/apple/tokens/{token}/profiles/{profile}/default`
pub(super) async fn make_default(
    administrator: Administrator,
    Path((token, id)): Path<(Uuid, Uuid)>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .set_default_ade_profile(&administrator.actor, token, id)
        .await?;
    Ok(redirect(&place(token)))
}

/// `GET /console/apple/tokens/{token}/profiles/{profile}/remove`
pub(super) async fn ask_removal(
    administrator: Administrator,
    Path((token, id)): Path<(Uuid, Uuid)>,
) -> Answer {
    removal(&administrator, token, id, String::new()).await
}

/// `POST /console/apple/tokens/{token}/profiles/{profile}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path((token, id)): Path<(Uuid, Uuid)>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    match engine
        .delete_ade_profile(&administrator.actor, token, id)
        .await
    {
        Ok(()) => Ok(redirect(&place(token))),
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            removal(&administrator, token, id, problem).await
        }
    }
}

async fn removal(
    administrator: &Administrator,
    token: Uuid,
    id: Uuid,
    problem: String,
) -> Result<Response, Failure> {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let profile = find(administrator, token, id).await?;
    let language = administrator.language();
    let title = language.text_with("apple-profile-remove", &[("name", &profile.name)]);
    let paths = (format!("{}/{id}/remove", place(token)), place(token));
    let mut confirm = Confirm::new(administrator, title, paths);
    confirm.warning = language.text("apple-profile-remove-about");
    confirm.problem = problem;
    Ok(confirm.show())
}

/// The profile of an id, or that the token has none.
pub(super) async fn find(
    administrator: &Administrator,
    token: Uuid,
    id: Uuid,
) -> Result<AdeProfile, Failure> {
    let engine = administrator.engine();
    let found = engine
        .find_ade_profile(&administrator.actor, token, id)
        .await?;
    found.ok_or_else(|| Failure::not_found("enrolment profile", id))
}

/// All profiles of a token, by name.
pub(super) async fn all(
    administrator: &Administrator,
    token: Uuid,
) -> Result<Vec<AdeProfile>, Failure> {
    let engine = administrator.engine();
    let mut all = engine
        .list_ade_profiles(&administrator.actor, token, Slice::first(MOST))
        .await?;
    all.sort_by_cached_key(|profile| profile.name.to_lowercase());
    Ok(all)
}

/// Where the list is.
pub(super) fn place(token: Uuid) -> String {
    format!("{TOKENS}/{token}/profiles")
}

fn line(page: &Page, profile: &AdeProfile) -> Line {
    let (class, standing) = if !profile.problem.is_empty() {
        ("error", words::problem(page, &profile.problem))
    } else if profile.is_defined {
        ("succeeded", page.text("apple-profile-known"))
    } else {
        ("pending", page.text("apple-profile-waits"))
    };
    Line {
        id: profile.id,
        name: profile.name.clone(),
        platform: words::platform(page, profile.platform),
        is_default: profile.is_default,
        is_supervised: profile.settings.is_supervised(),
        class,
        standing,
    }
}
