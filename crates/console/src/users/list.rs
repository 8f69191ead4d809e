//! The list of people.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use mandate_engine::{Action, AfterName};
use mandate_model::User;
use mandate_web::{Page, render};

use super::PATH;
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::list::{ByName, LINES, LINES_OF_FILE, cut};

#[derive(Template)]
#[template(path = "users/index.html")]
struct Index {
    page: Page,
    asked: ByName,
    people: Vec<User>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    can_add: bool,
    has_scim: bool,
}

/// `GET /console/users`
pub(super) async fn list_users(
    administrator: Administrator,
    Query(asked): Query<ByName>,
) -> Answer {
    let after = asked.after();
    let mut people = administrator
        .engine()
        .search_users(
            &administrator.actor,
            asked.text(),
            (after.as_ref(), LINES + 1),
        )
        .await?;
    let is_more = cut(&mut people);
    let next = people.last().filter(|_| is_more);
    Ok(render(
        StatusCode::OK,
        &Index {
            next: next.map(|last| asked.next(PATH, &last.display_name, last.id)),
            first: asked.first(PATH),
            file: asked.file("/console/users/export.csv"),
            can_add: administrator.actor.may(Action::UsersUpdate),
            has_scim: administrator.actor.may(Action::AppsRead),
            page: administrator.page(),
            asked,
            people,
        },
    ))
}

/// `GET /console/users/export.csv`
pub(super) async fn export_users(
    administrator: Administrator,
    Query(asked): Query<ByName>,
) -> Answer {
    let page = administrator.page();
    let columns = [
        "users-name",
        "users-sign-in-name",
        "users-mail",
        "users-enabled",
    ];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let mut after: Option<AfterName<_>> = None;
    loop {
        let people = administrator
            .engine()
            .search_users(
                &administrator.actor,
                asked.text(),
                (after.as_ref(), LINES_OF_FILE),
            )
            .await?;
        let Some(last) = people.last() else { break };
        after = Some(AfterName {
            name: last.display_name.clone(),
            id: last.id,
        });
        for user in people {
            let enabled = if user.account_enabled { "yes" } else { "no" };
            file.row(&[
                user.display_name,
                user.user_principal_name,
                user.mail.unwrap_or_default(),
                page.text(enabled),
            ])?;
        }
    }
    file.answer("users")
}
