//! Which files are to be imported, and what is said of each.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
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

/// All files that the command line and the mapping name. Without files on the command line they are those of the mapping.
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
    Ok(matched(files(given)?, &rows, Path::new("")))
}

fn unmapped(path: PathBuf) -> Entry {
    Entry {
        path,
        row: None,
        problem: None,
    }
}

/// The files with the lines of the mapping that speak of them, and the lines that speak of none. Relative paths of files
/// start in the working directory.
fn matched(files: Vec<PathBuf>, rows: &[Row], working: &Path) -> Vec<Entry> {
    let names = Names::of(&files, rows);
    let matches = matches(&files, rows, working, &names);
    let mut entries = Vec::new();
    for (index, path) in files.into_iter().enumerate() {
        let own = rows.iter().zip(&matches);
        let own = own.filter(|(_, file)| **file == Some(index));
        let before = entries.len();
        entries.extend(own.map(|(row, _)| Entry {
            path: path.clone(),
            row: Some(row.clone()),
            problem: None,
        }));
        if entries.len() == before {
            entries.push(Entry {
                problem: Some(names.why_without_line(&path, rows)),
                path,
                row: None,
            });
        }
    }
    let missing = rows.iter().zip(matches).filter(|(_, file)| file.is_none());
    entries.extend(missing.map(|(row, _)| Entry {
        path: row.file.clone(),
        row: Some(row.clone()),
        problem: Some(why_without_file(row)),
    }));
    entries
}

/// Which of the files each line speaks of: the one at its path from where the mapping is, else from the working
/// directory, else the one of its name if nothing else is called so. A wrong match would hand a private key to somebody
/// else, so a name decides nothing that it could decide in two ways, and a line whose own file is there means no other.
fn matches(files: &[PathBuf], rows: &[Row], working: &Path, names: &Names) -> Vec<Option<usize>> {
    let places: HashMap<PathBuf, usize> = files
        .iter()
        .enumerate()
        .map(|(index, file)| (real(&working.join(file)), index))
        .collect();
    let mut matches: Vec<Option<usize>> = rows
        .iter()
        .map(|row| places.get(&real(&working.join(&row.file))).copied())
        .collect();
    let by_working_directory = |row: &Row| places.get(&real(&working.join(&row.written))).copied();
    let by_name = |row: &Row| {
        let is_only = names.count(&row.file) == (1, 1);
        let same = |file: &PathBuf| file.file_name() == row.file.file_name();
        is_only.then(|| files.iter().position(same)).flatten()
    };
    let mut taken: HashSet<usize> = matches.iter().flatten().copied().collect();
    for way in [
        &by_working_directory as &dyn Fn(&Row) -> Option<usize>,
        &by_name,
    ] {
        for (row, file) in rows.iter().zip(&mut matches) {
            if file.is_some() || working.join(&row.file).exists() {
                continue;
            }
            *file = way(row).filter(|found| taken.insert(*found));
        }
    }
    matches
}

/// How many lines and how many files there are of each name.
struct Names(HashMap<OsString, (usize, usize)>);

impl Names {
    fn of(files: &[PathBuf], rows: &[Row]) -> Self {
        let mut names: HashMap<OsString, (usize, usize)> = HashMap::new();
        for name in rows.iter().filter_map(|row| row.file.file_name()) {
            names.entry(name.to_owned()).or_default().0 += 1;
        }
        for name in files.iter().filter_map(|file| file.file_name()) {
            names.entry(name.to_owned()).or_default().1 += 1;
        }
        Self(names)
    }

    /// Lines and files of the name of this one.
    fn count(&self, path: &Path) -> (usize, usize) {
        let name = path.file_name();
        name.and_then(|name| self.0.get(name))
            .copied()
            .unwrap_or_default()
    }

    fn why_without_line(&self, path: &Path, rows: &[Row]) -> String {
        let name = path.file_name().unwrap_or_default().display();
        let number = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        match self.count(path) {
            (0, _) => "the mapping has no line for it".to_owned(),
            (1, 1) => {
                let other = rows
                    .iter()
                    .find(|row| row.file.file_name() == path.file_name());
                let line = other.map_or(0, |row| row.line);
                format!("the mapping has no line for it: line {line} names another file `{name}`")
            }
            (lines, files) => format!(
                "no line of the mapping names it by its path, and its name could mean another: {} and {} are called `{name}`",
                number(lines, "line"),
                number(files, "file"),
            ),
        }
    }
}

fn why_without_file(row: &Row) -> String {
    let fact = if row.file.exists() {
        "is not among the files to be imported"
    } else {
        "is not there"
    };
    format!("line {} of the mapping names it, but it {fact}", row.line)
}

