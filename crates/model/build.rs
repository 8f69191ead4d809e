//! Lists the files of `src/catalogue/kinds`, so that adding a profile kind is adding a file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?;
    let out = env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?;
    let folder = Path::new(&root).join("src/catalogue/kinds");
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut modules = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if let (true, Some(name)) = (is_rust, path.file_stem().and_then(|name| name.to_str())) {
            modules.push((name.to_owned(), path.display().to_string()));
        }
    }
    modules.sort();

    let mut text = String::new();
    for (name, path) in &modules {
        writeln!(text, "#[path = {path:?}]\nmod {name};").map_err(io::Error::other)?;
    }
    let list = modules
        .iter()
        .map(|(name, _)| format!("&{name}::KIND"))
        .collect::<Vec<_>>()
        .join(", ");
    writeln!(text, "static KINDS: &[&Kind] = &[{list}];").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("kinds.rs"), text)
}

fn missing(variable: &str) -> io::Error {
    io::Error::other(format!("cargo did not set `{variable}`"))
}
