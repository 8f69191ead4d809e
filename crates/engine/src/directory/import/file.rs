//! A file with people, as rows.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::row::PersonRow;
use crate::EngineError;
use crate::csv::{CsvProblem, CsvRow, read_csv};

/// People of a file at most.
pub const MOST_PEOPLE: usize = 20_000;
/// Bytes of a file at most.
pub const MOST_PEOPLE_BYTES: usize = 4 * 1024 * 1024;
/// Rows that stand above the people: the version of Entra's file, and the headings.
const HEADS: usize = 2;
/// Characters of a heading that is shown.
const LONGEST_HEADING: usize = 80;

/// A file with people: a row for each, columns known by their headings. Passwords are not kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PeopleFile {
    pub(super) rows: Vec<PersonRow>,
    pub(super) columns: Vec<String>,
    pub(super) passed_over: Vec<String>,
}

impl std::fmt::Debug for PeopleFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeopleFile")
            .field("rows", &self.rows.len())
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl PeopleFile {
    /// Reads comma-separated values (RFC 4180) in UTF-8, with commas or semicolons, with or without a byte order mark. The
    /// first line names the columns, by Graph's names of properties or as the files of Entra and Microsoft 365 do. Errors
    /// are about the file as a whole; what is wrong with a row is said where it is imported.
    pub fn read(bytes: &[u8]) -> Result<Self, EngineError> {
        if bytes.len() > MOST_PEOPLE_BYTES {
            return Err(wrong("must have at most 4 MiB"));
        }
        let read = read_csv(bytes, MOST_PEOPLE + HEADS + 1).map_err(|problem| {
            wrong(match problem {
                CsvProblem::NotText => "must be text in UTF-8",
                CsvProblem::OpenQuote => "must close the quotes that it opens",
                CsvProblem::TooManyRows => TOO_MANY,
                CsvProblem::TooManyColumns => "must have at most 64 columns",
            })
        })?;
        let mut rows = read.into_iter().peekable();
        let is_versioned = |row: &CsvRow| {
            let first = row.cells.first().map_or("", |cell| cell.trim());
            first.to_ascii_lowercase().starts_with("version:")
        };
        let is_entras = rows.next_if(is_versioned).is_some();
        let head = rows.next().map(|row| row.cells).unwrap_or_default();
        let columns: Vec<Option<Column>> = head.iter().map(|cell| Column::of(cell)).collect();
        check_columns(&columns)?;
        let rows: Vec<PersonRow> = rows
            .filter(|row| !(is_entras && is_example(row)))
            .map(|row| PersonRow::read(&columns, &row))
            .collect();
        if rows.len() > MOST_PEOPLE {
            return Err(wrong(TOO_MANY));
        }
        if rows.is_empty() {
            return Err(wrong("must have at least one person"));
        }
        let names = columns
            .iter()
            .flatten()
            .map(|column| column.name().to_owned());
        Ok(Self {
            rows,
            columns: names.collect(),
            passed_over: head
                .iter()
                .zip(&columns)
                .filter(|(heading, column)| column.is_none() && !heading.trim().is_empty())
                .map(|(heading, _)| shown(heading))
                .collect(),
        })
    }

    /// How many people it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has nobody.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The properties that it tells, by Graph's names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Headings of columns from which nothing is taken.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }
}

const TOO_MANY: &str = "must have at most 20,000 people";

fn check_columns(columns: &[Option<Column>]) -> Result<(), EngineError> {
    let name = Column::Text("userPrincipalName".to_owned());
    if !columns.iter().flatten().any(|column| *column == name) {
        return Err(wrong(
            "must begin with a line that names the columns, and one of them must be `userPrincipalName`",
        ));
    }
    let mut met = HashSet::new();
    for column in columns.iter().flatten() {
        if !met.insert(column.name()) {
            let rule = format!("must have the column `{}` once", column.name());
            return Err(wrong(&rule));
        }
    }
    Ok(())
}

/// The row by which Entra's file shows how it is filled in.
fn is_example(row: &CsvRow) -> bool {
    let first = row.cells.first().map_or("", |cell| cell.trim());
    first.starts_with("Example:")
}

fn shown(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_HEADING)
        .collect()
}

fn wrong(rule: &str) -> EngineError {
    EngineError::invalid("file", rule, None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENTRA: &str = "version:v1.0,,,,\r\n\
        Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required,Mobile phone [mobile]\r\n\
        Example: Somebody,somebody@example.com,secret-1,No,1\r\n\
        Ada Lovelace,ada@contoso.com,secret-2,No,'+31 6 1\r\n\
        Bob,bob@contoso.com,secret-3,Yes,\r\n";

    #[test]
    fn the_file_of_entra_is_understood_and_its_passwords_are_not_kept() {
        for text in [
            ENTRA.to_owned(),
            format!("\u{feff}{}", ENTRA.replace(',', ";")),
        ] {
            let file = PeopleFile::read(text.as_bytes()).unwrap();
            assert_eq!(file.len(), 2);
            let (ada, bob) = (&file.rows[0], &file.rows[1]);
            assert_eq!((ada.line, bob.line), (4, 5));
            assert_eq!(ada.person.user_principal_name, "ada@contoso.com");
            assert_eq!(ada.person.other["mobilePhone"], "+31 6 1");
            assert_eq!((ada.enabled, bob.enabled), (Some(true), Some(false)));
            assert_eq!(
                file.passed_over(),
                ["Initial password [passwordProfile] Required"]
            );
            let kept = serde_json::to_string(&file).unwrap();
            assert!(!kept.contains("secret"), "{kept}");
            assert_eq!(serde_json::from_str::<PeopleFile>(&kept).unwrap(), file);
            assert!(!format!("{file:?}").contains("ada@"));
        }
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_as_a_whole() {
        let told = |bytes: &[u8]| PeopleFile::read(bytes).unwrap_err().to_string();
        for (bytes, why) in [
            (&b""[..], "userPrincipalName"),
            (b"displayName,mail\nAda,a@x\n", "userPrincipalName"),
            (b"ada@contoso.com,Ada\n", "userPrincipalName"),
            (b"upn,username\na,b\n", "once"),
            (b"userPrincipalName\n", "at least one"),
            (b"version:v1.0\nuserPrincipalName\n", "at least one"),
            (b"userPrincipalName\n\"ada", "quotes"),
            (b"\xff\xfeu\0s\0", "UTF-8"),
            (b"PK\x03\x04\0\0", "UTF-8"),
        ] {
            let told = told(bytes);
            assert!(told.contains(why), "{told}");
        }
        let head = "userPrincipalName\n";
        let most = format!("{head}{}", "a\n".repeat(MOST_PEOPLE));
        assert_eq!(
            PeopleFile::read(most.as_bytes()).unwrap().len(),
            MOST_PEOPLE
        );
        for more in [1, 2, 3] {
            let many = format!("{head}{}", "a\n".repeat(MOST_PEOPLE + more));
            assert!(told(many.as_bytes()).contains("20,000"));
        }
        assert!(told(&vec![b'x'; MOST_PEOPLE_BYTES + 1]).contains("4 MiB"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_panics(rows in "[a-z@,;\"\r\n'=+ ]{0,200}") {
            let text = format!("userPrincipalName,groups,accountEnabled\n{rows}");
            if let Ok(file) = PeopleFile::read(text.as_bytes()) {
                prop_assert!(!file.is_empty());
            }
        }
    }
}
