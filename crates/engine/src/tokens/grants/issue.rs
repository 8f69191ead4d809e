//! Tokens for a person.

use mandate_model::{Timestamp, User};
use mandate_store::{RefreshRecord, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refresh::Content;
use super::{Bearer, GrantRefusal, PersonGrant, days, hash, random, written};
use crate::tokens::{AccessClaims, TOKEN_LIFETIME};
use crate::{App, ClientProof, Engine, EngineError};

/// What a client gets for a person.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonTokens {
    /// For the API.
    pub access_token: String,
    /// For the client itself, if it asked for `openid`.
    pub id_token: Option<String>,
    /// For new tokens, if it asked for `offline_access`.
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: String,
    /// Object id of the person.
    pub user: mandate_model::UserId,
}

impl std::fmt::Debug for PersonTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonTokens")
            .field("user", &self.user)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Who gets tokens, and from where.
pub(super) struct Recipient<'a> {
    pub(super) app: &'a App,
    pub(super) proof: ClientProof,
    /// Scheme and host that the client called.
    pub(super) base_url: &'a str,
    pub(super) nonce: Option<&'a str>,
}

/// The claims of an `id_token` (`OpenID` Connect Core §2), in Entra's words.
#[derive(Debug, Serialize, Deserialize)]
struct IdClaims<'a> {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    sub: String,
    oid: String,
    tid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    preferred_username: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    auth_time: i64,
    amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    login_hint: &'a str,
    uti: String,
    ver: &'a str,
}

impl Engine {
    /// The person of a grant, if they may still sign in and nothing has ended their session.
    pub(super) async fn good_bearer(
        &self,
        session: &mut Session,
        bearer: Bearer,
        grant: &PersonGrant,
    ) -> Result<User, GrantRefusal> {
        let user = session.find_user(bearer.user).await?;
        let standing = session
            .standing(bearer.user, bearer.session, self.now())
            .await?;
        let is_valid = standing
            .valid_from
            .is_none_or(|from| from.0 <= grant.issued_at);
        if self
            .lacks_second(session, bearer.user, &grant.methods)
            .await?
        {
            return Err(GrantRefusal::SessionEnded);
        }
        user.filter(|user| user.account_enabled && is_valid && standing.session_lasts)
            .ok_or(GrantRefusal::SessionEnded)
    }

    /// Makes the tokens; a refresh token is kept in the session, which is for the caller to commit.
    pub(super) async fn issue_to(
        &self,
        session: &mut Session,
        recipient: &Recipient<'_>,
        (user, bearer): (&User, Bearer),
        grant: &PersonGrant,
    ) -> Result<PersonTokens, GrantRefusal> {
        let refresh_token = if grant.scope.offline {
            let token = random(self.chance());
            self.keep_refresh(session, recipient.app, bearer, grant, &token)
                .await?;
            Some(token)
        } else {
            None
        };
        self.sign_for(session, recipient, (user, bearer), grant, refresh_token)
            .await
    }

    pub(super) async fn keep_refresh(
        &self,
        session: &mut Session,
        app: &App,
        bearer: Bearer,
        grant: &PersonGrant,
        token: &str,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let idle = now.plus(days(self.options().refresh_idle_days));
        let record = RefreshRecord {
            hash: hash(token).to_vec(),
            family: bearer.family,
            app: app.id,
            user: bearer.user,
            session: bearer.session,
            content: written(&Content {
                grant: grant.clone(),
                salt: None,
            })?,
            issued_at: now,
            used_at: None,
            expires_at: idle.min(Timestamp(grant.ends_at)),
        };
        Ok(session.insert_refresh_token(&record).await?)
    }

