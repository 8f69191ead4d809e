//! The page of the settings.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use mandate_engine::{Action, SecondFactor, TokenKeyView};
use mandate_web::{Page, render};

use super::providers::path_and_name;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "settings/index.html")]
struct Index {
    page: Page,
    company: String,
    tenant: String,
    domains: String,
    version: &'static str,
    /// `None` where one may not see how people sign in.
    sign_in: Option<SignIn>,
    is_done: bool,
}

/// How people sign in.
struct SignIn {
    second_factor: SecondFactor,
    /// Paths and names of providers.
    providers: Vec<(String, String)>,
    keys: Vec<TokenKeyView>,
    can_change: bool,
}

impl SignIn {
    /// The choices of who needs a second step: word of the form, and id of the text.
    const CHOICES: [(SecondFactor, &str, &str); 3] = [
        (
            SecondFactor::Administrators,
            "administrators",
            "settings-factor-administrators",
        ),
        (
            SecondFactor::Everyone,
            "everyone",
            "settings-factor-everyone",
        ),
        (
            SecondFactor::Optional,
            "optional",
            "settings-factor-optional",
        ),
    ];
}

/// `GET /console/settings`
pub(super) async fn show_settings(
    administrator: Administrator,
    RawQuery(query): RawQuery,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::OrganizationRead)?;
    let sign_in = if actor.may(Action::SignInRead) {
        Some(SignIn {
            second_factor: engine.second_factor(actor).await?,
            providers: providers(&administrator).await?,
            keys: engine.list_token_keys(actor).await?,
            can_change: actor.may(Action::SignInUpdate),
        })
    } else {
        None
    };
    let domains = engine.domains().await?.into_iter();
    let verified = domains.filter(mandate_engine::Domain::is_verified);
    let domains: Vec<String> = verified.map(|domain| domain.name).collect();
    let tenant = engine.tenant();
    let template = Index {
        page: administrator.page(),
        company: tenant.company.clone(),
        tenant: tenant.id.to_string(),
        domains: domains.join(", "),
        version: env!("CARGO_PKG_VERSION"),
        sign_in,
        is_done: query.as_deref() == Some("done"),
    };
    Ok(render(StatusCode::OK, &template))
}

async fn providers(administrator: &Administrator) -> Result<Vec<(String, String)>, Failure> {
    let engine = administrator.engine();
    let all = engine.list_providers(&administrator.actor).await?;
    Ok(all.iter().map(path_and_name).collect())
}
