//! A person of a file, and what becomes of who is here already.

use mandate_model::{User, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::column::Column;
use crate::csv::CsvRow;
use crate::directory::{Source, SourceFault, SourcedPerson};

/// Groups that a row may name.
const MOST_GROUPS: usize = 50;

/// A row of a file. What a cell does not say is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PersonRow {
    /// The line of the file.
    pub(super) line: u32,
    /// What it says of the person.
    pub(super) person: SourcedPerson,
    /// Whether the account may be used, if it says so.
    pub(super) enabled: Option<bool>,
    /// Groups by name or id.
    pub(super) groups: Vec<String>,
    /// Whether the person is to get a licence.
    pub(super) licence: bool,
    /// What cannot be read.
    pub(super) faults: Vec<SourceFault>,
}

impl PersonRow {
    /// Reads a row of a file with these columns.
    pub(super) fn read(columns: &[Option<Column>], row: &CsvRow) -> Self {
        let mut read = Self {
            line: row.line,
            person: SourcedPerson {
                external_id: row.line.to_string(),
                ..SourcedPerson::default()
            },
            enabled: None,
            groups: Vec::new(),
            licence: false,
            faults: Vec::new(),
        };
        for (column, cell) in columns.iter().zip(&row.cells) {
            let cell = bare(cell);
            if let Some(column) = column
                && !cell.is_empty()
            {
                read.take(column, cell);
            }
        }
        let mut beyond = row.cells.iter().skip(columns.len());
        if beyond.any(|cell| !cell.trim().is_empty()) {
            let reason = "the row has more cells than there are columns";
            read.faults.push(SourceFault::invalid("", None, reason));
        }
        if read.person.user_principal_name.is_empty() {
            let fault = SourceFault::invalid("userPrincipalName", None, "is needed");
            read.faults.push(fault);
        }
        read.faults.extend(read.person.fault());
        read
    }

    fn take(&mut self, column: &Column, cell: &str) {
        match column {
            Column::Text(property) => put_text(&mut self.person, property, cell),
            Column::Phone => {
                let phones = json!([cell]);
                self.person
                    .other
                    .insert("businessPhones".to_owned(), phones);
            }
            Column::Enabled => self.enabled = self.answer(column, cell),
            Column::Blocked => {
                self.enabled = self.answer(column, cell).map(|is_blocked| !is_blocked);
            }
            Column::Licence => self.licence = self.answer(column, cell).unwrap_or_default(),
            Column::Groups => {
                let names = cell.split(['|', ';', '\n']).map(str::trim);
                let names = names.filter(|name| !name.is_empty());
                self.groups = names.map(str::to_owned).collect();
                self.groups.sort();
                self.groups.dedup();
                if self.groups.len() > MOST_GROUPS {
                    self.groups.clear();
                    let reason = format!("names more than {MOST_GROUPS} groups");
                    let fault = SourceFault::invalid("groups", None, &reason);
                    self.faults.push(fault);
                }
            }
        }
    }

    /// Yes or no.
    fn answer(&mut self, column: &Column, cell: &str) -> Option<bool> {
        let word = cell.to_lowercase();
        if YES.contains(&word.as_str()) {
            return Some(true);
        }
        if NO.contains(&word.as_str()) {
            return Some(false);
        }
        let fault = SourceFault::invalid(column.name(), Some(cell), "must be `yes` or `no`");
        self.faults.push(fault);
        None
    }

    /// The sign-in name, as rows are compared by it.
    pub(super) fn key(&self) -> String {
        self.person.user_principal_name.to_lowercase()
    }

