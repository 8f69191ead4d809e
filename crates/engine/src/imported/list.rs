//! Looking at what was imported, and taking it away.

use mandate_store::ImportedRecord;

use super::{ImportId, KIND, properties, require_owner};
use crate::access::scope::{people_within, require_person};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Everybody's imported certificates by owner and thumbprint, from the one after `after`.
    pub async fn list_imported(
        &self,
        actor: &Actor,
        after: Option<&ImportId>,
        limit: u32,
    ) -> Result<Vec<ImportedRecord>, EngineError> {
        actor.require(Action::ImportsRead)?;
        let mut session = self.store().read().await?;
        let people = people_within(&mut session, actor, Action::ImportsRead).await?;
        let after = after.map(|id| (id.user, id.thumbprint.as_str()));
        let Some(people) = people else {
            return Ok(session.list_imported(after, limit).await?);
        };
        let (mut found, mut last) = (
            Vec::new(),
            after.map(|(user, name)| (user, name.to_owned())),
        );
        // What the actor cannot see is passed over without ending the page early.
        loop {
            let after = last.as_ref().map(|(user, name)| (*user, name.as_str()));
            let more = session.list_imported(after, limit.max(1)).await?;
            let Some(end) = more.last() else {
                return Ok(found);
            };
            last = Some((end.user_id, end.certificate.thumbprint.clone()));
            for record in more {
                if found.len() >= limit as usize {
                    return Ok(found);
                }
                if people.contains(&record.user_id) {
                    found.push(record);
                }
            }
        }
    }

    /// Those of one person, those with one thumbprint, or the one that both name; without regard to letter case. Of
    /// one person the newest start comes first.
    pub async fn search_imported(
        &self,
        actor: &Actor,
        principal_name: Option<&str>,
        thumbprint: Option<&str>,
    ) -> Result<Vec<ImportedRecord>, EngineError> {
        actor.require(Action::ImportsRead)?;
        let mut session = self.store().read().await?;
        let user = match principal_name {
            Some(name) => match session.find_user_by_name(name).await? {
                Some(user) => Some(user.id),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let mut found = match (user, thumbprint) {
            (Some(user), Some(thumbprint)) => session
                .find_imported(user, thumbprint)
                .await?
                .into_iter()
                .collect(),
            (Some(user), None) => session.list_imported_of_user(user).await?,
            (None, Some(thumbprint)) => session.list_imported_with_thumbprint(thumbprint).await?,
            (None, None) => session.list_imported(None, u32::MAX).await?,
        };
        if let Some(people) = people_within(&mut session, actor, Action::ImportsRead).await? {
            found.retain(|record| people.contains(&record.user_id));
        }
        Ok(found)
    }

    /// An imported certificate.
    pub async fn find_imported(
        &self,
        actor: &Actor,
        id: &ImportId,
    ) -> Result<Option<ImportedRecord>, EngineError> {
        actor.require(Action::ImportsRead)?;
        let mut session = self.store().read().await?;
        match require_person(&mut session, actor, Action::ImportsRead, id.user).await {
            Ok(()) => Ok(session.find_imported(id.user, &id.thumbprint).await?),
            Err(_) => Ok(None),
        }
    }

    /// How many certificates were imported for everybody together whom the actor sees.
    pub async fn count_imported(&self, actor: &Actor) -> Result<i64, EngineError> {
        actor.require(Action::ImportsRead)?;
        let mut session = self.store().read().await?;
        let Some(people) = people_within(&mut session, actor, Action::ImportsRead).await? else {
            return Ok(session.count_imported().await?);
        };
        let all = session.list_imported(None, u32::MAX).await?;
        let seen = all.iter().filter(|record| people.contains(&record.user_id));
        Ok(i64::try_from(seen.count()).unwrap_or(i64::MAX))
    }

    /// Takes an imported certificate and its key away, here and at the next check-in from the devices of its owner.
    /// Nobody is asked to revoke it: old mail is still encrypted to it, and signatures made with it still hold.
    pub async fn delete_imported(&self, actor: &Actor, id: &ImportId) -> Result<(), EngineError> {
        actor.require(Action::ImportsDelete)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_imported(id.user, &id.thumbprint)
            .await?
            .ok_or_else(|| EngineError::not_found("imported certificate", id))?;
        require_owner(&mut session, actor, Action::ImportsDelete, id).await?;
        session.delete_imported(id.user, &id.thumbprint).await?;
        let change = Change::delete(KIND, id, &record.user_principal_name, properties(&record));
        self.imported_changed(&mut session, actor, record.user_id, change)
            .await?;
        Ok(session.commit().await?)
    }
}
