//! Where else people prove who they are: OpenID Connect providers, and directories that are asked for passwords.

mod edit;
mod show;

use axum::routing::{get, post};
use mandate_engine::Provider;
use mandate_ui::Door;
use mandate_web::Routes;

use crate::administrator::Administrator;
use crate::failure::Failure;
use crate::plain::Crumb;

/// Where they are listed.
const PATH: &str = "/console/settings/providers";

/// Routes of the pages.
pub(super) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show::list_providers))
        .route(edit::NEW, get(edit::show_new).post(edit::create))
        .route(
            "/console/settings/providers/{name}",
            get(show::show_provider),
        )
        .route("/console/settings/providers/{name}/test", post(show::test))
        .route(
            "/console/settings/providers/{name}/edit",
            get(edit::show_edit).post(edit::update),
        )
        .route(
            "/console/settings/providers/{name}/remove",
            get(edit::ask_removal).post(edit::remove),
        )
}

fn path_of(name: &str) -> String {
    format!("{PATH}/{name}")
}

/// Where a provider is shown, and its name.
pub(super) fn path_and_name(provider: &Provider) -> (String, String) {
    (path_of(&provider.name), shown_name(provider))
}

fn shown_name(provider: &Provider) -> String {
    let shown = &provider.settings.display_name;
    if shown.is_empty() {
        provider.name.clone()
    } else {
        format!("{shown} ({})", provider.name)
    }
}

/// How it is asked, as people call that.
const fn kind_of(provider: &Provider) -> &'static str {
    match provider.settings.how {
        mandate_engine::How::Oidc(_) => "OpenID Connect",
        mandate_engine::How::Ldap(_) => "LDAP",
    }
}

async fn find(administrator: &Administrator, name: &str) -> Result<Provider, Failure> {
    let engine = administrator.engine();
    let found = engine.find_provider(&administrator.actor, name).await?;
    found.ok_or_else(|| Failure::not_found("identity provider", name))
}

fn crumbs(administrator: &Administrator, provider: Option<&Provider>) -> Vec<Crumb> {
    let page = administrator.page();
    let mut crumbs = vec![
        (super::PATH.to_owned(), page.text("settings-title")),
        (PATH.to_owned(), page.text("settings-providers")),
    ];
    crumbs.extend(provider.map(|one| (path_of(&one.name), shown_name(one))));
    crumbs
}
