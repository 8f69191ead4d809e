//! Giving and taking directory roles.

use axum::extract::Path;
use mandate_engine::{DirectoryRole, EngineError};
use mandate_model::Member;
use mandate_ui::redirect;
use mandate_web::Fields;
use uuid::Uuid;

use super::PATH;
use super::overview::show;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, said_above};

/// `POST /console/roles/directory/{role}`
pub(super) async fn add_member(
    administrator: Administrator,
    Path(role): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let role = find(role)?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let name = fields.text("name").trim();
    let Some(user) = engine.find_user(actor, name).await? else {
        let language = administrator.language();
        let problem = language.text_with("roles-nobody", &[("name", name)]);
        return show(&administrator, problem, false).await;
    };
    let added = engine.add_directory_role_member(actor, role, Member::User(user.id));
    finish(&administrator, added.await).await
}

/// `POST /console/roles/directory/{role}/{member}/remove`
pub(super) async fn remove_member(
    administrator: Administrator,
    Path((role, member)): Path<(Uuid, Uuid)>,
    _: Fields,
) -> Answer {
    let role = find(role)?;
    let engine = administrator.engine();
    let removed = engine.remove_directory_role_member(&administrator.actor, role, member);
    finish(&administrator, removed.await).await
}

fn find(id: Uuid) -> Result<DirectoryRole, Failure> {
    DirectoryRole::of_id(id).ok_or_else(|| Failure::not_found("directory role", id))
}

/// Back to the page; with what is wrong on top of it.
pub(super) async fn finish(administrator: &Administrator, done: Result<(), EngineError>) -> Answer {
    match done {
        Ok(()) => Ok(redirect(&format!("{PATH}?done"))),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let problem = said_above(wrong);
            show(administrator, problem, false).await
        }
    }
}
