//! Identifiers from a file of comma-separated values: identifier and details on each line, as Intune takes it.

use super::{IdentityKind, MOST_IDENTITIES_AT_ONCE, NewDeviceIdentity};
use crate::EngineError;
use crate::csv::{CsvProblem, read_csv};

/// Bytes of a file at most.
pub const MOST_IDENTITY_BYTES: usize = 1024 * 1024;

/// Reads a file. Each line holds an identifier and, after a comma, what is to be noted of it; a heading is passed over. Errors
/// are about the file as a whole: what is wrong with a single identifier is said by the import.
pub fn read_device_identities(
    bytes: &[u8],
    kind: IdentityKind,
) -> Result<Vec<NewDeviceIdentity>, EngineError> {
    if bytes.len() > MOST_IDENTITY_BYTES {
        return Err(wrong("must have at most 1 MiB"));
    }
    let rows = read_csv(bytes, MOST_IDENTITIES_AT_ONCE + 1).map_err(|problem| {
        wrong(match problem {
            CsvProblem::NotText => "must be text in UTF-8",
            CsvProblem::OpenQuote => "must close the quotes that it opens",
            CsvProblem::TooManyRows => "must have at most 5,000 lines",
            CsvProblem::TooManyColumns => "must have two columns: identifier and details",
        })
    })?;
    let mut identities = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let mut cells = row.cells.into_iter();
        let identifier = cells.next().unwrap_or_default();
        let details = cells.next().map(|text| text.trim().to_owned());
        if index == 0 && is_heading(&identifier) {
            continue;
        }
        identities.push(NewDeviceIdentity {
            kind,
            identifier,
            platform: "unknown".to_owned(),
            description: details.filter(|text| !text.is_empty()),
        });
    }
    if identities.len() > MOST_IDENTITIES_AT_ONCE {
        return Err(wrong("must have at most 5,000 lines"));
    }
    if identities.is_empty() {
        return Err(wrong("must have at least one line"));
    }
    Ok(identities)
}

/// No serial number is one of these words.
fn is_heading(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    [
        "serial",
        "serial number",
        "serialnumber",
        "imei",
        "identifier",
    ]
    .contains(&cell.as_str())
}

fn wrong(rule: &str) -> EngineError {
    EngineError::invalid("file", rule, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<(String, Option<String>)>, EngineError> {
        let read = read_device_identities(text, IdentityKind::SerialNumber)?;
        let pair = |one: NewDeviceIdentity| (one.identifier, one.description);
        Ok(read.into_iter().map(pair).collect())
    }

    #[test]
    fn files_are_read_as_spreadsheets_write_them() {
        let text =
            "\u{feff}Serial number,Details\r\nC02A,\"Room 1, left\"\r\n\r\n\"C02B\",\nC02C\n";
        let rows = read(text.as_bytes()).unwrap();
        let names: Vec<_> = rows.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(names, ["C02A", "C02B", "C02C"]);
        assert_eq!(rows[0].1.as_deref(), Some("Room 1, left"));
        assert_eq!((&rows[1].1, &rows[2].1), (&None, &None));
    }

    #[test]
    fn files_that_cannot_be_meant_are_refused() {
        for text in [
            &b""[..],
            b"\n\n",
            b"imei,details\n",
            b"\"C02A,never closed\n",
            b"C02A\xff\xfe",
            b"PK\x03\x04\0\0",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        let many = "C02A\n".repeat(MOST_IDENTITIES_AT_ONCE + 1);
        assert!(read(many.as_bytes()).is_err());
        assert!(read(&vec![b'x'; MOST_IDENTITY_BYTES + 1]).is_err());
        let most = format!("serial\n{}", "C02A\n".repeat(MOST_IDENTITIES_AT_ONCE));
        assert_eq!(read(most.as_bytes()).unwrap().len(), 5000);
    }
}
