//! One directory: how it fares, who was refused, and what was tried.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{
    Action, DirectoryWorry, LackingProperty, Suffix, SyncForecast, SyncReport, SyncedDirectory,
    TryStep,
};
use mandate_web::{Page, render};

use super::list::{State, shown_name};
use super::path_of;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::moments::moment;

/// Refused entries that are shown.
const MOST: u32 = 100;

#[derive(Template)]
#[template(path = "directory/show.html")]
struct Show {
    page: Page,
    path: String,
    name: String,
    state: State,
    directory: SyncedDirectory,
    last: Option<Last>,
    suffixes: Vec<Suffix>,
    lacking: Vec<LackingProperty>,
    worries: Vec<Worry>,
    tried: Tried,
    is_asked: bool,
    can_change: bool,
    can_manage: bool,
}

/// The last run.
struct Last {
    ended_at: String,
    ended: String,
    report: SyncReport,
}

/// Somebody who was refused, and why.
struct Worry {
    name: String,
    property: String,
    reason: String,
}

/// What somebody tried just now.
#[derive(Default)]
pub(super) struct Tried {
    pub(super) steps: Option<Vec<TryStep>>,
    pub(super) forecast: Option<SyncForecast>,
}

/// `GET /console/directory/{name}`
pub(super) async fn show_directory(
    administrator: Administrator,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let is_asked = query.as_deref() == Some("asked");
    show(&administrator, &name, Tried::default(), is_asked).await
}

pub(super) async fn show(
    administrator: &Administrator,
    name: &str,
    tried: Tried,
    is_asked: bool,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let directory = engine
        .find_synced_directory(actor, name)
        .await?
        .ok_or_else(|| Failure::not_found("directory", name))?;
    let readiness = engine.directory_readiness(actor, name).await?;
    let worries = engine
        .list_directory_worries(actor, name, false, ("", MOST))
        .await?;
    let show = Show {
        page: administrator.page(),
        path: path_of(name),
        name: shown_name(&directory),
        state: State::of(&directory),
        last: directory.last.clone().map(|report| Last {
            ended_at: report.ended_at.to_string(),
            ended: moment(&report.ended_at),
            report,
        }),
        suffixes: readiness.suffixes,
        lacking: readiness.lacking,
        worries: worries.into_iter().map(worry).collect(),
        tried,
        is_asked,
        can_change: actor.may(Action::SignInUpdate),
        can_manage: administrator.may_say_who_people_are(),
        directory,
    };
    Ok(render(StatusCode::OK, &show))
}

fn worry(worry: DirectoryWorry) -> Worry {
    let (property, reason) = worry
        .fault
        .map(|fault| (fault.property, fault.reason))
        .unwrap_or_default();
    Worry {
        name: worry.name,
        property,
        reason,
    }
}
