//! A real Chromium without a window, one for all tests of a run, and a context of its own in it for each visitor.
//!
//! It is spoken to in its own protocol (`DevTools`) over a pipe: it listens nowhere, and it ends when the pipe does, even
//! if the test is killed. What it may call by name is this machine alone.

mod axe;
mod hand;
mod pipe;
mod seen;
mod tab;

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use axe::{Axe, Finding};
pub(crate) use pipe::Refused;
pub(crate) use tab::{Look, Tab};

use pipe::Pipe;

/// Where Debian's package has it, and other names that it has on the path.
const PROGRAMS: [&str; 3] = ["/usr/bin/chromium", "chromium-browser", "google-chrome"];

/// The browser of this run, as long as a test uses it.
static SHARED: Mutex<Weak<Chromium>> = Mutex::new(Weak::new());

/// A running Chromium; it ends when the last test lets it go.
pub(crate) struct Chromium {
    pipe: Arc<Pipe>,
    child: Mutex<Child>,
    _profile: TempDir,
}

impl Chromium {
    /// The one of this run. `None`, and a word about it, where there is none on this machine.
    pub(crate) fn open() -> Option<Arc<Self>> {
        let mut shared = lock(&SHARED);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = PROGRAMS.into_iter().find_map(Self::start);
        let Some(chromium) = started else {
            eprintln!("SKIPPED: there is no Chromium on this machine; `.ci/peers` installs it");
            return None;
        };
        let chromium = Arc::new(chromium);
        *shared = Arc::downgrade(&chromium);
        Some(chromium)
    }

    fn start(program: &str) -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        // The protocol is spoken on the descriptors 3 and 4.
        let started = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                program,
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(FLAGS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.expect("there is a shell");
        let (writer, reader) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let pipe = Pipe::new(writer, reader);
        let chromium = Self {
            pipe,
            child: Mutex::new(child),
            _profile: profile,
        };
        chromium.is_there().then_some(chromium)
    }

    /// Whether the shell found it: it answers, or is gone.
    fn is_there(&self) -> bool {
        self.pipe.call_now("Browser.getVersion", json!({})).is_ok()
    }

    /// A window of its own, in which nobody is signed in anywhere, with what it looks like.
    pub(crate) async fn visit(self: &Arc<Self>, origin: &str, look: Look) -> Tab {
        Tab::open(self.clone(), origin, look).await
    }

    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, Refused> {
        self.pipe.call(session, method, parameters).await
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        drop(lock(&self.child).kill());
        drop(wait(&self.child));
    }
}

fn wait(child: &Mutex<Child>) -> io::Result<std::process::ExitStatus> {
    lock(child).wait()
}

/// What a lock guards stays good when a test fails.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// It calls nobody, keeps nothing, and looks the same everywhere. As root it does not run with its sandbox.
const FLAGS: [&str; 23] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-lcd-text",
    "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication,HttpsUpgrades",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--ignore-certificate-errors",
    "--lang=en",
    "--mute-audio",
    "--no-first-run",
    "--password-store=basic",
];