    /// Somebody who was not here before. The name for people is made of first and last name where it is not said.
    pub(super) fn newcomer(
        &self,
        id: UserId,
        now: mandate_model::Timestamp,
    ) -> Result<User, SourceFault> {
        let mut person = self.person.clone();
        if person.display_name.is_none() {
            let parts = [person.given_name.as_deref(), person.surname.as_deref()];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            if parts.is_empty() {
                let reason = "is needed, or a first or last name";
                return Err(SourceFault::invalid("displayName", None, reason));
            }
            person.display_name = Some(parts.join(" "));
        }
        person.account_disabled = self.enabled == Some(false);
        let extensions = take_extensions(&mut person.other);
        let mut user = person.newcomer(&nobody(), id, now);
        put_extensions(&mut user.other, extensions);
        Ok(user)
    }

    /// The person who is here already, as the row says: an empty cell leaves a property alone.
    pub(super) fn upon(&self, before: &User) -> User {
        let mut user = before.clone();
        let person = &self.person;
        if let Some(name) = &person.display_name {
            user.display_name.clone_from(name);
        }
        for (property, value) in [
            (&mut user.given_name, &person.given_name),
            (&mut user.surname, &person.surname),
            (&mut user.mail, &person.mail),
            (
                &mut user.on_premises_sam_account_name,
                &person.on_premises_sam_account_name,
            ),
            (
                &mut user.on_premises_domain_name,
                &person.on_premises_domain_name,
            ),
            (
                &mut user.on_premises_net_bios_name,
                &person.on_premises_net_bios_name,
            ),
            (
                &mut user.on_premises_distinguished_name,
                &person.on_premises_distinguished_name,
            ),
            (
                &mut user.on_premises_security_identifier,
                &person.on_premises_security_identifier,
            ),
        ] {
            if value.is_some() {
                property.clone_from(value);
            }
        }
        let mut further = person.other.clone();
        put_extensions(&mut user.other, take_extensions(&mut further));
        user.other.extend(further);
        if let Some(enabled) = self.enabled {
            user.account_enabled = enabled;
        }
        user
    }
}

/// A cell without the blanks around it, and without the quote that keeps spreadsheets from taking a text for a formula.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

fn put_text(person: &mut SourcedPerson, property: &str, cell: &str) {
    let value = Some(cell.to_owned());
    match property {
        "userPrincipalName" => cell.clone_into(&mut person.user_principal_name),
        "displayName" => person.display_name = value,
        "givenName" => person.given_name = value,
        "surname" => person.surname = value,
        "mail" => person.mail = value,
        "onPremisesSamAccountName" => person.on_premises_sam_account_name = value,
        "onPremisesDomainName" => person.on_premises_domain_name = value,
        "onPremisesNetBiosName" => person.on_premises_net_bios_name = value,
        "onPremisesDistinguishedName" => person.on_premises_distinguished_name = value,
        "onPremisesSecurityIdentifier" => person.on_premises_security_identifier = value,
        _ => {
            person.other.insert(property.to_owned(), cell.into());
        }
    }
}

/// Takes out what Graph keeps in an object of its own.
fn take_extensions(other: &mut Map<String, Value>) -> Map<String, Value> {
    let names: Vec<String> = other
        .keys()
        .filter(|name| name.starts_with("extensionAttribute"))
        .cloned()
        .collect();
    let taken = names
        .into_iter()
        .filter_map(|name| other.remove_entry(&name));
    taken.collect()
}

fn put_extensions(other: &mut Map<String, Value>, extensions: Map<String, Value>) {
    if extensions.is_empty() {
        return;
    }
    let kept = other
        .entry(EXTENSIONS)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(kept) = kept {
        kept.extend(extensions);
    } else {
        *kept = Value::Object(extensions);
    }
}

/// A file is no source: nothing of it says later what people are.
fn nobody() -> Source {
    Source {
        name: String::new(),
        is_master: false,
        trusts_names: false,
    }
}

const EXTENSIONS: &str = "onPremisesExtensionAttributes";
const YES: [&str; 6] = ["yes", "true", "1", "y", "ja", "j"];
const NO: [&str; 7] = ["no", "false", "0", "n", "nee", "nej", "nein"];

