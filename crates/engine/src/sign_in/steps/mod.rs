//! The steps of a sign-in, one by one.

mod passkey;
mod password;
mod set_up;

use mandate_model::{Timestamp, User, UserId};
use serde_json::Value;
use zeroize::Zeroizing;

pub use set_up::TotpSetUp;

use super::flow::{Open, Problem, Step, Visit, is_name};
use super::passkeys::Ceremony;
use super::throttle::Subject;
use super::totp;
use crate::audit::Change;
use crate::instance::from_hex;
use crate::{Actor, Engine, EngineError, Origin, Powers};

/// Passwords and codes of more octets are not even looked at.
const LONGEST_INPUT: usize = 4096;

impl Engine {
    /// Says who it is. That there is such an account is not looked at.
    pub async fn enter_name(&self, flow: &str, name: &str) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        if open.flow.proven.is_some() || open.flow.link.is_some() {
            return Err(Problem::OutOfTurn);
        }
        let name = name.trim();
        if !is_name(name) {
            return Err(Problem::Refused);
        }
        open.flow.name = Some(name.to_owned());
        self.keep(&open).await
    }

    /// Begins the same sign-in anew, as somebody else perhaps.
    pub async fn start_again(&self, flow: &str) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        (open.flow.name, open.flow.proven, open.flow.ceremony) = (None, None, None);
        (open.flow.codes, open.flow.totp) = (Vec::new(), None);
        self.keep(&open).await
    }

    /// Proves a second thing with a one-time code.
    pub async fn enter_code(&self, flow: &str, code: &str, visit: &Visit) -> Result<(), Problem> {
        let (mut open, user) = self.begin_second(flow).await?;
        let subjects = [self.subject_of_codes(user, visit).await?];
        self.claim_try(&subjects).await?;
        let mut session = self.store().write().await?;
        let totp = session.find_totp(user).await?;
        let totp = totp.filter(|totp| totp.confirmed_at.is_some());
        let totp = totp.ok_or(Problem::OutOfTurn)?;
        let secret = self.open_totp(user, &totp.sealed)?;
        let step = totp::step_of(&secret, bounded(code), self.now());
        let is_right = match step {
            Some(step) => session.use_totp(user, step).await?,
            None => false,
        };
        if !is_right {
            drop(session);
            return Err(self.wrong_code(user, visit).await?);
        }
        open.prove("otp", self.now())?;
        open.save(&mut session).await?;
        session.commit().await?;
        self.forgive_try(&subjects).await
    }

    /// Proves a second thing with a recovery code, which is gone then.
    pub async fn enter_recovery_code(
        &self,
        flow: &str,
        code: &str,
        visit: &Visit,
    ) -> Result<(), Problem> {
        let (mut open, user) = self.begin_second(flow).await?;
        let subjects = [self.subject_of_codes(user, visit).await?];
        self.claim_try(&subjects).await?;
        let hash = self.recovery_hash(user, bounded(code));
        let mut session = self.store().write().await?;
        if !session.use_recovery_code(user, &hash, self.now()).await? {
            drop(session);
            return Err(self.wrong_code(user, visit).await?);
        }
        let left = session.count_recovery_codes(user).await?;
        let person = session.find_user(user).await?.ok_or(Problem::Ended)?;
        let change = Change::action(
            "useRecoveryCode",
            "user",
            user,
            &person.display_name,
            serde_json::json!({ "codesLeft": left }),
        );
        self.audit(&mut session, &itself(&person, visit), change)
            .await?;
        open.prove("otp", self.now())?;
        open.save(&mut session).await?;
        session.commit().await?;
        self.forgive_try(&subjects).await
    }

    /// A sign-in that asks for a second thing; the try is counted.
    async fn begin_second(&self, flow: &str) -> Result<(Open, UserId), Problem> {
        let mut open = self.open_flow(flow).await?;
        open.flow.tries += 1;
        self.keep(&open).await?;
        let open = self.open_flow(flow).await?;
        let mut session = self.store().read().await?;
        match self.step(&mut session, &open.flow).await? {
            Step::SecondFactor { .. } => {
                let user = open.proven()?.user;
                Ok((open, user))
            }
            _ => Err(Problem::OutOfTurn),
        }
    }

    /// What tries of codes are counted of: whoever else knows the password does not keep the person out whose browser is
    /// known.
    async fn subject_of_codes(&self, user: UserId, visit: &Visit) -> Result<Subject, Problem> {
        let credential = self.store().read().await?.find_credential(user).await?;
        let known = credential
            .as_ref()
            .and_then(|credential| self.known_browser(credential, visit.known.as_deref()));
        Ok(Subject::codes(user, known))
    }

    async fn keep(&self, open: &Open) -> Result<(), Problem> {
        let mut session = self.store().write().await?;
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    async fn wrong_code(&self, user: UserId, visit: &Visit) -> Result<Problem, Problem> {
        if let Some(user) = self.store().read().await?.find_user(user).await? {
            self.note_failure(&user, "wrongCode", origin(visit)).await?;
        }
        Ok(Problem::WrongCode)
    }

    /// Says in the audit that somebody was not let in.
    pub(super) async fn note_failure(
        &self,
        user: &User,
        reason: &str,
        origin: Origin,
    ) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        let actor = Actor::system().from(origin);
        let change = Change::sign_in_failed(user.id, &user.user_principal_name, reason);
        self.audit(&mut session, &actor, change).await?;
        Ok(session.commit().await?)
    }
}

impl Open {
    /// The secret of an app that is being set up.
    fn totp(&self) -> Option<Zeroizing<Vec<u8>>> {
        from_hex(self.flow.totp.as_deref()?).map(Zeroizing::new)
    }

    /// Notes that one more thing was proved.
    fn prove(&mut self, method: &str, now: Timestamp) -> Result<(), Problem> {
        let proven = self.flow.proven.as_mut().ok_or(Problem::Ended)?;
        proven.add(method, now);
        Ok(())
    }

    /// The set-up link that the sign-in began with.
    pub(super) fn link(&self) -> Result<Option<[u8; 32]>, Problem> {
        let Some(link) = &self.flow.link else {
            return Ok(None);
        };
        let octets = from_hex(link).and_then(|octets| octets.try_into().ok());
        octets.map(Some).ok_or(Problem::LinkEnded)
    }
}

pub(super) fn kept(ceremony: &Ceremony) -> Result<Value, EngineError> {
    serde_json::to_value(ceremony).map_err(|error| EngineError::Internal(error.to_string()))
}

/// A person as the actor of what concerns themselves alone.
pub(crate) fn itself(user: &User, visit: &Visit) -> Actor {
    let name = user.user_principal_name.clone();
    Actor::person(user.id, name, None, None, Powers::Granted(Vec::new())).from(origin(visit))
}

pub(super) fn origin(visit: &Visit) -> Origin {
    Origin {
        address: visit.address,
        request: None,
    }
}

fn bounded(input: &str) -> &str {
    if input.len() > LONGEST_INPUT {
        ""
    } else {
        input
    }
}
