//! Identifiers as administrators import, see and delete them.

use std::collections::BTreeSet;

use mandate_model::{DeviceId, DeviceIdentityId, Timestamp};
use mandate_store::{DeviceIdentityRecord, Session};
use serde_json::{Value, json};

use super::IdentityKind;
use crate::audit::Change;
use crate::enrolment::configurations::described;
use crate::{Action, Actor, Engine, EngineError, Page};

/// Identifiers that one import takes: Intune's number.
pub const MOST_IDENTITIES_AT_ONCE: usize = 5000;
/// Identifiers of an instance; ours.
const MOST_IDENTITIES: i64 = 500_000;

/// A device that belongs to the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// Id.
    pub id: DeviceIdentityId,
    /// What sort of identifier it is.
    pub kind: IdentityKind,
    /// As it was imported.
    pub identifier: String,
    /// What the device runs, in Graph's word; carried.
    pub platform: String,
    /// What administrators wrote about it.
    pub description: Option<String>,
    /// Whether a device came with it.
    pub standing: IdentityStanding,
    /// The device that enrolled with it last.
    pub device: Option<DeviceId>,
    /// When it did.
    pub contacted_at: Option<Timestamp>,
    /// When it was imported.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// Whether a device came with an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityStanding {
    /// None did.
    NotContacted,
    /// Its device is enrolled, or about to be.
    Enrolled,
    /// Its device has left.
    Left,
}

impl TryFrom<DeviceIdentityRecord> for DeviceIdentity {
    type Error = EngineError;

    fn try_from(record: DeviceIdentityRecord) -> Result<Self, EngineError> {
        let kind = IdentityKind::parse(&record.kind).ok_or_else(|| {
            EngineError::Internal(format!(
                "device identity {}: kind `{}`",
                record.id, record.kind
            ))
        })?;
        let standing = match record.device_state.as_deref() {
            Some("enrolling" | "enrolled" | "retiring" | "wiping") => IdentityStanding::Enrolled,
            Some(_) => IdentityStanding::Left,
            None if record.contacted_at.is_some() => IdentityStanding::Left,
            None => IdentityStanding::NotContacted,
        };
        Ok(Self {
            id: record.id,
            kind,
            identifier: record.identifier,
            platform: record.platform,
            description: record.description,
            standing,
            device: record.device_id,
            contacted_at: record.contacted_at,
            created_at: record.created_at,
            modified_at: record.modified_at,
        })
    }
}

/// An identifier to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceIdentity {
    /// What sort of identifier it is.
    pub kind: IdentityKind,
    /// The identifier as typed.
    pub identifier: String,
    /// What the device runs, in Graph's word; `unknown` unless somebody says so.
    pub platform: String,
    /// What is to be noted of it.
    pub description: Option<String>,
}

/// What became of one identifier of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityResult {
    /// The identifier as it was given.
    pub identifier: String,
    /// What became of it.
    pub outcome: IdentityOutcome,
    /// What there is now, unless it is no identifier.
    pub identity: Option<DeviceIdentity>,
}

/// What became of one identifier of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityOutcome {
    /// It is new.
    Added,
    /// It was there, and says now what the import says.
    Replaced,
    /// It was there already as the import has it.
    Same,
    /// It was there, says something else, and was to be kept.
    Kept,
    /// The same identifier came before in this import.
    Repeated,
    /// It is none: why.
    Wrong(String),
}

impl IdentityOutcome {
    /// Whether the identifier is in the list now as the import has it.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Added | Self::Replaced | Self::Same)
    }
}

impl Engine {
    /// Identifiers by id; those that contain a text, if one is given.
    pub async fn list_device_identities(
        &self,
        actor: &Actor,
        part: &str,
        page: Page<DeviceIdentityId>,
    ) -> Result<Vec<DeviceIdentity>, EngineError> {
        actor.require(Action::CorporateIdentifiersRead)?;
        let mut session = self.store().read().await?;
        let part: String = part.chars().take(LONGEST_SEARCH).collect();
        let records = session
            .list_device_identities(part.trim(), page.after, page.limit)
            .await?;
        records.into_iter().map(TryInto::try_into).collect()
    }

