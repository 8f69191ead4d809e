//! The list of providers, one of them, and trying it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, How, Provider, TryStep};
use mandate_web::{Fields, Page, render};

use super::{crumbs, find, kind_of, path_of, shown_name};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::plain::Crumb;

#[derive(Template)]
#[template(path = "settings/providers.html")]
struct List {
    page: Page,
    crumbs: Vec<Crumb>,
    /// Path, name, and how it is asked.
    providers: Vec<(String, String, &'static str)>,
    can_manage: bool,
}

#[derive(Template)]
#[template(path = "settings/provider.html")]
struct Show {
    page: Page,
    crumbs: Vec<Crumb>,
    path: String,
    name: String,
    /// Labels and values.
    facts: Vec<(String, String)>,
    is_directory: bool,
    person: String,
    steps: Option<Vec<TryStep>>,
    can_test: bool,
    can_manage: bool,
}

/// `GET /console/settings/providers`
pub(super) async fn list_providers(administrator: Administrator) -> Answer {
    let engine = administrator.engine();
    let all = engine.list_providers(&administrator.actor).await?;
    let list = List {
        crumbs: vec![crumbs(&administrator, None).swap_remove(0)],
        providers: all
            .iter()
            .map(|one| (path_of(&one.name), shown_name(one), kind_of(one)))
            .collect(),
        can_manage: administrator.may_say_who_people_are(),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &list))
}

/// `GET /console/settings/providers/{name}`
pub(super) async fn show_provider(
    administrator: Administrator,
    Path(name): Path<String>,
) -> Answer {
    let provider = find(&administrator, &name).await?;
    Ok(show(&administrator, &provider, "", None))
}

/// `POST /console/settings/providers/{name}/test`
pub(super) async fn test(
    administrator: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let person = fields.text("person").trim();
    let looked_for = Some(person).filter(|person| !person.is_empty());
    let engine = administrator.engine();
    let steps = engine
        .try_provider(&administrator.actor, &name, looked_for)
        .await?;
    let provider = find(&administrator, &name).await?;
    Ok(show(&administrator, &provider, person, Some(steps)))
}

fn show(
    administrator: &Administrator,
    provider: &Provider,
    person: &str,
    steps: Option<Vec<TryStep>>,
) -> Response {
    let page = administrator.page();
    let show = Show {
        crumbs: crumbs(administrator, None),
        path: path_of(&provider.name),
        name: shown_name(provider),
        facts: facts(administrator, &page, provider),
        is_directory: matches!(provider.settings.how, How::Ldap(_)),
        person: person.to_owned(),
        steps,
        can_test: administrator.actor.may(Action::SignInUpdate),
        can_manage: administrator.may_say_who_people_are(),
        page,
    };
    render(StatusCode::OK, &show)
}

fn facts(administrator: &Administrator, page: &Page, provider: &Provider) -> Vec<(String, String)> {
    let text = |id: &str| page.text(id);
    let answer = |is: bool| text(if is { "yes" } else { "no" });
    let settings = &provider.settings;
    let mut facts = vec![(text("provider-kind"), kind_of(provider).to_owned())];
    match &settings.how {
        How::Oidc(oidc) => {
            let callback = format!("{}/sign-in/callback", administrator.base_url());
            facts.extend([
                (text("provider-f-issuer"), oidc.issuer.clone()),
                (text("provider-f-clientId"), oidc.client_id.clone()),
                (text("provider-callback"), callback),
            ]);
        }
        How::Ldap(directory) => {
            facts.push((text("provider-f-url"), directory.url.clone()));
        }
    }
    let domains = if settings.domains.is_empty() {
        text("provider-own-domains")
    } else {
        settings.domains.join(", ")
    };
    facts.extend([
        (text("provider-secret"), answer(provider.has_secret)),
        (text("provider-f-domains"), domains),
        (
            text("provider-f-createsPeople"),
            answer(settings.creates_people),
        ),
        (
            text("provider-f-trustsNames"),
            answer(settings.trusts_names),
        ),
    ]);
    facts
}
