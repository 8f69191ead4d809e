//! Which files are to be imported, and what is said of each.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::mapping::Row;

/// A file to be imported, with the line of the mapping that speaks of it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) row: Option<Row>,
    /// Why it cannot even be tried.
    pub(super) problem: Option<String>,
}

/// All files that the command line and the mapping name, each once. Without files on the command line they are those of
/// the mapping.
pub(super) fn entries(given: &[PathBuf], mapping: Option<Vec<Row>>) -> anyhow::Result<Vec<Entry>> {
    let Some(rows) = mapping else {
        return Ok(files(given)?.into_iter().map(unmapped).collect());
    };
    if given.is_empty() {
        return Ok(rows
            .into_iter()
            .map(|row| Entry {
                path: row.file.clone(),
                row: Some(row),
                problem: None,
            })
            .collect());
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut used = vec![false; rows.len()];
    for path in files(given)? {
        let index = rows
            .iter()
            .position(|row| row.file == path || row.file.file_name() == path.file_name());
        if let Some(index) = index {
            used[index] = true;
        }
        entries.push(Entry {
            row: index.map(|index| rows[index].clone()),
            problem: index
                .is_none()
                .then(|| "the mapping has no line for it".to_owned()),
            path,
        });
    }
    let missing = rows.into_iter().zip(used).filter(|(_, used)| !used);
    entries.extend(missing.map(|(row, _)| Entry {
        problem: Some(format!(
            "line {} of the mapping names it, but it is not there",
            row.line
        )),
        path: row.file.clone(),
        row: Some(row),
    }));
    Ok(entries)
}

fn unmapped(path: PathBuf) -> Entry {
    Entry {
        path,
        row: None,
        problem: None,
    }
}

/// The files, and those in the directories, in the order of their names.
fn files(given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("cannot read the directory `{}`", path.display()))?;
        let mut inside = Vec::new();
        for entry in entries {
            let entry =
                entry.with_context(|| format!("cannot read the directory `{}`", path.display()))?;
            inside.push(entry.path());
        }
        inside.retain(|file| is_pfx(file) && file.is_file());
        if inside.is_empty() {
            bail!(
                "the directory `{}` holds no file that ends in .pfx or .p12",
                path.display()
            );
        }
        inside.sort();
        files.extend(inside);
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn is_pfx(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|end| end.eq_ignore_ascii_case("pfx") || end.eq_ignore_ascii_case("p12"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(file: &str, line: usize) -> Row {
        Row {
            file: PathBuf::from(file),
            user: None,
            purpose: None,
            password: None,
            password_file: None,
            line,
        }
    }

    #[test]
    fn a_directory_stands_for_its_pfx_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["b.P12", "a.pfx", "notes.txt", "mapping.csv"] {
            std::fs::write(path(name), "").unwrap();
        }
        std::fs::create_dir(path("c.pfx")).unwrap();
        let given = [directory.path().to_owned(), path("a.pfx")];
        let found = entries(&given, None).unwrap();
        let found: Vec<_> = found.into_iter().map(|entry| entry.path).collect();
        assert_eq!(found, [path("a.pfx"), path("b.P12")]);
        assert!(
            entries(&[path("c.pfx")], None)
                .unwrap_err()
                .to_string()
                .contains("no file")
        );
    }

    #[test]
    fn files_and_mapping_have_to_agree() {
        let rows = vec![row("/keys/a.pfx", 2), row("/keys/gone.pfx", 3)];
        let given = [PathBuf::from("a.pfx"), PathBuf::from("b.pfx")];
        let found = entries(&given, Some(rows.clone())).unwrap();
        let problems: Vec<_> = found.iter().map(|entry| entry.problem.as_deref()).collect();
        assert_eq!(found[0].row.as_ref().unwrap().line, 2);
        assert_eq!(
            problems,
            [
                None,
                Some("the mapping has no line for it"),
                Some("line 3 of the mapping names it, but it is not there")
            ]
        );
        assert_eq!(entries(&[], Some(rows)).unwrap().len(), 2);
    }
}
