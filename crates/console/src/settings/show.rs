//! The page of the settings.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use mandate_engine::{Action, PushCertificate, SecondFactor, TokenKeyView};
use mandate_web::{Page, render};

use super::providers::path_and_name;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status};

#[derive(Template)]
#[template(path = "settings/index.html")]
struct Index {
    page: Page,
    company: String,
    tenant: String,
    domains: String,
    version: &'static str,
    push: Option<PushCertificate>,
    /// What was typed for the push certificate, and what is wrong with it.
    typed: Typed,
    /// `None` where one may not see how people sign in.
    sign_in: Option<SignIn>,
    is_done: bool,
    can_change: bool,
}

/// What was typed for a push certificate.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) certificate: String,
    pub(super) apple_id: String,
    pub(super) wrong: String,
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
    let is_done = query.as_deref() == Some("done");
    show(&administrator, Typed::default(), is_done).await
}

pub(super) async fn show(
    administrator: &Administrator,
    typed: Typed,
    is_done: bool,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let push = engine.push_certificate(actor).await?;
    let sign_in = if actor.may(Action::SignInRead) {
        Some(SignIn {
            second_factor: engine.second_factor(actor).await?,
            providers: providers(administrator).await?,
            keys: engine.list_token_keys(actor).await?,
            can_change: actor.may(Action::SignInUpdate),
        })
    } else {
        None
    };
    let status = form_status(typed.wrong.is_empty());
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
        push,
        typed,
        sign_in,
        is_done,
        can_change: actor.may(Action::OrganizationUpdate),
    };
    Ok(render(status, &template))
}

async fn providers(administrator: &Administrator) -> Result<Vec<(String, String)>, Failure> {
    let engine = administrator.engine();
    let all = engine.list_providers(&administrator.actor).await?;
    Ok(all.iter().map(path_and_name).collect())
}
