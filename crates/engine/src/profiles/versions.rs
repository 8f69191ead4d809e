//! The history of a profile: what each version said, how two differ, and bringing one back.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::catalogue::{Impact, SettingChange};
use mandate_model::{Profile, ProfileId, Settings, Target, Timestamp};
use mandate_store::{ProfileVersionRecord, Session, WakeScope};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{impact, noted};
use crate::access::tagging::known_of;
use crate::{Action, Actor, Engine, EngineError, Page};

/// What a profile was in one version.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileVersion {
    /// The profile as it was; `version` and `modified_at` are those of the version.
    pub profile: Profile,
    /// Who made the version.
    pub author: String,
    /// Whether it is what the profile says now.
    pub is_current: bool,
    /// Present if this version is the deletion: whom the profile was for at that time.
    pub deleted_with: Option<Vec<Target>>,
}

/// A profile that was deleted and can come back.
#[derive(Debug, Clone, PartialEq)]
pub struct DeletedProfile {
    /// What it said in the end.
    pub profile: Profile,
    /// Who deleted it.
    pub deleted_by: String,
    /// When.
    pub deleted_at: Timestamp,
    /// Whom it was for.
    pub targets: Vec<Target>,
}

/// What is kept of a version.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    display_name: String,
    description: Option<String>,
    scope_tags: Vec<String>,
    settings: Settings,
    references: BTreeMap<String, ProfileId>,
    /// Of a deletion: whom the profile was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_with: Option<Vec<Target>>,
}

impl Engine {
    /// Versions of a profile, the newest first, from the one before `before`.
    pub async fn list_profile_versions(
        &self,
        actor: &Actor,
        id: ProfileId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ProfileVersion>, EngineError> {
        let mut session = self.store().read().await?;
        let profile = seen(&mut session, actor, Action::ProfilesRead, id).await?;
        session
            .list_profile_versions(id, before, limit)
            .await?
            .into_iter()
            .map(|record| version_of(&profile, record))
            .collect()
    }

    /// One version of a profile.
    pub async fn find_profile_version(
        &self,
        actor: &Actor,
        id: ProfileId,
        version: i64,
    ) -> Result<ProfileVersion, EngineError> {
        let mut session = self.store().read().await?;
        let profile = seen(&mut session, actor, Action::ProfilesRead, id).await?;
        kept(&mut session, &profile, version).await
    }

    /// How one version of a profile differs from another, setting by setting, and what it would mean for people to go
    /// from the first to the second.
    pub async fn compare_profile_versions(
        &self,
        actor: &Actor,
        id: ProfileId,
        from: i64,
        to: i64,
    ) -> Result<Vec<SettingChange>, EngineError> {
        let mut session = self.store().read().await?;
        let profile = seen(&mut session, actor, Action::ProfilesRead, id).await?;
        let from = kept(&mut session, &profile, from).await?.profile;
        let to = kept(&mut session, &profile, to).await?.profile;
        Ok(differences(&from, &to))
    }

    /// Makes a profile say again what it said in an earlier version: a new version with name, description, settings and
    /// references of the old one. Scope tags and assignments stay as they are, for they say who looks after a profile
    /// and whom it is for. If nothing differs, nothing happens.
    pub async fn restore_profile_version(
        &self,
        actor: &Actor,
        id: ProfileId,
        version: i64,
    ) -> Result<Profile, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = seen(&mut session, actor, Action::ProfilesUpdate, id).await?;
        let old = kept(&mut session, &before, version).await?.profile;
        let mut profile = as_now(&before, old)?;
        if profile == before {
            return Ok(before);
        }
        profile.version = before.version + 1;
        profile.modified_at = self.now();
        self.check_references(&mut session, actor, Some(&before), &profile)
            .await?;
        self.keep_next(&mut session, actor, &profile).await?;
        let change = noted::restored(Some(&before), &profile);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(profile)
    }

