//! The device grant (RFC 8628): a client without a browser waits while somebody signs in with another.

use mandate_model::{AppId, Timestamp};
use mandate_store::{DeviceCodeRecord, Session, ThrottleRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::issue::Recipient;
use super::{Bearer, GrantRefusal, PersonGrant, PersonTokens, days, hash, random, read, written};
use crate::audit::Change;
use crate::sign_in::{Visit, itself};
use crate::tokens::Scope;
use crate::{App, ClientProof, Engine, EngineError, SignedIn};

/// How long a code waits for somebody.
const LASTS: i64 = 15 * Timestamp::MINUTE;
/// Seconds between two questions of the client.
const INTERVAL: i64 = 5;
/// By which a client that asks too often has to wait longer.
const SLOWER: i64 = 5;
/// Letters of user codes: no vowels, so that no words come of them (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// Wrong codes that a person may type before they have to wait.
const MOST_TRIES: i64 = 5;
const BLOCKED: i64 = 10 * Timestamp::MINUTE;
/// Wrong tries are forgotten after this.
const REMEMBERED: i64 = Timestamp::HOUR;

/// What a client shows and waits with.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDeviceCode {
    /// What the client asks with.
    pub device_code: String,
    /// What people type.
    pub user_code: String,
    /// Seconds until both end.
    pub expires_in: i64,
    /// Seconds between two questions.
    pub interval: i64,
}

impl std::fmt::Debug for NewDeviceCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDeviceCode").finish_non_exhaustive()
    }
}

/// What somebody is asked to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// The client that waits.
    pub app: App,
    /// Names of the permissions that it gets.
    pub permissions: Vec<String>,
    /// What was typed, in its written form.
    pub user_code: String,
}

/// Why a user code leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum DeviceProblem {
    /// No client waits with it, or no longer.
    #[error("the code is not valid, or has expired")]
    Unknown,
    /// Too many wrong ones.
    #[error("too many wrong codes; the next one is possible in {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: i64,
    },
    /// Our fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for DeviceProblem {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    scope: Scope,
    takes_claims: bool,
    is_proven: bool,
}

impl Engine {
    /// Begins to wait for somebody.
    pub async fn begin_device_code(
        &self,
        app: &App,
        proof: ClientProof,
        scope: Scope,
        takes_claims: bool,
    ) -> Result<NewDeviceCode, EngineError> {
        let now = self.now();
        let device_code = random(self.chance());
        let content = written(&Content {
            scope,
            takes_claims,
            is_proven: proof != ClientProof::None,
        })?;
        // A client that loses its code to a power cut begins anew.
        let mut session = self.store().write_recoverable().await?;
        // Twenty letters to the eighth: two alike are rare, and three times in a row are none.
        for _ in 0..3 {
            let user_code = self.user_code();
            let record = DeviceCodeRecord {
                hash: hash(&device_code).to_vec(),
                user_code: user_code.clone(),
                app: app.id,
                content: content.clone(),
                state: "pending".to_owned(),
                user: None,
                session: None,
                polled_at: None,
                interval_seconds: INTERVAL,
                expires_at: now.plus(LASTS),
            };
            if session.insert_device_code(&record).await? {
                session.commit().await?;
                return Ok(NewDeviceCode {
                    device_code,
                    user_code: shown(&user_code),
                    expires_in: LASTS / Timestamp::SECOND,
                    interval: INTERVAL,
                });
            }
        }
        Err(EngineError::Internal("no user code was free".to_owned()))
    }

    /// What waits behind a user code, for somebody who is signed in. Wrong codes are counted.
    pub async fn find_device_request(
        &self,
        of: &SignedIn,
        user_code: &str,
    ) -> Result<DeviceRequest, DeviceProblem> {
        let mut session = self.store().write().await?;
        let found = self.waiting_code(&mut session, of, user_code).await;
        // Whatever came of it, the try counts.
        session.commit().await?;
        let record = found?;
        let app = self.find_app(record.app).await?;
        let content: Content = read(&record.content)?;
        Ok(DeviceRequest {
            app: app.ok_or(DeviceProblem::Unknown)?,
            permissions: content.scope.permissions,
            user_code: shown(&record.user_code),
        })
    }

    /// Approves or declines what waits behind a user code; `app` is the client that the person was shown.
    pub async fn decide_device_request(
        &self,
        of: &SignedIn,
        user_code: &str,
        (app, is_approved): (AppId, bool),
        visit: &Visit,
    ) -> Result<(), DeviceProblem> {
        let mut session = self.store().write().await?;
        let found = self.waiting_code(&mut session, of, user_code).await;
        let decided = match found {
            Ok(record) if record.app == app => {
                let state = if is_approved { "approved" } else { "denied" };
                session
                    .decide_device_code(&record.hash, state, of.user.id, of.session, self.now())
                    .await?
            }
            Ok(_) => false,
            Err(problem) => {
                session.commit().await?;
                return Err(problem);
            }
        };
        if decided {
            let activity = if is_approved {
                "approveDeviceCode"
            } else {
                "declineDeviceCode"
            };
            let name = &of.user.user_principal_name;
            let after = json!({ "app": app, "session": of.session });
            let change = Change::action(activity, "signIn", of.user.id, name, after);
            let actor = itself(&of.user, visit);
            self.audit(&mut session, &actor, change).await?;
        }
        session.commit().await?;
        if decided {
            Ok(())
        } else {
            Err(DeviceProblem::Unknown)
        }
    }

