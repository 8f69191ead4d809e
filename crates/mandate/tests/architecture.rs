//! Keeps the drawing of the house true: the table of crates in `ARCHITECTURE.md` against what cargo builds.
//!
//! Tests may reach across the house, so dependencies of tests are not arrows; those of build scripts are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who uses, or may use, whom; names without `mandate-`.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_crates_use_only_what_the_drawing_allows() {
    let drawing = std::fs::read_to_string(root().join("ARCHITECTURE.md"))
        .expect("ARCHITECTURE.md can be read");
    let faults = faults(&drawn(&drawing), &built(&metadata()));
    assert!(
        faults.is_empty(),
        "ARCHITECTURE.md and the crates disagree:\n  {}",
        faults.join("\n  ")
    );
}

#[test]
fn an_arrow_that_is_not_drawn_is_a_fault() {
    let drawn = drawn(
        "| crate | room | may use |\n|---|---|---|\n| `model` | nouns | – |\n| `graph` | door | model |",
    );
    let built = arrows(&[("model", &[]), ("graph", &["model", "store"])]);
    assert_eq!(
        faults(&drawn, &built),
        [
            "`graph` uses `store`, which the table does not allow",
            "`store` is used but is no crate of this workspace"
        ]
    );
}

#[test]
fn a_crate_that_is_not_drawn_or_not_there_is_a_fault() {
    let drawn = drawn(
        "| crate | room | may use |\n|---|---|---|\n| `model` | nouns | `portal` |\n| `console` | pages | – |",
    );
    let built = arrows(&[("model", &[]), ("pki", &[])]);
    assert_eq!(
        faults(&drawn, &built),
        [
            "`console` is in the table but is no crate of this workspace",
            "`pki` is a crate but not in the table",
            "`model` may use `portal`, which is no crate of this workspace",
        ]
    );
}

#[test]
fn what_may_use_all_may_use_what_comes_later() {
    let drawn = drawn(
        "| crate | room | may use |\n|---|---|---|\n| `model` | nouns | – |\n| `mandate` | wiring | all |",
    );
    let built = arrows(&[("model", &[]), ("mandate", &["model"])]);
    assert_eq!(drawn["mandate"], BTreeSet::from(["all".to_owned()]));
    assert_eq!(faults(&drawn, &built), Vec::<String>::new());
}

#[test]
fn dependencies_of_tests_are_no_arrows() {
    let metadata = serde_json::json!({ "packages": [{ "name": "mandate-graph", "dependencies": [
        { "name": "mandate-model", "kind": null },
        { "name": "mandate-pki", "kind": "build" },
        { "name": "mandate-store", "kind": "dev" },
        { "name": "serde", "kind": null },
    ] }, { "name": "mandate-model", "dependencies": [] }] });
    assert_eq!(
        built(&metadata),
        arrows(&[("graph", &["model", "pki"]), ("model", &[])])
    );
}

/// What disagrees, one sentence each; crates first, then arrows.
fn faults(drawn: &Arrows, built: &Arrows) -> Vec<String> {
    let mut faults = Vec::new();
    for name in drawn.keys().filter(|name| !built.contains_key(*name)) {
        faults.push(format!(
            "`{name}` is in the table but is no crate of this workspace"
        ));
    }
    for name in built.keys().filter(|name| !drawn.contains_key(*name)) {
        faults.push(format!("`{name}` is a crate but not in the table"));
    }
    for (name, allowed) in drawn {
        for other in allowed
            .iter()
            .filter(|other| *other != ALL && !built.contains_key(*other))
        {
            faults.push(format!(
                "`{name}` may use `{other}`, which is no crate of this workspace"
            ));
        }
    }
    for (name, used) in built {
        let Some(allowed) = drawn.get(name) else {
            continue;
        };
        for other in used {
            if !allowed.contains(other) && !allowed.contains(ALL) {
                faults.push(format!(
                    "`{name}` uses `{other}`, which the table does not allow"
                ));
            }
            if !built.contains_key(other) {
                faults.push(format!(
                    "`{other}` is used but is no crate of this workspace"
                ));
            }
        }
    }
    faults
}

/// Reads the table: the rows that follow the heading row `| crate | room | may use |`.
fn drawn(page: &str) -> Arrows {
    let mut lines = page
        .lines()
        .map(cells)
        .skip_while(|cells| *cells != ["crate", "room", "may use"])
        .skip(2)
        .peekable();
    assert!(
        lines.peek().is_some(),
        "there is no table `| crate | room | may use |`"
    );
    lines
        .take_while(|cells| cells.len() == 3)
        .map(|cells| {
            let allowed = cells[2]
                .split(',')
                .map(bare)
                .filter(|name| *name != "–")
                .map(str::to_owned)
                .collect();
            (bare(cells[0]).to_owned(), allowed)
        })
        .collect()
}

fn cells(line: &str) -> Vec<&str> {
    let row = line
        .trim()
        .strip_prefix('|')
        .and_then(|row| row.strip_suffix('|'));
    row.map(|row| row.split('|').map(str::trim).collect())
        .unwrap_or_default()
}

fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('`')
}

/// Reads who uses whom out of `cargo metadata`.
fn built(metadata: &Value) -> Arrows {
    let packages = metadata["packages"]
        .as_array()
        .expect("cargo lists packages");
    let name = |value: &Value| {
        value["name"]
            .as_str()
            .expect("cargo names things")
            .to_owned()
    };
    let is_ours = |full: &str| full == "mandate" || full.starts_with("mandate-");
    let short = |full: &str| full.strip_prefix("mandate-").unwrap_or(full).to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"]
                .as_array()
                .expect("cargo lists dependencies");
            let used = dependencies
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .map(name)
                .filter(|full| is_ours(full))
                .map(|full| short(&full))
                .collect();
            (short(&name(package)), used)
        })
        .collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn arrows(crates: &[(&str, &[&str])]) -> Arrows {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    crates
        .iter()
        .map(|(name, used)| ((*name).to_owned(), owned(used)))
        .collect()
}

/// Written in the table where every crate may be used.
const ALL: &str = "all";