#[cfg(test)]
mod tests {
    use mandate_model::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn read(heads: &[&str], cells: &[&str]) -> PersonRow {
        let columns: Vec<_> = heads.iter().map(|head| Column::of(head)).collect();
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        PersonRow::read(&columns, &CsvRow { line: 7, cells })
    }

    fn blamed(row: &PersonRow) -> Vec<&str> {
        let faults = row.faults.iter();
        faults.map(|fault| fault.property.as_str()).collect()
    }

    fn newcomer(row: &PersonRow) -> Result<User, SourceFault> {
        row.newcomer(UserId(Uuid::nil()), Timestamp(0))
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named_by_its_property() {
        let heads = ["upn", "displayName", "enabled", "licence", "groups"];
        let long = "x".repeat(300);
        for (cells, property) in [
            (vec!["", "Ada"], "userPrincipalName"),
            (vec!["\u{430}da@x"], "userPrincipalName"),
            (vec!["ada@x", &long], "displayName"),
            (vec!["ada@x", "Ada", "perhaps"], "accountEnabled"),
            (vec!["ada@x", "Ada", "", "3"], "licence"),
            (vec!["ada@x", "Ada", "", "", "", "too much"], ""),
        ] {
            assert_eq!(blamed(&read(&heads, &cells)), [property], "{cells:?}");
        }
        let many = (0..60)
            .map(|n| format!("g{n}"))
            .collect::<Vec<_>>()
            .join("|");
        assert_eq!(
            blamed(&read(&heads, &["a@x", "A", "", "", &many])),
            ["groups"]
        );
        let fine = read(&heads, &["ada@x", "Ada", "JA", "no", "Sales | Mail; Sales"]);
        assert!(fine.faults.is_empty(), "{fine:?}");
        assert_eq!((fine.enabled, fine.licence), (Some(true), false));
        assert_eq!(fine.groups, ["Mail", "Sales"]);
    }

    #[test]
    fn a_newcomer_has_a_name_for_people() {
        let heads = ["upn", "givenName", "surname", "extensionAttribute1"];
        let ada = newcomer(&read(&heads, &["ada@x", "Ada", "Lovelace", "E1"])).unwrap();
        assert_eq!(ada.display_name, "Ada Lovelace");
        assert_eq!(ada.attribute("extensionAttribute1"), Some("E1"));
        assert!(ada.account_enabled && !ada.other.contains_key("extensionAttribute1"));
        let fault = newcomer(&read(&heads, &["ada@x"])).unwrap_err();
        assert_eq!(fault.property, "displayName");
    }

    #[test]
    fn an_empty_cell_leaves_alone_what_is_here() {
        let heads = [
            "upn",
            "name",
            "mail",
            "department",
            "extensionAttribute2",
            "phone",
        ];
        let full = ["ada@x", "Ada", "ada@x.y", "Sales", "E2", "+31 6"];
        let before = newcomer(&read(&heads, &full)).unwrap();
        assert_eq!(
            read(&heads, &["ADA@x", "", "", "", "", ""]).upon(&before),
            before
        );
        let after = read(&heads, &["ada@x", "", "", "Law", "F2", ""]).upon(&before);
        assert_eq!(after.other["department"], "Law");
        assert_eq!(after.attribute("extensionAttribute2"), Some("F2"));
        assert_eq!(after.other["businessPhones"], json!(["+31 6"]));
        assert_eq!(
            (after.mail, after.display_name),
            (before.mail, before.display_name)
        );
    }

    #[test]
    fn texts_that_spreadsheets_guarded_come_back_as_they_were() {
        for (cell, value) in [
            ("'+31 6", "+31 6"),
            ("'=1+1", "=1+1"),
            ("=1+1", "=1+1"),
            ("'s Gravenhage", "'s Gravenhage"),
            (" x ", "x"),
        ] {
            assert_eq!(bare(cell), value);
        }
    }
}
