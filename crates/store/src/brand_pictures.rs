//! Pictures of the organisation's branding, as this server encoded them.

use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A picture in the place where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandPictureRecord {
    /// Where it is shown, such as `lightBackgroundLogo`.
    pub slot: String,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub hash: String,
    /// The file itself; what it is stands in the setting that names it.
    pub content: Vec<u8>,
}

#[derive(FromRow)]
struct PictureRow {
    slot: String,
    hash: String,
    content: Vec<u8>,
}

impl From<PictureRow> for BrandPictureRecord {
    fn from(row: PictureRow) -> Self {
        Self {
            slot: row.slot,
            hash: row.hash,
            content: row.content,
        }
    }
}

const FIND: &str = "SELECT slot, hash, content FROM brand_picture WHERE slot = $1";
const SET: &str = "
    INSERT INTO brand_picture (slot, hash, content) VALUES ($1, $2, $3)
    ON CONFLICT (slot) DO UPDATE SET hash = excluded.hash, content = excluded.content";
const DELETE: &str = "DELETE FROM brand_picture WHERE slot = $1";

impl Session {
    /// The picture of a place.
    pub async fn find_brand_picture(
        &mut self,
        slot: &str,
    ) -> Result<Option<BrandPictureRecord>, StoreError> {
        let row: Option<PictureRow> = self.one(FIND, arguments![slot]).await?;
        Ok(row.map(Into::into))
    }

    /// Puts a picture in its place, instead of the one that was there.
    pub async fn set_brand_picture(
        &mut self,
        picture: &BrandPictureRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            picture.slot.as_str(),
            picture.hash.as_str(),
            picture.content.as_slice()
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Leaves a place without a picture.
    pub async fn delete_brand_picture(&mut self, slot: &str) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![slot]).await.map(drop)
    }
}