    /// An identifier by id.
    pub async fn find_device_identity(
        &self,
        actor: &Actor,
        id: DeviceIdentityId,
    ) -> Result<Option<DeviceIdentity>, EngineError> {
        actor.require(Action::CorporateIdentifiersRead)?;
        let mut session = self.store().read().await?;
        let record = session.find_device_identity(id).await?;
        record.map(TryInto::try_into).transpose()
    }

    /// Those of a list of identifiers that are known.
    pub async fn search_device_identities(
        &self,
        actor: &Actor,
        wanted: &[(IdentityKind, String)],
    ) -> Result<Vec<DeviceIdentity>, EngineError> {
        actor.require(Action::CorporateIdentifiersRead)?;
        check_count(wanted.len())?;
        let mut session = self.store().read().await?;
        let mut found = Vec::new();
        let keys: BTreeSet<_> = wanted
            .iter()
            .filter_map(|(kind, text)| Some((*kind, kind.folded(text)?)))
            .collect();
        for (kind, folded) in keys {
            let record = session
                .find_device_identity_by(kind.word(), &folded)
                .await?;
            found.extend(record.map(DeviceIdentity::try_from).transpose()?);
        }
        Ok(found)
    }

    /// Imports identifiers: all that are right, and says of each what became of it. What is there already and says something
    /// else is replaced only if that is asked for. Devices that are enrolled already stay what they are.
    pub async fn import_device_identities(
        &self,
        actor: &Actor,
        rows: Vec<NewDeviceIdentity>,
        overwrite: bool,
    ) -> Result<Vec<IdentityResult>, EngineError> {
        actor.require(Action::CorporateIdentifiersCreate)?;
        if overwrite {
            actor.require(Action::CorporateIdentifiersUpdate)?;
        }
        check_count(rows.len())?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let mut room = MOST_IDENTITIES - session.count_device_identities().await?;
        let mut met = BTreeSet::new();
        let mut results = Vec::with_capacity(rows.len());
        for row in rows {
            let result = self
                .import_one(&mut session, row, overwrite, (&mut met, &mut room))
                .await?;
            results.push(result);
        }
        let count = |wanted: fn(&IdentityOutcome) -> bool| {
            results
                .iter()
                .filter(|result| wanted(&result.outcome))
                .count()
        };
        let (added, replaced) = (
            count(|outcome| *outcome == IdentityOutcome::Added),
            count(|outcome| *outcome == IdentityOutcome::Replaced),
        );
        if added + replaced > 0 {
            let after = json!({ "added": added, "replaced": replaced, "rows": results.len() });
            let change = Change::action("import", KIND, "import", "", after);
            self.audit(&mut session, actor, change).await?;
        }
        session.commit().await?;
        Ok(results)
    }

