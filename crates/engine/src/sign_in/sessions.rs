//! What a browser is signed in to.

use mandate_model::{Timestamp, User, UserId};
use mandate_pki::{hmac_sha256, hmac_sha256_verify};
use mandate_store::{CredentialRecord, Session, SignInSessionRecord};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::flow::{Problem, Step, Visit};
use super::steps::itself;
use super::{hash, token};
use crate::audit::Change;
use crate::{Engine, EngineError};

/// How exactly it is noted when a session was last used.
const SEEN_TO: i64 = Timestamp::MINUTE;
/// For how long after they proved who they are people may change their factors.
const RECENT: i64 = 10 * Timestamp::MINUTE;
const LONGEST_AGENT: usize = 256;
/// For how many seconds a browser is known.
const KNOWN_FOR: i64 = 180 * 24 * 3600;

/// Somebody who is signed in with a browser.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    /// Id of the session.
    pub session: Uuid,
    /// Who.
    pub user: User,
    /// How they proved it (RFC 8176).
    pub methods: Vec<String>,
    /// At which provider, if not here.
    pub provider: Option<String>,
    /// When.
    pub authenticated_at: Timestamp,
    /// When the browser got its cookie: later, if it has got another one since.
    pub issued_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
}

/// How a session begins.
pub(super) struct Begun<'a> {
    pub(super) user: UserId,
    pub(super) methods: &'a [String],
    pub(super) provider: Option<String>,
    pub(super) authenticated_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

impl SignedIn {
    /// Whether it is so short ago that factors may be changed without asking again.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.since(self.authenticated_at) <= RECENT
    }
}

/// A session that has just begun.
#[derive(Clone)]
pub struct NewSession {
    /// Value of its cookie.
    pub cookie: Zeroizing<String>,
    /// A mark for the browser: wrong tries of strangers do not keep its person out.
    pub known: String,
    /// Where the sign-in leads: a path of this server.
    pub return_to: String,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession")
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}

/// A session as its person sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Its id.
    pub id: Uuid,
    /// From which network address.
    pub address: Option<String>,
    /// With which program, in its own words.
    pub agent: String,
    /// When it began.
    pub authenticated_at: Timestamp,
    /// When it was last used; to the minute.
    pub seen_at: Timestamp,
}

impl Engine {
    /// Who is signed in by the cookie of a browser; none if the session has ended, for whatever reason.
    pub async fn session_of(&self, cookie: &str) -> Result<Option<SignedIn>, EngineError> {
        let now = self.now();
        let mut session = self.store().read().await?;
        let Some(record) = session.find_sign_in_session(&hash(cookie)).await? else {
            return Ok(None);
        };
        if now >= record.ends_at || now >= record.seen_at.plus(self.options().sign_in.idle) {
            return Ok(None);
        }
        let Some(user) = session.find_user(record.user_id).await? else {
            return Ok(None);
        };
        let valid_from = valid_from(&mut session, user.id).await?;
        if !user.account_enabled || record.issued_at < valid_from {
            return Ok(None);
        }
        let methods: Vec<String> = record.methods.split(' ').map(str::to_owned).collect();
        if self.lacks_second(&mut session, user.id, &methods).await? {
            return Ok(None);
        }
        drop(session);
        if now.since(record.seen_at) >= SEEN_TO {
            let mut session = self.store().write_recoverable().await?;
            session.see_sign_in_session(record.id, now).await?;
            session.commit().await?;
        }
        Ok(Some(SignedIn {
            session: record.id,
            user,
            methods,
            provider: record.provider,
            authenticated_at: record.authenticated_at,
            issued_at: record.issued_at,
            ends_at: record.ends_at,
        }))
    }

    /// Since when tokens and sessions of a person are good: what was issued before is not.
    pub async fn credentials_valid_from(&self, user: UserId) -> Result<Timestamp, EngineError> {
        let mut session = self.store().read().await?;
        valid_from(&mut session, user).await
    }

