//! How the organisation presents itself to people: name, contacts, colour and logos.

mod form;
mod steps;
mod view;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use mandate_engine::{Action, EngineError};
use mandate_ui::{Door, redirect};
use mandate_web::{Routes, Upload, render};

use self::form::Input;
use self::view::Index;
use crate::administrator::Administrator;
use crate::failure::Answer;

const PATH: &str = "/console/branding";
const SAVED: &str = "/console/branding?saved";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show_branding).post(save_branding))
        .route(steps::PATH, get(steps::show_steps).post(steps::save_steps))
}

/// `GET /console/branding`
async fn show_branding(administrator: Administrator, parts: Parts) -> Answer {
    let branding = administrator.engine().branding().await?;
    let input = Input::of(&branding);
    let mut page = Index::new(&administrator, &branding, &input, &BTreeSet::new());
    page.is_saved = parts.uri.query() == Some("saved");
    Ok(render(StatusCode::OK, &page))
}

/// `POST /console/branding`: back to the page, or the page with what is wrong.
async fn save_branding(administrator: Administrator, upload: Upload) -> Answer {
    administrator
        .engine()
        .require_branding(&administrator.actor)?;
    let input = Input::read(&upload);
    let mut wrong = input.wrong();
    if wrong.is_empty() {
        let change = input.change(&upload);
        let engine = administrator.engine();
        match engine.update_branding(&administrator.actor, change).await {
            Ok(_) => return Ok(redirect(SAVED)),
            Err(EngineError::Invalid(violations)) => {
                wrong.extend(violations.into_iter().map(|broken| broken.property));
            }
            Err(error) => return Err(error.into()),
        }
    }
    show_wrong(&administrator, &upload, &input, &wrong).await
}

async fn show_wrong(
    administrator: &Administrator,
    upload: &Upload,
    input: &Input,
    wrong: &BTreeSet<String>,
) -> Answer {
    let branding = administrator.engine().branding().await?;
    let mut page = Index::new(administrator, &branding, input, wrong);
    page.lost_files = Input::brings_files(upload);
    let response: Response = render(StatusCode::BAD_REQUEST, &page);
    Ok(response)
}

/// What one must be able to do for the page to have a form.
const CHANGE: Action = Action::OrganizationUpdate;
