//! Migrations from other servers: opening and changing them, their keys, whose devices they bring, and how far those are.

use mandate_engine::{
    Actor, MigratedEnrolment, Migration, MigrationChange, MigrationId, MigrationProgress,
    MigrationState, NewMigration, OtherServer, Page,
};
use mandate_model::DeviceId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{number, read_text};
use crate::error::{GraphError, Result};
use crate::resources::body::boolean;
use crate::resources::found;
use crate::state::GraphState;

/// Enrolments of a page unless it is asked for another number, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;
/// Days that a key is good for unless it is asked for another number.
const KEY_DAYS: i64 = 14;

/// `GET migrations`
pub(crate) async fn list_migrations(state: &GraphState, actor: &Actor) -> Result<Value> {
    let all = state.engine().list_migrations(actor).await?;
    let value: Vec<Value> = all.iter().map(shown).collect();
    Ok(json!({ "value": value }))
}

/// `POST migrations`
pub(crate) async fn open_migration(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let required = |name: &str| Ok::<_, GraphError>(read_text(body, name)?.unwrap_or_default());
    let server = required("server")?;
    let kind = OtherServer::parse(&server).ok_or_else(|| {
        let message = format!("`server` must be `nanoMDM` or `microMDM`, but is `{server}`");
        GraphError::invalid("server", message)
    })?;
    let new = NewMigration {
        name: required("displayName")?,
        kind,
        note: required("notes")?,
        authorities: required("authorities")?,
        server_url: required("serverUrl")?,
        check_in_url: read_text(body, "checkInUrl")?,
        profile_identifier: read_text(body, "profileIdentifier")?,
        access_rights: number(body, "accessRights")?,
        user_channels: switch(body, "userChannels")?,
    };
    Ok(shown(&state.engine().open_migration(actor, new).await?))
}

/// `GET migrations/{id}`: with how many enrolments are how far.
pub(crate) async fn show_migration(state: &GraphState, actor: &Actor, key: &str) -> Result<Value> {
    let id = read_id(key)?;
    let engine = state.engine();
    let migration = found(engine.find_migration(actor, id).await?, "migration", key)?;
    let mut value = shown(&migration);
    let counts = engine.count_migrated(actor, id).await?;
    let counts: Map<String, Value> = counts
        .into_iter()
        .map(|(progress, count)| (progress.name().to_owned(), json!(count)))
        .collect();
    value["enrollments"] = Value::Object(counts);
    value["people"] = json!(engine.count_migration_people(actor, id).await?);
    Ok(value)
}

/// `PATCH migrations/{id}`
pub(crate) async fn change_migration(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    body: &Map<String, Value>,
) -> Result<Value> {
    let id = read_id(key)?;
    let given = |name: &str| match body.get(name) {
        None => Ok(None),
        Some(_) => read_text(body, name).map(Some),
    };
    let state_word = read_text(body, "state")?;
    let new_state = match state_word.as_deref() {
        None => None,
        Some(word) => Some(MigrationState::parse(word).ok_or_else(|| {
            let message = format!("`state` must be `open`, `moved` or `closed`, but is `{word}`");
            GraphError::invalid("state", message)
        })?),
    };
    let change = MigrationChange {
        name: read_text(body, "displayName")?,
        note: read_text(body, "notes")?,
        state: new_state,
        authorities: read_text(body, "authorities")?,
        server_url: read_text(body, "serverUrl")?,
        check_in_url: given("checkInUrl")?,
        profile_identifier: given("profileIdentifier")?,
        access_rights: number(body, "accessRights")?,
        user_channels: switch(body, "userChannels")?,
    };
    let changed = state.engine().change_migration(actor, id, change).await?;
    Ok(shown(&changed))
}

/// `DELETE migrations/{id}`
pub(crate) async fn delete_migration(state: &GraphState, actor: &Actor, key: &str) -> Result<()> {
    let id = read_id(key)?;
    Ok(state.engine().delete_migration(actor, id).await?)
}

/// `POST migrations/{id}/key`: the key, which is shown this once.
pub(crate) async fn make_migration_key(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    body: &Map<String, Value>,
) -> Result<Value> {
    let id = read_id(key)?;
    let days = number(body, "days")?.unwrap_or(KEY_DAYS);
    let made = state.engine().make_migration_key(actor, id, days).await?;
    Ok(json!({
        "url": format!("{}/apple/migration", state.engine().device_base_url()),
        "key": *made.key,
        "expirationDateTime": made.expires_at.to_string(),
    }))
}

/// `DELETE migrations/{id}/key`
pub(crate) async fn revoke_migration_key(
    state: &GraphState,
    actor: &Actor,
    key: &str,
) -> Result<()> {
    let id = read_id(key)?;
    Ok(state.engine().revoke_migration_key(actor, id).await?)
}

