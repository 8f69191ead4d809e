//! What people look after themselves: password, factors.
//!
//! Whoever changes a factor has to have proved who they are a short time ago, and every change ends what they are
//! signed in to elsewhere.

use mandate_model::{Timestamp, User};
use mandate_store::{CredentialRecord, Session, TotpRecord};
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::flow::{Problem, Visit, flow_context};
use super::passkeys::{RelyingParty, passkey_name};
use super::sessions::{Begun, SignedIn};
use super::steps::{TotpSetUp, itself, kept, origin};
use super::throttle::Subject;
use super::{PasswordProblem, hash, totp};
use crate::audit::Change;
use crate::instance::{from_hex, hex};
use crate::{Actor, Engine, EngineError};

/// What a person signs in with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Factors {
    /// When the password was set; none if there is no password here.
    pub password_at: Option<Timestamp>,
    /// When the app for one-time codes was set up.
    pub totp_at: Option<Timestamp>,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
    /// Whether the rules ask for a second factor, so that the last one stays.
    pub needs_second: bool,
}

/// A passkey as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl Engine {
    /// One's own factors.
    pub async fn own_factors(&self, of: &SignedIn) -> Result<Factors, EngineError> {
        let user = of.user.id;
        let mut session = self.store().read().await?;
        let credential = session.find_credential(user).await?;
        let totp = session.find_totp(user).await?;
        let passkeys = session.list_passkeys(user).await?;
        Ok(Factors {
            password_at: credential.and_then(|credential| credential.password_at),
            totp_at: totp.and_then(|totp| totp.confirmed_at),
            passkeys: passkeys
                .into_iter()
                .map(|record| PasskeyView {
                    id: record.id,
                    name: record.name,
                    created_at: record.created_at,
                    used_at: record.used_at,
                })
                .collect(),
            recovery_codes: session.count_recovery_codes(user).await?,
            needs_second: self.wants_second_factor(&mut session, user).await?,
        })
    }

    /// Changes one's own password; the one before has to be right. The answer is the cookie of the session, which is
    /// another from then on, or why the new one is not accepted.
    pub async fn change_own_password(
        &self,
        of: &SignedIn,
        (before, after): (&str, &str),
        visit: &Visit,
    ) -> Result<Result<Zeroizing<String>, PasswordProblem>, Problem> {
        let user = &of.user;
        let subjects = [Subject::known_browser(
            &user.user_principal_name,
            &of.session.to_string(),
        )];
        let credential = self.store().read().await?.find_credential(user.id).await?;
        self.claim_try(&subjects).await?;
        let known = credential.and_then(|credential| credential.password_hash);
        if !self.compare_password(before, known.clone()).await?.is_right {
            self.note_failure(user, "wrongPassword", origin(visit))
                .await?;
            return Err(Problem::Refused);
        }
        self.forgive_try(&subjects).await?;
        if let Some(problem) = self.password_problem_of(user, after).await? {
            return Ok(Err(problem));
        }
        if before == after {
            return Ok(Err(PasswordProblem::TheSame));
        }
        let hash = self.hash_password(after).await?;
        let mut session = self.store().write().await?;
        // Somebody may have set another one, or ended this session, while these were compared.
        if self.still_signed_in(&mut session, of).await?.password_hash != known {
            return Err(Problem::Refused);
        }
        self.put_password(&mut session, &itself(user, visit), user, (hash, false))
            .await?;
        let cookie = self.renew_session(&mut session, of, visit).await?;
        session.commit().await?;
        Ok(Ok(cookie))
    }

    /// What to set up an app for one-time codes with; the same until it is confirmed, for this session and no other.
    /// Refused if one is set up.
    pub async fn offer_own_totp(&self, of: &SignedIn) -> Result<TotpSetUp, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write_recoverable().await?;
        if session.find_totp(of.user.id).await?.is_some() {
            return Err(Problem::OutOfTurn);
        }
        let secret = if let Some(secret) = self.own_totp_secret(&mut session, of).await? {
            secret
        } else {
            let (secret, place) = (self.totp_secret(), totp_place(of));
            let sealed = self.seal().seal(&flow_context(&place), &secret);
            let sealed = hex(&sealed.map_err(EngineError::from)?);
            session.delete_flow(&place).await?;
            let until = self.now().plus(10 * Timestamp::MINUTE);
            session.insert_flow(&place, &sealed, until).await?;
            session.commit().await?;
            secret
        };
        Ok(self.totp_set_up(&of.user, &secret))
    }

    /// The secret that this session is setting up, if it is.
    async fn own_totp_secret(
        &self,
        session: &mut Session,
        of: &SignedIn,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        let place = totp_place(of);
        let Some(sealed) = session.find_flow(&place, self.now()).await? else {
            return Ok(None);
        };
        let sealed = from_hex(&sealed).unwrap_or_default();
        Ok(self.seal().open(&flow_context(&place), &sealed).ok())
    }

    /// Takes the first code of the app, and makes recovery codes if there are none.
    pub async fn confirm_own_totp(
        &self,
        of: &SignedIn,
        code: &str,
        visit: &Visit,
    ) -> Result<Changed, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write().await?;
        self.still_signed_in(&mut session, of).await?;
        let secret = self.own_totp_secret(&mut session, of).await?;
        let secret = secret.ok_or(Problem::OutOfTurn)?;
        let actor = itself(&of.user, visit);
        self.confirm_totp_of(&mut session, &actor, &of.user, (&secret, code))
            .await?;
        session.delete_flow(&totp_place(of)).await?;
        self.finish_change(session, of, visit).await
    }

    /// Removes the app for one-time codes.
    pub async fn remove_own_totp(&self, of: &SignedIn, visit: &Visit) -> Result<Changed, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write().await?;
        self.still_signed_in(&mut session, of).await?;
        if !session.delete_totp(of.user.id).await? {
            return Err(EngineError::not_found("app for codes", of.user.id).into());
        }
        self.keep_one(&mut session, of).await?;
        let change = factor("removeTotp", &of.user, Value::Null);
        self.audit(&mut session, &itself(&of.user, visit), change)
            .await?;
        self.finish_change(session, of, visit).await
    }

    /// What the browser makes a new passkey with: JSON of `PublicKeyCredentialCreationOptions`.
    pub async fn offer_own_passkey(
        &self,
        of: &SignedIn,
        party: &RelyingParty,
    ) -> Result<Value, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write().await?;
        let (ceremony, options) = self.offer_passkey(&mut session, party, &of.user).await?;
        let place = ceremony_place(of);
        session.delete_flow(&place).await?;
        let until = self.now().plus(10 * Timestamp::MINUTE);
        session
            .insert_flow(&place, &kept(&ceremony)?.to_string(), until)
            .await?;
        session.commit().await?;
        Ok(options)
    }

    /// Adds the passkey that was made, and makes recovery codes if there are none.
    pub async fn add_own_passkey(
        &self,
        of: &SignedIn,
        party: &RelyingParty,
        (answer, name): (&str, &str),
        visit: &Visit,
    ) -> Result<Changed, Problem> {
        self.be_recent(of)?;
        let place = ceremony_place(of);
        let mut session = self.store().write().await?;
        let ceremony = session.find_flow(&place, self.now()).await?;
        session.delete_flow(&place).await?;
        // Whatever comes of it, this challenge was answered.
        session.commit().await?;
        let ceremony = ceremony.ok_or(Problem::OutOfTurn)?;
        let ceremony = serde_json::from_str(&ceremony).map_err(|_| Problem::PasskeyRefused)?;
        let mut session = self.store().write().await?;
        self.still_signed_in(&mut session, of).await?;
        let owner = self
            .add_passkey(&mut session, party, ceremony, (answer, name))
            .await?;
        if owner != of.user.id {
            return Err(Problem::PasskeyRefused);
        }
        self.note_passkey(&mut session, &itself(&of.user, visit), &of.user, name)
            .await?;
        self.finish_change(session, of, visit).await
    }

    /// Calls a passkey otherwise.
    pub async fn name_own_passkey(
        &self,
        of: &SignedIn,
        id: Uuid,
        name: &str,
    ) -> Result<(), EngineError> {
        let name = passkey_name(name, self.now());
        let mut session = self.store().write().await?;
        if !session.name_passkey(of.user.id, id, &name).await? {
            return Err(EngineError::not_found("passkey", id));
        }
        Ok(session.commit().await?)
    }

    /// Removes a passkey.
    pub async fn remove_own_passkey(
        &self,
        of: &SignedIn,
        id: Uuid,
        visit: &Visit,
    ) -> Result<Changed, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write().await?;
        self.still_signed_in(&mut session, of).await?;
        if !session.delete_passkey(of.user.id, id).await? {
            return Err(EngineError::not_found("passkey", id).into());
        }
        self.keep_one(&mut session, of).await?;
        let change = factor("removePasskey", &of.user, json!({ "passkey": id }));
        self.audit(&mut session, &itself(&of.user, visit), change)
            .await?;
        self.finish_change(session, of, visit).await
    }

    /// Replaces one's recovery codes; the answer holds them, this once.
    pub async fn replace_own_recovery_codes(
        &self,
        of: &SignedIn,
        visit: &Visit,
    ) -> Result<Changed, Problem> {
        self.be_recent(of)?;
        let mut session = self.store().write().await?;
        self.still_signed_in(&mut session, of).await?;
        if !has_factor(&mut session, of).await? {
            return Err(Problem::OutOfTurn);
        }
        let codes = self.make_recovery_codes(&mut session, of.user.id).await?;
        let change = factor("replaceRecoveryCodes", &of.user, Value::Null);
        self.audit(&mut session, &itself(&of.user, visit), change)
            .await?;
        let changed = self.finish_change(session, of, visit).await?;
        Ok(Changed { codes, ..changed })
    }

    /// Ends what they are signed in to elsewhere, gives this browser another cookie, and sees to recovery codes: as many
    /// as there have to be with a second factor, none without.
    async fn finish_change(
        &self,
        mut session: Session,
        of: &SignedIn,
        visit: &Visit,
    ) -> Result<Changed, Problem> {
        let mut codes = Vec::new();
        let user = of.user.id;
        if !has_factor(&mut session, of).await? {
            session.replace_recovery_codes(user, &[]).await?;
        } else if session.count_recovery_codes(user).await? == 0 {
            codes = self.make_recovery_codes(&mut session, user).await?;
        }
        self.end_access(&mut session, user).await?;
        let cookie = self.renew_session(&mut session, of, visit).await?;
        session.commit().await?;
        Ok(Changed { cookie, codes })
    }

    /// The credential of somebody whose session has not been ended since it was looked at, claimed.
    async fn still_signed_in(
        &self,
        session: &mut Session,
        of: &SignedIn,
    ) -> Result<CredentialRecord, Problem> {
        let credential = self.claim_credential(session, of.user.id).await?;
        let found = session.find_sign_in(of.session).await?;
        let lasts = found.is_some_and(|(_, [_, issued_at])| {
            issued_at == of.issued_at && issued_at >= credential.valid_from
        });
        if lasts {
            Ok(credential)
        } else {
            Err(Problem::Ended)
        }
    }

    /// The same person's session under another cookie. They have proved nothing more, so it is as old as it was, and ends
    /// when it would have ended.
    async fn renew_session(
        &self,
        session: &mut Session,
        of: &SignedIn,
        visit: &Visit,
    ) -> Result<Zeroizing<String>, EngineError> {
        let begun = Begun {
            user: of.user.id,
            methods: &of.methods,
            provider: of.provider.clone(),
            authenticated_at: of.authenticated_at,
            ends_at: of.ends_at,
        };
        self.insert_session(session, begun, visit).await
    }

    fn be_recent(&self, of: &SignedIn) -> Result<(), Problem> {
        if of.is_recent(self.now()) {
            Ok(())
        } else {
            Err(Problem::OutOfTurn)
        }
    }

    /// Refuses if the rules ask for a second factor and this was the last.
    async fn keep_one(&self, session: &mut Session, of: &SignedIn) -> Result<(), Problem> {
        let wants = self.wants_second_factor(session, of.user.id).await?;
        if wants && !has_factor(session, of).await? {
            let reason = "a second factor is required: set up another one first".to_owned();
            return Err(EngineError::NotPossible { reason }.into());
        }
        Ok(())
    }

    /// What an app is set up with.
    pub(super) fn totp_set_up(&self, user: &User, secret: &[u8]) -> TotpSetUp {
        TotpSetUp {
            address: self.totp_address(&user.user_principal_name, secret),
            secret: totp::base32(secret),
        }
    }

    /// Keeps the secret of an app that has shown a code of it, if there is none yet.
    pub(super) async fn confirm_totp_of(
        &self,
        session: &mut Session,
        actor: &Actor,
        user: &User,
        (secret, code): (&[u8], &str),
    ) -> Result<(), Problem> {
        if session.find_totp(user.id).await?.is_some() {
            return Err(Problem::OutOfTurn);
        }
        let now = self.now();
        let step = totp::step_of(secret, code, now).ok_or(Problem::WrongCode)?;
        let record = TotpRecord {
            user_id: user.id,
            sealed: self.seal_totp(user.id, secret)?,
            last_step: step,
            confirmed_at: Some(now),
            created_at: now,
        };
        session.put_totp(&record).await?;
        let change = factor("addTotp", user, json!({}));
        Ok(self.audit(session, actor, change).await?)
    }

    pub(super) async fn note_passkey(
        &self,
        session: &mut Session,
        actor: &Actor,
        user: &User,
        name: &str,
    ) -> Result<(), EngineError> {
        let name = passkey_name(name, self.now());
        let change = factor("addPasskey", user, json!({ "name": name }));
        self.audit(session, actor, change).await
    }

    /// Why a password is not accepted for this person.
    pub(super) async fn password_problem_of(
        &self,
        user: &User,
        password: &str,
    ) -> Result<Option<PasswordProblem>, EngineError> {
        self.password_problem(password, &names(user)).await
    }
}

