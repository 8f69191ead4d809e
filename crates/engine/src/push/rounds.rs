//! The rounds of the background: whom to wake, waking them, and tidying up.

use std::collections::BTreeMap;
use std::sync::Arc;

use mandate_model::{DeviceId, Platform, ProfileId, Timestamp};
use mandate_store::{DeviceRecord, Session, TargetDevice, WakeScope, WakeUpRecord};
use uuid::Uuid;

use super::{Push, PushOutcome};
use crate::delivery::Visit;
use crate::pauses::Pauses;
use crate::targeting::{Membership, Standing, decide};
use crate::{Engine, EngineError};

/// Rounds begin each second; one that takes longer than this has died, or hangs.
const LONGEST_ROUND: i64 = 5 * Timestamp::MINUTE;
/// Devices looked at in one round for one change.
const PAGE: u32 = 1000;
/// Pushes in one round.
const BATCH: u32 = 500;
/// Pauses between pushes to a device that does not come: LIF-15 with more patience than a device's battery has.
const PAUSES: Pauses = Pauses(&[Timestamp::HOUR, 6 * Timestamp::HOUR, Timestamp::DAY]);
/// The push service keeps a push for a day; after that it is sent again.
const KEPT_FOR: i64 = Timestamp::DAY;
const UNAVAILABLE_PAUSE: i64 = Timestamp::MINUTE;
const PROBLEM_PAUSE: i64 = 10 * Timestamp::MINUTE;
/// A refused certificate wants a new one; until then a single push now and then finds out whether it was a mistake.
/// The pause between them doubles from this one to the other.
const REFUSED_PAUSE: i64 = Timestamp::HOUR;
const LONGEST_REFUSED_PAUSE: i64 = Timestamp::DAY;
/// Events forgotten in one go, so that nobody waits long for the writer.
const TRIMMED_AT_ONCE: u32 = 5000;
const EXPIRED_CHALLENGES_KEPT: i64 = 7 * Timestamp::DAY;
/// For how long an enrolment link that has expired is still shown: long enough to see why somebody did not get in.
const EXPIRED_LINKS_KEPT: i64 = 30 * Timestamp::DAY;

impl Engine {
    /// Notes that devices have to be woken for a change, in the transaction of the change.
    pub(crate) async fn wake_later(
        &self,
        session: &mut Session,
        scope: WakeScope,
        scope_id: Uuid,
        intent: i64,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let id = self.chance().id(now);
        let record = WakeUpRecord {
            id,
            scope,
            scope_id,
            intent,
            after_device: None,
            created_at: now,
        };
        Ok(session.insert_wake_up(&record).await?)
    }

    /// One round of the background work. Whether there is more to be done at once.
    pub async fn round(&self) -> Result<bool, EngineError> {
        self.cache().meter.beat(self.now());
        self.flush_seen().await?;
        self.refresh_authorities().await?;
        self.refresh_token_keys().await?;
        self.refresh_elsewhere().await?;
        self.complete_authority_reset().await?;
        if self.run_rules().await? {
            return Ok(true);
        }
        // First all changes, then the pushes: several changes are one push.
        if self.spread_wake_ups().await? {
            return Ok(true);
        }
        self.wake_due_devices().await
    }

    /// For how long no round has begun, in seconds, once it is longer than any work explains: the background has
    /// stopped, and nobody is woken any more. `None` as long as all is well, and before the first round.
    pub fn background_silence(&self) -> Option<i64> {
        let silent = self.now().since(self.cache().meter.beat_at()?);
        (silent > LONGEST_ROUND).then_some(silent / Timestamp::SECOND)
    }

