//! One exchange with one device, from the first look to the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mandate_model::{
    CertificateSpec, DeviceId, GroupId, ImportedCertificate, ProfileId, Slot, State, Timestamp,
    User, UserId,
};
use mandate_store::{
    DeviceProfileRecord, DeviceRecord, HistoryRecord, MailStanding, Phase, Session,
};

use super::actions::{Action, ActionKind, ActionState};
use super::choose::is_tried_each_session;
use super::tell::Concern;
use crate::targeting::Intent;
use crate::{Engine, EngineError};

/// A device is looked at again after this long, so that a silent loss and a new version are found.
const INVENTORY_EVERY: i64 = Timestamp::DAY;
/// A session that breaks off is taken up again by a push after this long.
const RESUME_AFTER: i64 = 15 * Timestamp::MINUTE;

/// What is known of one device while it is being served. Rows are read once and written once.
pub(crate) struct Visit<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) session: Session,
    /// The device, or the channel of a person on one, that is served.
    pub(crate) record: DeviceRecord,
    /// The device of a person's channel; only read.
    pub(super) parent: Option<DeviceRecord>,
    pub(crate) now: Timestamp,
    pub(super) rows: BTreeMap<ProfileId, Row>,
    /// What of the rows concerned the user when they were read.
    pub(super) concerns: BTreeMap<ProfileId, Concern>,
    pub(super) actions: Vec<Action>,
    device_changed: bool,
    intent: Option<Arc<Intent>>,
    pub(super) people: Option<People>,
    /// A key that has to be made before the exchange can go on.
    pub(super) needed_key: Option<Box<CertificateSpec>>,
    /// What became of keys that could not be made.
    pub(super) not_issued: BTreeMap<Slot, String>,
}

/// A row with the mark that it has to be written.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) record: DeviceProfileRecord,
    pub(super) fate: Fate,
}

impl Row {
    /// Whether the document is on the device, for all that is known, or can be made for it.
    pub(super) fn carries(&self) -> bool {
        let can_be_made = self.record.wanted && self.record.wanted_hash.is_some();
        self.fate != Fate::Delete && (may_have_content(&self.record) || can_be_made)
    }
}

/// Whether something of a profile may be on the device, for all that its lists have said.
pub(super) fn may_have_content(record: &DeviceProfileRecord) -> bool {
    record.present_uuid.is_some() || record.sent_at.is_some()
}

/// What becomes of a row at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Unchanged,
    Write,
    Delete,
}

/// The device's user and where both stand.
pub(super) struct People {
    pub(super) user: Option<User>,
    pub(super) user_groups: Option<BTreeSet<GroupId>>,
    pub(super) device_groups: BTreeSet<GroupId>,
    /// Groups of the device enrolment manager, where one enrolled a device that has no user.
    pub(super) manager_groups: Option<BTreeSet<GroupId>>,
    /// The user's imported certificates, the newest first; read only where a profile may want them.
    pub(super) imported: Vec<ImportedCertificate>,
    /// The user has no licence, and those without one are to have nothing.
    pub(super) is_stripped: bool,
}

impl<'a> Visit<'a> {
    /// Opens the transaction and holds the device. The channel of a person is none.
    pub(crate) async fn begin(engine: &'a Engine, id: DeviceId) -> Result<Self, EngineError> {
        let session = engine.store().write().await?;
        Self::begin_within(engine, session, id).await
    }

    /// The same within a transaction that is open already.
    pub(crate) async fn begin_within(
        engine: &'a Engine,
        session: Session,
        id: DeviceId,
    ) -> Result<Self, EngineError> {
        let visit = Self::continuing(engine, session, id).await?;
        if visit.is_of_person() {
            return Err(EngineError::not_found("device", id));
        }
        Ok(visit)
    }

    /// The same for an exchange, whose outcome the device's own lists would tell again.
    pub(super) async fn begin_exchange(
        engine: &'a Engine,
        id: DeviceId,
    ) -> Result<Self, EngineError> {
        let session = engine.store().write_recoverable().await?;
        Self::continuing(engine, session, id).await
    }

    /// The same within a transaction that is open already, of a person's channel as well.
    pub(crate) async fn continuing(
        engine: &'a Engine,
        mut session: Session,
        id: DeviceId,
    ) -> Result<Self, EngineError> {
        let record = session
            .hold_device(id)
            .await?
            .ok_or_else(|| EngineError::not_found("device", id))?;
        let parent = match &record.channel {
            Some(channel) => Some(
                session
                    .find_device(channel.parent)
                    .await?
                    .ok_or_else(|| EngineError::not_found("device", channel.parent))?,
            ),
            None => None,
        };
        let rows = session.profiles_of_device(id).await?;
        let actions = session.actions_of_device(id).await?;
        let rows: BTreeMap<ProfileId, Row> = rows
            .into_iter()
            .map(|row| {
                (
                    row.profile_id,
                    Row {
                        record: row,
                        fate: Fate::Unchanged,
                    },
                )
            })
            .collect();
        Ok(Self {
            engine,
            session,
            record,
            parent,
            now: engine.now(),
            concerns: Concern::of_rows(&rows),
            rows,
            actions: actions.into_iter().filter_map(Action::read).collect(),
            device_changed: false,
            intent: None,
            people: None,
            needed_key: None,
            not_issued: BTreeMap::new(),
        })
    }

