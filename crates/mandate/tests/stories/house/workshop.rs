//! Other people's programs, run in a directory of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A directory in which programs run, none longer than a minute.
pub(crate) struct Workshop {
    directory: TempDir,
}

/// What a program said, and whether it was content.
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) text: String,
}

impl Workshop {
    /// `None`, and a word about it, where one of these programs is missing.
    pub(crate) fn with(programs: &[&str]) -> Option<Self> {
        for program in programs.iter().chain(&["timeout"]) {
            if !is_there(program) {
                eprintln!("SKIPPED: there is no `{program}` on this machine");
                return None;
            }
        }
        Some(Self {
            directory: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), content).unwrap();
    }

    /// Runs a program on another thread: the server that it speaks with may live on this one.
    pub(crate) async fn run(&self, program: &str, arguments: &[&str]) -> Said {
        let mut command = Command::new("timeout");
        command
            .args(["60", program])
            .args(arguments)
            .current_dir(self.path());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        Said {
            success: output.status.success(),
            text: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        }
    }

    /// Runs a program that must succeed.
    pub(crate) async fn succeed(&self, program: &str, arguments: &[&str]) -> String {
        let said = self.run(program, arguments).await;
        assert!(said.success, "{program} {arguments:?}: {}", said.text);
        said.text
    }

    /// Runs `openssl` on a line of words without spaces; it must succeed.
    pub(crate) async fn openssl(&self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.succeed("openssl", &words).await
    }
}

/// Whether a command can be run: by its path, or found in one of the directories that are searched.
fn is_there(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|output| output.status.success())
}
