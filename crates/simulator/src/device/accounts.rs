//! Mail accounts: what profiles make, what the user makes, and where they collide.

use super::{Device, MailAccount, UserAccount};
use crate::profiles::{ErrorChain, MailSettings, Profile, kind};

impl Device {
    /// The user adds an Exchange account by hand in Settings.
    pub fn add_user_account(&mut self, host: &str, address: &str) {
        self.remove_user_account(host, address);
        self.state.user_accounts.push(UserAccount {
            host: host.to_owned(),
            address: address.to_owned(),
        });
    }

    /// The user deletes it; true when it was there.
    pub fn remove_user_account(&mut self, host: &str, address: &str) -> bool {
        let before = self.state.user_accounts.len();
        self.state.user_accounts.retain(|account| {
            !(account.host.eq_ignore_ascii_case(host)
                && account.address.eq_ignore_ascii_case(address))
        });
        before != self.state.user_accounts.len()
    }

    /// `MCEASErrorDomain` 21005 when a mailbox of the profile is already there from elsewhere.
    pub(super) fn check_mailboxes(&self, profile: &Profile) -> Result<(), ErrorChain> {
        let mut seen: Vec<MailSettings> = Vec::new();
        for payload in profile
            .payloads
            .iter()
            .filter(|payload| payload.kind == kind::EAS)
        {
            let wanted = MailSettings::read(&payload.content, self.state.os.pair());
            let by_user = self
                .state
                .user_accounts
                .iter()
                .any(|account| wanted.is_mailbox(&account.host, &account.address));
            let by_profile = self.state.accounts.iter().any(|account| {
                account.profile != profile.identifier
                    && wanted.is_mailbox(&account.settings.host, &account.settings.address)
            });
            let twice = seen
                .iter()
                .any(|other| wanted.is_mailbox(&other.host, &other.address));
            if by_user || by_profile || twice {
                let text = format!("The account “{}” is not unique.", payload.display_name);
                return Err(ErrorChain::single("MCEASErrorDomain", 21_005, text));
            }
            seen.push(wanted);
        }
        Ok(())
    }

    /// Makes the accounts of a profile be those of its new version.
    ///
    /// The payload's UUID is the account's identity: while it stays, the account keeps its mail; a new one means a new account.
    pub(super) fn apply_accounts(&mut self, profile: &Profile) {
        let os = self.state.os.pair();
        let (mut old, others): (Vec<_>, Vec<_>) = self
            .state
            .accounts
            .drain(..)
            .partition(|account| account.profile == profile.identifier);
        self.state.accounts = others;
        for payload in profile
            .payloads
            .iter()
            .filter(|payload| payload.kind == kind::EAS)
        {
            let mut settings = MailSettings::read(&payload.content, os);
            let same = old
                .iter()
                .position(|account| account.payload_uuid.eq_ignore_ascii_case(&payload.uuid));
            let applied = if let Some(index) = same {
                let previous = old.swap_remove(index);
                let moved = previous.settings.user_name != settings.user_name
                    || previous.settings.host != settings.host;
                if settings.asks_password && (moved || !previous.settings.asks_password) {
                    self.state.counters.password_prompts += 1;
                }
                previous.applied + 1
            } else {
                if old.iter().any(|account| {
                    settings.is_mailbox(&account.settings.host, &account.settings.address)
                }) {
                    self.state.counters.accounts_recreated += 1;
                }
                if settings.asks_password {
                    self.state.counters.password_prompts += 1;
                }
                1
            };
            if !self.keeps_settings {
                settings.keys.clear();
            }
            self.state.accounts.push(MailAccount {
                profile: profile.identifier.clone(),
                payload_uuid: payload.uuid.clone(),
                display_name: payload.display_name.clone(),
                settings,
                applied,
            });
        }
    }
}
