//! New keys for tokens, without signing anybody out: a new key is published at once, signs after every server and client
//! had time to learn of it, and the one before verifies until the last token that it signed has ended.

use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_store::{Session, TokenKeyRecord};
use serde_json::json;

use super::keys::secret_name;
use super::service::LEEWAY;
use super::{KeyRing, TOKEN_LIFETIME, TokenKeyView, TokenService, keep_new_key};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// How long a new key is published before it signs.
const NOTICE: i64 = Timestamp::DAY;

impl Engine {
    /// The keys for tokens as they are known at this moment.
    pub fn tokens(&self) -> Arc<TokenService> {
        self.token_service()
            .read()
            .expect("nobody panics while holding the token keys")
            .clone()
    }

    /// Reads the token keys again if somebody changed them, such as a command beside this server; whether they changed.
    pub async fn refresh_token_keys(&self) -> Result<bool, EngineError> {
        let before = self.tokens();
        let mut session = self.store().read().await?;
        if session.token_key_number().await? == before.ring().number {
            return Ok(false);
        }
        let ring = KeyRing::read(&mut session, self.seal(), before.tenant()).await?;
        *self
            .token_service()
            .write()
            .expect("nobody panics while holding the token keys") =
            Arc::new(TokenService::new(ring));
        tracing::info!("the keys for tokens were read again");
        Ok(true)
    }

    /// The keys for tokens, in the order in which they sign.
    pub async fn list_token_keys(&self, actor: &Actor) -> Result<Vec<TokenKeyView>, EngineError> {
        actor.require(Action::SignInRead)?;
        let records = self.store().read().await?.list_token_keys().await?;
        let now = self.now();
        let signs_now = records
            .iter()
            .filter(|key| key.signs_from <= now)
            .max_by_key(|key| key.signs_from)
            .map(|key| key.id.clone());
        Ok(records
            .into_iter()
            .map(|key| view(key, signs_now.as_deref()))
            .collect())
    }

    /// Makes a new key. It signs after a day, or `at_once`; nobody is signed out.
    pub async fn rotate_token_key(
        &self,
        actor: &Actor,
        at_once: bool,
    ) -> Result<TokenKeyView, EngineError> {
        actor.require(Action::SignInUpdate)?;
        let mut session = self.store().write().await?;
        // The counter is one row: of several servers one comes first, and the others see its key.
        session.raise_token_key_number().await?;
        let record = self.add_token_key(&mut session, actor, at_once).await?;
        session.commit().await?;
        self.refresh_token_keys().await?;
        let signs_now = at_once.then(|| record.id.clone());
        Ok(view(record, signs_now.as_deref()))
    }

    /// Forgets keys whose last token has ended, and makes a new one if the newest is too old.
    pub(crate) async fn tidy_token_keys(&self) -> Result<(), EngineError> {
        let now = self.now();
        let is_over = |key: &TokenKeyRecord| key.verifies_until.is_some_and(|until| until <= now);
        let oldest = now.plus(-self.options().token_key_days * Timestamp::DAY);
        let is_due = |keys: &[TokenKeyRecord]| {
            self.options().token_key_days > 0 && keys.iter().all(|key| key.created_at <= oldest)
        };
        let keys = self.store().read().await?.list_token_keys().await?;
        if !keys.iter().any(is_over) && !is_due(&keys) {
            return Ok(());
        }
        let mut session = self.store().write().await?;
        session.raise_token_key_number().await?;
        let keys = session.list_token_keys().await?;
        for key in keys.iter().filter(|key| is_over(key)) {
            session.delete_token_key(&key.id).await?;
            session.delete_secret(&secret_name(&key.id)).await?;
        }
        if is_due(&keys) {
            self.add_token_key(&mut session, &Actor::system(), false)
                .await?;
        }
        session.commit().await?;
        self.refresh_token_keys().await.map(drop)
    }

    async fn add_token_key(
        &self,
        session: &mut Session,
        actor: &Actor,
        at_once: bool,
    ) -> Result<TokenKeyRecord, EngineError> {
        let now = self.now();
        let signs_from = if at_once { now } else { now.plus(NOTICE) };
        let lasting = (TOKEN_LIFETIME + 2 * LEEWAY) * Timestamp::SECOND;
        for mut key in session.list_token_keys().await? {
            // One that was to sign later than this one never does.
            let until = signs_from.max(key.signs_from).plus(lasting);
            if key.verifies_until.is_none() {
                key.verifies_until = Some(until);
                key.signs_from = key.signs_from.min(signs_from.plus(-1));
                session.update_token_key(&key).await?;
            }
        }
        let (seal, chance) = (self.seal(), self.chance());
        let record = keep_new_key(session, seal, chance, now, signs_from).await?;
        let after = json!({ "signsFrom": record.signs_from.to_string() });
        let making = Change::create("tokenKey", &record.id, "token key", after);
        self.audit(session, actor, making).await?;
        Ok(record)
    }
}

fn view(key: TokenKeyRecord, signs_now: Option<&str>) -> TokenKeyView {
    TokenKeyView {
        signs_now: signs_now == Some(key.id.as_str()),
        id: key.id,
        created_at: key.created_at,
        signs_from: key.signs_from,
        verifies_until: key.verifies_until,
    }
}
