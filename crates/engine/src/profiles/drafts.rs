//! Drafts: profiles that a person is still filling in, kept so that nothing is lost on the way.
//!
//! A draft is its author's alone, no audit speaks of it, and no device knows it. It ends by being finished, which makes or
//! changes a profile and says whom it is for in the same transaction: whoever presses the button twice makes one profile.

use mandate_model::catalogue::{self, Kind};
use mandate_model::{Profile, ProfileId, Target, Timestamp, UserId};
use mandate_store::{ProfileDraftRecord, Session};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::seen;
use crate::{Action, Actor, Engine, EngineError, NewProfile, ProfileChange};

/// Drafts that one person keeps; the one that was left longest makes room for another.
const MOST: usize = 50;
/// The largest draft, in bytes of JSON.
const LARGEST: usize = 256 * 1024;
/// How long a draft is kept that nobody touches, in microseconds: 30 days.
const LIFETIME: i64 = 30 * 24 * 3600 * 1_000_000;
const WHAT: &str = "draft";

/// Names a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DraftId(pub Uuid);

impl std::fmt::Display for DraftId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl std::str::FromStr for DraftId {
    type Err = uuid::Error;

    /// Reads the hyphenated form in either letter case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

/// A profile that somebody is filling in.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileDraft {
    /// Its id.
    pub id: DraftId,
    /// Kind of the profile.
    pub kind: &'static Kind,
    /// The profile that it is to change, and the version that was looked at; none for a new profile.
    pub based_on: Option<(ProfileId, i64)>,
    /// What was filled in, in the words of the form that it was filled into.
    pub content: Map<String, Value>,
    /// When it was last kept.
    pub kept_at: Timestamp,
}

/// What a draft becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftOutcome {
    /// A profile, for these targets.
    New(NewProfile, Vec<Target>),
    /// A change of the profile that the draft is based on, and of whom it is for.
    Change(ProfileChange, Option<Vec<Target>>),
}

impl Engine {
    /// Begins a draft of a new profile, or of a change to one that is there.
    pub async fn begin_draft(
        &self,
        actor: &Actor,
        kind: &'static Kind,
        based_on: Option<ProfileId>,
        content: Map<String, Value>,
    ) -> Result<ProfileDraft, EngineError> {
        let user = author(actor)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let based_on = match based_on {
            None => {
                actor.require(Action::ProfilesCreate)?;
                None
            }
            Some(id) => {
                let profile = seen(&mut session, actor, Action::ProfilesRead, id).await?;
                Some((id, profile.version))
            }
        };
        session
            .delete_profile_drafts_before(now.plus(-LIFETIME))
            .await?;
        let kept = session.list_profile_drafts(user).await?;
        for oldest in kept.iter().skip(MOST - 1) {
            session.delete_profile_draft(user, oldest.id).await?;
        }
        let draft = ProfileDraft {
            id: DraftId(self.chance().id(now)),
            kind,
            based_on,
            content,
            kept_at: now,
        };
        session.keep_profile_draft(&record(user, &draft)?).await?;
        session.commit().await?;
        Ok(draft)
    }

    /// Replaces what a draft says.
    pub async fn keep_draft(
        &self,
        actor: &Actor,
        id: DraftId,
        content: Map<String, Value>,
    ) -> Result<ProfileDraft, EngineError> {
        let user = author(actor)?;
        let mut session = self.store().write().await?;
        let mut draft = own(&mut session, user, id, self.now()).await?;
        draft.content = content;
        draft.kept_at = self.now();
        session.keep_profile_draft(&record(user, &draft)?).await?;
        session.commit().await?;
        Ok(draft)
    }

    /// A draft of the actor.
    pub async fn find_draft(
        &self,
        actor: &Actor,
        id: DraftId,
    ) -> Result<ProfileDraft, EngineError> {
        let user = author(actor)?;
        own(&mut self.store().read().await?, user, id, self.now()).await
    }

