//! Adding, changing and deleting groups.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, EngineError, NewGroup, Newcomers};
use mandate_model::Group;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::path_of;
use super::show::find;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, said_above};

#[derive(Template)]
#[template(path = "groups/edit.html")]
struct Edit {
    page: Page,
    is_new: bool,
    name: String,
    description: String,
    wrong_name: String,
    wrong_description: String,
    problem: String,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(path = "groups/delete.html")]
struct Delete {
    page: Page,
    group: Group,
    problem: String,
    back: String,
}

/// `GET /console/groups/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::GroupsUpdate)?;
    Ok(form(&administrator, None, ("", ""), None))
}

/// `POST /console/groups/new`
pub(super) async fn create_group(administrator: Administrator, fields: Fields) -> Answer {
    let (name, description) = texts(&fields);
    let new = NewGroup {
        display_name: name.to_owned(),
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        ..NewGroup::default()
    };
    let engine = administrator.engine();
    match engine
        .create_group(&administrator.actor, new, Vec::new())
        .await
    {
        Ok(group) => Ok(redirect(&path_of(group.id))),
        Err(error) => again(&administrator, None, &fields, error),
    }
}

/// `GET /console/groups/{id}/edit`
pub(super) async fn show_edit(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::GroupsUpdate)?;
    let group = find(&administrator, &id).await?;
    let description = group.description.clone().unwrap_or_default();
    let given = (group.display_name.as_str(), description.as_str());
    Ok(form(&administrator, Some(&group), given, None))
}

/// `POST /console/groups/{id}/edit`
pub(super) async fn update_group(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let group = find(&administrator, &id).await?;
    let (name, description) = texts(&fields);
    let (name, description) = (name.to_owned(), description.to_owned());
    let engine = administrator.engine();
    let changed = engine
        .update_group(
            &administrator.actor,
            group.id,
            Newcomers::default(),
            move |group| {
                group.display_name = name;
                group.description = Some(description).filter(|text| !text.is_empty());
            },
        )
        .await;
    match changed {
        Ok(group) => Ok(redirect(&format!("{}?done=1", path_of(group.id)))),
        Err(error) => again(&administrator, Some(&group), &fields, error),
    }
}

/// `GET /console/groups/{id}/delete`
pub(super) async fn show_delete(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::GroupsUpdate)?;
    let group = find(&administrator, &id).await?;
    Ok(ask(&administrator, group, String::new()))
}

/// `POST /console/groups/{id}/delete`
pub(super) async fn delete_group(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let group = find(&administrator, &id).await?;
    let engine = administrator.engine();
    match engine.delete_group(&administrator.actor, group.id).await {
        Ok(()) => Ok(redirect(super::PATH)),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let problem = said_above(wrong);
            Ok(ask(&administrator, group, problem))
        }
    }
}

fn ask(administrator: &Administrator, group: Group, problem: String) -> Response {
    let status = if problem.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let template = Delete {
        page: administrator.page(),
        back: path_of(group.id),
        group,
        problem,
    };
    render(status, &template)
}

fn texts(fields: &Fields) -> (&str, &str) {
    (
        fields.text("displayName").trim(),
        fields.text("description").trim(),
    )
}

/// The form once more, with what was typed and what is wrong with it.
fn again(
    administrator: &Administrator,
    group: Option<&Group>,
    fields: &Fields,
    error: EngineError,
) -> Answer {
    let wrong = administrator.beside(error).map_err(Failure)?;
    Ok(form(administrator, group, texts(fields), Some(wrong)))
}

fn form(
    administrator: &Administrator,
    group: Option<&Group>,
    (name, description): (&str, &str),
    wrong: Option<Wrong>,
) -> Response {
    let status = match wrong {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let mut wrong = wrong.unwrap_or_default();
    let mut of = |property: &str| wrong.remove(property).unwrap_or_default();
    let (wrong_name, wrong_description) = (of("displayName"), of("description"));
    let back = group.map_or_else(|| super::PATH.to_owned(), |group| path_of(group.id));
    let template = Edit {
        page: administrator.page(),
        is_new: group.is_none(),
        name: name.to_owned(),
        description: description.to_owned(),
        wrong_name,
        wrong_description,
        problem: said_above(wrong),
        action: match group {
            Some(_) => format!("{back}/edit"),
            None => format!("{back}/new"),
        },
        back,
    };
    render(status, &template)
}
