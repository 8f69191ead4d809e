//! Devices that somebody says are the organisation's, where Apple does not: those that Apple Configurator is to enrol with
//! the address of a profile.

use std::collections::BTreeMap;

use mandate_model::{Platform, Timestamp};
use mandate_store::{AdeDeviceRecord, AdeProfileRecord, AdeSource, AdeTokenRecord, Session};
use serde_json::json;
use uuid::Uuid;

use super::devices::with_supervision;
use super::{AdeDevice, profiles, tokens};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Devices in one request.
const MOST_AT_ONCE: usize = 10_000;
const LONGEST_DESCRIPTION: usize = 256;

/// A device to be imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAdeDevice {
    /// Serial number, in whichever case.
    pub serial: String,
    /// What it runs; may be left out where the profile says it.
    pub platform: Option<Platform>,
    /// The profile that it is to have; `None` for the default one.
    pub profile: Option<Uuid>,
    /// What is noted of it.
    pub description: String,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdeImportOutcome {
    /// It is on the list, as it was said.
    Taken(AdeDevice),
    /// It was there already, and stays as it was.
    Known(AdeDevice),
    /// It was not taken; why.
    Wrong(String),
}

impl Engine {
    /// Puts devices on the list of a token, each by itself: what is wrong with one hinders no other. What Apple says of a
    /// device stays; with `overwrite` one that is there already gets the profile that is said now, and an imported one its
    /// description. Outcomes come in the order of the devices.
    pub async fn import_ade_devices(
        &self,
        actor: &Actor,
        (token, overwrite): (Uuid, bool),
        devices: &[NewAdeDevice],
    ) -> Result<Vec<AdeImportOutcome>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        if devices.is_empty() || devices.len() > MOST_AT_ONCE {
            return Err(EngineError::invalid(
                "importedAppleDeviceIdentities",
                "must be 1 to 10,000 devices",
                None,
            ));
        }
        let now = self.now();
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let room =
            self.options().ade.limits.devices - session.count_known_ade_devices(token).await?;
        let mut import = Import {
            of: &of,
            overwrite,
            now,
            room,
            profiles: BTreeMap::new(),
            supervised: BTreeMap::new(),
        };
        let mut outcomes = Vec::with_capacity(devices.len());
        for new in devices {
            outcomes.push(import.take(&mut session, new).await?);
        }
        let is_taken = |one: &&AdeImportOutcome| matches!(one, AdeImportOutcome::Taken(_));
        let accepted = outcomes.iter().filter(is_taken).count();
        if accepted > 0 {
            self.wake_token(&mut session, &of).await?;
            let said =
                json!({ "deviceCount": accepted, "overwriteImportedDeviceIdentities": overwrite });
            let change =
                Change::action("importAppleDeviceIdentityList", KIND, token, &of.name, said);
            self.audit(&mut session, actor, change).await?;
        }
        session.commit().await?;
        Ok(outcomes)
    }

    /// Takes an imported device off the list of a token. One that Apple says is the organisation's stays.
    pub async fn delete_imported_ade_device(
        &self,
        actor: &Actor,
        token: Uuid,
        serial: &str,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let unknown = || EngineError::not_found("device of automated enrolment", serial);
        let known = super::sync::serial_of(serial).ok_or_else(unknown)?;
        if !session.delete_imported_ade_device(token, &known).await? {
            return Err(match session.find_ade_device(token, &known).await? {
                Some(_) => EngineError::NotPossible {
                    reason: "Apple says that this device is the organisation's: it can be released, not removed"
                        .to_owned(),
                },
                None => unknown(),
            });
        }
        let change = Change::action(
            "deleteImportedAppleDeviceIdentity",
            KIND,
            token,
            &of.name,
            json!({ "serialNumber": known }),
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// What an import knows while it goes on.
struct Import<'a> {
    of: &'a AdeTokenRecord,
    overwrite: bool,
    now: Timestamp,
    /// How many devices more the token may have.
    room: i64,
    profiles: BTreeMap<Uuid, Option<AdeProfileRecord>>,
    supervised: BTreeMap<Uuid, bool>,
}

impl Import<'_> {
    async fn take(
        &mut self,
        session: &mut Session,
        new: &NewAdeDevice,
    ) -> Result<AdeImportOutcome, EngineError> {
        let wrong = |rule: &str| Ok(AdeImportOutcome::Wrong(rule.to_owned()));
        let Some(serial) = super::sync::serial_of(&new.serial) else {
            return wrong("`serialNumber` must be 1 to 64 letters, digits and hyphens");
        };
        if new.description.chars().count() > LONGEST_DESCRIPTION
            || new.description.chars().any(char::is_control)
        {
            return wrong("`description` must be one line of up to 256 characters");
        }
        let profile = match new.profile {
            Some(id) => match self.profile(session, id).await? {
                Some(profile) => Some(profile),
                None => {
                    return wrong("`requestedEnrollmentProfileId` must be a profile of this token");
                }
            },
            None => None,
        };
        let of_profile = profile.as_ref().map(profiles::platform_of);
        let known = session.find_ade_device(self.of.id, &serial).await?;
        let known = known.filter(|known| !known.is_deleted);
        let of_known = known
            .as_ref()
            .and_then(|known| Platform::parse(&known.platform));
        let Some(platform) = of_known.or(new.platform).or(of_profile) else {
            return wrong("`platform` must be `ios` or `macOS` where no profile says it");
        };
        if of_profile.is_some_and(|of_profile| of_profile != platform) {
            return wrong(
                "`requestedEnrollmentProfileId` must be a profile of the device's platform",
            );
        }
        if let Some(known) = &known {
            if !self.overwrite {
                let shown = self.shown(session, known.clone()).await?;
                return Ok(AdeImportOutcome::Known(shown));
            }
        } else if self.room <= 0 {
            return wrong("the token has as many devices already as it may have");
        } else {
            self.room -= 1;
        }
        if known.as_ref().is_none_or(AdeDeviceRecord::is_imported) {
            session
                .put_ade_device(&self.record(&serial, platform, new))
                .await?;
        }
        let wanted = profile.map(|profile| profile.id).or(match platform {
            Platform::Ios => self.of.default_ios,
            Platform::MacOs => self.of.default_macos,
        });
        if let Some(wanted) = wanted {
            session
                .request_ade_profile(self.of.id, &serial, Some(wanted), self.now)
                .await?;
        }
        match session.find_ade_device(self.of.id, &serial).await? {
            Some(record) => Ok(AdeImportOutcome::Taken(self.shown(session, record).await?)),
            None => Err(EngineError::Internal(format!(
                "the device {serial} vanished while it was imported"
            ))),
        }
    }

    fn record(&self, serial: &str, platform: Platform, new: &NewAdeDevice) -> AdeDeviceRecord {
        AdeDeviceRecord {
            token_id: self.of.id,
            serial: serial.to_owned(),
            source: AdeSource::Import,
            platform: platform.name().to_owned(),
            facts: json!({ "description": new.description }).to_string(),
            is_deleted: false,
            fetch: self.of.fetch,
            profile_id: None,
            requested_at: None,
            assigned: None,
            problem: String::new(),
            retry_at: None,
            release_at: None,
            contacted_at: None,
            added_at: self.now,
            is_enrolled: false,
        }
    }

    async fn profile(
        &mut self,
        session: &mut Session,
        id: Uuid,
    ) -> Result<Option<AdeProfileRecord>, EngineError> {
        if let Some(known) = self.profiles.get(&id) {
            return Ok(known.clone());
        }
        let found = session.find_ade_profile(id).await?;
        let found = found.filter(|profile| profile.token_id == self.of.id);
        self.profiles.insert(id, found.clone());
        Ok(found)
    }

    async fn shown(
        &mut self,
        session: &mut Session,
        record: AdeDeviceRecord,
    ) -> Result<AdeDevice, EngineError> {
        with_supervision(session, record.into(), &mut self.supervised).await
    }
}

/// What the audit calls the token whose list it is.
const KIND: &str = "depOnboardingSetting";