/// The path by which one file is known, however it is written; of one that is not there, as good as can be.
fn real(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// The files, and those in the directories, in the order of their names, each once.
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
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(real(file)));
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
            written: PathBuf::from(file),
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

    /// A directory with these files, and what becomes of those given and of the lines of a mapping in its `from`; both
    /// relative to the directory, which is the working directory.
    fn plan(there: &[&str], given: &[&str], from: &str, lines: &[&str]) -> Vec<(String, Outcome)> {
        let directory = tempfile::tempdir().unwrap();
        for file in there {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let rows: Vec<Row> = lines
            .iter()
            .enumerate()
            .map(|(index, line)| Row {
                file: directory.path().join(from).join(line),
                written: PathBuf::from(line),
                ..row(line, index + 2)
            })
            .collect();
        let given = given.iter().map(PathBuf::from).collect();
        matched(given, &rows, directory.path())
            .into_iter()
            .map(|entry| {
                let path = entry.path.strip_prefix(directory.path());
                let path = path.unwrap_or(&entry.path).display().to_string();
                let outcome = match (entry.problem, entry.row) {
                    (Some(problem), _) => Err(problem),
                    (None, row) => Ok(row.map(|row| row.line)),
                };
                (path, outcome)
            })
            .collect()
    }

    /// The line that counts, or what is wrong.
    type Outcome = Result<Option<usize>, String>;

    fn lines(plan: &[(String, Outcome)]) -> Vec<Option<usize>> {
        plan.iter()
            .map(|(_, outcome)| outcome.clone().ok().flatten())
            .collect()
    }

    fn problem(plan: &[(String, Outcome)], index: usize) -> (&str, &str) {
        (&plan[index].0, plan[index].1.as_ref().unwrap_err())
    }

    #[test]
    fn files_of_one_name_are_told_apart_by_their_paths() {
        let there = ["keys/ada/smime.p12", "keys/bob/smime.p12"];
        for lines_of_mapping in [
            ["ada/smime.p12", "bob/smime.p12"],
            ["./ada/../ada/smime.p12", "../keys/bob/smime.p12"],
        ] {
            let given = ["keys/bob/smime.p12", "./keys/ada/smime.p12"];
            let found = plan(&there, &given, "keys", &lines_of_mapping);
            assert_eq!(lines(&found), [Some(3), Some(2)], "{found:?}");
        }
        // The mapping is elsewhere, and speaks of paths from the working directory.
        let given = ["keys/bob/smime.p12", "keys/ada/smime.p12"];
        let found = plan(&there, &given, "tables", &there);
        assert_eq!(lines(&found), [Some(3), Some(2)], "{found:?}");
    }

    #[test]
    fn a_name_that_several_have_decides_nothing() {
        let there = ["old/ada/smime.p12", "old/bob/smime.p12"];
        let found = plan(&there, &there, "keys", &["ada/smime.p12", "bob/smime.p12"]);
        assert_eq!(lines(&found), [None; 4]);
        assert_eq!(
            problem(&found, 1),
            (
                "old/bob/smime.p12",
                "no line of the mapping names it by its path, and its name could mean another: 2 lines and 2 files are called \
                 `smime.p12`"
            )
        );
        assert_eq!(
            problem(&found, 3),
            (
                "keys/bob/smime.p12",
                "line 3 of the mapping names it, but it is not there"
            )
        );
        let found = plan(&there, &there, "keys", &["smime.p12"]);
        assert_eq!(lines(&found), [None; 3], "one line, two files");
        let found = plan(&there, &there[..1], "keys", &["a/smime.p12", "smime.p12"]);
        assert_eq!(lines(&found), [None; 3], "two lines, one file");
        // The line is another's by its path already.
        let found = plan(&there, &there, "old", &["ada/smime.p12"]);
        assert_eq!(lines(&found), [Some(2), None]);
        assert!(problem(&found, 1).1.contains("1 line and 2 files"));
    }

    #[test]
    fn a_name_that_only_one_has_is_enough_unless_the_line_means_another_file() {
        let found = plan(&["old/ada.p12"], &["old/ada.p12"], "keys", &["ada.p12"]);
        assert_eq!(lines(&found), [Some(2)]);
        let there = ["keys/ada/smime.p12", "keys/bob/smime.p12"];
        let found = plan(&there, &there[1..], "keys", &["ada/smime.p12"]);
        assert_eq!(
            problem(&found, 0).1,
            "the mapping has no line for it: line 2 names another file `smime.p12`"
        );
        assert_eq!(
            problem(&found, 1).1,
            "line 2 of the mapping names it, but it is not among the files to be imported"
        );
    }

    #[test]
    fn a_file_that_two_lines_name_is_for_both_and_one_that_is_given_twice_counts_once() {
        let there = ["keys/team.p12"];
        let found = plan(&there, &there, "keys", &["team.p12", "./team.p12"]);
        assert_eq!(lines(&found), [Some(2), Some(3)]);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.p12");
        std::fs::write(&file, "").unwrap();
        let again = directory.path().join(".").join("a.p12");
        let linked = directory.path().join("b.p12");
        std::os::unix::fs::symlink(&file, &linked).unwrap();
        let found = files(&[file.clone(), again, linked]).unwrap();
        assert_eq!(found, [file]);
    }
}
