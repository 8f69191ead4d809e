//! States, derived when somebody asks.

use std::collections::BTreeSet;

use mandate_model::{
    Because, Device, DeviceId, Evidence, Notice, Profile, ProfileId, Reason, State, Status, Target,
    Timestamp, User, UserId,
};
use mandate_store::{DeviceProfileRecord, Session, TargetDevice};

use super::rows::{DeviceRows, Rows};
use crate::access::scope::seen_device;
use crate::delivery::{Detail, REMOVAL_DEADLINE};
use crate::targeting::{Decision, Intent, LastChange, Membership, Standing, decide};
use crate::{Action, Actor, Engine, EngineError, Page};

/// Devices read at a time while looking for those that a profile concerns.
pub(super) const SCAN: u32 = 1000;

/// One profile on one device.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceStatus {
    /// The device.
    pub device: Device,
    /// Its user.
    pub user: Option<User>,
    /// Its state, explained.
    pub status: Status,
    /// Why the profile is wanted there, or not.
    pub because: Because,
    /// Version of the profile that the state is about.
    pub version: i64,
}

/// One profile for one person.
#[derive(Debug, Clone, PartialEq)]
pub struct UserStatus {
    /// The person.
    pub user: User,
    /// The worst state among the person's devices.
    pub state: State,
    /// How many devices of the person it concerns.
    pub devices: i64,
    /// When one of them was last seen.
    pub last_reported_at: Timestamp,
}

/// One profile on a given device, with its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileState {
    /// The profile.
    pub profile: Profile,
    /// Its state, explained.
    pub status: Status,
    /// Why it is wanted, or not.
    pub because: Because,
    /// Each of its settings.
    pub settings: Vec<SettingState>,
}

/// One setting on a given device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingState {
    /// Graph property.
    pub setting: String,
    /// Its state.
    pub state: State,
    /// Why, where it differs from the profile's.
    pub reason: Option<Reason>,
}

/// What a profile is to a device, as far as anybody can know without asking it.
pub(super) struct Finding {
    pub(super) status: Status,
    pub(super) because: Because,
    pub(super) version: i64,
}

/// What is needed to judge devices for one profile.
pub(super) struct Survey<'a> {
    pub(super) profile: &'a Profile,
    pub(super) targets: &'a [Target],
    pub(super) membership: Membership,
    pub(super) intent: &'a Intent,
    pub(super) last_change: LastChange,
    pub(super) now: Timestamp,
    pub(super) deadline_days: i64,
    /// Devices that whoever asks cannot see.
    pub(super) hidden: BTreeSet<DeviceId>,
}

impl Survey<'_> {
    pub(super) fn decide(&self, device: &TargetDevice) -> Decision {
        let standing = Standing {
            user_groups: device.user_id.map(|user| self.membership.of_user(user)),
            device_groups: self.membership.of_device(device.id),
            manager_groups: device
                .manager_id
                .filter(|_| self.profile.kind.needs_user(&self.profile.settings))
                .map(|manager| self.membership.of_user(manager)),
        };
        decide(self.targets, standing, &self.intent.group_names)
    }

    /// The state of a device; `None` if the profile is neither wanted on it nor there. What the device has not yet
    /// been reconciled with counts as pending, unless it is plain that nothing can be made for it.
    pub(super) fn judge(
        &self,
        device: &TargetDevice,
        row: Option<&DeviceProfileRecord>,
    ) -> Option<Finding> {
        if !self.concerns(device) {
            return None;
        }
        let decision = self.decide(device);
        let decision = Decision {
            wanted: decision.wanted && device.state.is_managed(),
            ..decision
        };
        let because = decision.because;
        match (decision.wanted, row) {
            (false, None) => None,
            (false, Some(row)) => {
                let (since, deadline) = if row.wanted {
                    let since = self.unknown_since(device);
                    (since, Some(since.plus(REMOVAL_DEADLINE)))
                } else {
                    (row.since, row.deadline_at)
                };
                let status = self.status(Reason::Removing, since, deadline, evidence(device, row));
                Some(Finding {
                    status,
                    because,
                    version: row.version,
                })
            }
            (true, Some(row)) if self.is_current(device, row.wanted, row.version) => {
                let status = self.status(
                    row.reason.clone(),
                    row.since,
                    row.deadline_at,
                    evidence(device, row),
                );
                Some(Finding {
                    status: Status {
                        notices: notices(row, self.now),
                        ..status
                    },
                    because,
                    version: row.version,
                })
            }
            (true, row) => {
                let reason = self
                    .plain_refusal(device)
                    .unwrap_or(Reason::WaitingForCheckIn);
                let since = self.unknown_since(device);
                let deadline = since.plus(self.deadline_days * Timestamp::DAY);
                let status = self.status(
                    reason,
                    since,
                    Some(deadline),
                    row.and_then(|row| evidence(device, row)),
                );
                Some(Finding {
                    status,
                    because,
                    version: self.profile.version,
                })
            }
        }
    }

    /// Whether a device can have the profile at all, and whoever asks can see it.
    pub(super) fn concerns(&self, device: &TargetDevice) -> bool {
        device.platform == self.profile.kind.platform && !self.hidden.contains(&device.id)
    }

    /// Whether a row says what intent and directory say now.
    pub(super) fn is_current(&self, device: &TargetDevice, wanted: bool, version: i64) -> bool {
        wanted && version == self.profile.version && device.reconciled_in >= self.last_change.number
    }

    /// Since when a device does not know what is wanted: not before the last change of the profile or of the device's
    /// own circumstances, and not before it was last here, when it was told everything.
    pub(super) fn unknown_since(&self, device: &TargetDevice) -> Timestamp {
        self.last_change
            .at
            .max(device.stale_at)
            .max(device.last_seen_at)
    }

    /// What keeps a profile from a device whatever it will say.
    pub(super) fn plain_refusal(&self, device: &TargetDevice) -> Option<Reason> {
        let kind = self.profile.kind;
        if device.user_id.is_none() && kind.needs_user(&self.profile.settings) {
            return Some(match device.manager_id {
                Some(_) => Reason::EnrolledByManager,
                None => Reason::NoUser,
            });
        }
        let version = device
            .os_version
            .filter(|version| *version < kind.minimum_os)?;
        Some(Reason::OsTooOld {
            minimum: kind.minimum_os,
            actual: version.to_string(),
        })
    }

    fn status(
        &self,
        reason: Reason,
        since: Timestamp,
        deadline: Option<Timestamp>,
        evidence: Option<Evidence>,
    ) -> Status {
        let pending = reason.state() == State::Pending;
        // Nothing is wrong with a Mac whose user has not logged in, however long that takes.
        let is_awaited = matches!(reason, Reason::WaitingForLogin { .. });
        let deadline = if is_awaited {
            Some(since.plus(self.deadline_days * Timestamp::DAY))
        } else {
            deadline.filter(|_| pending)
        };
        let passed = deadline.is_some_and(|at| at <= self.now);
        let reason = if passed && !is_awaited {
            Reason::DeadlinePassed
        } else {
            reason
        };
        Status {
            reason,
            since,
            evidence,
            deadline,
            notices: Vec::new(),
        }
    }
}

