//! Deleting a profile, after looking at who loses it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, PlanRequest};
use mandate_ui::{Door, redirect};
use mandate_web::{Fields, Page, Routes, render};

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::profiles::plan::PlanView;

pub(super) fn routes() -> Routes<Door> {
    Routes::new().route("/console/profiles/{id}/delete", get(show).post(delete))
}

#[derive(Template)]
#[template(path = "profiles/deletion.html")]
struct Deletion {
    page: Page,
    frame: Frame,
    plan: Option<PlanView>,
}

/// Devices that the plan names.
const NAMED: u32 = 10;

/// `GET /console/profiles/{id}/delete`
async fn show(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require_on(Action::ProfilesDelete, &profile.scope_tags)?;
    let plan = if actor.reaches(Action::ProfilesViewReports, &profile.scope_tags) {
        let request = PlanRequest {
            profile: profile.id,
            change: None,
            targets: Some(Vec::new()),
            sample: NAMED,
        };
        Some(engine.plan(actor, request).await?)
    } else {
        None
    };
    let view = plan.map(|mut plan| {
        // What would hurt if it stayed does not matter.
        plan.warnings.clear();
        PlanView::new(&plan, profile.kind, administrator.language())
    });
    let template = Deletion {
        page: administrator.page(),
        frame: Frame::new(&administrator, &profile, "/delete"),
        plan: view,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/profiles/{id}/delete`
async fn delete(administrator: Administrator, Path(id): Path<String>, _: Fields) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let engine = administrator.engine();
    engine
        .delete_profile(&administrator.actor, profile.id)
        .await?;
    Ok(redirect("/console/profiles/deleted"))
}
