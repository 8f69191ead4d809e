//! How a person gets in: links to set up, and ending what they are signed in to.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::SetUpLink;
use mandate_model::User;
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};

use super::chosen::Chosen;
use super::path_of;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "users/link.html")]
struct LinkPage {
    page: Page,
    user: User,
    link: String,
    until: String,
    back: String,
}

/// `POST /console/users/{id}/link`
pub(super) async fn make_link(of: Chosen, _: Fields) -> Answer {
    let engine = of.administrator.engine();
    let link = engine
        .make_set_up_link(&of.administrator.actor, of.user.id)
        .await?;
    Ok(show(of, &link))
}

/// `POST /console/users/{id}/reset`
pub(super) async fn reset(of: Chosen, _: Fields) -> Answer {
    let engine = of.administrator.engine();
    let link = engine
        .reset_credentials(&of.administrator.actor, of.user.id)
        .await?;
    Ok(show(of, &link))
}

/// `POST /console/users/{id}/sign-out`
pub(super) async fn end_sessions(of: Chosen, _: Fields) -> Answer {
    let engine = of.administrator.engine();
    engine
        .revoke_sign_in_sessions(&of.administrator.actor, of.user.id)
        .await?;
    Ok(redirect(&format!("{}?done", path_of(of.user.id))))
}

/// The link, this one time.
fn show(of: Chosen, link: &SetUpLink) -> Response {
    let Chosen {
        administrator,
        user,
    } = of;
    let template = LinkPage {
        page: administrator.page(),
        link: format!("{}{}", administrator.base_url(), link.path.as_str()),
        until: moment(link.expires_at),
        back: path_of(user.id),
        user,
    };
    render(StatusCode::OK, &template)
}
