//! Adding, changing, listing and removing directories.

use mandate_model::Timestamp;
use mandate_store::{DirectoryRecord, Session, SourceCounts};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::progress::{Progress, SyncReport};
use super::settings::SyncSettings;
use crate::audit::Change;
use crate::directory::Source;
use crate::providers::{name_taken, take_name, written};
use crate::{Action, Actor, Engine, EngineError};

const PASSWORD_LENGTH: usize = 1024;
const KIND: &str = "directory";

/// A directory that people and groups come from.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncedDirectory {
    /// Its name, as in addresses.
    pub name: String,
    /// How it is asked, and what is taken.
    pub settings: SyncSettings,
    /// Whether there is a password for its account.
    pub has_password: bool,
    /// When it is read next.
    pub due_at: Timestamp,
    /// Whether it is being read now.
    pub is_running: bool,
    /// When a run last went well.
    pub succeeded_at: Option<Timestamp>,
    /// What came of the last run.
    pub last: Option<SyncReport>,
    /// How many people and groups of it are here.
    pub counts: SourceCounts,
    /// When it was added.
    pub created_at: Timestamp,
}

impl SyncedDirectory {
    /// The directory as it is written in the management API, without its password.
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = self.settings.to_map();
        let more = json!({
            "name": self.name,
            "hasPassword": self.has_password,
            "createdDateTime": self.created_at.to_string(),
        });
        map.extend(more.as_object().cloned().unwrap_or_default());
        map
    }
}

impl Engine {
    /// All directories, by name.
    pub async fn list_synced_directories(
        &self,
        actor: &Actor,
    ) -> Result<Vec<SyncedDirectory>, EngineError> {
        actor.require(Action::SignInRead)?;
        let mut session = self.store().read().await?;
        let mut all = Vec::new();
        for record in session.list_directories().await? {
            all.push(self.read_directory(&mut session, record).await?);
        }
        Ok(all)
    }

