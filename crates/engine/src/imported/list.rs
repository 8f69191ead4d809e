//! Looking at what was imported, and taking it away.

use mandate_store::ImportedRecord;

use super::{ImportId, KIND, properties};
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
        let after = after.map(|id| (id.user, id.thumbprint.as_str()));
        let mut session = self.store().read().await?;
        Ok(session.list_imported(after, limit).await?)
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
        Ok(match (user, thumbprint) {
            (Some(user), Some(thumbprint)) => session
                .find_imported(user, thumbprint)
                .await?
                .into_iter()
                .collect(),
            (Some(user), None) => session.list_imported_of_user(user).await?,
            (None, Some(thumbprint)) => session.list_imported_with_thumbprint(thumbprint).await?,
            (None, None) => session.list_imported(None, u32::MAX).await?,
        })
    }

    /// An imported certificate.
    pub async fn find_imported(
        &self,
        actor: &Actor,
        id: &ImportId,
    ) -> Result<Option<ImportedRecord>, EngineError> {
        actor.require(Action::ImportsRead)?;
        let mut session = self.store().read().await?;
        Ok(session.find_imported(id.user, &id.thumbprint).await?)
    }

    /// How many certificates were imported for everybody together.
    pub async fn count_imported(&self, actor: &Actor) -> Result<i64, EngineError> {
        actor.require(Action::ImportsRead)?;
        Ok(self.store().read().await?.count_imported().await?)
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
        session.delete_imported(id.user, &id.thumbprint).await?;
        let change = Change::delete(KIND, id, &record.user_principal_name, properties(&record));
        self.imported_changed(&mut session, actor, record.user_id, change)
            .await?;
        Ok(session.commit().await?)
    }
}