    /// What is worth doing now and then: forgets what nobody needs any more.
    pub async fn tidy(&self) -> Result<(), EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        session
            .delete_expired_challenges(now.plus(-EXPIRED_CHALLENGES_KEPT))
            .await?;
        session.delete_expired_grants(now).await?;
        session
            .delete_expired_links(now.plus(-EXPIRED_LINKS_KEPT))
            .await?;
        session.delete_old_visits(now).await?;
        session.commit().await?;
        self.tidy_token_keys().await?;
        self.tidy_sign_in().await?;
        self.expire_actions().await?;
        let before = now.plus(-self.options().history_days * Timestamp::DAY);
        loop {
            let mut session = self.store().write().await?;
            let trimmed = session.trim_history(before, TRIMMED_AT_ONCE).await?;
            session.commit().await?;
            if trimmed < u64::from(TRIMMED_AT_ONCE) {
                return Ok(());
            }
        }
    }

    /// Ends actions that their devices did not come for in time.
    async fn expire_actions(&self) -> Result<(), EngineError> {
        let devices = self
            .store()
            .read()
            .await?
            .devices_with_expired_actions(self.now())
            .await?;
        for device in devices {
            Visit::begin(self, device)
                .await?
                .end_without_contact()
                .await?;
        }
        Ok(())
    }

    /// Writes which devices were seen since the last round.
    pub async fn flush_seen(&self) -> Result<(), EngineError> {
        let seen = std::mem::take(
            &mut *self
                .cache()
                .seen
                .lock()
                .expect("nobody panics while holding it"),
        );
        if seen.is_empty() {
            return Ok(());
        }
        let seen: Vec<(DeviceId, Timestamp)> = seen.into_iter().collect();
        let mut session = self.store().write_recoverable().await?;
        for page in seen.chunks(PAGE as usize) {
            session.touch_devices(page).await?;
        }
        Ok(session.commit().await?)
    }

    /// Marks the next page of devices that a change concerns.
    async fn spread_wake_ups(&self) -> Result<bool, EngineError> {
        let mut session = self.store().read().await?;
        let Some(change) = session.list_wake_ups(1).await?.into_iter().next() else {
            return Ok(false);
        };
        drop(session);
        self.begin_wake_up(&change).await?;
        let mut session = self.store().read().await?;
        let page = session
            .list_target_devices(change.after_device, PAGE)
            .await?;
        let concerned = self.concerned(&mut session, &change, &page).await?;
        let channels = self.channels_concerned(&mut session, &change, &page, &concerned);
        let channels = channels.await?;
        drop(session);
        // Who has been here since knows already.
        let unaware = |id: &DeviceId| {
            page.iter()
                .any(|device| device.id == *id && device.reconciled_in < change.intent)
        };
        let now = self.now();
        let mut session = self.store().write().await?;
        for id in concerned.into_iter().filter(unaware) {
            session.wake_device(id, now).await?;
        }
        for (id, profile) in channels {
            session
                .wake_channels(id, profile, change.intent, now)
                .await?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => {
                session.advance_wake_up(change.id, last.id).await?;
            }
            _ => session.delete_wake_up(change.id).await?,
        }
        session.commit().await?;
        Ok(true)
    }

    /// Marks a change as begun before anything about it is read: a further change after this is not covered by it.
    async fn begin_wake_up(&self, change: &WakeUpRecord) -> Result<(), EngineError> {
        if change.after_device.is_some() {
            return Ok(());
        }
        let mut session = self.store().write().await?;
        session
            .advance_wake_up(change.id, DeviceId(Uuid::nil()))
            .await?;
        Ok(session.commit().await?)
    }

    async fn concerned(
        &self,
        session: &mut Session,
        change: &WakeUpRecord,
        page: &[TargetDevice],
    ) -> Result<Vec<DeviceId>, EngineError> {
        let targets = match change.scope {
            WakeScope::Group => vec![mandate_model::Target::Group(change.scope_id.into())],
            WakeScope::Profile => self
                .intent(session)
                .await?
                .targets_of(change.scope_id.into())
                .to_vec(),
        };
        let membership = Membership::of_targets(session, &targets).await?;
        let names = BTreeMap::new();
        let mut concerned: Vec<DeviceId> = page
            .iter()
            .filter(|device| {
                let standing = Standing {
                    user_groups: device.user_id.map(|user| membership.of_user(user)),
                    device_groups: membership.of_device(device.id),
                    manager_groups: None,
                };
                decide(&targets, standing, &names).wanted
            })
            .map(|device| device.id)
            .collect();
        if change.scope == WakeScope::Profile {
            // Those that have it and are no longer meant.
            let having = session
                .devices_of_profile(change.scope_id.into(), change.after_device, PAGE)
                .await?;
            let last = page.last().map(|device| device.id);
            concerned.extend(
                having
                    .into_iter()
                    .map(|row| row.device_id)
                    .filter(|id| Some(*id) <= last),
            );
        }
        concerned.sort_unstable();
        concerned.dedup();
        Ok(concerned)
    }

    /// Macs whose people's channels are concerned, and of which profile those have to have a row unless all are.
    async fn channels_concerned(
        &self,
        session: &mut Session,
        change: &WakeUpRecord,
        page: &[TargetDevice],
        concerned: &[DeviceId],
    ) -> Result<BTreeMap<DeviceId, Option<ProfileId>>, EngineError> {
        let profile = match change.scope {
            WakeScope::Group => None,
            WakeScope::Profile => Some(ProfileId::from(change.scope_id)),
        };
        let mut channels = BTreeMap::new();
        let Some(last) = page.last().map(|device| device.id) else {
            return Ok(channels);
        };
        let intent = self.intent(session).await?;
        let mut candidates = intent.profiles.values();
        let for_people = candidates.any(|candidate| {
            candidate.is_for_user_channel() && profile.is_none_or(|id| id == candidate.id)
        });
        if let Some(id) = profile {
            let having = session.channel_profiles_between(id, change.after_device, last);
            let having = having.await?.into_iter();
            channels.extend(having.map(|found| (found.parent, profile)));
        }
        if for_people {
            let macs = page
                .iter()
                .filter(|device| device.platform == Platform::MacOs)
                .map(|device| device.id)
                .filter(|id| concerned.binary_search(id).is_ok());
            channels.extend(macs.map(|id| (id, None)));
        }
        Ok(channels)
    }

    /// Pushes to the devices that are due.
    async fn wake_due_devices(&self) -> Result<bool, EngineError> {
        if self.push_problem().is_some() {
            return Ok(false);
        }
        let was_refused = self
            .push_trouble()
            .is_some_and(|trouble| trouble.refusals > 0);
        let limit = if was_refused { 1 } else { BATCH };
        let mut session = self.store().read().await?;
        let due = session.list_due_devices(self.now(), limit).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let push = self.push_connection(&mut session).await?;
        drop(session);
        let full = due.len() == limit as usize;
        let mut outcomes = match push {
            Some(push) => self.push_all(&push, due).await,
            None => return Ok(false),
        };
        // Devices before the channels of people on them, which are younger: as whoever holds both.
        outcomes.sort_by_key(|(device, _)| device.device.id);
        let refused = outcomes.iter().find_map(|(_, outcome)| match outcome {
            PushOutcome::CertificateProblem(reason) => Some(reason.clone()),
            _ => None,
        });
        let more = full && refused.is_none();
        self.judge_certificate(refused, &outcomes);
        let mut session = self.store().write().await?;
        for (device, outcome) in outcomes {
            self.note_push(&mut session, &device, outcome).await?;
        }
        session.commit().await?;
        Ok(more)
    }

    async fn push_all(
        &self,
        push: &Arc<dyn Push>,
        due: Vec<DeviceRecord>,
    ) -> Vec<(DeviceRecord, PushOutcome)> {
        let expires = self.now().plus(KEPT_FOR);
        let mut tasks = tokio::task::JoinSet::new();
        for device in due {
            let push = push.clone();
            tasks.spawn(async move {
                let outcome = match (&device.push_token, &device.push_magic) {
                    (Some(token), Some(magic)) => push.push(token, magic, expires).await,
                    _ => PushOutcome::TokenDead { since: None },
                };
                (device, outcome)
            });
        }
        tasks.join_all().await
    }

    async fn note_push(
        &self,
        session: &mut Session,
        device: &DeviceRecord,
        outcome: PushOutcome,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let id = device.device.id;
        session.note_push(id, now, outcome.word()).await?;
        let (pause, attempts) = match outcome {
            PushOutcome::Delivered | PushOutcome::OurFault(_) => {
                if let PushOutcome::OurFault(reason) = &outcome {
                    tracing::warn!(device.id = %id, "could not wake device {id}: {reason}");
                }
                let attempts = device.wake_attempts + 1;
                (PAUSES.after(attempts), attempts)
            }
            PushOutcome::TokenDead { since }
                if since.is_some_and(|since| since < device.push_token_at) =>
            {
                // It died before this token came, so it was another one.
                (UNAVAILABLE_PAUSE, device.wake_attempts)
            }
            PushOutcome::TokenDead { .. } => {
                tracing::info!(device.id = %id, "device {id} cannot be woken until it sends a new token");
                return Ok(session.set_push_dead(id, device.push_token_at).await?);
            }
            // Said once for all of the round. The device stays due: another certificate is tried at once.
            PushOutcome::CertificateProblem(_) => return Ok(()),
            PushOutcome::Throttled {
                retry_after_seconds,
            } => {
                let doublings =
                    u32::try_from(device.wake_attempts.clamp(0, 10)).unwrap_or_default();
                let own = UNAVAILABLE_PAUSE << doublings;
                let asked =
                    retry_after_seconds.map_or(0, |seconds| i64::from(seconds) * Timestamp::SECOND);
                (own.max(asked), device.wake_attempts + 1)
            }
            PushOutcome::Unavailable(reason) => {
                tracing::warn!("the push service is not available: {reason}");
                (UNAVAILABLE_PAUSE, device.wake_attempts)
            }
        };
        Ok(session
            .set_wake(id, Some(now.plus(pause)), attempts, device.wake_at)
            .await?)
    }

    async fn push_connection(
        &self,
        session: &mut Session,
    ) -> Result<Option<Arc<dyn Push>>, EngineError> {
        let Some(credentials) = self.push_credentials(session).await? else {
            tracing::warn!("devices cannot be woken: {NO_CERTIFICATE}");
            self.stop_pushing(NO_CERTIFICATE.to_owned(), PROBLEM_PAUSE);
            return Ok(None);
        };
        let fingerprint = mandate_pki::sha256(credentials.identity_pem.as_bytes());
        let mut cached = self
            .cache()
            .push
            .lock()
            .expect("nobody panics while holding it");
        if let Some((known, push)) = cached.as_ref()
            && *known == fingerprint
        {
            return Ok(Some(push.clone()));
        }
        match self.gateway().open(credentials) {
            Ok(push) => {
                *cached = Some((fingerprint, push.clone()));
                Ok(Some(push))
            }
            Err(reason) => {
                tracing::error!("no connection to the push service can be made: {reason}");
                self.stop_pushing(reason, PROBLEM_PAUSE);
                Ok(None)
            }
        }
    }

    /// Remembers that the certificate was refused, or forgets it once a push was taken.
    fn judge_certificate(&self, refused: Option<String>, outcomes: &[(DeviceRecord, PushOutcome)]) {
        let before = self.push_trouble();
        if let Some(reason) = refused {
            let refusals = before.as_ref().map_or(0, |before| before.refusals);
            let pause = (REFUSED_PAUSE << refusals.min(10)).min(LONGEST_REFUSED_PAUSE);
            tracing::error!(
                "the push service refuses the push certificate: {reason}; it is tried again in {} hours",
                pause / Timestamp::HOUR
            );
            let since = before
                .filter(|before| before.refusals > 0)
                .map_or_else(|| self.now(), |before| before.since);
            self.note_trouble(Some(PushTrouble {
                reason,
                since,
                next_try: self.now().plus(pause),
                refusals: refusals.saturating_add(1),
            }));
        } else if outcomes
            .iter()
            .any(|(_, outcome)| *outcome == PushOutcome::Delivered)
        {
            if before.is_some_and(|before| before.refusals > 0) {
                tracing::info!("the push service takes the push certificate again");
            }
            self.note_trouble(None);
        }
    }

    /// Why devices cannot be woken at present. It is tried again now and then, and at once with a new certificate.
    pub fn push_problem(&self) -> Option<String> {
        let now = self.now();
        self.push_trouble()
            .filter(|trouble| trouble.next_try > now)
            .map(|trouble| trouble.reason)
    }

    /// What stood in the way of the last push that was tried, until one is taken or the certificate is replaced.
    pub fn push_trouble(&self) -> Option<PushTrouble> {
        self.cache()
            .push_problem
            .lock()
            .expect("nobody panics while holding it")
            .clone()
    }

    fn stop_pushing(&self, reason: String, pause: i64) {
        let now = self.now();
        let since = self
            .push_trouble()
            .filter(|before| before.reason == reason)
            .map_or(now, |before| before.since);
        self.note_trouble(Some(PushTrouble {
            reason,
            since,
            next_try: now.plus(pause),
            refusals: 0,
        }));
    }

    fn note_trouble(&self, trouble: Option<PushTrouble>) {
        *self
            .cache()
            .push_problem
            .lock()
            .expect("nobody panics while holding it") = trouble;
    }
}

/// Why pushing is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTrouble {
    /// What the push service said, or what is missing.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// When it is tried again.
    pub next_try: Timestamp,
    /// How often in succession the certificate was refused.
    pub refusals: u32,
}

const NO_CERTIFICATE: &str = "there is no push certificate";
