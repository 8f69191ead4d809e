//! How much may be lost in one run: people and groups that are gone, accounts that are disabled, members of groups that are
//! emptied. More than a share of all is more likely a mistake there, and waits until somebody confirms it.

use std::collections::HashMap;

use mandate_model::UserId;

use super::progress::EXAMPLES;
use super::run::{Run, Trouble};
use super::settings::SyncSettings;
use crate::directory::SourcedPerson;

/// So few may always go: half of a directory of six is no disaster of its own.
const ALWAYS: u64 = 3;

/// What a run has lost so far.
#[derive(Default)]
pub(super) struct Guard {
    /// People who may be used here and may not any more there: written when it is known how many they are.
    pub(super) disabled: Vec<SourcedPerson>,
    /// How much an administrator has confirmed.
    pub(super) confirmed: Option<u64>,
    /// How much went already.
    lost: u64,
}

impl Run<'_> {
    /// Whether so much may be lost on top of what went before; if it may, it counts as lost.
    pub(super) async fn may_lose(&mut self, number: u64) -> Result<bool, Trouble> {
        let mut session = self.engine.store().read().await?;
        let counts = session.count_source_entries(&self.source.name).await?;
        drop(session);
        let known = u64::try_from(counts.users + counts.groups).unwrap_or_default();
        let all = self.guard.lost + number;
        let most = most(self.settings, known).max(self.guard.confirmed.unwrap_or_default());
        // Where something is held already, the rest waits with it.
        let may = number == 0 || (self.report.held == 0 && all <= most);
        if may {
            self.guard.lost = all;
        }
        Ok(may)
    }

    /// Has a number wait for somebody, with the names of some.
    pub(super) fn hold_back(&mut self, number: u64, names: impl Iterator<Item = String>) {
        self.report.held += number;
        let room = EXAMPLES.saturating_sub(self.report.held_examples.len());
        self.report.held_examples.extend(names.take(room));
    }

    /// Keeps those for later who would be disabled here; the others.
    pub(super) async fn set_disabled_aside(
        &mut self,
        people: Vec<SourcedPerson>,
    ) -> Result<Vec<SourcedPerson>, Trouble> {
        let is_disabled = |person: &SourcedPerson| person.account_disabled;
        let (disabled, mut others): (Vec<_>, Vec<_>) = people.into_iter().partition(is_disabled);
        if disabled.is_empty() {
            return Ok(others);
        }
        let ids: Vec<String> = disabled
            .iter()
            .map(|person| person.external_id.clone())
            .collect();
        let mut session = self.engine.store().read().await?;
        let known = session.find_source_entries(&self.source.name, &ids).await?;
        let known: HashMap<String, _> = known
            .into_iter()
            .filter(|entry| entry.gone_at.is_none())
            .map(|entry| (entry.external_id, entry.object))
            .collect();
        for person in disabled {
            let user = match known.get(&person.external_id) {
                Some(Some(id)) => session.find_user(UserId(*id)).await?,
                // Somebody who is here by this name would become theirs.
                _ => {
                    session
                        .find_user_by_name(&person.user_principal_name)
                        .await?
                }
            };
            if user.is_some_and(|user| user.account_enabled) {
                self.guard.disabled.push(person);
            } else {
                others.push(person);
            }
        }
        Ok(others)
    }
}

/// How much of what is known may go at once.
fn most(settings: &SyncSettings, known: u64) -> u64 {
    let share = known.saturating_mul(u64::from(settings.most_deletions_percent)) / 100;
    share.min(u64::from(settings.most_deletions)).max(ALWAYS)
}