    /// The newest intent, read at most once.
    pub(super) async fn intent(&mut self) -> Result<Arc<Intent>, EngineError> {
        if let Some(intent) = &self.intent {
            return Ok(intent.clone());
        }
        let intent = self.engine.intent(&mut self.session).await?;
        self.intent = Some(intent.clone());
        Ok(intent)
    }

    /// The user and all groups, read at most once. An error here ends the exchange: what is not known never removes
    /// anything.
    pub(super) async fn people(&mut self) -> Result<&People, EngineError> {
        if self.people.is_none() {
            let device = self.device().id;
            let user = match self.device().user_id {
                Some(id) => self.session.find_user(id).await?,
                None => None,
            };
            let user_groups = match &user {
                Some(user) => Some(self.session.groups_of(user.id.0, true).await?),
                None => None,
            };
            let device_groups = self.session.groups_of(device.0, true).await?;
            let manager = self.device().manager_id.filter(|_| user.is_none());
            let manager_groups = match manager {
                Some(manager) => Some(self.session.groups_of(manager.0, true).await?),
                None => None,
            };
            let imported = match &user {
                Some(user) => self.imported_certificates(user.id).await?,
                None => Vec::new(),
            };
            let is_stripped = match &user {
                Some(user) => self.engine.is_stripped(&mut self.session, user.id).await?,
                None => false,
            };
            self.people = Some(People {
                user,
                user_groups,
                device_groups,
                manager_groups,
                imported,
                is_stripped,
            });
        }
        Ok(self.people.as_ref().expect("it was read just now"))
    }

    /// What was imported for the device's user, if any profile could want it.
    async fn imported_certificates(
        &mut self,
        user: UserId,
    ) -> Result<Vec<ImportedCertificate>, EngineError> {
        if !self.intent().await?.delivers_imported {
            return Ok(Vec::new());
        }
        Ok(self.session.imported_of_user(user).await?)
    }

    /// The whole device record is to be written, not only its session.
    pub(crate) fn device_changed(&mut self) {
        self.device_changed = true;
    }

    /// The device is to be reconciled although intent has not changed.
    pub(crate) fn forget_reconciliation(&mut self) {
        self.record.reconciled_in = 0;
    }

    /// Notes an event for people.
    pub(crate) async fn remember(&mut self, event: &str, detail: &str) -> Result<(), EngineError> {
        let record = HistoryRecord {
            id: self.engine.chance().id(self.now),
            device_id: self.device().id,
            at: self.now,
            event: event.to_owned(),
            detail: detail.to_owned(),
        };
        Ok(self.session.insert_history(&record).await?)
    }

    /// Writes what has changed and commits. `working` says that the device was given something to do.
    pub(crate) async fn end(mut self, working: bool) -> Result<(), EngineError> {
        self.record.device.last_seen_at = self.now;
        self.plan_attention(working);
        self.save().await
    }

    /// The same without the device having been in contact: time has passed.
    pub(crate) async fn end_without_contact(mut self) -> Result<(), EngineError> {
        self.expire_actions();
        self.plan_attention(false);
        self.save().await
    }

    /// The same without the device having been in contact: an administrator's request.
    pub(crate) async fn end_and_wake(self) -> Result<Session, EngineError> {
        self.end_and_wake_after(0).await
    }

    /// The same, with the push after a pause.
    pub(crate) async fn end_and_wake_after(mut self, pause: i64) -> Result<Session, EngineError> {
        self.record.attention_at = Some(self.now);
        self.record.wake_at = Some(self.now.plus(pause));
        self.record.wake_attempts = 0;
        self.write().await?;
        Ok(self.session)
    }

    async fn save(mut self) -> Result<(), EngineError> {
        self.write().await?;
        Ok(self.session.commit().await?)
    }

    async fn write(&mut self) -> Result<(), EngineError> {
        self.tell_user().await?;
        let device = self.record.device.id;
        for (profile, row) in &self.rows {
            match row.fate {
                Fate::Unchanged => {}
                Fate::Write => self.session.upsert_device_profile(&row.record).await?,
                Fate::Delete => self.session.delete_device_profile(device, *profile).await?,
            }
        }
        self.note_mail().await?;
        for action in &self.actions {
            if action.is_forgotten || (action.kind.is_question() && !action.is_open()) {
                if !action.is_new {
                    self.session.delete_action(action.record.id).await?;
                }
            } else if action.is_new {
                self.session.insert_action(&action.record).await?;
            } else if action.is_changed {
                self.session.update_action(&action.record).await?;
            }
        }
        if self.device_changed {
            self.session.update_device(&self.record).await?;
        } else {
            self.session.update_device_session(&self.record).await?;
        }
        Ok(())
    }

