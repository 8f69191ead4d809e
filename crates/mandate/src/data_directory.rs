//! Everything that an instance keeps: database, key file, root certificate, and a lock.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use mandate_pki::seal::SealKey;
use mandate_store::Store;

const KEY: &str = "secret.key";
const DATABASE: &str = "mandate.db";
const ROOT: &str = "ca.pem";
const LOCK: &str = "lock";

/// A data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDirectory {
    path: PathBuf,
}

/// Held while a server runs on a directory; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl DataDirectory {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Makes the directory, for its owner alone.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        if !path.is_dir() {
            fs::create_dir_all(path)
                .with_context(|| format!("cannot make the directory `{}`", path.display()))?;
            restrict(path, 0o700)?;
        }
        Ok(Self::new(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn root_path(&self) -> PathBuf {
        self.path.join(ROOT)
    }

    pub(crate) fn has_key(&self) -> bool {
        self.path.join(KEY).exists()
    }

    /// Keeps the key that seals the secrets in the database, for its owner alone. Never replaces one.
    pub(crate) fn keep_key(&self, key: &SealKey) -> anyhow::Result<()> {
        let path = self.path.join(KEY);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options
            .open(&path)
            .with_context(|| format!("cannot make the key file `{}`", path.display()))?;
        file.write_all(key.to_hex().as_bytes())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write the key file `{}`", path.display()))
    }

    /// Removes a key that nothing is sealed with yet.
    pub(crate) fn forget_key(&self) -> anyhow::Result<()> {
        let path = self.path.join(KEY);
        fs::remove_file(&path)
            .with_context(|| format!("cannot remove the key file `{}`", path.display()))
    }

    pub(crate) fn key(&self) -> anyhow::Result<SealKey> {
        let path = self.path.join(KEY);
        let content = fs::read(&path).with_context(|| {
            format!(
                "`{}` holds no instance (no key file `{KEY}`): run `mandate init --data {}` first",
                self.path.display(),
                self.path.display()
            )
        })?;
        SealKey::from_file(&content)
            .with_context(|| format!("the key file `{}` is damaged", path.display()))
    }

    pub(crate) fn write_root(&self, pem: &str) -> anyhow::Result<()> {
        let path = self.root_path();
        fs::write(&path, pem).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Opens the database: the one named, else the file in this directory.
    pub(crate) async fn store(&self, database: Option<&str>) -> anyhow::Result<Store> {
        if let Some(url) = database {
            Store::open_postgres(url)
                .await
                .context("cannot open the PostgreSQL database")
        } else {
            let path = self.path.join(DATABASE);
            Store::open_sqlite(&path)
                .await
                .with_context(|| format!("cannot open the database `{}`", path.display()))
        }
    }

    /// Takes the directory for one server.
    pub(crate) fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.path.join(LOCK);
        let file = File::create(&path)
            .with_context(|| format!("cannot make the lock file `{}`", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `mandate serve` runs on `{}`; stop it first",
                    self.path.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot restrict `{}` to its owner", path.display()))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> anyhow::Result<()> {
    Ok(())
}
