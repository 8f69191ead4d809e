//! People and groups that come from elsewhere: what each source told, and what became of it.

use mandate_model::Timestamp;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// What an entry of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A person.
    User,
    /// A group.
    Group,
}

impl SourceKind {
    /// `user` or `group`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// An entry of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEntryRecord {
    /// Which source.
    pub source: String,
    /// What it calls the entry for good.
    pub external_id: String,
    /// A person or a group.
    pub kind: SourceKind,
    /// Who or what it is here; none while it was never taken.
    pub object: Option<Uuid>,
    /// How other entries of the source name it, folded.
    pub locator: Option<String>,
    /// SHA-256 of what was taken last.
    pub digest: Option<Vec<u8>>,
    /// What was not taken, as JSON.
    pub refused: Option<String>,
    /// Why it was not taken, as JSON.
    pub fault: Option<String>,
    /// Whether the source alone says what it tells.
    pub is_master: bool,
    /// Since when the source does not have it any more.
    pub gone_at: Option<Timestamp>,
    /// When something was last taken.
    pub synced_at: Timestamp,
}

/// Which entries of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceSelection {
    /// All.
    All,
    /// Those that were not taken.
    Refused,
    /// Those that the source does not have any more.
    Gone,
}

/// How many entries of a source there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct SourceCounts {
    /// People that the source has.
    pub users: i64,
    /// Groups that the source has.
    pub groups: i64,
    /// People and groups that it does not have any more.
    pub gone: i64,
    /// Those whose last record was not taken.
    pub refused: i64,
}

#[derive(FromRow)]
struct EntryRow {
    source: String,
    external_id: String,
    kind: String,
    object_id: Option<Uuid>,
    locator: Option<String>,
    digest: Option<Vec<u8>>,
    refused: Option<String>,
    fault: Option<String>,
    is_master: i64,
    gone_at: Option<i64>,
    synced_at: i64,
}

impl TryFrom<EntryRow> for SourceEntryRecord {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let kind = read_kind(&row.kind, &row.external_id)?;
        Ok(Self {
            source: row.source,
            external_id: row.external_id,
            kind,
            object: row.object_id,
            locator: row.locator,
            digest: row.digest,
            refused: row.refused,
            fault: row.fault,
            is_master: row.is_master != 0,
            gone_at: row.gone_at.map(Timestamp),
            synced_at: Timestamp(row.synced_at),
        })
    }
}

fn read_kind(kind: &str, id: &str) -> Result<SourceKind, StoreError> {
    match kind {
        "user" => Ok(SourceKind::User),
        "group" => Ok(SourceKind::Group),
        other => Err(StoreError::Inconsistent {
            table: "source_entry",
            column: "kind",
            id: id.to_owned(),
            problem: format!("`{other}` is no kind of entry"),
        }),
    }
}

macro_rules! columns {
    () => {
        "source, external_id, kind, object_id, locator, digest, refused, fault, is_master, gone_at, synced_at"
    };
}

// How a list of texts is read is the one thing that the databases do not have in common here.
const SOME_SQLITE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM source_entry WHERE source = $1 AND external_id IN (SELECT value FROM json_each($2))"
);
const SOME_POSTGRES: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM source_entry
      WHERE source = $1 AND external_id IN (SELECT jsonb_array_elements_text(CAST($2 AS jsonb)))"
);
const LOCATED_SQLITE: &str = "
    SELECT locator, kind, object_id FROM source_entry
    WHERE source = $1 AND object_id IS NOT NULL AND gone_at IS NULL
      AND locator IN (SELECT value FROM json_each($2))
    ORDER BY synced_at, external_id";
const LOCATED_POSTGRES: &str = "
    SELECT locator, kind, object_id FROM source_entry
    WHERE source = $1 AND object_id IS NOT NULL AND gone_at IS NULL
      AND locator IN (SELECT jsonb_array_elements_text(CAST($2 AS jsonb)))
    ORDER BY synced_at, external_id";
