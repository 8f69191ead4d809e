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

/// A row that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CsvRow {
    /// The line on which it begins; the first one is 1.
    pub(crate) line: u32,
    /// What stands in it.
    pub(crate) cells: Vec<String>,
}

/// Reads rows of cells. A byte order mark is passed over, and so are empty lines. Cells are parted by commas, or by semicolons
/// if the first line that has either has no comma; quoted ones may hold anything but control characters. A first line
/// `sep=;`, by which spreadsheets are told, counts.
pub(crate) fn read_csv(bytes: &[u8], most_rows: usize) -> Result<Vec<CsvRow>, CsvProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| CsvProblem::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_bad = |c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\t');
    if text.contains(is_bad) {
        return Err(CsvProblem::NotText);
    }
    let (text, comma, line) = match said_comma(text) {
        Some((rest, comma)) => (rest, comma, 2),
        None => (text, comma_of(text), 1),
    };
    let mut rows = Vec::new();
    let mut reading = Reading {
        line,
        begun: line,
        ..Reading::default()
    };
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\n' || (character == '\r' && characters.peek() != Some(&'\n')) {
            reading.line += 1;
        }
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

/// What a first line `sep=;` or `sep=,` says, and the text behind it.
fn said_comma(text: &str) -> Option<(&str, char)> {
    let rest = text.strip_prefix("sep=")?;
    let comma = rest.chars().next().filter(|c| matches!(c, ',' | ';'))?;
    let rest = &rest[1..];
    let rest = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'));
    Some((rest?, comma))
}

fn comma_of(text: &str) -> char {
    let mut lines = text.lines();
    let telling = lines.find(|line| line.contains([',', ';']));
    if telling.is_some_and(|line| !line.contains(',')) {
        ';'
    } else {
        ','
    }
}

#[derive(Default)]
struct Reading {
    row: Vec<String>,
    cell: String,
    is_quoted: bool,
    /// The line that is read.
    line: u32,
    /// The line on which the row began.
    begun: u32,
}

impl Reading {
    fn end_cell(&mut self) -> Result<(), CsvProblem> {
        if self.row.len() >= MOST_COLUMNS {
            return Err(CsvProblem::TooManyColumns);
        }
        self.row.push(std::mem::take(&mut self.cell));
        Ok(())
    }

    fn end_row(&mut self, rows: &mut Vec<CsvRow>, most: usize) -> Result<(), CsvProblem> {
        self.end_cell()?;
        let cells = std::mem::take(&mut self.row);
        let line = std::mem::replace(&mut self.begun, self.line);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if rows.len() >= most {
            return Err(CsvProblem::TooManyRows);
        }
        rows.push(CsvRow { line, cells });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let rows = read_csv(text.as_bytes(), 9).unwrap();
        rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn quotes_hold_commas_lines_and_quotes() {
        let rows = cells("a,\"b, \"\"c\"\"\r\nd\" ,e\n\n;\n");
        assert_eq!(rows[0], ["a", "b, \"c\"\r\nd ", "e"]);
        assert_eq!(rows[1], [";"]);
    }

    #[test]
    fn semicolons_part_where_there_are_no_commas() {
        let expected = [["a", "b"], ["1,5", "2"]];
        assert_eq!(cells("a;b\n1,5;2\n"), expected);
        assert_eq!(cells("sep=;\r\na;b\n1,5;2\n"), expected);
        assert_eq!(cells("sep=,\na,b\n\"1,5\",2\n"), expected);
        assert_eq!(cells("version:v1.0\na;b\n1,5;2\n")[1..], expected);
    }

    #[test]
    fn rows_know_the_line_on_which_they_begin() {
        let text = "a,b\r\n\r\n\"c\r\nd\",e\r\nf,g\rh,i\nj,k";
        let rows = read_csv(text.as_bytes(), 9).unwrap();
        let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 5, 6, 7]);
        assert_eq!(read_csv(b"sep=;\na;b\n", 9).unwrap()[0].line, 2);
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
