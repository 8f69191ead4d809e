//! The groups that a file names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mandate_model::{GroupId, Member, UserId};
use mandate_store::Session;
use uuid::Uuid;

use super::file::PeopleFile;
use super::take::PeopleImport;
use crate::directory::SourceFault;
use crate::directory::members::open_group;
use crate::directory::source::fault_of;
use crate::{Actor, Engine, EngineError};

/// Groups by what a file calls them: the group, or why nobody can be brought to it.
pub(super) type Groups = HashMap<String, Result<GroupId, SourceFault>>;

impl Engine {
    /// Looks up the groups that a file and its import name.
    pub(super) async fn named_groups(
        &self,
        actor: &Actor,
        file: &PeopleFile,
        how: &PeopleImport,
    ) -> Result<Groups, EngineError> {
        let rows = file.rows.iter().flat_map(|row| &row.groups);
        let names: BTreeSet<&String> = rows.chain(&how.groups).collect();
        if names.is_empty() {
            return Ok(Groups::new());
        }
        let mut session = self.store().read().await?;
        let mut known: BTreeMap<String, Vec<GroupId>> = BTreeMap::new();
        for (id, name) in session.group_names().await? {
            known
                .entry(name.trim().to_lowercase())
                .or_default()
                .push(id);
        }
        let mut groups = Groups::new();
        for name in names {
            let found = known
                .get(&name.to_lowercase())
                .map_or(&[][..], Vec::as_slice);
            let by_id = Uuid::try_parse(name).ok().map(GroupId);
            let refused = |reason: &str| Err(SourceFault::invalid("groups", Some(name), reason));
            let group = match (found, by_id) {
                ([id], _) => self.joinable(&mut session, actor, *id).await?,
                ([], Some(id)) => self.joinable(&mut session, actor, id).await?,
                ([], None) => Err(NO_GROUP.to_owned()),
                (_, _) => Err(SEVERAL.to_owned()),
            };
            let group = group.or_else(|reason| refused(&reason));
            if let Err(fault) = &group
                && how.groups.contains(name)
            {
                return Err(EngineError::invalid("groups", &fault.reason, Some(name)));
            }
            groups.insert(name.clone(), group);
        }
        Ok(groups)
    }

    /// A group to which the actor may bring people, or why they may not.
    async fn joinable(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: GroupId,
    ) -> Result<Result<GroupId, String>, EngineError> {
        match open_group(session, actor, id).await {
            Ok(_) => Ok(Ok(id)),
            Err(EngineError::NotFound { .. }) => Ok(Err(NO_GROUP.to_owned())),
            Err(error) if is_of_one(&error) => Ok(Err(fault_of(&error).reason)),
            Err(error) => Err(error),
        }
    }

    /// Brings people to groups; those who are in one already are left out before.
    pub(super) async fn join_groups(
        &self,
        session: &mut Session,
        actor: &Actor,
        joining: BTreeMap<GroupId, Vec<UserId>>,
    ) -> Result<(), EngineError> {
        for (group, people) in joining {
            let members = people.into_iter().map(Member::User).collect();
            self.put_members(session, actor, group, members).await?;
        }
        Ok(())
    }
}

/// Whether an error is about one person or group and not about all.
pub(super) const fn is_of_one(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Invalid(_)
            | EngineError::AlreadyExists { .. }
            | EngineError::NotPossible { .. }
            | EngineError::NotAllowed { .. }
            | EngineError::NotFound { .. }
            | EngineError::InUse { .. }
    )
}

const NO_GROUP: &str = "there is no such group";
const SEVERAL: &str = "several groups have this name: give the id of the one that is meant";
