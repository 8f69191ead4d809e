//! What would become of a person's record, without doing it.

use std::collections::BTreeSet;

use mandate_model::{User, UserId};
use mandate_store::Session;

use super::record::{Source, SourceFault, Sourced as _, SourcedPerson};
use super::take::fault_of;
use crate::directory::users::{checked, properties};
use crate::{Engine, EngineError};

/// What would become of a record.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::directory) enum Foreseen {
    /// Nothing.
    Unchanged,
    /// Somebody new.
    Created,
    /// Somebody who is here, different from now.
    Changed {
        before: Box<User>,
        after: Box<User>,
        /// Whether they were nobody's before.
        is_adopted: bool,
        /// What would be different.
        properties: BTreeSet<String>,
    },
    /// It would not be taken.
    Refused(SourceFault),
}

impl Engine {
    /// What would become of a person's record now. Others that are told of at the same time are not thought of.
    pub(in crate::directory) async fn foresee_person(
        &self,
        session: &mut Session,
        source: &Source,
        record: &SourcedPerson,
    ) -> Result<Foreseen, EngineError> {
        if let Some(fault) = record.fault() {
            return Ok(Foreseen::Refused(fault));
        }
        let ids = [record.external_id.clone()];
        let found = session.find_source_entries(&source.name, &ids).await?;
        let entry = found.into_iter().next();
        let is_same = entry.as_ref().is_some_and(|entry| {
            entry.gone_at.is_none() && entry.digest.as_deref() == Some(record.digest().as_slice())
        });
        if is_same {
            return Ok(Foreseen::Unchanged);
        }
        let mut before = match entry.and_then(|entry| entry.object) {
            Some(id) => session.find_user(UserId(id)).await?,
            None => None,
        };
        let name = &record.user_principal_name;
        let mut is_adopted = false;
        if let Some(namesake) = session.find_user_by_name(name).await?
            && before
                .as_ref()
                .is_none_or(|before| before.id != namesake.id)
        {
            let entry = session.find_source_entry_of(namesake.id.0).await?;
            let is_gone = entry.as_ref().is_some_and(|entry| entry.gone_at.is_some());
            let keeps_role = !source.trusts_names && session.has_any_role(namesake.id).await?;
            if entry.is_none() && before.is_none() && !keeps_role {
                before = Some(namesake);
                is_adopted = true;
            } else if !is_gone {
                let reason = "somebody else has it already, or has a role here";
                let fault = SourceFault::conflict("userPrincipalName", name, reason);
                return Ok(Foreseen::Refused(fault));
            }
        }
        let Some(before) = before else {
            let id = UserId(uuid::Uuid::nil());
            return Ok(match checked(record.newcomer(source, id, self.now())) {
                Ok(_) => Foreseen::Created,
                Err(error) => Foreseen::Refused(fault_of(&error)),
            });
        };
        let after = match checked(record.onto(source, &before)) {
            Ok(after) => after,
            Err(error) => return Ok(Foreseen::Refused(fault_of(&error))),
        };
        if after == before && !is_adopted {
            return Ok(Foreseen::Unchanged);
        }
        Ok(Foreseen::Changed {
            properties: different(&before, &after),
            before: Box::new(before),
            after: Box::new(after),
            is_adopted,
        })
    }
}

/// The properties of which two records of a person say different things.
pub(in crate::directory) fn different(before: &User, after: &User) -> BTreeSet<String> {
    let (old, new) = (properties(before), properties(after));
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return BTreeSet::new();
    };
    let names = old.keys().chain(new.keys());
    names
        .filter(|name| old.get(*name) != new.get(*name))
        .cloned()
        .collect()
}
