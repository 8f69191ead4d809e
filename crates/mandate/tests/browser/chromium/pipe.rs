//! The pipe to Chromium: calls, their answers, and what it tells by itself. Messages are JSON and end with a zero octet.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::lock;

/// A browser that says nothing for so long is stuck.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Something that happened in a window.
#[derive(Debug)]
pub(super) struct Event {
    /// Its name, such as `Page.frameNavigated`.
    pub(super) method: String,
    /// What is said of it.
    pub(super) about: Value,
}

/// Why a call was refused.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

/// Both ends.
pub(super) struct Pipe {
    writer: Mutex<ChildStdin>,
    next: AtomicU64,
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Value>>>>,
    windows: Mutex<HashMap<String, mpsc::UnboundedSender<Event>>>,
}

impl Pipe {
    pub(super) fn new(writer: ChildStdin, reader: ChildStdout) -> Arc<Self> {
        let pipe = Arc::new(Self {
            writer: Mutex::new(writer),
            next: AtomicU64::new(1),
            waiting: Mutex::new(Some(HashMap::new())),
            windows: Mutex::default(),
        });
        let heard = Arc::downgrade(&pipe);
        std::thread::spawn(move || {
            for message in BufReader::new(reader).split(0) {
                let (Ok(message), Some(pipe)) = (message, heard.upgrade()) else {
                    break;
                };
                if let Ok(message) = serde_json::from_slice(&message) {
                    pipe.hear(message);
                }
            }
            // Nobody gets an answer any more.
            if let Some(pipe) = heard.upgrade() {
                lock(&pipe.waiting).take();
            }
        });
        pipe
    }

    /// What happens in a window from now on.
    pub(super) fn listen(&self, session: &str) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.windows).insert(session.to_owned(), sender);
        receiver
    }

    /// Calls the browser, or one of its windows.
    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, Refused> {
        let answer = self.send(session, method, parameters)?;
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        match answer {
            Ok(Ok(answer)) => read(method, answer),
            Ok(Err(_)) => Err(Refused(format!("{method}: Chromium has ended"))),
            Err(_) => Err(Refused(format!("{method}: no answer"))),
        }
    }

    /// The same without a runtime.
    pub(super) fn call_now(&self, method: &str, parameters: Value) -> Result<Value, Refused> {
        let answer = self.send(None, method, parameters)?;
        match std::thread::spawn(move || answer.blocking_recv()).join() {
            Ok(Ok(answer)) => read(method, answer),
            _ => Err(Refused(format!("{method}: Chromium has ended"))),
        }
    }

    /// Says something that nobody waits for.
    pub(super) fn tell(&self, method: &str, parameters: Value) -> Result<(), Refused> {
        self.send(None, method, parameters).map(drop)
    }

    fn send(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<oneshot::Receiver<Value>, Refused> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        let ended = || Refused(format!("{method}: Chromium has ended"));
        lock(&self.waiting)
            .as_mut()
            .ok_or_else(ended)?
            .insert(id, sender);
        let mut message = json!({ "id": id, "method": method });
        message["params"] = parameters;
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut text = message.to_string().into_bytes();
        text.push(0);
        let mut writer = lock(&self.writer);
        let written = writer.write_all(&text).and_then(|()| writer.flush());
        written.map_err(|_| ended())?;
        Ok(receiver)
    }

    fn hear(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let waiting = lock(&self.waiting)
                .as_mut()
                .and_then(|waiting| waiting.remove(&id));
            if let Some(waiting) = waiting {
                // Whoever has given up does not care.
                drop(waiting.send(message));
            }
            return;
        }
        let (Some(session), Some(method)) =
            (message["sessionId"].as_str(), message["method"].as_str())
        else {
            return;
        };
        let (session, method) = (session.to_owned(), method.to_owned());
        if let Some(window) = lock(&self.windows).get(&session) {
            let about = message["params"].take();
            drop(window.send(Event { method, about }));
        }
    }
}

fn read(method: &str, mut answer: Value) -> Result<Value, Refused> {
    match answer["error"]["message"].as_str() {
        Some(error) => Err(Refused(format!("{method}: {error}"))),
        None => Ok(answer["result"].take()),
    }
}
