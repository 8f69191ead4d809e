//! Whose device is whose: another server knows devices, and no people.

use mandate_model::{DeviceId, UserId};
use mandate_store::{MigrationRecord, Session};
use serde_json::json;

use super::change::{held, require};
use super::{KIND, MigrationId};
use crate::audit::Change;
use crate::csv::{CsvProblem, read_csv};
use crate::{Action, Actor, Engine, EngineError};

/// Bytes of a file at most.
pub const MOST_MIGRATION_PEOPLE_BYTES: usize = 1024 * 1024;
const MOST_ROWS: usize = 20_000;
/// Rows that are named when they cannot be taken; of the others only how many they are.
const MOST_NAMED: usize = 20;

/// What became of a file of serial numbers and people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationPeople {
    /// Rows that were taken.
    pub taken: usize,
    /// Devices of the migration that have their person by them.
    pub devices: usize,
    /// Rows whose person is not in the directory, by their names; the first of them.
    pub unknown: Vec<String>,
    /// How many rows were not taken.
    pub left_out: usize,
}

impl Engine {
    /// Says whose device is whose: a line for each, serial number and user principal name. Devices that were imported, and
    /// those that will be, get their person unless they have one. Names that nobody has are left out, and told.
    pub async fn set_migration_people(
        &self,
        actor: &Actor,
        id: MigrationId,
        file: &[u8],
    ) -> Result<MigrationPeople, EngineError> {
        require(actor)?;
        actor.require(Action::DevicesSetPrimaryUser)?;
        actor.require_everywhere(Action::DevicesSetPrimaryUser)?;
        let rows = read(file)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let migration = held(&mut session, id).await?;
        let mut result = MigrationPeople::default();
        for (serial, name) in rows {
            let Some(user) = session.find_user_by_name(&name).await? else {
                result.left_out += 1;
                if result.unknown.len() < MOST_NAMED {
                    result.unknown.push(name);
                }
                continue;
            };
            let folded = serial.to_lowercase();
            session.set_migration_person(id, &folded, user.id).await?;
            result.taken += 1;
            for device in session.migrated_of_serial(id, &folded).await? {
                if self.name_person(&mut session, &migration, device).await? {
                    result.devices += 1;
                }
            }
        }
        let after =
            json!({ "rows": result.taken, "devices": result.devices, "unknown": result.left_out });
        let change = Change::action("setPeople", KIND, id, &migration.name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(result)
    }

    /// For how many serial numbers a migration knows whose they are.
    pub async fn count_migration_people(
        &self,
        actor: &Actor,
        id: MigrationId,
    ) -> Result<i64, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        Ok(session.count_migration_people(id).await?)
    }

    /// Gives a device the person who was named for its serial number, unless it has one; whether it got one.
    pub(super) async fn name_person(
        &self,
        session: &mut Session,
        migration: &MigrationRecord,
        id: DeviceId,
    ) -> Result<bool, EngineError> {
        let Some(mut device) = session.hold_device(id).await? else {
            return Ok(false);
        };
        if device.device.user_id.is_some() || !device.device.state.is_connected() {
            return Ok(false);
        }
        let Some(serial) = device.device.facts.serial_number.as_ref() else {
            return Ok(false);
        };
        let folded = serial.to_lowercase();
        let named = session.find_migration_person(migration.id, &folded).await?;
        let user: Option<UserId> = match named {
            // People may have gone since they were named.
            Some(named) => session.find_user(named).await?.map(|user| user.id),
            None => None,
        };
        let Some(user) = user else { return Ok(false) };
        device.device.user_id = Some(user);
        session.update_device(&device).await?;
        let now = self.now();
        session.set_user_of_channels(id, Some(user), now).await?;
        if device.device.state.is_managed() {
            session.mark_stale(id, now).await?;
        }
        self.follow_rules_of_device(session, device.device.clone())
            .await?;
        session.retag_device(id, Some(user)).await?;
        let name = device.device.display_name();
        let change = Change::act(
            "setPrimaryUser",
            "device",
            id,
            &name,
            json!({ "userId": null }),
            json!({ "userId": user }),
        );
        self.audit(session, &Actor::system(), change).await?;
        Ok(true)
    }
}

/// Serial numbers and names. A heading is passed over.
fn read(file: &[u8]) -> Result<Vec<(String, String)>, EngineError> {
    if file.len() > MOST_MIGRATION_PEOPLE_BYTES {
        return Err(wrong("must have at most 1 MiB"));
    }
    let rows = read_csv(file, MOST_ROWS + 1).map_err(|problem| {
        wrong(match problem {
            CsvProblem::NotText => "must be text in UTF-8",
            CsvProblem::OpenQuote => "must close the quotes that it opens",
            CsvProblem::TooManyRows => "must have at most 20,000 lines",
            CsvProblem::TooManyColumns => "must have two columns: serial number and user",
        })
    })?;
    let mut pairs = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let cell = |at: usize| row.cells.get(at).map_or("", |cell| cell.trim());
        let (serial, name) = (cell(0), cell(1));
        // No serial number begins so, and every name of a person has an `@`.
        if index == 0 && serial.to_lowercase().starts_with("serial") && !name.contains('@') {
            continue;
        }
        let is_serial = (1..=64).contains(&serial.len())
            && serial.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_serial || name.is_empty() || name.chars().count() > 256 {
            let rule = format!(
                "must have a serial number and a user principal name in each line; line {} has not",
                row.line
            );
            return Err(wrong(&rule));
        }
        pairs.push((serial.to_owned(), name.to_owned()));
    }
    if pairs.is_empty() {
        return Err(wrong("must have at least one line"));
    }
    Ok(pairs)
}

fn wrong(rule: &str) -> EngineError {
    EngineError::invalid("file", rule, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_serial_numbers_and_people() {
        let text = "\u{feff}serial,userPrincipalName\r\nC02A,ada@contoso.com\r\n\"C02B\";\n";
        assert!(read(text.as_bytes()).is_err());
        let text = "serial;userPrincipalName\nC02A;ada@contoso.com\nC02B;bob@contoso.com\n";
        let read = read(text.as_bytes()).unwrap();
        let pair = |serial: &str, name: &str| (serial.to_owned(), name.to_owned());
        assert_eq!(
            read,
            [
                pair("C02A", "ada@contoso.com"),
                pair("C02B", "bob@contoso.com")
            ]
        );
    }

    #[test]
    fn files_that_cannot_be_meant_are_refused() {
        for text in ["", "serial,user", "C02A", "C0 2A,ada@contoso.com", "\"C02A"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read(&[0xff, 0xfe]).is_err());
        assert!(read(&vec![b'a'; MOST_MIGRATION_PEOPLE_BYTES + 1]).is_err());
    }
}
