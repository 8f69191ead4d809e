//! Limits as administrators see and change them.

use std::collections::BTreeSet;

use mandate_model::{EnrolmentLimitId, GroupId, Timestamp};
use mandate_store::{EnrolmentLimitRecord, Session};
use serde_json::{Value, json};

use super::{EVERYBODY, MOST_DEVICES, MOST_LIMITS, of_everybody};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// A limit of devices per person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentLimit {
    /// Id; all zeros for the limit of everybody.
    pub id: EnrolmentLimitId,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Of several limits that mean a person, the one with the lowest number counts, from 1 on without gaps. The limit of
    /// everybody has 0 and counts last.
    pub priority: i64,
    /// How many devices, 1 to 1,000.
    pub devices: i64,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made; never for the limit of everybody.
    pub created_at: Option<Timestamp>,
    /// When it was last changed; never if it is as it was built in.
    pub modified_at: Option<Timestamp>,
    /// For whose people it is.
    pub groups: BTreeSet<GroupId>,
}

impl EnrolmentLimit {
    /// The id of the limit of everybody.
    pub const OF_EVERYBODY: EnrolmentLimitId = EVERYBODY;

    /// Whether it is the limit of everybody, which cannot be deleted, assigned or put before others.
    pub fn is_of_everybody(&self) -> bool {
        self.id == EVERYBODY
    }
}

impl From<EnrolmentLimitRecord> for EnrolmentLimit {
    fn from(record: EnrolmentLimitRecord) -> Self {
        let is_custom = record.id != EVERYBODY;
        Self {
            created_at: is_custom.then_some(record.created_at),
            modified_at: (is_custom || record.version > 0).then_some(record.modified_at),
            id: record.id,
            display_name: record.name,
            description: record.description,
            priority: record.priority,
            devices: record.devices,
            version: record.version,
            groups: record.groups,
        }
    }
}

/// A limit to be made. It means nobody before it is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrolmentLimit {
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// How many devices, 1 to 1,000.
    pub devices: i64,
    /// Its place among the others, from 1 on; after all others if absent or beyond them.
    pub priority: Option<i64>,
}

/// A change to a limit; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnrolmentLimitChange {
    /// Name for people.
    pub display_name: Option<String>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// How many devices, 1 to 1,000.
    pub devices: Option<i64>,
}

impl Engine {
    /// All limits in the order in which they count: by priority, and the one for everybody at the end.
    pub async fn list_enrolment_limits(
        &self,
        actor: &Actor,
    ) -> Result<Vec<EnrolmentLimit>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let records = session.list_enrolment_limits().await?;
        let everybody = of_everybody(&records);
        let custom = records.into_iter().filter(|limit| limit.id != EVERYBODY);
        Ok(custom
            .chain(std::iter::once(everybody))
            .map(Into::into)
            .collect())
    }

    /// A limit by id.
    pub async fn find_enrolment_limit(
        &self,
        actor: &Actor,
        id: EnrolmentLimitId,
    ) -> Result<Option<EnrolmentLimit>, EngineError> {
        let limits = self.list_enrolment_limits(actor).await?;
        Ok(limits.into_iter().find(|limit| limit.id == id))
    }

    /// Makes a limit.
    pub async fn create_enrolment_limit(
        &self,
        actor: &Actor,
        new: NewEnrolmentLimit,
    ) -> Result<EnrolmentLimit, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        let custom = all.iter().filter(|limit| limit.id != EVERYBODY).count();
        if custom >= MOST_LIMITS {
            let reason =
                format!("there are {MOST_LIMITS} limits already, and there can be no more");
            return Err(EngineError::NotPossible { reason });
        }
        let now = self.now();
        let last = i64::try_from(custom).unwrap_or(i64::MAX) + 1;
        let record = EnrolmentLimitRecord {
            id: EnrolmentLimitId(self.chance().id(now)),
            name: new.display_name.trim().to_owned(),
            description: new.description,
            priority: new.priority.unwrap_or(last).min(last),
            devices: new.devices,
            version: 1,
            created_at: now,
            modified_at: now,
            groups: BTreeSet::new(),
        };
        check(&record)?;
        if record.priority < 1 {
            let value = record.priority.to_string();
            return Err(EngineError::invalid(
                "priority",
                "must be 1 or more",
                Some(&value),
            ));
        }
        let mut order: Vec<_> = all.iter().filter(|limit| limit.id != EVERYBODY).collect();
        let place = usize::try_from(record.priority).unwrap_or(order.len() + 1);
        order.insert(place - 1, &record);
        put_in_order(&mut session, &all, order.into_iter()).await?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(record.into())
    }

    /// Changes a limit. Of the one for everybody only the number can be changed.
    pub async fn update_enrolment_limit(
        &self,
        actor: &Actor,
        id: EnrolmentLimitId,
        change: EnrolmentLimitChange,
    ) -> Result<EnrolmentLimit, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found(held(&mut session).await?, id)?;
        let mut after = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut after.name);
        }
        if let Some(description) = change.description {
            after.description = description;
        }
        after.devices = change.devices.unwrap_or(after.devices);
        if id == EVERYBODY
            && (&after.name, &after.description) != (&before.name, &before.description)
        {
            return Err(built_in("its name and description cannot be changed"));
        }
        check(&after)?;
        if after == before {
            return Ok(before.into());
        }
        after.version += 1;
        after.modified_at = self.now();
        session.set_enrolment_limit(&after).await?;
        let (old, new) = (properties(&before), properties(&after));
        let change = Change::update(KIND, id, &after.name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(after.into())
    }

    /// Deletes a limit; those after it move up.
    pub async fn delete_enrolment_limit(
        &self,
        actor: &Actor,
        id: EnrolmentLimitId,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        let limit = found(all.clone(), id)?;
        if id == EVERYBODY {
            return Err(built_in("it cannot be deleted"));
        }
        session.delete_enrolment_limit(id).await?;
        put_in_order(
            &mut session,
            &all,
            all.iter().filter(|other| other.id != id),
        )
        .await?;
        let change = Change::delete(KIND, id, &limit.name, properties(&limit));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Says for whose people a limit is. The one for everybody is for everybody.
    pub async fn assign_enrolment_limit(
        &self,
        actor: &Actor,
        id: EnrolmentLimitId,
        groups: BTreeSet<GroupId>,
    ) -> Result<EnrolmentLimit, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found(held(&mut session).await?, id)?;
        if id == EVERYBODY {
            return Err(built_in("it holds for everybody and cannot be assigned"));
        }
        for group in &groups {
            if session.find_group(*group).await?.is_none() {
                let (rule, value) = ("must name existing groups", group.to_string());
                return Err(EngineError::invalid(ASSIGNMENTS, rule, Some(&value)));
            }
        }
        if groups == before.groups {
            return Ok(before.into());
        }
        session.set_groups_of_enrolment_limit(id, &groups).await?;
        let after = EnrolmentLimitRecord {
            groups,
            ..before.clone()
        };
        let (old, new) = (properties(&before), properties(&after));
        let change = Change::act("assign", KIND, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(after.into())
    }

    /// Puts a limit at a place among the others, from 1 on; those from there on move down.
    pub async fn prioritise_enrolment_limit(
        &self,
        actor: &Actor,
        id: EnrolmentLimitId,
        priority: i64,
    ) -> Result<EnrolmentLimit, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        let before = found(all.clone(), id)?;
        if id == EVERYBODY {
            return Err(built_in("it comes after all others"));
        }
        let mut order: Vec<_> = all.iter().filter(|limit| limit.id != EVERYBODY).collect();
        let last = order.len();
        let place = usize::try_from(priority).ok();
        let Some(place) = place.filter(|place| (1..=last).contains(place)) else {
            let (rule, value) = (format!("must be 1 to {last}"), priority.to_string());
            return Err(EngineError::invalid("priority", &rule, Some(&value)));
        };
        order.retain(|limit| limit.id != id);
        order.insert(place - 1, &before);
        put_in_order(&mut session, &all, order.into_iter()).await?;
        let after = EnrolmentLimitRecord {
            priority,
            ..before.clone()
        };
        let (old, new) = (properties(&before), properties(&after));
        let change = Change::act("setPriority", KIND, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(after.into())
    }
}

