//! The beginning of the wizard: platform, and kind of profile.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::{get, post};
use mandate_engine::{Action, EngineError};
use mandate_model::catalogue::{self, Kind};
use mandate_model::{Platform, ProfileId};
use mandate_ui::{Door, redirect};
use mandate_web::{Fields, Page, Routes, render};
use serde::Deserialize;

use super::content::{Content, object};
use super::wizard;
use super::words::{PLATFORMS, platform_name};
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::forms::Input;

/// Routes of the beginning.
pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/new", get(show).post(begin))
        .route("/console/profiles/{id}/edit", post(edit))
        .route("/console/profiles/{id}/duplicate", post(duplicate))
}

/// The platform, once it is chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    platform: String,
}

#[derive(Template)]
#[template(path = "profiles/new.html")]
struct New {
    page: Page,
    /// Name in links, name for people, and the kinds there are.
    platforms: Vec<(&'static str, &'static str, String)>,
    chosen: Option<&'static str>,
    /// Type, name for people, what it does.
    kinds: Vec<(&'static str, String, String)>,
}

/// `GET /console/profiles/new`
async fn show(administrator: Administrator, Query(chosen): Query<Chosen>) -> Answer {
    administrator.actor.require(Action::ProfilesCreate)?;
    let language = administrator.language();
    let of = |platform: Platform| {
        let mut kinds: Vec<&Kind> = catalogue::kinds()
            .iter()
            .copied()
            .filter(|kind| kind.platform == platform)
            .collect();
        // Mail first: that is what most come for.
        kinds.sort_by_key(|kind| (!kind.type_name.contains("Eas"), kind.label));
        kinds
    };
    let labels = |platform| {
        let kinds = of(platform).into_iter();
        let labels: Vec<String> = kinds.map(|kind| language.phrase(kind.label)).collect();
        labels.join(", ")
    };
    let platform = Platform::parse(&chosen.platform);
    let template = New {
        page: administrator.page(),
        platforms: PLATFORMS
            .map(|platform| (platform.name(), platform_name(platform), labels(platform)))
            .to_vec(),
        chosen: platform.map(platform_name),
        kinds: platform.map_or_else(Vec::new, |platform| {
            of(platform)
                .into_iter()
                .map(|kind| {
                    (
                        kind.type_name,
                        language.phrase(kind.label),
                        language.phrase(kind.help),
                    )
                })
                .collect()
        }),
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/profiles/new`: begins a draft of a kind.
async fn begin(administrator: Administrator, fields: Fields) -> Answer {
    let kind = catalogue::kind(fields.text("kind")).ok_or_else(|| EngineError::NotFound {
        what: "kind",
        id: fields.text("kind").to_owned(),
    })?;
    let content = Content {
        settings: object(Input::of_defaults(kind).to_json()),
        ..Content::default()
    };
    let draft = administrator
        .engine()
        .begin_draft(&administrator.actor, kind, None, content.to_json())
        .await?;
    Ok(redirect(&wizard::path(draft.id, "basics")))
}

/// `POST /console/profiles/{id}/edit`: begins a change, at the step that was asked for.
async fn edit(administrator: Administrator, Path(id): Path<ProfileId>, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let (kind, content) = content_of(&administrator, id).await?;
    let draft = engine
        .begin_draft(actor, kind, Some(id), content.to_json())
        .await?;
    let step = match fields.text("step") {
        step @ ("settings" | "tags" | "assignments") => step,
        _ => "basics",
    };
    Ok(redirect(&wizard::path(draft.id, step)))
}

/// `POST /console/profiles/{id}/duplicate`: begins a new profile that says the same, for nobody yet.
async fn duplicate(administrator: Administrator, Path(id): Path<ProfileId>, _: Fields) -> Answer {
    let (kind, content) = content_of(&administrator, id).await?;
    let language = administrator.language();
    let name = language.text_with("profiles-copy-of", &[("name", &content.name)]);
    let content = Content {
        name,
        targets: Vec::new(),
        tags: None,
        ..content
    };
    let draft = administrator
        .engine()
        .begin_draft(&administrator.actor, kind, None, content.to_json())
        .await?;
    Ok(redirect(&wizard::path(draft.id, "basics")))
}

async fn content_of(
    administrator: &Administrator,
    id: ProfileId,
) -> Result<(&'static Kind, Content), EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let profile = engine.find_profile(actor, id).await?;
    let profile = profile.ok_or_else(|| EngineError::NotFound {
        what: "profile",
        id: id.to_string(),
    })?;
    let targets = engine.list_assignments(actor, id).await?;
    let targets = targets.into_iter().map(|one| one.target).collect();
    Ok((profile.kind, Content::of_profile(&profile, targets)))
}
