//! Lists as files for spreadsheets.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use mandate_engine::EngineError;

/// A list on its way to a file: RFC 4180 in UTF-8, with a byte order mark, so that spreadsheets see which.
pub(crate) struct CsvFile {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvFile {
    /// With the names of its columns.
    pub(crate) fn new(columns: &[String]) -> Result<Self, Failure> {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer("\u{feff}".as_bytes().to_vec());
        let mut file = Self { writer };
        file.row(columns)?;
        Ok(file)
    }

    /// One more line.
    pub(crate) fn row(&mut self, cells: &[String]) -> Result<(), Failure> {
        let cells = cells.iter().map(|cell| harmless(cell));
        self.writer.write_record(cells).map_err(failed)
    }

    /// The answer that has a browser keep it under a name.
    pub(crate) fn answer(self, name: &str) -> Result<Response, Failure> {
        let content = self.writer.into_inner().map_err(failed)?;
        let disposition = format!("attachment; filename=\"{name}.csv\"");
        let kind = "text/csv; charset=utf-8".to_owned();
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, content).into_response())
    }
}

/// A cell that a spreadsheet takes for a text: what begins like a formula gets a quote in front.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure(EngineError::Internal(format!(
        "a list could not be written: {error}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cells: &[&str]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let mut file = CsvFile::new(&["a".to_owned(), "b".to_owned()]).unwrap();
        file.row(&cells).unwrap();
        String::from_utf8(file.writer.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn a_list_is_a_file_that_spreadsheets_read() {
        assert_eq!(
            text(&["Ada, of \"Sales\"", "x"]),
            "\u{feff}a,b\r\n\"Ada, of \"\"Sales\"\"\",x\r\n"
        );
    }

    #[test]
    fn a_name_is_no_formula() {
        for cell in ["=1+1", "+1", "-1", "@sum(A1)", "\tx"] {
            let text = text(&[cell, "x"]);
            assert!(text.contains(&format!("'{cell}")), "{text}");
        }
        assert!(text(&["a=1", "x"]).contains("\r\na=1,x"));
    }
}
