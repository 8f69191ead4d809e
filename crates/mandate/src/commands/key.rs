//! `mandate key`.

mod tokens;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use mandate_engine::{CustodyReport, Engine, SystemChance, SystemClock};
use mandate_pki::seal::SealKey;
use mandate_store::Store;
use serde_json::json;

use super::{Data, hold};
use crate::config::{Config, Flags};
use crate::data_directory::DataDirectory;
use crate::output;
use crate::secret_key;

/// Look after the key that seals the secrets in the database
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a new key file, for a source that `init` does not make itself
    Generate(Generate),
    /// Open every sealed value and say how many open
    Check(Check),
    /// Seal everything anew with a new key; the server has to be stopped
    Rotate(Rotate),
    /// The keys that sign tokens: list, rotate; the server may run
    Tokens(tokens::Tokens),
}

#[derive(Debug, Args)]
struct Generate {
    /// The file to make; it must not be there yet
    file: PathBuf,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Rotate {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where to write what is to be put in the place of the key; for a credential, a program, or a file that is mounted
    /// read-only
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Key {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            KeyCommand::Generate(generate) => {
                secret_key::create(&generate.file, &SealKey::generate()?)
            }
            KeyCommand::Check(check) => check.run().await,
            KeyCommand::Rotate(rotate) => rotate.run().await,
            KeyCommand::Tokens(tokens) => tokens.run().await,
        }
    }
}

impl Check {
    async fn run(self) -> anyhow::Result<()> {
        let directory = self.data.directory();
        directory.key()?;
        let _use = directory.use_key()?;
        let store = open(&directory, self.database.as_ref()).await?;
        hold(&store).await?;
        let seal = directory.key()?;
        let report = Engine::check_custody(&store, &seal).await?;
        store.close().await;
        show(&report, &seal, self.json);
        ensure!(
            report.is_whole(),
            "not everything opens with this key; restore the key that belongs to this database"
        );
        Ok(())
    }
}

impl Rotate {
    async fn run(self) -> anyhow::Result<()> {
        let directory = self.data.directory();
        directory.key()?;
        let _lock = directory.lock()?;
        let _replacing = directory.replace_key()?;
        // Read only now: another rotation may just have ended.
        let seal = directory.key()?;
        let source = directory.key_source()?;
        let store = open(&directory, self.database.as_ref()).await?;
        let done = match source.file() {
            Some(path) if self.new_key_file.is_none() => {
                let store = &store;
                Rotation { path, store }.run(&seal).await
            }
            _ => self.rotate_elsewhere(&store, &seal).await,
        };
        store.close().await;
        let done = done?;
        if self.json {
            output::json(&done.shown());
        } else {
            output::line(&done.text());
        }
        Ok(())
    }

    /// With a key that this program cannot, or is not to, replace where it is kept: a file is written for somebody to put
    /// there, and what is in force is always enough to open everything.
    async fn rotate_elsewhere(&self, store: &Store, seal: &SealKey) -> anyhow::Result<Rotated> {
        let begun = seal.ids().len() > 1;
        let Some(path) = &self.new_key_file else {
            ensure!(
                begun,
                "the secret key is not in a file that this program may replace: give `--new-key-file FILE` to have the next \
                 content of your credential or secret store written there"
            );
            let values = seal_anew(store, seal).await?;
            return Ok(Rotated {
                key: seal.id().to_string(),
                values,
                next: Some(
                    "only the first key is needed from now on; `--new-key-file FILE` writes it alone"
                        .to_owned(),
                ),
            });
        };
        if begun {
            let values = seal_anew(store, seal).await?;
            secret_key::create(path, &seal.first_alone())?;
            return Ok(Rotated {
                key: seal.id().to_string(),
                values,
                next: Some(format!(
                    "put the content of `{0}` in the place of the secret key, and remove `{0}`",
                    path.display()
                )),
            });
        }
        let both = seal.led_by(&SealKey::generate()?);
        secret_key::create(path, &both)?;
        Ok(Rotated {
            key: both.id().to_string(),
            values: 0,
            next: Some(format!(
                "put the content of `{0}` in the place of the secret key, remove `{0}`, and run this command again: \
                 nothing is sealed anew yet",
                path.display()
            )),
        })
    }
}

/// What a rotation did.
struct Rotated {
    key: String,
    values: u64,
    next: Option<String>,
}

impl Rotated {
    fn shown(&self) -> serde_json::Value {
        json!({ "key": self.key, "sealedAnew": self.values, "next": self.next })
    }

    fn text(&self) -> String {
        let done = format!("key {}: {} values sealed anew", self.key, self.values);
        match &self.next {
            Some(next) => format!("{done}\nnext: {next}"),
            None => done,
        }
    }
}

/// A rotation with the key in a file. Each step leaves something that opens everything, and a rotation that was cut off is
/// finished by the next one.
struct Rotation<'a> {
    path: &'a Path,
    store: &'a Store,
}

