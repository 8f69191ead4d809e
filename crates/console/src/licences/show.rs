//! Licences in numbers, and who has one by what.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use mandate_engine::{
    Action, LicenceHolder, LicenceLoss, LicenceSummary, Licensed, LicensedPerson, Page as Slice,
};
use mandate_model::{GroupId, UserId};
use mandate_web::{Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::PATH;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status};
use crate::list::{LINES, cut, link};

/// Groups that a search shows.
const FOUND: u32 = 20;

#[derive(Template)]
#[template(path = "licences/index.html")]
struct Show {
    page: Page,
    summary: LicenceSummary,
    units: String,
    removes: bool,
    groups: Vec<Named>,
    people: Vec<Line>,
    first: Option<&'static str>,
    next: Option<String>,
    q: String,
    /// Groups that were looked for and have no licence.
    found: Vec<Named>,
    person: String,
    problem: String,
    can_change: bool,
}

/// A group in a list.
struct Named {
    id: GroupId,
    name: String,
}

/// A person in the list.
struct Line {
    id: UserId,
    name: String,
    principal_name: String,
    by: String,
    is_waiting: bool,
    /// Whether it was given to them by name, so that it can be taken from them.
    is_own: bool,
}

/// Where the list goes on, and which group is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<Uuid>,
    #[serde(default)]
    q: String,
}

/// `GET /console/licences`
pub(super) async fn show_licences(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    shown(&administrator, asked, (String::new(), String::new())).await
}

/// The page, with the person that was typed and what is wrong.
pub(super) async fn shown(
    administrator: &Administrator,
    asked: Asked,
    (person, problem): (String, String),
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let summary = engine.licence_summary(actor).await?;
    let slice = Slice {
        after: asked.after.map(UserId),
        limit: LINES + 1,
    };
    let mut people = engine.list_licensed(actor, slice).await?;
    let is_more = cut(&mut people);
    let last = people.last().filter(|_| is_more).map(|one| one.user.id);
    let licensed = engine.list_licensed_groups(actor).await?;
    let q = asked.q.trim().to_owned();
    let can_change = actor.may(Action::LicencesUpdate);
    let mut found = Vec::new();
    if can_change && !q.is_empty() && actor.may(Action::GroupsRead) {
        let groups = engine.search_groups(actor, Some(&q), (None, FOUND)).await?;
        found.extend(
            groups
                .into_iter()
                .filter(|group| licensed.iter().all(|one| one.id != group.id))
                .map(|group| Named {
                    id: group.id,
                    name: group.display_name,
                }),
        );
    }
    let page = administrator.page();
    let status = form_status(problem.is_empty());
    let show = Show {
        units: summary
            .units
            .map_or_else(String::new, |units| units.to_string()),
        removes: summary.on_loss == LicenceLoss::Remove,
        summary,
        groups: licensed
            .into_iter()
            .map(|group| Named {
                id: group.id,
                name: group.display_name,
            })
            .collect(),
        people: people.into_iter().map(|one| line(&page, one)).collect(),
        first: asked.after.map(|_| PATH),
        next: last.map(|last| link(PATH, &[("after", &last.to_string())])),
        q,
        found,
        person,
        problem,
        can_change,
        page,
    };
    Ok(render(status, &show))
}

fn line(page: &Page, one: LicensedPerson) -> Line {
    let by: Vec<String> = one
        .licence
        .sources
        .iter()
        .map(|source| match (&source.holder, &source.group) {
            (LicenceHolder::Everybody, _) => page.text("licences-by-everybody"),
            (LicenceHolder::Group(_), Some(name)) => name.clone(),
            (LicenceHolder::Group(id), None) => id.to_string(),
            (LicenceHolder::User(_), _) => page.text("licences-by-name"),
        })
        .collect();
    Line {
        id: one.user.id,
        name: one.user.display_name,
        principal_name: one.user.user_principal_name,
        by: by.join(", "),
        is_waiting: one.licence.state != Licensed::Yes,
        is_own: one
            .licence
            .sources
            .iter()
            .any(|source| matches!(source.holder, LicenceHolder::User(_))),
    }
}
