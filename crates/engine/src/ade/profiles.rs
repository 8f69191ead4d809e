//! Profiles of automated enrolment: what devices are to do at their activation.

use mandate_model::{Platform, Timestamp};
use mandate_store::{AdeProfileRecord, AdeTokenRecord, Session};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{AdeSettings, tokens};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

const LONGEST_DESCRIPTION: usize = 1_000;
/// Serial numbers in one request.
const MOST_SERIALS: usize = 10_000;

/// A profile of automated enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeProfile {
    /// Id.
    pub id: Uuid,
    /// The token that it belongs to.
    pub token: Uuid,
    /// For which devices.
    pub platform: Platform,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// What it says.
    pub settings: AdeSettings,
    /// Whether devices get it that nobody gave another one.
    pub is_default: bool,
    /// Where devices ask for their enrolment profile.
    pub url: String,
    /// Whether Apple has it as it is now.
    pub is_defined: bool,
    /// Apple's word for why it did not take it; empty if it did.
    pub problem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// A profile to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdeProfile {
    /// For which devices.
    pub platform: Platform,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Properties in Graph's spelling; those that are not named are off.
    pub settings: Map<String, Value>,
}

/// What is to be different about a profile; `None` stays, as do properties that are not named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdeProfileChange {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Properties in Graph's spelling.
    pub settings: Map<String, Value>,
}

