//! Who may enrol many devices for others, and how many devices people have enrolled.

use mandate_model::{DeviceId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Somebody who enrols many devices for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentManagerRecord {
    /// The person.
    pub user_id: UserId,
    /// Since when.
    pub created_at: Timestamp,
}

const IS_MANAGER: &str = "SELECT count(*) FROM enrolment_manager WHERE user_id = $1";
const COUNT_MANAGERS: &str = "SELECT count(*) FROM enrolment_manager";
const LIST_MANAGERS: &str = "
    SELECT user_id, created_at FROM enrolment_manager WHERE user_id > $1 ORDER BY user_id LIMIT $2";
const ADD_MANAGER: &str = "
    INSERT INTO enrolment_manager (user_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const DELETE_MANAGER: &str = "DELETE FROM enrolment_manager WHERE user_id = $1";
// A device counts for its user, or if it has none for the manager who enrolled it. What has begun to enrol counts for a
// while, so that many cannot begin at once.
const COUNT_DEVICES: &str = "
    SELECT count(*) FROM device
    WHERE (user_id = $1 OR (manager_id = $1 AND user_id IS NULL)) AND parent_id IS NULL AND id <> $2
      AND (state = 'enrolled' OR (state = 'enrolling' AND enrolled_at > $3))";

impl Session {
    /// Whether a person may enrol many devices for others.
    pub async fn is_enrolment_manager(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.number(IS_MANAGER, arguments![user]).await? == 1)
    }

    /// How many such people there are.
    pub async fn count_enrolment_managers(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT_MANAGERS, &[]).await
    }

    /// Such people by id, from the one after `after`.
    pub async fn list_enrolment_managers(
        &mut self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<EnrolmentManagerRecord>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        let rows: Vec<(Uuid, i64)> = self.all(LIST_MANAGERS, values).await?;
        let record = |(user, at)| EnrolmentManagerRecord {
            user_id: UserId(user),
            created_at: Timestamp(at),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Makes a person one of them; whether that is new.
    pub async fn insert_enrolment_manager(
        &mut self,
        manager: EnrolmentManagerRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![manager.user_id, manager.created_at];
        Ok(self.execute(ADD_MANAGER, values).await? == 1)
    }

    /// Makes a person none of them any more; whether they were.
    pub async fn delete_enrolment_manager(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_MANAGER, arguments![user]).await? == 1)
    }

    /// Has enrolments of one person take turns until the end of the transaction. Whoever holds a device as well begins with
    /// the device.
    pub async fn hold_enrolments_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let (_, key) = user.0.as_u64_pair();
        self.take_turn(key.cast_signed()).await
    }

    /// How many devices a person has enrolled now, but for one. What began to enrol after `begun_after` counts as well.
    pub async fn count_devices_enrolled_for(
        &mut self,
        user: UserId,
        but: Option<DeviceId>,
        begun_after: Timestamp,
    ) -> Result<i64, StoreError> {
        let but = but.map_or(Uuid::nil(), |id| id.0);
        self.number(COUNT_DEVICES, arguments![user, but, begun_after])
            .await
    }
}
