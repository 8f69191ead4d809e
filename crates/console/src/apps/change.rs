//! Registering programs, their secrets, and taking them away.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{
    Action, EngineError, NewRegistration, Permission, Redirect, RedirectKind, SecretLife,
};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::path_of;
use super::show::{Show, find};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

#[derive(Template)]
#[template(path = "apps/edit.html")]
struct New {
    page: Page,
    name: String,
    /// What it may do by itself, and for the person who uses it.
    permissions: Vec<Tick>,
    delegated: Vec<Tick>,
    redirects: String,
    is_public: bool,
    problem: String,
}

/// A permission as a box to tick.
struct Tick {
    name: &'static str,
    is_ticked: bool,
}

/// `GET /console/apps/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::AppsUpdate)?;
    Ok(form(&administrator, &Fields::default(), String::new()))
}

/// `POST /console/apps/new`
pub(super) async fn register_app(administrator: Administrator, fields: Fields) -> Answer {
    let new = match registration(&fields) {
        Ok(new) => new,
        Err(line) => {
            let language = administrator.language();
            let problem = language.text_with("apps-wrong-redirect", &[("line", &line)]);
            return Ok(form(&administrator, &fields, problem));
        }
    };
    let engine = administrator.engine();
    match engine.register_app(&administrator.actor, new).await {
        Ok(app) => Ok(redirect(&path_of(app.id))),
        Err(error) => again(&administrator, &fields, error),
    }
}

/// `POST /console/apps/{id}/secrets`
pub(super) async fn add_secret(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let app = find(&administrator, &id).await?.app;
    let engine = administrator.engine();
    let name = fields.text("name").trim();
    let made = engine.add_app_secret(&administrator.actor, app.id, name, SecretLife::Usual);
    let (secret, wrong) = match made.await {
        Ok(made) => (Some(made.secret), String::new()),
        Err(error) => (None, said_above(administrator.beside(error)?)),
    };
    let typed = if secret.is_some() { "" } else { name };
    let registration = find(&administrator, &id).await?;
    let status = form_status(wrong.is_empty());
    let template = Show::new(&administrator, registration, secret).with(typed, wrong);
    Ok(render(status, &template))
}

/// `POST /console/apps/{id}/secrets/{secret}/remove`
pub(super) async fn remove_secret(
    administrator: Administrator,
    Path((id, secret)): Path<(String, Uuid)>,
    _: Fields,
) -> Answer {
    let app = find(&administrator, &id).await?.app;
    let engine = administrator.engine();
    engine
        .remove_app_secret(&administrator.actor, app.id, secret)
        .await?;
    Ok(redirect(&path_of(app.id)))
}

/// `POST /console/apps/{id}/delete`
pub(super) async fn delete_app(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let app = find(&administrator, &id).await?.app;
    let engine = administrator.engine();
    engine.delete_app(&administrator.actor, app.id).await?;
    Ok(redirect(super::PATH))
}

fn again(administrator: &Administrator, fields: &Fields, error: EngineError) -> Answer {
    let wrong = administrator.beside(error).map_err(Failure)?;
    let said: Vec<String> = wrong
        .into_iter()
        .map(|(property, rule)| format!("{property} {rule}").trim().to_owned())
        .collect();
    Ok(form(administrator, fields, said.join(" ")))
}

fn form(administrator: &Administrator, fields: &Fields, problem: String) -> Response {
    let boxes = |field: &'static str| {
        Permission::ALL
            .into_iter()
            .map(|permission| Tick {
                name: permission.name(),
                is_ticked: fields.all(field).any(|name| name == permission.name()),
            })
            .collect()
    };
    let status = form_status(problem.is_empty());
    let template = New {
        page: administrator.page(),
        name: fields.text("name").to_owned(),
        permissions: boxes("permission"),
        delegated: boxes("delegated"),
        redirects: fields.text("redirects").to_owned(),
        is_public: fields.has("public"),
        problem,
    };
    render(status, &template)
}

/// What was filled in; or the line of the addresses that cannot be read.
fn registration(fields: &Fields) -> Result<NewRegistration, String> {
    let ticked = |field: &'static str| fields.all(field).filter_map(Permission::parse).collect();
    Ok(NewRegistration {
        id: None,
        name: fields.text("name").trim().to_owned(),
        permissions: ticked("permission"),
        delegated: ticked("delegated"),
        is_public: fields.has("public"),
        redirects: redirects(fields.text("redirects"))?,
    })
}

/// Reads a line for each address: its kind, and the address.
fn redirects(text: &str) -> Result<Vec<Redirect>, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let read = line
                .split_once(char::is_whitespace)
                .and_then(|(kind, address)| {
                    Some(Redirect {
                        kind: RedirectKind::parse(kind)?,
                        address: address.trim().to_owned(),
                    })
                });
            read.ok_or_else(|| line.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_address_with_its_kind() {
        let read =
            redirects("web https://a.example/back\n\n  spa   http://localhost:1 \n").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].kind, RedirectKind::Spa);
        assert_eq!(read[1].address, "http://localhost:1");
        assert_eq!(
            redirects("https://a.example"),
            Err("https://a.example".to_owned())
        );
        assert_eq!(redirects("cat https://a"), Err("cat https://a".to_owned()));
    }
}
