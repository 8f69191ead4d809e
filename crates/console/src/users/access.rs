//! How a person gets in: links to set up, and ending what they are signed in to.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::SetUpLink;
use mandate_model::User;
use mandate_ui::{moment, redirect};
use mandate_web::{Fields, Page, render};

use super::path_of;
use super::show::find;
use crate::administrator::Administrator;
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
pub(super) async fn make_link(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let user = find(&administrator, &id).await?;
    let engine = administrator.engine();
    let link = engine
        .make_set_up_link(&administrator.actor, user.id)
        .await?;
    Ok(show(&administrator, user, &link))
}

/// `POST /console/users/{id}/reset`
pub(super) async fn reset(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let user = find(&administrator, &id).await?;
    let engine = administrator.engine();
    let link = engine
        .reset_credentials(&administrator.actor, user.id)
        .await?;
    Ok(show(&administrator, user, &link))
}

/// `POST /console/users/{id}/sign-out`
pub(super) async fn end_sessions(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let user = find(&administrator, &id).await?;
    let engine = administrator.engine();
    engine
        .revoke_sign_in_sessions(&administrator.actor, user.id)
        .await?;
    Ok(redirect(&format!("{}?done", path_of(user.id))))
}

/// The link, this one time.
fn show(administrator: &Administrator, user: User, link: &SetUpLink) -> Response {
    let template = LinkPage {
        page: administrator.page(),
        link: format!("{}{}", administrator.base_url(), link.path.as_str()),
        until: moment(link.expires_at),
        back: path_of(user.id),
        user,
    };
    render(StatusCode::OK, &template)
}
