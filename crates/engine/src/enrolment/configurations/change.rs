//! Enrolment configurations as administrators see and change them.

use std::collections::BTreeSet;

use mandate_model::{EnrolmentConfigurationId, GroupId};
use mandate_store::{EnrolmentConfigurationRecord, Session};
use serde_json::{Value, json};

use super::{EVERYBODY, EnrolmentConfiguration, EnrolmentContent, content_of, of_everybody};
use crate::audit::Change;
use crate::enrolment::RestrictedPlatform;
use crate::{Action, Actor, Engine, EngineError};

/// An enrolment configuration to be made. It means nobody before it is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrolmentConfiguration<C> {
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it says.
    pub content: C,
    /// Its place among the others of its sort and platform, from 1 on; after all others if absent or beyond them.
    pub priority: Option<i64>,
}

/// A change to an enrolment configuration; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnrolmentConfigurationChange<Content> {
    /// Name for people.
    pub display_name: Option<String>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// What it says.
    pub content: Content,
}

impl Engine {
    /// All of a sort in the order in which they count: by platform and priority, and the one for everybody at the end.
    pub async fn list_enrolment_configurations<C: EnrolmentContent>(
        &self,
        actor: &Actor,
    ) -> Result<Vec<EnrolmentConfiguration<C>>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let records = session.list_enrolment_configurations(C::KIND).await?;
        let everybody = of_everybody::<C>(&records);
        let custom = records.into_iter().filter(|one| one.id != EVERYBODY);
        let mut all = custom
            .map(EnrolmentConfiguration::<C>::read)
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|one| (one.content.platform(), one.priority));
        all.push(EnrolmentConfiguration::read(everybody)?);
        Ok(all)
    }

    /// One by id.
    pub async fn find_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        id: EnrolmentConfigurationId,
    ) -> Result<Option<EnrolmentConfiguration<C>>, EngineError> {
        let all = self.list_enrolment_configurations(actor).await?;
        Ok(all.into_iter().find(|one| one.id == id))
    }

    /// Makes one.
    pub async fn create_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        new: NewEnrolmentConfiguration<C>,
    ) -> Result<EnrolmentConfiguration<C>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let content = new.content.checked()?;
        if new.priority.is_some_and(|priority| priority < 1) {
            return Err(wrong_priority("must be 1 or more", new.priority));
        }
        let mut session = self.store().write().await?;
        let all = held::<C>(&mut session).await?;
        // That of everybody is among them.
        if all.len() > C::MOST {
            let (most, word) = (C::MOST, C::WORD);
            let reason = format!("there are {most} {word}s already, and there can be no more");
            return Err(EngineError::NotPossible { reason });
        }
        let now = self.now();
        let platform = content.platform().map(RestrictedPlatform::word);
        let mut order = of_platform(&all, platform);
        let asked = new
            .priority
            .and_then(|priority| usize::try_from(priority).ok());
        let place = asked.map_or(order.len(), |asked| (asked - 1).min(order.len()));
        let record = EnrolmentConfigurationRecord {
            kind: C::KIND,
            id: EnrolmentConfigurationId(self.chance().id(now)),
            name: new.display_name.trim().to_owned(),
            description: described(new.description),
            platform: platform.map(str::to_owned),
            priority: number_of(place),
            content: content.written(),
            version: 1,
            created_at: now,
            modified_at: now,
            groups: BTreeSet::new(),
        };
        check_texts(&record)?;
        order.insert(place, record.clone());
        put_in_order(&mut session, &all, order).await?;
        let said = properties::<C>(&record)?;
        let change = Change::create(C::AUDITED, record.id, &record.name, said);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentConfiguration::read(record)
    }

    /// Changes one. Of the one for everybody only what it says can be changed.
    pub async fn update_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        id: EnrolmentConfigurationId,
        change: EnrolmentConfigurationChange<C::Change>,
    ) -> Result<EnrolmentConfiguration<C>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found::<C>(&held::<C>(&mut session).await?, id)?;
        let mut after = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut after.name);
        }
        if let Some(description) = change.description {
            after.description = described(description);
        }
        let is_renamed = (&after.name, &after.description) != (&before.name, &before.description);
        if id == EVERYBODY && is_renamed {
            return Err(is_built_in::<C>(
                "its name and description cannot be changed",
            ));
        }
        check_texts(&after)?;
        let content: C = content_of(&before)?;
        after.content = content.changed(change.content)?.written();
        if after == before {
            return EnrolmentConfiguration::read(before);
        }
        after.version += 1;
        after.modified_at = self.now();
        session.set_enrolment_configuration(&after).await?;
        let (old, new) = (properties::<C>(&before)?, properties::<C>(&after)?);
        let change = Change::update(C::AUDITED, id, &after.name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentConfiguration::read(after)
    }

    /// Deletes one; those of its platform after it move up.
    pub async fn delete_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        id: EnrolmentConfigurationId,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held::<C>(&mut session).await?;
        let record = found::<C>(&all, id)?;
        if id == EVERYBODY {
            return Err(is_built_in::<C>("it cannot be deleted"));
        }
        session.delete_enrolment_configuration(C::KIND, id).await?;
        let mut order = of_platform(&all, record.platform.as_deref());
        order.retain(|other| other.id != id);
        put_in_order(&mut session, &all, order).await?;
        let said = properties::<C>(&record)?;
        let change = Change::delete(C::AUDITED, id, &record.name, said);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Says for whose people one is. The one for everybody is for everybody.
    pub async fn assign_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        id: EnrolmentConfigurationId,
        groups: BTreeSet<GroupId>,
    ) -> Result<EnrolmentConfiguration<C>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found::<C>(&held::<C>(&mut session).await?, id)?;
        if id == EVERYBODY {
            return Err(is_built_in::<C>(
                "it holds for everybody and cannot be assigned",
            ));
        }
        for group in &groups {
            if session.find_group(*group).await?.is_none() {
                let (rule, value) = ("must name existing groups", group.to_string());
                return Err(EngineError::invalid(ASSIGNMENTS, rule, Some(&value)));
            }
        }
        let after = EnrolmentConfigurationRecord {
            groups,
            ..before.clone()
        };
        if after == before {
            return EnrolmentConfiguration::read(before);
        }
        session
            .set_groups_of_enrolment_configuration(C::KIND, id, &after.groups)
            .await?;
        let (old, new) = (properties::<C>(&before)?, properties::<C>(&after)?);
        let change = Change::act("assign", C::AUDITED, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentConfiguration::read(after)
    }

    /// Puts one at a place among the others of its platform, from 1 on; those from there on move down.
    pub async fn prioritise_enrolment_configuration<C: EnrolmentContent>(
        &self,
        actor: &Actor,
        id: EnrolmentConfigurationId,
        priority: i64,
    ) -> Result<EnrolmentConfiguration<C>, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held::<C>(&mut session).await?;
        let before = found::<C>(&all, id)?;
        if id == EVERYBODY {
            return Err(is_built_in::<C>("it comes after all others"));
        }
        let mut order = of_platform(&all, before.platform.as_deref());
        let last = order.len();
        let place = usize::try_from(priority).ok();
        let Some(place) = place.filter(|place| (1..=last).contains(place)) else {
            return Err(wrong_priority(
                &format!("must be 1 to {last}"),
                Some(priority),
            ));
        };
        order.retain(|other| other.id != id);
        order.insert(place - 1, before.clone());
        put_in_order(&mut session, &all, order).await?;
        let after = EnrolmentConfigurationRecord {
            priority,
            ..before.clone()
        };
        let (old, new) = (properties::<C>(&before)?, properties::<C>(&after)?);
        let change = Change::act("setPriority", C::AUDITED, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentConfiguration::read(after)
    }
}