    /// A directory by its name.
    pub async fn find_synced_directory(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Option<SyncedDirectory>, EngineError> {
        actor.require(Action::SignInRead)?;
        let mut session = self.store().read().await?;
        match session.find_directory(name).await? {
            Some(record) => Ok(Some(self.read_directory(&mut session, record).await?)),
            None => Ok(None),
        }
    }

    /// Adds a directory; it is read for the first time with the next round. `body` is what the management API takes:
    /// `name`, `password`, and settings.
    pub async fn create_synced_directory(
        &self,
        actor: &Actor,
        mut body: Map<String, Value>,
    ) -> Result<SyncedDirectory, EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let name = take_name(&mut body)?;
        let password = take_password(&mut body)?
            .ok_or_else(|| EngineError::invalid("password", "is needed", None))?;
        let settings = SyncSettings::read(body)?;
        let now = self.now();
        let record = DirectoryRecord {
            name: name.clone(),
            settings: written(&settings)?,
            progress: written(&Progress::default())?,
            due_at: now,
            held_until: Timestamp(0),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        session
            .insert_directory(&record)
            .await
            .map_err(name_taken(KIND, &name))?;
        self.keep_secret(&mut session, &secret_name(&name), password.as_bytes())
            .await?;
        let directory = self.read_directory(&mut session, record).await?;
        let after = Value::Object(directory.to_map());
        let change = Change::create(KIND, &name, &name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(directory)
    }

    /// Changes what `body` names of a directory. Its kind stays.
    pub async fn update_synced_directory(
        &self,
        actor: &Actor,
        name: &str,
        mut body: Map<String, Value>,
    ) -> Result<SyncedDirectory, EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let password = take_password(&mut body)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_directory(name)
            .await?
            .ok_or_else(|| EngineError::not_found(KIND, name))?;
        let before = self.read_directory(&mut session, record.clone()).await?;
        let mut settings = before.settings.to_map();
        settings.extend(body);
        let settings = SyncSettings::read(settings)?;
        if settings.kind != before.settings.kind {
            let rule = "cannot be changed; add another directory instead";
            return Err(EngineError::invalid("kind", rule, None));
        }
        if before.settings.leads_elsewhere(&settings) && password.is_none() {
            let rule = "is to be given again, as it would be sent elsewhere now, or in another way";
            return Err(EngineError::invalid("password", rule, None));
        }
        if let Some(password) = &password {
            self.keep_secret(&mut session, &secret_name(name), password.as_bytes())
                .await?;
        }
        let record = DirectoryRecord {
            settings: written(&settings)?,
            ..record
        };
        session.update_directory(name, &record.settings).await?;
        let after = self.read_directory(&mut session, record).await?;
        let (was, mut is) = (before.to_map(), after.to_map());
        if password.is_some() {
            is.insert("passwordChanged".to_owned(), true.into());
        }
        let (was, is) = (Value::Object(was), Value::Object(is));
        let change = Change::update(KIND, name, name, &was, &is);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(after)
    }

    /// Removes a directory with its password. The people and groups that came from it stay as they are, and are ours
    /// from then on.
    pub async fn delete_synced_directory(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<(), EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_directory(name)
            .await?
            .ok_or_else(|| EngineError::not_found(KIND, name))?;
        if record.held_until > self.now() {
            let reason = format!("the directory `{name}` is being read now; try again in a moment");
            return Err(EngineError::NotPossible { reason });
        }
        let directory = self.read_directory(&mut session, record).await?;
        session
            .delete_source_entries(&source_of(name, false).name)
            .await?;
        session.delete_directory(name).await?;
        session.delete_secret(&secret_name(name)).await?;
        let before = Value::Object(directory.to_map());
        let change = Change::delete(KIND, name, name, before);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Has a directory read with the next round; with `full` all of it.
    pub async fn request_synchronization(
        &self,
        actor: &Actor,
        name: &str,
        full: bool,
    ) -> Result<(), EngineError> {
        let after = json!({ "full": full });
        self.note_for_next_run(actor, name, ("synchronize", after), |progress| {
            progress.wants_full |= full;
            Ok(())
        })
        .await
    }

    /// Confirms deletions that wait: the next run takes as many as there were, and no more.
    pub async fn confirm_deletions(&self, actor: &Actor, name: &str) -> Result<u64, EngineError> {
        let mut confirmed = 0;
        self.note_for_next_run(actor, name, ("confirmDeletions", json!({})), |progress| {
            let held = progress.last.as_ref().map_or(0, |last| last.held);
            if held == 0 {
                return Err(EngineError::NotPossible {
                    reason: "no deletions wait to be confirmed".to_owned(),
                });
            }
            confirmed = held;
            progress.confirmed = Some(held);
            Ok(())
        })
        .await?;
        Ok(confirmed)
    }

    /// Deletes at once what is gone from a directory; how many. What is still needed stays.
    pub async fn delete_gone_of_directory(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<u64, EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let mut session = self.store().read().await?;
        if session.find_directory(name).await?.is_none() {
            return Err(EngineError::not_found(KIND, name));
        }
        drop(session);
        let end = self.now().plus(1);
        self.delete_gone(actor, &source_of(name, false), end).await
    }

    async fn note_for_next_run(
        &self,
        actor: &Actor,
        name: &str,
        (activity, after): (&'static str, Value),
        change: impl FnOnce(&mut Progress) -> Result<(), EngineError> + Send,
    ) -> Result<(), EngineError> {
        actor.require(Action::SignInUpdate)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_directory(name)
            .await?
            .ok_or_else(|| EngineError::not_found(KIND, name))?;
        let mut progress = read_progress(&record)?;
        change(&mut progress)?;
        session
            .set_directory_progress(name, &written(&progress)?)
            .await?;
        session.make_directory_due(name, self.now()).await?;
        let change = Change::action(activity, KIND, name, name, after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    async fn read_directory(
        &self,
        session: &mut Session,
        record: DirectoryRecord,
    ) -> Result<SyncedDirectory, EngineError> {
        let settings = read_settings(&record)?;
        let progress = read_progress(&record)?;
        let counts = session
            .count_source_entries(&source_of(&record.name, false).name)
            .await?;
        let secret = session.find_secret(&secret_name(&record.name)).await?;
        Ok(SyncedDirectory {
            settings,
            has_password: secret.is_some(),
            due_at: record.due_at,
            is_running: record.held_until > self.now(),
            succeeded_at: progress.succeeded_at,
            last: progress.last,
            counts,
            created_at: record.created_at,
            name: record.name,
        })
    }

    /// The password of a directory's account.
    pub(super) async fn directory_password(
        &self,
        session: &mut Session,
        directory: &str,
    ) -> Result<Zeroizing<Vec<u8>>, EngineError> {
        let found = self.kept_secret(session, &secret_name(directory)).await?;
        found.ok_or_else(|| EngineError::not_found("password of the directory", directory))
    }
}

pub(super) fn read_settings(record: &DirectoryRecord) -> Result<SyncSettings, EngineError> {
    serde_json::from_str(&record.settings)
        .map_err(|error| EngineError::Internal(format!("directory `{}`: {error}", record.name)))
}

/// The address of a directory, and the roots (PEM) that were given for it.
pub(crate) fn directory_place(
    record: &DirectoryRecord,
) -> Result<(String, Option<String>), EngineError> {
    let settings = read_settings(record)?;
    Ok((settings.url, settings.roots))
}

pub(super) fn read_progress(record: &DirectoryRecord) -> Result<Progress, EngineError> {
    serde_json::from_str(&record.progress)
        .map_err(|error| EngineError::Internal(format!("directory `{}`: {error}", record.name)))
}

/// The source that a directory is.
pub(super) fn source_of(name: &str, trusts_names: bool) -> Source {
    Source {
        trusts_names,
        ..Source::master(format!("directory/{name}"))
    }
}

/// What the database calls the password of a directory's account.
fn secret_name(directory: &str) -> String {
    format!("directory/{directory}")
}

fn take_password(body: &mut Map<String, Value>) -> Result<Option<Zeroizing<String>>, EngineError> {
    match body.remove("password") {
        None => Ok(None),
        Some(Value::String(password)) if (1..=PASSWORD_LENGTH).contains(&password.len()) => {
            Ok(Some(Zeroizing::new(password)))
        }
        Some(_) => {
            let rule =
                "must be a text of 1 to 1,024 octets: a bind without a password is one of nobody";
            Err(EngineError::invalid("password", rule, None))
        }
    }
}
