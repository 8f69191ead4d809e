//! The list of registrations, and one of them.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use mandate_engine::{Action, App, Registration};
use mandate_web::{Page, render};

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "apps/index.html")]
struct Index {
    page: Page,
    apps: Vec<App>,
    can_change: bool,
}

#[derive(Template)]
#[template(path = "apps/show.html")]
pub(super) struct Show {
    page: Page,
    registration: Registration,
    /// A secret just made, this one time.
    secret: Option<String>,
    /// What was typed as the name of another, and what is wrong with it.
    typed: String,
    wrong: String,
    can_change: bool,
}

#[derive(Template)]
#[template(path = "apps/delete.html")]
struct Delete {
    page: Page,
    app: App,
}

impl Show {
    pub(super) fn new(
        administrator: &Administrator,
        registration: Registration,
        secret: Option<String>,
    ) -> Self {
        Self {
            page: administrator.page(),
            can_change: administrator.actor.may(Action::AppsUpdate),
            registration,
            secret,
            typed: String::new(),
            wrong: String::new(),
        }
    }

    /// The same with a name for a secret that was not taken, and why.
    pub(super) fn with(self, typed: &str, wrong: String) -> Self {
        let typed = typed.to_owned();
        Self {
            typed,
            wrong,
            ..self
        }
    }
}

/// `GET /console/apps`
pub(super) async fn list_apps(administrator: Administrator) -> Answer {
    let engine = administrator.engine();
    let template = Index {
        apps: engine.list_apps(&administrator.actor).await?,
        can_change: administrator.actor.may(Action::AppsUpdate),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/apps/{id}`
pub(super) async fn show_app(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let registration = find(&administrator, &id).await?;
    let template = Show::new(&administrator, registration, None);
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/apps/{id}/delete`
pub(super) async fn ask_delete(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::AppsUpdate)?;
    let template = Delete {
        app: find(&administrator, &id).await?.app,
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &template))
}

/// A registration by client id.
pub(super) async fn find(administrator: &Administrator, id: &str) -> Result<Registration, Failure> {
    let found = match id.parse() {
        Ok(id) => {
            let engine = administrator.engine();
            engine.find_registration(&administrator.actor, id).await?
        }
        Err(_) => None,
    };
    found.ok_or_else(|| Failure::not_found("application", id))
}