impl Rotation<'_> {
    async fn run(&self, seal: &SealKey) -> anyhow::Result<Rotated> {
        let both = self.begin(seal)?;
        let values = seal_anew(self.store, &both).await?;
        self.finish(&both)?;
        Ok(Rotated {
            key: both.id().to_string(),
            values,
            next: None,
        })
    }

    /// The file gets a new key, and keeps the old one after it. One that has several keys is in the middle of a rotation.
    fn begin(&self, seal: &SealKey) -> anyhow::Result<SealKey> {
        if seal.ids().len() > 1 {
            return Ok(seal.clone());
        }
        let both = seal.led_by(&SealKey::generate()?);
        secret_key::replace(self.path, &both)?;
        Ok(both)
    }

    /// The file loses the old key.
    fn finish(&self, both: &SealKey) -> anyhow::Result<()> {
        secret_key::replace(self.path, &both.first_alone())
    }
}

/// Seals everything with the first key, and proves that no other is needed any more.
async fn seal_anew(store: &Store, seal: &SealKey) -> anyhow::Result<u64> {
    let values = Engine::seal_anew(store, seal, &SystemClock, &SystemChance).await?;
    let report = Engine::check_custody(store, &seal.first_alone()).await?;
    if !report.needs_only(seal.id()) {
        bail!(
            "the new key does not open everything, so the old one is kept: {}",
            report.closed.join(", ")
        );
    }
    Ok(values)
}

async fn open(directory: &DataDirectory, database: Option<&String>) -> anyhow::Result<Store> {
    let flags = Flags {
        database: database.cloned(),
        ..Flags::default()
    };
    let config = Config::read(directory.path(), &flags)?;
    directory
        .store(config.database.as_deref())
        .await
        .context("the sealed values cannot be read")
}

fn show(report: &CustodyReport, seal: &SealKey, as_json: bool) {
    if as_json {
        let keys: Vec<String> = seal.ids().iter().map(ToString::to_string).collect();
        output::json(&json!({ "keys": keys, "report": report }));
        return;
    }
    for count in &report.counts {
        let line = format!("{:<28}{:>8} open", count.kind, count.opened);
        match count.closed {
            0 => output::line(&line),
            closed => output::line(&format!("{line}{closed:>8} do not")),
        }
    }
    for (id, values) in &report.by_key {
        output::line(&format!(
            "{:<28}{values:>8}",
            format!("sealed with key {id}")
        ));
    }
    for name in &report.closed {
        output::problem(&format!("`{name}` does not open"));
    }
}

#[cfg(test)]
mod tests {
    use mandate_engine::{AuthorityKeys, InitRequest};

    use super::*;
    use crate::secret_key::KeySource;

    struct Instance {
        shelf: tempfile::TempDir,
        store: Store,
    }

    impl Instance {
        async fn make() -> Self {
            let shelf = tempfile::tempdir().unwrap();
            let seal = SealKey::generate().unwrap();
            secret_key::create(&shelf.path().join("secret.key"), &seal).unwrap();
            let store = Store::open_sqlite(&shelf.path().join("mandate.db"))
                .await
                .unwrap();
            let request = InitRequest {
                company: "Contoso".to_owned(),
                domain: "contoso.com".to_owned(),
                admin_upn: "admin@contoso.com".to_owned(),
                keys: AuthorityKeys::default(),
            };
            Engine::initialise(&store, &seal, &SystemClock, &SystemChance, &request)
                .await
                .unwrap();
            Self { shelf, store }
        }

        fn path(&self) -> PathBuf {
            self.shelf.path().join("secret.key")
        }

        fn key(&self) -> SealKey {
            let path = self.path();
            let source = KeySource::File {
                path,
                is_default: true,
            };
            source.read().unwrap()
        }

        async fn opens(&self) -> CustodyReport {
            let report = Engine::check_custody(&self.store, &self.key())
                .await
                .unwrap();
            assert!(report.is_whole() && report.opened() > 0, "{report:?}");
            report
        }
    }

    #[tokio::test]
    async fn a_rotation_that_is_cut_off_anywhere_leaves_what_opens_and_is_finished_by_the_next() {
        for steps in 0..=3 {
            let instance = Instance::make().await;
            let old = instance.key();
            let path = instance.path();
            let rotation = Rotation {
                path: &path,
                store: &instance.store,
            };
            if steps >= 1 {
                let both = rotation.begin(&old).unwrap();
                instance.opens().await;
                if steps >= 2 {
                    assert!(seal_anew(&instance.store, &both).await.unwrap() > 0);
                    instance.opens().await;
                }
                if steps >= 3 {
                    rotation.finish(&both).unwrap();
                }
            }
            instance.opens().await;
            let begun = instance.key();
            let done = rotation.run(&begun).await.unwrap();
            assert_eq!(instance.key().ids().len(), 1, "after {steps} steps");
            assert_ne!(instance.key().id(), old.id());
            if (1..3).contains(&steps) {
                assert_eq!(
                    instance.key().id(),
                    begun.id(),
                    "the one that was begun is finished"
                );
                assert_eq!(done.values == 0, steps == 2);
            }
            let report = instance.opens().await;
            assert!(report.needs_only(instance.key().id()));
            let stranger = Engine::check_custody(&instance.store, &old).await.unwrap();
            assert_eq!(stranger.opened(), 0, "the old key opens nothing any more");
        }
    }

    #[tokio::test]
    async fn a_key_that_does_not_belong_to_the_database_changes_nothing() {
        let instance = Instance::make().await;
        let stranger = SealKey::generate().unwrap();
        let error = seal_anew(&instance.store, &stranger).await.unwrap_err();
        assert!(error.to_string().contains("nothing was changed"), "{error}");
        instance.opens().await;
    }
}
