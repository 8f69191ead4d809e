//! What a device should have, compared with what it has.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{
    AccountKey, Because, CertificateSpec, CompileInput, Compiled, Notice, Profile, ProfileId,
    Reason, Refusal, SkippedSetting, Slot, StoredIdentity, Timestamp, UserId,
};
use mandate_store::{DeviceProfileRecord, Phase};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use uuid::Uuid;

use super::Visit;
use super::channels::Place;
use super::hear::turn;
use super::inventory::REMOVAL_DEADLINE;
use super::visit::{Fate, Row, may_have_content, renewal};
use crate::EngineError;
use crate::targeting::{Decision, IMPORTED, Intent, Standing, decide, referenced_by};

/// What is kept beside a row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Detail {
    /// Settings that this device cannot take.
    pub(crate) skipped: Vec<SkippedSetting>,
    /// Renewal round of each certificate.
    pub(crate) rounds: BTreeMap<Slot, u32>,
    /// Certificates that the device asks for.
    pub(crate) certificates: Vec<CertificateSpec>,
    /// Accounts that it makes.
    pub(crate) accounts: Vec<AccountKey>,
    /// Keys of the server that it carries.
    pub(crate) identities: Vec<StoredIdentity>,
    /// What deserves a word.
    pub(crate) notices: Vec<Notice>,
    /// Whether any version of it brought certificates: what an edit leaves behind has to be revoked.
    pub(crate) has_had_certificates: bool,
    /// SHA-256 of the certificates whose keys the server made and that may be on the device with it.
    pub(crate) carried: BTreeSet<String>,
    /// Those among them that were sent last.
    pub(crate) sent: BTreeSet<String>,
    /// `PayloadUUID` of the version that they were sent with.
    pub(crate) sent_as: Option<Uuid>,
    /// The person it was made for, if it was made for one.
    pub(crate) made_for: Option<UserId>,
    /// Whether the user deleted a certificate of it, and it has not been sent again since.
    pub(crate) is_incomplete: bool,
}

impl Detail {
    /// Reads what is beside a row; what cannot be read is as if it were not there.
    pub(crate) fn of(row: &DeviceProfileRecord) -> Self {
        serde_json::from_value(serde_json::Value::Object(row.detail.clone())).unwrap_or_default()
    }

    pub(super) fn to_map(&self) -> Map<String, serde_json::Value> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// Some 6 KB each.
const COMPILED_KEPT: usize = 4096;

/// What targeting and compiling make of one profile for one device.
struct Wish {
    version: i64,
    because: Because,
    outcome: Result<Compiled, Reason>,
    rounds: BTreeMap<Slot, u32>,
    nothing_is_left: bool,
    made_for: Option<UserId>,
}

impl Wish {
    /// Whether what is on the device has to go: nothing that it was made of is left, or it was made for somebody who is
    /// not the device's user any more, and nothing can be made for the one who is.
    fn leaves_nothing(&self, row: &DeviceProfileRecord) -> bool {
        let was_for = Detail::of(row).made_for;
        let is_anothers = self.outcome.is_err() && was_for.is_some() && was_for != self.made_for;
        self.nothing_is_left || is_anothers
    }
}

impl Visit<'_> {
    /// Reconciles if intent has changed, or a certificate is to be renewed, or the device has.
    pub(super) async fn reconcile_if_due(&mut self) -> Result<(), EngineError> {
        if !self.is_managed() {
            return Ok(());
        }
        let renewal_due = self
            .rows
            .values()
            .any(|row| renewal(&row.record).is_some_and(|at| at <= self.now));
        let intent = self.intent().await?;
        if self.record.reconciled_in == intent.number && !renewal_due {
            return Ok(());
        }
        let wishes = self.wishes(&intent).await?;
        let carried = self.carrying();
        self.apply(wishes);
        // Certificates made for a document that was never taken: no list will tell that they are of no use.
        for id in carried.difference(&self.carrying()) {
            if Detail::of(&self.rows[id].record).has_had_certificates {
                self.session
                    .delete_challenges_of_profile(self.record.device.id, *id)
                    .await?;
                self.let_certificates_go(*id).await?;
            }
        }
        self.record.reconciled_in = intent.number;
        Ok(())
    }

