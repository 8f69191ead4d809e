//! The authority in force, and setting another.

use askama::Template;
use axum::response::Response;
use mandate_engine::{Action, ManagementAuthority};
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::{Choice, PATH, choices, name_of};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

/// Resets that are shown of those that are over.
const PAST: u32 = 10;

#[derive(Template)]
#[template(path = "management_authority/index.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page asks each by itself")]
struct Show {
    page: Page,
    name: String,
    is_unknown: bool,
    enrols_here: bool,
    since: Option<String>,
    set_by: String,
    /// The reset that is under way.
    reset: Option<Uuid>,
    is_running: bool,
    past: Vec<Past>,
    choices: Vec<Choice>,
    chosen: String,
    domain: String,
    problem: String,
    can_change: bool,
}

/// A reset in the list.
struct Past {
    id: Uuid,
    when: String,
    what: String,
    stage: &'static str,
}

/// `GET /console/setup/authority`
pub(super) async fn show_authority(administrator: Administrator) -> Answer {
    shown(&administrator, Typed::default(), String::new()).await
}

/// `POST /console/setup/authority`: without the tick nothing happens.
pub(super) async fn set_authority(administrator: Administrator, fields: Fields) -> Answer {
    let chosen = fields.text("authority").to_owned();
    let Some(to) = ManagementAuthority::parse(&chosen) else {
        let problem = administrator.language().text("authority-choose-wrong");
        return shown(&administrator, Typed::default(), problem).await;
    };
    let confirmed = fields.text("confirm") == "yes";
    let typed = Typed {
        chosen,
        ..Typed::default()
    };
    if !confirmed {
        administrator.actor.require(Action::MdmAuthorityUpdate)?;
        let problem = administrator.language().text("authority-confirm-wrong");
        return shown(&administrator, typed, problem).await;
    }
    let set = administrator
        .engine()
        .set_management_authority(&administrator.actor, to, confirmed)
        .await;
    match set {
        Ok(_) => Ok(redirect(PATH)),
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            shown(&administrator, typed, problem).await
        }
    }
}

/// What was typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) chosen: String,
    pub(super) domain: String,
}

/// The page, with what was typed and what is wrong with it.
pub(super) async fn shown(
    administrator: &Administrator,
    typed: Typed,
    problem: String,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let standing = engine.authority_standing(actor).await?;
    let resets = engine.list_authority_resets(actor, None, PAST).await?;
    let page = administrator.page();
    let past = resets
        .into_iter()
        .filter(|reset| !reset.stage.is_open())
        .map(|reset| Past {
            id: reset.id,
            when: moment(reset.requested_at),
            what: name_of(&page, reset.target),
            stage: reset.stage.name(),
        })
        .collect();
    let domain = if typed.domain.is_empty() {
        engine.tenant().domains.first().cloned().unwrap_or_default()
    } else {
        typed.domain
    };
    let is_running = standing
        .reset
        .as_ref()
        .is_some_and(|reset| reset.stage == mandate_engine::ResetStage::Running);
    let show = Show {
        name: name_of(&page, standing.authority),
        is_unknown: standing.authority == ManagementAuthority::Unknown,
        enrols_here: standing.authority.enrols_here(),
        since: standing.since.map(moment),
        set_by: standing.set_by.unwrap_or_default(),
        reset: standing.reset.map(|reset| reset.id),
        is_running,
        past,
        choices: choices(&page, standing.authority),
        chosen: typed.chosen,
        domain,
        problem,
        can_change: actor.may(Action::MdmAuthorityUpdate),
        page,
    };
    Ok(render(form_status(show.problem.is_empty()), &show))
}