/// What deserves a word about a row by now; nearly always nothing.
fn notices(row: &DeviceProfileRecord, now: Timestamp) -> Vec<Notice> {
    let mut notices: Vec<Notice> = row
        .detail
        .get("notices")
        .and_then(|notices| serde_json::from_value(notices.clone()).ok())
        .unwrap_or_default();
    notices.retain(|notice| notice.holds_at(now));
    notices
}

/// The list that last said something new about a row, or one that has said the same since.
fn evidence(device: &TargetDevice, row: &DeviceProfileRecord) -> Option<Evidence> {
    let at = row.seen_at?.max(device.inventory_at.unwrap_or_default());
    Some(Evidence {
        at,
        source: "ProfileList".to_owned(),
    })
}

impl Engine {
    /// One profile on each of its devices, by device id.
    pub async fn device_statuses(
        &self,
        actor: &Actor,
        id: ProfileId,
        page: Page<DeviceId>,
    ) -> Result<Vec<DeviceStatus>, EngineError> {
        self.device_statuses_in(actor, id, None, page).await
    }

    /// The same where it is in one state, if one is given.
    pub async fn device_statuses_in(
        &self,
        actor: &Actor,
        id: ProfileId,
        state: Option<State>,
        page: Page<DeviceId>,
    ) -> Result<Vec<DeviceStatus>, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let intent = self.intent_about(&mut session, [id].into_iter()).await?;
        let survey = self.survey(&mut session, actor, &intent, id).await?;
        let (mut found, mut after) = (Vec::new(), page.after);
        loop {
            let devices = session.list_target_devices(after, SCAN).await?;
            let last = devices.last().map(|device| device.id);
            let rows = Rows::between(&mut session, survey.profile, after, last).await?;
            for device in &devices {
                let (seen, row) = rows.of(survey.profile, device);
                let finding = survey.judge(&seen, row);
                let is_meant =
                    |found: &Finding| state.is_none_or(|one| found.status.state() == one);
                let Some(finding) = finding.filter(is_meant) else {
                    continue;
                };
                let Some(record) = session.find_device(device.id).await? else {
                    continue;
                };
                let user = match device.user_id {
                    Some(user) => session.find_user(user).await?,
                    None => None,
                };
                let Finding {
                    status,
                    because,
                    version,
                } = finding;
                found.push(DeviceStatus {
                    device: record.device,
                    user,
                    status,
                    because,
                    version,
                });
                if found.len() == page.limit as usize {
                    return Ok(found);
                }
            }
            match devices.last() {
                Some(last) if devices.len() == SCAN as usize => after = Some(last.id),
                _ => return Ok(found),
            }
        }
    }

    /// One profile for each person whose devices it concerns, by user id.
    pub async fn user_statuses(
        &self,
        actor: &Actor,
        id: ProfileId,
        page: Page<UserId>,
    ) -> Result<Vec<UserStatus>, EngineError> {
        self.user_statuses_in(actor, id, None, page).await
    }

    /// The same for people whose worst state is one, if one is given.
    pub async fn user_statuses_in(
        &self,
        actor: &Actor,
        id: ProfileId,
        state: Option<State>,
        page: Page<UserId>,
    ) -> Result<Vec<UserStatus>, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let people = self.people_of(&mut session, actor, id).await?;
        let wanted = people
            .into_iter()
            .filter(|(user, _)| page.after.is_none_or(|after| *user > after))
            .filter(|(_, summary)| state.is_none_or(|one| summary.state == one));
        let mut found = Vec::new();
        for (user, summary) in wanted.take(page.limit as usize) {
            let Some(user) = session.find_user(user).await? else {
                continue;
            };
            found.push(UserStatus {
                user,
                state: summary.state,
                devices: summary.devices,
                last_reported_at: summary.last_reported_at,
            });
        }
        Ok(found)
    }

    /// Every profile that concerns a device.
    pub async fn profile_states(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Vec<ProfileState>, EngineError> {
        actor.require(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let (record, _) = seen_device(&mut session, actor, Action::DevicesRead, id).await?;
        let scope = actor.scope_among(Action::ProfilesRead, Action::DevicesRead)?;
        let intent = self.intent(&mut session).await?;
        let device = target_device(&record);
        let rows = DeviceRows::read(&mut session, id).await?;
        let membership = Membership::of_one(&mut session, &device).await?;
        let mut states = Vec::new();
        let seen = intent.profiles.values();
        for profile in seen.filter(|profile| scope.shows(&profile.scope_tags)) {
            let survey = self.survey_with(&intent, profile, membership.clone());
            let (seen, row) = rows.of(profile, &device);
            let Some(finding) = survey.judge(&seen, row) else {
                continue;
            };
            let settings = setting_states(profile, &finding.status, row);
            states.push(ProfileState {
                profile: profile.clone(),
                status: finding.status,
                because: finding.because,
                settings,
            });
        }
        Ok(states)
    }

    pub(super) async fn survey<'a>(
        &self,
        session: &mut Session,
        actor: &Actor,
        intent: &'a Intent,
        id: ProfileId,
    ) -> Result<Survey<'a>, EngineError> {
        let profile = reported(actor, intent, id)?;
        let membership = Membership::of_targets(session, intent.targets_of(id)).await?;
        Ok(Survey {
            hidden: hidden_from(session, actor).await?,
            ..self.survey_with(intent, profile, membership)
        })
    }

    fn survey_with<'a>(
        &self,
        intent: &'a Intent,
        profile: &'a Profile,
        membership: Membership,
    ) -> Survey<'a> {
        Survey {
            profile,
            targets: intent.targets_of(profile.id),
            membership,
            intent,
            last_change: intent.last_change(profile),
            now: self.now(),
            deadline_days: self.options().pending_deadline_days,
            hidden: BTreeSet::new(),
        }
    }
}

