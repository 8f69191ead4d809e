use std::{
    fmt::Write,
    path::PathBuf,
    process::{Command, Output},
};

use mandate_pki::{certificate::Certificate, keys::PrivateKey};
use tempfile::TempDir;

/// A directory in which `openssl` runs.
pub(crate) struct Openssl {
    directory: TempDir,
}

impl Openssl {
    /// `None`, and a word about it, where the command is missing.
    pub(crate) fn find() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: no `openssl` command");
            return None;
        }
        Some(Self {
            directory: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn write_identity(&self, key: &PrivateKey, certificate: &Certificate) {
        self.write("key.pem", key.to_pem().as_bytes());
        self.write("cert.pem", certificate.to_pem());
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs a command line of words without spaces.
    pub(crate) fn run(&self, line: &str) -> Output {
        Command::new("openssl")
            .args(line.split_whitespace())
            .current_dir(self.directory.path())
            .output()
            .unwrap()
    }

    pub(crate) fn succeed(&self, line: &str) -> String {
        let output = self.run(line);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {line}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail, and returns what it says.
    pub(crate) fn fail(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(!output.status.success(), "openssl {line} succeeded");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

/// Lower-case hexadecimal digits, as options take keys and passwords.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}