impl Engine {
    /// Profiles of a token by id.
    pub async fn list_ade_profiles(
        &self,
        actor: &Actor,
        token: Uuid,
        page: Page<Uuid>,
    ) -> Result<Vec<AdeProfile>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let of = tokens::found(&mut session, token).await?;
        let profiles = session
            .list_ade_profiles(token, page.after, page.limit)
            .await?;
        Ok(profiles
            .into_iter()
            .map(|record| self.ade_profile(&of, record))
            .collect())
    }

    /// A profile of a token.
    pub async fn find_ade_profile(
        &self,
        actor: &Actor,
        token: Uuid,
        id: Uuid,
    ) -> Result<Option<AdeProfile>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let of = tokens::found(&mut session, token).await?;
        let record = session.find_ade_profile(id).await?;
        Ok(record
            .filter(|record| record.token_id == token)
            .map(|record| self.ade_profile(&of, record)))
    }

    /// Makes a profile. Apple is told of it when the token is synchronised next, which is at once.
    pub async fn create_ade_profile(
        &self,
        actor: &Actor,
        token: Uuid,
        new: NewAdeProfile,
    ) -> Result<AdeProfile, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let now = self.now();
        let mut settings = AdeSettings::new(new.platform);
        settings.apply(&new.settings)?;
        let record = AdeProfileRecord {
            id: self.chance().id(now),
            token_id: token,
            platform: new.platform.name().to_owned(),
            name: tokens::text("displayName", &new.name)?,
            description: description(&new.description)?,
            settings: Value::Object(settings.values().clone()).to_string(),
            version: 1,
            defined_version: 0,
            apple_id: None,
            problem: String::new(),
            created_at: now,
            modified_at: now,
        };
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let most = self.options().ade.limits.profiles;
        if session.count_ade_profiles(token).await? >= most {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "the token has {most} profiles already, which is as many as it may have"
                ),
            });
        }
        session.insert_ade_profile(&record).await?;
        self.wake_token(&mut session, &of).await?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(self.ade_profile(&of, record))
    }

    /// Changes a profile. Devices that are enrolled keep what they were given at their activation.
    pub async fn update_ade_profile(
        &self,
        actor: &Actor,
        (token, id): (Uuid, Uuid),
        change: AdeProfileChange,
    ) -> Result<AdeProfile, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let before = profile_of(&mut session, token, id).await?;
        let mut settings = AdeSettings::stored(platform_of(&before), &before.settings);
        settings.apply(&change.settings)?;
        let mut record = AdeProfileRecord {
            settings: Value::Object(settings.values().clone()).to_string(),
            modified_at: self.now(),
            ..before.clone()
        };
        if let Some(name) = &change.name {
            record.name = tokens::text("displayName", name)?;
        }
        if let Some(text) = &change.description {
            record.description = description(text)?;
        }
        let said = (properties(&before), properties(&record));
        if said.0 == said.1 {
            return Ok(self.ade_profile(&of, before));
        }
        if !session.update_ade_profile(&record).await? {
            return Err(EngineError::Overtaken {
                what: "the profile",
            });
        }
        self.wake_token(&mut session, &of).await?;
        let change = Change::update(KIND, id, &record.name, &said.0, &said.1);
        self.audit(&mut session, actor, change).await?;
        record.version += 1;
        session.commit().await?;
        Ok(self.ade_profile(&of, record))
    }

    /// Removes a profile that is neither the default one nor any device's.
    pub async fn delete_ade_profile(
        &self,
        actor: &Actor,
        token: Uuid,
        id: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let record = profile_of(&mut session, token, id).await?;
        let devices = session.count_ade_devices_with(id).await?;
        let mut by = Vec::new();
        if devices > 0 {
            by.push(format!("{devices} devices"));
        }
        if [of.default_ios, of.default_macos].contains(&Some(id)) {
            by.push(format!("the token `{}` as its default", of.name));
        }
        if !by.is_empty() {
            return Err(EngineError::InUse {
                what: "the enrolment profile",
                name: record.name,
                by,
            });
        }
        session.delete_ade_profile(id).await?;
        let change = Change::delete(KIND, id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Makes a profile the one of all devices of its platform that nobody gave another one, now and later.
    pub async fn set_default_ade_profile(
        &self,
        actor: &Actor,
        token: Uuid,
        id: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = tokens::found(&mut session, token).await?;
        let profile = profile_of(&mut session, token, id).await?;
        let mut record = before.clone();
        match platform_of(&profile) {
            Platform::Ios => record.default_ios = Some(id),
            Platform::MacOs => record.default_macos = Some(id),
        }
        self.change_token(&mut session, actor, (&before, record), "setDefaultProfile")
            .await?;
        session
            .request_ade_default(token, &profile.platform, id, self.now())
            .await?;
        self.wake_token(&mut session, &before).await?;
        Ok(session.commit().await?)
    }

    /// Gives devices a profile, by their serial numbers; without a profile it is taken from them, and they get no other one by
    /// default. All of them, or none.
    pub async fn assign_ade_profile(
        &self,
        actor: &Actor,
        (token, profile): (Uuid, Option<Uuid>),
        serials: &[String],
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        if serials.is_empty() || serials.len() > MOST_SERIALS {
            return Err(EngineError::invalid(
                "deviceIds",
                "must be 1 to 10,000 serial numbers",
                None,
            ));
        }
        let now = self.now();
        let mut session = self.store().write().await?;
        let of = tokens::found(&mut session, token).await?;
        let profile = match profile {
            Some(id) => Some(profile_of(&mut session, token, id).await?),
            None => None,
        };
        for text in serials {
            let unknown = || {
                let rule = "must be serial numbers of devices that Apple says belong to this token";
                EngineError::invalid("deviceIds", rule, Some(text))
            };
            let serial = super::sync::serial_of(text).ok_or_else(unknown)?;
            let device = session
                .find_ade_device(token, &serial)
                .await?
                .filter(|device| !device.is_deleted)
                .ok_or_else(unknown)?;
            if let Some(profile) = &profile
                && profile.platform != device.platform
            {
                let rule = format!(
                    "must be devices of the profile's platform (`{}`)",
                    profile.platform
                );
                return Err(EngineError::invalid("deviceIds", &rule, Some(text)));
            }
            let id = profile.as_ref().map(|profile| profile.id);
            session.request_ade_profile(token, &serial, id, now).await?;
        }
        self.wake_token(&mut session, &of).await?;
        let (id, name) = profile
            .as_ref()
            .map_or((token, of.name.as_str()), |profile| {
                (profile.id, &profile.name)
            });
        let activity = if profile.is_some() {
            "updateDeviceProfileAssignment"
        } else {
            "removeDeviceProfileAssignment"
        };
        let after = json!({ "deviceIds": serials.iter().take(100).collect::<Vec<_>>(), "deviceCount": serials.len() });
        let change = Change::action(activity, KIND, id, name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Has Apple told soon, if there is a token to tell it with.
    pub(super) async fn wake_token(
        &self,
        session: &mut Session,
        token: &AdeTokenRecord,
    ) -> Result<(), EngineError> {
        if token.expires_at.is_some() {
            let now = self.now();
            session.trigger_ade_token(token.id, now, now).await?;
        }
        Ok(())
    }

    fn ade_profile(&self, token: &AdeTokenRecord, record: AdeProfileRecord) -> AdeProfile {
        let platform = platform_of(&record);
        AdeProfile {
            id: record.id,
            token: record.token_id,
            platform,
            settings: AdeSettings::stored(platform, &record.settings),
            is_default: tokens::default_of(token, platform) == Some(record.id),
            url: format!("{}/apple/ade/{}", self.device_base_url(), record.id),
            is_defined: record.defined_version == record.version,
            name: record.name,
            description: record.description,
            problem: record.problem,
            created_at: record.created_at,
            modified_at: record.modified_at,
        }
    }
}

/// For which devices a profile is.
pub(super) fn platform_of(record: &AdeProfileRecord) -> Platform {
    Platform::parse(&record.platform).unwrap_or(Platform::Ios)
}

pub(super) async fn profile_of(
    session: &mut Session,
    token: Uuid,
    id: Uuid,
) -> Result<AdeProfileRecord, EngineError> {
    session
        .find_ade_profile(id)
        .await?
        .filter(|profile| profile.token_id == token)
        .ok_or_else(|| EngineError::not_found("enrolment profile", id))
}

fn description(text: &str) -> Result<String, EngineError> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(EngineError::invalid(
            "description",
            "must not be longer than 1,000 characters",
            None,
        ));
    }
    Ok(text.to_owned())
}

/// What the audit calls a profile.
const KIND: &str = "enrollmentProfile";

fn properties(record: &AdeProfileRecord) -> Value {
    let mut said: Map<String, Value> = serde_json::from_str(&record.settings).unwrap_or_default();
    said.insert("displayName".to_owned(), json!(record.name));
    said.insert("description".to_owned(), json!(record.description));
    Value::Object(said)
}
