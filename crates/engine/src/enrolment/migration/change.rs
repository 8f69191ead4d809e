//! Opening a migration, changing it, and letting go of it.

use mandate_model::DeviceId;
use mandate_store::{MigrationRecord, Session, StoreError};
use serde_json::{Value, json};

use super::elsewhere::{path_of, read_authorities};
use super::{
    KIND, Migration, MigrationChange, MigrationId, MigrationState, NewMigration, OtherServer,
};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Migrations at most: each was a server.
const MOST_MIGRATIONS: usize = 20;
const LONGEST_NAME: usize = 120;
const LONGEST_NOTE: usize = 1024;
const LONGEST_URL: usize = 1024;
const LONGEST_IDENTIFIER: usize = 255;
const LONGEST_AUTHORITIES: usize = 64 * 1024;
/// All bits of Apple's `AccessRights`: what the profiles ask for that both servers' documents show.
const ALL_RIGHTS: i64 = 8191;
/// First parts of paths that this server answers itself: no device of another server is served there.
const OWN_PATHS: [&str; 18] = [
    "",
    "apple",
    "scep",
    "pki",
    "console",
    "portal",
    "graph",
    "v1.0",
    "beta",
    "mandate",
    "oauth2",
    "common",
    "organizations",
    "healthz",
    "readyz",
    "metrics",
    ".well-known",
    "assets",
];

