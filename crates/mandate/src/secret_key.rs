//! Where the key comes from that opens the secrets of an instance: a file, a credential of systemd, or another program.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use mandate_pki::seal::SealKey;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

/// Name of the credential that systemd hands over (`LoadCredential=mandate-secret-key:…`).
const CREDENTIAL: &str = "mandate-secret-key";
/// Key file of a data directory.
const DEFAULT: &str = "secret.key";
/// No key file is longer.
const MOST_OCTETS: u64 = 4096;
/// A secret store that does not answer by then will not.
const PATIENCE: Duration = Duration::from_secs(30);

/// One place where a key may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A file; `is_default` if it is the one of the data directory, which `init` makes.
    File { path: PathBuf, is_default: bool },
    /// What systemd put into its directory of credentials for this service alone.
    Credential(PathBuf),
    /// A program and its arguments; what it prints is the content of a key file.
    Command(Vec<String>),
}

/// What may say where the key is, in the order in which it counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// `secret_key`.
    pub(crate) file: Option<String>,
    /// `$CREDENTIALS_DIRECTORY`, which systemd sets.
    pub(crate) credentials: Option<String>,
    /// `secret_key_command`.
    pub(crate) command: Option<String>,
}

impl KeySource {
    /// The source that counts: the file that was named, a credential of systemd, a command, and if there is none of these the
    /// file in the data directory.
    pub(crate) fn choose(data: &Path, settings: &Settings) -> anyhow::Result<Self> {
        if let Some(path) = &settings.file {
            return Ok(Self::File {
                path: PathBuf::from(path),
                is_default: false,
            });
        }
        if let Some(directory) = &settings.credentials {
            let path = Path::new(directory).join(CREDENTIAL);
            if path.exists() {
                return Ok(Self::Credential(path));
            }
        }
        if let Some(command) = &settings.command {
            return Ok(Self::Command(words(command)?));
        }
        Ok(Self::File {
            path: data.join(DEFAULT),
            is_default: true,
        })
    }

    /// What people may see of it: never the key, and of a command not its arguments.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File { path, .. } | Self::Credential(path) => path.display().to_string(),
            Self::Command(words) if words.len() > 1 => format!("{} …", words[0]),
            Self::Command(words) => words[0].clone(),
        }
    }

    /// The file, if it is one that this program may replace.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Credential(_) | Self::Command(_) => None,
        }
    }

    /// Reads the keys. Has to be called in a runtime with several threads.
    pub(crate) fn read(&self) -> anyhow::Result<SealKey> {
        let content = match self {
            Self::File { path, .. } => {
                refuse_wide_rights(path)?;
                read_file(path)?
            }
            // systemd guards it, partly by access lists that look like wide rights.
            Self::Credential(path) => read_file(path)?,
            Self::Command(words) => {
                let waiting = run(words);
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(waiting))?
            }
        };
        SealKey::from_file(&content).with_context(|| {
            format!(
                "`{}` gives no key: a key is 64 hexadecimal digits",
                self.shown()
            )
        })
    }
}

/// Makes a key file for its owner alone. Never replaces one.
pub(crate) fn create(path: &Path, key: &SealKey) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot make the key file `{}`", path.display()))?;
    file.write_all(key.to_file().as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write the key file `{}`", path.display()))?;
    sync_directory(path)
}

/// Replaces a key file in one step: whoever reads it, and whatever happens, finds the old content or the new one.
pub(crate) fn replace(path: &Path, key: &SealKey) -> anyhow::Result<()> {
    let path = fs::canonicalize(path)
        .with_context(|| format!("cannot find the key file `{}`", path.display()))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    if new.exists() {
        // Left by a process that died while it wrote it; nothing was ever sealed with what it holds alone.
        fs::remove_file(&new).with_context(|| format!("cannot remove `{}`", new.display()))?;
    }
    create(&new, key)?;
    fs::rename(&new, &path)
        .with_context(|| format!("cannot replace the key file `{}`", path.display()))?;
    sync_directory(&path)
}

/// Has the entry of a file on the disk, not only its content.
fn sync_directory(path: &Path) -> anyhow::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::File::open(parent)
        .and_then(|directory| directory.sync_all())
        .with_context(|| format!("cannot write the directory `{}`", parent.display()))
}

fn read_file(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    use std::io::Read as _;
    let cannot = || format!("cannot read the key file `{}`", path.display());
    let file = fs::File::open(path).with_context(cannot)?;
    let mut content = Zeroizing::new(Vec::new());
    file.take(MOST_OCTETS + 1)
        .read_to_end(&mut content)
        .with_context(cannot)?;
    ensure!(
        content.len() as u64 <= MOST_OCTETS,
        "`{}` is no key file: it has more than {MOST_OCTETS} octets",
        path.display()
    );
    Ok(content)
}

#[cfg(unix)]
fn refuse_wide_rights(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path)
        .with_context(|| format!("cannot read the key file `{}`", path.display()))?;
    // The six lowest bits are what group and others may do.
    let mode = metadata.permissions().mode() & 0o777;
    ensure!(
        mode.trailing_zeros() >= 6,
        "others than its owner may use the key file `{path}` (mode {mode:04o}): run `chmod 600 {path}`, and think of who may \
         have read it",
        path = path.display()
    );
    Ok(())
}