    /// Notes how mail stands, for those who count it over all devices.
    async fn note_mail(&mut self) -> Result<(), EngineError> {
        if self.rows.values().all(|row| row.fate == Fate::Unchanged) {
            return Ok(());
        }
        let intent = self.intent().await?;
        let rows = self.rows.iter().filter(|(id, row)| {
            let profile = intent.profiles.get(id);
            row.fate != Fate::Delete
                && row.record.wanted
                && profile.is_some_and(|profile| profile.kind.makes_mail_account())
        });
        let standings = rows.map(|(_, row)| mail_standing(&row.record));
        let standing = standings.max().unwrap_or(MailStanding::None);
        let device = self.record.device.id;
        Ok(self.session.set_mail(device, standing).await?)
    }

    /// When this device next has something to do, and when to wake it for that. Both differ: what has a pause is not
    /// worth a push before the pause is over, but a device that comes by itself may be ready for it now.
    fn plan_attention(&mut self, working: bool) {
        let rows = || {
            self.rows
                .values()
                .filter(|row| row.fate != Fate::Delete)
                .map(|row| &row.record)
        };
        let actions = || {
            self.actions
                .iter()
                .filter(|action| action.is_open() && action.kind != ActionKind::Synchronise)
        };
        // A device that is to go, or has gone, is given nothing but the command that ends its management.
        let is_managed = self.is_managed();
        let rows = || rows().filter(|_| is_managed);
        let of_rows = rows()
            .flat_map(|row| [due(row, self.now), renewal(row)])
            .flatten();
        let of_actions = actions().map(|action| action.record.due_at.unwrap_or(self.now));
        let of_device = [self.identity_due_at(), self.inventory_due_at()];
        let of_device = of_device.into_iter().flatten().filter(|_| is_managed);
        let next = of_rows.chain(of_actions).chain(of_device).min();
        let each_session = rows().any(is_tried_each_session)
            || actions().any(|action| action.state == ActionState::PutOff);
        self.record.attention_at = if each_session { Some(self.now) } else { next };
        self.record.wake_attempts = 0;
        self.record.wake_at = match next {
            Some(at) if at <= self.now || working => Some(self.now.plus(RESUME_AFTER)),
            other => other,
        };
    }

    /// When the device's identity is to be renewed; while a renewal is under way its own pauses count.
    fn identity_due_at(&self) -> Option<Timestamp> {
        let under_way =
            |action: &Action| action.kind == ActionKind::RenewIdentity && action.is_open();
        // The identity is the device's; no person's channel renews it.
        (!self.is_of_person() && !self.actions.iter().any(under_way))
            .then_some(self.record.identity_renew_at)
    }

    /// When the lists are to be read again. Of a person who has nothing of ours nothing is asked.
    fn inventory_due_at(&self) -> Option<Timestamp> {
        let has_any = self.rows.values().any(|row| row.fate != Fate::Delete);
        if self.is_of_person() && !has_any {
            return None;
        }
        let due = |at: Timestamp| at.plus(INVENTORY_EVERY);
        Some(self.record.inventory_at.map_or(self.now, due))
    }

    /// Whether the device has not been looked at for long.
    pub(super) fn inventory_is_old(&self) -> bool {
        self.inventory_due_at().is_some_and(|at| at <= self.now)
    }
}

/// An account that is there works, whatever becomes of a later version, unless another one is in its place.
fn mail_standing(row: &DeviceProfileRecord) -> MailStanding {
    match row.reason.state() {
        State::Conflict => MailStanding::Blocked,
        _ if row.present_uuid.is_some() => MailStanding::Working,
        State::Succeeded => MailStanding::Working,
        State::Error => MailStanding::Blocked,
        State::Pending => MailStanding::Waiting,
        State::NotApplicable => MailStanding::None,
    }
}

fn due(row: &DeviceProfileRecord, now: Timestamp) -> Option<Timestamp> {
    match row.phase {
        Phase::Settled => None,
        Phase::Installing | Phase::Removing | Phase::Verify | Phase::VerifyGone => Some(now),
        Phase::Install | Phase::Remove | Phase::InstallLater | Phase::RemoveLater => {
            Some(row.due_at.unwrap_or(now))
        }
    }
}

/// When the certificates of a row are to be renewed. One for which nothing can be made at present waits.
pub(super) fn renewal(row: &DeviceProfileRecord) -> Option<Timestamp> {
    row.renew_at
        .filter(|_| row.wanted && row.phase == Phase::Settled && row.wanted_hash.is_some())
}

impl Visit<'_> {
    /// What the device refused is tried again at its next contact.
    pub(crate) fn retry_failures(&mut self) {
        for row in self.rows.values_mut() {
            if row.record.due_at.take().is_some() {
                row.record.attempts = 0;
                row.fate = Fate::Write;
            }
        }
        for action in self.actions.iter_mut().filter(|action| action.is_open()) {
            action.record.due_at = None;
            action.is_changed = true;
        }
    }
}
