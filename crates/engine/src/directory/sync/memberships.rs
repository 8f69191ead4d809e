//! Who is in the groups of a directory.

use std::collections::BTreeSet;

use mandate_model::{GroupId, Member, UserId};
use mandate_store::{SourceKind, SourceSelection};

use super::reader::Reader;
use super::run::{Run, Trouble};
use crate::EngineError;
use crate::directory::source::members;

/// Names that are looked up at once.
const PAGE: usize = 500;

impl Run<'_> {
    /// Makes memberships what the directory says: of all groups if anybody is here who was not before, as groups do not
    /// change when their members become known, and else of the groups that changed.
    pub(super) async fn memberships(&mut self, reader: &mut Reader<'_>) -> Result<(), Trouble> {
        let is_of_all = !self.report.is_full
            && (self.report.people.has_newcomers() || self.report.groups.has_newcomers());
        let groups = if is_of_all {
            self.known_groups().await?
        } else {
            std::mem::take(&mut self.groups)
        };
        let (mut emptied, mut leaving) = (Vec::new(), 0);
        for (id, name) in groups {
            let Some(names) = reader.members(&name).await? else {
                continue;
            };
            self.hold().await?;
            let wanted = self.members(&names).await?;
            if wanted.is_empty() {
                let mut session = self.engine.store().read().await?;
                let present = members(&mut session, id).await?.len() as u64;
                if present > 0 {
                    leaving += present;
                    emptied.push((id, name));
                }
                continue;
            }
            self.make_members(id, &name, &wanted).await?;
        }
        if self.may_lose(leaving).await? {
            for (id, name) in emptied {
                self.make_members(id, &name, &BTreeSet::new()).await?;
            }
            return Ok(());
        }
        let text = format!(
            "{} groups have no members in the directory any more and would lose {leaving} here, which is more than may be at once: nothing was done about them until somebody confirms it",
            emptied.len()
        );
        self.report.note(&text);
        self.hold_back(leaving, emptied.into_iter().map(|(_, name)| name));
        Ok(())
    }

    async fn make_members(
        &mut self,
        id: GroupId,
        name: &str,
        wanted: &BTreeSet<Member>,
    ) -> Result<(), Trouble> {
        match self.engine.set_members(&self.actor, id, wanted).await {
            Ok(moved) => {
                self.report.members_added += moved.added;
                self.report.members_removed += moved.removed;
                Ok(())
            }
            // The last administrator stays one; or the group was deleted here meanwhile.
            Err(error @ (EngineError::NotPossible { .. } | EngineError::NotFound { .. })) => {
                self.report.note(&format!("members of `{name}`: {error}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What these are here; who is not, such as a computer, or a person outside of the base, is left out.
    async fn members(&mut self, names: &BTreeSet<String>) -> Result<BTreeSet<Member>, Trouble> {
        let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let mut all = BTreeSet::new();
        let mut session = self.engine.store().read().await?;
        for some in names.chunks(PAGE) {
            let found = session
                .locate_source_entries(&self.source.name, some)
                .await?;
            all.extend(found.into_iter().map(|(_, kind, object)| match kind {
                SourceKind::User => Member::User(UserId(object)),
                SourceKind::Group => Member::Group(GroupId(object)),
            }));
        }
        Ok(all)
    }

    async fn known_groups(&mut self) -> Result<Vec<(GroupId, String)>, Trouble> {
        let mut all = Vec::new();
        let mut after = String::new();
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        loop {
            let mut session = self.engine.store().read().await?;
            let page = session
                .list_source_entries(&self.source.name, SourceSelection::All, &after, limit)
                .await?;
            let Some(last) = page.last() else {
                return Ok(all);
            };
            after.clone_from(&last.external_id);
            let groups = page
                .into_iter()
                .filter(|entry| entry.kind == SourceKind::Group && entry.gone_at.is_none());
            all.extend(groups.filter_map(|entry| Some((GroupId(entry.object?), entry.locator?))));
        }
    }
}
