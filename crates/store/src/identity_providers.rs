//! Where else people prove who they are, who they are there, and who was sent there.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A provider. Its secret is named after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProviderRecord {
    /// Its name, as in addresses.
    pub name: String,
    /// `oidc` or `ldap`.
    pub kind: String,
    /// Everything else, as JSON.
    pub settings: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Who somebody is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityLinkRecord {
    /// Name of the provider.
    pub provider: String,
    /// What the provider calls the account, for good.
    pub subject: String,
    /// Who that is here.
    pub user: UserId,
    /// When they were matched.
    pub created_at: Timestamp,
}

/// Somebody who was sent to a provider and is expected back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrandRecord {
    /// SHA-256 of the `state`.
    pub hash: Vec<u8>,
    /// Name of the provider.
    pub provider: String,
    /// SHA-256 of the flow that the browser holds.
    pub flow_hash: Vec<u8>,
    /// Where the provider sends people back to.
    pub redirect_uri: String,
    /// Whether they were to prove who they are anew.
    pub fresh: bool,
    /// When they were sent.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct ProviderRow {
    name: String,
    kind: String,
    settings: String,
    created_at: i64,
}

impl From<ProviderRow> for IdentityProviderRecord {
    fn from(row: ProviderRow) -> Self {
        Self {
            name: row.name,
            kind: row.kind,
            settings: row.settings,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct LinkRow {
    provider: String,
    subject: String,
    user_id: Uuid,
    created_at: i64,
}

impl From<LinkRow> for IdentityLinkRecord {
    fn from(row: LinkRow) -> Self {
        Self {
            provider: row.provider,
            subject: row.subject,
            user: UserId(row.user_id),
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct ErrandRow {
    hash: Vec<u8>,
    provider: String,
    flow_hash: Vec<u8>,
    redirect_uri: String,
    fresh: i64,
    created_at: i64,
}

const FIND: &str = "SELECT name, kind, settings, created_at FROM identity_provider WHERE name = $1";
const LIST: &str = "SELECT name, kind, settings, created_at FROM identity_provider ORDER BY name";
const INSERT: &str =
    "INSERT INTO identity_provider (name, kind, settings, created_at) VALUES ($1, $2, $3, $4)";
const UPDATE: &str = "UPDATE identity_provider SET settings = $2 WHERE name = $1";
const DELETE: &str = "DELETE FROM identity_provider WHERE name = $1";
const DELETE_ERRANDS: &str = "DELETE FROM provider_errand WHERE provider = $1";
const LINK_OF_SUBJECT: &str = "
    SELECT provider, subject, user_id, created_at FROM identity_link
    WHERE provider = $1 AND subject = $2";
const LINK_OF_USER: &str = "
    SELECT provider, subject, user_id, created_at FROM identity_link
    WHERE provider = $1 AND user_id = $2";
const LINKS: &str = "
    SELECT provider, subject, user_id, created_at FROM identity_link
    WHERE provider = $1 AND subject > $2 ORDER BY subject LIMIT $3";
const INSERT_LINK: &str =
    "INSERT INTO identity_link (provider, subject, user_id, created_at) VALUES ($1, $2, $3, $4)";
const DELETE_LINK: &str = "DELETE FROM identity_link WHERE provider = $1 AND user_id = $2";
const DELETE_LINKS: &str = "DELETE FROM identity_link WHERE provider = $1";
const DELETE_LINKS_OF_USER: &str = "DELETE FROM identity_link WHERE user_id = $1";
const INSERT_ERRAND: &str = "
    INSERT INTO provider_errand (hash, provider, flow_hash, redirect_uri, fresh, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const TAKE_ERRAND: &str = "
    DELETE FROM provider_errand WHERE hash = $1
    RETURNING hash, provider, flow_hash, redirect_uri, fresh, created_at";
const DELETE_OLD_ERRANDS: &str = "DELETE FROM provider_errand WHERE created_at < $1";

impl Session {
    /// A provider by its name.
    pub async fn find_identity_provider(
        &mut self,
        name: &str,
    ) -> Result<Option<IdentityProviderRecord>, StoreError> {
        let row: Option<ProviderRow> = self.one(FIND, arguments![name]).await?;
        Ok(row.map(Into::into))
    }

    /// All providers, by name.
    pub async fn list_identity_providers(
        &mut self,
    ) -> Result<Vec<IdentityProviderRecord>, StoreError> {
        let rows: Vec<ProviderRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds a provider; [`StoreError::Duplicate`] if the name is taken.
    pub async fn insert_identity_provider(
        &mut self,
        record: &IdentityProviderRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            &record.name,
            &record.kind,
            &record.settings,
            record.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces the settings of a provider; whether there is one.
    pub async fn update_identity_provider(
        &mut self,
        name: &str,
        settings: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(UPDATE, arguments![name, settings]).await? == 1)
    }

    /// Removes a provider, and what is known of people there; whether there was one.
    pub async fn delete_identity_provider(&mut self, name: &str) -> Result<bool, StoreError> {
        self.execute(DELETE_ERRANDS, arguments![name]).await?;
        self.execute(DELETE_LINKS, arguments![name]).await?;
        Ok(self.execute(DELETE, arguments![name]).await? == 1)
    }

    /// Who an account of a provider is here.
    pub async fn find_identity_link(
        &mut self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<IdentityLinkRecord>, StoreError> {
        let row: Option<LinkRow> = self
            .one(LINK_OF_SUBJECT, arguments![provider, subject])
            .await?;
        Ok(row.map(Into::into))
    }

    /// Who a person is at a provider.
    pub async fn find_identity_link_of(
        &mut self,
        provider: &str,
        user: UserId,
    ) -> Result<Option<IdentityLinkRecord>, StoreError> {
        let row: Option<LinkRow> = self.one(LINK_OF_USER, arguments![provider, user]).await?;
        Ok(row.map(Into::into))
    }

    /// Accounts of a provider that are matched, by subject, from the one after `after`.
    pub async fn list_identity_links(
        &mut self,
        provider: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<IdentityLinkRecord>, StoreError> {
        let values = arguments![provider, after, i64::from(limit)];
        let rows: Vec<LinkRow> = self.all(LINKS, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Matches an account with a person; [`StoreError::Duplicate`] if either is matched already.
    pub async fn insert_identity_link(
        &mut self,
        record: &IdentityLinkRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            &record.provider,
            &record.subject,
            record.user,
            record.created_at
        ];
        self.execute(INSERT_LINK, values).await.map(drop)
    }

    /// Forgets who a person is at a provider; whether it was known.
    pub async fn delete_identity_link(
        &mut self,
        provider: &str,
        user: UserId,
    ) -> Result<bool, StoreError> {
        let touched = self
            .execute(DELETE_LINK, arguments![provider, user])
            .await?;
        Ok(touched == 1)
    }

    /// Forgets who a person is anywhere else.
    pub async fn delete_identity_links_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE_LINKS_OF_USER, arguments![user])
            .await
            .map(drop)
    }

    /// Notes that somebody was sent to a provider.
    pub async fn insert_errand(&mut self, record: &ErrandRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.hash.as_slice(),
            &record.provider,
            record.flow_hash.as_slice(),
            &record.redirect_uri,
            record.fresh,
            record.created_at,
        ];
        self.execute(INSERT_ERRAND, values).await.map(drop)
    }

    /// Takes the note about somebody who came back; nobody else gets it again.
    pub async fn take_errand(&mut self, hash: &[u8]) -> Result<Option<ErrandRecord>, StoreError> {
        let row: Option<ErrandRow> = self.one(TAKE_ERRAND, arguments![hash]).await?;
        Ok(row.map(|row| ErrandRecord {
            hash: row.hash,
            provider: row.provider,
            flow_hash: row.flow_hash,
            redirect_uri: row.redirect_uri,
            fresh: row.fresh != 0,
            created_at: Timestamp(row.created_at),
        }))
    }

    /// Forgets those who did not come back.
    pub async fn delete_errands_before(&mut self, end: Timestamp) -> Result<u64, StoreError> {
        self.execute(DELETE_OLD_ERRANDS, arguments![end]).await
    }
}