/// A profile of which the actor may see what became of it.
pub(crate) fn reported<'a>(
    actor: &Actor,
    intent: &'a Intent,
    id: ProfileId,
) -> Result<&'a Profile, EngineError> {
    let not_there = || EngineError::not_found("profile", id);
    let profile = intent.profiles.get(&id).ok_or_else(not_there)?;
    actor.require_among(
        (Action::ProfilesRead, Action::ProfilesViewReports),
        &profile.scope_tags,
        "profile",
        id,
    )?;
    Ok(profile)
}

/// The devices that reports about profiles do not show to the actor.
pub(super) async fn hidden_from(
    session: &mut Session,
    actor: &Actor,
) -> Result<BTreeSet<DeviceId>, EngineError> {
    let scope = actor.scope_among(Action::DevicesRead, Action::ProfilesViewReports)?;
    Ok(session.devices_outside(&scope).await?)
}

fn target_device(record: &mandate_store::DeviceRecord) -> TargetDevice {
    let device = &record.device;
    TargetDevice {
        id: device.id,
        user_id: device.user_id,
        manager_id: device.manager_id,
        platform: device.platform,
        state: device.state,
        os_version: device.os_version(),
        reconciled_in: record.reconciled_in,
        stale_at: record.stale_at,
        inventory_at: record.inventory_at,
        last_seen_at: device.last_seen_at,
    }
}

/// Each setting has the state of its profile, but for those that the device cannot take.
pub(super) fn setting_states(
    profile: &Profile,
    status: &Status,
    row: Option<&DeviceProfileRecord>,
) -> Vec<SettingState> {
    let skipped = row.map(|row| Detail::of(row).skipped).unwrap_or_default();
    let state = |setting: &mandate_model::catalogue::Setting| {
        let skipped = skipped
            .iter()
            .find(|skipped| skipped.setting == setting.property);
        match skipped {
            Some(skipped) => SettingState {
                setting: setting.property.to_owned(),
                state: State::NotApplicable,
                reason: Some(Reason::OsTooOld {
                    minimum: skipped.minimum_os,
                    actual: "an older version".to_owned(),
                }),
            },
            None => SettingState {
                setting: setting.property.to_owned(),
                state: status.state(),
                reason: None,
            },
        }
    };
    profile.kind.settings.iter().map(state).collect()
}