    /// Begins the session that a sign-in has led to; none if something still lacks. The session that the browser had
    /// before ends.
    pub async fn finish_flow(
        &self,
        flow: &str,
        visit: &Visit,
    ) -> Result<Option<NewSession>, Problem> {
        let open = self.open_flow(flow).await?;
        let Some(proven) = &open.flow.proven else {
            return Ok(None);
        };
        let mut session = self.store().write().await?;
        let user = session.find_user(proven.user).await?;
        let user = user.ok_or(Problem::Ended)?;
        // Whatever ends what the person is signed in to comes before this, and is seen below, or after.
        let credential = self.claim_credential(&mut session, user.id).await?;
        // Only one request can finish it.
        if !session.delete_flow(&open.hash).await? {
            return Err(Problem::Ended);
        }
        if self.step(&mut session, &open.flow).await? != Step::Done {
            return Ok(None);
        }
        let begun = Begun {
            user: proven.user,
            methods: &proven.methods,
            provider: proven.provider.clone(),
            authenticated_at: proven.last,
            ends_at: self.now().plus(self.options().sign_in.longest),
        };
        let cookie = self.insert_session(&mut session, begun, visit).await?;
        let change = Change::signed_in(user.id, &user.user_principal_name, &proven.methods);
        self.audit(&mut session, &itself(&user, visit), change)
            .await?;
        session.commit().await?;
        Ok(Some(NewSession {
            cookie,
            known: self.known_mark(&credential),
            return_to: open.flow.return_to.clone(),
        }))
    }

    /// Begins a session in the place of the one that the browser has. If that is the same person's, what clients got by
    /// it goes on; but the cookie is another in any case.
    pub(super) async fn insert_session(
        &self,
        session: &mut Session,
        begun: Begun<'_>,
        visit: &Visit,
    ) -> Result<Zeroizing<String>, EngineError> {
        let user = begun.user;
        let now = self.now();
        let before = match &visit.session {
            Some(cookie) => session.find_sign_in_session(&hash(cookie)).await?,
            None => None,
        };
        let mut id = self.chance().id(now);
        if let Some(before) = before {
            if before.user_id == user {
                session.forget_sign_in_session(before.id).await?;
                id = before.id;
            } else {
                session
                    .delete_sign_in_session(before.user_id, before.id)
                    .await?;
            }
        }
        let cookie = token(self.chance());
        let record = SignInSessionRecord {
            id,
            hash: hash(&cookie),
            user_id: user,
            methods: begun.methods.join(" "),
            provider: begun.provider,
            address: visit.address.map(|address| address.to_string()),
            agent: visit
                .agent
                .chars()
                .filter(|c| !c.is_control())
                .take(LONGEST_AGENT)
                .collect(),
            authenticated_at: begun.authenticated_at,
            issued_at: now,
            seen_at: now,
            ends_at: begun.ends_at,
        };
        session.insert_sign_in_session(&record).await?;
        Ok(cookie)
    }

