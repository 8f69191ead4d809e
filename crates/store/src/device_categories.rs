//! Categories of devices, and what else rules of groups ask of a device.

use mandate_model::{DeviceCategoryId, DeviceId, LinkId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A category of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCategoryRecord {
    /// Id.
    pub id: DeviceCategoryId,
    /// Name; unique without regard to case.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is noted about one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLabelRecord {
    /// The device.
    pub device: DeviceId,
    /// Its category.
    pub category: Option<DeviceCategoryId>,
    /// Name of its category.
    pub category_name: Option<String>,
    /// Name of the profile by which it was enrolled.
    pub enrolment_profile: Option<String>,
}

#[derive(FromRow)]
struct CategoryRow {
    id: Uuid,
    display_name: String,
    description: Option<String>,
    created_at: i64,
}

/// Device, category, its name, enrolment profile.
type LabelRow = (Uuid, Option<Uuid>, Option<String>, Option<String>);

impl From<CategoryRow> for DeviceCategoryRecord {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: DeviceCategoryId(row.id),
            display_name: row.display_name,
            description: row.description,
            created_at: Timestamp(row.created_at),
        }
    }
}

const FIND: &str =
    "SELECT id, display_name, description, created_at FROM device_category WHERE id = $1";
const LIST: &str = "
    SELECT id, display_name, description, created_at FROM device_category ORDER BY display_name_folded, id";
const COUNT: &str = "SELECT count(*) FROM device_category";
const INSERT: &str = "
    INSERT INTO device_category (id, display_name, display_name_folded, description, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str = "
    UPDATE device_category SET display_name = $2, display_name_folded = $3, description = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM device_category WHERE id = $1";
const COUNT_DEVICES: &str = "SELECT count(*) FROM device_label WHERE category_id = $1";
const LABELS: &str = "
    SELECT l.device_id, l.category_id, c.display_name, l.enrolment_profile
    FROM device_label l LEFT JOIN device_category c ON c.id = l.category_id
    WHERE l.device_id >= $1 AND l.device_id <= $2 ORDER BY l.device_id";
const SET_CATEGORY: &str = "
    INSERT INTO device_label (device_id, category_id, enrolment_profile) VALUES ($1, $2, NULL)
    ON CONFLICT (device_id) DO UPDATE SET category_id = excluded.category_id";
const SET_ENROLMENT_PROFILE: &str = "
    INSERT INTO device_label (device_id, category_id, enrolment_profile) VALUES ($1, NULL, $2)
    ON CONFLICT (device_id) DO UPDATE SET enrolment_profile = excluded.enrolment_profile";
const DELETE_LABEL: &str = "DELETE FROM device_label WHERE device_id = $1";
const SET_LINK: &str = "
    INSERT INTO enrolment_link_category (link_id, category_id) VALUES ($1, $2)
    ON CONFLICT (link_id) DO UPDATE SET category_id = excluded.category_id";
const OF_LINK: &str = "SELECT category_id FROM enrolment_link_category WHERE link_id = $1";
const FORGET_LINKS: &str = "DELETE FROM enrolment_link_category WHERE category_id = $1";

impl Session {
    /// A category by id.
    pub async fn find_device_category(
        &mut self,
        id: DeviceCategoryId,
    ) -> Result<Option<DeviceCategoryRecord>, StoreError> {
        let row = self.one::<CategoryRow>(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// All categories by name; there are few.
    pub async fn list_device_categories(
        &mut self,
    ) -> Result<Vec<DeviceCategoryRecord>, StoreError> {
        let rows = self.all::<CategoryRow>(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many categories there are.
    pub async fn count_device_categories(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// Adds a category; [`StoreError::Duplicate`] if there is one of this name.
    pub async fn insert_device_category(
        &mut self,
        category: &DeviceCategoryRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            category.id,
            &category.display_name,
            category.display_name.to_lowercase(),
            category.description.clone(),
            category.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces a category's record; whether there was one.
    pub async fn update_device_category(
        &mut self,
        category: &DeviceCategoryRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            category.id,
            &category.display_name,
            category.display_name.to_lowercase(),
            category.description.clone(),
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a category that no device has, and takes it off links; whether there was one.
    pub async fn delete_device_category(
        &mut self,
        id: DeviceCategoryId,
    ) -> Result<bool, StoreError> {
        self.execute(FORGET_LINKS, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// How many devices have a category.
    pub async fn count_devices_of_category(
        &mut self,
        id: DeviceCategoryId,
    ) -> Result<i64, StoreError> {
        self.number(COUNT_DEVICES, arguments![id]).await
    }

    /// What is noted about the devices from one id to another, by id; many have nothing.
    pub async fn list_device_labels(
        &mut self,
        first: DeviceId,
        last: DeviceId,
    ) -> Result<Vec<DeviceLabelRecord>, StoreError> {
        let rows: Vec<LabelRow> = self.all(LABELS, arguments![first, last]).await?;
        let record =
            |(device, category, category_name, enrolment_profile): LabelRow| DeviceLabelRecord {
                device: DeviceId(device),
                category: category.map(DeviceCategoryId),
                category_name,
                enrolment_profile,
            };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Gives a device a category, or takes it away.
    pub async fn set_device_category(
        &mut self,
        device: DeviceId,
        category: Option<DeviceCategoryId>,
    ) -> Result<(), StoreError> {
        self.execute(SET_CATEGORY, arguments![device, category])
            .await
            .map(drop)
    }

    /// Notes the name of the profile by which a device was enrolled, for rules that ask for it.
    pub async fn set_enrolment_profile_name(
        &mut self,
        device: DeviceId,
        name: Option<&str>,
    ) -> Result<(), StoreError> {
        let values = arguments![device, name.map(str::to_owned)];
        self.execute(SET_ENROLMENT_PROFILE, values).await.map(drop)
    }

    /// Forgets what is noted about a device.
    pub async fn delete_device_label(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE_LABEL, arguments![device])
            .await
            .map(drop)
    }

    /// Notes the category of the device that will come through a link.
    pub async fn set_category_of_link(
        &mut self,
        link: LinkId,
        category: DeviceCategoryId,
    ) -> Result<(), StoreError> {
        self.execute(SET_LINK, arguments![link, category])
            .await
            .map(drop)
    }

    /// The category of the device that comes through a link.
    pub async fn category_of_link(
        &mut self,
        link: LinkId,
    ) -> Result<Option<DeviceCategoryId>, StoreError> {
        let row: Option<(Uuid,)> = self.one(OF_LINK, arguments![link]).await?;
        Ok(row.map(|(id,)| DeviceCategoryId(id)))
    }
}
