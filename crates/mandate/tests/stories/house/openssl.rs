//! The `openssl` program as an independent judge and as other people's tool.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// `openssl` with a directory for its files.
pub(crate) struct Openssl {
    directory: TempDir,
}

impl Openssl {
    /// The program, if the machine has it; says so if not.
    pub(crate) fn find() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("SKIPPED: there is no `openssl` on this machine");
            return None;
        }
        Some(Self {
            directory: TempDir::new().unwrap(),
        })
    }

    /// A file with this content, by its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The path that a file of this name has.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs it; standard output, or standard error where it fails.
    pub(crate) fn try_run(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Runs it; it has to succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Vec<u8> {
        self.try_run(arguments)
            .unwrap_or_else(|error| panic!("openssl {arguments:?}: {error}"))
    }

    /// A PKCS#12 file of a key (PKCS#8 DER) and a certificate (PEM), as `openssl pkcs12 -export` makes it with further
    /// `options`.
    pub(crate) fn pfx(
        &self,
        pkcs8: &[u8],
        certificate: &str,
        password: &str,
        options: &[&str],
    ) -> Vec<u8> {
        let key = self.file("pfx.key", pkcs8);
        let pem = self.path("pfx.key.pem");
        self.run(&[
            "pkey",
            "-inform",
            "DER",
            "-in",
            text(&key),
            "-out",
            text(&pem),
        ]);
        let certificate = self.file("pfx.crt", certificate);
        let (pass, out) = (format!("pass:{password}"), self.path("out.pfx"));
        let mut arguments = vec![
            "pkcs12",
            "-export",
            "-inkey",
            text(&pem),
            "-in",
            text(&certificate),
        ];
        arguments.extend(["-passout", &pass, "-out", text(&out)]);
        arguments.extend(options);
        self.run(&arguments);
        std::fs::read(out).unwrap()
    }
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
