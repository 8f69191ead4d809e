//! The list of limits.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{Action, EnrolmentLimit};
use mandate_web::{Page, render};

use super::{LIMITS, Tabs};
use crate::administrator::Administrator;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "enrolment/limits.html")]
struct LimitsPage {
    page: Page,
    tabs: Tabs,
    limits: Vec<EnrolmentLimit>,
    can_change: bool,
}

/// `GET /console/enrolment/limits`
pub(super) async fn list_limits(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let limits = engine.list_enrolment_configurations(actor).await?;
    Ok(render(
        StatusCode::OK,
        &LimitsPage {
            tabs: Tabs::of(&administrator, LIMITS),
            limits,
            can_change: actor.may(Action::OrganizationUpdate),
            page: administrator.page(),
        },
    ))
}