    async fn import_one(
        &self,
        session: &mut Session,
        row: NewDeviceIdentity,
        overwrite: bool,
        (met, room): (&mut BTreeSet<(IdentityKind, String)>, &mut i64),
    ) -> Result<IdentityResult, EngineError> {
        let identifier = row.identifier.trim().to_owned();
        let told = |outcome, identity| IdentityResult {
            identifier: identifier.chars().take(LONGEST_ECHO).collect(),
            outcome,
            identity,
        };
        let wrong = |rule: String| Ok(told(IdentityOutcome::Wrong(rule), None));
        let Some(folded) = row.kind.folded(&identifier) else {
            return wrong(row.kind.rule().to_owned());
        };
        let description = described(row.description);
        if !is_one_line(description.as_deref()) {
            return wrong(format!(
                "details must have at most {LONGEST_DESCRIPTION} characters on one line"
            ));
        }
        if !met.insert((row.kind, folded.clone())) {
            return Ok(told(IdentityOutcome::Repeated, None));
        }
        let known = session
            .find_device_identity_by(row.kind.word(), &folded)
            .await?;
        let now = self.now();
        let (record, outcome) = match known {
            None if *room <= 0 => {
                return wrong(format!("there are {MOST_IDENTITIES} identifiers already"));
            }
            None => {
                *room -= 1;
                let record = DeviceIdentityRecord {
                    id: DeviceIdentityId(self.chance().id(now)),
                    kind: row.kind.word().to_owned(),
                    identifier: identifier.clone(),
                    folded,
                    platform: row.platform,
                    description,
                    device_id: None,
                    contacted_at: None,
                    created_at: now,
                    modified_at: now,
                    device_state: None,
                };
                (record, IdentityOutcome::Added)
            }
            Some(known)
                if (&known.platform, &known.description) == (&row.platform, &description) =>
            {
                (known, IdentityOutcome::Same)
            }
            Some(known) if !overwrite => (known, IdentityOutcome::Kept),
            Some(known) => {
                let record = DeviceIdentityRecord {
                    identifier: identifier.clone(),
                    platform: row.platform,
                    description,
                    modified_at: now,
                    ..known
                };
                (record, IdentityOutcome::Replaced)
            }
        };
        if matches!(outcome, IdentityOutcome::Added | IdentityOutcome::Replaced) {
            session.set_device_identity(&record).await?;
        }
        Ok(told(outcome, Some(record.try_into()?)))
    }

    /// Changes what is noted of an identifier.
    pub async fn describe_device_identity(
        &self,
        actor: &Actor,
        id: DeviceIdentityId,
        description: Option<String>,
    ) -> Result<DeviceIdentity, EngineError> {
        actor.require(Action::CorporateIdentifiersUpdate)?;
        let description = described(description);
        if !is_one_line(description.as_deref()) {
            let rule = format!("must have at most {LONGEST_DESCRIPTION} characters on one line");
            return Err(EngineError::invalid("description", &rule, None));
        }
        let mut session = self.store().write().await?;
        let before = session
            .find_device_identity(id)
            .await?
            .ok_or_else(|| EngineError::not_found("device identity", id))?;
        if before.description == description {
            return before.try_into();
        }
        let after = DeviceIdentityRecord {
            description,
            modified_at: self.now(),
            ..before.clone()
        };
        session.set_device_identity(&after).await?;
        let (old, new) = (properties(&before), properties(&after));
        let change = Change::update(KIND, id, &after.identifier, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        after.try_into()
    }

    /// Deletes an identifier. Its device, if it is enrolled, stays as it is.
    pub async fn delete_device_identity(
        &self,
        actor: &Actor,
        id: DeviceIdentityId,
    ) -> Result<(), EngineError> {
        actor.require(Action::CorporateIdentifiersDelete)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_device_identity(id)
            .await?
            .ok_or_else(|| EngineError::not_found("device identity", id))?;
        session.delete_device_identity(id).await?;
        let change = Change::delete(KIND, id, &record.identifier, properties(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// Whether details can be kept.
fn is_one_line(details: Option<&str>) -> bool {
    details.is_none_or(|text| {
        text.chars().count() <= LONGEST_DESCRIPTION && !text.chars().any(char::is_control)
    })
}

fn check_count(rows: usize) -> Result<(), EngineError> {
    if (1..=MOST_IDENTITIES_AT_ONCE).contains(&rows) {
        return Ok(());
    }
    let rule = "must have 1 to 5,000 entries";
    Err(EngineError::invalid(LIST, rule, Some(&rows.to_string())))
}

/// What the audit says of an identifier, in Graph's words.
fn properties(record: &DeviceIdentityRecord) -> Value {
    json!({
        "importedDeviceIdentifier": record.identifier,
        "importedDeviceIdentityType": record.kind,
        "platform": record.platform,
        "description": record.description,
    })
}

/// What the audit calls identifiers.
const KIND: &str = "importedDeviceIdentity";
const LIST: &str = "importedDeviceIdentities";
/// Characters of details; ours.
const LONGEST_DESCRIPTION: usize = 256;
/// Characters of a wrong identifier that are given back.
const LONGEST_ECHO: usize = 64;
const LONGEST_SEARCH: usize = 64;
