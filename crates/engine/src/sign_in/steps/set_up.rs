//! Steps in which a second factor is set up.

use mandate_model::User;
use mandate_store::Session;
use zeroize::Zeroizing;

use super::super::flow::{Open, Problem, Step, Visit};
use super::{bounded, itself};
use crate::Engine;
use crate::instance::hex;

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

impl Engine {
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

    /// Goes on after the recovery codes were shown.
    pub async fn keep_codes(&self, flow: &str) -> Result<(), Problem> {
        let mut open = self.open_flow(flow).await?;
        open.flow.codes = Vec::new();
        self.keep(&open).await
    }

    /// A sign-in in which a second factor has to be set up.
    pub(super) async fn begin_set_up(&self, flow: &str) -> Result<(Open, User), Problem> {
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
    pub(super) async fn still_sets_up(
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
}
