//! Links with which people set a password for the first time, or anew.

use mandate_model::{AppId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A link, by the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpLinkRecord {
    /// SHA-256 of the secret in the address.
    pub hash: [u8; 32],
    /// Whose.
    pub user_id: UserId,
    /// Who made it.
    pub maker: LinkMaker,
    /// Not after this.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who made a link: it lets nobody in whom they could not have let in themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkMaker {
    /// The command line of the machine.
    System,
    /// A client of its own.
    App(AppId),
    /// A person.
    Person(UserId),
}

impl LinkMaker {
    const fn stored(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::System => ("system", None),
            Self::App(id) => ("app", Some(id.0)),
            Self::Person(id) => ("person", Some(id.0)),
        }
    }

    fn read(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("system", None) => Some(Self::System),
            ("app", Some(id)) => Some(Self::App(AppId(id))),
            ("person", Some(id)) => Some(Self::Person(UserId(id))),
            _ => None,
        }
    }
}

const FIND: &str = "
    SELECT user_id, maker_kind, maker_id FROM set_up_link WHERE hash = $1 AND expires_at > $2";
const INSERT: &str = "
    INSERT INTO set_up_link (hash, user_id, maker_kind, maker_id, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const DELETE: &str = "DELETE FROM set_up_link WHERE hash = $1";
const DELETE_OF_USER: &str = "DELETE FROM set_up_link WHERE user_id = $1";
const TIDY: &str = "DELETE FROM set_up_link WHERE expires_at <= $1";

impl Session {
    /// Whose link it is, and who made it; none if it was used or is too old.
    pub async fn find_set_up_link(
        &mut self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<(UserId, LinkMaker)>, StoreError> {
        let row: Option<(Uuid, String, Option<Uuid>)> =
            self.one(FIND, arguments![hash, now]).await?;
        let Some((user, kind, maker)) = row else {
            return Ok(None);
        };
        let maker = LinkMaker::read(&kind, maker).ok_or_else(|| StoreError::Inconsistent {
            table: "set_up_link",
            column: "maker_kind",
            id: user.to_string(),
            problem: format!("`{kind}` makes no links"),
        })?;
        Ok(Some((UserId(user), maker)))
    }

    /// Adds one; those before it end.
    pub async fn insert_set_up_link(&mut self, link: &SetUpLinkRecord) -> Result<(), StoreError> {
        self.execute(DELETE_OF_USER, arguments![link.user_id])
            .await?;
        let (kind, maker) = link.maker.stored();
        let values = arguments![
            &link.hash,
            link.user_id,
            kind,
            maker,
            link.expires_at,
            link.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Takes one; false if somebody else took it first.
    pub async fn take_set_up_link(&mut self, hash: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![hash]).await? == 1)
    }

    /// Withdraws all links of a person.
    pub async fn delete_set_up_links(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE_OF_USER, arguments![user])
            .await
            .map(drop)
    }

    /// Forgets those that are too old.
    pub async fn delete_old_set_up_links(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.execute(TIDY, arguments![now]).await.map(drop)
    }
}
