//! Who somebody is who shows a bearer token.

use std::collections::BTreeSet;

use mandate_model::{AppId, Timestamp, UserId};
use uuid::Uuid;

use super::{AccessClaims, TokenError};
use crate::management_authority::lock_now;
use crate::{Actor, App, Engine, EngineError, Origin, Permission};

/// Why somebody with a token is not let in.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// The token itself is not good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its client is gone.
    #[error("the app of the token is no longer registered")]
    UnknownApp,
    /// The person is gone or may not sign in.
    #[error("the person of the token may not sign in")]
    UnknownPerson,
    /// The person was signed out, or has new credentials: a new sign-in is needed. `not_before` is the first second
    /// (since 1970) of tokens that would be good.
    #[error("the session behind the token has ended")]
    SessionEnded {
        /// Earliest time of issue of a good token.
        not_before: i64,
        /// Whether the client understands a challenge for claims.
        takes_claims: bool,
    },
    /// It could not be found out.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// The actor that a bearer token for the API at `host` stands for. All that can be taken away counts at once: a
    /// permission only while both the token and the registration have it, a person only while enabled, a session only
    /// while it lasts.
    pub async fn actor_of_token(
        &self,
        token: &str,
        host: &str,
        origin: Origin,
    ) -> Result<Actor, TokenRefusal> {
        let claims = self.verify_token(token, host).await?;
        let app = Uuid::try_parse(&claims.azp)
            .map(AppId)
            .map_err(|_| TokenError::Malformed)?;
        let app = self.find_app(app).await?.ok_or(TokenRefusal::UnknownApp)?;
        // One that was removed is gone for its tokens, also when another has come with its id.
        if claims.iat < app.created_at.unix_seconds() {
            return Err(TokenRefusal::UnknownApp);
        }
        match claims.idtyp.as_str() {
            "app" => {
                let granted = claims
                    .roles
                    .iter()
                    .filter_map(|role| Permission::parse(role))
                    .filter(|permission| app.permissions.contains(permission));
                let mut session = self.store().read().await.map_err(EngineError::from)?;
                let lock = lock_now(&mut session).await?;
                drop(session);
                let actor = Actor::app(app.id, app.name.clone(), granted);
                Ok(actor.from(origin).under(lock))
            }
            "user" => self.person_of_token(claims, app, origin).await,
            _ => Err(TokenError::Malformed.into()),
        }
    }

    /// What an access token says; a key that is not known yet is looked for in the database, as another server may just
    /// have made it.
    pub async fn verify_token(
        &self,
        token: &str,
        host: &str,
    ) -> Result<AccessClaims, TokenRefusal> {
        match self.tokens().verify(token, host, self.now()) {
            Err(TokenError::UnknownKey) if self.refresh_token_keys().await? => {
                Ok(self.tokens().verify(token, host, self.now())?)
            }
            verified => Ok(verified?),
        }
    }

    async fn person_of_token(
        &self,
        claims: AccessClaims,
        app: App,
        origin: Origin,
    ) -> Result<Actor, TokenRefusal> {
        let id = Uuid::try_parse(&claims.oid)
            .map(UserId)
            .map_err(|_| TokenError::Malformed)?;
        let session_id = match claims.sid.as_deref().map(Uuid::try_parse) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Err(TokenError::Malformed.into()),
        };
        let now = self.now();
        let mut session = self.store().read().await.map_err(EngineError::from)?;
        let user = session.find_user(id).await.map_err(EngineError::from)?;
        let user = user
            .filter(|user| user.account_enabled)
            .ok_or(TokenRefusal::UnknownPerson)?;
        let standing = session
            .standing(id, session_id, now)
            .await
            .map_err(EngineError::from)?;
        let methods = claims.amr.as_deref().unwrap_or_default();
        let lacks_second = self.lacks_second(&mut session, id, methods).await?;
        drop(session);
        let valid_from = standing.valid_from.map_or(0, Timestamp::unix_seconds);
        if claims.iat < valid_from || !standing.session_lasts || lacks_second {
            return Err(TokenRefusal::SessionEnded {
                not_before: if claims.iat < valid_from {
                    valid_from
                } else {
                    now.unix_seconds()
                },
                takes_claims: claims
                    .xms_cc
                    .is_some_and(|all| all.iter().any(|one| one.eq_ignore_ascii_case("cp1"))),
            });
        }
        let carried: BTreeSet<Permission> = claims
            .scp
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(Permission::parse)
            .filter(|permission| app.delegated.iter().any(|held| held.includes(*permission)))
            .collect();
        let app = Some((app.id, app.name));
        Ok(self.person_actor(&user, app, Some(carried), origin).await?)
    }
}
