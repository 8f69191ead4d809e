//! Everything that an instance keeps: database, root certificate, a lock, and as a rule the key file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use mandate_pki::seal::SealKey;
use mandate_store::Store;

use crate::config;
use crate::secret_key::KeySource;

const DATABASE: &str = "mandate.db";
const ROOT: &str = "ca.pem";
const LOCK: &str = "lock";
const KEY_LOCK: &str = "key.lock";

/// A data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// A key file elsewhere, as the command line says.
    secret_key: Option<String>,
}

/// Held while somebody works on a directory; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl DataDirectory {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            secret_key: None,
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

    /// With the key file that the command line names.
    pub(crate) fn with_secret_key(mut self, file: Option<&Path>) -> Self {
        self.secret_key = file.map(|file| file.display().to_string());
        self
    }

    /// Where the key comes from that seals the secrets in the database.
    pub(crate) fn key_source(&self) -> anyhow::Result<KeySource> {
        let settings = config::key_settings(&self.path, self.secret_key.as_deref())?;
        KeySource::choose(&self.path, &settings)
    }

    /// The keys that open the secrets in the database; the first seals.
    pub(crate) fn key(&self) -> anyhow::Result<SealKey> {
        let source = self.key_source()?;
        if let KeySource::File {
            path,
            is_default: true,
        } = &source
            && !path.exists()
        {
            bail!(
                "`{data}` holds no instance (no key file `{key}`): run `mandate init --data {data}` first",
                data = self.path.display(),
                key = path.file_name().unwrap_or_default().display(),
            );
        }
        source.read()
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
                    "another `mandate` works on `{}`; stop the server first",
                    self.path.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }

    /// Says that the key is in somebody's memory, beside others of whom that is true. To be taken before the key is read:
    /// what is sealed with a key that was replaced meanwhile would open never again.
    pub(crate) fn use_key(&self) -> anyhow::Result<Lock> {
        let path = self.path.join(KEY_LOCK);
        // Reading is enough for a shared lock, and the file may be another user's.
        let file = File::open(&path)
            .or_else(|_| open_lock(&path))
            .with_context(|| format!("cannot make the lock file `{}`", path.display()))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "the key of `{}` is being replaced by `mandate key rotate`; try again when that is done",
                self.path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }

    /// Takes the key for replacing it, while nobody has it in memory. A server is kept away by [`Self::lock`].
    pub(crate) fn replace_key(&self) -> anyhow::Result<Lock> {
        let path = self.path.join(KEY_LOCK);
        let file = open_lock(&path)
            .with_context(|| format!("cannot make the lock file `{}`", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another command works with the key of `{}`; replace the key when that is done",
                self.path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }
}

fn open_lock(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_used_by_many_and_replaced_by_one_alone() {
        let shelf = tempfile::tempdir().unwrap();
        let directory = DataDirectory::new(shelf.path());
        let said = |lock: anyhow::Result<Lock>| lock.unwrap_err().to_string();
        let server = directory.lock().unwrap();
        let users = [directory.use_key().unwrap(), directory.use_key().unwrap()];
        assert!(said(directory.replace_key()).contains("another command"));
        drop(users);
        let replacing = directory.replace_key().unwrap();
        assert!(said(directory.use_key()).contains("is being replaced"));
        assert!(said(directory.replace_key()).contains("another command"));
        drop(replacing);
        directory.use_key().unwrap();
        drop(server);
    }
}