    fn carrying(&self) -> BTreeSet<ProfileId> {
        let carrying = self.rows.iter().filter(|(_, row)| row.carries());
        carrying.map(|(id, _)| *id).collect()
    }

    /// What the device should have by now.
    async fn wishes(&mut self, intent: &Intent) -> Result<BTreeMap<ProfileId, Wish>, EngineError> {
        let now = self.now;
        let rounds: BTreeMap<ProfileId, BTreeMap<Slot, u32>> = self
            .rows
            .iter_mut()
            .map(|(id, row)| (*id, next_rounds(row, now)))
            .collect();
        let platform = self.device().platform;
        let for_channels = intent.profiles.values().any(Profile::is_for_user_channel);
        let serves = self.serves(for_channels).await?;
        self.people().await?;
        let people = self.people.as_ref().expect("they were read just now");
        let standing = |profile: &Profile| Standing {
            user_groups: people.user_groups.as_ref(),
            device_groups: &people.device_groups,
            manager_groups: people
                .manager_groups
                .as_ref()
                .filter(|_| profile.kind.needs_user(&profile.settings)),
        };
        let decisions: BTreeMap<ProfileId, Decision> = intent
            .profiles
            .values()
            .filter(|profile| profile.kind.platform == platform)
            .map(|profile| {
                let targets = intent.targets_of(profile.id);
                let decision = decide(targets, standing(profile), &intent.group_names);
                (profile.id, decision)
            })
            .collect();
        let mut wishes = BTreeMap::new();
        for (id, decision) in decisions.iter().filter(|(_, decision)| decision.wanted) {
            let profile = &intent.profiles[id];
            let place = serves.place(profile);
            if place == Place::Elsewhere {
                continue;
            }
            let rounds = rounds.get(id).cloned().unwrap_or_default();
            let outcome = match unreached(profile, intent, &decisions) {
                _ if let Some(reason) = self.unlicensed() => Err(reason),
                _ if let Some(reason) = self.disabled(profile) => Err(reason),
                _ if self.is_only_for_users(profile) => Err(Reason::EnrolledByManager),
                profiles if profiles.is_empty() => self.compile(profile, intent, &rounds),
                profiles => Err(Reason::DependencyNotAssigned { profiles }),
            };
            let outcome = match place {
                Place::Nowhere => outcome.and_then(|_| Err(self.without_channel())),
                Place::Here | Place::Elsewhere => outcome,
            };
            let because = decision.because.clone();
            wishes.insert(
                *id,
                Wish {
                    version: profile.version,
                    because,
                    // What came over another channel goes from there, whatever becomes of it here.
                    nothing_is_left: place == Place::Nowhere || nothing_is_left(profile, &outcome),
                    made_for: self
                        .device()
                        .user_id
                        .filter(|_| profile.kind.needs_user(&profile.settings)),
                    outcome,
                    rounds,
                },
            );
        }
        mark_same_accounts(&mut wishes, intent);
        Ok(wishes)
    }

    /// Why a profile for the user channel waits: its user has not logged in, or there is none.
    fn without_channel(&self) -> Reason {
        let user = self.people.as_ref().and_then(|people| people.user.as_ref());
        user.map_or(Reason::NoUser, |user| Reason::WaitingForLogin {
            user: user.user_principal_name.clone(),
        })
    }

    /// Whoever has no licence has no profiles either, where the administrator chose so.
    fn unlicensed(&self) -> Option<Reason> {
        let people = self.people.as_ref()?;
        let user = people.user.as_ref().filter(|_| people.is_stripped)?;
        Some(Reason::NoLicence {
            user: user.user_principal_name.clone(),
        })
    }

    /// What speaks for a person ends with the person's account.
    fn disabled(&self, profile: &Profile) -> Option<Reason> {
        let user = self.people.as_ref()?.user.as_ref()?;
        let ends = !user.account_enabled && profile.kind.needs_user(&profile.settings);
        ends.then(|| Reason::UserDisabled {
            user: user.user_principal_name.clone(),
        })
    }

    /// Whether the device has no user on purpose, and the profile needs one.
    fn is_only_for_users(&self, profile: &Profile) -> bool {
        let device = self.device();
        device.user_id.is_none()
            && device.manager_id.is_some()
            && profile.kind.needs_user(&profile.settings)
    }

