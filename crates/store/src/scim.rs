//! What people and groups are brought by, and what was written of them (SCIM).

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// What people and groups may be brought with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimTokenRecord {
    /// Id.
    pub id: Uuid,
    /// Name for people.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Not after this.
    pub expires_at: Timestamp,
}

/// A person or group as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimResourceRecord {
    /// Id.
    pub id: Uuid,
    /// `user` or `group`.
    pub kind: String,
    /// Name in lower case.
    pub name_folded: String,
    /// What its client calls it.
    pub external_id: Option<String>,
    /// All of it: JSON, carried.
    pub document: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Since when it is gone.
    pub deleted_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct TokenRow {
    id: Uuid,
    name: String,
    hint: String,
    hash: Vec<u8>,
    created_at: i64,
    expires_at: i64,
}

impl From<TokenRow> for ScimTokenRecord {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            hint: row.hint,
            hash: row.hash,
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
        }
    }
}

#[derive(FromRow)]
struct ResourceRow {
    id: Uuid,
    kind: String,
    name_folded: String,
    external_id: Option<String>,
    document: String,
    version: i64,
    created_at: i64,
    modified_at: i64,
    deleted_at: Option<i64>,
}

impl From<ResourceRow> for ScimResourceRecord {
    fn from(row: ResourceRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name_folded: row.name_folded,
            external_id: row.external_id,
            document: row.document,
            version: row.version,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
            deleted_at: row.deleted_at.map(Timestamp),
        }
    }
}

const TOKENS: &str =
    "SELECT id, name, hint, hash, created_at, expires_at FROM scim_token ORDER BY id";
const TOKEN: &str =
    "SELECT id, name, hint, hash, created_at, expires_at FROM scim_token WHERE hash = $1";
const INSERT_TOKEN: &str = "
    INSERT INTO scim_token (id, name, hint, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
const DELETE_TOKEN: &str = "DELETE FROM scim_token WHERE id = $1";
const FIND: &str = "
    SELECT id, kind, name_folded, external_id, document, version, created_at, modified_at, deleted_at
    FROM scim_resource WHERE kind = $1 AND id = $2 AND deleted_at IS NULL";
const BY_NAME: &str = "
    SELECT id, kind, name_folded, external_id, document, version, created_at, modified_at, deleted_at
    FROM scim_resource WHERE kind = $1 AND name_folded = $2 ORDER BY deleted_at IS NOT NULL, id";
const LIST: &str = "
    SELECT id, kind, name_folded, external_id, document, version, created_at, modified_at, deleted_at
    FROM scim_resource
    WHERE kind = $1 AND deleted_at IS NULL AND ($2 = '' OR name_folded = $2) AND ($3 = '' OR external_id = $3)
    ORDER BY id LIMIT $4 OFFSET $5";
const COUNT: &str = "
    SELECT count(*) FROM scim_resource
    WHERE kind = $1 AND deleted_at IS NULL AND ($2 = '' OR name_folded = $2) AND ($3 = '' OR external_id = $3)";
const NAMING: &str = "
    SELECT id, kind, name_folded, external_id, document, version, created_at, modified_at, deleted_at
    FROM scim_resource WHERE kind = 'group' AND deleted_at IS NULL AND document LIKE $1 ORDER BY id";
const INSERT: &str = "
    INSERT INTO scim_resource (id, kind, name_folded, external_id, document, version, created_at, modified_at, deleted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE: &str = "
    UPDATE scim_resource SET
        name_folded = $3, external_id = $4, document = $5, version = version + 1, modified_at = $6, deleted_at = $7
    WHERE id = $1 AND version = $2";

impl Session {
    /// Tokens by id, which is the order of their making.
    pub async fn list_scim_tokens(&mut self) -> Result<Vec<ScimTokenRecord>, StoreError> {
        let rows: Vec<TokenRow> = self.all(TOKENS, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// A token by the SHA-256 of itself.
    pub async fn find_scim_token(
        &mut self,
        hash: &[u8; 32],
    ) -> Result<Option<ScimTokenRecord>, StoreError> {
        let row: Option<TokenRow> = self.one(TOKEN, arguments![hash]).await?;
        Ok(row.map(Into::into))
    }

    /// Adds a token.
    pub async fn insert_scim_token(&mut self, token: &ScimTokenRecord) -> Result<(), StoreError> {
        let values = arguments![
            token.id,
            &token.name,
            &token.hint,
            token.hash.clone(),
            token.created_at,
            token.expires_at,
        ];
        self.execute(INSERT_TOKEN, values).await.map(drop)
    }

    /// Removes a token; whether there was one.
    pub async fn delete_scim_token(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_TOKEN, arguments![id]).await? == 1)
    }

    /// A person or group that is not gone.
    pub async fn find_scim_resource(
        &mut self,
        kind: &str,
        id: Uuid,
    ) -> Result<Option<ScimResourceRecord>, StoreError> {
        let row: Option<ResourceRow> = self.one(FIND, arguments![kind, id]).await?;
        Ok(row.map(Into::into))
    }

    /// Those of a name (in lower case), gone or not; those that are not first.
    pub async fn scim_resources_named(
        &mut self,
        kind: &str,
        name_folded: &str,
    ) -> Result<Vec<ScimResourceRecord>, StoreError> {
        let rows: Vec<ResourceRow> = self.all(BY_NAME, arguments![kind, name_folded]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Those that are not gone, by id; of a name and an external id where those are not empty.
    pub async fn list_scim_resources(
        &mut self,
        kind: &str,
        (name_folded, external_id): (&str, &str),
        (offset, limit): (i64, i64),
    ) -> Result<Vec<ScimResourceRecord>, StoreError> {
        let values = arguments![kind, name_folded, external_id, limit, offset];
        let rows: Vec<ResourceRow> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many of them there are.
    pub async fn count_scim_resources(
        &mut self,
        kind: &str,
        (name_folded, external_id): (&str, &str),
    ) -> Result<i64, StoreError> {
        self.number(COUNT, arguments![kind, name_folded, external_id])
            .await
    }

    /// Groups that name a person or group by its id.
    pub async fn scim_groups_naming(
        &mut self,
        id: Uuid,
    ) -> Result<Vec<ScimResourceRecord>, StoreError> {
        let rows: Vec<ResourceRow> = self.all(NAMING, arguments![format!("%{id}%")]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds one.
    pub async fn insert_scim_resource(
        &mut self,
        record: &ScimResourceRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.kind,
            &record.name_folded,
            record.external_id.clone(),
            &record.document,
            record.version,
            record.created_at,
            record.modified_at,
            record.deleted_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Changes one that still has this version, which grows by one; whether it had.
    pub async fn update_scim_resource(
        &mut self,
        record: &ScimResourceRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            record.id,
            record.version,
            &record.name_folded,
            record.external_id.clone(),
            &record.document,
            record.modified_at,
            record.deleted_at,
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }
}
