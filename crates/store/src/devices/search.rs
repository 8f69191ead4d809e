//! Devices as people look for them: by name, serial number and owner, narrowed down, in the order of their names.

use mandate_model::{DeviceId, DeviceState, Ownership, Platform, ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::DeviceRecord;
use super::rows::{DeviceRow, spelt};
use crate::db::arguments;
use crate::scope_tags::seen_device;
use crate::{MailStanding, Scope, Session, StoreError};

/// Which devices; every condition that is there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceSearch {
    /// Part of its name or serial number, or of the sign-in name or name of its user, without regard to case.
    pub text: Option<String>,
    /// What it runs.
    pub platform: Option<Platform>,
    /// Where it stands.
    pub state: Option<DeviceState>,
    /// Whose it is.
    pub ownership: Option<Ownership>,
    /// How mail stands there.
    pub mail: Option<MailStanding>,
    /// Primary user.
    pub user: Option<UserId>,
    /// What is wrong with it.
    pub worry: Option<DeviceWorry>,
}

/// Something that is wrong with a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceWorry {
    /// A profile has an error or conflict of this cause, as in [`crate::TroubleCount`].
    Trouble {
        /// The profile.
        profile: ProfileId,
        /// The cause.
        cause: String,
    },
    /// A profile waits although its deadline has passed.
    Late {
        /// The profile.
        profile: ProfileId,
        /// Passed by this moment.
        now: Timestamp,
    },
    /// Any profile has an error or conflict.
    Any,
    /// It was called four times or more without coming.
    Silent,
    /// Its push token is no longer good.
    Deaf,
}

/// Where a list of devices by their names goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterDevice {
    /// Name of the last device, folded to lower case.
    pub name: String,
    /// Its id.
    pub id: DeviceId,
}

/// A device that was found, with what a list shows beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundDevice {
    /// The device.
    pub record: DeviceRecord,
    /// How mail stands there.
    pub mail: MailStanding,
    /// Sign-in name and name of its user.
    pub owner: Option<(String, String)>,
}

#[derive(FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    device: DeviceRow,
    mail: i64,
    owner_principal_name: Option<String>,
    owner_display_name: Option<String>,
}

impl TryFrom<FoundRow> for FoundDevice {
    type Error = StoreError;

    fn try_from(row: FoundRow) -> Result<Self, StoreError> {
        Ok(Self {
            record: row.device.try_into()?,
            mail: MailStanding::of_number(row.mail),
            owner: row.owner_principal_name.zip(row.owner_display_name),
        })
    }
}

// The inner statement reads nothing but the index `device_list` until it has found a page; the outer one reads those rows.
const SEARCH: &str = concat!(
    "SELECT ",
    device_columns!(),
    ", d.mail, u.principal_name AS owner_principal_name, u.display_name AS owner_display_name
    FROM device d LEFT JOIN person u ON u.id = d.user_id
    WHERE d.id IN (
        SELECT d.id FROM device d
        WHERE d.parent_id IS NULL AND d.state <> 'enrolling' AND (d.name_folded, d.id) > ($1, $2)
          AND (CAST($3 AS TEXT) IS NULL OR d.name_folded LIKE $3 ESCAPE '!' OR d.serial_folded LIKE $3 ESCAPE '!'
               OR d.user_id IN (SELECT p.id FROM person p
                                WHERE p.principal_name_folded LIKE $3 ESCAPE '!' OR p.display_name_folded LIKE $3 ESCAPE '!'))
          AND (CAST($4 AS TEXT) IS NULL OR d.platform = $4)
          AND (CAST($5 AS TEXT) IS NULL OR d.state = $5)
          AND (CAST($6 AS TEXT) IS NULL OR d.ownership = $6)
          AND ($7 < 0 OR d.mail = $7)
          AND ($9 = 0 OR d.user_id = $8)
          AND ($10 = 0
               OR ($10 = 1 AND d.id IN (
                   SELECT p.device_id FROM device_profile p WHERE p.state IN ('error', 'conflict') AND p.profile_id = $11 AND p.cause = $12
                   UNION ALL
                   SELECT c.parent_id FROM device c
                   WHERE c.parent_id IS NOT NULL AND EXISTS (
                       SELECT 1 FROM device_profile p WHERE p.device_id = c.id AND p.state IN ('error', 'conflict') AND p.profile_id = $11 AND p.cause = $12)))
               OR ($10 = 2 AND d.id IN (
                   SELECT p.device_id FROM device_profile p WHERE p.state = 'pending' AND p.profile_id = $11 AND p.deadline_at <= $13
                   UNION ALL
                   SELECT c.parent_id FROM device c
                   WHERE c.parent_id IS NOT NULL AND EXISTS (
                       SELECT 1 FROM device_profile p WHERE p.device_id = c.id AND p.state = 'pending' AND p.profile_id = $11 AND p.deadline_at <= $13)))
               OR ($10 = 3 AND d.id IN (
                   SELECT p.device_id FROM device_profile p WHERE p.state IN ('error', 'conflict')
                   UNION ALL
                   SELECT c.parent_id FROM device c
                   WHERE c.parent_id IS NOT NULL AND EXISTS (
                       SELECT 1 FROM device_profile p WHERE p.device_id = c.id AND p.state IN ('error', 'conflict'))))
               OR ($10 = 4 AND d.id IN (SELECT s.id FROM device s WHERE s.wake_attempts > 3 AND s.state = 'enrolled'))
               OR ($10 = 5 AND d.id IN (SELECT s.id FROM device s WHERE s.push_state = 'dead' AND s.state = 'enrolled')))
          AND ",
    seen_device!("$14", "$15"),
    "
        ORDER BY d.name_folded, d.id LIMIT $16)
    ORDER BY d.name_folded, d.id"
);

impl Session {
    /// Devices that can be seen, in the order of their names, from the one after `after`.
    pub async fn search_devices(
        &mut self,
        search: &DeviceSearch,
        scope: &Scope,
        after: Option<&AfterDevice>,
        limit: u32,
    ) -> Result<Vec<FoundDevice>, StoreError> {
        let (kind, profile, cause, now) = match &search.worry {
            None => (0_i64, None, None, None),
            Some(DeviceWorry::Trouble { profile, cause }) => {
                (1, Some(*profile), Some(cause.clone()), None)
            }
            Some(DeviceWorry::Late { profile, now }) => (2, Some(*profile), None, Some(*now)),
            Some(DeviceWorry::Any) => (3, None, None, None),
            Some(DeviceWorry::Silent) => (4, None, None, None),
            Some(DeviceWorry::Deaf) => (5, None, None, None),
        };
        let values = arguments![
            after.map_or("", |after| after.name.as_str()),
            after.map_or(Uuid::nil(), |after| after.id.0),
            search.text.as_deref().map(contains),
            search.platform.map(spelt),
            search.state.map(spelt),
            search.ownership.map(spelt),
            search.mail.map_or(-1, MailStanding::number),
            search.user,
            search.user.is_some(),
            kind,
            profile,
            cause,
            now,
            scope.is_all(),
            scope.text(),
            i64::from(limit),
        ];
        self.all::<FoundRow>(SEARCH, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }
}

/// The pattern of everything that contains a text, which is folded and stands for itself whatever signs are in it.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in text.trim().to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_stand_for_themselves() {
        assert_eq!(contains(" Ångström "), "%ångström%");
        assert_eq!(contains("100%_!"), "%100!%!_!!%");
    }
}