#[cfg(not(unix))]
fn refuse_wide_rights(_path: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// Runs a program without a shell; what it printed.
async fn run(words: &[String]) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let name = &words[0];
    let mut child = Command::new(name)
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("`secret_key_command`: cannot run `{name}`"))?;
    let output = child
        .stdout
        .take()
        .context("the output of `secret_key_command` is not there")?;
    let finished = async {
        let mut content = Zeroizing::new(Vec::with_capacity(512));
        output
            .take(MOST_OCTETS + 1)
            .read_to_end(&mut content)
            .await?;
        let is_bounded = content.len() as u64 <= MOST_OCTETS;
        // One that would go on printing is not waited for.
        let status = if is_bounded {
            Some(child.wait().await?)
        } else {
            None
        };
        anyhow::Ok((content, status))
    };
    let Ok(finished) = tokio::time::timeout(PATIENCE, finished).await else {
        bail!(
            "`secret_key_command`: `{name}` did not end within {} seconds",
            PATIENCE.as_secs()
        );
    };
    match finished.with_context(|| format!("`secret_key_command`: cannot read from `{name}`"))? {
        (content, Some(status)) if status.success() => Ok(content),
        (_, Some(status)) => bail!("`secret_key_command`: `{name}` ended with {status}"),
        (_, None) => {
            bail!("`secret_key_command`: `{name}` prints more than {MOST_OCTETS} octets")
        }
    }
}

/// The words of a command: parted by blanks, which quotes (`'…'`, `"…"`) or a backslash keep in a word. Nothing else means
/// anything; there is no shell.
fn words(command: &str) -> anyhow::Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => match rest.next() {
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => bail!("`secret_key_command` ends with a backslash"),
            },
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    ensure!(
        quote.is_none(),
        "`secret_key_command` has a quote that is never closed"
    );
    words.extend(word);
    ensure!(!words.is_empty(), "`secret_key_command` is empty");
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_that_says_something_counts() {
        let shelf = tempfile::tempdir().unwrap();
        let data = shelf.path();
        let credentials = data.to_str().unwrap().to_owned();
        let mut settings = Settings {
            file: Some("/elsewhere/key".to_owned()),
            credentials: Some(credentials.clone()),
            command: Some("pass show mandate".to_owned()),
        };
        let chosen = |settings: &Settings| KeySource::choose(data, settings).unwrap();
        assert_eq!(chosen(&settings).shown(), "/elsewhere/key");
        settings.file = None;
        assert_eq!(
            chosen(&settings).shown(),
            "pass …",
            "the credential is not there"
        );
        fs::write(data.join(CREDENTIAL), "").unwrap();
        assert_eq!(
            chosen(&settings),
            KeySource::Credential(data.join(CREDENTIAL))
        );
        settings.credentials = None;
        settings.command = None;
        assert_eq!(
            chosen(&settings).file(),
            Some(data.join("secret.key").as_path())
        );
    }

    #[test]
    fn a_command_is_parted_without_a_shell() {
        let parted = |text: &str| words(text).unwrap();
        assert_eq!(parted("pass show  mandate"), ["pass", "show", "mandate"]);
        assert_eq!(
            parted(r#"a 'b "c' "d\" e" f\ g '' $HOME|x"#),
            ["a", "b \"c", "d\" e", "f g", "", "$HOME|x"]
        );
        for wrong in ["", "  ", "a 'b", "a \\"] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_the_cure() {
        use std::os::unix::fs::PermissionsExt as _;
        let shelf = tempfile::tempdir().unwrap();
        let path = shelf.path().join("secret.key");
        create(&path, &SealKey::generate().unwrap()).unwrap();
        let source = KeySource::File {
            path: path.clone(),
            is_default: true,
        };
        source.read().unwrap();
        for mode in [0o640, 0o604, 0o610, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = source.read().unwrap_err().to_string();
            assert!(
                error.contains(&format!("chmod 600 {}", path.display())),
                "{error}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        source.read().unwrap();
        assert!(
            create(&path, &SealKey::generate().unwrap()).is_err(),
            "it is never replaced so"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_key_file_keeps_its_rights_and_a_remainder_is_no_hindrance() {
        use std::os::unix::fs::PermissionsExt as _;
        let shelf = tempfile::tempdir().unwrap();
        let path = shelf.path().join("k");
        let (old, new) = (SealKey::generate().unwrap(), SealKey::generate().unwrap());
        create(&path, &old).unwrap();
        fs::write(shelf.path().join("k.new"), "half a k").unwrap();
        replace(&path, &old.led_by(&new)).unwrap();
        let source = KeySource::File {
            path: path.clone(),
            is_default: false,
        };
        assert_eq!(source.read().unwrap().ids(), [new.id(), old.id()]);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(shelf.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_command_gives_a_key_or_says_why_not() {
        let shelf = tempfile::tempdir().unwrap();
        let key = SealKey::generate().unwrap();
        let path = shelf.path().join("k");
        create(&path, &key).unwrap();
        let read = |command: &str| KeySource::Command(words(command).unwrap()).read();
        let given = read(&format!("cat '{}'", path.display())).unwrap();
        assert_eq!(given.id(), key.id());
        for (command, said) in [
            ("false", "`false` ended with"),
            ("cat /dev/zero", "`cat` prints more than 4096 octets"),
            ("echo hello", "gives no key"),
            ("/no/such/program", "cannot run `/no/such/program`"),
        ] {
            let error = format!("{:#}", read(command).unwrap_err());
            assert!(error.contains(said), "{command}: {error}");
        }
    }
}
