//! What a device is still to do, and why it has not done it yet.

use mandate_model::{DeviceId, ProfileId, Timestamp};
use mandate_store::{ActionRecord, DeviceProfileRecord, DeviceRecord, Phase, Scope, Session};

use crate::access::scope::seen_device;
use crate::delivery::{ActionKind, ActionState};
use crate::targeting::Intent;
use crate::{Action, Actor, Engine, EngineError};

/// What waits for a device, in the order in which it is told, and how it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceQueue {
    /// How the device is woken.
    pub calls: Calls,
    /// What waits; what is for people on a Mac stands behind what is for the Mac.
    pub items: Vec<QueueItem>,
}

/// How a device is woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Whether it can be.
    pub token: PushToken,
    /// The last push and what became of it.
    pub last: Option<(Timestamp, PushResult)>,
    /// Pushes since it was last here.
    pub attempts: i64,
    /// When the next one is due, unless it comes before.
    pub next: Option<Timestamp>,
    /// When it was last here.
    pub last_seen_at: Timestamp,
}

/// Whether a device can be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushToken {
    /// It has sent no token.
    Missing,
    /// It can be.
    Good,
    /// The push service says that its token is no longer good.
    Dead,
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushResult {
    /// The push service took it; whether it reached the device is not told.
    Delivered,
    /// The token is no longer good.
    TokenDead,
    /// The push certificate was refused.
    CertificateRefused,
    /// Too many to this device.
    Throttled,
    /// The push service refused it for a reason of ours.
    Fault,
    /// The push service could not be reached.
    Unavailable,
}

/// Something that waits for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueItem {
    /// What it is to do.
    pub task: QueueTask,
    /// The person whose channel on a Mac it is for, by the short name there.
    pub channel: Option<String>,
    /// How far it is.
    pub stage: QueueStage,
    /// Since when it waits.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// Not before this.
    pub next_try: Option<Timestamp>,
    /// Not after this.
    pub expires_at: Option<Timestamp>,
    /// Who asked for it; none if that was the server.
    pub requested_by: Option<String>,
}

/// What a device is to do. The order is that in which it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueTask {
    /// Erase everything.
    Wipe,
    /// Lock the screen.
    Lock,
    /// Remove its management.
    Retire,
    /// Take a new identity.
    RenewIdentity,
    /// Tell about itself, or about its security.
    Describe,
    /// Remove a profile.
    Remove {
        /// The profile.
        profile: ProfileId,
        /// Its name, if it still exists and the asker sees it.
        name: Option<String>,
    },
    /// Install a profile, or a new version of it.
    Install {
        /// The profile.
        profile: ProfileId,
        /// Its name, if the asker sees it.
        name: Option<String>,
    },
    /// List its profiles or certificates.
    List,
    /// Synchronise, which is done once the lists were read.
    Synchronise,
}

/// How far something is that waits for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueStage {
    /// The device is told when it comes.
    Waiting,
    /// It was tried in vain and is tried again later.
    Paused,
    /// Sent; the device has not answered.
    Sent,
    /// The device answered that it cannot now, as a locked phone does.
    NotNow,
    /// The device says that it is done; its list is to prove it.
    Checking,
}

/// Who looks, and when.
struct Viewer<'a> {
    intent: &'a Intent,
    profiles: Scope,
    now: Timestamp,
}

impl Engine {
    /// What waits for a device, and how it is called.
    pub async fn device_queue(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<DeviceQueue, EngineError> {
        let mut session = self.store().read().await?;
        let (record, _) = seen_device(&mut session, actor, Action::DevicesRead, id).await?;
        let intent = self.intent(&mut session).await?;
        let viewer = Viewer {
            intent: &intent,
            profiles: actor.scope_among(Action::ProfilesRead, Action::DevicesRead)?,
            now: self.now(),
        };
        let last = session.last_push(id).await?;
        let calls = Calls {
            token: match record.push_state.as_str() {
                "ok" => PushToken::Good,
                "dead" => PushToken::Dead,
                _ => PushToken::Missing,
            },
            last: last.and_then(|(at, word)| Some((at, PushResult::parse(&word)?))),
            attempts: record.wake_attempts,
            next: record.wake_at,
            last_seen_at: record.device.last_seen_at,
        };
        let mut items = viewer.items(&mut session, &record).await?;
        for channel in session.channels_of_device(id).await? {
            items.extend(viewer.items(&mut session, &channel).await?);
        }
        Ok(DeviceQueue { calls, items })
    }
}

impl Viewer<'_> {
    /// What waits for a device, or for the channel of a person on one.
    async fn items(
        &self,
        session: &mut Session,
        record: &DeviceRecord,
    ) -> Result<Vec<QueueItem>, EngineError> {
        let channel = record.channel.as_ref();
        let channel = channel.map(|channel| {
            let name = channel.short_name.clone();
            name.unwrap_or_else(|| channel.user.clone())
        });
        let rows = session.profiles_of_device(record.device.id).await?;
        let actions = session.actions_of_device(record.device.id).await?;
        // A device that is to go is told nothing else.
        let is_managed = record.device.state.is_managed();
        let rows = rows.iter().filter(|_| is_managed);
        let mut items: Vec<QueueItem> = rows
            .filter_map(|row| self.of_profile(row))
            .chain(actions.iter().filter_map(|action| self.of_action(action)))
            .collect();
        for item in &mut items {
            item.channel.clone_from(&channel);
        }
        items.sort_by(|one, other| (&one.task, one.since).cmp(&(&other.task, other.since)));
        Ok(items)
    }

