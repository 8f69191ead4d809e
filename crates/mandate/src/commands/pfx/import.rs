//! `mandate pfx import`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use mandate_engine::{Actor, Engine, EngineError, FileImport, FileOutcome, MAX_PFX};
use mandate_model::ImportPurpose;
use zeroize::Zeroizing;

use super::plan::{Entry, entries};
use super::report::Report;
use super::{Place, mapping, password};

/// Import PFX files: for one person, as a mapping says, or for whom the certificates name
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    /// PFX files, or directories that hold some (.pfx, .p12)
    #[arg(value_name = "FILE|DIR", required_unless_present = "mapping")]
    files: Vec<PathBuf>,
    /// Whose they are; without it the mapping says, or the mail address in each certificate
    #[arg(long, value_name = "UPN")]
    user: Option<String>,
    /// What they are for: smimeEncryption, smimeSigning, wifi, vpn or unassigned; needed where no mapping says
    #[arg(long, value_parser = purpose)]
    purpose: Option<ImportPurpose>,
    /// File with the password of the files; without it the terminal is asked
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// CSV file with a header line of file, user, purpose, password and passwordFile, of which all but the first may be
    /// left out
    #[arg(long, value_name = "FILE.csv")]
    mapping: Option<PathBuf>,
    /// Refuse what would be warned of, such as a certificate without its owner's address
    #[arg(long)]
    strict: bool,
    /// Check everything and keep nothing
    #[arg(long)]
    dry_run: bool,
}

fn purpose(text: &str) -> Result<ImportPurpose, String> {
    ImportPurpose::parse(text).ok_or_else(|| {
        let names = ImportPurpose::ALL.map(ImportPurpose::name).join("`, `");
        format!("there are `{names}`")
    })
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let rows = self.mapping.as_deref().map(mapping::read).transpose()?;
        let entries = entries(&self.files, rows)?;
        ensure!(!entries.is_empty(), "the mapping names no file");
        let common = self.common_password(&entries)?;
        let engine = self.place.engine().await?;
        let mut report = Report::new(entries.len(), self.place.json, self.dry_run);
        for entry in &entries {
            let outcome = self.import(&engine, entry, common.as_ref()).await;
            let outcome = outcome.map_err(|error| format!("{error:#}"));
            report.note(&entry.path, self.purpose_of(entry), outcome);
        }
        engine.store().close().await;
        report.finish()
    }

    /// The password of all files that have none of their own, if there are such files.
    fn common_password(&self, entries: &[Entry]) -> anyhow::Result<Option<Zeroizing<String>>> {
        if let Some(path) = &self.password_file {
            return password::from_file(path).map(Some);
        }
        let has_own = |entry: &Entry| {
            entry
                .row
                .as_ref()
                .is_some_and(|row| row.password.is_some() || row.password_file.is_some())
        };
        let needs_common = |entry: &Entry| entry.problem.is_none() && !has_own(entry);
        entries
            .iter()
            .any(needs_common)
            .then(password::ask)
            .transpose()
    }

    /// What a file is for: the mapping's word before the flag's.
    fn purpose_of(&self, entry: &Entry) -> Option<ImportPurpose> {
        let row = entry.row.as_ref();
        row.and_then(|row| row.purpose).or(self.purpose)
    }

    async fn import(
        &self,
        engine: &Engine,
        entry: &Entry,
        common: Option<&Zeroizing<String>>,
    ) -> anyhow::Result<FileOutcome> {
        if let Some(problem) = &entry.problem {
            anyhow::bail!("{problem}");
        }
        let row = entry.row.as_ref();
        let purpose = self
            .purpose_of(entry)
            .context("it is not said what it is for: name it by `--purpose` or in the mapping")?;
        let password = match row {
            Some(row) => match (&row.password, &row.password_file) {
                (Some(password), _) => Some(password.clone()),
                (None, Some(path)) => Some(password::from_file(path)?),
                (None, None) => None,
            },
            None => None,
        };
        let import = FileImport {
            user_principal_name: row
                .and_then(|row| row.user.clone())
                .or_else(|| self.user.clone()),
            purpose,
            file: read(&entry.path)?,
            password: password.or_else(|| common.cloned()).unwrap_or_default(),
            strict: self.strict,
            dry_run: self.dry_run,
        };
        engine
            .import_file(&Actor::system(), import)
            .await
            .map_err(|error| told(&error))
    }
}

/// The content of a file, and of one that is too large no more than tells so.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_PFX).unwrap_or(u64::MAX).saturating_add(1);
    let mut content = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut content))
        .context("it cannot be read")?;
    Ok(content)
}

/// An error with the flag that mends it, where it is a property of Graph that the engine names.
fn told(error: &EngineError) -> anyhow::Error {
    let text = error.to_string().replace("`userPrincipalName`", "`--user`");
    anyhow::anyhow!("{}", text.replace("`file` ", "the file "))
}
