//! One reset: its checklist, setting it going, giving it up.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{
    Action, AuthorityReset, ChecklistItem, EngineError, ItemCode, ItemState, ManagementAuthority,
    NewAuthorityReset, ResetStage,
};
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::show::{Typed, shown as overview};
use super::{PATH, name_of};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

#[derive(Template)]
#[template(path = "management_authority/reset.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page asks each by itself")]
struct Show {
    page: Page,
    id: Uuid,
    from: String,
    target: String,
    stage: String,
    is_preparing: bool,
    is_running: bool,
    requested: String,
    requested_by: String,
    completes: Option<String>,
    ended: Option<String>,
    lines: Vec<Line>,
    is_ready: bool,
    /// Whether something of the list is of Office 365.
    has_office365: bool,
    person: String,
    problem: String,
    can_change: bool,
}

/// An item of the checklist.
struct Line {
    code: &'static str,
    text: String,
    of: String,
    is_done: bool,
    /// Whether somebody can vouch for it, or take that back.
    can_attest: bool,
    can_withdraw: bool,
    state: String,
}

/// `POST /console/setup/authority/resets`
pub(super) async fn request_reset(administrator: Administrator, fields: Fields) -> Answer {
    let chosen = fields.text("target").to_owned();
    let domain = fields.text("tenantDomain").trim().to_owned();
    let Some(target) = ManagementAuthority::parse(&chosen) else {
        let problem = administrator.language().text("authority-choose-wrong");
        let typed = Typed { chosen, domain };
        return overview(&administrator, typed, problem).await;
    };
    let new = NewAuthorityReset {
        domain: domain.clone(),
        target,
    };
    let made = administrator
        .engine()
        .request_authority_reset(&administrator.actor, new)
        .await;
    match made {
        Ok(reset) => Ok(redirect(&path_of(reset.id))),
        Err(EngineError::Invalid(_)) => {
            let problem = administrator.language().text("authority-domain-wrong");
            overview(&administrator, Typed { chosen, domain }, problem).await
        }
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            overview(&administrator, Typed { chosen, domain }, problem).await
        }
    }
}

/// `GET /console/setup/authority/resets/{id}`
pub(super) async fn show_reset(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let reset = find(&administrator, id).await?;
    Ok(shown(&administrator, reset, (String::new(), String::new())))
}

/// `POST /console/setup/authority/resets/{id}/attest`
pub(super) async fn attest(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let item = item_of(&fields)?;
    let typed = fields.text("by").trim().to_owned();
    let by = Some(typed.clone()).filter(|text| !text.is_empty());
    let attested = administrator
        .engine()
        .attest_authority_reset(&administrator.actor, id, item, by)
        .await;
    answer(&administrator, id, attested, typed).await
}

/// `POST /console/setup/authority/resets/{id}/withdraw`
pub(super) async fn withdraw(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let item = item_of(&fields)?;
    let withdrawn = administrator
        .engine()
        .withdraw_attestation(&administrator.actor, id, item)
        .await;
    answer(&administrator, id, withdrawn, String::new()).await
}

/// `POST /console/setup/authority/resets/{id}/start`: without the tick nothing happens.
pub(super) async fn start(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    if fields.text("confirm") != "yes" {
        administrator.actor.require(Action::MdmAuthorityUpdate)?;
        let reset = find(&administrator, id).await?;
        let problem = administrator.language().text("authority-confirm-wrong");
        return Ok(shown(&administrator, reset, (String::new(), problem)));
    }
    let started = administrator
        .engine()
        .start_authority_reset(&administrator.actor, id, true)
        .await;
    answer(&administrator, id, started, String::new()).await
}

/// `POST /console/setup/authority/resets/{id}/cancel`
pub(super) async fn cancel(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let cancelled = administrator
        .engine()
        .cancel_authority_reset(&administrator.actor, id)
        .await;
    match cancelled {
        Ok(_) => Ok(redirect(PATH)),
        Err(error) => answer(&administrator, id, Err(error), String::new()).await,
    }
}

/// Back to the page; with what is wrong, if anything is.
async fn answer(
    administrator: &Administrator,
    id: Uuid,
    done: Result<AuthorityReset, EngineError>,
    typed: String,
) -> Answer {
    match done {
        Ok(_) => Ok(redirect(&path_of(id))),
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            let reset = find(administrator, id).await?;
            Ok(shown(administrator, reset, (typed, problem)))
        }
    }
}

fn path_of(id: Uuid) -> String {
    format!("{PATH}/resets/{id}")
}

fn item_of(fields: &Fields) -> Result<ItemCode, Failure> {
    let word = fields.text("item");
    ItemCode::parse(word).ok_or_else(|| Failure::not_found("item of this checklist", word))
}

async fn find(administrator: &Administrator, id: Uuid) -> Result<AuthorityReset, Failure> {
    let engine = administrator.engine();
    let found = engine
        .find_authority_reset(&administrator.actor, id)
        .await?;
    found.ok_or_else(|| Failure::not_found("authority reset", id))
}

fn shown(
    administrator: &Administrator,
    reset: AuthorityReset,
    (person, problem): (String, String),
) -> Response {
    let page = administrator.page();
    let can_change = administrator.actor.may(Action::MdmAuthorityUpdate);
    let is_preparing = reset.stage == ResetStage::Preparing;
    let is_ready = is_preparing && reset.is_green();
    let may_attest = can_change && is_preparing;
    let has_office365 = reset
        .checklist
        .iter()
        .any(|item| item.of == ManagementAuthority::Office365);
    let lines = reset
        .checklist
        .iter()
        .map(|item| line(&page, item, may_attest))
        .collect();
    let show = Show {
        id: reset.id,
        from: name_of(&page, reset.from),
        target: name_of(&page, reset.target),
        stage: page.text(&format!("authority-stage-{}", reset.stage.name())),
        is_preparing,
        is_running: reset.stage == ResetStage::Running,
        requested: moment(reset.requested_at),
        requested_by: reset.requested_by,
        completes: reset.completes_at.map(moment),
        ended: reset.ended_at.map(moment),
        lines,
        is_ready,
        has_office365,
        person,
        can_change,
        problem,
        page,
    };
    render(form_status(show.problem.is_empty()), &show)
}

fn line(page: &Page, item: &ChecklistItem, may_attest: bool) -> Line {
    let code = item.code.name();
    let state = match &item.state {
        ItemState::Done => page.text("authority-state-done"),
        ItemState::None => page.text("authority-state-none"),
        ItemState::Open => page.text("authority-state-open"),
        ItemState::Left(count) => page.text_with("authority-state-left", "count", count),
        ItemState::Attested { person, at, .. } => {
            let when = moment(*at);
            format!(
                "{} ({when})",
                page.text_with("authority-state-attested", "person", person)
            )
        }
    };
    let is_attested = matches!(item.state, ItemState::Attested { .. });
    Line {
        code,
        text: page.text(&format!("authority-item-{code}")),
        of: name_of(page, item.of),
        is_done: item.state.is_green(),
        can_attest: may_attest && item.code.is_attested() && !is_attested,
        can_withdraw: may_attest && is_attested,
        state,
    }
}