    fn compile(
        &self,
        profile: &Profile,
        intent: &Intent,
        rounds: &BTreeMap<Slot, u32>,
    ) -> Result<Compiled, Reason> {
        let device = self.device();
        let Some(channel) = self.engine.channel(profile.kind.platform) else {
            return Err(Reason::OtherPlatform);
        };
        let input = CompileInput {
            profile,
            referenced: &intent.profiles,
            user: self.people.as_ref().and_then(|people| people.user.as_ref()),
            device,
            endpoints: self.engine.endpoints(),
            rounds,
            imported: self
                .people
                .as_ref()
                .map_or(&[], |people| people.imported.as_slice()),
            services: &intent.services,
        };
        channel
            .compile(&input)
            .map_err(|refusal| reason(refusal, device.facts.os_version.as_deref()))
    }

    /// What is to be sent for a profile now; `None` if nothing can be made any more.
    pub(super) async fn compiled(
        &mut self,
        id: ProfileId,
    ) -> Result<Option<Compiled>, EngineError> {
        if let Some(compiled) = self.compiled_before(id) {
            return Ok(Some(compiled));
        }
        let intent = self.intent().await?;
        self.people().await?;
        let rounds = self
            .rows
            .get(&id)
            .map(|row| Detail::of(&row.record).rounds)
            .unwrap_or_default();
        Ok(intent
            .profiles
            .get(&id)
            .and_then(|profile| self.compile(profile, &intent, &rounds).ok()))
    }

    /// What reconciling compiled a moment ago, if it is still what is wanted.
    fn compiled_before(&self, id: ProfileId) -> Option<Compiled> {
        let wanted = self.rows.get(&id)?.record.wanted_hash.as_deref()?;
        let mut kept = self
            .engine
            .cache()
            .compiled
            .lock()
            .expect("nobody panics while holding it");
        kept.remove(&(self.record.device.id, id))
            .filter(|compiled| compiled.content_hash == wanted)
    }

    /// Keeps what is about to be sent, so that it need not be compiled again for the next request.
    fn keep_compiled(&self, wishes: &BTreeMap<ProfileId, Wish>) {
        let device = self.record.device.id;
        let is_sent = |id: &ProfileId, compiled: &Compiled| {
            let before = self
                .rows
                .get(id)
                .and_then(|row| row.record.wanted_hash.as_deref());
            before != Some(compiled.content_hash.as_slice())
        };
        let mut kept = self
            .engine
            .cache()
            .compiled
            .lock()
            .expect("nobody panics while holding it");
        if kept.len() > COMPILED_KEPT {
            kept.clear();
        }
        for (id, wish) in wishes {
            if let Ok(compiled) = &wish.outcome
                && is_sent(id, compiled)
            {
                kept.insert((device, *id), compiled.clone());
            }
        }
    }

    fn apply(&mut self, mut wishes: BTreeMap<ProfileId, Wish>) {
        self.keep_compiled(&wishes);
        let (device, now) = (self.record.device.id, self.now);
        let deadline = now.plus(self.engine.options().pending_deadline_days * Timestamp::DAY);
        for (id, row) in &mut self.rows {
            match wishes.remove(id) {
                Some(wish)
                    if wish.leaves_nothing(&row.record)
                        && may_have_content(&row.record)
                        && row.record.wanted =>
                {
                    unwant(row, now);
                }
                // A removal that is under way goes on.
                Some(wish) if wish.leaves_nothing(&row.record) && may_have_content(&row.record) => {
                }
                Some(wish) => want(row, wish, now, deadline),
                None if row.record.wanted => unwant(row, now),
                None => {}
            }
        }
        for (id, wish) in wishes {
            let mut row = Row {
                record: blank(device, id, now),
                fate: Fate::Write,
            };
            want(&mut row, wish, now, deadline);
            self.rows.insert(id, row);
        }
    }
}

