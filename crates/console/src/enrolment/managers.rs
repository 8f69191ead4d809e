//! Device enrolment managers.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, EnrolmentManager, Page as Slice};
use mandate_model::UserId;
use mandate_ui::{date, redirect};
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::{MANAGERS, Tabs};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status};
use crate::numbers::number;

/// There are never more: one page will do.
const ALL: u32 = 1000;

#[derive(Template)]
#[template(path = "enrolment/managers.html")]
struct ManagersPage {
    page: Page,
    tabs: Tabs,
    managers: Vec<Line>,
    person: String,
    wrong: String,
    can_change: bool,
}

/// A manager in the list.
struct Line {
    id: UserId,
    name: String,
    principal_name: String,
    since_at: String,
    since: String,
    enrolled: String,
}

#[derive(Template)]
#[template(path = "enrolment/dismiss.html")]
struct Dismiss {
    page: Page,
    line: Line,
}

/// `GET /console/enrolment/managers`
pub(super) async fn list_managers(administrator: Administrator) -> Answer {
    shown(&administrator, (String::new(), String::new())).await
}

/// `POST /console/enrolment/managers`: by sign-in name.
pub(super) async fn appoint(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let person = fields.text("person").trim().to_owned();
    let language = administrator.language();
    let user = if person.is_empty() {
        None
    } else {
        engine.find_user(actor, &person).await?
    };
    let Some(user) = user else {
        let wrong = language.text("enrolment-no-such-person");
        return shown(&administrator, (person, wrong)).await;
    };
    match engine.appoint_enrolment_manager(actor, user.id).await {
        Ok(()) => Ok(redirect(MANAGERS)),
        Err(error) => {
            administrator.beside(error)?;
            let wrong = language.text("enrolment-too-many-managers");
            shown(&administrator, (person, wrong)).await
        }
    }
}

/// `GET /console/enrolment/managers/{id}/dismiss`
pub(super) async fn show_dismiss(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let actor = &administrator.actor;
    actor.require(Action::EnrolmentManagersUpdate)?;
    let managers = administrator
        .engine()
        .list_enrolment_managers(actor, Slice::first(ALL))
        .await?;
    let found = managers.into_iter().find(|manager| manager.user.id.0 == id);
    let manager = found.ok_or_else(|| Failure::not_found("device enrolment manager", id))?;
    let dismiss = Dismiss {
        line: line(&administrator, manager),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &dismiss))
}

/// `POST /console/enrolment/managers/{id}/dismiss`
pub(super) async fn dismiss(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .dismiss_enrolment_manager(&administrator.actor, UserId(id))
        .await?;
    Ok(redirect(MANAGERS))
}

/// The list, with what was typed and what is wrong with it.
async fn shown(
    administrator: &Administrator,
    (person, wrong): (String, String),
) -> Result<Response, Failure> {
    let actor = &administrator.actor;
    let managers = administrator
        .engine()
        .list_enrolment_managers(actor, Slice::first(ALL))
        .await?;
    let mut managers: Vec<Line> = managers
        .into_iter()
        .map(|manager| line(administrator, manager))
        .collect();
    managers.sort_by_key(|manager| manager.name.to_lowercase());
    let status = form_status(wrong.is_empty());
    Ok(render(
        status,
        &ManagersPage {
            tabs: Tabs::of(administrator, MANAGERS),
            managers,
            person,
            wrong,
            can_change: actor.may(Action::EnrolmentManagersUpdate) && actor.may(Action::UsersRead),
            page: administrator.page(),
        },
    ))
}

fn line(administrator: &Administrator, manager: EnrolmentManager) -> Line {
    Line {
        id: manager.user.id,
        name: manager.user.display_name,
        principal_name: manager.user.user_principal_name,
        since_at: manager.since.to_string(),
        since: date(manager.since),
        enrolled: number(administrator.language(), manager.enrolled),
    }
}
