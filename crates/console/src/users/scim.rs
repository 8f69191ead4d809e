//! Services that bring people and groups, by their tokens.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, ScimToken};
use mandate_ui::{date, redirect};
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

/// Where tokens are.
pub(super) const PATH: &str = "/console/users/scim";

#[derive(Template)]
#[template(path = "users/scim.html")]
struct TokensPage {
    page: Page,
    lines: Vec<Line>,
    address: String,
    name: String,
    days: String,
    name_wrong: String,
    days_wrong: String,
    problem: String,
    /// A token just made, which is shown once.
    token: Option<String>,
    can_change: bool,
}

/// A token in the list.
struct Line {
    id: Uuid,
    name: String,
    hint: String,
    made: String,
    expires: String,
}

impl From<ScimToken> for Line {
    fn from(token: ScimToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            hint: token.hint,
            made: date(token.created_at),
            expires: date(token.expires_at),
        }
    }
}

/// `GET /console/users/scim`
pub(super) async fn list_tokens(administrator: Administrator) -> Answer {
    let page = shown(&administrator).await?;
    Ok(render(StatusCode::OK, &page))
}

/// `POST /console/users/scim`: makes a token; the page shows it, once.
pub(super) async fn create_token(administrator: Administrator, fields: Fields) -> Answer {
    let name = fields.text("name").trim().to_owned();
    let days = fields.text("days").trim().to_owned();
    let made = administrator
        .engine()
        .create_scim_token(
            &administrator.actor,
            &name,
            days.parse().unwrap_or_default(),
        )
        .await;
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            let mut wrong = administrator.beside(error).map_err(Failure)?;
            let mut page = shown(&administrator).await?;
            let mut of = |property: &str, id: &str| match wrong.remove(property) {
                Some(_) => page.page.text(id),
                None => String::new(),
            };
            let name_wrong = of("name", "users-scim-name-wrong");
            let days_wrong = of("days", "users-scim-days-wrong");
            page.problem = wrong.into_values().collect::<Vec<_>>().join(" ");
            page = TokensPage {
                name,
                days,
                name_wrong,
                days_wrong,
                ..page
            };
            return Ok(render(StatusCode::BAD_REQUEST, &page));
        }
    };
    let mut page = shown(&administrator).await?;
    page.token = Some(made.token.to_string());
    let mut response: Response = render(StatusCode::OK, &page);
    let never = axum::http::HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(axum::http::header::CACHE_CONTROL, never);
    Ok(response)
}

/// `POST /console/users/scim/{id}/delete`
pub(super) async fn delete_token(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    administrator
        .engine()
        .delete_scim_token(&administrator.actor, id)
        .await?;
    Ok(redirect(PATH))
}

async fn shown(administrator: &Administrator) -> Result<TokensPage, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let tokens = engine.list_scim_tokens(actor).await?;
    Ok(TokensPage {
        lines: tokens.into_iter().map(Into::into).collect(),
        address: format!("{}/scim/v2", engine.device_base_url()),
        name: String::new(),
        days: "365".to_owned(),
        name_wrong: String::new(),
        days_wrong: String::new(),
        problem: String::new(),
        token: None,
        can_change: actor.may(Action::AppsUpdate)
            && actor.may(Action::UsersUpdate)
            && actor.may(Action::GroupsUpdate),
        page: administrator.page(),
    })
}
