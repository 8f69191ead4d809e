//! The list of groups.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use mandate_engine::{Action, AfterName};
use mandate_model::Group;
use mandate_web::{Page, render};

use super::PATH;
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::list::{ByName, LINES, LINES_OF_FILE, cut};

#[derive(Template)]
#[template(path = "groups/index.html")]
struct Index {
    page: Page,
    asked: ByName,
    groups: Vec<Group>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    can_add: bool,
}

/// `GET /console/groups`
pub(super) async fn list_groups(
    administrator: Administrator,
    Query(asked): Query<ByName>,
) -> Answer {
    let after = asked.after();
    let engine = administrator.engine();
    let found = engine.search_groups(
        &administrator.actor,
        asked.text(),
        (after.as_ref(), LINES + 1),
    );
    let mut groups = found.await?;
    let is_more = cut(&mut groups);
    let next = groups.last().filter(|_| is_more);
    let template = Index {
        next: next.map(|last| asked.next(PATH, &last.display_name, last.id)),
        first: asked.first(PATH),
        file: asked.file("/console/groups/export.csv"),
        can_add: administrator.actor.may(Action::GroupsUpdate),
        page: administrator.page(),
        asked,
        groups,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/groups/export.csv`
pub(super) async fn export_groups(
    administrator: Administrator,
    Query(asked): Query<ByName>,
) -> Answer {
    let page = administrator.page();
    let columns = ["groups-name", "groups-description", "groups-id"];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let mut after: Option<AfterName<_>> = None;
    loop {
        let engine = administrator.engine();
        let found = engine.search_groups(
            &administrator.actor,
            asked.text(),
            (after.as_ref(), LINES_OF_FILE),
        );
        let groups = found.await?;
        let Some(last) = groups.last() else { break };
        after = Some(AfterName {
            name: last.display_name.clone(),
            id: last.id,
        });
        for group in groups {
            file.row(&[
                group.display_name,
                group.description.unwrap_or_default(),
                group.id.to_string(),
            ])?;
        }
    }
    file.answer("groups")
}
