//! The steps of a sign-in, one by one.

use mandate_model::{Timestamp, User, UserId};
use mandate_store::Session;
use serde_json::Value;
use zeroize::Zeroizing;

use super::flow::{Open, Problem, Proven, Step, Visit, is_name};
use super::passkeys::{Ceremony, RelyingParty, passkey_named};
use super::throttle::Subject;
use super::totp;
use crate::audit::Change;
use crate::instance::{from_hex, hex};
use crate::providers::DirectoryVerdict;
use crate::{Actor, Engine, EngineError, Origin, Powers};

/// Passwords and codes of more octets are not even looked at.
const LONGEST_INPUT: usize = 4096;

/// What somebody sets up an app for one-time codes with.
#[derive(Clone)]
pub struct TotpSetUp {
    /// For a QR code: `otpauth://…`.
    pub address: Zeroizing<String>,
    /// The secret for typing, in base32.
    pub secret: Zeroizing<String>,
}

impl std::fmt::Debug for TotpSetUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpSetUp").finish_non_exhaustive()
    }
}

/// Who a password has shown somebody to be.
struct Shown {
    proven: Proven,
    /// The hash that it was compared with, if it is one of ours.
    before: Option<String>,
    /// The hash to be kept instead, if that was made as one made them once.
    after: Option<String>,
}

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

    /// Proves it with the password. Whatever is wrong, the same work is done and the same is answered.
    pub async fn enter_password(
        &self,
        flow: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        let (None, None, Some(name)) = (&open.flow.proven, &open.flow.link, &open.flow.name) else {
            return Err(Problem::OutOfTurn);
        };
        let name = name.clone();
        open.flow.tries += 1;
        self.keep(&open).await?;
        let mut open = self.open_flow(flow).await?;
        let shown = self.check_password(&name, password, visit).await?;
        let mut session = self.store().write().await?;
        if let Some(before) = &shown.before {
            // Another may have been set while these were compared.
            let user = shown.proven.user;
            let credential = self.claim_credential(&mut session, user).await?;
            if credential.password_hash.as_ref() != Some(before) {
                return Err(Problem::Refused);
            }
            if let Some(after) = &shown.after {
                session.rehash_password(user, before, after).await?;
            }
        }
        open.flow.proven = Some(shown.proven);
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    /// Whose name and password these are, here or in a directory that speaks for the name.
    async fn check_password(
        &self,
        name: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Shown, Problem> {
        // Before the hash is read: what ends access after that ends this.
        let at = self.now();
        let mut session = self.store().read().await?;
        let user = session.find_user_by_name(name).await?;
        let credential = match &user {
            Some(user) => session.find_credential(user.id).await?,
            None => None,
        };
        drop(session);
        let known = credential
            .as_ref()
            .and_then(|credential| self.known_browser(credential, visit.known.as_deref()));
        let subjects = subjects(name, known, visit);
        self.claim_try(&subjects).await?;
        let hash = credential.and_then(|credential| credential.password_hash);
        let password = bounded(password);
        let compared = self.compare_password(password, hash.clone()).await?;
        let here = user
            .as_ref()
            .filter(|user| compared.is_right && user.account_enabled)
            .map(|user| Proven::by_password(user.id, at));
        let proven = match (self.directory_comes_first(name).await?, here) {
            (None | Some(false), Some(here)) => Some(here),
            (None, None) => None,
            // Who has a password here uses it alone; the directory learns nothing of it, but takes its time.
            (Some(false), None) if hash.is_some() => {
                self.ask_directory_for_nobody(name, password).await?;
                None
            }
            (Some(_), here) => match self
                .check_directory_name(name, user.as_ref(), password)
                .await?
            {
                DirectoryVerdict::Right {
                    user,
                    provider,
                    methods,
                } if user.account_enabled => Some(Proven {
                    user: user.id,
                    methods: methods.split_whitespace().map(str::to_owned).collect(),
                    provider: Some(provider),
                    at,
                    last: at,
                }),
                DirectoryVerdict::Right { .. } | DirectoryVerdict::Wrong => None,
                DirectoryVerdict::Blocked => {
                    if let Some(user) = &user {
                        self.note_failure(user, "blocked", origin(visit)).await?;
                    }
                    return Err(Problem::Blocked);
                }
                DirectoryVerdict::NotConcerned | DirectoryVerdict::Unavailable => here,
            },
        };
        let Some(proven) = proven else {
            match &user {
                Some(user) => {
                    self.note_failure(user, "wrongPassword", origin(visit))
                        .await?;
                }
                // The disk is waited for as well, so that the time does not tell that there is no such account.
                None => self.touch_try(&subjects).await?,
            }
            return Err(Problem::Refused);
        };
        self.forgive_try(&subjects).await?;
        let before = hash.filter(|_| proven.provider.is_none());
        let after = match &before {
            Some(_) if compared.is_old => Some(self.hash_password(password).await?),
            _ => None,
        };
        Ok(Shown {
            proven,
            before,
            after,
        })
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

    /// What a browser is asked for a passkey with, where one can be used at this step: as JSON of
    /// `PublicKeyCredentialRequestOptions`, or `…CreationOptions` where one is set up.
    pub async fn passkey_options(
        &self,
        flow: &str,
        party: &RelyingParty,
    ) -> Result<Option<Value>, Problem> {
        let mut open = self.open_flow(flow).await?;
        // Every look at the page asks anew; whoever loses a challenge to a power cut asks again.
        let mut session = self.store().write_recoverable().await?;
        let step = self.step(&mut session, &open.flow).await?;
        let asked = match step {
            Step::Name | Step::Password { .. } => Some(self.discover(party)?),
            Step::SecondFactor { passkey: true, .. } => {
                let user = open.proven()?.user;
                self.ask_passkey(&mut session, party, user).await?
            }
            Step::SetUpFactor => {
                let user = open.proven()?.user;
                let user = session.find_user(user).await?.ok_or(Problem::Ended)?;
                Some(self.offer_passkey(&mut session, party, &user).await?)
            }
            Step::SecondFactor { .. }
            | Step::NewPassword { .. }
            | Step::RecoveryCodes(_)
            | Step::Done => None,
        };
        let Some((ceremony, options)) = asked else {
            return Ok(None);
        };
        open.flow.ceremony = Some(kept(&ceremony)?);
        open.save(&mut session).await?;
        session.commit().await?;
        Ok(Some(options))
    }

    /// Proves who it is, or a second thing, with a passkey: what the browser answered, as JSON.
    pub async fn enter_passkey(
        &self,
        flow: &str,
        party: &RelyingParty,
        answer: &str,
        visit: &Visit,
    ) -> Result<(), Problem> {
        let ceremony = self.take_ceremony(flow).await?;
        let mut open = self.open_flow(flow).await?;
        let mut session = self.store().write().await?;
        let checked = self
            .check_passkey(&mut session, party, ceremony, answer)
            .await;
        if let Err(Problem::PasskeyRefused) = checked {
            drop(session);
            let proven = open.flow.proven.as_ref().map(|proven| proven.user);
            self.note_wrong_passkey(proven, answer, visit).await?;
            return Err(Problem::PasskeyRefused);
        }
        let user = checked?;
        let person = session.find_user(user).await?;
        if !person.is_some_and(|person| person.account_enabled) {
            return Err(Problem::PasskeyRefused);
        }
        let now = self.now();
        match &mut open.flow.proven {
            Some(proven) if proven.user == user => proven.add("hwk", now),
            Some(_) => return Err(Problem::PasskeyRefused),
            None => {
                let mut proven = Proven {
                    user,
                    methods: vec!["user".to_owned()],
                    provider: None,
                    at: now,
                    last: now,
                };
                proven.add("hwk", now);
                open.flow.proven = Some(proven);
            }
        }
        open.save(&mut session).await?;
        session.commit().await?;
        tracing::debug!(address = ?visit.address, "a passkey was accepted");
        Ok(())
    }

    /// Notes that a passkey was refused: for whoever has proved a first thing, and else for whoever the answer says that the
    /// passkey belongs to. One that nobody here has is in the log alone: strangers could fill the audit with them.
    async fn note_wrong_passkey(
        &self,
        proven: Option<UserId>,
        answer: &str,
        visit: &Visit,
    ) -> Result<(), Problem> {
        let mut session = self.store().read().await?;
        let owner = match (proven, passkey_named(answer)) {
            (Some(user), _) => Some(user),
            (None, Some(id)) => session.find_passkey(&id).await?.map(|found| found.user_id),
            (None, None) => None,
        };
        let user = match owner {
            Some(user) => session.find_user(user).await?,
            None => None,
        };
        drop(session);
        tracing::info!(address = ?visit.address, user = ?owner, "a passkey was refused");
        if let Some(user) = user {
            // A passkey is not guessed and never waits; but notes of refused ones have an end.
            let subjects: Vec<Subject> = visit.address.map(Subject::address).into_iter().collect();
            match self.claim_try(&subjects).await {
                Ok(()) => {
                    self.note_failure(&user, "wrongPasskey", origin(visit))
                        .await?;
                }
                Err(Problem::Throttled { .. }) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// Sets a new password: of the owner of the set-up link, or because the old one has to be changed. The outer answer
    /// is why it cannot be; the inner why this password is not accepted.
    pub async fn enter_new_password(
        &self,
        flow: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Result<(), super::PasswordProblem>, Problem> {
        let mut open = self.open_flow(flow).await?;
        let mut session = self.store().read().await?;
        let Step::NewPassword { by_link } = self.step(&mut session, &open.flow).await? else {
            return Err(Problem::OutOfTurn);
        };
        let link = open.link()?;
        let user = match &link {
            Some(hash) if by_link => self.owner_of_link(&mut session, hash).await?,
            _ => {
                let user = open.proven()?.user;
                session.find_user(user).await?.ok_or(Problem::Ended)?
            }
        };
        let known = session.find_credential(user.id).await?;
        let known = known.and_then(|credential| credential.password_hash);
        drop(session);
        if let Some(problem) = self.password_problem_of(&user, password).await? {
            return Ok(Err(problem));
        }
        if !by_link {
            // Another one has to be another one.
            if self
                .compare_password(password, known.clone())
                .await?
                .is_right
            {
                return Ok(Err(super::PasswordProblem::TheSame));
            }
        }
        let hash = self.hash_password(password).await?;
        let mut session = self.store().write().await?;
        // Nobody gets a role between the look at who made the link and its use.
        session.hold_access().await?;
        let now = self.claim_credential(&mut session, user.id).await?;
        if let (true, Some(link)) = (by_link, &link) {
            self.owner_of_link(&mut session, link).await?;
            if !session.take_set_up_link(link).await? {
                return Err(Problem::LinkEnded);
            }
        } else if now.password_hash != known
            || self.step(&mut session, &open.flow).await? != (Step::NewPassword { by_link })
        {
            // Somebody set another one while these were compared.
            return Err(Problem::Ended);
        }
        let actor = itself(&user, visit);
        self.put_password(&mut session, &actor, &user, (hash, false))
            .await?;
        let now = self.now();
        if let Some(proven) = &mut open.flow.proven {
            (proven.at, proven.last) = (now, now);
        } else {
            open.flow.link = None;
            open.flow.proven = Some(Proven::by_password(user.id, now));
        }
        open.save(&mut session).await?;
        session.commit().await?;
        Ok(Ok(()))
    }

    /// What an app for one-time codes is set up with, where a second factor has to be; the same until it is confirmed, for
    /// this sign-in and no other.
    pub async fn offer_totp(&self, flow: &str) -> Result<TotpSetUp, Problem> {
        let (mut open, user) = self.begin_set_up(flow).await?;
        let secret = if let Some(secret) = open.totp() {
            secret
        } else {
            let secret = self.totp_secret();
            open.flow.totp = Some(hex(&secret));
            let mut session = self.store().write_recoverable().await?;
            open.save(&mut session).await?;
            session.commit().await?;
            secret
        };
        Ok(self.totp_set_up(&user, &secret))
    }

    /// Takes the first code of the app that was set up.
    pub async fn confirm_totp(&self, flow: &str, code: &str, visit: &Visit) -> Result<(), Problem> {
        let (mut open, user) = self.begin_set_up(flow).await?;
        let secret = open.totp().ok_or(Problem::OutOfTurn)?;
        let mut session = self.store().write().await?;
        self.still_sets_up(&mut session, &open, &user).await?;
        let actor = itself(&user, visit);
        self.confirm_totp_of(&mut session, &actor, &user, (&secret, bounded(code)))
            .await?;
        open.flow.totp = None;
        open.flow.codes = self.make_recovery_codes(&mut session, user.id).await?;
        open.prove("otp", self.now())?;
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    /// Takes the passkey that was set up.
    pub async fn confirm_passkey(
        &self,
        flow: &str,
        party: &RelyingParty,
        (answer, name): (&str, &str),
        visit: &Visit,
    ) -> Result<(), Problem> {
        let ceremony = self.take_ceremony(flow).await?;
        let (mut open, user) = self.begin_set_up(flow).await?;
        let mut session = self.store().write().await?;
        self.still_sets_up(&mut session, &open, &user).await?;
        let owner = self
            .add_passkey(&mut session, party, ceremony, (answer, name))
            .await?;
        if owner != user.id {
            return Err(Problem::PasskeyRefused);
        }
        self.note_passkey(&mut session, &itself(&user, visit), &user, name)
            .await?;
        open.flow.codes = self.make_recovery_codes(&mut session, user.id).await?;
        open.prove("hwk", self.now())?;
        open.save(&mut session).await?;
        Ok(session.commit().await?)
    }

    /// Goes on after the recovery codes were shown.
    pub async fn keep_codes(&self, flow: &str) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        open.flow.codes = Vec::new();
        self.keep(&open).await
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

    /// A sign-in in which a second factor has to be set up.
    async fn begin_set_up(&self, flow: &str) -> Result<(Open, User), Problem> {
        let open = self.open_flow(flow).await?;
        let mut session = self.store().read().await?;
        if self.step(&mut session, &open.flow).await? != Step::SetUpFactor {
            return Err(Problem::OutOfTurn);
        }
        let user = open.proven()?.user;
        let user = session.find_user(user).await?.ok_or(Problem::Ended)?;
        Ok((open, user))
    }

    /// Whether it still has to be, with the credential claimed: somebody may have ended it, or set one up elsewhere.
    async fn still_sets_up(
        &self,
        session: &mut Session,
        open: &Open,
        user: &User,
    ) -> Result<(), Problem> {
        self.claim_credential(session, user.id).await?;
        match self.step(session, &open.flow).await? {
            Step::SetUpFactor => Ok(()),
            _ => Err(Problem::OutOfTurn),
        }
    }

    /// Takes the challenge out of a sign-in, so that it is answered once.
    async fn take_ceremony(&self, flow: &str) -> Result<Ceremony, Problem> {
        let mut open = self.open_flow(flow).await?;
        let ceremony = open.flow.ceremony.take().ok_or(Problem::OutOfTurn)?;
        self.keep(&open).await?;
        serde_json::from_value(ceremony).map_err(|_| Problem::PasskeyRefused)
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

/// What a try is counted of.
fn subjects(name: &str, known: Option<&str>, visit: &Visit) -> Vec<Subject> {
    let mut subjects = vec![match known {
        Some(mark) => Subject::known_browser(name, mark),
        None => Subject::account(name),
    }];
    // Strangers behind the same address do not keep out somebody whose browser is known.
    if let (None, Some(address)) = (known, visit.address) {
        subjects.push(Subject::address(address));
    }
    subjects
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