    /// The actor's drafts, the newest first.
    pub async fn list_drafts(&self, actor: &Actor) -> Result<Vec<ProfileDraft>, EngineError> {
        let Some(user) = actor.user() else {
            return Ok(Vec::new());
        };
        let oldest = self.now().plus(-LIFETIME);
        let kept = self.store().read().await?.list_profile_drafts(user).await?;
        kept.iter()
            .filter(|draft| draft.kept_at >= oldest)
            .map(read)
            .collect()
    }

    /// Throws a draft away.
    pub async fn discard_draft(&self, actor: &Actor, id: DraftId) -> Result<(), EngineError> {
        let user = author(actor)?;
        let mut session = self.store().write().await?;
        if !session.delete_profile_draft(user, id.0).await? {
            return Err(EngineError::not_found(WHAT, id));
        }
        Ok(session.commit().await?)
    }

    /// Makes of a draft what it is to become; all of it or nothing. A change is refused if the profile has another version
    /// by now than the one that was looked at.
    pub async fn finish_draft(
        &self,
        actor: &Actor,
        id: DraftId,
        outcome: DraftOutcome,
    ) -> Result<Profile, EngineError> {
        let user = author(actor)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let draft = own(&mut session, user, id, self.now()).await?;
        let profile = match (outcome, draft.based_on) {
            (DraftOutcome::New(new, targets), None) => {
                let profile = self.create_within(&mut session, actor, new).await?;
                if !targets.is_empty() {
                    self.assign_within(&mut session, actor, profile.id, targets)
                        .await?;
                }
                profile
            }
            (DraftOutcome::Change(change, targets), Some((base, version))) => {
                let before = seen(&mut session, actor, Action::ProfilesRead, base).await?;
                if before.version != version {
                    return Err(EngineError::Overtaken {
                        what: "the profile",
                    });
                }
                let profile = if change == ProfileChange::default() {
                    before
                } else {
                    self.update_within(&mut session, actor, base, change)
                        .await?
                };
                if let Some(targets) = targets {
                    self.assign_within(&mut session, actor, base, targets)
                        .await?;
                }
                profile
            }
            (DraftOutcome::New(..), Some(_)) | (DraftOutcome::Change(..), None) => {
                return Err(EngineError::Internal(
                    "a draft cannot become what it was not begun as".to_owned(),
                ));
            }
        };
        session.delete_profile_draft(user, id.0).await?;
        session.commit().await?;
        Ok(profile)
    }
}

/// Whose drafts are meant: only people have some.
fn author(actor: &Actor) -> Result<UserId, EngineError> {
    actor.user().ok_or_else(|| EngineError::NotPossible {
        reason: "drafts are kept for people only".to_owned(),
    })
}

async fn own(
    session: &mut Session,
    user: UserId,
    id: DraftId,
    now: Timestamp,
) -> Result<ProfileDraft, EngineError> {
    let found = session.find_profile_draft(user, id.0).await?;
    let found = found.filter(|draft| draft.kept_at >= now.plus(-LIFETIME));
    read(&found.ok_or_else(|| EngineError::not_found(WHAT, id))?)
}

fn record(user: UserId, draft: &ProfileDraft) -> Result<ProfileDraftRecord, EngineError> {
    let content = Value::Object(draft.content.clone()).to_string();
    if content.len() > LARGEST {
        let rule = "must be smaller: a draft has at most 256 KiB";
        return Err(EngineError::invalid(WHAT, rule, None));
    }
    Ok(ProfileDraftRecord {
        id: draft.id.0,
        user_id: user,
        kind: draft.kind.type_name.to_owned(),
        based_on: draft.based_on,
        content,
        kept_at: draft.kept_at,
    })
}

fn read(record: &ProfileDraftRecord) -> Result<ProfileDraft, EngineError> {
    let broken = || EngineError::Internal(format!("the draft `{}` cannot be read", record.id));
    Ok(ProfileDraft {
        id: DraftId(record.id),
        kind: catalogue::kind(&record.kind).ok_or_else(broken)?,
        based_on: record.based_on,
        content: serde_json::from_str(&record.content).map_err(|_| broken())?,
        kept_at: record.kept_at,
    })
}
