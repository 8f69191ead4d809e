//! What a service proves itself with that brings people and groups.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{AppId, Timestamp};
use mandate_store::ScimTokenRecord;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Origin, Permission};

/// Tokens of an instance: one, its successor, and a few for others.
const MOST_TOKENS: usize = 10;
/// Days that a token may be good for.
const MOST_DAYS: i64 = 730;
const LONGEST_NAME: usize = 120;
/// How tokens begin, so that scanners find lost ones.
const PREFIX: &str = "mandate_scim_";
/// Characters of the hint.
const HINT: usize = PREFIX.len() + 4;

/// A token as it is remembered: without itself, of which only a hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimToken {
    /// Id.
    pub id: Uuid,
    /// Name for people; the audit names what comes by it so.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Not after this.
    pub expires_at: Timestamp,
}

/// A token just made. It cannot be asked for again.
#[derive(Clone)]
pub struct NewScimToken {
    /// What is remembered of it.
    pub known: ScimToken,
    /// The token itself.
    pub token: Zeroizing<String>,
}

impl std::fmt::Debug for NewScimToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewScimToken")
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

impl From<ScimTokenRecord> for ScimToken {
    fn from(record: ScimTokenRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            hint: record.hint,
            created_at: record.created_at,
            expires_at: record.expires_at,
        }
    }
}

impl Engine {
    /// Tokens by which people and groups come, in the order of their making, whether they still work or not.
    pub async fn list_scim_tokens(&self, actor: &Actor) -> Result<Vec<ScimToken>, EngineError> {
        actor.require(Action::AppsRead)?;
        let mut session = self.store().read().await?;
        let tokens = session.list_scim_tokens().await?;
        Ok(tokens.into_iter().map(Into::into).collect())
    }

    /// Makes a token. Those there are stay good, so that a service can be given the new one before the old one goes.
    pub async fn create_scim_token(
        &self,
        actor: &Actor,
        name: &str,
        days: i64,
    ) -> Result<NewScimToken, EngineError> {
        actor.require(Action::AppsUpdate)?;
        // Whoever brings people and groups must be allowed to make them.
        actor.require(Action::UsersUpdate)?;
        actor.require(Action::GroupsUpdate)?;
        actor.require_everywhere(Action::UsersUpdate)?;
        actor.require_everywhere(Action::GroupsUpdate)?;
        let name = name.trim();
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            let rule = format!("must have 1 to {LONGEST_NAME} characters");
            return Err(EngineError::invalid("name", &rule, Some(name)));
        }
        if !(1..=MOST_DAYS).contains(&days) {
            let rule = format!("must be 1 to {MOST_DAYS}");
            return Err(EngineError::invalid("days", &rule, Some(&days.to_string())));
        }
        let key = Zeroizing::new(self.chance().key());
        let token = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*key)));
        let now = self.now();
        let record = ScimTokenRecord {
            id: self.chance().id(now),
            name: name.to_owned(),
            hint: token.chars().take(HINT).collect(),
            hash: mandate_pki::sha256(token.as_bytes()).to_vec(),
            created_at: now,
            expires_at: now.plus(days.saturating_mul(Timestamp::DAY)),
        };
        let mut session = self.store().write().await?;
        if session.list_scim_tokens().await?.len() >= MOST_TOKENS {
            let reason = format!("there are {MOST_TOKENS} tokens already; delete one first");
            return Err(EngineError::NotPossible { reason });
        }
        session.insert_scim_token(&record).await?;
        let after = json!({ "displayName": record.name, "hint": record.hint,
            "expirationDateTime": record.expires_at.to_string() });
        let change = Change::create(KIND, record.id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(NewScimToken {
            known: record.into(),
            token,
        })
    }

    /// Deletes a token: whoever has it brings nothing any more. What was brought stays.
    pub async fn delete_scim_token(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let all = session.list_scim_tokens().await?;
        let token = all
            .into_iter()
            .find(|token| token.id == id)
            .ok_or_else(|| EngineError::not_found("SCIM token", id))?;
        session.delete_scim_token(id).await?;
        let before = json!({ "displayName": token.name, "hint": token.hint });
        let change = Change::delete(KIND, id, &token.name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Whoever a token stands for: none if it is not known or not good any more. They may see and change people and groups,
    /// and nothing else.
    pub async fn actor_of_scim_token(
        &self,
        token: &str,
        origin: Origin,
    ) -> Result<Option<Actor>, EngineError> {
        if !token.starts_with(PREFIX) || token.len() > 256 {
            return Ok(None);
        }
        let hash = mandate_pki::sha256(token.as_bytes());
        let known = self.store().glance().await?.find_scim_token(&hash).await?;
        let now = self.now();
        Ok(known.filter(|token| token.expires_at > now).map(|token| {
            let may = [
                Permission::UserRead,
                Permission::UserReadWrite,
                Permission::GroupRead,
                Permission::GroupReadWrite,
            ];
            Actor::app(AppId(token.id), format!("SCIM {}", token.name), may).from(origin)
        }))
    }
}

/// What the audit calls tokens.
const KIND: &str = "scimToken";
