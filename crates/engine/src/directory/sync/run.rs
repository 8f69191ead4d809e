//! One run: everything of a directory, or what changed since the last one.

use std::collections::HashSet;

use mandate_model::{GroupId, Timestamp};
use uuid::Uuid;

use super::entry;
use super::guard::Guard;
use super::manage::{read_progress, read_settings, source_of};
use super::progress::{Cursor, Progress, SyncEnd, SyncReport};
use super::reader::{Reader, Which};
use super::settings::SyncSettings;
use crate::directory::{Source, SourceFault, SourceOutcome, SourcedPerson};
use crate::providers::{DirectoryEntry, written};
use crate::{Actor, Engine, EngineError};

/// For how long a directory is held; it is held anew with every page.
const HOLD: i64 = 5 * Timestamp::MINUTE;

/// Why a run ended early.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The directory cannot be read.
    Directory(String),
    /// Somebody else is reading it since.
    Lost,
    /// We failed.
    Engine(EngineError),
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<mandate_store::StoreError> for Trouble {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self::Directory(reason)
    }
}

/// A run that is under way.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) actor: Actor,
    pub(super) name: &'a str,
    pub(super) settings: &'a SyncSettings,
    pub(super) source: Source,
    pub(super) progress: Progress,
    pub(super) report: SyncReport,
    /// From where; none for everything.
    pub(super) since: Option<Cursor>,
    /// The ids that are there, if they were all read.
    pub(super) seen: HashSet<Box<str>>,
    /// Groups whose members are to be read: what they are here, and their names there.
    pub(super) groups: Vec<(GroupId, String)>,
    pub(super) guard: Guard,
    latest: Option<String>,
    holder: Uuid,
}

impl Engine {
    /// Reads a directory now, unless somebody else is at it; what came of it.
    pub async fn synchronize_directory(
        &self,
        name: &str,
    ) -> Result<Option<SyncReport>, EngineError> {
        let holder = self.chance().id(self.now());
        let mut session = self.store().write().await?;
        let until = self.now().plus(HOLD);
        let is_ours = session
            .hold_directory(name, holder, (self.now(), until))
            .await?;
        let record = session.find_directory(name).await?;
        session.commit().await?;
        let Some(record) = record else {
            return Err(EngineError::not_found("directory", name));
        };
        if !is_ours {
            return Ok(None);
        }
        let settings = read_settings(&record)?;
        let mut run = Run {
            engine: self,
            actor: Actor::system(),
            name,
            source: source_of(name, settings.trusts_names),
            progress: read_progress(&record)?,
            report: SyncReport::begun(self.now()),
            since: None,
            seen: HashSet::new(),
            groups: Vec::new(),
            settings: &settings,
            guard: Guard::default(),
            latest: None,
            holder,
        };
        let outcome = run.all().await;
        run.end(outcome).await.map(Some)
    }
}

