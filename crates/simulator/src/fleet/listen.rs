//! Devices that sleep until they are pushed.

use super::{Fleet, Tally};
use crate::apns::Push;
use crate::certificates::hex;
use crate::device::{Device, DeviceError, SessionReport};
use crate::http::Http;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

/// How long to listen.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// Ends after so long without a push and without a session.
    pub quiet: Duration,
    /// Ends after so long at the latest.
    pub at_most: Duration,
    /// A device that comes back by itself (after a `NotNow` or a lost answer) waits so long.
    pub comes_back_after: Duration,
}

impl Default for Listening {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(2),
            at_most: Duration::from_mins(2),
            comes_back_after: Duration::from_millis(200),
        }
    }
}

type Session = (usize, Device, Result<SessionReport, DeviceError>);

impl Fleet {
    /// Every push with a device's token and magic makes that device check in. Pushes to a busy device are remembered.
    pub async fn listen(
        &mut self,
        http: &Http,
        pushes: &mut UnboundedReceiver<Push>,
        how: Listening,
    ) -> Tally {
        let mut post = PostOffice::new(std::mem::take(&mut self.devices), self.concurrency);
        let end = tokio::time::Instant::now() + how.at_most;
        loop {
            tokio::select! {
                push = pushes.recv() => match push {
                    Some(push) => post.deliver(&push),
                    None if post.sessions.is_empty() && post.waiting.is_empty() => break,
                    None => post.finish_one(how).await,
                },
                Some(done) = post.sessions.join_next(), if !post.sessions.is_empty() => post.finish(done, how),
                () = tokio::time::sleep(how.quiet), if post.sessions.is_empty() && post.waiting.is_empty() => break,
                () = tokio::time::sleep_until(end) => break,
            }
            post.start(http);
        }
        while let Some(done) = post.sessions.join_next().await {
            post.finish(done, how);
        }
        self.devices = post.devices.into_iter().flatten().collect();
        post.tally
    }
}

struct PostOffice {
    devices: Vec<Option<Device>>,
    by_token: HashMap<String, usize>,
    waiting: HashSet<usize>,
    delays: HashMap<usize, Duration>,
    sessions: JoinSet<Session>,
    concurrency: usize,
    tally: Tally,
}

impl PostOffice {
    fn new(devices: Vec<Device>, concurrency: usize) -> Self {
        let token = |device: &Device| device.push().map(|(token, _)| hex(token));
        let by_token = devices
            .iter()
            .enumerate()
            .filter_map(|(number, device)| Some((token(device)?, number)))
            .collect();
        Self {
            devices: devices.into_iter().map(Some).collect(),
            by_token,
            waiting: HashSet::new(),
            delays: HashMap::new(),
            sessions: JoinSet::new(),
            concurrency: concurrency.max(1),
            tally: Tally::default(),
        }
    }

    fn deliver(&mut self, push: &Push) {
        let Some(number) = self.by_token.get(&push.token) else {
            return;
        };
        let magic_fits = self.devices[*number].as_ref().is_none_or(|device| {
            device
                .push()
                .is_some_and(|(_, magic)| Some(magic) == push.magic.as_deref())
        });
        if magic_fits {
            self.waiting.insert(*number);
        }
    }

    fn start(&mut self, http: &Http) {
        let ready: Vec<usize> = self
            .waiting
            .iter()
            .copied()
            .filter(|number| self.devices[*number].is_some())
            .collect();
        for number in ready {
            if self.sessions.len() >= self.concurrency {
                return;
            }
            self.waiting.remove(&number);
            let delay = self.delays.remove(&number);
            let Some(mut device) = self.devices[number].take() else {
                continue;
            };
            if !device.is_enrolled() {
                self.devices[number] = Some(device);
                continue;
            }
            let http = http.clone();
            self.sessions.spawn(async move {
                if let Some(delay) = delay {
                    tokio::time::sleep(delay).await;
                }
                let report = Box::pin(device.check_in(&http)).await;
                (number, device, report)
            });
        }
    }

    async fn finish_one(&mut self, how: Listening) {
        if let Some(done) = self.sessions.join_next().await {
            self.finish(done, how);
        }
    }

    fn finish(&mut self, done: Result<Session, tokio::task::JoinError>, how: Listening) {
        let Ok((number, device, report)) = done else {
            return;
        };
        match report {
            Ok(report) => {
                self.tally.count_session(&report);
                if report.comes_back() {
                    self.waiting.insert(number);
                    self.delays.insert(number, how.comes_back_after);
                }
            }
            Err(error) => self.tally.count_error(&error),
        }
        self.devices[number] = Some(device);
    }
}