    /// Profiles that were deleted, by id.
    pub async fn list_deleted_profiles(
        &self,
        actor: &Actor,
        page: Page<ProfileId>,
    ) -> Result<Vec<DeletedProfile>, EngineError> {
        actor.require(Action::ProfilesRead)?;
        let mut session = self.store().read().await?;
        let mut found = Vec::new();
        let mut after = page.after;
        // Those that the actor may not see are passed over without ending the page early.
        while found.len() < page.limit as usize {
            let more = session.list_deleted_profiles(after, page.limit).await?;
            let Some(last) = more.last() else {
                break;
            };
            after = Some(last.id);
            for profile in more {
                if found.len() < page.limit as usize
                    && actor.reaches(Action::ProfilesRead, &profile.scope_tags)
                {
                    found.push(deleted(&mut session, profile).await?);
                }
            }
        }
        Ok(found)
    }

    /// Brings a deleted profile back as it was in the end, for nobody yet: assigning it is a decision of its own, and
    /// [`DeletedProfile::targets`] says whom it was for.
    pub async fn restore_deleted_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<DeletedProfile, EngineError> {
        actor.require(Action::ProfilesCreate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let gone = session
            .find_deleted_profile(id)
            .await?
            .filter(|profile| actor.reaches(Action::ProfilesRead, &profile.scope_tags))
            .ok_or_else(|| EngineError::not_found("deleted profile", id))?;
        actor.require_on(Action::ProfilesCreate, &gone.scope_tags)?;
        let deleted = deleted(&mut session, gone.clone()).await?;
        let mut profile = as_now(&gone, gone.clone())?;
        // Nothing kept its tags from being deleted meanwhile.
        profile.scope_tags = known_of(&mut session, gone.scope_tags.clone()).await?;
        profile.version = gone.version + 1;
        profile.modified_at = self.now();
        self.check_references(&mut session, actor, Some(&gone), &profile)
            .await?;
        if !session.restore_profile(&profile).await? {
            return Err(EngineError::Overtaken {
                what: "the profile",
            });
        }
        session.raise_picture().await?;
        self.keep_version(&mut session, actor, &profile).await?;
        self.audit(&mut session, actor, noted::restored(None, &profile))
            .await?;
        session.commit().await?;
        Ok(DeletedProfile { profile, ..deleted })
    }

    /// Makes the next version of a profile what counts, and has the devices told. Refused if somebody else was faster.
    pub(super) async fn keep_next(
        &self,
        session: &mut Session,
        actor: &Actor,
        profile: &Profile,
    ) -> Result<(), EngineError> {
        if !session.update_profile(profile).await? {
            return Err(EngineError::Overtaken {
                what: "the profile",
            });
        }
        self.keep_version(session, actor, profile).await?;
        let intent = session.raise_intent().await?;
        session
            .mark_profile_changed(profile.id, intent, profile.modified_at)
            .await?;
        self.wake_later(session, WakeScope::Profile, profile.id.0, intent)
            .await
    }

    /// Keeps what a version says, beside the profile itself.
    pub(super) async fn keep_version(
        &self,
        session: &mut Session,
        actor: &Actor,
        profile: &Profile,
    ) -> Result<(), EngineError> {
        let record = record(actor, profile, profile.modified_at, None);
        Ok(session.insert_profile_version(&record).await?)
    }

    /// Keeps what a profile said, and whom it was for, when it was deleted: a version of its own.
    pub(super) async fn keep_deletion(
        &self,
        session: &mut Session,
        actor: &Actor,
        profile: &Profile,
        targets: Vec<Target>,
    ) -> Result<(), EngineError> {
        let mut last = record(actor, profile, self.now(), Some(targets));
        last.version = profile.version + 1;
        Ok(session.insert_profile_version(&last).await?)
    }
}

/// A profile that is there and that the actor may see; refuses if he may see it and not do this.
pub(crate) async fn seen(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    id: ProfileId,
) -> Result<Profile, EngineError> {
    actor.require(action)?;
    let profile = session
        .find_profile(id)
        .await?
        .filter(|profile| actor.reaches(Action::ProfilesRead, &profile.scope_tags))
        .ok_or_else(|| EngineError::not_found("profile", id))?;
    actor.require_on(action, &profile.scope_tags)?;
    Ok(profile)
}

/// The gravest that going from one version of a profile to another means for people; none where one is not kept any more.
pub(crate) async fn change_between(
    session: &mut Session,
    profile: &Profile,
    (from, to): (i64, i64),
) -> Result<Option<Impact>, EngineError> {
    let find = async |session: &mut Session, version| match kept(session, profile, version).await {
        Ok(found) => Ok(Some(found.profile)),
        Err(EngineError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let (Some(from), Some(to)) = (find(session, from).await?, find(session, to).await?) else {
        return Ok(None);
    };
    let changes = differences(&from, &to);
    Ok(changes.into_iter().map(|change| change.impact).max())
}

async fn kept(
    session: &mut Session,
    profile: &Profile,
    version: i64,
) -> Result<ProfileVersion, EngineError> {
    let record = session
        .find_profile_version(profile.id, version)
        .await?
        .ok_or_else(|| EngineError::not_found("version of this profile", version))?;
    version_of(profile, record)
}

/// What was kept, as a profile. `profile` is what it says now, or said when it was deleted.
fn version_of(
    profile: &Profile,
    record: ProfileVersionRecord,
) -> Result<ProfileVersion, EngineError> {
    let content: Content = serde_json::from_str(&record.content).map_err(|error| {
        EngineError::Internal(format!(
            "version {} of profile {} cannot be read: {error}",
            record.version, record.profile_id
        ))
    })?;
    Ok(ProfileVersion {
        is_current: record.version == profile.version,
        profile: Profile {
            display_name: content.display_name,
            description: content.description,
            scope_tags: content.scope_tags,
            settings: content.settings,
            references: content.references,
            version: record.version,
            modified_at: record.created_at,
            ..profile.clone()
        },
        author: record.actor,
        deleted_with: content.deleted_with,
    })
}

async fn deleted(session: &mut Session, profile: Profile) -> Result<DeletedProfile, EngineError> {
    let last = kept(session, &profile, profile.version).await?;
    Ok(DeletedProfile {
        deleted_by: last.author,
        deleted_at: last.profile.modified_at,
        targets: last.deleted_with.unwrap_or_default(),
        profile,
    })
}

/// What an old version said, under the rules of today: a setting may have come, or a rule may have become stricter.
fn as_now(now: &Profile, old: Profile) -> Result<Profile, EngineError> {
    let draft = now
        .kind
        .create(&now.kind.to_graph(&old.settings))
        .map_err(EngineError::Invalid)?;
    Ok(Profile {
        display_name: old.display_name,
        description: old.description,
        settings: draft.settings,
        references: old.references,
        ..now.clone()
    })
}

/// Everything in which two versions differ.
fn differences(from: &Profile, to: &Profile) -> Vec<SettingChange> {
    let silent = |property, label, old: Value, new: Value| {
        (old != new).then_some(SettingChange {
            property,
            label,
            old,
            new,
            impact: Impact::Silent,
            new_identity: false,
        })
    };
    let set = |tags: &[String]| tags.iter().cloned().collect::<BTreeSet<_>>();
    let mut all: Vec<SettingChange> = [
        silent(
            "displayName",
            "Name",
            json!(from.display_name),
            json!(to.display_name),
        ),
        silent(
            "description",
            "Description",
            json!(from.description),
            json!(to.description),
        ),
        silent(
            "roleScopeTagIds",
            "Scope tags",
            json!(set(&from.scope_tags)),
            json!(set(&to.scope_tags)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    all.extend(impact(from, to));
    all
}

fn record(
    actor: &Actor,
    profile: &Profile,
    at: Timestamp,
    deleted_with: Option<Vec<Target>>,
) -> ProfileVersionRecord {
    let content = Content {
        display_name: profile.display_name.clone(),
        description: profile.description.clone(),
        scope_tags: profile.scope_tags.clone(),
        settings: profile.settings.clone(),
        references: profile.references.clone(),
        deleted_with,
    };
    ProfileVersionRecord {
        profile_id: profile.id,
        version: profile.version,
        content: json!(content).to_string(),
        actor: actor.name(),
        created_at: at,
    }
}
