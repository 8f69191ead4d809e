//! The devices of one person, found by the index over people: a page that somebody looks at again and again does not
//! go through all devices for it.

use mandate_model::UserId;

use super::DeviceRow;
use crate::db::arguments;
use crate::{DeviceRecord, Session, StoreError};

const OF_USER: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.user_id = $1 AND d.parent_id IS NULL ORDER BY d.id LIMIT $2"
);

impl Session {
    /// Devices of a person by id, whatever their state; channels of people on them are none.
    pub async fn devices_of_user(
        &mut self,
        user: UserId,
        limit: u32,
    ) -> Result<Vec<DeviceRecord>, StoreError> {
        self.all::<DeviceRow>(OF_USER, arguments![user, i64::from(limit)])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }
}
