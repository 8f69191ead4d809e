//! The list of terms, whom they are for, who accepted them, and deleting some.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, Page as Slice, Terms, TermsTarget};
use mandate_model::{GroupId, TermsId, UserId};
use mandate_ui::{date, redirect};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::groups::{self, Place};
use super::{Confirm, TERMS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, link};
use crate::numbers::number;

#[derive(Template)]
#[template(path = "enrolment/terms.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what somebody may do, one by one"
)]
struct TermsPage {
    page: Page,
    tabs: Tabs,
    lines: Vec<Line>,
    can_create: bool,
    can_change: bool,
    can_assign: bool,
    can_delete: bool,
}

/// Terms in the list.
struct Line {
    id: TermsId,
    name: String,
    title: String,
    version: i64,
    accepted: String,
    is_for_all: bool,
    groups: usize,
}

#[derive(Template)]
#[template(path = "enrolment/accepted.html")]
struct AcceptedPage {
    page: Page,
    terms: Terms,
    lines: Vec<Acceptance>,
    next: Option<String>,
}

/// Somebody who accepted terms.
struct Acceptance {
    name: String,
    principal_name: String,
    version: i64,
    is_old: bool,
    at: String,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<Uuid>,
}

/// `GET /console/enrolment/terms`
pub(super) async fn list_terms(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut lines = Vec::new();
    for terms in engine.list_terms(actor).await? {
        let accepted = engine.count_terms_acceptances(actor, &terms).await?;
        lines.push(Line {
            id: terms.id,
            accepted: number(administrator.language(), accepted),
            is_for_all: terms.targets.contains(&TermsTarget::AllUsers),
            groups: groups_of(&terms).len(),
            name: terms.display_name,
            title: terms.title,
            version: terms.version,
        });
    }
    Ok(render(
        StatusCode::OK,
        &TermsPage {
            tabs: Tabs::of(&administrator, TERMS),
            lines,
            can_create: actor.may(Action::TermsCreate),
            can_change: actor.may(Action::TermsUpdate),
            can_assign: actor.may(Action::TermsAssign),
            can_delete: actor.may(Action::TermsDelete),
            page: administrator.page(),
        },
    ))
}

/// `GET /console/enrolment/terms/{id}/accepted`
pub(super) async fn list_accepted(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let terms = find(&administrator, id).await?;
    let slice = Slice {
        after: asked.after.map(UserId),
        limit: LINES,
    };
    let found = administrator
        .engine()
        .list_terms_acceptances(&administrator.actor, terms.id, slice)
        .await?;
    let is_full = found.len() >= usize::try_from(LINES).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| is_full).map(|last| {
        let after = last.user.to_string();
        link(&format!("{TERMS}/{id}/accepted"), &[("after", &after)])
    });
    let lines = found
        .into_iter()
        .map(|one| Acceptance {
            name: one
                .user_display_name
                .unwrap_or_else(|| one.user.to_string()),
            principal_name: one.user_principal_name.unwrap_or_default(),
            is_old: one.version < terms.version,
            version: one.version,
            at: date(one.accepted_at),
        })
        .collect();
    let page = administrator.page();
    Ok(render(
        StatusCode::OK,
        &AcceptedPage {
            page,
            terms,
            lines,
            next,
        },
    ))
}

/// `GET /console/enrolment/terms/{id}/people`
pub(super) async fn show_people(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<groups::Asked>,
) -> Answer {
    administrator.actor.require(Action::TermsAssign)?;
    let terms = find(&administrator, id).await?;
    let place = Place {
        path: format!("{TERMS}/{id}/people"),
        list: TERMS,
        part: "enrolment-terms",
        about: "enrolment-terms-groups",
        is_for_all: Some(terms.targets.contains(&TermsTarget::AllUsers)),
        name: terms.display_name.clone(),
    };
    groups::show(&administrator, asked, &groups_of(&terms), place).await
}

/// `POST /console/enrolment/terms/{id}/people`: everybody or not, a group more or less.
pub(super) async fn change_people(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let terms = find(&administrator, id).await?;
    let is_for_all = match fields.text("everybody") {
        "yes" => true,
        "no" => false,
        _ => terms.targets.contains(&TermsTarget::AllUsers),
    };
    let groups = groups::changed(groups_of(&terms), &fields);
    let mut targets: BTreeSet<TermsTarget> = groups.into_iter().map(TermsTarget::Group).collect();
    if is_for_all {
        targets.insert(TermsTarget::AllUsers);
    }
    administrator
        .engine()
        .assign_terms(&administrator.actor, terms.id, targets)
        .await?;
    Ok(redirect(&format!("{TERMS}/{id}/people")))
}

/// `GET /console/enrolment/terms/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::TermsDelete)?;
    let terms = find(&administrator, id).await?;
    let (list, about) = ((TERMS, "enrolment-terms"), "enrolment-terms-delete");
    let what = (id, terms.display_name.as_str());
    Ok(Confirm::deletion(&administrator, what, list, about))
}

/// `POST /console/enrolment/terms/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .delete_terms(&administrator.actor, TermsId(id))
        .await?;
    Ok(redirect(TERMS))
}

/// Terms by id.
pub(super) async fn find(administrator: &Administrator, id: Uuid) -> Result<Terms, Failure> {
    let engine = administrator.engine();
    let found = engine.find_terms(&administrator.actor, TermsId(id)).await?;
    found.ok_or_else(|| Failure::not_found("terms", id))
}

fn groups_of(terms: &Terms) -> BTreeSet<GroupId> {
    let group = |target: &TermsTarget| match target {
        TermsTarget::AllUsers => None,
        TermsTarget::Group(group) => Some(*group),
    };
    terms.targets.iter().filter_map(group).collect()
}
