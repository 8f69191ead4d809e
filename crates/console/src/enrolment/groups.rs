//! For whose people something is: limits, restrictions and terms have the same page for it.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use mandate_model::{Group, GroupId};
use mandate_web::{Fields, Page, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::Answer;

/// Groups that a search shows.
const FOUND: u32 = 20;

#[derive(Template)]
#[template(path = "enrolment/groups.html")]
struct Groups {
    page: Page,
    place: Place,
    /// Groups that it is for.
    chosen: Vec<Named>,
    q: String,
    /// Groups that were looked for and are not chosen.
    found: Vec<Named>,
}

/// What the groups are of.
pub(super) struct Place {
    pub(super) name: String,
    /// Path of this page.
    pub(super) path: String,
    /// Path of the list it is in.
    pub(super) list: &'static str,
    /// Id of the name of that list.
    pub(super) part: &'static str,
    /// Id of what is said of groups.
    pub(super) about: &'static str,
    /// Whether it is for everybody, where that can be.
    pub(super) is_for_all: Option<bool>,
}

/// A group in a list.
struct Named {
    id: GroupId,
    name: String,
}

impl From<Group> for Named {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            name: group.display_name,
        }
    }
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// The page.
pub(super) async fn show(
    administrator: &Administrator,
    asked: Asked,
    groups: &BTreeSet<GroupId>,
    place: Place,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut chosen = Vec::new();
    for group in groups {
        let found = engine.find_group(actor, *group).await?;
        chosen.extend(found.map(Named::from));
    }
    chosen.sort_by_key(|group| group.name.to_lowercase());
    let q = asked.q.trim().to_owned();
    let text = Some(q.as_str()).filter(|text| !text.is_empty());
    let found = engine.search_groups(actor, text, (None, FOUND)).await?;
    let found = found
        .into_iter()
        .filter(|group| !groups.contains(&group.id))
        .map(Named::from)
        .collect();
    Ok(render(
        StatusCode::OK,
        &Groups {
            place,
            chosen,
            q,
            found,
            page: administrator.page(),
        },
    ))
}

/// The groups after one was added or taken away.
pub(super) fn changed(mut groups: BTreeSet<GroupId>, fields: &Fields) -> BTreeSet<GroupId> {
    if let Ok(group) = fields.text("add").parse() {
        groups.insert(group);
    }
    if let Ok(group) = fields.text("remove").parse() {
        groups.remove(&group);
    }
    groups
}
