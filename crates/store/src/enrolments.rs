//! Enrolment links, and the enrolment profiles downloaded through them.

use mandate_model::{DeviceId, LinkId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A link through which somebody enrols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// Id.
    pub id: LinkId,
    /// SHA-256 of the token in the link; the token itself is not kept.
    pub token_hash: Vec<u8>,
    /// For whom; nobody for a device without a user.
    pub user_id: Option<UserId>,
    /// Platform, in the model's spelling.
    pub platform: String,
    /// Enrolment type, in the model's spelling.
    pub enrolment_type: String,
    /// Whether the profile is signed.
    pub signed: bool,
    /// How many profiles may still be downloaded.
    pub uses_left: i64,
    /// Not after this.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One downloaded enrolment profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRecord {
    /// Id.
    pub id: Uuid,
    /// Link that it came through.
    pub link_id: LinkId,
    /// For whom.
    pub user_id: Option<UserId>,
    /// Platform, in the model's spelling.
    pub platform: String,
    /// Enrolment type, in the model's spelling.
    pub enrolment_type: String,
    /// How it was asked for: `link`, `automated`, `account` or `migrated`.
    pub way: String,
    /// Serial number of the one device that may come with it; any, if absent.
    pub serial_number: Option<String>,
    /// The profile of automated enrolment.
    pub ade_profile_id: Option<Uuid>,
    /// Device that authenticated with it.
    pub device_id: Option<DeviceId>,
    /// When it was downloaded.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct LinkRow {
    id: Uuid,
    token_hash: Vec<u8>,
    user_id: Option<Uuid>,
    platform: String,
    enrolment_type: String,
    signed: i64,
    uses_left: i64,
    expires_at: i64,
    created_at: i64,
}

