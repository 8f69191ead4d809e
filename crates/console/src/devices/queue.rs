//! What a device waits for, in words.

use mandate_engine::{Calls, DeviceQueue, PushResult, PushToken, QueueItem, QueueStage, QueueTask};
use mandate_ui::moment;
use mandate_web::Language;

/// The queue as the page shows it.
pub(super) struct Queue {
    /// Whether and how the device is woken: names and values.
    pub(super) calls: Vec<(String, String)>,
    pub(super) items: Vec<Item>,
}

/// Something that waits.
pub(super) struct Item {
    pub(super) task: String,
    pub(super) class: &'static str,
    pub(super) stage: String,
    pub(super) since: String,
    pub(super) since_at: String,
    pub(super) attempts: i64,
    /// When it is tried again, or until when it is tried.
    pub(super) next: String,
    pub(super) by: String,
}

impl Queue {
    pub(super) fn of(language: Language, queue: &DeviceQueue) -> Self {
        Self {
            calls: calls(language, &queue.calls),
            items: queue
                .items
                .iter()
                .map(|item| Item::of(language, item))
                .collect(),
        }
    }
}

fn calls(language: Language, calls: &Calls) -> Vec<(String, String)> {
    let text = |id: &str| language.text(id);
    let token = match calls.token {
        PushToken::Good => "devices-push-good",
        PushToken::Dead => "devices-push-dead",
        PushToken::Missing => "devices-push-missing",
    };
    let last = calls.last.map_or_else(
        || text("at-no-time"),
        |(at, result)| format!("{} – {}", moment(at), text(result_text(result))),
    );
    vec![
        (text("devices-push"), text(token)),
        (text("devices-last-push"), last),
        (text("devices-attempts"), calls.attempts.to_string()),
        (
            text("devices-next-push"),
            calls.next.map_or_else(|| text("none"), moment),
        ),
        (text("devices-seen"), moment(calls.last_seen_at)),
    ]
}

const fn result_text(result: PushResult) -> &'static str {
    match result {
        PushResult::Delivered => "devices-push-delivered",
        PushResult::TokenDead => "devices-push-dead",
        PushResult::CertificateRefused => "devices-push-refused",
        PushResult::Throttled => "devices-push-throttled",
        PushResult::Fault => "devices-push-fault",
        PushResult::Unavailable => "devices-push-unavailable",
    }
}

impl Item {
    fn of(language: Language, item: &QueueItem) -> Self {
        let (class, stage) = match item.stage {
            QueueStage::Waiting => ("pending", "devices-stage-waiting"),
            QueueStage::Paused => ("pending", "devices-stage-paused"),
            QueueStage::Sent => ("pending", "devices-stage-sent"),
            QueueStage::NotNow => ("pending", "devices-stage-not-now"),
            QueueStage::Checking => ("pending", "devices-stage-checking"),
        };
        let task = task_text(language, &item.task);
        let next = match (item.next_try, item.expires_at) {
            (Some(at), _) => format!("{} {}", language.text("devices-next-try"), moment(at)),
            (None, Some(at)) => language.text_with("devices-expires", &[("at", &moment(at))]),
            (None, None) => String::new(),
        };
        Self {
            task: match &item.channel {
                Some(person) => format!("{task} ({person})"),
                None => task,
            },
            class,
            stage: language.text(stage),
            since: moment(item.since),
            since_at: item.since.to_string(),
            attempts: item.attempts,
            next,
            by: item.requested_by.clone().unwrap_or_default(),
        }
    }
}

fn task_text(language: Language, task: &QueueTask) -> String {
    let of_profile = |id: &str, name: &Option<String>| {
        let name = name
            .clone()
            .unwrap_or_else(|| language.text("devices-some-profile"));
        language.text_with(id, &[("profile", &name)])
    };
    let id = match task {
        QueueTask::Install { name, .. } => return of_profile("devices-task-install", name),
        QueueTask::Remove { name, .. } => return of_profile("devices-task-remove", name),
        QueueTask::Wipe => "devices-task-wipe",
        QueueTask::Lock => "devices-task-lock",
        QueueTask::Retire => "devices-task-retire",
        QueueTask::RenewIdentity => "devices-task-identity",
        QueueTask::Describe => "devices-task-describe",
        QueueTask::List => "devices-task-list",
        QueueTask::Synchronise => "devices-task-sync",
    };
    language.text(id)
}
