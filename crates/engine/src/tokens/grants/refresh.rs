//! Refresh tokens: each is used once, and its successor comes with the answer (RFC 9700 §4.14.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{Timestamp, UserId};
use mandate_pki::hmac_sha256;
use mandate_store::{RefreshRecord, Session};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::issue::Recipient;
use super::{Bearer, GrantRefusal, PersonGrant, PersonTokens, hash, random, read, written};
use crate::audit::Change;
use crate::tokens::AskedScope;
use crate::{Actor, App, ClientProof, Engine, EngineError};

/// How long after its use a token still gives the same answer, which may have been lost on its way.
const GRACE: i64 = 30 * Timestamp::SECOND;

/// A client that exchanges a refresh token.
#[derive(Clone)]
pub struct RefreshExchange<'a> {
    /// The client.
    pub app: &'a App,
    /// How it proved who it is.
    pub proof: ClientProof,
    /// The token.
    pub token: &'a str,
    /// What it asks for; none for the same as before.
    pub asked: Option<AskedScope>,
    /// Whether it understands a challenge for claims.
    pub takes_claims: bool,
    /// Scheme and host that the client called.
    pub base_url: &'a str,
}

impl std::fmt::Debug for RefreshExchange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshExchange")
            .field("app", &self.app.id)
            .finish_non_exhaustive()
    }
}

/// What is kept with a refresh token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) grant: PersonGrant,
    /// What its successor is made with, once it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) salt: Option<String>,
}

impl Engine {
    /// Tokens for a refresh token.
    pub async fn redeem_refresh_token(
        &self,
        exchange: RefreshExchange<'_>,
    ) -> Result<PersonTokens, GrantRefusal> {
        let now = self.now();
        let mut session = self.store().write().await?;
        let found = session
            .find_refresh_token(&hash(exchange.token), exchange.app.id)
            .await?;
        let record = found.ok_or(GrantRefusal::UnknownToken)?;
        // Whatever ends access comes before this, and is seen below, or after, and sees what came of it.
        session.lock_credential(record.user).await?;
        if record.expires_at <= now {
            return Err(GrantRefusal::Expired);
        }
        let content: Content = read(&record.content)?;
        if content.grant.is_proven && exchange.proof == ClientProof::None {
            return Err(GrantRefusal::NoProof);
        }
        let bearer = Bearer {
            user: record.user,
            session: record.session,
            family: record.family,
        };
        let user = match self.good_bearer(&mut session, bearer, &content.grant).await {
            Err(GrantRefusal::SessionEnded) => {
                session.end_refresh_family(record.family).await?;
                session.commit().await?;
                return Err(GrantRefusal::SessionEnded);
            }
            good => good?,
        };
        let mut now_asked = content.grant.clone();
        if let Some(asked) = &exchange.asked {
            now_asked.scope = content.grant.scope.narrowed(asked)?;
        }
        now_asked.takes_claims |= exchange.takes_claims;
        let Some(token) = self
            .follow_up(&mut session, &exchange, &record, content, bearer)
            .await?
        else {
            session.end_refresh_family(record.family).await?;
            self.note_theft(&mut session, "refreshToken", exchange.app, record.user)
                .await?;
            session.commit().await?;
            tracing::warn!(
                app.id = %record.app,
                user.id = %record.user,
                "a refresh token was used twice; everything that followed from its sign-in has ended"
            );
            return Err(GrantRefusal::Reused);
        };
        let recipient = Recipient {
            app: exchange.app,
            proof: exchange.proof,
            base_url: exchange.base_url,
            nonce: None,
        };
        let refresh = Some(token);
        let tokens = self
            .sign_for(
                &mut session,
                &recipient,
                (&user, bearer),
                &now_asked,
                refresh,
            )
            .await?;
        session.commit().await?;
        Ok(tokens)
    }

    /// Says in the audit that something was used twice that is good for one use, so that somebody else has it.
    pub(super) async fn note_theft(
        &self,
        session: &mut Session,
        what: &'static str,
        app: &App,
        user: UserId,
    ) -> Result<(), EngineError> {
        let Some(user) = session.find_user(user).await? else {
            return Ok(());
        };
        let after = json!({ "app": app.id, "appName": app.name, "usedTwice": what });
        let name = &user.user_principal_name;
        let change = Change::action("endStolenGrant", "signIn", user.id, name, after);
        self.audit(session, &Actor::system(), change).await
    }

    /// The token that follows; the same again if the answer may have been lost; none if somebody else has it.
    async fn follow_up(
        &self,
        session: &mut Session,
        exchange: &RefreshExchange<'_>,
        record: &RefreshRecord,
        content: Content,
        bearer: Bearer,
    ) -> Result<Option<String>, GrantRefusal> {
        let now = self.now();
        let grant = content.grant;
        let salt = random(self.chance());
        let noted = written(&Content {
            grant: grant.clone(),
            salt: Some(salt.clone()),
        })?;
        if session.use_refresh_token(&record.hash, &noted, now).await? {
            let next = successor(exchange.token, &salt);
            self.keep_refresh(session, exchange.app, bearer, &grant, &next)
                .await?;
            return Ok(Some(next));
        }
        // Somebody used it before: read again, for that may have been a moment ago.
        let again = session
            .find_refresh_token(&hash(exchange.token), exchange.app.id)
            .await?;
        let Some(again) = again else {
            return Ok(None);
        };
        let is_fresh = again.used_at.is_some_and(|at| now.since(at) <= GRACE);
        let content: Content = read(&again.content)?;
        let (true, Some(salt)) = (is_fresh, content.salt) else {
            return Ok(None);
        };
        let next = successor(exchange.token, &salt);
        let kept = session
            .find_refresh_token(&hash(&next), exchange.app.id)
            .await?;
        let is_unused = kept.is_some_and(|kept| kept.used_at.is_none());
        Ok(is_unused.then_some(next))
    }
}

/// Only whoever has the token before, and the database together, can say what follows it.
fn successor(token: &str, salt: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac_sha256(token.as_bytes(), salt.as_bytes()))
}
