//! Directories that people and groups come from: managing, trying, reading and looking at them.

use mandate_engine::{
    Actor, DirectoryWorry, Readiness, SyncCounts, SyncForecast, SyncReport, SyncedDirectory,
};
use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::resources::found;
use crate::state::GraphState;

/// Worries of a page.
const PAGE: u32 = 200;

/// `GET directories`
pub(crate) async fn list_directories(state: &GraphState, actor: &Actor) -> Result<Value> {
    let all = state.engine().list_synced_directories(actor).await?;
    let value: Vec<Value> = all.iter().map(shown).collect();
    Ok(json!({ "value": value }))
}

/// `POST directories`
pub(crate) async fn create_directory(
    state: &GraphState,
    actor: &Actor,
    body: Map<String, Value>,
) -> Result<Value> {
    let made = state.engine().create_synced_directory(actor, body).await?;
    Ok(shown(&made))
}

/// `GET directories/{name}`
pub(crate) async fn show_directory(state: &GraphState, actor: &Actor, name: &str) -> Result<Value> {
    let directory = state.engine().find_synced_directory(actor, name).await?;
    Ok(shown(&found(directory, "directory", name)?))
}

/// `PATCH directories/{name}`
pub(crate) async fn update_directory(
    state: &GraphState,
    actor: &Actor,
    name: &str,
    body: Map<String, Value>,
) -> Result<Value> {
    let changed = state
        .engine()
        .update_synced_directory(actor, name, body)
        .await?;
    Ok(shown(&changed))
}

/// `DELETE directories/{name}`
pub(crate) async fn delete_directory(state: &GraphState, actor: &Actor, name: &str) -> Result<()> {
    Ok(state.engine().delete_synced_directory(actor, name).await?)
}

/// `POST directories/{name}/test`: each step of the way to it, with its outcome.
pub(crate) async fn test_directory(state: &GraphState, actor: &Actor, name: &str) -> Result<Value> {
    let steps = state.engine().try_synced_directory(actor, name).await?;
    Ok(json!({ "value": steps }))
}

/// `POST directories/{name}/forecast`: what a run would do.
pub(crate) async fn forecast_directory(
    state: &GraphState,
    actor: &Actor,
    name: &str,
) -> Result<Value> {
    let found = state.engine().foresee_synchronization(actor, name).await?;
    Ok(forecast(&found))
}

/// `POST directories/{name}/synchronize`: with the next round, and with `full` everything.
pub(crate) async fn synchronize_directory(
    state: &GraphState,
    actor: &Actor,
    name: &str,
    body: &Map<String, Value>,
) -> Result<Value> {
    let full = match body.get("full") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(full)) => *full,
        Some(_) => {
            let message = "`full` must be `true` or `false`";
            return Err(GraphError::invalid("full", message));
        }
    };
    let engine = state.engine();
    engine.request_synchronization(actor, name, full).await?;
    Ok(json!({ "requested": true }))
}

/// `POST directories/{name}/confirmDeletions`
pub(crate) async fn confirm_deletions(
    state: &GraphState,
    actor: &Actor,
    name: &str,
) -> Result<Value> {
    let confirmed = state.engine().confirm_deletions(actor, name).await?;
    Ok(json!({ "confirmed": confirmed }))
}

/// `POST directories/{name}/deleteGone`
pub(crate) async fn delete_gone(state: &GraphState, actor: &Actor, name: &str) -> Result<Value> {
    let engine = state.engine();
    let deleted = engine.delete_gone_of_directory(actor, name).await?;
    Ok(json!({ "deleted": deleted }))
}

/// `GET directories/{name}/readiness`
pub(crate) async fn show_readiness(state: &GraphState, actor: &Actor, name: &str) -> Result<Value> {
    let found = state.engine().directory_readiness(actor, name).await?;
    Ok(readiness(found))
}

/// What stands in the way of people.
pub(super) fn readiness(found: Readiness) -> Value {
    let Readiness {
        people,
        suffixes,
        lacking,
    } = found;
    let suffixes: Vec<Value> = suffixes
        .into_iter()
        .map(|suffix| {
            json!({
                "domain": suffix.domain,
                "isVerified": suffix.is_verified,
                "people": suffix.people,
                "examples": suffix.examples,
            })
        })
        .collect();
    let lacking: Vec<Value> = lacking
        .into_iter()
        .map(|lacking| {
            json!({
                "property": lacking.property,
                "people": lacking.people,
                "examples": lacking.examples,
            })
        })
        .collect();
    json!({ "people": people, "suffixes": suffixes, "lacking": lacking })
}

/// `GET directories/{name}/errors` and `gone`, a page by the id after which it begins.
pub(crate) async fn list_worries(
    state: &GraphState,
    actor: &Actor,
    (name, gone): (&str, bool),
    after: &str,
) -> Result<Value> {
    let worries = state
        .engine()
        .list_directory_worries(actor, name, gone, (after, PAGE))
        .await?;
    let next = worries.last().filter(|_| worries.len() == PAGE as usize);
    let next = next.map(|last| last.external_id.clone());
    let value: Vec<Value> = worries.iter().map(worry).collect();
    Ok(json!({ "value": value, "next": next }))
}

fn worry(worry: &DirectoryWorry) -> Value {
    json!({
        "externalId": worry.external_id,
        "kind": worry.kind,
        "id": worry.object,
        "name": worry.name,
        "error": worry.fault,
        "goneDateTime": worry.gone_at.map(|at| at.to_string()),
    })
}

fn shown(directory: &SyncedDirectory) -> Value {
    let mut map = directory.to_map();
    let status = json!({
        "isRunning": directory.is_running,
        "nextDateTime": directory.due_at.to_string(),
        "lastSuccessDateTime": directory.succeeded_at.map(|at| at.to_string()),
        "people": directory.counts.users,
        "groups": directory.counts.groups,
        "gone": directory.counts.gone,
        "errors": directory.counts.refused,
        "lastRun": directory.last.as_ref().map(report),
    });
    map.insert("status".to_owned(), status);
    Value::Object(map)
}

fn report(report: &SyncReport) -> Value {
    json!({
        "startedDateTime": report.started_at.to_string(),
        "endedDateTime": report.ended_at.to_string(),
        "end": report.end,
        "failure": report.failure,
        "isFull": report.is_full,
        "people": counts(&report.people),
        "groups": counts(&report.groups),
        "membersAdded": report.members_added,
        "membersRemoved": report.members_removed,
        "deleted": report.deleted,
        "heldDeletions": report.held,
        "heldExamples": report.held_examples,
        "notes": report.notes,
    })
}

fn forecast(forecast: &SyncForecast) -> Value {
    let examples: Vec<Value> = forecast
        .examples
        .iter()
        .map(|example| {
            json!({
                "outcome": example.outcome,
                "name": example.name,
                "properties": example.properties,
                "reason": example.reason,
            })
        })
        .collect();
    json!({
        "failure": forecast.failure,
        "people": counts(&forecast.people),
        "groups": forecast.groups,
        "examples": examples,
        "profiles": forecast.profiles,
        "lacking": forecast.lacking,
    })
}

fn counts(counts: &SyncCounts) -> Value {
    json!(counts)
}