const OF_OBJECT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM source_entry WHERE object_id = $1"
);
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM source_entry
      WHERE source = $1 AND external_id > $2
        AND ($3 = 0 OR fault IS NOT NULL) AND ($4 = 0 OR gone_at IS NOT NULL)
      ORDER BY external_id LIMIT $5"
);
const PUT: &str = "
    INSERT INTO source_entry
        (source, external_id, kind, object_id, locator, digest, refused, fault, is_master, gone_at, synced_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (source, external_id) DO UPDATE SET
        kind = $3, object_id = $4, locator = $5, digest = $6, refused = $7, fault = $8, is_master = $9,
        gone_at = $10, synced_at = $11";
const COUNTS: &str = "
    SELECT CAST(coalesce(sum(CASE WHEN kind = 'user' AND gone_at IS NULL AND object_id IS NOT NULL THEN 1 ELSE 0 END), 0)
                AS BIGINT) AS users,
           CAST(coalesce(sum(CASE WHEN kind = 'group' AND gone_at IS NULL AND object_id IS NOT NULL THEN 1 ELSE 0 END), 0)
                AS BIGINT) AS groups,
           CAST(coalesce(sum(CASE WHEN gone_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS gone,
           CAST(coalesce(sum(CASE WHEN fault IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS refused
    FROM source_entry WHERE source = $1";
const DELETE: &str = "DELETE FROM source_entry WHERE source = $1 AND external_id = $2";
const DELETE_OF_OBJECT: &str = "DELETE FROM source_entry WHERE object_id = $1";
const DELETE_ALL: &str = "DELETE FROM source_entry WHERE source = $1";

impl Session {
    /// The entries of a source that have these ids; in no order, and not more than a page of them at once.
    pub async fn find_source_entries(
        &mut self,
        source: &str,
        external_ids: &[String],
    ) -> Result<Vec<SourceEntryRecord>, StoreError> {
        if external_ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = self.either(SOME_SQLITE, SOME_POSTGRES);
        let list = Value::from(external_ids.to_vec()).to_string();
        let rows: Vec<EntryRow> = self.all(sql, arguments![source, list]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// What entries of a source that it still has are here, by how others name them. Of two with one name the newer comes
    /// last.
    pub async fn locate_source_entries(
        &mut self,
        source: &str,
        locators: &[String],
    ) -> Result<Vec<(String, SourceKind, Uuid)>, StoreError> {
        if locators.is_empty() {
            return Ok(Vec::new());
        }
        let sql = self.either(LOCATED_SQLITE, LOCATED_POSTGRES);
        let list = Value::from(locators.to_vec()).to_string();
        let rows: Vec<(String, String, Uuid)> = self.all(sql, arguments![source, list]).await?;
        rows.into_iter()
            .map(|(locator, kind, object)| {
                let kind = read_kind(&kind, &locator)?;
                Ok((locator, kind, object))
            })
            .collect()
    }

    /// Where a person or a group comes from, if it is from elsewhere.
    pub async fn find_source_entry_of(
        &mut self,
        object: Uuid,
    ) -> Result<Option<SourceEntryRecord>, StoreError> {
        self.one::<EntryRow>(OF_OBJECT, arguments![object])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Entries of a source by id, from the one after `after`.
    pub async fn list_source_entries(
        &mut self,
        source: &str,
        which: SourceSelection,
        after: &str,
        limit: u32,
    ) -> Result<Vec<SourceEntryRecord>, StoreError> {
        let values = arguments![
            source,
            after,
            which == SourceSelection::Refused,
            which == SourceSelection::Gone,
            i64::from(limit),
        ];
        let rows: Vec<EntryRow> = self.all(LIST, values).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Writes an entry, new or not; [`StoreError::Duplicate`] if its object is another entry's.
    pub async fn put_source_entry(&mut self, record: &SourceEntryRecord) -> Result<(), StoreError> {
        let values = arguments![
            &record.source,
            &record.external_id,
            record.kind.name(),
            record.object,
            record.locator.clone(),
            record.digest.clone(),
            record.refused.clone(),
            record.fault.clone(),
            record.is_master,
            record.gone_at,
            record.synced_at,
        ];
        self.execute(PUT, values).await.map(drop)
    }

    /// How many entries a source has.
    pub async fn count_source_entries(&mut self, source: &str) -> Result<SourceCounts, StoreError> {
        let counts: Option<SourceCounts> = self.one(COUNTS, arguments![source]).await?;
        Ok(counts.unwrap_or_default())
    }

    /// Forgets an entry; whether there was one.
    pub async fn delete_source_entry(
        &mut self,
        source: &str,
        external_id: &str,
    ) -> Result<bool, StoreError> {
        let touched = self
            .execute(DELETE, arguments![source, external_id])
            .await?;
        Ok(touched == 1)
    }

    /// Forgets where a person or a group came from.
    pub async fn delete_source_entry_of(&mut self, object: Uuid) -> Result<(), StoreError> {
        self.execute(DELETE_OF_OBJECT, arguments![object])
            .await
            .map(drop)
    }

    /// Forgets all entries of a source; what became of them stays.
    pub async fn delete_source_entries(&mut self, source: &str) -> Result<(), StoreError> {
        self.execute(DELETE_ALL, arguments![source]).await.map(drop)
    }
}
