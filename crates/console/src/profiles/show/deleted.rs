//! Profiles that were deleted, and bringing one back.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::{get, post};
use mandate_engine::{Action, EngineError, Page as Pages};
use mandate_model::ProfileId;
use mandate_ui::{Door, moment, redirect};
use mandate_web::{Fields, Page, Routes, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::profiles::list::about;
use crate::profiles::targets::{NamedTarget, named};

pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/deleted", get(show))
        .route("/console/profiles/deleted/{id}/restore", post(restore))
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

#[derive(Template)]
#[template(path = "profiles/deleted.html")]
struct Deleted {
    page: Page,
    profiles: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    may_restore: bool,
}

struct Line {
    path: String,
    name: String,
    about: String,
    by: String,
    at: String,
    /// Whom it was for.
    targets: Vec<NamedTarget>,
}

const SHOWN: u32 = 50;
const PATH: &str = "/console/profiles/deleted";

/// `GET /console/profiles/deleted`
async fn show(administrator: Administrator, Query(place): Query<Place>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let after: Option<ProfileId> = place.after.parse().ok();
    let limit = SHOWN + 1;
    let mut found = engine
        .list_deleted_profiles(actor, Pages { after, limit })
        .await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let last = found.last().map(|one| one.profile.id);
    let mut profiles = Vec::new();
    for one in found {
        profiles.push(Line {
            path: format!("{PATH}/{}/restore", one.profile.id),
            about: about(one.profile.kind, administrator.language()),
            name: one.profile.display_name,
            by: one.deleted_by,
            at: moment(one.deleted_at),
            targets: named(&administrator, &one.targets).await?,
        });
    }
    let template = Deleted {
        page: administrator.page(),
        profiles,
        first: after.map(|_| PATH.to_owned()),
        next: last
            .filter(|_| has_more)
            .map(|last| format!("{PATH}?after={last}")),
        may_restore: actor.may(Action::ProfilesCreate),
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/profiles/deleted/{id}/restore`: brings it back, for nobody yet.
async fn restore(administrator: Administrator, Path(id): Path<String>, _: Fields) -> Answer {
    let id: ProfileId = id.parse().map_err(|_| EngineError::NotFound {
        what: "deleted profile",
        id: id.clone(),
    })?;
    let engine = administrator.engine();
    let restored = engine
        .restore_deleted_profile(&administrator.actor, id)
        .await?;
    let id = restored.profile.id;
    Ok(redirect(&format!("/console/profiles/{id}?done=made")))
}