    /// Access token and, if asked for, `id_token`.
    pub(super) async fn sign_for(
        &self,
        session: &mut Session,
        recipient: &Recipient<'_>,
        (user, bearer): (&User, Bearer),
        grant: &PersonGrant,
        refresh_token: Option<String>,
    ) -> Result<PersonTokens, GrantRefusal> {
        let roles = session.directory_roles_held_by(user.id.0).await?;
        let now = self.now();
        let tokens = self.tokens();
        let id = self.chance().id(now).to_string();
        let client = recipient.app.id.to_string();
        let (seconds, name) = (now.unix_seconds(), user.user_principal_name.clone());
        let sid = bearer.session.map(|session| session.to_string());
        let access = AccessClaims {
            aud: grant.scope.audience.clone(),
            iss: tokens.issuer(recipient.base_url),
            iat: seconds,
            nbf: seconds,
            exp: seconds + TOKEN_LIFETIME,
            appid: client.clone(),
            azp: client.clone(),
            azpacr: recipient.proof.code().to_owned(),
            app_displayname: recipient.app.name.clone(),
            idtyp: "user".to_owned(),
            oid: user.id.to_string(),
            sub: user.id.to_string(),
            tid: tokens.tenant().to_string(),
            roles: Vec::new(),
            scp: Some(grant.scope.claim()),
            wids: roles.iter().map(ToString::to_string).collect(),
            upn: Some(name.clone()),
            unique_name: Some(name.clone()),
            preferred_username: Some(name),
            name: Some(user.display_name.clone()),
            acr: Some("1".to_owned()),
            amr: Some(grant.methods.clone()),
            sid: sid.clone(),
            xms_cc: grant.takes_claims.then(|| vec!["CP1".to_owned()]),
            jti: id.clone(),
            uti: id.clone(),
            ver: "2.0".to_owned(),
        };
        let internal = |error: crate::TokenError| EngineError::Internal(error.to_string());
        let access_token = tokens.sign(&access, now).map_err(internal)?;
        let id_token = if grant.scope.openid {
            let claims = IdClaims {
                iss: access.iss.clone(),
                aud: client,
                iat: seconds,
                nbf: seconds,
                exp: seconds + TOKEN_LIFETIME,
                sub: access.sub.clone(),
                oid: access.oid.clone(),
                tid: access.tid.clone(),
                nonce: recipient.nonce,
                preferred_username: &user.user_principal_name,
                name: &user.display_name,
                email: user.mail.as_deref().filter(|_| grant.scope.email),
                auth_time: Timestamp(grant.authenticated_at).unix_seconds(),
                amr: grant.methods.clone(),
                sid,
                login_hint: &user.user_principal_name,
                uti: id,
                ver: "2.0",
            };
            Some(tokens.sign(&claims, now).map_err(internal)?)
        } else {
            None
        };
        Ok(PersonTokens {
            access_token,
            id_token,
            refresh_token,
            scope: grant.scope.answer(),
            user: user.id,
        })
    }

    /// Claims about the person of an access token for one of our hosts (`OpenID` Connect Core §5.3): those for which the
    /// client was granted the scope (§5.4).
    pub async fn claims_of_person(
        &self,
        token: &str,
        host: &str,
    ) -> Result<Value, crate::TokenRefusal> {
        let actor = self
            .actor_of_token(token, host, crate::Origin::default())
            .await?;
        let id = actor.user().ok_or(crate::TokenRefusal::UnknownPerson)?;
        let mut session = self.store().read().await.map_err(EngineError::from)?;
        let user = session.find_user(id).await.map_err(EngineError::from)?;
        let user = user.ok_or(crate::TokenRefusal::UnknownPerson)?;
        let granted = self.verify_token(token, host).await?.scp;
        let granted = granted.unwrap_or_default();
        let has = |scope: &str| granted.split_whitespace().any(|word| word == scope);
        let mut claims = json!({ "sub": user.id });
        if has("profile") {
            claims["name"] = json!(user.display_name);
            claims["given_name"] = json!(user.given_name);
            claims["family_name"] = json!(user.surname);
            claims["preferred_username"] = json!(user.user_principal_name);
        }
        if has("email") {
            claims["email"] = json!(user.mail);
        }
        Ok(claims)
    }
}