/// Whether what is on the device has to go, because nothing that it was made of is left: the person, or all of the
/// person's imported certificates. An account stays that merely lacks one.
fn nothing_is_left(profile: &Profile, outcome: &Result<Compiled, Reason>) -> bool {
    match outcome {
        Err(
            Reason::NoUser
            | Reason::EnrolledByManager
            | Reason::UserDisabled { .. }
            | Reason::NoLicence { .. },
        ) => true,
        Err(Reason::NoImportedCertificate { .. }) => profile.kind.type_name.ends_with(IMPORTED),
        _ => false,
    }
}

/// Names of the profiles that one needs and that do not reach the device (IDN-4, IDN-5).
pub(crate) fn unreached(
    profile: &Profile,
    intent: &Intent,
    decisions: &BTreeMap<ProfileId, Decision>,
) -> Vec<String> {
    let reaches = |id: &ProfileId| decisions.get(id).is_some_and(|decision| decision.wanted);
    let missing = referenced_by(profile, &intent.profiles)
        .into_iter()
        .filter(|id| !reaches(id));
    let mut names: Vec<String> = missing
        .map(|id| intent.profiles[&id].display_name.clone())
        .collect();
    names.sort();
    names
}

/// The renewal rounds that a row is to be compiled with: one more than before when its certificates are due.
fn next_rounds(row: &mut Row, now: Timestamp) -> BTreeMap<Slot, u32> {
    let detail = Detail::of(&row.record);
    let mut rounds = detail.rounds;
    if renewal(&row.record).is_some_and(|at| at <= now) {
        for certificate in &detail.certificates {
            *rounds.entry(certificate.slot.clone()).or_default() += 1;
        }
        row.record.renew_at = None;
        row.fate = Fate::Write;
    }
    rounds
}

/// Two profiles of ours that make the same account stop each other (DUP-7); what is on the device stays.
fn mark_same_accounts(wishes: &mut BTreeMap<ProfileId, Wish>, intent: &Intent) {
    let made = wishes.iter().filter_map(|(id, wish)| {
        let compiled = wish.outcome.as_ref().ok()?;
        Some((*id, compiled.accounts.as_slice()))
    });
    for (id, reason) in same_accounts(made, intent) {
        wishes.get_mut(&id).expect("its id came from here").outcome = Err(reason);
    }
}

/// Why profiles stop each other, by those that do.
pub(crate) fn same_accounts<'a>(
    made: impl Iterator<Item = (ProfileId, &'a [AccountKey])>,
    intent: &Intent,
) -> BTreeMap<ProfileId, Reason> {
    let mut makers: BTreeMap<&AccountKey, Vec<ProfileId>> = BTreeMap::new();
    for (id, accounts) in made {
        for account in accounts {
            makers.entry(account).or_default().push(id);
        }
    }
    let mut stopped = BTreeMap::new();
    for (account, ids) in makers.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let profiles: Vec<String> = ids
            .iter()
            .map(|id| intent.profiles[id].display_name.clone())
            .collect();
        for id in ids {
            let reason = Reason::SameAccount {
                profiles: profiles.clone(),
                account: account.clone(),
            };
            stopped.insert(id, reason);
        }
    }
    stopped
}

fn want(row: &mut Row, wish: Wish, now: Timestamp, deadline: Timestamp) {
    let before = row.record.clone();
    let record = &mut row.record;
    let was_wanted = record.wanted;
    record.wanted = true;
    record.version = wish.version;
    record.because = wish.because;
    match wish.outcome {
        Err(reason) => {
            // What is on the device stays, and with it when its certificates are to be renewed.
            let detail = Detail {
                rounds: wish.rounds,
                ..Detail::of(record)
            };
            record.detail = detail.to_map();
            record.wanted_uuid = None;
            record.wanted_hash = None;
            record.command_id = None;
            record.due_at = None;
            record.phase = Phase::Settled;
            turn(record, reason, now);
            // What waits for somebody to log in waits as long as it takes: that is no error.
            record.deadline_at = None;
        }
        Ok(compiled) => {
            let made_of = (wish.rounds, wish.made_for);
            want_content(record, &compiled, made_of, was_wanted, (now, deadline));
        }
    }
    if *record != before {
        row.fate = Fate::Write;
    }
}