/// All limits with that of everybody, while nobody else changes one.
async fn held(session: &mut Session) -> Result<Vec<EnrolmentLimitRecord>, EngineError> {
    session.hold_enrolment_limits().await?;
    let mut all = session.list_enrolment_limits().await?;
    if all.iter().all(|limit| limit.id != EVERYBODY) {
        all.insert(0, of_everybody(&[]));
    }
    Ok(all)
}

fn found(
    all: Vec<EnrolmentLimitRecord>,
    id: EnrolmentLimitId,
) -> Result<EnrolmentLimitRecord, EngineError> {
    all.into_iter()
        .find(|limit| limit.id == id)
        .ok_or_else(|| EngineError::not_found("enrolment limit", id))
}

/// Numbers those that are not for everybody from 1 on, and writes those whose number is another than before.
async fn put_in_order<'a>(
    session: &mut Session,
    before: &[EnrolmentLimitRecord],
    order: impl Iterator<Item = &'a EnrolmentLimitRecord>,
) -> Result<(), EngineError> {
    let custom = order.filter(|limit| limit.id != EVERYBODY);
    for (limit, priority) in custom.zip(1..) {
        let number = before.iter().find(|known| known.id == limit.id);
        if number.is_none_or(|known| known.priority != priority) {
            let moved = EnrolmentLimitRecord {
                priority,
                ..limit.clone()
            };
            session.set_enrolment_limit(&moved).await?;
        }
    }
    Ok(())
}

fn check(limit: &EnrolmentLimitRecord) -> Result<(), EngineError> {
    let name = &limit.name;
    if name.is_empty() || name.chars().count() > NAME_LIMIT {
        let rule = format!("must have 1 to {NAME_LIMIT} characters");
        return Err(EngineError::invalid("displayName", &rule, Some(name)));
    }
    let description = limit.description.as_ref();
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
        let rule = format!("must have at most {DESCRIPTION_LIMIT} characters");
        return Err(EngineError::invalid("description", &rule, None));
    }
    if !(1..=MOST_DEVICES).contains(&limit.devices) {
        let (rule, value) = (
            format!("must be 1 to {MOST_DEVICES}"),
            limit.devices.to_string(),
        );
        return Err(EngineError::invalid("limit", &rule, Some(&value)));
    }
    Ok(())
}

fn built_in(what: &str) -> EngineError {
    EngineError::NotPossible {
        reason: format!("the limit of everybody is built in: {what}"),
    }
}

/// What the audit says of a limit, in Graph's words.
fn properties(limit: &EnrolmentLimitRecord) -> Value {
    json!({
        "displayName": limit.name,
        "description": limit.description,
        "limit": limit.devices,
        "priority": limit.priority,
        "assignments": limit.groups,
    })
}

/// What the audit calls limits.
const KIND: &str = "enrolmentLimit";
const ASSIGNMENTS: &str = "enrollmentConfigurationAssignments";
/// Characters of names and descriptions. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 256;
const DESCRIPTION_LIMIT: usize = 1024;