/// All of a sort with that of everybody, while nobody else changes one.
async fn held<C: EnrolmentContent>(
    session: &mut Session,
) -> Result<Vec<EnrolmentConfigurationRecord>, EngineError> {
    session.hold_enrolment_rules().await?;
    let mut all = session.list_enrolment_configurations(C::KIND).await?;
    if all.iter().all(|one| one.id != EVERYBODY) {
        all.insert(0, of_everybody::<C>(&[]));
    }
    Ok(all)
}

fn found<C: EnrolmentContent>(
    all: &[EnrolmentConfigurationRecord],
    id: EnrolmentConfigurationId,
) -> Result<EnrolmentConfigurationRecord, EngineError> {
    let one = all.iter().find(|one| one.id == id).cloned();
    one.ok_or_else(|| EngineError::not_found(C::NAME, id))
}

/// Those of one platform that are not for everybody, by priority.
fn of_platform(
    all: &[EnrolmentConfigurationRecord],
    platform: Option<&str>,
) -> Vec<EnrolmentConfigurationRecord> {
    all.iter()
        .filter(|one| one.id != EVERYBODY && one.platform.as_deref() == platform)
        .cloned()
        .collect()
}

/// The priority of a place in an order.
fn number_of(place: usize) -> i64 {
    i64::try_from(place).map_or(i64::MAX, |place| place.saturating_add(1))
}

/// Numbers those of one platform from 1 on, and writes those whose number is another than before.
async fn put_in_order(
    session: &mut Session,
    before: &[EnrolmentConfigurationRecord],
    order: Vec<EnrolmentConfigurationRecord>,
) -> Result<(), EngineError> {
    for (one, priority) in order.into_iter().zip(1..) {
        let known = before.iter().find(|known| known.id == one.id);
        if known.is_none_or(|known| known.priority != priority) {
            let moved = EnrolmentConfigurationRecord { priority, ..one };
            session.set_enrolment_configuration(&moved).await?;
        }
    }
    Ok(())
}

/// What it is for, trimmed; nothing if that is empty.
pub(in crate::enrolment) fn described(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn check_texts(record: &EnrolmentConfigurationRecord) -> Result<(), EngineError> {
    let name = &record.name;
    if name.is_empty() || name.chars().count() > NAME_LIMIT {
        let rule = format!("must have 1 to {NAME_LIMIT} characters");
        return Err(EngineError::invalid("displayName", &rule, Some(name)));
    }
    let description = record.description.as_ref();
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
        let rule = format!("must have at most {DESCRIPTION_LIMIT} characters");
        return Err(EngineError::invalid("description", &rule, None));
    }
    Ok(())
}

fn wrong_priority(rule: &str, value: Option<i64>) -> EngineError {
    let value = value.map(|value| value.to_string());
    EngineError::invalid("priority", rule, value.as_deref())
}

fn is_built_in<C: EnrolmentContent>(what: &str) -> EngineError {
    EngineError::NotPossible {
        reason: format!("the {} of everybody is built in: {what}", C::WORD),
    }
}

/// What the audit says of one, in Graph's words.
fn properties<C: EnrolmentContent>(
    record: &EnrolmentConfigurationRecord,
) -> Result<Value, EngineError> {
    let mut all = content_of::<C>(record)?.properties();
    all.insert("displayName".to_owned(), json!(record.name));
    all.insert("description".to_owned(), json!(record.description));
    all.insert("priority".to_owned(), json!(record.priority));
    all.insert("assignments".to_owned(), json!(record.groups));
    Ok(Value::Object(all))
}

const ASSIGNMENTS: &str = "enrollmentConfigurationAssignments";
/// Characters of names and descriptions. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 256;
const DESCRIPTION_LIMIT: usize = 1024;