impl From<LinkRow> for LinkRecord {
    fn from(row: LinkRow) -> Self {
        Self {
            id: LinkId(row.id),
            token_hash: row.token_hash,
            user_id: row.user_id.map(UserId),
            platform: row.platform,
            enrolment_type: row.enrolment_type,
            signed: row.signed != 0,
            uses_left: row.uses_left,
            expires_at: Timestamp(row.expires_at),
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct TicketRow {
    id: Uuid,
    link_id: Uuid,
    user_id: Option<Uuid>,
    platform: String,
    enrolment_type: String,
    way: String,
    serial_number: Option<String>,
    ade_profile_id: Option<Uuid>,
    device_id: Option<Uuid>,
    created_at: i64,
}

impl From<TicketRow> for TicketRecord {
    fn from(row: TicketRow) -> Self {
        Self {
            id: row.id,
            link_id: LinkId(row.link_id),
            user_id: row.user_id.map(UserId),
            platform: row.platform,
            enrolment_type: row.enrolment_type,
            way: row.way,
            serial_number: row.serial_number,
            ade_profile_id: row.ade_profile_id,
            device_id: row.device_id.map(DeviceId),
            created_at: Timestamp(row.created_at),
        }
    }
}

const FIND_LINK: &str = "
    SELECT id, token_hash, user_id, platform, enrolment_type, signed, uses_left, expires_at, created_at
    FROM enrolment_link WHERE token_hash = $1";
const FIND_LINK_BY_ID: &str = "
    SELECT id, token_hash, user_id, platform, enrolment_type, signed, uses_left, expires_at, created_at
    FROM enrolment_link WHERE id = $1";
const LIST_LINKS: &str = "
    SELECT id, token_hash, user_id, platform, enrolment_type, signed, uses_left, expires_at, created_at
    FROM enrolment_link WHERE id > $1 ORDER BY id LIMIT $2";
const COUNT_OPEN_LINKS_OF: &str = "
    SELECT count(*) FROM enrolment_link WHERE user_id = $1 AND uses_left > 0 AND expires_at > $2";
const LIST_NEWEST_LINKS: &str = "
    SELECT id, token_hash, user_id, platform, enrolment_type, signed, uses_left, expires_at, created_at
    FROM enrolment_link WHERE id < $1 ORDER BY id DESC LIMIT $2";
const DELETE_LINK: &str = "DELETE FROM enrolment_link WHERE id = $1";
const DELETE_CHALLENGES_OF_LINK: &str = "
    DELETE FROM challenge
    WHERE ticket_id IN (SELECT id FROM enrolment_ticket WHERE link_id = $1 AND device_id IS NULL)";
const DELETE_TICKETS_OF_LINK: &str =
    "DELETE FROM enrolment_ticket WHERE link_id = $1 AND device_id IS NULL";
const DELETE_TICKETS_OF_EXPIRED_LINKS: &str = "
    DELETE FROM enrolment_ticket
    WHERE device_id IS NULL AND link_id IN (SELECT id FROM enrolment_link WHERE expires_at < $1)";
const DELETE_EXPIRED_LINKS: &str = "DELETE FROM enrolment_link WHERE expires_at < $1";
const INSERT_LINK: &str = "
    INSERT INTO enrolment_link
        (id, token_hash, user_id, platform, enrolment_type, signed, uses_left, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const USE_LINK: &str = "
    UPDATE enrolment_link SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND expires_at > $2";
const FIND_TICKET: &str = "
    SELECT id, link_id, user_id, platform, enrolment_type, way, serial_number, ade_profile_id, device_id, created_at
    FROM enrolment_ticket WHERE id = $1";
const INSERT_TICKET: &str = "
    INSERT INTO enrolment_ticket
        (id, link_id, user_id, platform, enrolment_type, way, serial_number, ade_profile_id, device_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const BIND_TICKET: &str = "UPDATE enrolment_ticket SET device_id = $2 WHERE id = $1";

impl Session {
    /// A link by the SHA-256 of its token.
    pub async fn find_link(
        &mut self,
        token_hash: &[u8; 32],
    ) -> Result<Option<LinkRecord>, StoreError> {
        Ok(self
            .one::<LinkRow>(FIND_LINK, arguments![token_hash])
            .await?
            .map(Into::into))
    }

    /// A link by its id.
    pub async fn find_link_by_id(&mut self, id: LinkId) -> Result<Option<LinkRecord>, StoreError> {
        Ok(self
            .one::<LinkRow>(FIND_LINK_BY_ID, arguments![id])
            .await?
            .map(Into::into))
    }

    /// Links by id, from the one after `after`, whether they still work or not.
    pub async fn list_links(
        &mut self,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Vec<LinkRecord>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        Ok(self
            .all::<LinkRow>(LIST_LINKS, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// How many links that still work there are for a person.
    pub async fn count_open_links_of(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let count = self
            .one::<(i64,)>(COUNT_OPEN_LINKS_OF, arguments![user, now])
            .await?;
        Ok(count.map_or(0, |(count,)| count))
    }

    /// The same from the newest on: what was made before `before`.
    pub async fn list_newest_links(
        &mut self,
        before: Option<LinkId>,
        limit: u32,
    ) -> Result<Vec<LinkRecord>, StoreError> {
        let values = arguments![before.map_or(Uuid::max(), |id| id.0), i64::from(limit)];
        Ok(self
            .all::<LinkRow>(LIST_NEWEST_LINKS, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Removes a link with the profiles that were downloaded through it and that no device has come with.
    pub async fn delete_link(&mut self, id: LinkId) -> Result<bool, StoreError> {
        self.execute(DELETE_CHALLENGES_OF_LINK, arguments![id])
            .await?;
        self.execute(DELETE_TICKETS_OF_LINK, arguments![id]).await?;
        Ok(self.execute(DELETE_LINK, arguments![id]).await? == 1)
    }

    /// Forgets links that expired before `before`, with the profiles that were downloaded through them and that no device
    /// has come with; how many links. What opens those profiles has expired as well.
    pub async fn delete_expired_links(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.execute(DELETE_TICKETS_OF_EXPIRED_LINKS, arguments![before])
            .await?;
        self.execute(DELETE_EXPIRED_LINKS, arguments![before]).await
    }

    /// Adds a link.
    pub async fn insert_link(&mut self, link: &LinkRecord) -> Result<(), StoreError> {
        let values = arguments![
            link.id,
            link.token_hash.clone(),
            link.user_id,
            &link.platform,
            &link.enrolment_type,
            link.signed,
            link.uses_left,
            link.expires_at,
            link.created_at,
        ];
        self.execute(INSERT_LINK, values).await.map(drop)
    }

    /// Uses a link once; whether it could be used.
    pub async fn use_link(&mut self, id: LinkId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute(USE_LINK, arguments![id, now]).await? == 1)
    }

    /// A downloaded enrolment profile.
    pub async fn find_ticket(&mut self, id: Uuid) -> Result<Option<TicketRecord>, StoreError> {
        Ok(self
            .one::<TicketRow>(FIND_TICKET, arguments![id])
            .await?
            .map(Into::into))
    }

    /// Notes a downloaded enrolment profile.
    pub async fn insert_ticket(&mut self, ticket: &TicketRecord) -> Result<(), StoreError> {
        let values = arguments![
            ticket.id,
            ticket.link_id,
            ticket.user_id,
            &ticket.platform,
            &ticket.enrolment_type,
            &ticket.way,
            ticket.serial_number.clone(),
            ticket.ade_profile_id,
            ticket.device_id,
            ticket.created_at,
        ];
        self.execute(INSERT_TICKET, values).await.map(drop)
    }

    /// Notes which device came with an enrolment profile.
    pub async fn bind_ticket(&mut self, id: Uuid, device: DeviceId) -> Result<(), StoreError> {
        self.execute(BIND_TICKET, arguments![id, device])
            .await
            .map(drop)
    }
}
