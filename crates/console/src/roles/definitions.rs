//! Roles: what each allows, making one, deleting one.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, NewRole, Page as Lines, RoleAssignment, RoleDefinition};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::directory::finish;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status};

#[derive(Template)]
#[template(path = "roles/definition.html")]
struct Show {
    page: Page,
    role: RoleDefinition,
    assignments: Vec<RoleAssignment>,
    can_delete: bool,
    can_assign: bool,
}

#[derive(Template)]
#[template(path = "roles/new_definition.html")]
struct New {
    page: Page,
    name: String,
    description: String,
    /// Actions by what they are about.
    resources: Vec<Resource>,
    problem: String,
}

/// What actions are about, with the actions.
struct Resource {
    name: &'static str,
    actions: Vec<Tick>,
}

/// An action as a box to tick.
struct Tick {
    name: &'static str,
    verb: &'static str,
    is_ticked: bool,
}

/// `GET /console/roles/definitions/{id}`
pub(super) async fn show_definition(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let found = engine.find_role_definition(actor, id).await?;
    let role = found.ok_or_else(|| Failure::not_found("role", id))?;
    let template = Show {
        assignments: engine
            .list_role_assignments(actor, Some(id), Lines::first(200))
            .await?,
        can_delete: !role.built_in && actor.may(Action::RolesDelete),
        can_assign: actor.may(Action::RolesAssign),
        page: administrator.page(),
        role,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/roles/definitions/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::RolesCreate)?;
    Ok(form(&administrator, &Fields::default(), String::new()))
}

/// `POST /console/roles/definitions/new`
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let actions: BTreeSet<Action> = fields.all("action").filter_map(Action::parse).collect();
    let description = fields.text("description").trim().to_owned();
    let new = NewRole {
        display_name: fields.text("displayName").trim().to_owned(),
        description: Some(description).filter(|text| !text.is_empty()),
        actions,
        ..NewRole::default()
    };
    let engine = administrator.engine();
    match engine
        .create_role_definition(&administrator.actor, new)
        .await
    {
        Ok(role) => Ok(redirect(&format!("/console/roles/definitions/{}", role.id))),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let said: Vec<String> = wrong
                .into_iter()
                .map(|(property, rule)| format!("{property} {rule}").trim().to_owned())
                .collect();
            Ok(form(&administrator, &fields, said.join(" ")))
        }
    }
}

/// `POST /console/roles/definitions/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    let deleted = engine.delete_role_definition(&administrator.actor, id);
    finish(&administrator, deleted.await).await
}

fn form(administrator: &Administrator, fields: &Fields, problem: String) -> Response {
    let mut resources: Vec<Resource> = Vec::new();
    // What one lacks oneself cannot be given.
    for action in Action::ALL
        .into_iter()
        .filter(|action| administrator.actor.may(*action))
    {
        let tick = Tick {
            name: action.name(),
            verb: action.verb(),
            is_ticked: fields.all("action").any(|name| name == action.name()),
        };
        let known = resources
            .iter_mut()
            .find(|resource| resource.name == action.resource());
        match known {
            Some(resource) => resource.actions.push(tick),
            None => resources.push(Resource {
                name: action.resource(),
                actions: vec![tick],
            }),
        }
    }
    let status = form_status(problem.is_empty());
    let template = New {
        page: administrator.page(),
        name: fields.text("displayName").to_owned(),
        description: fields.text("description").to_owned(),
        resources,
        problem,
    };
    render(status, &template)
}
