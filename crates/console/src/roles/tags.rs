//! Scope tags: what splits an organisation into parts that are looked after by different people.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{Action, ScopeTag};
use mandate_web::{Fields, Page, render};

use super::directory::finish;
use super::words::{groups, names};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_elsewhere};

#[derive(Template)]
#[template(path = "roles/tag.html")]
struct Form {
    page: Page,
    /// The tag; none for a new one.
    tag: Option<ScopeTag>,
    name: String,
    description: String,
    /// Groups whose devices get it, one on each line.
    groups: String,
    wrong: Wrong,
}

impl Form {
    /// What is wrong with a field.
    fn wrong(&self, name: &str) -> &str {
        self.wrong.get(name).map_or("", String::as_str)
    }

    /// What is wrong that stands beside no field.
    fn above(&self) -> String {
        said_elsewhere(&self.wrong, &["displayName", "description", "groups"])
    }
}

/// What was typed.
struct Typed {
    name: String,
    description: String,
    groups: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: fields.text("displayName").trim().to_owned(),
            description: fields.text("description").trim().to_owned(),
            groups: fields.text("groups").to_owned(),
        }
    }
}

/// `GET /console/roles/tags/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::RolesCreate)?;
    let typed = Typed::of(&Fields::default());
    Ok(form(&administrator, None, typed, BTreeMap::new()))
}

/// `POST /console/roles/tags/new`
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::of(&fields);
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let description = Some(typed.description.clone()).filter(|text| !text.is_empty());
    let chosen = match groups(&administrator, &typed.groups).await? {
        Ok(chosen) => chosen,
        Err(line) => {
            return Ok(form(
                &administrator,
                None,
                typed,
                no_group(&administrator, &line),
            ));
        }
    };
    match engine
        .create_scope_tag(actor, &typed.name, description)
        .await
    {
        Ok(tag) => {
            if !chosen.is_empty() {
                engine.assign_scope_tag(actor, &tag.id, chosen).await?;
            }
            finish(&administrator, Ok(())).await
        }
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            Ok(form(&administrator, None, typed, wrong))
        }
    }
}

/// `GET /console/roles/tags/{id}`
pub(super) async fn show_edit(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let tag = find(&administrator, &id).await?;
    let engine = administrator.engine();
    let groups = engine.scope_tag_groups(&administrator.actor, &id).await?;
    let typed = Typed {
        name: tag.display_name.clone(),
        description: tag.description.clone().unwrap_or_default(),
        groups: names(&administrator, &groups).await?,
    };
    Ok(form(&administrator, Some(tag), typed, BTreeMap::new()))
}

/// `POST /console/roles/tags/{id}`
pub(super) async fn update(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let tag = find(&administrator, &id).await?;
    let typed = Typed::of(&fields);
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let chosen = match groups(&administrator, &typed.groups).await? {
        Ok(chosen) => chosen,
        Err(line) => {
            let wrong = no_group(&administrator, &line);
            return Ok(form(&administrator, Some(tag), typed, wrong));
        }
    };
    let description = Some(typed.description.clone()).filter(|text| !text.is_empty());
    let changed = engine.update_scope_tag(actor, &id, Some(typed.name.clone()), Some(description));
    let changed = match changed.await {
        Ok(_) => engine.assign_scope_tag(actor, &id, chosen).await.map(drop),
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => finish(&administrator, Ok(())).await,
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            Ok(form(&administrator, Some(tag), typed, wrong))
        }
    }
}

/// `POST /console/roles/tags/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<String>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    let deleted = engine.delete_scope_tag(&administrator.actor, &id);
    finish(&administrator, deleted.await).await
}

async fn find(administrator: &Administrator, id: &str) -> Result<ScopeTag, Failure> {
    let engine = administrator.engine();
    let found = engine.find_scope_tag(&administrator.actor, id).await?;
    found.ok_or_else(|| Failure::not_found("scope tag", id))
}

fn no_group(administrator: &Administrator, line: &str) -> Wrong {
    let language = administrator.language();
    let text = language.text_with("roles-no-group", &[("name", line)]);
    BTreeMap::from([("groups".to_owned(), text)])
}

fn form(
    administrator: &Administrator,
    tag: Option<ScopeTag>,
    typed: Typed,
    wrong: Wrong,
) -> Response {
    let status = form_status(wrong.is_empty());
    let template = Form {
        page: administrator.page(),
        tag,
        name: typed.name,
        description: typed.description,
        groups: typed.groups,
        wrong,
    };
    render(status, &template)
}
