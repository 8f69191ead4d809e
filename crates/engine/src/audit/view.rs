//! Entries as people and programs read them.

use mandate_model::Timestamp;
use mandate_store::AuditEntry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::words::words;
use crate::EngineError;
use crate::instance::hex;

/// An entry of the audit. As JSON it is one line of an export and one item of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Its place, from 1, without gaps.
    pub number: i64,
    /// Its id.
    pub id: Uuid,
    /// When, RFC 3339 in JSON.
    #[serde(rename = "activityDateTime", serialize_with = "as_text")]
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// Network address of the caller.
    pub ip_address: Option<String>,
    /// Id of the request; answers carry it as `request-id`.
    pub request_id: Option<String>,
    /// What was done, such as `create` or `assign`.
    pub activity: String,
    /// `create`, `update`, `delete` or `action`.
    pub operation: String,
    /// Intune's word for the area.
    pub category: &'static str,
    /// What it was done with.
    pub resource: AuditResource,
    /// What is different.
    pub changes: Vec<PropertyChange>,
    /// The MAC over all of it and over the entry before, in lower-case hexadecimal.
    pub mac: String,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// `system`, `app` or `person`.
    pub kind: String,
    /// The client or the person.
    pub id: Option<Uuid>,
    /// Who, for people.
    pub name: String,
    /// The client that a person used, or that acted for itself.
    pub app_id: Option<Uuid>,
    /// Its name.
    pub app_name: Option<String>,
}

/// What something was done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditResource {
    /// Kind, such as `profile`.
    pub kind: String,
    /// The same in Intune's words, such as `DeviceConfiguration`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// One property that is different.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropertyChange {
    /// Its name.
    pub name: String,
    /// What it was; null where it was not there.
    pub before: Value,
    /// What it is; null where it is gone.
    pub after: Value,
}

impl AuditEvent {
    pub(super) fn of(entry: AuditEntry) -> Result<Self, EngineError> {
        let AuditEntry {
            number,
            record,
            mac,
        } = entry;
        let changes = serde_json::from_str(&record.changes).map_err(|error| {
            EngineError::Internal(format!("table `audit_event`, entry {number}: {error}"))
        })?;
        let known = words(&record.resource_kind);
        Ok(Self {
            number,
            id: record.id,
            at: record.at,
            actor: AuditActor {
                kind: record.actor_kind,
                id: record.actor_id,
                name: record.actor,
                app_id: record.app_id,
                app_name: record.app_name,
            },
            ip_address: record.address,
            request_id: record.request,
            activity: record.activity,
            operation: record.operation,
            category: known.map_or("Other", |known| known.category),
            resource: AuditResource {
                type_name: known.map_or_else(
                    || record.resource_kind.clone(),
                    |known| known.resource.to_owned(),
                ),
                kind: record.resource_kind,
                id: record.resource_id,
                name: record.resource_name,
            },
            changes,
            mac: hex(&mac),
        })
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn as_text<S: serde::Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}