fn want_content(
    record: &mut DeviceProfileRecord,
    compiled: &Compiled,
    (rounds, made_for): (BTreeMap<Slot, u32>, Option<UserId>),
    was_wanted: bool,
    (now, deadline): (Timestamp, Timestamp),
) {
    let unchanged = was_wanted && record.wanted_hash.as_deref() == Some(&compiled.content_hash);
    let before = Detail::of(record);
    let detail = Detail {
        skipped: compiled.skipped.clone(),
        rounds,
        certificates: compiled.certificates.clone(),
        accounts: compiled.accounts.clone(),
        identities: compiled.identities.clone(),
        notices: compiled.notices.clone(),
        has_had_certificates: before.has_had_certificates || !compiled.certificates.is_empty(),
        carried: before.carried,
        sent: before.sent,
        sent_as: before.sent_as,
        made_for,
        is_incomplete: before.is_incomplete,
    };
    record.detail = detail.to_map();
    record.identifier.clone_from(&compiled.identifier);
    if unchanged {
        return;
    }
    record.wanted_uuid = Some(compiled.content_uuid);
    record.wanted_hash = Some(compiled.content_hash.to_vec());
    record.command_id = None;
    record.due_at = None;
    record.attempts = 0;
    let is_certain = record.sent_at.is_none();
    let is_whole = record.present_uuid == record.wanted_uuid && !before.is_incomplete;
    if is_whole && was_wanted && is_certain {
        record.phase = Phase::Settled;
        record.present_hash.clone_from(&record.wanted_hash);
        record.deadline_at = None;
        turn(record, Reason::Present, now);
        return;
    }
    // Something may be under way that puts the very content there, or takes it away: the inventory will say.
    record.phase = if is_whole {
        Phase::Verify
    } else {
        Phase::Install
    };
    record.deadline_at = Some(deadline);
    record.reason = Reason::WaitingForCheckIn;
    record.since = now;
}

fn unwant(row: &mut Row, now: Timestamp) {
    let record = &mut row.record;
    if !may_have_content(record) {
        row.fate = Fate::Delete;
        return;
    }
    record.wanted = false;
    record.because = Because::NotIncluded;
    record.wanted_uuid = None;
    record.wanted_hash = None;
    record.phase = Phase::Remove;
    record.command_id = None;
    record.attempts = 0;
    record.due_at = None;
    record.deadline_at = Some(now.plus(REMOVAL_DEADLINE));
    turn(record, Reason::Removing, now);
    row.fate = Fate::Write;
}

fn blank(
    device_id: mandate_model::DeviceId,
    profile_id: ProfileId,
    now: Timestamp,
) -> DeviceProfileRecord {
    DeviceProfileRecord {
        device_id,
        profile_id,
        wanted: true,
        phase: Phase::Settled,
        reason: Reason::WaitingForCheckIn,
        because: Because::NotIncluded,
        since: now,
        deadline_at: None,
        version: 0,
        identifier: String::new(),
        wanted_uuid: None,
        wanted_hash: None,
        present_uuid: None,
        present_hash: None,
        seen_at: None,
        sent_at: None,
        command_id: None,
        attempts: 0,
        due_at: None,
        renew_at: None,
        detail: Map::new(),
    }
}

/// A refusal of the compiler, as an administrator reads it.
pub(crate) fn reason(refusal: Refusal, reported: Option<&str>) -> Reason {
    match refusal {
        Refusal::NoUser => Reason::NoUser,
        Refusal::MissingAttribute { attribute, user } => {
            Reason::MissingAttribute { attribute, user }
        }
        Refusal::MissingDeviceAttribute { attribute } => {
            Reason::MissingDeviceAttribute { attribute }
        }
        Refusal::OsTooOld { minimum } => {
            let actual = reported.unwrap_or("an unknown version").to_owned();
            Reason::OsTooOld { minimum, actual }
        }
        Refusal::UnknownVariable { variable, profile } => {
            Reason::UnknownVariable { variable, profile }
        }
        Refusal::NoImportedCertificate { purpose, user } => {
            Reason::NoImportedCertificate { purpose, user }
        }
        Refusal::UnknownTemplate { template, profile } => {
            Reason::UnknownTemplate { template, profile }
        }
        Refusal::MissingReference { reference } => Reason::MissingReference { reference },
        Refusal::Unsupported { reason } => Reason::Unsupported { reason },
    }
}
