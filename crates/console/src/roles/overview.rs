//! The page of the area: who holds which role, and what there is to give.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use mandate_engine::{
    Action, DirectoryRole, Object, Page as Lines, RoleAssignment, RoleDefinition, ScopeTag,
};
use mandate_web::{Page, render};
use uuid::Uuid;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status};

/// Most lines of each list; who has more of them uses the management API.
const MOST: u32 = 200;

#[derive(Template)]
#[template(path = "roles/index.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each shows or hides a part of the page"
)]
struct Index {
    page: Page,
    /// `None` where one may not see them.
    directory: Option<Vec<Directory>>,
    can_give: bool,
    /// `None` where one may not see roles.
    roles: Option<Roles>,
    can_create: bool,
    can_assign: bool,
    problem: String,
    is_done: bool,
}

/// A directory role with who has it.
struct Directory {
    role: DirectoryRole,
    members: Vec<Member>,
}

/// Who has a directory role.
struct Member {
    id: Uuid,
    name: String,
}

/// Intune's roles, their assignments, and scope tags.
struct Roles {
    definitions: Vec<RoleDefinition>,
    assignments: Vec<(RoleAssignment, String)>,
    tags: Vec<ScopeTag>,
}

/// `GET /console/roles`
pub(super) async fn show_roles(administrator: Administrator, RawQuery(query): RawQuery) -> Answer {
    let is_done = query.as_deref() == Some("done");
    show(&administrator, String::new(), is_done).await
}

/// The page, with what went wrong or well.
pub(super) async fn show(
    administrator: &Administrator,
    problem: String,
    is_done: bool,
) -> Result<Response, Failure> {
    let actor = &administrator.actor;
    if !actor.may(Action::DirectoryRolesRead) {
        actor.require(Action::RolesRead)?;
    }
    let directory = if actor.may(Action::DirectoryRolesRead) {
        Some(directory(administrator).await?)
    } else {
        None
    };
    let roles = if actor.may(Action::RolesRead) {
        Some(roles(administrator).await?)
    } else {
        None
    };
    let status = form_status(problem.is_empty());
    let template = Index {
        page: administrator.page(),
        directory,
        can_give: actor.may(Action::DirectoryRolesAssign),
        roles,
        can_create: actor.may(Action::RolesCreate),
        can_assign: actor.may(Action::RolesAssign),
        problem,
        is_done,
    };
    Ok(render(status, &template))
}

async fn directory(administrator: &Administrator) -> Result<Vec<Directory>, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut directory = Vec::new();
    for role in DirectoryRole::ALL {
        let mut members = Vec::new();
        let lines = Lines::first(MOST);
        let found = engine.list_directory_role_members(actor, role, lines);
        for member in found.await? {
            let id = member.id();
            let name = match engine.find_object(actor, id).await {
                Ok(Some(Object::User(user))) => user.user_principal_name,
                Ok(Some(Object::Group(group))) => group.display_name,
                Ok(Some(Object::Device(_)) | None) | Err(_) => id.to_string(),
            };
            members.push(Member { id, name });
        }
        directory.push(Directory { role, members });
    }
    Ok(directory)
}

async fn roles(administrator: &Administrator) -> Result<Roles, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let definitions = engine
        .list_role_definitions(actor, Lines::first(MOST))
        .await?;
    let assignments = engine
        .list_role_assignments(actor, None, Lines::first(MOST))
        .await?;
    let named = assignments.into_iter().map(|assignment| {
        let role = definitions
            .iter()
            .find(|role| role.id == assignment.role_id);
        let name = role.map_or_else(
            || assignment.role_id.to_string(),
            |role| role.display_name.clone(),
        );
        (assignment, name)
    });
    Ok(Roles {
        assignments: named.collect(),
        tags: engine.list_scope_tags(actor, Lines::first(MOST)).await?,
        definitions,
    })
}