impl Run<'_> {
    async fn all(&mut self) -> Result<(), Trouble> {
        let mut session = self.engine.store().read().await?;
        let password = self
            .engine
            .directory_password(&mut session, self.name)
            .await?;
        drop(session);
        let gateway = self.engine.provider_gateway();
        let mut reader = Reader::open(gateway, self.settings, &password)
            .await
            .map_err(|stuck| stuck.to_string())?;
        self.since = self.where_to_begin(&reader);
        self.report.is_full = self.since.is_none();
        let next = Self::next_cursor(&reader);
        let mut gone = self.tombstones(&mut reader).await?;
        self.entries(&mut reader, Which::People).await?;
        if self.settings.sync_groups {
            self.entries(&mut reader, Which::Groups).await?;
        }
        if gone.is_none() {
            if !self.report.is_full {
                self.read_ids(&mut reader).await?;
            }
            gone = Some(self.absent().await?);
        }
        self.let_go(gone.unwrap_or_default()).await?;
        self.retry().await?;
        if self.settings.sync_groups {
            self.memberships(&mut reader).await?;
        }
        let is_held = self.report.held > 0;
        self.delete_what_is_gone_for_long().await?;
        // Tombstones that were not heeded have to be seen again.
        if !is_held {
            self.progress.cursor = next.or_else(|| self.latest_cursor());
        }
        if self.report.is_full {
            self.progress.full_at = Some(self.report.started_at);
            self.progress.wants_full = false;
            self.progress.fingerprint = self.settings.fingerprint();
        }
        self.report.end = if is_held {
            SyncEnd::Held
        } else {
            SyncEnd::Succeeded
        };
        Ok(())
    }

    fn where_to_begin(&self, reader: &Reader<'_>) -> Option<Cursor> {
        let progress = &self.progress;
        let every = i64::from(self.settings.full_every_hours) * Timestamp::HOUR;
        let is_old = progress
            .full_at
            .is_none_or(|full_at| self.report.started_at.since(full_at) >= every);
        if is_old || progress.wants_full || progress.fingerprint != self.settings.fingerprint() {
            return None;
        }
        let cursor = progress.cursor.clone()?;
        let is_same = match &cursor {
            // A number that is higher than all there are is one of before a restore.
            Cursor::Usn {
                invocation,
                highest,
            } => {
                reader.look.server.as_ref() == Some(invocation)
                    && reader.look.highest.is_some_and(|now| now >= *highest)
            }
            Cursor::Time { server, .. } => reader.look.server.as_ref() == Some(server),
        };
        is_same.then_some(cursor)
    }

    /// From where the next run goes on, as far as it is known before anything is read.
    fn next_cursor(reader: &Reader<'_>) -> Option<Cursor> {
        Some(Cursor::Usn {
            invocation: reader.look.server.clone()?,
            highest: reader.look.highest?,
        })
    }

    /// From where it goes on, by the latest change that was seen.
    fn latest_cursor(&self) -> Option<Cursor> {
        let before = match &self.progress.cursor {
            Some(Cursor::Time { latest, .. }) => Some(latest.clone()),
            Some(Cursor::Usn { .. }) | None => None,
        };
        Some(Cursor::Time {
            server: self.settings.url.clone(),
            latest: self.latest.clone().max(before)?,
        })
    }

    /// Reads and takes all entries of a kind, a page at a time.
    async fn entries(&mut self, reader: &mut Reader<'_>, which: Which) -> Result<(), Trouble> {
        let since = self.since.clone();
        let domain = reader.look.domain.clone();
        let mut cookie = Vec::new();
        loop {
            let page = reader.page(which, since.as_ref(), &cookie).await?;
            self.hold().await?;
            for entry in &page.entries {
                self.look_at(entry);
            }
            match which {
                Which::People => self.take_people(&domain, &page.entries).await?,
                Which::Groups => self.take_groups(&domain, &page.entries).await?,
            }
            if page.cookie.is_empty() {
                return Ok(());
            }
            cookie = page.cookie;
        }
    }

    async fn take_people(
        &mut self,
        domain: &entry::Domain,
        entries: &[DirectoryEntry],
    ) -> Result<(), Trouble> {
        let mut people = Vec::with_capacity(entries.len());
        for found in entries {
            self.report.people.read += 1;
            match entry::person(self.settings, domain, found) {
                Ok(person) => people.push(person),
                Err(fault) => match entry::unreadable_person(self.settings.kind, found, &fault) {
                    Some(person) => people.push(person),
                    None => self.refuse(found, &fault, true),
                },
            }
        }
        let people = self.set_disabled_aside(people).await?;
        self.write_people(&people).await
    }

    pub(super) async fn write_people(&mut self, people: &[SourcedPerson]) -> Result<(), Trouble> {
        let outcomes = self
            .engine
            .take_people(&self.actor, &self.source, people)
            .await?;
        for (person, outcome) in people.iter().zip(&outcomes) {
            if let SourceOutcome::Refused(fault) = outcome {
                let name = Some(&person.user_principal_name).filter(|name| !name.is_empty());
                self.note_fault(
                    name.or(person.locator.as_ref()).map_or("", String::as_str),
                    fault,
                );
            }
            self.report.people.count(outcome);
        }
        Ok(())
    }

    async fn take_groups(
        &mut self,
        domain: &entry::Domain,
        entries: &[DirectoryEntry],
    ) -> Result<(), Trouble> {
        let mut groups = Vec::with_capacity(entries.len());
        for found in entries {
            self.report.groups.read += 1;
            match entry::group(self.settings, domain, found) {
                Ok(group) => groups.push((group, found.dn.clone())),
                Err(fault) => match entry::unreadable_group(self.settings.kind, found, &fault) {
                    Some(group) => groups.push((group, found.dn.clone())),
                    None => self.refuse(found, &fault, false),
                },
            }
        }
        let (groups, names): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        let outcomes = self
            .engine
            .take_groups(&self.actor, &self.source, &groups)
            .await?;
        for ((outcome, name), group) in outcomes.iter().zip(names).zip(&groups) {
            if let SourceOutcome::Refused(fault) = outcome {
                let shown = Some(&group.display_name).filter(|name| !name.is_empty());
                self.note_fault(shown.unwrap_or(&name), fault);
            }
            self.groups
                .extend(outcome.object().map(|id| (GroupId(id), name)));
            self.report.groups.count(outcome);
        }
        Ok(())
    }

    /// Remembers that an entry is there, and when it last changed.
    pub(super) fn look_at(&mut self, entry: &DirectoryEntry) {
        if let Some(id) = entry::id_of(self.settings.kind, entry) {
            self.seen.insert(id.into_boxed_str());
        }
        let time = entry.values("modifyTimestamp").first();
        let time = time.and_then(|time| std::str::from_utf8(time).ok());
        if let Some(time) = time.filter(|time| is_time(time)) {
            self.latest = self.latest.take().max(Some(time.to_owned()));
        }
    }

    fn refuse(&mut self, entry: &DirectoryEntry, fault: &SourceFault, is_person: bool) {
        let counts = if is_person {
            &mut self.report.people
        } else {
            &mut self.report.groups
        };
        counts.refuse(fault);
        self.note_fault(&entry.dn, fault);
    }

    fn note_fault(&mut self, who: &str, fault: &SourceFault) {
        let who: String = who.chars().filter(|c| !c.is_control()).take(120).collect();
        let SourceFault {
            property, reason, ..
        } = fault;
        self.report
            .note(&format!("`{who}` was not taken: `{property}` {reason}"));
    }

    /// Tries what was refused again: names may have become free.
    async fn retry(&mut self) -> Result<(), Trouble> {
        let taken = self.engine.retry_refused(&self.actor, &self.source).await?;
        for outcome in &taken {
            self.report.people.retried(outcome);
        }
        Ok(())
    }

    async fn delete_what_is_gone_for_long(&mut self) -> Result<(), Trouble> {
        if self.settings.delete_after_days == 0 {
            return Ok(());
        }
        let period = i64::from(self.settings.delete_after_days) * Timestamp::DAY;
        let end = self.engine.now().plus(-period);
        self.report.deleted = self
            .engine
            .delete_gone(&self.actor, &self.source, end)
            .await?;
        Ok(())
    }

    /// Holds the directory for longer.
    pub(super) async fn hold(&self) -> Result<(), Trouble> {
        let now = self.engine.now();
        let mut session = self.engine.store().write_recoverable().await?;
        let is_ours = session
            .hold_directory(self.name, self.holder, (now, now.plus(HOLD)))
            .await?;
        session.commit().await?;
        if is_ours { Ok(()) } else { Err(Trouble::Lost) }
    }

    /// Writes down what came of it, and lets others have the directory.
    async fn end(mut self, outcome: Result<(), Trouble>) -> Result<SyncReport, EngineError> {
        let now = self.engine.now();
        self.report.ended_at = now;
        let (failure, error) = match outcome {
            Ok(()) => (None, None),
            Err(Trouble::Directory(reason)) => (Some(reason), None),
            Err(Trouble::Lost) => (Some("somebody else is reading it since".to_owned()), None),
            Err(Trouble::Engine(error)) => (
                Some("the server failed; its log says why".to_owned()),
                Some(error),
            ),
        };
        if failure.is_none() {
            self.progress.succeeded_at = Some(now);
        }
        self.report.failure = failure;
        let wait = i64::from(self.settings.interval_minutes) * Timestamp::MINUTE;
        let mut session = self.engine.store().write().await?;
        let Some(record) = session.find_directory(self.name).await? else {
            return Err(EngineError::not_found("directory", self.name));
        };
        // What an administrator asked for meanwhile is for the next run, which comes at once.
        let latest = read_progress(&record)?;
        let is_asked_for = record.due_at > self.report.started_at && record.due_at <= now;
        if is_asked_for {
            self.progress.wants_full |= latest.wants_full;
            if self.report.held > 0 {
                self.progress.confirmed = latest.confirmed;
            }
        }
        self.progress.last = Some(self.report.clone());
        session
            .set_directory_progress(self.name, &written(&self.progress)?)
            .await?;
        let due_at = if is_asked_for { now } else { now.plus(wait) };
        session
            .release_directory(self.name, self.holder, due_at)
            .await?;
        session.commit().await?;
        match error {
            Some(error) => Err(error),
            None => Ok(self.report),
        }
    }
}

/// `generalizedTime` in UTC, as it stands in a filter.
fn is_time(text: &str) -> bool {
    text.len() <= 32
        && text.ends_with('Z')
        && text[..text.len() - 1]
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.')
}
