//! Comma-separated values as people upload them (RFC 4180, and what spreadsheets make of it).

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CsvProblem {
    /// It is not UTF-8, or has control characters.
    NotText,
    /// A quoted cell never ends.
    OpenQuote,
    /// It has more rows than are taken.
    TooManyRows,
    /// A row has more cells than are taken.
    TooManyColumns,
}

/// Cells of a row at most.
const MOST_COLUMNS: usize = 64;

/// Reads rows of cells. A byte order mark is passed over, and so are empty lines. Cells are parted by commas, or by semicolons
/// if the first line has those and no comma; quoted ones may hold anything but control characters.
pub(crate) fn read_csv(bytes: &[u8], most_rows: usize) -> Result<Vec<Vec<String>>, CsvProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| CsvProblem::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_bad = |c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\t');
    if text.contains(is_bad) {
        return Err(CsvProblem::NotText);
    }
    let first = text.lines().next().unwrap_or_default();
    let comma = if first.contains(';') && !first.contains(',') {
        ';'
    } else {
        ','
    };
    let mut rows = Vec::new();
    let mut reading = Reading::default();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if reading.is_quoted {
            match character {
                '"' if characters.peek() == Some(&'"') => {
                    characters.next();
                    reading.cell.push('"');
                }
                '"' => reading.is_quoted = false,
                other => reading.cell.push(other),
            }
            continue;
        }
        match character {
            '"' if reading.cell.trim().is_empty() => {
                reading.cell.clear();
                reading.is_quoted = true;
            }
            '\r' | '\n' => reading.end_row(&mut rows, most_rows)?,
            other if other == comma => reading.end_cell()?,
            other => reading.cell.push(other),
        }
    }
    if reading.is_quoted {
        return Err(CsvProblem::OpenQuote);
    }
    reading.end_row(&mut rows, most_rows)?;
    Ok(rows)
}

#[derive(Default)]
struct Reading {
    row: Vec<String>,
    cell: String,
    is_quoted: bool,
}

impl Reading {
    fn end_cell(&mut self) -> Result<(), CsvProblem> {
        if self.row.len() >= MOST_COLUMNS {
            return Err(CsvProblem::TooManyColumns);
        }
        self.row.push(std::mem::take(&mut self.cell));
        Ok(())
    }

    fn end_row(&mut self, rows: &mut Vec<Vec<String>>, most: usize) -> Result<(), CsvProblem> {
        self.end_cell()?;
        let row = std::mem::take(&mut self.row);
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if rows.len() >= most {
            return Err(CsvProblem::TooManyRows);
        }
        rows.push(row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_lines_and_quotes() {
        let rows = read_csv(b"a,\"b, \"\"c\"\"\r\nd\" ,e\n\n;\n", 9).unwrap();
        assert_eq!(rows[0], ["a", "b, \"c\"\r\nd ", "e"]);
        assert_eq!(rows[1], [";"]);
    }

    #[test]
    fn semicolons_part_where_there_are_no_commas() {
        let rows = read_csv(b"a;b\n1,5;2\n", 9).unwrap();
        assert_eq!(rows, [["a", "b"], ["1,5", "2"]]);
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        assert_eq!(read_csv(b"a\0b", 9), Err(CsvProblem::NotText));
        assert_eq!(read_csv(b"\xff", 9), Err(CsvProblem::NotText));
        assert_eq!(read_csv(b"\"a", 9), Err(CsvProblem::OpenQuote));
        assert_eq!(read_csv(b"a\nb\nc", 2), Err(CsvProblem::TooManyRows));
        let wide = ",".repeat(100);
        assert_eq!(
            read_csv(wide.as_bytes(), 2),
            Err(CsvProblem::TooManyColumns)
        );
        assert_eq!(read_csv(b"", 2), Ok(Vec::new()));
    }
}
