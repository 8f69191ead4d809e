//! What is in a directory no more: found by its tombstones, or because it is missing, and let go unless it is too much (`guard`).

use mandate_store::SourceSelection;

use super::entry::id_of;
use super::kind::DirectoryKind;
use super::reader::{Reader, Which};
use super::run::{Run, Trouble};
use crate::directory::SourceOutcome;

const PAGE: u32 = 500;

/// An entry that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) external_id: String,
    pub(super) name: String,
}

impl Run<'_> {
    /// What tombstones tell to be gone; none if they cannot tell, and then it is looked for what is missing.
    pub(super) async fn tombstones(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Vec<Gone>>, Trouble> {
        let (DirectoryKind::ActiveDirectory, Some(since)) =
            (self.settings.kind, self.since.clone())
        else {
            return Ok(None);
        };
        if !reader.sees_tombstones().await {
            self.report.note(
                "the account may not see deleted objects, so that all ids are read each time to find who is missing",
            );
            return Ok(None);
        }
        let mut gone = Vec::new();
        let mut cookie = Vec::new();
        loop {
            let page = reader.tombstones(&since, &cookie).await?;
            self.hold().await?;
            let ids: Vec<String> = page
                .entries
                .iter()
                .filter_map(|entry| id_of(self.settings.kind, entry))
                .collect();
            let mut session = self.engine.store().read().await?;
            let known = session.find_source_entries(&self.source.name, &ids).await?;
            gone.extend(
                known
                    .into_iter()
                    .filter(|entry| entry.gone_at.is_none())
                    .map(|entry| Gone {
                        name: entry.locator.unwrap_or_default(),
                        external_id: entry.external_id,
                    }),
            );
            if page.cookie.is_empty() {
                return Ok(Some(gone));
            }
            cookie = page.cookie;
        }
    }

    /// Reads the ids of everything.
    pub(super) async fn read_ids(&mut self, reader: &mut Reader<'_>) -> Result<(), Trouble> {
        let kinds: &[Which] = if self.settings.sync_groups {
            &[Which::People, Which::Groups]
        } else {
            &[Which::People]
        };
        for which in kinds {
            let mut cookie = Vec::new();
            loop {
                let page = reader.ids(*which, &cookie).await?;
                self.hold().await?;
                for entry in &page.entries {
                    self.look_at(entry);
                }
                if page.cookie.is_empty() {
                    break;
                }
                cookie = page.cookie;
            }
        }
        Ok(())
    }

    /// What is known and was not seen.
    pub(super) async fn absent(&mut self) -> Result<Vec<Gone>, Trouble> {
        let mut gone = Vec::new();
        let mut after = String::new();
        loop {
            let mut session = self.engine.store().read().await?;
            let page = session
                .list_source_entries(&self.source.name, SourceSelection::All, &after, PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(gone);
            };
            after.clone_from(&last.external_id);
            for entry in page {
                if entry.gone_at.is_none() && !self.seen.contains(entry.external_id.as_str()) {
                    gone.push(Gone {
                        name: entry.locator.unwrap_or_default(),
                        external_id: entry.external_id,
                    });
                }
            }
        }
    }

    /// Lets go what is gone and disables who is disabled there, unless that is more than may be without somebody
    /// confirming it.
    pub(super) async fn let_go(&mut self, gone: Vec<Gone>) -> Result<(), Trouble> {
        let disabled = std::mem::take(&mut self.guard.disabled);
        let (number, of_disabled) = (gone.len() as u64, disabled.len() as u64);
        self.guard.confirmed = self.progress.confirmed.take();
        if !self.may_lose(number + of_disabled).await? {
            let names = gone.into_iter().map(|gone| gone.name);
            let names = names.chain(disabled.into_iter().map(|one| one.user_principal_name));
            self.hold_back(number + of_disabled, names);
            let text = format!(
                "{number} people and groups are not in the directory any more and {of_disabled} accounts are disabled there, which is more than may be at once: nothing was done about them until somebody confirms it"
            );
            self.report.note(&text);
            return Ok(());
        }
        for some in disabled.chunks(PAGE as usize) {
            self.write_people(some).await?;
            self.hold().await?;
        }
        for some in gone.chunks(PAGE as usize) {
            let ids: Vec<String> = some.iter().map(|gone| gone.external_id.clone()).collect();
            let outcomes = self
                .engine
                .leave_source(&self.actor, &self.source, &ids)
                .await?;
            self.hold().await?;
            for outcome in outcomes {
                match outcome {
                    SourceOutcome::Refused(fault) => {
                        self.report.note(&format!(
                            "somebody who is gone stays in use: {}",
                            fault.reason
                        ));
                    }
                    _ => self.report.people.gone += 1,
                }
            }
        }
        Ok(())
    }
}
