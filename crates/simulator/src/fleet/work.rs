//! Workers that take devices from a queue.

use super::Tally;
use crate::device::Device;
use crate::http::Http;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Called with (done, total); from several threads.
pub type Progress = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// What each device is to do.
#[derive(Debug, Clone)]
pub(super) enum Work {
    Enrol(Arc<Vec<String>>),
    CheckIn,
}

type Queue = Arc<Mutex<VecDeque<(usize, Device)>>>;

/// Lets every device do its work; they come back in their order.
pub(super) async fn run(
    devices: Vec<Device>,
    http: &Http,
    work: Work,
    concurrency: usize,
    progress: Progress,
) -> (Vec<Device>, Tally) {
    let total = devices.len();
    let queue: Queue = Arc::new(Mutex::new(devices.into_iter().enumerate().collect()));
    let done = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..concurrency.clamp(1, total.max(1)) {
        let (queue, done, progress) =
            (Arc::clone(&queue), Arc::clone(&done), Arc::clone(&progress));
        let (http, work) = (http.clone(), work.clone());
        workers.spawn(async move {
            let mut tally = Tally::default();
            let mut finished = Vec::new();
            while let Some((number, mut device)) = next(&queue) {
                Box::pin(act(&mut device, number, &http, &work, &mut tally)).await;
                finished.push((number, device));
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            (finished, tally)
        });
    }
    let mut tally = Tally::default();
    let mut finished = Vec::with_capacity(total);
    while let Some(worker) = workers.join_next().await {
        match worker {
            Ok((devices, counted)) => {
                finished.extend(devices);
                tally.add(&counted);
            }
            Err(error) => {
                *tally
                    .errors
                    .entry(format!("a worker failed: {error}"))
                    .or_default() += 1;
            }
        }
    }
    finished.sort_by_key(|(number, _)| *number);
    (
        finished.into_iter().map(|(_, device)| device).collect(),
        tally,
    )
}

fn next(queue: &Queue) -> Option<(usize, Device)> {
    queue
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop_front()
}

async fn act(device: &mut Device, number: usize, http: &Http, work: &Work, tally: &mut Tally) {
    match work {
        Work::Enrol(links) => {
            if device.is_enrolled() {
                return;
            }
            match device.enrol(http, &links[number % links.len()]).await {
                Ok(()) => tally.enrolled += 1,
                Err(error) => tally.count_error(&error),
            }
        }
        Work::CheckIn => {
            if !device.is_enrolled() {
                return;
            }
            match device.check_in(http).await {
                Ok(report) => tally.count_session(&report),
                Err(error) => tally.count_error(&error),
            }
        }
    }
}
