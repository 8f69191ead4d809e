//! Steps with passkeys.

use mandate_model::UserId;
use serde_json::Value;

use super::super::flow::{Problem, Proven, Step, Visit};
use super::super::passkeys::{Ceremony, RelyingParty, passkey_named};
use super::super::throttle::Subject;
use super::{itself, kept, origin};
use crate::Engine;

impl Engine {
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

    /// Takes the challenge out of a sign-in, so that it is answered once.
    async fn take_ceremony(&self, flow: &str) -> Result<Ceremony, Problem> {
        let mut open = self.open_flow(flow).await?;
        let ceremony = open.flow.ceremony.take().ok_or(Problem::OutOfTurn)?;
        self.keep(&open).await?;
        serde_json::from_value(ceremony).map_err(|_| Problem::PasskeyRefused)
    }
}