    /// Tokens for a device code, once somebody has approved it.
    pub async fn redeem_device_code(
        &self,
        app: &App,
        proof: ClientProof,
        device_code: &str,
        base_url: &str,
    ) -> Result<PersonTokens, GrantRefusal> {
        let key = hash(device_code);
        let now = self.now();
        let mut session = self.store().write().await?;
        let record = session.find_device_code(&key, app.id).await?;
        let record = record.ok_or(GrantRefusal::UnknownDevice)?;
        if record.expires_at <= now {
            return Err(GrantRefusal::DeviceExpired);
        }
        let content: Content = read(&record.content)?;
        if content.is_proven && proof == ClientProof::None {
            return Err(GrantRefusal::NoProof);
        }
        if record.state == "pending" {
            let refusal = keep_waiting(&mut session, &record, now).await?;
            session.commit().await?;
            return Err(refusal);
        }
        if let Some(user) = record.user {
            // Whatever ends access comes before this, and is seen below, or after, and sees what came of it.
            session.lock_credential(user).await?;
        }
        if !session.take_device_code(&key, &record.state).await? {
            return Err(GrantRefusal::UnknownDevice);
        }
        let (true, Some(user)) = (record.state == "approved", record.user) else {
            session.commit().await?;
            return Err(GrantRefusal::Denied);
        };
        let bearer = Bearer {
            user,
            session: record.session,
            family: self.chance().id(now),
        };
        let signed_in = match record.session {
            Some(id) => session.find_sign_in(id).await?,
            None => None,
        };
        let Some((methods, [authenticated_at, issued_at])) = signed_in else {
            session.commit().await?;
            return Err(GrantRefusal::SessionEnded);
        };
        let grant = PersonGrant {
            scope: content.scope,
            methods: methods.split(' ').map(str::to_owned).collect(),
            authenticated_at: authenticated_at.0,
            issued_at: issued_at.0,
            takes_claims: content.takes_claims,
            is_proven: content.is_proven,
            ends_at: now.plus(days(self.options().refresh_longest_days)).0,
        };
        let user = self.good_bearer(&mut session, bearer, &grant).await?;
        let recipient = Recipient {
            app,
            proof,
            base_url,
            nonce: None,
        };
        let tokens = self
            .issue_to(&mut session, &recipient, (&user, bearer), &grant)
            .await?;
        session.commit().await?;
        Ok(tokens)
    }

    async fn waiting_code(
        &self,
        session: &mut Session,
        of: &SignedIn,
        user_code: &str,
    ) -> Result<DeviceCodeRecord, DeviceProblem> {
        let now = self.now();
        let subject = format!("device-code {}", of.user.id);
        let mut throttle = session.claim_throttle(&subject, now).await?;
        if throttle.blocked_until > now {
            let seconds = throttle.blocked_until.since(now) / Timestamp::SECOND + 1;
            return Err(DeviceProblem::Throttled { seconds });
        }
        let found = match normal(user_code) {
            Some(code) => session.find_waiting_device_code(&code, now).await?,
            None => None,
        };
        if let Some(record) = found {
            return Ok(record);
        }
        if now.since(throttle.updated_at) > REMEMBERED {
            throttle.tries = 0;
        }
        let tries = throttle.tries + 1;
        let is_last = tries >= MOST_TRIES;
        let after = ThrottleRecord {
            tries: if is_last { 0 } else { tries },
            blocked_until: if is_last {
                now.plus(BLOCKED)
            } else {
                Timestamp(0)
            },
            updated_at: now,
        };
        session.put_throttle(&subject, after).await?;
        Err(DeviceProblem::Unknown)
    }

    fn user_code(&self) -> String {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            for byte in self.chance().key() {
                // 240 is the largest multiple of 20 below 256: each letter is equally likely.
                if byte < 240 && code.len() < LENGTH {
                    code.push(char::from(LETTERS[usize::from(byte % 20)]));
                }
            }
        }
        code
    }
}

/// `slow_down` for a client that asks before its time (RFC 8628 §3.5); a second early is its network.
async fn keep_waiting(
    session: &mut Session,
    record: &DeviceCodeRecord,
    now: Timestamp,
) -> Result<GrantRefusal, GrantRefusal> {
    let wanted = (record.interval_seconds - 1) * Timestamp::SECOND;
    let is_early = record.polled_at.is_some_and(|at| now.since(at) < wanted);
    let interval = if is_early {
        record.interval_seconds + SLOWER
    } else {
        record.interval_seconds
    };
    session
        .poll_device_code(&record.hash, now, interval)
        .await?;
    Ok(if is_early {
        GrantRefusal::SlowDown
    } else {
        GrantRefusal::Pending
    })
}

/// `BCDF-GHJK`
fn shown(code: &str) -> String {
    match code.split_at_checked(LENGTH / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// A code as it is kept, from how people type it; none if it cannot be one.
fn normal(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(LENGTH + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte))).then_some(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "b-c-d-f-g-h-j-k"] {
            assert_eq!(normal(typed).as_deref(), Some("BCDFGHJK"), "{typed}");
        }
        for typed in ["", "BCDF", "BCDFGHJKL", "ACDFGHJK", "BCDFGHJ1", "ßßßß"] {
            assert_eq!(normal(typed), None, "{typed}");
        }
        assert_eq!(shown("BCDFGHJK"), "BCDF-GHJK");
    }

    proptest! {
        #[test]
        fn no_input_panics(typed in "\\PC{0,40}") {
            let _ = normal(&typed).map(|code| shown(&code));
            let _ = shown(&typed);
        }
    }
}
