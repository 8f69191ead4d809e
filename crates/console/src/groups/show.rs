//! The page of one group.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use mandate_engine::{Action, EngineError, Object, Page as Lines, RuleState};
use mandate_model::Group;
use mandate_web::{Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::path_of;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, cut, link};

#[derive(Template)]
#[template(path = "groups/show.html")]
struct Show {
    page: Page,
    group: Group,
    members: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    is_done: bool,
    can_change: bool,
    /// How it stands with the rule, for a group that has one.
    rule: Option<RuleLine>,
}

/// The rule of a group and how it stands.
struct RuleLine {
    text: String,
    is_paused: bool,
    state: RuleState,
}

/// A member in the list.
pub(super) struct Line {
    pub(super) id: Uuid,
    /// What forms name it by: kind and id.
    pub(super) value: String,
    pub(super) name: String,
    /// Id of the word for what it is.
    pub(super) kind: &'static str,
    pub(super) path: String,
    /// What tells it from others of the same name.
    pub(super) detail: String,
}

impl Line {
    pub(super) fn of(object: Object) -> Self {
        match object {
            Object::User(user) => Self {
                id: user.id.0,
                value: format!("user:{}", user.id),
                name: user.display_name,
                kind: "groups-kind-user",
                path: format!("/console/users/{}", user.id),
                detail: user.user_principal_name,
            },
            Object::Group(group) => Self {
                id: group.id.0,
                value: format!("group:{}", group.id),
                name: group.display_name,
                kind: "groups-kind-group",
                path: path_of(group.id),
                detail: group.description.unwrap_or_default(),
            },
            Object::Device(device) => Self {
                id: device.id.0,
                value: format!("device:{}", device.id),
                name: device.display_name(),
                kind: "groups-kind-device",
                path: format!("/console/devices/{}", device.id),
                detail: device.facts.serial_number.unwrap_or_default(),
            },
        }
    }
}

/// Which part of the members, and whether something was just done.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    after: Option<Uuid>,
    done: Option<String>,
}

/// `GET /console/groups/{id}`
pub(super) async fn show_group(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let group = find(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let lines = Lines {
        after: asked.after,
        limit: LINES + 1,
    };
    let mut ids = engine.list_members(actor, group.id, false, lines).await?;
    let is_more = cut(&mut ids);
    let path = path_of(group.id);
    let last = ids.last().filter(|_| is_more);
    let next = last.map(|last| link(&path, &[("after", &last.id().to_string())]));
    let mut members = Vec::with_capacity(ids.len());
    for member in ids {
        // What one may not look at closer is no line.
        match engine.find_object(actor, member.id()).await {
            Ok(Some(object)) => members.push(Line::of(object)),
            Ok(None) | Err(EngineError::NotAllowed { .. }) => {}
            Err(error) => return Err(Failure(error)),
        }
    }
    let rule = match &group.rule {
        Some(rule) => Some(RuleLine {
            text: rule.text.clone(),
            is_paused: rule.is_paused,
            state: engine.membership_rule_state(actor, group.id).await?,
        }),
        None => None,
    };
    let template = Show {
        rule,
        first: asked.after.map(|_| path),
        is_done: asked.done.is_some(),
        can_change: actor.may(Action::GroupsUpdate),
        page: administrator.page(),
        group,
        members,
        next,
    };
    Ok(render(StatusCode::OK, &template))
}

/// A group by id.
pub(super) async fn find(administrator: &Administrator, id: &str) -> Result<Group, Failure> {
    let found = match id.parse() {
        Ok(id) => {
            let engine = administrator.engine();
            engine.find_group(&administrator.actor, id).await?
        }
        Err(_) => None,
    };
    found.ok_or_else(|| Failure::not_found("group", id))
}
