//! Counts over all devices of a profile.

use std::collections::BTreeMap;

use mandate_model::{ProfileId, State, Timestamp, UserId};
use mandate_store::{ProfileCounts, Session};
use serde::Serialize;

use super::rows::{Rows, counts};
use super::statuses::{SCAN, Survey, setting_states};
use crate::delivery::REMOVAL_DEADLINE;
use crate::{Action, Actor, Engine, EngineError};

/// How many are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Seen in the inventory.
    pub succeeded: i64,
    /// Something is wrong.
    pub error: i64,
    /// Two things want the same place.
    pub conflict: i64,
    /// On their way.
    pub pending: i64,
    /// Not for these.
    pub not_applicable: i64,
}

impl Counts {
    fn add(&mut self, state: State) {
        match state {
            State::Succeeded => self.succeeded += 1,
            State::Error => self.error += 1,
            State::Conflict => self.conflict += 1,
            State::Pending => self.pending += 1,
            State::NotApplicable => self.not_applicable += 1,
        }
    }
}

/// A profile at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusOverview {
    /// Devices by state.
    pub devices: Counts,
    /// People by the worst state of their devices.
    pub users: Counts,
    /// Version of the profile.
    pub version: i64,
    /// When this was counted.
    pub updated_at: Timestamp,
}

/// One setting over all devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingSummary {
    /// Graph property.
    pub setting: String,
    /// Devices by state.
    pub counts: Counts,
}

/// What a profile is to one person.
#[derive(Debug, Clone, Copy)]
pub(super) struct PersonSummary {
    pub(super) state: State,
    pub(super) devices: i64,
    pub(super) last_reported_at: Timestamp,
}

impl Engine {
    /// A profile at a glance.
    pub async fn status_overview(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<StatusOverview, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let (devices, people, version) = self.count(&mut session, actor, id).await?;
        let mut users = Counts::default();
        for person in people.values() {
            users.add(person.state);
        }
        Ok(StatusOverview {
            devices,
            users,
            version,
            updated_at: self.now(),
        })
    }

    /// Each setting of a profile over all its devices.
    pub async fn setting_states(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<Vec<SettingSummary>, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let intent = self.intent_about(&mut session, [id].into_iter()).await?;
        let survey = self.survey(&mut session, actor, &intent, id).await?;
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        let mut after = None;
        loop {
            let devices = session.list_target_devices(after, SCAN).await?;
            let Some(last) = devices.last().map(|device| device.id) else {
                break;
            };
            let rows = Rows::between(&mut session, survey.profile, after, Some(last)).await?;
            for device in &devices {
                let (seen, row) = rows.of(survey.profile, device);
                let Some(finding) = survey.judge(&seen, row) else {
                    continue;
                };
                for setting in setting_states(survey.profile, &finding.status, row) {
                    counts
                        .entry(setting.setting)
                        .or_default()
                        .add(setting.state);
                }
            }
            after = Some(last);
        }
        Ok(counts
            .into_iter()
            .map(|(setting, counts)| SettingSummary { setting, counts })
            .collect())
    }

    pub(super) async fn people_of(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<BTreeMap<UserId, PersonSummary>, EngineError> {
        Ok(self.count(session, actor, id).await?.1)
    }

    async fn count(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<(Counts, BTreeMap<UserId, PersonSummary>, i64), EngineError> {
        let intent = self.intent_about(session, [id].into_iter()).await?;
        let survey = self.survey(session, actor, &intent, id).await?;
        let rows = counts(session, survey.profile).await?;
        let mut states = Counts::default();
        let mut people: BTreeMap<UserId, PersonSummary> = BTreeMap::new();
        for device in session.list_target_devices(None, u32::MAX).await? {
            let row = rows.get(&device.id);
            let reconciled_in = row.and_then(|(_, reconciled_in)| *reconciled_in);
            let seen = mandate_store::TargetDevice {
                reconciled_in: reconciled_in.unwrap_or(device.reconciled_in),
                ..device.clone()
            };
            let Some(state) = survey.state(&seen, row.map(|(row, _)| row)) else {
                continue;
            };
            states.add(state);
            let Some(user) = device.user_id else { continue };
            let person = people.entry(user).or_insert(PersonSummary {
                state,
                devices: 0,
                last_reported_at: device.last_seen_at,
            });
            person.devices += 1;
            person.state = worse(person.state, state);
            person.last_reported_at = person.last_reported_at.max(device.last_seen_at);
        }
        Ok((states, people, survey.profile.version))
    }
}

impl Survey<'_> {
    /// The state alone, from the few columns that a count reads; says the same as [`Survey::judge`].
    fn state(
        &self,
        device: &mandate_store::TargetDevice,
        row: Option<&ProfileCounts>,
    ) -> Option<State> {
        if !self.concerns(device) {
            return None;
        }
        let in_time = |state: State, deadline: Option<Timestamp>| {
            let passed = state == State::Pending && deadline.is_some_and(|at| at <= self.now);
            if passed { State::Error } else { state }
        };
        match (self.decide(device).wanted, row) {
            (false, None) => None,
            (false, Some(row)) => {
                let unknown = self.unknown_since(device).plus(REMOVAL_DEADLINE);
                let deadline = if row.wanted {
                    Some(unknown)
                } else {
                    row.deadline_at
                };
                Some(in_time(State::Pending, deadline))
            }
            (true, Some(row)) if self.is_current(device, row.wanted, row.version) => {
                Some(in_time(row.state, row.deadline_at))
            }
            (true, _) => Some(self.plain_refusal(device).map_or_else(
                || {
                    let since = self.unknown_since(device);
                    in_time(
                        State::Pending,
                        Some(since.plus(self.deadline_days * Timestamp::DAY)),
                    )
                },
                |reason| reason.state(),
            )),
        }
    }
}

/// Of two states the one that somebody should look at first.
fn worse(one: State, other: State) -> State {
    let rank = |state| match state {
        State::Error => 4,
        State::Conflict => 3,
        State::Pending => 2,
        State::Succeeded => 1,
        State::NotApplicable => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}
