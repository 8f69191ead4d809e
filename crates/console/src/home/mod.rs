//! The first page: how many people have mail, what is wrong, what ends soon, what is still to be set up, and what is on
//! its way.

mod live;
mod shown;

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use mandate_engine::EngineError;
use mandate_ui::{Door, redirect};
use mandate_web::{Page, Routes, render};

use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::setup::{Line, progress};
use live::Rollouts;
use shown::Shown;

/// Routes of the first page, of what is live, and of the address without a path.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/", get(show_home))
        .route("/console/live", get(live::show_live))
        .route("/", get(lead_on))
}

#[derive(Template)]
#[template(path = "home/index.html")]
struct Index {
    page: Page,
    /// None for those whose roles are about other things: the menu leads there.
    shown: Option<Shown>,
    /// The checklist; none once everything was done, and for those who may not see it.
    setup: Option<Checklist>,
    /// What is on its way; none for those who may not see reports.
    live: Option<String>,
}

/// What is left of the way to the first device.
struct Checklist {
    progress: String,
    lines: Vec<Line>,
}

impl Checklist {
    async fn read(administrator: &Administrator) -> Result<Option<Self>, EngineError> {
        let engine = administrator.engine();
        let setup = match engine.setup(&administrator.actor).await {
            Ok(setup) => setup,
            Err(EngineError::NotAllowed { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let language = administrator.language();
        let is_left = setup.done() < setup.steps.len();
        Ok(is_left.then(|| Self {
            progress: progress(language, &setup),
            lines: Line::left(language, &setup),
        }))
    }
}

/// `GET /console/`
async fn show_home(administrator: Administrator) -> Answer {
    let language = administrator.language();
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let (home, rollouts) = tokio::join!(engine.home(actor), engine.rollouts(actor));
    let home = allowed(home)?;
    let live = match allowed(rollouts)? {
        Some(rollouts) => Some(Rollouts::of(language, &rollouts).text()?),
        None => None,
    };
    let setup = Checklist::read(&administrator).await?;
    let page = administrator.page();
    let shown = home.map(|home| Shown::of(language, home));
    Ok(render(
        StatusCode::OK,
        &Index {
            page,
            shown,
            setup,
            live,
        },
    ))
}

/// A part of the page, or none for those whose roles are about other things.
fn allowed<T>(part: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
    match part {
        Ok(part) => Ok(Some(part)),
        Err(EngineError::NotAllowed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `GET /`: administrators to the admin centre, everybody else to the Company Portal.
async fn lead_on(axum::extract::State(door): axum::extract::State<Door>, parts: Parts) -> Response {
    let is_administrator = match Administrator::find(&door, &parts).await {
        Ok(Some(administrator)) => administrator.has_role(),
        Ok(None) | Err(_) => false,
    };
    redirect(if is_administrator {
        "/console/"
    } else {
        "/portal/"
    })
}
