//! Evidence: what the device's own lists prove.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Because, DeviceState, ProfileId, Reason, Timestamp};
use mandate_pki::authority::RevocationReason;
use mandate_store::{DeviceProfileRecord, Phase};
use uuid::Uuid;

use super::actions::{ActionKind, ActionState};
use super::hear::turn;
use super::visit::{Fate, Row};
use super::{Detail, SeenProfile, Visit};
use crate::EngineError;

/// After so many acknowledgements without proof the state is an error.
const TRIES_WITHOUT_PROOF: i64 = 3;
const PAUSE_WITHOUT_PROOF: i64 = Timestamp::HOUR;
/// A pending state lasts no longer than this after the profile changed.
pub(crate) const REMOVAL_DEADLINE: i64 = 7 * Timestamp::DAY;

/// Whether the list names a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sighting {
    /// Not at all.
    Absent,
    /// In this version; `None` if it is none of ours.
    Present(Option<Uuid>),
}

impl Sighting {
    const fn version(self) -> Option<Uuid> {
        match self {
            Self::Absent => None,
            Self::Present(version) => version,
        }
    }
}

/// What the list says of one row.
enum Finding {
    Proved,
    StillMissing,
    Vanished,
    Unremarkable,
    Gone,
    StillThere,
}

impl Visit<'_> {
    /// Compares the device's profile list with what it should have.
    pub(super) async fn hear_profiles(
        &mut self,
        profiles: &[SeenProfile],
    ) -> Result<(), EngineError> {
        let seen: BTreeMap<&str, Option<Uuid>> = profiles
            .iter()
            .map(|profile| (profile.identifier.as_str(), profile.uuid))
            .collect();
        let ids: Vec<ProfileId> = self.rows.keys().copied().collect();
        for id in ids {
            let row = self.rows.get_mut(&id).expect("its id was listed just now");
            let before = row.record.clone();
            let found = seen.get(row.record.identifier.as_str());
            let found = found.map_or(Sighting::Absent, |version| Sighting::Present(*version));
            let finding = judge(&mut row.record, found, self.now);
            if row.record != before {
                row.record.seen_at = Some(self.now);
                row.fate = Fate::Write;
            }
            match finding {
                Finding::Proved => self.proved(id).await?,
                Finding::Gone => self.gone(id).await?,
                Finding::Vanished => {
                    self.remember("vanished", "a profile is no longer on the device")
                        .await?;
                }
                Finding::StillMissing | Finding::Unremarkable | Finding::StillThere => {}
            }
        }
        self.record.inventory_at = Some(self.now);
        self.take_leftovers(&seen);
        let now = self.now;
        for action in self
            .actions
            .iter_mut()
            .filter(|action| action.is_open() && action.kind == ActionKind::Synchronise)
        {
            action.set(ActionState::Done, now);
        }
        Ok(())
    }

    /// What replaced certificates left behind is revoked once the replacement is proved.
    async fn proved(&mut self, id: ProfileId) -> Result<(), EngineError> {
        let intent = self.intent().await?;
        let name = intent
            .profiles
            .get(&id)
            .map_or_else(String::new, |profile| profile.display_name.clone());
        self.remember("delivered", &name).await?;
        let has_certificates = self
            .rows
            .get(&id)
            .is_some_and(|row| !Detail::of(&row.record).certificates.is_empty());
        if has_certificates {
            self.revoke_superseded(id).await
        } else {
            Ok(())
        }
    }

    async fn gone(&mut self, id: ProfileId) -> Result<(), EngineError> {
        let device = self.record.device.id;
        self.rows.get_mut(&id).expect("it was judged just now").fate = Fate::Delete;
        // It may still be meant for this device, only without anything to be made for it.
        self.forget_reconciliation();
        self.session
            .delete_challenges_of_profile(device, id)
            .await?;
        let reason = i64::from(RevocationReason::CessationOfOperation.code());
        self.session
            .revoke_certificates_of_profile(device, id, self.now, reason)
            .await?;
        let name = self.session.profile_name(id).await?.unwrap_or_default();
        self.remember("removed", &name).await
    }

    /// Keeps the newest certificate of each slot and revokes those it replaced.
    async fn revoke_superseded(&mut self, profile: ProfileId) -> Result<(), EngineError> {
        let mut certificates = self
            .session
            .certificates_of_device(self.record.device.id)
            .await?;
        certificates.retain(|certificate| {
            certificate.profile_id == Some(profile) && certificate.revoked_at.is_none()
        });
        let mut kept = BTreeSet::new();
        for certificate in certificates.into_iter().rev() {
            if !kept.insert(certificate.slot.clone()) {
                let reason = i64::from(RevocationReason::Superseded.code());
                self.session
                    .revoke_certificate(&certificate.sha256, self.now, reason)
                    .await?;
            }
        }
        Ok(())
    }

    /// A certificate that the user deleted by hand is issued again with its profile.
    pub(super) async fn hear_certificates(
        &mut self,
        present: &[[u8; 32]],
    ) -> Result<(), EngineError> {
        let issued = self
            .session
            .certificates_of_device(self.record.device.id)
            .await?;
        let missing: BTreeSet<ProfileId> = issued
            .iter()
            .filter(|certificate| {
                certificate.revoked_at.is_none() && certificate.not_after > self.now
            })
            .filter(|certificate| {
                !present
                    .iter()
                    .any(|seen| seen.as_slice() == certificate.sha256.as_slice())
            })
            .filter_map(|certificate| certificate.profile_id)
            .collect();
        for id in missing {
            let Some(row) = self.rows.get_mut(&id) else {
                continue;
            };
            if row.record.wanted
                && row.record.phase == Phase::Settled
                && row.record.reason == Reason::Present
            {
                row.record.renew_at = Some(self.now);
                row.fate = Fate::Write;
            }
        }
        Ok(())
    }

    /// Profiles of ours that nobody remembers, as after a restored backup, are to go.
    fn take_leftovers(&mut self, seen: &BTreeMap<&str, Option<Uuid>>) {
        let prefix = format!("{}.profile.", self.engine.endpoints().identifier_prefix);
        for (identifier, uuid) in seen {
            let Some(id) = identifier
                .strip_prefix(&prefix)
                .and_then(|id| id.parse::<ProfileId>().ok())
            else {
                continue;
            };
            let (device, now) = (self.record.device.id, self.now);
            self.rows.entry(id).or_insert_with(|| Row {
                record: leftover(device, id, identifier, *uuid, now),
                fate: Fate::Write,
            });
        }
    }

    /// Ends the management of a device: nothing is wanted on it any more, and nothing of it can be used any more.
    pub(crate) async fn finish(
        &mut self,
        state: DeviceState,
        event: &str,
    ) -> Result<(), EngineError> {
        let device = self.record.device.id;
        for row in self.rows.values_mut() {
            row.fate = Fate::Delete;
        }
        let now = self.now;
        for action in self.actions.iter_mut().filter(|action| action.is_open()) {
            action.set(ActionState::Failed, now);
        }
        self.session.delete_challenges_of_device(device).await?;
        let reason = i64::from(RevocationReason::CessationOfOperation.code());
        self.session
            .revoke_certificates_of_device(device, now, reason)
            .await?;
        self.record.device.state = state;
        self.record.unlock_token = None;
        self.record.push_token = None;
        self.record.push_magic = None;
        "none".clone_into(&mut self.record.push_state);
        self.device_changed();
        self.remember(event, "").await
    }
}

