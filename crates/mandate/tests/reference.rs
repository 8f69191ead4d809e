//! The pages under `docs/` say what the code says, and every link between our pages leads somewhere.
//!
//! `MANDATE_BLESS=1 cargo test -p mandate --test reference` writes the reference pages anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mandate_model::catalogue;

const REGENERATE: &str =
    "run `MANDATE_BLESS=1 cargo test -p mandate --test reference` and commit `docs/reference`";

#[test]
fn every_profile_kind_has_its_reference_page() {
    let folder = root().join("docs/reference/profiles");
    let wanted = pages();
    if std::env::var_os("MANDATE_BLESS").is_some() {
        write(&folder, &wanted);
    }
    let committed: BTreeSet<String> = names(&folder);
    let expected: BTreeSet<String> = wanted.keys().cloned().collect();
    assert_eq!(committed, expected, "pages and kinds differ: {REGENERATE}");
    for (name, page) in wanted {
        let found = fs::read_to_string(folder.join(&name)).expect("its name was listed just now");
        assert!(
            found == page,
            "`docs/reference/profiles/{name}` is not what the catalogue says: {REGENERATE}"
        );
    }
}

#[test]
fn every_link_between_our_pages_leads_somewhere() {
    let mut broken = Vec::new();
    for page in markdown() {
        let text = fs::read_to_string(&page).expect("its name was listed just now");
        let folder = page.parent().expect("a page is in a folder");
        for link in
            links(&text).filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                folder.join(path)
            };
            let found = match fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).any(|known| known == anchor),
                // A folder, or a picture.
                Err(_) => anchor.is_empty() && target.exists(),
            };
            if !found {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n  {}",
        broken.join("\n  ")
    );
}

#[test]
fn a_link_is_found_in_a_sentence_and_not_in_a_code_block() {
    let text = "See [this](a.md), [that](b.md#part).\n```\n[no](c.md)\n```\nand `[no](d.md)`.";
    assert_eq!(links(text).collect::<Vec<_>>(), ["a.md", "b.md#part"]);
    assert_eq!(
        anchors("# One `two` three\ntext\n## Four: five").collect::<Vec<_>>(),
        ["one-two-three", "four-five"]
    );
}

/// What the reference pages are to say, by file name.
fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = catalogue::kinds()
        .iter()
        .map(|kind| {
            (
                format!("{}.md", kind.type_name),
                format!("{NOTE}{}\n", kind.docs().trim_end()),
            )
        })
        .collect();
    let item = |list: String, kind: &&catalogue::Kind| {
        let name = kind.type_name;
        format!("{list}- [{}: `{name}`]({name}.md)\n", kind.label)
    };
    let list = catalogue::kinds().iter().fold(String::new(), item);
    pages.insert(
        "index.md".to_owned(),
        format!("{NOTE}# Profile kinds\n\n{list}"),
    );
    pages
}

fn write(folder: &Path, pages: &BTreeMap<String, String>) {
    fs::create_dir_all(folder).expect("the folder can be made");
    for old in names(folder)
        .iter()
        .filter(|name| !pages.contains_key(*name))
    {
        fs::remove_file(folder.join(old)).expect("a page can be removed");
    }
    for (name, page) in pages {
        fs::write(folder.join(name), page).expect("a page can be written");
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Our own pages: those at the top and those below `docs`.
fn markdown() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("docs can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                pages.push(path);
            }
        }
    }
    pages.extend(
        fs::read_dir(root())
            .expect("the root can be read")
            .flatten()
            .map(|entry| entry.path()),
    );
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// Targets of `[text](target)` outside code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    prose(text)
        .flat_map(|line| line.split('`').step_by(2))
        .flat_map(|part| {
            part.split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next())
        })
}

/// The anchors that headings have: lower case, blanks as hyphens, punctuation left out.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
}

/// Lines that are not in a code block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const NOTE: &str = "<!-- Written by `crates/mandate/tests/reference.rs` from the settings catalogue; do not edit. -->\n\n";
