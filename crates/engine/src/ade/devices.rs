//! Devices that Apple, or somebody here, says are the organisation's, as administrators see them.

use std::collections::BTreeMap;

use mandate_model::{Platform, Timestamp};
use mandate_store::{AdeDeviceRecord, AdeFilter, Session};
use serde_json::Value;
use uuid::Uuid;

use super::{AdeSettings, profiles, tokens};
use crate::{Action, Actor, Engine, EngineError};

/// A device of automated enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that Graph has a property for"
)]
pub struct AdeDevice {
    /// Serial number.
    pub serial: String,
    /// What it runs; `None` if it is nothing that can be managed here.
    pub platform: Option<Platform>,
    /// Model, in Apple's words.
    pub model: String,
    /// Description, in Apple's words.
    pub description: String,
    /// Number that the organisation gave it at Apple.
    pub asset_tag: String,
    /// Whether it is not the organisation's any more.
    pub is_deleted: bool,
    /// The profile that it is to have.
    pub profile: Option<Uuid>,
    /// Since when.
    pub requested_at: Option<Timestamp>,
    /// Whether that profile makes it supervised.
    pub is_supervised: bool,
    /// Whether Apple has given it a profile.
    pub is_assigned: bool,
    /// Apple's word for why it has not yet; empty if nothing is wrong.
    pub problem: String,
    /// When the device last asked for its profile.
    pub contacted_at: Option<Timestamp>,
    /// Whether a device of this serial number is enrolled.
    pub is_enrolled: bool,
    /// When it became known here.
    pub added_at: Timestamp,
    /// Whether somebody here brought its serial number, and Apple knows nothing of it.
    pub is_imported: bool,
    /// When somebody asked for it to be given up, which Apple has not been told of yet.
    pub release_at: Option<Timestamp>,
}

impl From<AdeDeviceRecord> for AdeDevice {
    fn from(record: AdeDeviceRecord) -> Self {
        let facts: Value = serde_json::from_str(&record.facts).unwrap_or_default();
        let fact = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        Self {
            is_imported: record.is_imported(),
            release_at: record.release_at,
            platform: Platform::parse(&record.platform),
            model: fact("model"),
            description: fact("description"),
            asset_tag: fact("asset_tag"),
            is_deleted: record.is_deleted,
            profile: record.profile_id,
            requested_at: record.requested_at,
            is_supervised: false,
            is_assigned: record.assigned.is_some(),
            problem: record.problem,
            contacted_at: record.contacted_at,
            is_enrolled: record.is_enrolled,
            added_at: record.added_at,
            serial: record.serial,
        }
    }
}

impl Engine {
    /// Devices of a token by serial number, from the one after `after`; `part` is what the serial number is to contain.
    pub async fn list_ade_devices(
        &self,
        actor: &Actor,
        token: Uuid,
        part: &str,
        (after, limit): (Option<&str>, u32),
    ) -> Result<Vec<AdeDevice>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        tokens::found(&mut session, token).await?;
        let filter = AdeFilter {
            serial: part.trim().to_ascii_uppercase(),
        };
        let devices = session
            .list_ade_devices(token, &filter, after, limit)
            .await?;
        let mut supervised = BTreeMap::new();
        let mut shown = Vec::with_capacity(devices.len());
        for record in devices {
            shown.push(with_supervision(&mut session, record.into(), &mut supervised).await?);
        }
        Ok(shown)
    }

    /// A device of a token by its serial number.
    pub async fn find_ade_device(
        &self,
        actor: &Actor,
        token: Uuid,
        serial: &str,
    ) -> Result<Option<AdeDevice>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        tokens::found(&mut session, token).await?;
        let serial = serial.trim().to_ascii_uppercase();
        match session.find_ade_device(token, &serial).await? {
            Some(record) => {
                let known = &mut BTreeMap::new();
                let device = with_supervision(&mut session, record.into(), known).await?;
                Ok(Some(device))
            }
            None => Ok(None),
        }
    }
}

/// Says of a device whether its profile makes it supervised; each profile is looked at once.
pub(super) async fn with_supervision(
    session: &mut Session,
    mut device: AdeDevice,
    known: &mut BTreeMap<Uuid, bool>,
) -> Result<AdeDevice, EngineError> {
    let Some(profile) = device.profile else {
        return Ok(device);
    };
    let supervised = if let Some(supervised) = known.get(&profile) {
        *supervised
    } else {
        let record = session.find_ade_profile(profile).await?;
        record.is_some_and(|record| {
            let platform = profiles::platform_of(&record);
            AdeSettings::stored(platform, &record.settings).is_supervised()
        })
    };
    known.insert(profile, supervised);
    device.is_supervised = supervised;
    Ok(device)
}
