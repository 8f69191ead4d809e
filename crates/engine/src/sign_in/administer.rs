//! What administrators do with the credentials of others.

use mandate_model::{Member, User, UserId};
use mandate_store::Session;
use serde_json::json;

use super::account::names;
use super::links::SetUpLink;
use super::passwords::NewPassword;
use crate::access::scope::require_person;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Sets a person's password. What they are signed in to ends.
    pub async fn set_password(
        &self,
        actor: &Actor,
        id: UserId,
        new: &NewPassword,
    ) -> Result<(), EngineError> {
        let user = self.credentials_of(actor, id).await?;
        let hash = self.hash_new_password(&user, new).await?;
        let (mut session, user) = self.hold_credentials_of(actor, id).await?;
        self.put_password(&mut session, actor, &user, (hash, new.must_change))
            .await?;
        Ok(session.commit().await?)
    }

    /// The hash of a password that is accepted for a person, new or not.
    pub(crate) async fn hash_new_password(
        &self,
        user: &User,
        new: &NewPassword,
    ) -> Result<String, EngineError> {
        self.accept_password("passwordProfile/password", &new.text, &names(user))
            .await?;
        self.hash_password(&new.text).await
    }

    /// Ends everything that a person is signed in to, tokens of clients included.
    pub async fn revoke_sign_in_sessions(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<(), EngineError> {
        // Whoever ends what they themselves are signed in to needs no role for it.
        let (mut session, user) = if actor.user() == Some(id) {
            let mut session = self.store().write().await?;
            let user = session.find_user(id).await?;
            (
                session,
                user.ok_or_else(|| EngineError::not_found("user", id))?,
            )
        } else {
            self.hold_credentials_of(actor, id).await?
        };
        self.end_access(&mut session, id).await?;
        let after = json!({ "sessions": "all" });
        let change = Change::action(
            "revokeSignInSessions",
            "user",
            id,
            &user.display_name,
            after,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// A link of one use with which a person sets a password; links before it end.
    pub async fn make_set_up_link(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<SetUpLink, EngineError> {
        let (mut session, user) = self.hold_credentials_of(actor, id).await?;
        let link = self.keep_set_up_link(&mut session, actor, id).await?;
        let after = json!({ "expiresDateTime": link.expires_at.to_string() });
        let change = Change::action("createSetUpLink", "user", id, &user.display_name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(link)
    }

    /// Removes a person's password and all second factors, ends everything that they are signed in to, and makes a link
    /// with which they begin anew.
    pub async fn reset_credentials(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<SetUpLink, EngineError> {
        let (mut session, user) = self.hold_credentials_of(actor, id).await?;
        self.claim_credential(&mut session, id).await?;
        session.delete_factors(id).await?;
        session.set_password(id, None, false).await?;
        self.end_access(&mut session, id).await?;
        let link = self.keep_set_up_link(&mut session, actor, id).await?;
        let change = Change::action(
            "resetCredentials",
            "user",
            id,
            &user.display_name,
            json!({}),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(link)
    }

    /// Changes the password of the actor, who knows the one before, as with Graph's `changePassword`.
    pub async fn change_password(
        &self,
        actor: &Actor,
        id: UserId,
        (before, after): (&str, &str),
    ) -> Result<(), EngineError> {
        use super::throttle::Subject;
        if actor.user() != Some(id) {
            let reason =
                "people change their own passwords only; administrators set `passwordProfile`";
            return Err(EngineError::NotPossible {
                reason: reason.to_owned(),
            });
        }
        let mut session = self.store().read().await?;
        let user = session.find_user(id).await?;
        let user = user.ok_or_else(|| EngineError::not_found("user", id))?;
        let known = session.find_credential(id).await?;
        drop(session);
        let known = known.and_then(|credential| credential.password_hash);
        let subjects = [Subject::account(&user.user_principal_name)];
        if self.claim_try(&subjects).await.is_err() {
            return Err(EngineError::NotPossible {
                reason: "too many wrong passwords; try again later".to_owned(),
            });
        }
        if !self.compare_password(before, known.clone()).await?.is_right {
            self.note_failure(&user, "wrongPassword", actor.origin().clone())
                .await?;
            let rule = "is not the password of now";
            return Err(EngineError::invalid("currentPassword", rule, None));
        }
        self.accept_password("newPassword", after, &names(&user))
            .await?;
        if before == after {
            let rule = "must be another one than before";
            return Err(EngineError::invalid("newPassword", rule, None));
        }
        let hash = self.hash_password(after).await?;
        let mut session = self.store().write().await?;
        // Another may have been set while these were compared.
        if self.claim_credential(&mut session, id).await?.password_hash != known {
            let rule = "is not the password of now";
            return Err(EngineError::invalid("currentPassword", rule, None));
        }
        self.put_password(&mut session, actor, &user, (hash, false))
            .await?;
        Ok(session.commit().await?)
    }

    /// A person whose credentials the actor may change: nobody gets by them what they lack.
    async fn credentials_of(&self, actor: &Actor, id: UserId) -> Result<User, EngineError> {
        actor.require(Action::CredentialsReset)?;
        let mut session = self.store().read().await?;
        self.require_credentials_of(&mut session, actor, id).await
    }

    /// The same in a transaction until whose end the person gets no role.
    async fn hold_credentials_of(
        &self,
        actor: &Actor,
        id: UserId,
    ) -> Result<(Session, User), EngineError> {
        actor.require(Action::CredentialsReset)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let user = self.require_credentials_of(&mut session, actor, id).await?;
        Ok((session, user))
    }

    async fn require_credentials_of(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: UserId,
    ) -> Result<User, EngineError> {
        let user = session.find_user(id).await?;
        let user = user.ok_or_else(|| EngineError::not_found("user", id))?;
        require_person(session, actor, Action::CredentialsReset, id).await?;
        self.require_power_over(session, actor, Member::User(id))
            .await?;
        Ok(user)
    }

    /// Writes the hash of a new password, ends what it was signed in to with the one before, and set-up links.
    pub(crate) async fn put_password(
        &self,
        session: &mut Session,
        actor: &Actor,
        user: &User,
        (hash, must_change): (String, bool),
    ) -> Result<(), EngineError> {
        self.claim_credential(session, user.id).await?;
        let password = Some((hash.as_str(), self.now()));
        session.set_password(user.id, password, must_change).await?;
        session.delete_set_up_links(user.id).await?;
        self.end_access(session, user.id).await?;
        let after = json!({ "forceChangePasswordNextSignIn": must_change });
        let change = Change::action("setPassword", "user", user.id, &user.display_name, after);
        self.audit(session, actor, change).await
    }

    /// Forgets all that a person signs in with; who is no more signs in to nothing.
    pub(crate) async fn forget_credentials(
        &self,
        session: &mut Session,
        id: UserId,
    ) -> Result<(), EngineError> {
        session.lock_credential(id).await?;
        session.delete_factors(id).await?;
        session.delete_set_up_links(id).await?;
        session.delete_sign_in_sessions(id).await?;
        session.forget_grants_of_user(id).await?;
        Ok(session.delete_credential(id).await?)
    }
}
