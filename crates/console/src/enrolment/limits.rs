//! The list of limits, their order, and deleting one.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use mandate_engine::{Action, EnrolmentLimit};
use mandate_model::EnrolmentLimitId;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::{LIMITS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "enrolment/limits.html")]
struct LimitsPage {
    page: Page,
    tabs: Tabs,
    limits: Vec<EnrolmentLimit>,
    can_change: bool,
}

#[derive(Template)]
#[template(path = "enrolment/delete.html")]
struct Delete {
    page: Page,
    limit: EnrolmentLimit,
}

/// `GET /console/enrolment/limits`
pub(super) async fn list_limits(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let limits = engine.list_enrolment_limits(actor).await?;
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

/// `POST /console/enrolment/limits/{id}/up`
pub(super) async fn move_up(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let limit = find(&administrator, id).await?;
    // Whoever presses twice finds it where it should be.
    if limit.priority > 1 {
        administrator
            .engine()
            .prioritise_enrolment_limit(&administrator.actor, limit.id, limit.priority - 1)
            .await?;
    }
    Ok(redirect(LIMITS))
}

/// `GET /console/enrolment/limits/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let delete = Delete {
        limit: find(&administrator, id).await?,
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &delete))
}

/// `POST /console/enrolment/limits/{id}/delete`
pub(super) async fn delete_limit(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .delete_enrolment_limit(&administrator.actor, EnrolmentLimitId(id))
        .await?;
    Ok(redirect(LIMITS))
}

/// A limit by id.
pub(super) async fn find(
    administrator: &Administrator,
    id: Uuid,
) -> Result<EnrolmentLimit, Failure> {
    let engine = administrator.engine();
    let found = engine
        .find_enrolment_limit(&administrator.actor, EnrolmentLimitId(id))
        .await?;
    found.ok_or_else(|| Failure::not_found("enrolment limit", id))
}
