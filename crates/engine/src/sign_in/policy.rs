//! What administrators decide about signing in.

use std::path::PathBuf;

use mandate_model::{Timestamp, UserId};
use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

const SETTING: &str = "sign_in";

/// What an administrator of the machine chooses about signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInOptions {
    /// A session ends when it was not used for so long, in microseconds.
    pub idle: i64,
    /// A session ends after so long, in microseconds.
    pub longest: i64,
    /// Fewest characters of a password.
    pub shortest_password: usize,
    /// A file of SHA-1 hashes of passwords that are known to others: one in upper-case hexadecimal on each line, sorted,
    /// with `:` and a number behind it or without.
    pub breached_passwords: Option<PathBuf>,
}

impl Default for SignInOptions {
    fn default() -> Self {
        Self {
            idle: Timestamp::HOUR,
            longest: 12 * Timestamp::HOUR,
            shortest_password: 12,
            breached_passwords: None,
        }
    }
}

/// Who has to prove a second thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondFactor {
    /// Whoever has a role.
    #[default]
    Administrators,
    /// Everyone.
    Everyone,
    /// Nobody; whoever has set one up is asked for it all the same.
    Optional,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    second_factor: SecondFactor,
}

impl Engine {
    /// Who has to prove a second thing.
    pub async fn second_factor(&self, actor: &Actor) -> Result<SecondFactor, EngineError> {
        actor.require(Action::SignInRead)?;
        Ok(settings(&mut self.store().read().await?)
            .await?
            .second_factor)
    }

    /// Says who has to prove a second thing. Who has to from now on, and did not, signs in again.
    pub async fn set_second_factor(
        &self,
        actor: &Actor,
        wanted: SecondFactor,
    ) -> Result<(), EngineError> {
        actor.require(Action::SignInUpdate)?;
        let mut session = self.store().write().await?;
        let mut settings = settings(&mut session).await?;
        let before = settings.second_factor;
        if before == wanted {
            return Ok(());
        }
        settings.second_factor = wanted;
        let text = serde_json::to_string(&settings)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        session.set_setting(SETTING, &text).await?;
        let change = Change::update(
            "signInSettings",
            self.tenant().id,
            "sign-in",
            &json!({ "secondFactor": before }),
            &json!({ "secondFactor": wanted }),
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Whether a person has to have a second factor.
    pub(super) async fn wants_second_factor(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<bool, EngineError> {
        Ok(match settings(session).await?.second_factor {
            SecondFactor::Everyone => true,
            SecondFactor::Optional => false,
            SecondFactor::Administrators => session.has_any_role(user).await?,
        })
    }

    /// Whether somebody who proved who they are in these ways would have to prove a second thing now: since then they may
    /// have got a role, or the rules another word.
    pub(crate) async fn lacks_second(
        &self,
        session: &mut Session,
        user: UserId,
        methods: &[String],
    ) -> Result<bool, EngineError> {
        Ok(!methods.iter().any(|method| method == "mfa")
            && self.wants_second_factor(session, user).await?)
    }
}

async fn settings(session: &mut Session) -> Result<Settings, EngineError> {
    let Some(text) = session.find_setting(SETTING).await? else {
        return Ok(Settings::default());
    };
    serde_json::from_str(&text).map_err(|error| {
        EngineError::Internal(format!("setting `{SETTING}` cannot be read: {error}"))
    })
}
