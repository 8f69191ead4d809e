//! A file between being looked at and being taken: kept for a day, one of each administrator.

use mandate_model::{Timestamp, UserId};
use mandate_store::PeopleImportRecord;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::file::PeopleFile;
use super::take::{PeopleImport, require_import};
use crate::{Actor, Engine, EngineError};

/// For how long a file is kept.
const LIFETIME: i64 = Timestamp::DAY;

#[derive(Serialize, Deserialize)]
struct Kept {
    file: PeopleFile,
    how: PeopleImport,
}

impl Engine {
    /// Keeps a file that somebody looked at, with how they want it taken, until they say so; its id. The one that they
    /// brought before is forgotten.
    pub async fn keep_people_import(
        &self,
        actor: &Actor,
        file: PeopleFile,
        how: PeopleImport,
    ) -> Result<Uuid, EngineError> {
        require_import(actor, &file, &how)?;
        let now = self.now();
        let content = serde_json::to_string(&Kept { file, how })
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        let record = PeopleImportRecord {
            user_id: whose(actor)?,
            id: self.chance().id(now),
            content,
            kept_at: now,
        };
        let mut session = self.store().write().await?;
        session
            .delete_people_imports_before(now.plus(-LIFETIME))
            .await?;
        session.keep_people_import(&record).await?;
        session.commit().await?;
        Ok(record.id)
    }

    /// A file that the actor looked at, and how they want it taken.
    pub async fn find_people_import(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<(PeopleFile, PeopleImport)>, EngineError> {
        let end = self.now().plus(-LIFETIME);
        let mut session = self.store().read().await?;
        let found = session.find_people_import(whose(actor)?, id).await?;
        let Some(record) = found.filter(|record| record.kept_at >= end) else {
            return Ok(None);
        };
        let kept: Kept = serde_json::from_str(&record.content)
            .map_err(|error| EngineError::Internal(format!("people import {id}: {error}")))?;
        require_import(actor, &kept.file, &kept.how)?;
        Ok(Some((kept.file, kept.how)))
    }

    /// Forgets the file that the actor looked at.
    pub async fn forget_people_import(&self, actor: &Actor) -> Result<(), EngineError> {
        let user = whose(actor)?;
        let mut session = self.store().write().await?;
        session.delete_people_import(user).await?;
        Ok(session.commit().await?)
    }
}

fn whose(actor: &Actor) -> Result<UserId, EngineError> {
    actor.user().ok_or_else(|| EngineError::NotPossible {
        reason: "only a person looks at a file first".to_owned(),
    })
}
