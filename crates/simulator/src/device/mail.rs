//! A mail account as its app sees it: references of the payload resolved to what is in the keychain.

use super::{Device, HeldIdentity, MailAccount};
use crate::certificates::Certificate;
use crate::profiles::SmimeSwitches;

/// An account that a profile made, with its certificates.
#[derive(Debug, Clone, PartialEq)]
pub struct MailView {
    /// Identifier of the profile that made it.
    pub profile: String,
    /// What the user sees.
    pub display_name: String,
    /// Host, lower-case.
    pub host: String,
    /// Mail address.
    pub address: String,
    /// User name.
    pub user_name: String,
    /// Whether the server is spoken to by TLS.
    pub tls: bool,
    /// Whether the user is asked for a password.
    pub asks_password: bool,
    /// Certificate that signs in; `None` without one, or when it is no longer in the keychain.
    pub identity: Option<Certificate>,
    /// Certificate that signs mail.
    pub signing: Option<Certificate>,
    /// Certificate that mail is encrypted to.
    pub encryption: Option<Certificate>,
    /// Signing and encryption.
    pub smime: SmimeSwitches,
}

/// What an account uses an identity for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    SignIn,
    Signing,
    Encryption,
}

impl Device {
    /// The account of that address (case does not matter), the first if several profiles made one.
    pub fn mail_account(&self, address: &str) -> Option<MailView> {
        self.account_at(address).map(|account| self.view(account))
    }

    /// All accounts that profiles made.
    pub fn mail_views(&self) -> Vec<MailView> {
        let accounts = self.state.accounts.iter();
        accounts.map(|account| self.view(account)).collect()
    }

    pub(super) fn account_at(&self, address: &str) -> Option<&MailAccount> {
        self.state
            .accounts
            .iter()
            .find(|account| account.settings.address.eq_ignore_ascii_case(address))
    }

    /// The identity that an account uses; payloads refer within their own profile only.
    pub(super) fn account_identity(
        &self,
        account: &MailAccount,
        role: Role,
    ) -> Option<&HeldIdentity> {
        let uuid = match role {
            Role::SignIn => &account.settings.identity,
            Role::Signing => &account.settings.signing,
            Role::Encryption => &account.settings.encryption,
        };
        self.held_identity(&account.profile, uuid.as_deref()?)
    }

    fn view(&self, account: &MailAccount) -> MailView {
        let certificate = |role| {
            self.account_identity(account, role)
                .map(|held| held.certificate.clone())
        };
        MailView {
            profile: account.profile.clone(),
            display_name: account.display_name.clone(),
            host: account.settings.host.clone(),
            address: account.settings.address.clone(),
            user_name: account.settings.user_name.clone(),
            tls: account.settings.tls,
            asks_password: account.settings.asks_password,
            identity: certificate(Role::SignIn),
            signing: certificate(Role::Signing),
            encryption: certificate(Role::Encryption),
            smime: account.settings.smime,
        }
    }
}