fn judge(row: &mut DeviceProfileRecord, found: Sighting, now: Timestamp) -> Finding {
    row.sent_at = None;
    if row.wanted {
        judge_wanted(row, found, now)
    } else {
        judge_unwanted(row, found, now)
    }
}

fn judge_wanted(row: &mut DeviceProfileRecord, found: Sighting, now: Timestamp) -> Finding {
    let Some(wanted) = row.wanted_uuid else {
        // Nothing can be made for this device at present; what it has is only noted.
        row.present_uuid = found.version();
        return Finding::Unremarkable;
    };
    if found == Sighting::Present(Some(wanted)) {
        let is_news = row.reason != Reason::Present || row.phase != Phase::Settled;
        row.present_uuid = Some(wanted);
        row.present_hash.clone_from(&row.wanted_hash);
        row.phase = Phase::Settled;
        row.attempts = 0;
        row.due_at = None;
        row.deadline_at = None;
        turn(row, Reason::Present, now);
        return if is_news {
            Finding::Proved
        } else {
            Finding::Unremarkable
        };
    }
    row.present_uuid = found.version();
    row.present_hash = None;
    match row.phase {
        Phase::Verify => {
            row.attempts += 1;
            row.phase = Phase::Install;
            if row.attempts >= TRIES_WITHOUT_PROOF {
                row.due_at = Some(now.plus(PAUSE_WITHOUT_PROOF));
                row.deadline_at = None;
                turn(row, Reason::NotInInventory, now);
            }
            Finding::StillMissing
        }
        Phase::Settled => {
            row.phase = Phase::Install;
            row.attempts = 0;
            row.due_at = None;
            row.deadline_at = Some(now.plus(REMOVAL_DEADLINE));
            turn(row, Reason::WaitingForCheckIn, now);
            Finding::Vanished
        }
        _ => Finding::Unremarkable,
    }
}

fn judge_unwanted(row: &mut DeviceProfileRecord, found: Sighting, now: Timestamp) -> Finding {
    let Sighting::Present(uuid) = found else {
        return Finding::Gone;
    };
    row.present_uuid = uuid;
    if row.phase == Phase::VerifyGone {
        row.attempts += 1;
        row.phase = Phase::Remove;
        row.due_at = (row.attempts >= TRIES_WITHOUT_PROOF).then(|| now.plus(PAUSE_WITHOUT_PROOF));
    }
    Finding::StillThere
}

fn leftover(
    device_id: mandate_model::DeviceId,
    profile_id: ProfileId,
    identifier: &str,
    uuid: Option<Uuid>,
    now: Timestamp,
) -> DeviceProfileRecord {
    DeviceProfileRecord {
        device_id,
        profile_id,
        wanted: false,
        phase: Phase::Remove,
        reason: Reason::Removing,
        because: Because::NotIncluded,
        since: now,
        deadline_at: Some(now.plus(REMOVAL_DEADLINE)),
        version: 0,
        identifier: identifier.to_owned(),
        wanted_uuid: None,
        wanted_hash: None,
        present_uuid: uuid,
        present_hash: None,
        seen_at: Some(now),
        sent_at: None,
        command_id: None,
        attempts: 0,
        due_at: None,
        renew_at: None,
        detail: serde_json::Map::new(),
    }
}
