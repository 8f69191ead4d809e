//! Adding members, and taking them out.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{Action, DeviceSearch, EngineError, Object};
use mandate_model::{Group, Member};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::path_of;
use super::show::{Line, find};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

/// How many are found at once.
const FOUND: u32 = 25;

#[derive(Template)]
#[template(path = "groups/members.html")]
struct Members {
    page: Page,
    group: Group,
    asked: Asked,
    found: Vec<Line>,
    /// Whether there are more than are shown.
    is_more: bool,
    problem: String,
}

/// What is looked for, and among what.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: Kind,
}

/// What can be a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    Users,
    Groups,
    Devices,
}

impl Kind {
    /// All, each with its word in the form and the id of its name.
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Users, "users", "users-title"),
        (Self::Groups, "groups", "groups-title"),
        (Self::Devices, "devices", "menu-devices"),
    ];
}

/// `GET /console/groups/{id}/members`
pub(super) async fn find_newcomers(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    administrator.actor.require(Action::GroupsUpdate)?;
    let group = find(&administrator, &id).await?;
    show(&administrator, group, asked, String::new()).await
}

/// `POST /console/groups/{id}/members`
pub(super) async fn add_members(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let group = find(&administrator, &id).await?;
    let members: Vec<Member> = fields.all("member").filter_map(member).collect();
    if members.is_empty() {
        let problem = administrator.language().text("groups-choose-some");
        return show(&administrator, group, Asked::default(), problem).await;
    }
    let engine = administrator.engine();
    let added = engine.add_members(&administrator.actor, group.id, members);
    match added.await {
        Ok(()) => Ok(redirect(&format!("{}?done=1", path_of(group.id)))),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let problem = said_above(wrong);
            show(&administrator, group, Asked::default(), problem).await
        }
    }
}

/// `POST /console/groups/{id}/members/{member}/remove`
pub(super) async fn remove_member(
    administrator: Administrator,
    Path((id, member)): Path<(String, Uuid)>,
    _: Fields,
) -> Answer {
    let group = find(&administrator, &id).await?;
    let engine = administrator.engine();
    engine
        .remove_member(&administrator.actor, group.id, member)
        .await?;
    Ok(redirect(&format!("{}?done=1", path_of(group.id))))
}

async fn show(
    administrator: &Administrator,
    group: Group,
    asked: Asked,
    problem: String,
) -> Result<Response, Failure> {
    let mut found = look(administrator, &asked).await?;
    let is_more = found.len() > FOUND as usize;
    found.truncate(FOUND as usize);
    let status = form_status(problem.is_empty());
    let template = Members {
        page: administrator.page(),
        found: found
            .into_iter()
            .filter(|object| !matches!(object, Object::Group(other) if other.id == group.id))
            .map(Line::of)
            .collect(),
        group,
        asked,
        is_more,
        problem,
    };
    Ok(render(status, &template))
}

/// What is found, one more than is shown.
async fn look(administrator: &Administrator, asked: &Asked) -> Result<Vec<Object>, EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let text = Some(asked.q.trim()).filter(|text| !text.is_empty());
    let found = match asked.kind {
        Kind::Users => {
            let users = engine.search_users(actor, text, (None, FOUND + 1)).await?;
            users.into_iter().map(Object::User).collect()
        }
        Kind::Groups => {
            let groups = engine.search_groups(actor, text, (None, FOUND + 1)).await?;
            groups.into_iter().map(Object::Group).collect()
        }
        Kind::Devices => {
            let search = DeviceSearch {
                text: text.map(str::to_owned),
                ..DeviceSearch::default()
            };
            let found = engine
                .search_devices(actor, search, None, FOUND + 1)
                .await?;
            let devices = found.devices.into_iter();
            devices.map(|line| Object::Device(line.device)).collect()
        }
    };
    Ok(found)
}

/// Reads what a box of the form stands for.
fn member(value: &str) -> Option<Member> {
    let (kind, id) = value.split_once(':')?;
    let id: Uuid = id.parse().ok()?;
    match kind {
        "user" => Some(Member::User(id.into())),
        "group" => Some(Member::Group(id.into())),
        "device" => Some(Member::Device(id.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_stands_for_one_member() {
        let id = Uuid::from_u128(9);
        assert_eq!(member(&format!("user:{id}")), Some(Member::User(id.into())));
        assert_eq!(
            member(&format!("device:{id}")),
            Some(Member::Device(id.into()))
        );
        for other in [
            "",
            "user:",
            "cat:00000000-0000-0000-0000-000000000009",
            "user:x",
        ] {
            assert_eq!(member(other), None, "{other}");
        }
    }
}