/// `POST migrations/{id}/people`: a file of serial numbers and user principal names, as text.
pub(crate) async fn set_migration_people(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    body: &Map<String, Value>,
) -> Result<Value> {
    let id = read_id(key)?;
    let file = read_text(body, "csv")?.unwrap_or_default();
    let set = state
        .engine()
        .set_migration_people(actor, id, file.as_bytes())
        .await?;
    Ok(json!({
        "rows": set.taken,
        "devices": set.devices,
        "leftOut": set.left_out,
        "unknown": set.unknown,
    }))
}

/// `POST migrations/{id}/wake`
pub(crate) async fn wake_migration(state: &GraphState, actor: &Actor, key: &str) -> Result<Value> {
    let id = read_id(key)?;
    let devices = state.engine().wake_migration(actor, id).await?;
    Ok(json!({ "devices": devices }))
}

/// `GET migrations/{id}/enrollments?state=…&limit=…&after=…`
pub(crate) async fn list_migrated(
    state: &GraphState,
    actor: &Actor,
    (key, query): (&str, &str),
    address: &str,
) -> Result<Value> {
    let id = read_id(key)?;
    let (progress, page) = read_query(query)?;
    let engine = state.engine();
    let all = engine.list_migrated(actor, id, progress, page).await?;
    let value: Vec<Value> = all.iter().map(enrolment).collect();
    let mut answer = json!({ "value": value });
    let is_full = all.len() == usize::try_from(page.limit).unwrap_or(usize::MAX);
    if let Some(last) = all.last().filter(|_| is_full) {
        let of = progress.map_or(String::new(), |one| format!("&state={}", one.name()));
        let next = format!("{address}?limit={}{of}&after={}", page.limit, last.device);
        answer["nextLink"] = json!(next);
    }
    Ok(answer)
}

fn read_id(key: &str) -> Result<MigrationId> {
    Uuid::try_parse(key).map_err(|_| GraphError::no_such("migration", key))
}

fn switch(body: &Map<String, Value>, name: &str) -> Result<Option<bool>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => boolean(name, value).map(Some),
    }
}

fn read_query(query: &str) -> Result<(Option<MigrationProgress>, Page<DeviceId>)> {
    let (mut progress, mut page) = (None, Page::first(PAGE));
    // Numbers, words and ids need no decoding.
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "state" => {
                progress = Some(MigrationProgress::parse(value).ok_or_else(|| {
                    let message =
                        format!("`state` must be a state of enrolments, but is `{value}`");
                    GraphError::invalid("state", message)
                })?);
            }
            "limit" => {
                let limit = value.parse().ok();
                let fits = limit.filter(|limit| (1..=LARGEST_PAGE).contains(limit));
                page.limit = fits.ok_or_else(|| {
                    let message = format!("`limit` must be 1 to {LARGEST_PAGE}, but is `{value}`");
                    GraphError::invalid("limit", message)
                })?;
            }
            "after" => {
                page.after = Some(value.parse().map_err(|_| {
                    let message = format!("`after` must be the id of a device, but is `{value}`");
                    GraphError::invalid("after", message)
                })?);
            }
            other => {
                let message =
                    format!("`{other}` is not an option here; `state`, `limit` and `after` are");
                return Err(GraphError::invalid(other, message));
            }
        }
    }
    Ok((progress, page))
}

/// A migration; never its key.
fn shown(migration: &Migration) -> Value {
    json!({
        "id": migration.id,
        "displayName": migration.name,
        "server": migration.kind.name(),
        "notes": migration.note,
        "state": migration.state.name(),
        "movedDateTime": migration.moved_at.map(|at| at.to_string()),
        "authorities": migration.authorities,
        "serverUrl": migration.server_url,
        "checkInUrl": migration.check_in_url,
        "profileIdentifier": migration.profile_identifier,
        "accessRights": migration.access_rights,
        "userChannels": migration.user_channels,
        "keyExpirationDateTime": migration.key_until.map(|until| until.to_string()),
        "createdDateTime": migration.created_at.to_string(),
        "lastModifiedDateTime": migration.modified_at.to_string(),
    })
}

fn enrolment(one: &MigratedEnrolment) -> Value {
    let refused = one.would_be_refused.as_ref();
    json!({
        "managedDeviceId": one.device,
        "enrollmentId": one.enrolment_id,
        "deviceName": one.facts.device_name,
        "serialNumber": one.facts.serial_number,
        "model": one.facts.model,
        "osVersion": one.facts.os_version,
        "userId": one.user,
        "state": one.progress.name(),
        "reason": one.reason,
        "wouldBeRefused": refused.map(|barrier| json!({
            "code": barrier.code(), "message": barrier.to_string(),
        })),
        "importedDateTime": one.imported_at.to_string(),
        "seenDateTime": one.seen_at.map(|at| at.to_string()),
        "renewedDateTime": one.renewed_at.map(|at| at.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_is_named() {
        for (query, target) in [
            ("limit=0", "limit"),
            ("after=x", "after"),
            ("state=gone", "state"),
            ("$top=1", "$top"),
        ] {
            let error = read_query(query).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
        let (progress, page) = read_query("state=missing&limit=7").unwrap();
        assert_eq!(progress, Some(MigrationProgress::Missing));
        assert_eq!(page.limit, 7);
    }
}