    fn of_profile(&self, row: &DeviceProfileRecord) -> Option<QueueItem> {
        let profile = row.profile_id;
        let known = self.intent.profiles.get(&profile);
        let name = known
            .filter(|profile| self.profiles.shows(&profile.scope_tags))
            .map(|profile| profile.display_name.clone());
        let install = QueueTask::Install {
            profile,
            name: name.clone(),
        };
        let remove = QueueTask::Remove { profile, name };
        let (task, stage) = match row.phase {
            Phase::Settled => return None,
            Phase::Install => (install, self.waiting(row.due_at)),
            Phase::Installing => (install, QueueStage::Sent),
            Phase::InstallLater => (install, QueueStage::NotNow),
            Phase::Verify => (install, QueueStage::Checking),
            Phase::Remove => (remove, self.waiting(row.due_at)),
            Phase::Removing => (remove, QueueStage::Sent),
            Phase::RemoveLater => (remove, QueueStage::NotNow),
            Phase::VerifyGone => (remove, QueueStage::Checking),
        };
        Some(QueueItem {
            task,
            channel: None,
            stage,
            since: row.since,
            attempts: row.attempts,
            next_try: row.due_at.filter(|at| *at > self.now),
            expires_at: None,
            requested_by: None,
        })
    }

    fn of_action(&self, record: &ActionRecord) -> Option<QueueItem> {
        let kind = ActionKind::parse(&record.kind)?;
        let task = match kind {
            ActionKind::Erase => QueueTask::Wipe,
            ActionKind::Lock => QueueTask::Lock,
            ActionKind::RemoveManagement => QueueTask::Retire,
            ActionKind::RenewIdentity => QueueTask::RenewIdentity,
            ActionKind::DescribeDevice
            | ActionKind::DescribeSecurity
            | ActionKind::ConfirmConfigured => QueueTask::Describe,
            ActionKind::ListProfiles | ActionKind::ListCertificates => QueueTask::List,
            ActionKind::Synchronise => QueueTask::Synchronise,
        };
        let stage = match ActionState::parse(&record.state) {
            ActionState::Queued => self.waiting(record.due_at),
            ActionState::Sent => QueueStage::Sent,
            ActionState::PutOff => QueueStage::NotNow,
            ActionState::Done | ActionState::Failed | ActionState::Expired => return None,
        };
        Some(QueueItem {
            task,
            channel: None,
            stage,
            since: record.created_at,
            attempts: record.attempts,
            next_try: record.due_at.filter(|at| *at > self.now),
            expires_at: record.expires_at,
            requested_by: Some(record.requested_by.clone()).filter(|name| name != "system"),
        })
    }

    fn waiting(&self, due_at: Option<Timestamp>) -> QueueStage {
        if due_at.is_some_and(|at| at > self.now) {
            QueueStage::Paused
        } else {
            QueueStage::Waiting
        }
    }
}

impl PushResult {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "delivered" => Self::Delivered,
            "tokenDead" => Self::TokenDead,
            "certificateRefused" => Self::CertificateRefused,
            "throttled" => Self::Throttled,
            "fault" => Self::Fault,
            "unavailable" => Self::Unavailable,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PushOutcome;

    #[test]
    fn every_outcome_of_a_push_is_read_back() {
        let outcomes = [
            (PushOutcome::Delivered, PushResult::Delivered),
            (
                PushOutcome::TokenDead { since: None },
                PushResult::TokenDead,
            ),
            (
                PushOutcome::CertificateProblem(String::new()),
                PushResult::CertificateRefused,
            ),
            (
                PushOutcome::Throttled {
                    retry_after_seconds: None,
                },
                PushResult::Throttled,
            ),
            (PushOutcome::OurFault(String::new()), PushResult::Fault),
            (
                PushOutcome::Unavailable(String::new()),
                PushResult::Unavailable,
            ),
        ];
        for (outcome, result) in outcomes {
            assert_eq!(PushResult::parse(outcome.word()), Some(result));
        }
        assert_eq!(PushResult::parse("moon"), None);
    }

    #[test]
    fn what_protects_data_stands_first() {
        let install = QueueTask::Install {
            profile: ProfileId(uuid::Uuid::nil()),
            name: None,
        };
        let mut tasks = [QueueTask::List, install.clone(), QueueTask::Wipe];
        tasks.sort();
        assert_eq!(tasks, [QueueTask::Wipe, install, QueueTask::List]);
    }
}
