//! Evidence: what the device's own lists prove.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{
    Because, CertificateSource, DeviceState, ProfileId, Reason, StoredIdentity, StoredKey,
    Timestamp,
};
use mandate_pki::authority::RevocationReason;
use mandate_store::{CertificateRecord, DeviceProfileRecord, Phase};
use uuid::Uuid;

use super::actions::{ActionKind, ActionState};
use super::hear::turn;
use super::visit::{Fate, Row, may_have_content};
use super::{Detail, SeenProfile, Visit};
use crate::EngineError;
use crate::certificates::pkcs;
use crate::instance::{from_hex, hex};

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
            let carried = row.carries();
            let finding = judge(&mut row.record, found, self.now);
            let lost_for_good = carried && !row.carries();
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
                Finding::Unremarkable if lost_for_good => self.let_certificates_go(id).await?,
                Finding::StillMissing | Finding::Unremarkable | Finding::StillThere => {}
            }
        }
        self.record.inventory_at = Some(self.now);
        self.take_leftovers(&seen);
        self.note_strange_profiles(profiles).await?;
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
        let detail = self.detail(id);
        let has_keys = !detail.certificates.is_empty() || !detail.identities.is_empty();
        if has_keys || detail.carried != detail.sent {
            self.enqueue_question(ActionKind::ListCertificates);
        }
        if detail.is_incomplete {
            let row = self.rows.get_mut(&id).expect("it was judged just now");
            install_again(&mut row.record, self.now);
        }
        if detail.has_had_certificates {
            self.let_certificates_go(id).await?;
            self.plan_renewal(id, &detail).await?;
        }
        Ok(())
    }

    /// Notes when the certificates that are proved to be on the device are to be renewed. What was noted for their
    /// predecessors counts no more.
    async fn plan_renewal(&mut self, id: ProfileId, detail: &Detail) -> Result<(), EngineError> {
        let device = self.record.device.id;
        let issued = self.session.certificates_of_device(device).await?;
        let mut first: Option<Timestamp> = None;
        for spec in &detail.certificates {
            let is_stored = spec.source == CertificateSource::Pkcs;
            let newest = issued.iter().rev().find(|certificate| {
                certificate.revoked_at.is_none()
                    && certificate.slot.as_ref() == Some(&spec.slot.0)
                    && (certificate.purpose == pkcs::PURPOSE) == is_stored
                    && (is_stored || certificate.profile_id == Some(id))
            });
            // One that is missing is due as it was noted.
            let Some(newest) = newest else { return Ok(()) };
            let percentage = spec.renewal_threshold_percentage;
            let at = pkcs::renew_at(newest.issued_at, newest.not_after, percentage);
            first = Some(first.map_or(at, |known| known.min(at)));
        }
        if let Some(row) = self.rows.get_mut(&id) {
            row.record.renew_at = first;
            row.fate = Fate::Write;
        }
        Ok(())
    }

    async fn gone(&mut self, id: ProfileId) -> Result<(), EngineError> {
        let device = self.record.device.id;
        let detail = self.detail(id);
        self.rows.get_mut(&id).expect("it was judged just now").fate = Fate::Delete;
        // It may still be meant for this device, only without anything to be made for it.
        self.forget_reconciliation();
        self.session
            .delete_challenges_of_profile(device, id)
            .await?;
        self.let_certificates_go(id).await?;
        if !detail.identities.is_empty() {
            self.enqueue_question(ActionKind::ListCertificates);
        }
        let name = self.session.profile_name(id).await?.unwrap_or_default();
        self.remember("removed", &name).await
    }

    /// Revokes what a change of one document has left without use: certificates that the device asked for with it and
    /// that are not the newest of a slot it still has; and those whose keys the server made that no document of the
    /// device carries, but for the newest of a slot that is still to be delivered.
    pub(super) async fn let_certificates_go(
        &mut self,
        profile: ProfileId,
    ) -> Result<(), EngineError> {
        let device = self.record.device.id;
        let mut certificates = self.session.certificates_of_device(device).await?;
        certificates.retain(|certificate| certificate.revoked_at.is_none());
        let is_gone = self.rows.get(&profile).is_none_or(|row| !row.carries());
        let asked_for = if is_gone {
            BTreeSet::new()
        } else {
            slots(&self.detail(profile), CertificateSource::Scep)
        };
        let (awaited, carried) = self.stored();
        let mut kept = BTreeSet::new();
        for certificate in certificates.into_iter().rev() {
            let slot = certificate.slot.clone().unwrap_or_default();
            let is_stored = certificate.purpose == pkcs::PURPOSE;
            if !is_stored && certificate.profile_id != Some(profile) {
                continue;
            }
            if is_stored && carried.contains(&hex(&certificate.sha256)) {
                kept.insert((is_stored, slot));
                continue;
            }
            let slots = if is_stored { &awaited } else { &asked_for };
            let is_used = slots.contains(&slot);
            let is_newest = kept.insert((is_stored, slot));
            if is_newest && is_used {
                continue;
            }
            let reason = if is_newest {
                RevocationReason::CessationOfOperation
            } else {
                RevocationReason::Superseded
            };
            self.session
                .revoke_certificate(&certificate.sha256, self.now, i64::from(reason.code()))
                .await?;
        }
        self.session.delete_revoked_certificate_keys(device).await?;
        Ok(())
    }

    /// The slots whose keys the server makes and that a document is still to bring, and the certificates that the
    /// documents may carry, by SHA-256. A document that is there as it should be brings nothing more.
    fn stored(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut awaited, mut carried) = (BTreeSet::new(), BTreeSet::new());
        for row in self.rows.values().filter(|row| row.carries()) {
            let detail = Detail::of(&row.record);
            let is_at_rest =
                row.record.phase == Phase::Settled && row.record.reason == Reason::Present;
            if !is_at_rest || detail.is_incomplete {
                awaited.extend(slots(&detail, CertificateSource::Pkcs));
            }
            // What was refused carries nothing.
            if may_have_content(&row.record) {
                carried.extend(detail.carried);
            }
        }
        (awaited, carried)
    }

    /// What was sent last with a document is all that it carries once the device's own list shows it. Where an earlier
    /// version is there as it should be, because the edit that made the last one was taken back, it carries what the list
    /// shows.
    async fn hear_carried(&mut self, present: &BTreeSet<&[u8]>) -> Result<(), EngineError> {
        let shows = |sha256: &String| {
            from_hex(sha256).is_some_and(|sha256| present.contains(sha256.as_slice()))
        };
        let mut changed = None;
        for (id, row) in &mut self.rows {
            let mut detail = Detail::of(&row.record);
            let is_proved =
                row.record.phase == Phase::Settled && row.record.reason == Reason::Present;
            if !is_proved || detail.carried == detail.sent {
                continue;
            }
            let is_earlier = detail.sent_as.is_some() && detail.sent_as != row.record.present_uuid;
            let carried = detail.carried.iter();
            let there: BTreeSet<String> = carried.filter(|one| shows(one)).cloned().collect();
            if is_earlier && !there.is_empty() {
                detail.sent = there;
                detail.sent_as = row.record.present_uuid;
            } else if !detail.sent.iter().all(shows) {
                continue;
            }
            detail.carried.clone_from(&detail.sent);
            row.record.detail = detail.to_map();
            row.fate = Fate::Write;
            changed = Some(*id);
        }
        match changed {
            Some(id) => self.let_certificates_go(id).await,
            None => Ok(()),
        }
    }

    fn detail(&self, id: ProfileId) -> Detail {
        self.rows
            .get(&id)
            .map(|row| Detail::of(&row.record))
            .unwrap_or_default()
    }

    /// Notes which certificates of ours are there. One that was there and is not any more, because the user deleted it
    /// by hand, is delivered again with its profile; one that no list ever showed is not, or there were no end to it.
    pub(super) async fn hear_certificates(
        &mut self,
        present: &[[u8; 32]],
    ) -> Result<(), EngineError> {
        let device = self.record.device.id;
        let present: BTreeSet<&[u8]> = present.iter().map(<[u8; 32]>::as_slice).collect();
        let before = self.session.sightings_of_device(device).await?;
        let is_lost = |sha256: &[u8]| before.contains(sha256) && !present.contains(sha256);
        let issued = self.session.certificates_of_device(device).await?;
        let lost: Vec<&CertificateRecord> = newest(&issued, self.now)
            .into_iter()
            .filter(|certificate| is_lost(&certificate.sha256))
            .collect();
        let now = self.now;
        let mut expected: BTreeSet<&[u8]> = issued
            .iter()
            .map(|certificate| certificate.sha256.as_slice())
            .collect();
        let details: BTreeMap<ProfileId, Detail> = self
            .rows
            .iter()
            .map(|(id, row)| (*id, Detail::of(&row.record)))
            .collect();
        let imported: BTreeMap<ProfileId, Vec<Vec<u8>>> = details
            .iter()
            .map(|(id, detail)| (*id, detail.identities.iter().filter_map(imported).collect()))
            .collect();
        expected.extend(imported.values().flatten().map(Vec::as_slice));
        for (id, row) in &mut self.rows {
            let is_there = row.record.wanted
                && row.record.phase == Phase::Settled
                && row.record.reason == Reason::Present;
            let stored = slots(&details[id], CertificateSource::Pkcs);
            let lost_here = |certificate: &&CertificateRecord| {
                let slot = certificate.slot.as_deref().unwrap_or_default();
                certificate.purpose == pkcs::PURPOSE && stored.contains(slot)
            };
            let asked_for = lost.iter().any(|certificate| {
                certificate.purpose != pkcs::PURPOSE && certificate.profile_id == Some(*id)
            });
            let stored =
                lost.iter().any(lost_here) || imported[id].iter().any(|sha256| is_lost(sha256));
            if !(asked_for || stored) {
                continue;
            }
            if !is_there {
                let detail = Detail {
                    is_incomplete: true,
                    ..details[id].clone()
                };
                row.record.detail = detail.to_map();
                row.fate = Fate::Write;
            } else if asked_for {
                row.record.renew_at = Some(now);
                row.fate = Fate::Write;
            } else {
                // Nothing new has to be made: the same document is installed again.
                install_again(&mut row.record, now);
                row.fate = Fate::Write;
            }
        }
        self.hear_carried(&present).await?;
        let seen: Vec<[u8; 32]> = expected
            .into_iter()
            .filter(|sha256| present.contains(sha256))
            .filter_map(|sha256| sha256.try_into().ok())
            .collect();
        Ok(self.session.replace_sightings(device, &seen, now).await?)
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
        self.session.end_notices_of_device(device, now).await?;
        let reason = i64::from(RevocationReason::CessationOfOperation.code());
        self.session
            .revoke_certificates_of_device(device, now, reason)
            .await?;
        self.session.delete_revoked_certificate_keys(device).await?;
        self.session.delete_sightings_of_device(device).await?;
        self.engine
            .end_channels(&mut self.session, &self.record, state)
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

/// The newest certificate of each slot that is good.
fn newest(issued: &[CertificateRecord], now: Timestamp) -> Vec<&CertificateRecord> {
    let mut newest = BTreeMap::new();
    for certificate in issued {
        if certificate.revoked_at.is_none() && certificate.not_after > now {
            let place = (certificate.profile_id, certificate.slot.as_deref());
            newest.insert(place, certificate);
        }
    }
    newest.into_values().collect()
}

/// What is on the device is not whole.
fn install_again(record: &mut DeviceProfileRecord, now: Timestamp) {
    record.phase = Phase::Install;
    record.attempts = 0;
    record.due_at = None;
    record.present_hash = None;
    record.deadline_at = Some(now.plus(REMOVAL_DEADLINE));
    turn(record, Reason::WaitingForCheckIn, now);
}

/// The slots of a document whose keys are made by the device, or by the server.
fn slots(detail: &Detail, source: CertificateSource) -> BTreeSet<String> {
    detail
        .certificates
        .iter()
        .filter(|spec| spec.source == source)
        .map(|spec| spec.slot.0.clone())
        .collect()
}

/// SHA-256 of an imported certificate that a document carries.
fn imported(identity: &StoredIdentity) -> Option<Vec<u8>> {
    match &identity.key {
        StoredKey::Imported(sha256) => from_hex(sha256),
        StoredKey::Issued(_) => None,
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
        // The row may live on with a reason why nothing can be made: it must not remember what is not there.
        row.present_uuid = None;
        row.present_hash = None;
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