impl Engine {
    /// Migrations in the order in which they were opened.
    pub async fn list_migrations(&self, actor: &Actor) -> Result<Vec<Migration>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let records = self.store().read().await?.list_migrations().await?;
        Ok(records.into_iter().map(Into::into).collect())
    }

    /// One migration.
    pub async fn find_migration(
        &self,
        actor: &Actor,
        id: MigrationId,
    ) -> Result<Option<Migration>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let record = self.store().read().await?.find_migration(id).await?;
        Ok(record.map(Into::into))
    }

    /// Opens a migration: from now on its authorities are believed for the devices that are sent in by it.
    pub async fn open_migration(
        &self,
        actor: &Actor,
        new: NewMigration,
    ) -> Result<Migration, EngineError> {
        require(actor)?;
        let now = self.now();
        let record = MigrationRecord {
            id: self.chance().id(now),
            name: new.name.trim().to_owned(),
            kind: new.kind.name().to_owned(),
            note: new.note.trim().to_owned(),
            state: MigrationState::Open.name().to_owned(),
            moved_at: None,
            authorities: new.authorities.trim().to_owned(),
            server_url: new.server_url.trim().to_owned(),
            check_in_url: filled(new.check_in_url),
            profile_identifier: filled(new.profile_identifier),
            access_rights: new.access_rights.unwrap_or(ALL_RIGHTS),
            user_channels: new.user_channels.unwrap_or(true),
            key_hash: None,
            key_until: None,
            created_at: now,
            modified_at: now,
        };
        check(&record)?;
        let mut session = self.store().write().await?;
        if session.list_migrations().await?.len() >= MOST_MIGRATIONS {
            let reason =
                format!("there are {MOST_MIGRATIONS} migrations already; delete one first");
            return Err(EngineError::NotPossible { reason });
        }
        session
            .insert_migration(&record)
            .await
            .map_err(|error| taken(error, &record))?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.refresh_elsewhere().await?;
        Ok(record.into())
    }

    /// Changes a migration. What is said of the enrolment profile counts for all devices that have not replaced theirs; with
    /// `moved`, those that have not come are woken.
    pub async fn change_migration(
        &self,
        actor: &Actor,
        id: MigrationId,
        change: MigrationChange,
    ) -> Result<Migration, EngineError> {
        require(actor)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let before = held(&mut session, id).await?;
        let trimmed = |text: String| text.trim().to_owned();
        let mut after = before.clone();
        after.name = change.name.map_or(after.name, trimmed);
        after.note = change.note.map_or(after.note, trimmed);
        after.authorities = change.authorities.map_or(after.authorities, trimmed);
        after.server_url = change.server_url.map_or(after.server_url, trimmed);
        after.check_in_url = change.check_in_url.map_or(after.check_in_url, filled);
        after.profile_identifier = change
            .profile_identifier
            .map_or(after.profile_identifier, filled);
        after.access_rights = change.access_rights.unwrap_or(after.access_rights);
        after.user_channels = change.user_channels.unwrap_or(after.user_channels);
        if let Some(state) = change.state {
            state.name().clone_into(&mut after.state);
            if state == MigrationState::Moved && after.moved_at.is_none() {
                after.moved_at = Some(now);
            }
            if state == MigrationState::Closed {
                (after.key_hash, after.key_until) = (None, None);
            }
        }
        check(&after)?;
        let is_changed = after != before;
        after.modified_at = now;
        if is_changed {
            session
                .update_migration(&after)
                .await
                .map_err(|error| taken(error, &after))?;
            session.correct_migrated(&after).await?;
        }
        if change.state == Some(MigrationState::Moved) {
            session.wake_imported(id, now).await?;
        }
        let (old, new) = (properties(&before), properties(&after));
        let noted = Change::update(KIND, id, &after.name, &old, &new);
        self.audit(&mut session, actor, noted).await?;
        session.commit().await?;
        self.refresh_elsewhere().await?;
        Ok(after.into())
    }

    /// Deletes a migration by which nothing came. One by which devices came is closed instead: they are known by it.
    pub async fn delete_migration(
        &self,
        actor: &Actor,
        id: MigrationId,
    ) -> Result<(), EngineError> {
        require(actor)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        let enrolments = session.count_migrated(id).await?;
        if enrolments > 0 {
            let reason = format!(
                "{enrolments} devices came by this migration and are known by it; close it instead, or delete them first"
            );
            return Err(EngineError::NotPossible { reason });
        }
        session.delete_migration(id).await?;
        let change = Change::delete(KIND, id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.refresh_elsewhere().await
    }

    /// Has the devices woken that have not come yet, by the push certificate that they know; how many. Those that are woken
    /// while their name still leads to the other server come there, which does no harm.
    pub async fn wake_migration(&self, actor: &Actor, id: MigrationId) -> Result<u64, EngineError> {
        require(actor)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        if record.state == MigrationState::Closed.name() {
            return Err(closed(&record));
        }
        let woken = session.wake_imported(id, self.now()).await?;
        let change = Change::action("wake", KIND, id, &record.name, json!({ "devices": woken }));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(woken)
    }

    /// Profiles of others that a device which came from another server had when it last told, as identifiers and names; none
    /// for any other device. They are shown and never removed: who put them there may take them away.
    pub async fn foreign_profiles(
        &self,
        actor: &Actor,
        device: DeviceId,
    ) -> Result<Vec<(String, String)>, EngineError> {
        actor.require(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let Some(record) = session.find_device(device).await? else {
            return Err(EngineError::not_found("device", device));
        };
        let action = Action::DevicesRead;
        crate::access::scope::require_device(&mut session, actor, action, &record.device).await?;
        let found = session.find_migrated(device).await?;
        Ok(found.map_or_else(Vec::new, |found| {
            serde_json::from_str(&found.foreign_profiles).unwrap_or_default()
        }))
    }
}

/// Who sends devices here decides whom this server believes: that is the whole instance's matter.
pub(super) fn require(actor: &Actor) -> Result<(), EngineError> {
    actor.require(Action::MdmAuthorityUpdate)?;
    actor.require_everywhere(Action::MdmAuthorityUpdate)
}

pub(super) async fn held(
    session: &mut Session,
    id: MigrationId,
) -> Result<MigrationRecord, EngineError> {
    session
        .hold_migration(id)
        .await?
        .ok_or_else(|| EngineError::not_found("migration", id))
}

pub(super) fn closed(record: &MigrationRecord) -> EngineError {
    EngineError::NotPossible {
        reason: format!("the migration \u{201c}{}\u{201d} is closed", record.name),
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn taken(error: StoreError, record: &MigrationRecord) -> EngineError {
    match error {
        StoreError::Duplicate => EngineError::AlreadyExists {
            what: "migration",
            property: "displayName",
            value: record.name.clone(),
        },
        other => other.into(),
    }
}

/// What the audit says of a migration; never its key.
pub(super) fn properties(record: &MigrationRecord) -> Value {
    let authorities = read_authorities(&record.authorities).unwrap_or_default();
    let subjects: Vec<String> = authorities
        .iter()
        .map(mandate_pki::certificate::Certificate::subject)
        .collect();
    json!({
        "displayName": record.name,
        "server": record.kind,
        "notes": record.note,
        "state": record.state,
        "authorities": subjects,
        "serverUrl": record.server_url,
        "checkInUrl": record.check_in_url,
        "profileIdentifier": record.profile_identifier,
        "accessRights": record.access_rights,
        "userChannels": record.user_channels,
        "keyExpirationDateTime": record.key_until.map(|until| until.to_string()),
    })
}

fn check(record: &MigrationRecord) -> Result<(), EngineError> {
    let text = |property: &str, text: &str, least: usize, most: usize| {
        let length = text.chars().count();
        let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
        if (least..=most).contains(&length) && !text.contains(is_bad) {
            return Ok(());
        }
        let rule = format!("must have {least} to {most} characters");
        Err(EngineError::invalid(property, &rule, None))
    };
    text("displayName", &record.name, 1, LONGEST_NAME)?;
    text("notes", &record.note, 0, LONGEST_NOTE)?;
    if OtherServer::parse(&record.kind).is_none() {
        let rule = "must be `nanoMDM` or `microMDM`";
        return Err(EngineError::invalid("server", rule, Some(&record.kind)));
    }
    if record.authorities.len() > LONGEST_AUTHORITIES {
        return Err(EngineError::invalid(
            "authorities",
            "must have at most 64 KiB",
            None,
        ));
    }
    read_authorities(&record.authorities)
        .map_err(|rule| EngineError::invalid("authorities", rule, None))?;
    check_url("serverUrl", &record.server_url)?;
    if let Some(url) = &record.check_in_url {
        check_url("checkInUrl", url)?;
    }
    if let Some(identifier) = &record.profile_identifier
        && (identifier.len() > LONGEST_IDENTIFIER || identifier.chars().any(char::is_control))
    {
        let rule = "must be a `PayloadIdentifier` of at most 255 characters";
        return Err(EngineError::invalid(
            "profileIdentifier",
            rule,
            Some(identifier),
        ));
    }
    if !(1..=ALL_RIGHTS).contains(&record.access_rights) {
        let rule = "must be 1 to 8191, as in the enrolment profile";
        let value = record.access_rights.to_string();
        return Err(EngineError::invalid("accessRights", rule, Some(&value)));
    }
    Ok(())
}

/// An address as a device was told it. Apple asks for https; plain http is taken for the sake of tests on one machine.
fn check_url(property: &str, url: &str) -> Result<(), EngineError> {
    let invalid = |rule: &str| Err(EngineError::invalid(property, rule, Some(url)));
    let has_scheme = url.starts_with("https://") || url.starts_with("http://");
    if !has_scheme || url.len() > LONGEST_URL || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return invalid("must be an address as in the enrolment profile, `https://…`");
    }
    let first = path_of(url).trim_start_matches('/').split('/').next();
    if first.is_none_or(|first| OWN_PATHS.contains(&first)) {
        return invalid("must have a path of its own: this server answers that one itself");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_that_no_page_of_ours_has() {
        for good in [
            "https://mdm.example.com/mdm",
            "https://mdm.example.com:8443/mdm/connect?tenant=1",
            "http://127.0.0.1:9000/checkin",
        ] {
            assert!(check_url("serverUrl", good).is_ok(), "{good}");
        }
        for bad in [
            "https://mdm.example.com",
            "https://mdm.example.com/",
            "https://mdm.example.com/apple/mdm",
            "https://mdm.example.com/console/",
            "mdm.example.com/mdm",
            "https://mdm.example.com/m d m",
        ] {
            assert!(check_url("serverUrl", bad).is_err(), "{bad}");
        }
    }
}
