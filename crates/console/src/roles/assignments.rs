//! Role assignments: who has a role, over whom, and on objects with which tags.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{
    Action, EngineError, NewRoleAssignment, Page as Lines, RoleAssignment, RoleAssignmentChange,
    RoleDefinition, ScopeTag, ScopeType,
};
use mandate_model::GroupId;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::directory::finish;
use super::words::{groups, names};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_elsewhere};

#[derive(Template)]
#[template(path = "roles/assignment.html")]
struct Form {
    page: Page,
    /// Path that the form is sent to, and the one that deletes; none for a new one.
    action: String,
    deletion: Option<String>,
    roles: Vec<RoleDefinition>,
    tags: Vec<ScopeTag>,
    typed: Typed,
    /// By field, what is wrong with it; without a name, what concerns none.
    wrong: Wrong,
}

impl Form {
    /// Scopes to choose from: Graph's word, and the id of the text.
    const SCOPES: [(ScopeType, &str); 4] = [
        (ScopeType::ResourceScope, "roles-scope-groups"),
        (ScopeType::AllDevices, "roles-scope-devices"),
        (ScopeType::AllLicensedUsers, "roles-scope-users"),
        (ScopeType::AllDevicesAndLicensedUsers, "roles-scope-all"),
    ];

    /// What is wrong with a field.
    fn wrong(&self, name: &str) -> &str {
        self.wrong.get(name).map_or("", String::as_str)
    }

    /// What is wrong that stands beside no field.
    fn above(&self) -> String {
        said_elsewhere(
            &self.wrong,
            &[
                "displayName",
                "description",
                "members",
                "scopes",
                "roleScopeTags",
            ],
        )
    }
}

/// What is in the form.
#[derive(Debug, Default)]
struct Typed {
    role: Option<Uuid>,
    name: String,
    description: String,
    members: String,
    scope: ScopeType,
    scopes: String,
    tags: Vec<String>,
}

/// Which role is to be assigned.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    role: Option<Uuid>,
}

/// `GET /console/roles/assignments/new`
pub(super) async fn show_new(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    administrator.actor.require(Action::RolesAssign)?;
    let typed = Typed {
        role: asked.role,
        ..Typed::default()
    };
    form(&administrator, None, typed, BTreeMap::new()).await
}

/// `POST /console/roles/assignments/new`
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let typed = typed(&fields);
    let (members, scopes) = match chosen(&administrator, &typed).await? {
        Ok(chosen) => chosen,
        Err(wrong) => return form(&administrator, None, typed, wrong).await,
    };
    let new = NewRoleAssignment {
        role_id: typed.role.unwrap_or_default(),
        display_name: typed.name.clone(),
        description: filled(&typed.description),
        members,
        scope_type: typed.scope,
        scopes,
        tags: typed.tags.clone(),
        scope_tags: None,
    };
    let engine = administrator.engine();
    let made = engine.create_role_assignment(&administrator.actor, new);
    let made = made.await.map(drop);
    end(&administrator, None, typed, made).await
}

/// `GET /console/roles/assignments/{id}`
pub(super) async fn show_edit(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let assignment = find(&administrator, id).await?;
    let typed = Typed {
        role: Some(assignment.role_id),
        members: names(&administrator, &assignment.members).await?,
        scopes: names(&administrator, &assignment.scopes).await?,
        name: assignment.display_name,
        description: assignment.description.unwrap_or_default(),
        scope: assignment.scope_type,
        tags: assignment.tags,
    };
    form(&administrator, Some(id), typed, BTreeMap::new()).await
}

/// `POST /console/roles/assignments/{id}`
pub(super) async fn update(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let assignment = find(&administrator, id).await?;
    let typed = Typed {
        role: Some(assignment.role_id),
        ..typed(&fields)
    };
    let (members, scopes) = match chosen(&administrator, &typed).await? {
        Ok(chosen) => chosen,
        Err(wrong) => return form(&administrator, Some(id), typed, wrong).await,
    };
    let change = RoleAssignmentChange {
        display_name: Some(typed.name.clone()),
        description: Some(filled(&typed.description)),
        members: Some(members),
        scope_type: Some(typed.scope),
        scopes: Some(scopes),
        tags: Some(typed.tags.clone()),
        scope_tags: None,
    };
    let engine = administrator.engine();
    let changed = engine.update_role_assignment(&administrator.actor, id, change);
    let changed = changed.await.map(drop);
    end(&administrator, Some(id), typed, changed).await
}

/// `POST /console/roles/assignments/{id}/delete`
pub(super) async fn delete(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    let deleted = engine.delete_role_assignment(&administrator.actor, id);
    finish(&administrator, deleted.await).await
}

async fn find(administrator: &Administrator, id: Uuid) -> Result<RoleAssignment, Failure> {
    let engine = administrator.engine();
    let found = engine.find_role_assignment(&administrator.actor, id);
    found
        .await?
        .ok_or_else(|| Failure::not_found("role assignment", id))
}

/// Back to the area, or the form once more.
async fn end(
    administrator: &Administrator,
    id: Option<Uuid>,
    typed: Typed,
    done: Result<(), EngineError>,
) -> Answer {
    match done {
        Ok(()) => finish(administrator, Ok(())).await,
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            form(administrator, id, typed, wrong).await
        }
    }
}

async fn form(
    administrator: &Administrator,
    id: Option<Uuid>,
    typed: Typed,
    wrong: Wrong,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let status = form_status(wrong.is_empty());
    let path = match id {
        Some(id) => format!("/console/roles/assignments/{id}"),
        None => "/console/roles/assignments/new".to_owned(),
    };
    let template = Form {
        page: administrator.page(),
        deletion: id.map(|_| format!("{path}/delete")),
        action: path,
        roles: engine
            .list_role_definitions(actor, Lines::first(200))
            .await?,
        tags: engine.list_scope_tags(actor, Lines::first(200)).await?,
        typed,
        wrong,
    };
    Ok(render(status, &template))
}

fn typed(fields: &Fields) -> Typed {
    let text = |name| fields.text(name).trim().to_owned();
    Typed {
        role: fields.text("role").parse().ok(),
        name: text("displayName"),
        description: text("description"),
        members: fields.text("members").to_owned(),
        scope: ScopeType::parse(fields.text("scopeType")),
        scopes: fields.text("scopes").to_owned(),
        tags: fields.all("tag").map(str::to_owned).collect(),
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// The groups that were named: those who have the role, and those it is over.
async fn chosen(
    administrator: &Administrator,
    typed: &Typed,
) -> Result<Result<(Vec<GroupId>, Vec<GroupId>), Wrong>, Failure> {
    let mut wrong = Wrong::new();
    let mut both = Vec::new();
    for (field, text) in [("members", &typed.members), ("scopes", &typed.scopes)] {
        match groups(administrator, text).await? {
            Ok(groups) => both.push(groups),
            Err(line) => {
                let language = administrator.language();
                let text = language.text_with("roles-no-group", &[("name", &line)]);
                wrong.insert(field.to_owned(), text);
            }
        }
    }
    let scopes = both.pop().unwrap_or_default();
    match (wrong.is_empty(), both.pop()) {
        (true, Some(members)) => Ok(Ok((members, scopes))),
        (_, _) => Ok(Err(wrong)),
    }
}
