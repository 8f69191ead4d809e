//! Preflight: whether a mail server can serve an account before anybody gets it.

mod request;
mod shown;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, EngineError, Page as Slice};
use mandate_model::Profile;
use mandate_ui::Door;
use mandate_web::{Fields, Page, Routes, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::Answer;
use request::Form;
use shown::Shown;
pub(crate) use shown::text_id;

/// Where it is.
const PATH: &str = "/console/preflight";

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route(PATH, get(show).post(look))
}

#[derive(Template)]
#[template(path = "preflight/index.html")]
struct Index {
    page: Page,
    /// Mail profiles to choose from.
    profiles: Vec<Choice>,
    /// Whether hosts may be named and accounts be tried.
    may_name: bool,
    form: Form,
    shown: Option<Shown>,
}

/// A profile to choose.
struct Choice {
    id: String,
    name: String,
    is_chosen: bool,
}

/// What a link to the page may say.
#[derive(Debug, Default, Deserialize)]
struct Link {
    /// A profile that is chosen already.
    #[serde(default)]
    profile: String,
}

/// `GET /console/preflight`
async fn show(administrator: Administrator, Query(link): Query<Link>) -> Answer {
    administrator.actor.require(Action::ProfilesViewReports)?;
    let form = Form {
        profile: link.profile,
        ..Form::default()
    };
    index(&administrator, form, None).await
}

/// `POST /console/preflight`
async fn look(administrator: Administrator, fields: Fields) -> Answer {
    let (mut form, request) = Form::read(&fields);
    let Ok(request) = request else {
        return index(&administrator, form, None).await;
    };
    let engine = administrator.engine();
    match engine.preflight(&administrator.actor, request).await {
        Ok(report) => {
            let shown = Shown::of(&report, administrator.language());
            index(&administrator, form, Some(shown)).await
        }
        Err(EngineError::Invalid(violations)) => {
            form.complain(&violations, administrator.language());
            index(&administrator, form, None).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn index(administrator: &Administrator, form: Form, shown: Option<Shown>) -> Answer {
    let status = if form.is_wrong() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let profiles = mail_profiles(administrator).await?;
    let choices = profiles.into_iter().map(|profile| {
        let id = profile.id.to_string();
        Choice {
            is_chosen: id == form.profile,
            name: profile.display_name,
            id,
        }
    });
    let index = Index {
        profiles: choices.collect(),
        may_name: administrator.actor.may(Action::ProfilesUpdate),
        form,
        shown,
        page: administrator.page(),
    };
    Ok(render(status, &index))
}

/// The mail profiles that somebody sees, by name.
async fn mail_profiles(administrator: &Administrator) -> Result<Vec<Profile>, EngineError> {
    let actor = &administrator.actor;
    if !actor.may(Action::ProfilesRead) {
        return Ok(Vec::new());
    }
    let engine = administrator.engine();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let slice = Slice { after, limit: PAGE };
        let profiles = engine.list_profiles(actor, slice).await?;
        let is_last = profiles.len() < PAGE as usize;
        after = profiles.last().map(|profile| profile.id);
        let mail = profiles
            .into_iter()
            .filter(|profile| profile.kind.setting("hostName").is_some());
        found.extend(mail);
        if is_last {
            break;
        }
    }
    found.sort_by_key(|profile| profile.display_name.to_lowercase());
    Ok(found)
}

/// Profiles read at a time.
const PAGE: u32 = 500;
