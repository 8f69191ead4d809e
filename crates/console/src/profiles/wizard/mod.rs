//! The wizard: a profile is filled in step by step, new or to be changed.
//!
//! What was filled in is kept as a draft with every button, so that going back, to another step or away loses nothing.
//! Only *Next* looks whether a step is complete; *Review* shows all that is wrong anywhere.

mod assignments;
mod basics;
mod open;
mod review;
mod settings;
mod step;
mod tags;

use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use mandate_engine::{DraftId, EngineError};
use mandate_ui::{Door, redirect};
use mandate_web::{Fields, Routes};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::Answer;
use open::Wizard;
use step::Step;

/// Routes of the wizard.
pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/profiles/drafts/{id}/{step}", get(show).post(take))
        .route("/console/profiles/drafts/{id}", post(discard))
}

/// Where a draft is filled in.
pub(super) fn path(id: DraftId, step: &str) -> String {
    format!("/console/profiles/drafts/{id}/{step}")
}

/// What is looked for on a step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Looking {
    /// A part of the names of groups.
    search: String,
}

/// `GET /console/profiles/drafts/{id}/{step}`
async fn show(
    administrator: Administrator,
    Path((id, step)): Path<(String, String)>,
    Query(looking): Query<Looking>,
) -> Answer {
    let (wizard, step) = enter(administrator, &id, &step).await?;
    show_step(&wizard, step, &looking).await
}

async fn show_step(wizard: &Wizard, step: Step, looking: &Looking) -> Answer {
    match step {
        Step::Basics => Ok(basics::show(wizard, false)),
        Step::Settings => settings::show(wizard, false).await,
        Step::Tags => tags::show(wizard, false).await,
        Step::Assignments => assignments::show(wizard, &looking.search).await,
        Step::Review => review::show(wizard).await,
    }
}

/// `POST /console/profiles/drafts/{id}/{step}`
async fn take(
    administrator: Administrator,
    Path((id, step)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let (mut wizard, step) = enter(administrator, &id, &step).await?;
    match step {
        Step::Basics => basics::read(&mut wizard, &fields),
        Step::Settings => settings::read(&mut wizard, &fields),
        Step::Tags => tags::read(&mut wizard, &fields),
        Step::Assignments => assignments::read(&mut wizard, &fields),
        Step::Review => {}
    }
    wizard.keep().await?;
    let button = fields.text("go");
    if button == "finish" && step == Step::Review {
        return review::finish(&wizard).await;
    }
    let is_complete = match step {
        Step::Basics => basics::is_complete(&wizard),
        Step::Settings => settings::is_complete(&wizard),
        Step::Tags => tags::is_complete(&wizard),
        Step::Assignments | Step::Review => true,
    };
    if button == "next" && !is_complete {
        return match step {
            Step::Basics => Ok(basics::show(&wizard, true)),
            Step::Settings => settings::show(&wizard, true).await,
            Step::Tags => tags::show(&wizard, true).await,
            Step::Assignments | Step::Review => show_step(&wizard, step, &Looking::default()).await,
        };
    }
    Ok(redirect(&path(
        wizard.draft.id,
        step.towards(button).name(),
    )))
}

/// `POST /console/profiles/drafts/{id}`: throws it away.
async fn discard(administrator: Administrator, Path(id): Path<String>, _: Fields) -> Answer {
    let id = draft_id(&id)?;
    let engine = administrator.engine();
    engine.discard_draft(&administrator.actor, id).await?;
    Ok(redirect("/console/profiles"))
}

async fn enter(
    administrator: Administrator,
    id: &str,
    step: &str,
) -> Result<(Wizard, Step), crate::failure::Failure> {
    let id = draft_id(id)?;
    let step = Step::parse(step).ok_or_else(|| EngineError::NotFound {
        what: "step",
        id: step.to_owned(),
    })?;
    Ok((Wizard::open(administrator, id).await?, step))
}

fn draft_id(text: &str) -> Result<DraftId, EngineError> {
    text.parse().map_err(|_| EngineError::NotFound {
        what: "draft",
        id: text.to_owned(),
    })
}

/// A page of the wizard.
fn render_step(is_wrong: bool, template: &impl askama::Template) -> Response {
    let status = if is_wrong {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    mandate_web::render(status, template)
}
