//! The versions of a profile: what each changed, and bringing one back.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::EngineError;
use mandate_model::catalogue::{Impact, SettingChange};
use mandate_ui::{Door, moment, redirect};
use mandate_web::{Fields, Page, Routes, render};
use serde::Deserialize;

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::forms::{Summary, summary};
use crate::profiles::plan::{ImpactView, value};
use crate::profiles::references::reference_names;

pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/{id}/versions", get(show))
        .route(
            "/console/profiles/{id}/versions/{version}",
            get(show_one).post(restore),
        )
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    before: String,
}

#[derive(Template)]
#[template(path = "profiles/versions.html")]
struct VersionsPage {
    page: Page,
    frame: Frame,
    versions: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
}

struct Line {
    path: String,
    version: i64,
    name: String,
    author: String,
    made: String,
    is_current: bool,
    is_deletion: bool,
}

#[derive(Template)]
#[template(path = "profiles/version.html")]
struct VersionPage {
    page: Page,
    frame: Frame,
    version: i64,
    author: String,
    made: String,
    is_current: bool,
    /// What it changed of the one before.
    changed: Vec<ImpactView>,
    is_first: bool,
    /// What bringing it back would change.
    restoring: Vec<ImpactView>,
    sections: Vec<Summary>,
}

const SHOWN: u32 = 50;

/// `GET /console/profiles/{id}/versions`
async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let before = place.before.parse().ok();
    let mut found = administrator
        .engine()
        .list_profile_versions(&administrator.actor, profile.id, before, SHOWN + 1)
        .await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let frame = Frame::new(&administrator, &profile, "/versions");
    let path = format!("{}/versions", frame.path);
    let template = VersionsPage {
        page: administrator.page(),
        first: before.map(|_| path.clone()),
        next: found
            .last()
            .filter(|_| has_more)
            .map(|last| format!("{path}?before={}", last.profile.version)),
        versions: found
            .into_iter()
            .map(|one| Line {
                path: format!("{path}/{}", one.profile.version),
                version: one.profile.version,
                name: one.profile.display_name,
                author: one.author,
                made: moment(one.profile.modified_at),
                is_current: one.is_current,
                is_deletion: one.deleted_with.is_some(),
            })
            .collect(),
        frame,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/profiles/{id}/versions/{version}`
async fn show_one(
    administrator: Administrator,
    Path((id, version)): Path<(String, String)>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let number = number(&version)?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let found = engine
        .find_profile_version(actor, profile.id, number)
        .await?;
    let shown = |changes: Vec<SettingChange>| -> Vec<ImpactView> {
        let view = |change: SettingChange| ImpactView {
            label: language.phrase(change.label),
            old: value(profile.kind, change.property, &change.old, language),
            new: value(profile.kind, change.property, &change.new, language),
            message: language.phrase(change.impact.message()),
            is_grave: change.impact > Impact::Silent,
        };
        changes.into_iter().map(view).collect()
    };
    let is_first = number <= 1;
    let changed = if is_first {
        Vec::new()
    } else {
        engine
            .compare_profile_versions(actor, profile.id, number - 1, number)
            .await?
    };
    let restoring = engine
        .compare_profile_versions(actor, profile.id, profile.version, number)
        .await?;
    let names = reference_names(&administrator, &found.profile.references).await?;
    let template = VersionPage {
        page: administrator.page(),
        frame: Frame::new(&administrator, &profile, "/versions"),
        version: number,
        author: found.author,
        made: moment(found.profile.modified_at),
        is_current: found.is_current,
        changed: shown(changed),
        is_first,
        restoring: shown(restoring),
        sections: summary(profile.kind, &found.profile.settings, &names, language),
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/profiles/{id}/versions/{version}`: brings it back.
async fn restore(
    administrator: Administrator,
    Path((id, version)): Path<(String, String)>,
    _: Fields,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let number = number(&version)?;
    administrator
        .engine()
        .restore_profile_version(&administrator.actor, profile.id, number)
        .await?;
    Ok(redirect(&format!(
        "/console/profiles/{}?done=restored",
        profile.id
    )))
}

fn number(version: &str) -> Result<i64, EngineError> {
    version.parse().map_err(|_| EngineError::NotFound {
        what: "version",
        id: version.to_owned(),
    })
}
