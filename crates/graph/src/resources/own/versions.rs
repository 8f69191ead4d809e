//! `/mandate/v1/profiles/{id}/versions` and `/mandate/v1/deletedProfiles`.

use mandate_engine::{Actor, DeletedProfile, Page, ProfileVersion};
use mandate_model::catalogue::SettingChange;
use mandate_model::{Profile, ProfileId, Target};
use serde_json::{Value, json};
use uuid::Uuid;

use super::options::Options;
use crate::error::{GraphError, Result};
use crate::resources::profiles::profile_json;
use crate::resources::profiles::targets::target_json;
use crate::state::GraphState;

/// `GET profiles/{id}/versions`: the newest first.
pub(crate) async fn list_versions(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    query: &str,
    address: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "before"])?;
    let limit = options.limit()?;
    let before = options.number("before")?;
    let versions = state
        .engine()
        .list_profile_versions(actor, id(key)?, before, limit)
        .await?;
    let mut answer = json!({ "value": versions.iter().map(summary).collect::<Vec<_>>() });
    if let Some(last) = versions.last().filter(|_| versions.len() == limit as usize) {
        let before = last.profile.version;
        answer["nextLink"] = json!(format!("{address}?limit={limit}&before={before}"));
    }
    Ok(answer)
}

/// `GET profiles/{id}/versions/{version}`: the whole profile as it was.
pub(crate) async fn show_version(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    version: &str,
) -> Result<Value> {
    let version = state
        .engine()
        .find_profile_version(actor, id(key)?, number(version)?)
        .await?;
    let mut answer = summary(&version);
    answer["profile"] = profile_json(&version.profile);
    answer["references"] = json!(version.profile.references);
    Ok(answer)
}

/// `GET profiles/{id}/versions/{version}/differences?from=3`: against the version before unless another is named.
pub(crate) async fn compare_versions(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    version: &str,
    query: &str,
) -> Result<Value> {
    let to = number(version)?;
    let options = Options::read(query, &["from"])?;
    let from = options.number("from")?.unwrap_or(to - 1);
    let differences = state
        .engine()
        .compare_profile_versions(actor, id(key)?, from, to)
        .await?;
    let differences: Vec<Value> = differences.iter().map(difference).collect();
    Ok(json!({ "from": from, "to": to, "value": differences }))
}

/// `POST profiles/{id}/versions/{version}/restore`
pub(crate) async fn restore_version(
    state: &GraphState,
    actor: &Actor,
    key: &str,
    version: &str,
) -> Result<Value> {
    let profile = state
        .engine()
        .restore_profile_version(actor, id(key)?, number(version)?)
        .await?;
    Ok(profile_json(&profile))
}

/// `GET deletedProfiles`
pub(crate) async fn list_deleted(
    state: &GraphState,
    actor: &Actor,
    query: &str,
    address: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "after"])?;
    let page = Page {
        after: options.get("after").map(after).transpose()?,
        limit: options.limit()?,
    };
    let deleted = state.engine().list_deleted_profiles(actor, page).await?;
    let mut answer = json!({ "value": deleted.iter().map(gone).collect::<Vec<_>>() });
    if let Some(last) = deleted
        .last()
        .filter(|_| deleted.len() == page.limit as usize)
    {
        let (limit, after) = (page.limit, last.profile.id);
        answer["nextLink"] = json!(format!("{address}?limit={limit}&after={after}"));
    }
    Ok(answer)
}

/// `POST deletedProfiles/{id}/restore`: what was deleted, with the targets that it had; it is assigned to nobody yet.
pub(crate) async fn restore_deleted(state: &GraphState, actor: &Actor, key: &str) -> Result<Value> {
    let restored = state
        .engine()
        .restore_deleted_profile(actor, id(key)?)
        .await?;
    Ok(gone(&restored))
}

fn summary(version: &ProfileVersion) -> Value {
    json!({
        "version": version.profile.version,
        "displayName": version.profile.display_name,
        "createdDateTime": version.profile.modified_at.to_string(),
        "createdBy": version.author,
        "isCurrent": version.is_current,
        "isDeletion": version.deleted_with.is_some(),
    })
}

fn difference(change: &SettingChange) -> Value {
    json!({
        "property": change.property,
        "label": change.label,
        "before": change.old,
        "after": change.new,
        "impact": change.impact,
        "impactText": change.impact.message(),
        "newIdentity": change.new_identity,
    })
}

fn gone(deleted: &DeletedProfile) -> Value {
    let Profile { id, kind, .. } = &deleted.profile;
    let assignments: Vec<Value> = deleted
        .targets
        .iter()
        .map(|target: &Target| json!({ "target": target_json(*target) }))
        .collect();
    json!({
        "id": id,
        "@odata.type": format!("#microsoft.graph.{}", kind.type_name),
        "displayName": deleted.profile.display_name,
        "version": deleted.profile.version,
        "deletedDateTime": deleted.deleted_at.to_string(),
        "deletedBy": deleted.deleted_by,
        "assignments": assignments,
    })
}

fn id(key: &str) -> Result<ProfileId> {
    Uuid::try_parse(key.trim())
        .map(ProfileId)
        .map_err(|_| GraphError::no_such("profile", key))
}

fn after(value: &str) -> Result<ProfileId> {
    id(value).map_err(|_| {
        let message = format!("`after` must be the id of a profile, but is `{value}`");
        GraphError::invalid("after", message)
    })
}

fn number(key: &str) -> Result<i64> {
    key.parse()
        .map_err(|_| GraphError::no_such("version of this profile", key))
}
