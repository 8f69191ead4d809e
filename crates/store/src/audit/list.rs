//! Reading the chain.

use mandate_model::Timestamp;
use uuid::Uuid;

use super::{AuditEntry, EntryRow};
use crate::db::arguments;
use crate::{Session, StoreError};

/// Which entries are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to this moment, which is included.
    pub until: Option<Timestamp>,
    /// By this person or client.
    pub actor: Option<Uuid>,
    /// About this thing.
    pub resource: Option<String>,
}

/// In which order entries are wanted, with the place to go on from: time and number of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOrder {
    /// Newest first.
    NewestFirst(Option<(Timestamp, i64)>),
    /// Oldest first.
    OldestFirst(Option<(Timestamp, i64)>),
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, id, at, actor_kind, actor_id, actor, app_id, app_name, address, request, activity, \
             operation, resource_kind, resource_id, resource_name, changes, mac FROM audit_event ",
            $rest
        )
    };
}

const LIST: &str = select!("WHERE number > $1 ORDER BY number LIMIT $2");
const FIND: &str = select!("WHERE id = $1");
const FIND_NUMBER: &str = select!("WHERE number = $1");
const NEWEST_FIRST: &str = select!(
    "WHERE at >= $1 AND at <= $2 AND (at < $3 OR (at = $3 AND number < $4))
     ORDER BY at DESC, number DESC LIMIT $5"
);
const OLDEST_FIRST: &str = select!(
    "WHERE at >= $1 AND at <= $2 AND (at > $3 OR (at = $3 AND number > $4))
     ORDER BY at, number LIMIT $5"
);
const NEWEST_OF_ACTOR: &str = select!(
    "WHERE actor_id = $6 AND at >= $1 AND at <= $2 AND (at < $3 OR (at = $3 AND number < $4))
     ORDER BY at DESC, number DESC LIMIT $5"
);
const OLDEST_OF_ACTOR: &str = select!(
    "WHERE actor_id = $6 AND at >= $1 AND at <= $2 AND (at > $3 OR (at = $3 AND number > $4))
     ORDER BY at, number LIMIT $5"
);
const NEWEST_OF_RESOURCE: &str = select!(
    "WHERE resource_id = $6 AND at >= $1 AND at <= $2 AND (at < $3 OR (at = $3 AND number < $4))
     ORDER BY at DESC, number DESC LIMIT $5"
);
const OLDEST_OF_RESOURCE: &str = select!(
    "WHERE resource_id = $6 AND at >= $1 AND at <= $2 AND (at > $3 OR (at = $3 AND number > $4))
     ORDER BY at, number LIMIT $5"
);
const NEWEST_OF_BOTH: &str = select!(
    "WHERE actor_id = $6 AND resource_id = $7 AND at >= $1 AND at <= $2
       AND (at < $3 OR (at = $3 AND number < $4))
     ORDER BY at DESC, number DESC LIMIT $5"
);
const OLDEST_OF_BOTH: &str = select!(
    "WHERE actor_id = $6 AND resource_id = $7 AND at >= $1 AND at <= $2
       AND (at > $3 OR (at = $3 AND number > $4))
     ORDER BY at, number LIMIT $5"
);
const COUNT: &str = "SELECT count(*) FROM audit_event";
const ACTIVITIES: &str = "SELECT DISTINCT activity, resource_kind FROM audit_event";
const IS_NOTED: &str = "
    SELECT count(*) FROM audit_event WHERE resource_id = $1 AND activity = $2 AND at >= $3";

impl Session {
    /// Entries behind a number, in the order of the chain.
    pub async fn list_audit_entries(
        &mut self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<EntryRow> = self.all(LIST, arguments![after, i64::from(limit)]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Entries by time.
    pub async fn find_audit_entries(
        &mut self,
        filter: &AuditFilter,
        order: AuditOrder,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (is_newest_first, (at, number)) = match order {
            AuditOrder::NewestFirst(place) => {
                (true, place.unwrap_or((Timestamp(i64::MAX), i64::MAX)))
            }
            AuditOrder::OldestFirst(place) => {
                (false, place.unwrap_or((Timestamp(i64::MIN), i64::MIN)))
            }
        };
        let mut values = arguments![
            filter.from.unwrap_or(Timestamp(i64::MIN)),
            filter.until.unwrap_or(Timestamp(i64::MAX)),
            at,
            number,
            i64::from(limit),
        ]
        .to_vec();
        values.extend(filter.actor.map(Into::into));
        values.extend(filter.resource.clone().map(Into::into));
        let sql = match (&filter.actor, &filter.resource, is_newest_first) {
            (None, None, true) => NEWEST_FIRST,
            (None, None, false) => OLDEST_FIRST,
            (Some(_), None, true) => NEWEST_OF_ACTOR,
            (Some(_), None, false) => OLDEST_OF_ACTOR,
            (None, Some(_), true) => NEWEST_OF_RESOURCE,
            (None, Some(_), false) => OLDEST_OF_RESOURCE,
            (Some(_), Some(_), true) => NEWEST_OF_BOTH,
            (Some(_), Some(_), false) => OLDEST_OF_BOTH,
        };
        let rows: Vec<EntryRow> = self.all(sql, &values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// An entry by its id.
    pub async fn find_audit_entry(&mut self, id: Uuid) -> Result<Option<AuditEntry>, StoreError> {
        let row: Option<EntryRow> = self.one(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// An entry by its place.
    pub async fn audit_entry_at(&mut self, number: i64) -> Result<Option<AuditEntry>, StoreError> {
        let row: Option<EntryRow> = self.one(FIND_NUMBER, arguments![number]).await?;
        Ok(row.map(Into::into))
    }

    /// How many entries there are.
    pub async fn count_audit_events(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// What was done at some time, each with the kind of thing it was done with.
    pub async fn audit_activities(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        self.all(ACTIVITIES, &[]).await
    }

    /// Whether something was noted of a thing since a moment.
    pub async fn is_audited_since(
        &mut self,
        resource: &str,
        activity: &str,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self
            .number(IS_NOTED, arguments![resource, activity, since])
            .await?;
        Ok(found > 0)
    }
}