/// What came of a change of factors.
#[derive(Clone)]
pub struct Changed {
    /// The cookie of the session from now on.
    pub cookie: Zeroizing<String>,
    /// New recovery codes, to be shown once; none if those before still count.
    pub codes: Vec<String>,
}

impl std::fmt::Debug for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changed").finish_non_exhaustive()
    }
}

/// What a password of this person may not contain.
pub(super) fn names(user: &User) -> Vec<&str> {
    let mut names = vec![
        user.user_principal_name
            .split('@')
            .next()
            .unwrap_or_default(),
        &user.display_name,
    ];
    names.extend(
        [&user.given_name, &user.surname]
            .into_iter()
            .flatten()
            .map(String::as_str),
    );
    names
}

async fn has_factor(session: &mut Session, of: &SignedIn) -> Result<bool, EngineError> {
    let totp = session.find_totp(of.user.id).await?;
    Ok(totp.is_some_and(|totp| totp.confirmed_at.is_some())
        || !session.list_passkeys(of.user.id).await?.is_empty())
}

/// Where the challenge for a new passkey of a session is kept.
fn ceremony_place(of: &SignedIn) -> [u8; 32] {
    hash(&format!("session {}", of.session))
}

/// Where the secret of an app for one-time codes is kept while a session sets it up.
fn totp_place(of: &SignedIn) -> [u8; 32] {
    hash(&format!("one-time codes of session {}", of.session))
}

fn factor<'a>(activity: &'static str, user: &'a User, after: Value) -> Change<'a> {
    Change::action(activity, "user", user.id, &user.display_name, after)
}