    /// Ends the session of a browser, and what clients got by it.
    pub async fn sign_out(&self, cookie: &str, visit: &Visit) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        if let Some(record) = session.find_sign_in_session(&hash(cookie)).await?
            && session
                .delete_sign_in_session(record.user_id, record.id)
                .await?
        {
            let ended = (record.user_id, record.id);
            self.note_session_end(&mut session, "signOut", ended, visit)
                .await?;
            session.commit().await?;
        }
        Ok(())
    }

    /// Ends a session that whoever brings a token of it says to be over, and what clients got by it.
    pub async fn sign_out_session(
        &self,
        user: UserId,
        id: Uuid,
        visit: &Visit,
    ) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        if session.delete_sign_in_session(user, id).await? {
            self.note_session_end(&mut session, "signOut", (user, id), visit)
                .await?;
            session.commit().await?;
        }
        Ok(())
    }

    async fn note_session_end(
        &self,
        session: &mut Session,
        activity: &'static str,
        (user, id): (UserId, Uuid),
        visit: &Visit,
    ) -> Result<(), EngineError> {
        let Some(user) = session.find_user(user).await? else {
            return Ok(());
        };
        let after = serde_json::json!({ "session": id });
        let name = &user.user_principal_name;
        let change = Change::action(activity, "signIn", user.id, name, after);
        let actor = itself(&user, visit);
        self.audit(session, &actor, change).await
    }

    /// Where somebody is signed in, the newest first.
    pub async fn list_own_sessions(&self, of: &SignedIn) -> Result<Vec<SessionView>, EngineError> {
        let now = self.now();
        let seen_after = now.plus(-self.options().sign_in.idle);
        let mut session = self.store().read().await?;
        let records = session
            .list_sign_in_sessions(of.user.id, now, seen_after)
            .await?;
        Ok(records
            .into_iter()
            .map(|record| SessionView {
                id: record.id,
                address: record.address,
                agent: record.agent,
                authenticated_at: record.authenticated_at,
                seen_at: record.seen_at,
            })
            .collect())
    }

    /// Ends one of one's own sessions, and what clients got by it.
    pub async fn end_own_session(
        &self,
        of: &SignedIn,
        id: Uuid,
        visit: &Visit,
    ) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        if !session.delete_sign_in_session(of.user.id, id).await? {
            return Err(EngineError::not_found("session", id));
        }
        self.note_session_end(&mut session, "endSession", (of.user.id, id), visit)
            .await?;
        Ok(session.commit().await?)
    }

    /// Ends all of one's own sessions, and everything that clients got by them.
    pub async fn end_own_sessions(&self, of: &SignedIn, visit: &Visit) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        self.end_access(&mut session, of.user.id).await?;
        let name = &of.user.display_name;
        let change = Change::action(
            "revokeSignInSessions",
            "user",
            of.user.id,
            name,
            json_of_all(),
        );
        self.audit(&mut session, &itself(&of.user, visit), change)
            .await?;
        Ok(session.commit().await?)
    }

    /// Ends everything that a person is signed in to, tokens of clients included.
    pub(crate) async fn end_access(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<(), EngineError> {
        self.claim_credential(session, user).await?;
        // The time is taken with the claim: nothing that was proved before counts as later.
        session.set_valid_from(user, self.now()).await?;
        session.delete_sign_in_sessions(user).await?;
        Ok(session.forget_grants_of_user(user).await?)
    }

    /// The mark of a browser in which a person signed in: random, good for that person alone and for half a year, and
    /// until everything ends that they are signed in to.
    pub(super) fn known_mark(&self, of: &CredentialRecord) -> String {
        let random = token(self.chance());
        let since = self.now().unix_seconds();
        let text = known_text(of, &random, since);
        let code = hmac_sha256(&self.known_key(), text.as_bytes());
        format!("{}.{since}.{}", *random, crate::instance::hex(&code))
    }

    /// What tells a browser apart in which this person signed in before; none if it is not such a one.
    pub(super) fn known_browser<'a>(
        &self,
        of: &CredentialRecord,
        mark: Option<&'a str>,
    ) -> Option<&'a str> {
        let (random, rest) = mark?.split_once('.')?;
        let (since, code) = rest.split_once('.')?;
        let since: i64 = since.parse().ok()?;
        let age = self.now().unix_seconds().checked_sub(since)?;
        let code = crate::instance::from_hex(code)?;
        let text = known_text(of, random, since);
        let is_ours = hmac_sha256_verify(&self.known_key(), text.as_bytes(), &code);
        (is_ours && age <= KNOWN_FOR).then_some(random)
    }

    fn known_key(&self) -> [u8; 32] {
        hmac_sha256(self.challenge_key(), b"sign-in: known browsers")
    }
}

fn known_text(of: &CredentialRecord, random: &str, since: i64) -> String {
    let (user, handle, valid_from) = (of.user_id, of.handle, of.valid_from.0);
    format!("{user} {handle} {valid_from} {random} {since}")
}

fn json_of_all() -> serde_json::Value {
    serde_json::json!({ "sessions": "all" })
}

async fn valid_from(session: &mut Session, user: UserId) -> Result<Timestamp, EngineError> {
    let credential = session.find_credential(user).await?;
    Ok(credential.map_or(Timestamp(i64::MIN), |credential| credential.valid_from))
}
