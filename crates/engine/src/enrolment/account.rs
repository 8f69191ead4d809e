//! Account-driven enrolment: somebody types their account into the settings of a device, signs in, and the device fetches
//! its profile with what the sign-in gave it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{EnrolmentType, Platform, Timestamp};
use mandate_store::VisitRecord;

use super::EnrolmentOffer;
use super::grounds::{Grounds, Way};
use crate::{Engine, EngineError, SignedIn};

/// How long the device may take from the sign-in to its profile.
const LIFE: i64 = 15 * Timestamp::MINUTE;

/// What is enrolled by an account, in the words of the device's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMode {
    /// A managed part of somebody's own device (`mdm-byod`).
    Byod,
    /// The whole device (`mdm-adde`).
    Adde,
}

impl AccountMode {
    /// As in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Byod => "byod",
            Self::Adde => "adde",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Byod, Self::Adde]
            .into_iter()
            .find(|mode| mode.name() == name)
    }

    const fn kind(self) -> EnrolmentType {
        match self {
            Self::Byod => EnrolmentType::User,
            Self::Adde => EnrolmentType::Device,
        }
    }
}

/// Why somebody may not enrol with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// It is not offered for such devices.
    #[error("account-driven enrolment is not offered for this device")]
    NotOffered,
    /// Somebody else signed in than the account that was typed into the device.
    #[error("somebody else is signed in than the account that was typed into the device")]
    SomebodyElse,
    /// What the device brought from the sign-in is not good, or not any more.
    #[error("the sign-in is over; begin anew at the device")]
    SignInOver,
}

impl Engine {
    /// How devices of a platform are enrolled by an account; `None` if they are not.
    pub fn account_mode(&self, platform: Platform) -> Option<AccountMode> {
        let mode = self.options().account_driven?;
        Some(match platform {
            Platform::Ios => mode,
            // A part of a Mac is not managed here.
            Platform::MacOs => AccountMode::Adde,
        })
    }

    /// Whether an account may enrol here at all: its domain is one of the organisation's.
    pub async fn is_account_of_ours(&self, account: &str) -> Result<bool, EngineError> {
        match account.rsplit_once('@') {
            Some((_, domain)) => self.is_domain_verified(domain).await,
            None => Ok(false),
        }
    }

    /// Somebody has signed in for a device: what the device is to bring along. `account` is what was typed into it.
    pub async fn grant_account_enrolment(
        &self,
        of: &SignedIn,
        mode: AccountMode,
        account: Option<&str>,
    ) -> Result<Result<String, AccountRefusal>, EngineError> {
        let offered = [Platform::Ios, Platform::MacOs].map(|platform| self.account_mode(platform));
        if !offered.contains(&Some(mode)) {
            return Ok(Err(AccountRefusal::NotOffered));
        }
        let is_theirs = |account: &str| {
            account.eq_ignore_ascii_case(&of.user.user_principal_name)
                || of
                    .user
                    .mail
                    .as_deref()
                    .is_some_and(|mail| account.eq_ignore_ascii_case(mail))
        };
        if account.is_some_and(|account| !is_theirs(account.trim())) {
            return Ok(Err(AccountRefusal::SomebodyElse));
        }
        let now = self.now();
        let token = URL_SAFE_NO_PAD.encode(self.chance().key());
        let mut session = self.store().write().await?;
        session.delete_old_visits(now).await?;
        session
            .insert_visit(&VisitRecord {
                id: self.chance().id(now),
                token_hash: mandate_pki::sha256(token.as_bytes()).to_vec(),
                purpose: mode.name().to_owned(),
                ade_profile_id: None,
                serial_number: None,
                user_id: Some(of.user.id),
                expires_at: now.plus(LIFE),
                created_at: now,
            })
            .await?;
        session.commit().await?;
        Ok(Ok(token))
    }

    /// The enrolment profile for a device that brings what a sign-in gave it. It may come again while the time lasts, since
    /// it may not have got its answer.
    pub async fn open_account_enrolment(
        &self,
        mode: AccountMode,
        platform: Platform,
        token: &str,
    ) -> Result<Result<EnrolmentOffer, AccountRefusal>, EngineError> {
        if self.account_mode(platform) != Some(mode) {
            return Ok(Err(AccountRefusal::NotOffered));
        }
        let mut session = self.store().write().await?;
        let Some(visit) = self.visit(&mut session, token, mode.name()).await? else {
            return Ok(Err(AccountRefusal::SignInOver));
        };
        let user = match visit.user_id {
            Some(user) => session.find_user(user).await?,
            None => None,
        };
        let Some(user) = user.filter(|user| user.account_enabled) else {
            return Ok(Err(AccountRefusal::SignInOver));
        };
        let grounds = Grounds {
            way: Way::Account,
            user: Some(user.id),
            platform,
            kind: mode.kind(),
            serial_number: None,
            ade_profile: None,
        };
        let offer = self.open_on_grounds(&mut session, grounds, None).await?;
        session.commit().await?;
        Ok(Ok(offer))
    }
}
