//! A mapping: which file is whose, what it is for, and its password. CSV (RFC 4180) with a header line, separated by
//! commas or, as spreadsheets in much of Europe write it, by semicolons.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use mandate_model::ImportPurpose;
use zeroize::Zeroizing;

/// Larger than a mapping of a hundred thousand files.
const MAX_SIZE: usize = 32 * 1024 * 1024;
const COLUMNS: &str = "`file`, `user`, `purpose`, `password`, `passwordFile`";

/// One line of a mapping; what is absent is said elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The file; relative to the mapping if it is not absolute.
    pub(super) file: PathBuf,
    /// The file as it is written in the mapping.
    pub(super) written: PathBuf,
    pub(super) user: Option<String>,
    pub(super) purpose: Option<ImportPurpose>,
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) password_file: Option<PathBuf>,
    /// Line of the mapping, from 1.
    pub(super) line: usize,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("file", &self.file)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Reads a mapping. Paths in it are relative to where it stands.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let content = std::fs::read(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the mapping `{}`", path.display()))?;
    ensure!(
        content.len() <= MAX_SIZE,
        "the mapping `{}` holds more than {MAX_SIZE} bytes",
        path.display()
    );
    let text = std::str::from_utf8(&content)
        .with_context(|| format!("the mapping `{}` is not UTF-8", path.display()))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    parse(text.trim_start_matches('\u{feff}'), directory)
        .with_context(|| format!("the mapping `{}` cannot be read", path.display()))
}

fn parse(text: &str, directory: &Path) -> anyhow::Result<Vec<Row>> {
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') { ';' } else { ',' };
    let mut records = records(text, separator)?.into_iter();
    let Some((_, header)) = records.next() else {
        bail!("it is empty; its first line names the columns {COLUMNS}");
    };
    let columns = columns(&header)?;
    records
        .map(|(line, fields)| row(&columns, &fields, line, directory))
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    File,
    User,
    Purpose,
    Password,
    PasswordFile,
}

fn columns(header: &[Zeroizing<String>]) -> anyhow::Result<Vec<Column>> {
    let mut columns = Vec::new();
    for name in header {
        let column = match name.trim().to_ascii_lowercase().as_str() {
            "file" => Column::File,
            "user" | "upn" | "userprincipalname" => Column::User,
            "purpose" | "intendedpurpose" => Column::Purpose,
            "password" => Column::Password,
            "passwordfile" => Column::PasswordFile,
            _ => bail!(
                "line 1: `{}` is no column; there are {COLUMNS}",
                name.trim()
            ),
        };
        ensure!(
            !columns.contains(&column),
            "line 1: the column `{}` is there twice",
            name.trim()
        );
        columns.push(column);
    }
    ensure!(
        columns.contains(&Column::File),
        "line 1: the column `file` is missing"
    );
    Ok(columns)
}

fn row(
    columns: &[Column],
    fields: &[Zeroizing<String>],
    line: usize,
    directory: &Path,
) -> anyhow::Result<Row> {
    ensure!(
        fields.len() <= columns.len(),
        "line {line}: it has {} fields, the first line {}",
        fields.len(),
        columns.len()
    );
    let field = |column: Column| {
        let index = columns.iter().position(|found| *found == column)?;
        fields.get(index).filter(|field| !field.is_empty())
    };
    let text = |column: Column| {
        field(column)
            .map(|field| field.trim())
            .filter(|text| !text.is_empty())
    };
    let Some(file) = text(Column::File) else {
        bail!("line {line}: it names no file");
    };
    let purpose = match text(Column::Purpose) {
        None => None,
        Some(text) => Some(ImportPurpose::parse(text).with_context(|| {
            let names = ImportPurpose::ALL.map(ImportPurpose::name).join("`, `");
            format!("line {line}: `{text}` is no purpose; there are `{names}`")
        })?),
    };
    Ok(Row {
        file: directory.join(file),
        written: PathBuf::from(file),
        user: text(Column::User).map(str::to_owned),
        purpose,
        // Blanks may belong to a password.
        password: field(Column::Password).cloned(),
        password_file: text(Column::PasswordFile).map(|path| directory.join(path)),
        line,
    })
}

/// A record with the line that it begins in.
type Record = (usize, Vec<Zeroizing<String>>);

/// The records of a file; lines without any field are passed over.
fn records(text: &str, separator: char) -> anyhow::Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut record: Record = (1, Vec::new());
    let mut field = Zeroizing::new(String::new());
    let (mut quoted, mut was_quoted, mut line) = (false, false, 1);
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        if next == '\n' {
            line += 1;
        }
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            _ if quoted => field.push(next),
            '"' if field.is_empty() && !was_quoted => (quoted, was_quoted) = (true, true),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' => {
                record.1.push(std::mem::take(&mut field));
                let ended = std::mem::replace(&mut record, (line, Vec::new()));
                records.push(ended);
                was_quoted = false;
            }
            _ if next == separator => {
                record.1.push(std::mem::take(&mut field));
                was_quoted = false;
            }
            _ if was_quoted => bail!("line {line}: something stands behind the closing quote"),
            _ => field.push(next),
        }
    }
    ensure!(!quoted, "line {}: a quote is not closed", record.0);
    record.1.push(field);
    records.push(record);
    records.retain(|(_, fields)| fields.iter().any(|field| !field.trim().is_empty()));
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
        parse(text, Path::new("/keys"))
    }

    #[test]
    fn commas_and_semicolons_quotes_and_line_ends_are_read() {
        for text in [
            "file,user,purpose,password\na.pfx,ada@contoso.com,SmimeEncryption,\"s,e;c\"\"ret \"\n\nb.p12,,,\n",
            "File;UPN;intendedPurpose;PASSWORD\r\na.pfx;ada@contoso.com;smimeencryption;\"s,e;c\"\"ret \"\r\n;;;\r\nb.p12",
        ] {
            let rows = rows(text).unwrap();
            assert_eq!(rows.len(), 2, "{text}");
            assert_eq!(rows[0].file, Path::new("/keys/a.pfx"));
            assert_eq!(rows[0].user.as_deref(), Some("ada@contoso.com"));
            assert_eq!(rows[0].purpose, Some(ImportPurpose::SmimeEncryption));
            assert_eq!(rows[0].password.as_ref().unwrap().as_str(), "s,e;c\"ret ");
            assert_eq!(
                (rows[1].line, &rows[1].user, &rows[1].password),
                (4, &None, &None)
            );
            assert!(!format!("{rows:?}").contains("ret"));
        }
        let rows = rows("passwordFile,file\n../p.txt,/other/a.pfx").unwrap();
        assert_eq!(rows[0].file, Path::new("/other/a.pfx"));
        assert_eq!(
            rows[0].password_file.as_deref(),
            Some(Path::new("/keys/../p.txt"))
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_never_with_a_password() {
        for (text, words) in [
            ("", "empty"),
            ("file,nickname\n", "`nickname` is no column"),
            ("file,file\n", "twice"),
            ("user\nada", "`file` is missing"),
            ("file,purpose\na,b\n", "line 2: `b` is no purpose"),
            ("file,user\n\n,ada\n", "line 3: it names no file"),
            ("file\na,b\n", "line 2: it has 2 fields"),
            ("file,password\na,\"hush", "line 2: a quote is not closed"),
            (
                "file,password\na,\"hush\"hush",
                "line 2: something stands behind",
            ),
        ] {
            let error = format!("{:#}", rows(text).unwrap_err());
            assert!(error.contains(words), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
