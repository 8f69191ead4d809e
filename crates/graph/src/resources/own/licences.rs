//! Licences: their number, what becomes of devices without one, and what a change would do.

use std::collections::BTreeSet;

use mandate_engine::{
    Actor, LicenceChange, LicenceHolder, LicenceLoss, LicencePlan, LicenceSource, LicenceSummary,
    Licensed, LicensedPerson, Page,
};
use mandate_model::{GroupId, UserId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::authority::only;
use super::options::Options;
use super::{number, read_text};
use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, ids};
use crate::state::GraphState;

/// People and groups that one request may name.
const MOST_NAMED: usize = 1000;

/// `GET licences`
pub(crate) async fn show_licences(state: &GraphState, actor: &Actor) -> Result<Value> {
    let summary = state.engine().licence_summary(actor).await?;
    let groups = state.engine().list_licensed_groups(actor).await?;
    let mut shown = summarised(&summary);
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| json!({ "id": group.id, "displayName": group.display_name }))
        .collect();
    shown["groups"] = json!(groups);
    Ok(shown)
}

/// `PATCH licences`
pub(crate) async fn update_licences(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let change = read_change(body)?;
    state.engine().change_licences(actor, &change).await?;
    let summary = state.engine().licence_summary(actor).await?;
    Ok(summarised(&summary))
}

/// `POST licences/preview`: what the same change would do.
pub(crate) async fn preview_licences(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let change = read_change(body)?;
    let plan = state.engine().plan_licences(actor, &change).await?;
    Ok(planned(&plan))
}

/// `GET licences/people`: those who are given a licence, by id; `after` is the id of the last one of the page before.
pub(crate) async fn list_licensed_people(
    state: &GraphState,
    actor: &Actor,
    query: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "after"])?;
    let after = match options.get("after") {
        None => None,
        Some(text) => {
            let id = Uuid::try_parse(text).map_err(|_| {
                GraphError::invalid(
                    "after",
                    format!("`after` must be the id of a person, but is `{text}`"),
                )
            })?;
            Some(UserId(id))
        }
    };
    let page = Page {
        after,
        limit: options.limit()?,
    };
    let people = state.engine().list_licensed(actor, page).await?;
    let value: Vec<Value> = people.iter().map(person).collect();
    Ok(json!({ "value": value }))
}

fn read_change(body: &Map<String, Value>) -> Result<LicenceChange> {
    only(
        body,
        &[
            "units",
            "onLoss",
            "everybody",
            "addUsers",
            "removeUsers",
            "addGroups",
            "removeGroups",
        ],
    )?;
    let mut change = LicenceChange::default();
    if body.contains_key("units") {
        change.units = Some(number(body, "units")?);
    }
    if let Some(word) = read_text(body, "onLoss")? {
        change.on_loss = Some(LicenceLoss::parse(&word).ok_or_else(|| {
            let message = format!("`onLoss` must be `keep` or `remove`, but is `{word}`");
            GraphError::invalid("onLoss", message)
        })?);
    }
    if let Some(value) = body.get("everybody") {
        let list = if boolean("everybody", value)? {
            &mut change.add
        } else {
            &mut change.remove
        };
        list.insert(LicenceHolder::Everybody);
    }
    let user = |id| LicenceHolder::User(UserId(id));
    let group = |id| LicenceHolder::Group(GroupId(id));
    change.add.extend(named(body, "addUsers", user)?);
    change.add.extend(named(body, "addGroups", group)?);
    change.remove.extend(named(body, "removeUsers", user)?);
    change.remove.extend(named(body, "removeGroups", group)?);
    Ok(change)
}

fn named(
    body: &Map<String, Value>,
    name: &str,
    holder: impl Fn(Uuid) -> LicenceHolder,
) -> Result<BTreeSet<LicenceHolder>> {
    if !body.contains_key(name) {
        return Ok(BTreeSet::new());
    }
    let read = |text: String| {
        let id = Uuid::try_parse(&text).map_err(|_| {
            GraphError::invalid(
                name,
                format!("`{name}` must be a list of ids, but has `{text}`"),
            )
        })?;
        Ok(holder(id))
    };
    ids(name, body, MOST_NAMED)?.into_iter().map(read).collect()
}

fn summarised(summary: &LicenceSummary) -> Value {
    json!({
        "units": summary.units,
        "consumedUnits": summary.consumed,
        "waiting": summary.waiting,
        "people": summary.people,
        "everybody": summary.everybody,
        "byName": summary.by_name,
        "onLoss": summary.on_loss.name(),
    })
}

fn planned(plan: &LicencePlan) -> Value {
    let people: Vec<Value> = plan
        .people
        .iter()
        .map(|one| {
            json!({
                "userId": one.user.id,
                "userPrincipalName": one.user.user_principal_name,
                "displayName": one.user.display_name,
                "devices": one.devices,
                "profilesRemoved": one.profiles,
            })
        })
        .collect();
    json!({
        "gaining": plan.gaining,
        "losing": plan.losing,
        "losingProfiles": plan.stripped,
        "devices": plan.devices,
        "profilesRemoved": plan.profiles,
        "onLoss": plan.on_loss.name(),
        "people": people,
    })
}

fn person(one: &LicensedPerson) -> Value {
    let sources: Vec<Value> = one.licence.sources.iter().map(source).collect();
    json!({
        "userId": one.user.id,
        "userPrincipalName": one.user.user_principal_name,
        "displayName": one.user.display_name,
        "isLicensed": one.licence.state == Licensed::Yes,
        "sources": sources,
    })
}

fn source(source: &LicenceSource) -> Value {
    let (kind, id) = match source.holder {
        LicenceHolder::Everybody => ("everybody", None),
        LicenceHolder::Group(id) => ("group", Some(id.0)),
        LicenceHolder::User(id) => ("user", Some(id.0)),
    };
    json!({
        "kind": kind,
        "id": id,
        "displayName": source.group,
        "sinceDateTime": source.since.to_string(),
    })
}
