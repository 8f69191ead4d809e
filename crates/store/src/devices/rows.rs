//! Rows of devices, as the databases give them.

use mandate_model::{
    Device, DeviceFacts, DeviceId, EnrolmentType, OsVersion, Ownership, Timestamp, UserId,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::{ChannelRecord, DeviceRecord, Seen, SeenChannel, SeenDevice, TargetDevice};
use crate::StoreError;

#[derive(FromRow)]
pub(super) struct DeviceRow {
    id: Uuid,
    platform: String,
    enrolment_type: String,
    enrolment_id: String,
    state: String,
    user_id: Option<Uuid>,
    manager_id: Option<Uuid>,
    ownership: String,
    facts: String,
    enrolled_at: i64,
    last_seen_at: i64,
    reconciled_in: i64,
    stale_at: i64,
    inventory_at: Option<i64>,
    attention_at: Option<i64>,
    wake_at: Option<i64>,
    wake_attempts: i64,
    topic: String,
    push_token: Option<Vec<u8>>,
    push_magic: Option<String>,
    push_state: String,
    push_token_at: i64,
    unlock_token: Option<Vec<u8>>,
    identity: Vec<u8>,
    identity_until: i64,
    identity_renew_at: i64,
    identity_changed: i64,
    identity_ticket: Uuid,
    parent_id: Option<Uuid>,
    channel_user: Option<String>,
    channel_short_name: Option<String>,
    channel_long_name: Option<String>,
}

/// Reads an enum of the model from its own spelling.
fn word<T: DeserializeOwned>(column: &'static str, id: Uuid, text: &str) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| {
        StoreError::Inconsistent {
            table: "device",
            column,
            id: id.to_string(),
            problem: error.to_string(),
        }
    })
}

/// Writes an enum of the model in its own spelling.
pub(crate) fn spelt<T: serde::Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        other => unreachable!("an enum of the model is written as a text, not as {other:?}"),
    }
}

impl TryFrom<DeviceRow> for DeviceRecord {
    type Error = StoreError;

    fn try_from(row: DeviceRow) -> Result<Self, StoreError> {
        let facts: DeviceFacts =
            serde_json::from_str(&row.facts).map_err(|error| StoreError::Inconsistent {
                table: "device",
                column: "facts",
                id: row.id.to_string(),
                problem: error.to_string(),
            })?;
        Ok(Self {
            device: Device {
                id: DeviceId(row.id),
                platform: word("platform", row.id, &row.platform)?,
                enrolment_type: word::<EnrolmentType>(
                    "enrolment_type",
                    row.id,
                    &row.enrolment_type,
                )?,
                enrolment_id: row.enrolment_id,
                state: word("state", row.id, &row.state)?,
                user_id: row.user_id.map(UserId),
                manager_id: row.manager_id.map(UserId),
                ownership: word::<Ownership>("ownership", row.id, &row.ownership)?,
                facts,
                enrolled_at: Timestamp(row.enrolled_at),
                last_seen_at: Timestamp(row.last_seen_at),
            },
            reconciled_in: row.reconciled_in,
            stale_at: Timestamp(row.stale_at),
            inventory_at: row.inventory_at.map(Timestamp),
            attention_at: row.attention_at.map(Timestamp),
            wake_at: row.wake_at.map(Timestamp),
            wake_attempts: row.wake_attempts,
            topic: row.topic,
            push_token: row.push_token,
            push_magic: row.push_magic,
            push_state: row.push_state,
            push_token_at: Timestamp(row.push_token_at),
            unlock_token: row.unlock_token,
            identity: row.identity,
            identity_until: Timestamp(row.identity_until),
            identity_renew_at: Timestamp(row.identity_renew_at),
            identity_changed: row.identity_changed != 0,
            identity_ticket: row.identity_ticket,
            channel: row.parent_id.map(|parent| ChannelRecord {
                parent: DeviceId(parent),
                user: row.channel_user.unwrap_or_default(),
                short_name: row.channel_short_name,
                long_name: row.channel_long_name,
            }),
        })
    }
}

#[derive(FromRow)]
pub(super) struct SeenRow {
    intent: i64,
    ticket_id: Option<Uuid>,
    not_after: i64,
    revoked_at: Option<i64>,
    device_id: Option<Uuid>,
    enrolment_id: Option<String>,
    state: Option<String>,
    reconciled_in: Option<i64>,
    attention_at: Option<i64>,
    wake_at: Option<i64>,
    #[sqlx(default)]
    channel_id: Option<Uuid>,
    #[sqlx(default)]
    channel_state: Option<String>,
    #[sqlx(default)]
    channel_reconciled_in: Option<i64>,
    #[sqlx(default)]
    channel_attention_at: Option<i64>,
}

impl TryFrom<SeenRow> for Seen {
    type Error = StoreError;

    fn try_from(row: SeenRow) -> Result<Self, StoreError> {
        let device = match (row.device_id, row.enrolment_id, row.state) {
            (Some(id), Some(enrolment_id), Some(state)) => Some(SeenDevice {
                id: DeviceId(id),
                enrolment_id,
                state: word("state", id, &state)?,
                reconciled_in: row.reconciled_in.unwrap_or_default(),
                attention_at: row.attention_at.map(Timestamp),
                wake_at: row.wake_at.map(Timestamp),
            }),
            _ => None,
        };
        let channel = match (row.channel_id, row.channel_state) {
            (Some(id), Some(state)) => Some(SeenChannel {
                id: DeviceId(id),
                state: word("state", id, &state)?,
                reconciled_in: row.channel_reconciled_in.unwrap_or_default(),
                attention_at: row.channel_attention_at.map(Timestamp),
            }),
            _ => None,
        };
        Ok(Self {
            channel,
            intent: row.intent,
            ticket_id: row.ticket_id,
            not_after: Timestamp(row.not_after),
            revoked_at: row.revoked_at.map(Timestamp),
            device,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct TargetRow {
    id: Uuid,
    user_id: Option<Uuid>,
    manager_id: Option<Uuid>,
    platform: String,
    state: String,
    os_version: Option<String>,
    reconciled_in: i64,
    stale_at: i64,
    inventory_at: Option<i64>,
    last_seen_at: i64,
}

impl TryFrom<TargetRow> for TargetDevice {
    type Error = StoreError;

    fn try_from(row: TargetRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeviceId(row.id),
            user_id: row.user_id.map(UserId),
            manager_id: row.manager_id.map(UserId),
            platform: word("platform", row.id, &row.platform)?,
            state: word("state", row.id, &row.state)?,
            os_version: row.os_version.as_deref().and_then(OsVersion::parse),
            reconciled_in: row.reconciled_in,
            stale_at: Timestamp(row.stale_at),
            inventory_at: row.inventory_at.map(Timestamp),
            last_seen_at: Timestamp(row.last_seen_at),
        })
    }
}
