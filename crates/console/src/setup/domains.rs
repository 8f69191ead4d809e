//! The list of domains, and adding one.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{Action, Domain};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::DOMAINS;
use crate::administrator::Administrator;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "setup/domains.html")]
#[expect(clippy::struct_field_names, reason = "the page lists domains")]
struct Domains {
    page: Page,
    domains: Vec<Domain>,
    name: String,
    wrong: String,
    can_change: bool,
}

/// `GET /console/setup/domains`
pub(super) async fn list(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::DomainsRead)?;
    shown(&administrator, (String::new(), String::new())).await
}

/// `POST /console/setup/domains`
pub(super) async fn add(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let name = fields.text("name").trim().to_owned();
    match engine.create_domain(actor, &name).await {
        Ok(domain) => Ok(redirect(&format!("{DOMAINS}/{}", domain.name))),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            let wrong = wrong.into_values().collect::<Vec<_>>().join(" ");
            shown(&administrator, (name, wrong)).await
        }
    }
}

async fn shown(administrator: &Administrator, (name, wrong): (String, String)) -> Answer {
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let template = Domains {
        domains: administrator.engine().domains().await?,
        name,
        wrong,
        can_change: administrator.actor.may(Action::DomainsUpdate),
        page: administrator.page(),
    };
    Ok(render(status, &template))
}
