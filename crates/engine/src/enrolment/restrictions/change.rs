//! Restrictions as administrators see and change them.

use std::collections::BTreeSet;

use mandate_model::{EnrolmentRestrictionId, GroupId, Timestamp};
use mandate_store::{EnrolmentRestrictionRecord, Session};
use serde_json::{Value, json};

use super::{
    ALL_PLATFORMS, EVERYBODY, MOST_RESTRICTIONS, PlatformRule, PlatformRules, RestrictedPlatform,
    of_everybody, rules_of,
};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// A restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRestriction {
    /// Id; all zeros for the one of everybody.
    pub id: EnrolmentRestrictionId,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// For which platform; all of them if absent, as for everybody.
    pub platform: Option<RestrictedPlatform>,
    /// Of several of one platform that mean a person, the one with the lowest number counts, from 1 on without gaps. The one
    /// of everybody has 0 and counts last.
    pub priority: i64,
    /// What it says, per platform.
    pub rules: PlatformRules,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made; never for the one of everybody.
    pub created_at: Option<Timestamp>,
    /// When it was last changed; never if it is as it was built in.
    pub modified_at: Option<Timestamp>,
    /// For whose people it is.
    pub groups: BTreeSet<GroupId>,
}

impl EnrolmentRestriction {
    /// The id of the one of everybody.
    pub const OF_EVERYBODY: EnrolmentRestrictionId = EVERYBODY;

    /// Whether it is the one of everybody, which cannot be deleted, assigned or put before others.
    pub fn is_of_everybody(&self) -> bool {
        self.id == EVERYBODY
    }

    /// What it says of a platform.
    pub fn rule(&self, platform: RestrictedPlatform) -> PlatformRule {
        self.rules.get(&platform).cloned().unwrap_or_default()
    }

    fn read(record: EnrolmentRestrictionRecord) -> Result<Self, EngineError> {
        let is_custom = record.id != EVERYBODY;
        Ok(Self {
            rules: rules_of(&record)?,
            created_at: is_custom.then_some(record.created_at),
            modified_at: (is_custom || record.version > 0).then_some(record.modified_at),
            id: record.id,
            display_name: record.name,
            description: record.description,
            platform: RestrictedPlatform::parse(&record.platform),
            priority: record.priority,
            version: record.version,
            groups: record.groups,
        })
    }
}

/// A restriction to be made. It means nobody before it is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrolmentRestriction {
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// For which platform.
    pub platform: RestrictedPlatform,
    /// What it says.
    pub rule: PlatformRule,
    /// Its place among the others of the platform, from 1 on; after all others if absent or beyond them.
    pub priority: Option<i64>,
}

/// A change to a restriction; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnrolmentRestrictionChange {
    /// Name for people.
    pub display_name: Option<String>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// What it says of these platforms; one that is for a single platform takes that alone.
    pub rules: PlatformRules,
}

impl Engine {
    /// All restrictions: by platform and priority, and the one for everybody at the end.
    pub async fn list_enrolment_restrictions(
        &self,
        actor: &Actor,
    ) -> Result<Vec<EnrolmentRestriction>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let mut session = self.store().read().await?;
        let records = session.list_enrolment_restrictions().await?;
        let everybody = of_everybody(&records);
        let custom = records.into_iter().filter(|record| record.id != EVERYBODY);
        let mut all = custom
            .map(EnrolmentRestriction::read)
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|one| (one.platform, one.priority));
        all.push(EnrolmentRestriction::read(everybody)?);
        Ok(all)
    }

    /// A restriction by id.
    pub async fn find_enrolment_restriction(
        &self,
        actor: &Actor,
        id: EnrolmentRestrictionId,
    ) -> Result<Option<EnrolmentRestriction>, EngineError> {
        let all = self.list_enrolment_restrictions(actor).await?;
        Ok(all.into_iter().find(|one| one.id == id))
    }

    /// Makes a restriction.
    pub async fn create_enrolment_restriction(
        &self,
        actor: &Actor,
        new: NewEnrolmentRestriction,
    ) -> Result<EnrolmentRestriction, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        if all.len() > MOST_RESTRICTIONS {
            let reason = format!(
                "there are {MOST_RESTRICTIONS} restrictions already, and there can be no more"
            );
            return Err(EngineError::NotPossible { reason });
        }
        if let Some(priority) = new.priority.filter(|priority| *priority < 1) {
            let value = priority.to_string();
            return Err(EngineError::invalid(
                "priority",
                "must be 1 or more",
                Some(&value),
            ));
        }
        let now = self.now();
        let mut order = of_platform(&all, new.platform.word());
        let last = order.len();
        let place = new
            .priority
            .and_then(|priority| usize::try_from(priority - 1).ok());
        let place = place.map_or(last, |place| place.min(last));
        let rule = new.rule.checked("platformRestriction")?;
        let record = EnrolmentRestrictionRecord {
            id: EnrolmentRestrictionId(self.chance().id(now)),
            name: new.display_name.trim().to_owned(),
            description: described(new.description),
            platform: new.platform.word().to_owned(),
            priority: i64::try_from(place).unwrap_or(i64::MAX - 1) + 1,
            rules: written(&PlatformRules::from([(new.platform, rule)])),
            version: 1,
            created_at: now,
            modified_at: now,
            groups: BTreeSet::new(),
        };
        check_texts(&record)?;
        order.insert(place, record.clone());
        put_in_order(&mut session, &all, &order).await?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record)?);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentRestriction::read(record)
    }

    /// Changes a restriction. Of the one for everybody only the rules can be changed.
    pub async fn update_enrolment_restriction(
        &self,
        actor: &Actor,
        id: EnrolmentRestrictionId,
        change: EnrolmentRestrictionChange,
    ) -> Result<EnrolmentRestriction, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found(&held(&mut session).await?, id)?;
        let mut after = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut after.name);
        }
        if let Some(description) = change.description {
            after.description = described(description);
        }
        let texts =
            |record: &EnrolmentRestrictionRecord| (record.name.clone(), record.description.clone());
        if id == EVERYBODY && texts(&after) != texts(&before) {
            return Err(built_in("its name and description cannot be changed"));
        }
        check_texts(&after)?;
        let mut rules = rules_of(&before)?;
        for (platform, rule) in change.rules {
            let is_single = before.platform != ALL_PLATFORMS;
            if is_single && before.platform != platform.word() {
                let rule = format!("must stay `{}`", before.platform);
                return Err(EngineError::invalid(
                    "platformType",
                    &rule,
                    Some(platform.word()),
                ));
            }
            let property = if is_single {
                "platformRestriction".to_owned()
            } else {
                format!("{}Restriction", platform.word())
            };
            rules.insert(platform, rule.checked(&property)?);
        }
        rules
            .retain(|_, rule| before.platform != ALL_PLATFORMS || *rule != PlatformRule::default());
        after.rules = written(&rules);
        if after == before {
            return EnrolmentRestriction::read(before);
        }
        after.version += 1;
        after.modified_at = self.now();
        session.set_enrolment_restriction(&after).await?;
        let (old, new) = (properties(&before)?, properties(&after)?);
        let change = Change::update(KIND, id, &after.name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentRestriction::read(after)
    }

    /// Deletes a restriction; those of its platform after it move up.
    pub async fn delete_enrolment_restriction(
        &self,
        actor: &Actor,
        id: EnrolmentRestrictionId,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        let record = found(&all, id)?;
        if id == EVERYBODY {
            return Err(built_in("it cannot be deleted"));
        }
        session.delete_enrolment_restriction(id).await?;
        let mut order = of_platform(&all, &record.platform);
        order.retain(|other| other.id != id);
        put_in_order(&mut session, &all, &order).await?;
        let change = Change::delete(KIND, id, &record.name, properties(&record)?);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Says for whose people a restriction is. The one for everybody is for everybody.
    pub async fn assign_enrolment_restriction(
        &self,
        actor: &Actor,
        id: EnrolmentRestrictionId,
        groups: BTreeSet<GroupId>,
    ) -> Result<EnrolmentRestriction, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = found(&held(&mut session).await?, id)?;
        if id == EVERYBODY {
            return Err(built_in("it holds for everybody and cannot be assigned"));
        }
        for group in &groups {
            if session.find_group(*group).await?.is_none() {
                let (rule, value) = ("must name existing groups", group.to_string());
                return Err(EngineError::invalid(ASSIGNMENTS, rule, Some(&value)));
            }
        }
        let after = EnrolmentRestrictionRecord {
            groups,
            ..before.clone()
        };
        if after == before {
            return EnrolmentRestriction::read(before);
        }
        session
            .set_groups_of_enrolment_restriction(id, &after.groups)
            .await?;
        let (old, new) = (properties(&before)?, properties(&after)?);
        let change = Change::act("assign", KIND, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentRestriction::read(after)
    }

    /// Puts a restriction at a place among the others of its platform, from 1 on; those from there on move down.
    pub async fn prioritise_enrolment_restriction(
        &self,
        actor: &Actor,
        id: EnrolmentRestrictionId,
        priority: i64,
    ) -> Result<EnrolmentRestriction, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let all = held(&mut session).await?;
        let before = found(&all, id)?;
        if id == EVERYBODY {
            return Err(built_in("it comes after all others"));
        }
        let mut order = of_platform(&all, &before.platform);
        let last = order.len();
        let place = usize::try_from(priority).ok();
        let Some(place) = place.filter(|place| (1..=last).contains(place)) else {
            let (rule, value) = (format!("must be 1 to {last}"), priority.to_string());
            return Err(EngineError::invalid("priority", &rule, Some(&value)));
        };
        order.retain(|other| other.id != id);
        order.insert(place - 1, before.clone());
        put_in_order(&mut session, &all, &order).await?;
        let after = EnrolmentRestrictionRecord {
            priority,
            ..before.clone()
        };
        let (old, new) = (properties(&before)?, properties(&after)?);
        let change = Change::act("setPriority", KIND, id, &before.name, old, new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        EnrolmentRestriction::read(after)
    }
}

/// All restrictions with that of everybody, while nobody else changes one.
async fn held(session: &mut Session) -> Result<Vec<EnrolmentRestrictionRecord>, EngineError> {
    session.hold_enrolment_limits().await?;
    let mut all = session.list_enrolment_restrictions().await?;
    if all.iter().all(|record| record.id != EVERYBODY) {
        all.insert(0, of_everybody(&[]));
    }
    Ok(all)
}

fn found(
    all: &[EnrolmentRestrictionRecord],
    id: EnrolmentRestrictionId,
) -> Result<EnrolmentRestrictionRecord, EngineError> {
    all.iter()
        .find(|record| record.id == id)
        .cloned()
        .ok_or_else(|| EngineError::not_found("enrolment restriction", id))
}

/// Those of one platform, by priority.
fn of_platform(
    all: &[EnrolmentRestrictionRecord],
    platform: &str,
) -> Vec<EnrolmentRestrictionRecord> {
    let is_one = |record: &&EnrolmentRestrictionRecord| {
        record.id != EVERYBODY && record.platform == platform
    };
    all.iter().filter(is_one).cloned().collect()
}

/// Numbers those of one platform from 1 on, and writes those whose number is another than before.
async fn put_in_order(
    session: &mut Session,
    before: &[EnrolmentRestrictionRecord],
    order: &[EnrolmentRestrictionRecord],
) -> Result<(), EngineError> {
    for (record, priority) in order.iter().zip(1..) {
        let number = before.iter().find(|known| known.id == record.id);
        if number.is_none_or(|known| known.priority != priority) {
            let moved = EnrolmentRestrictionRecord {
                priority,
                ..record.clone()
            };
            session.set_enrolment_restriction(&moved).await?;
        }
    }
    Ok(())
}

fn described(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn check_texts(record: &EnrolmentRestrictionRecord) -> Result<(), EngineError> {
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

fn built_in(what: &str) -> EngineError {
    EngineError::NotPossible {
        reason: format!("the restriction of everybody is built in: {what}"),
    }
}

fn written(rules: &PlatformRules) -> String {
    json!(rules).to_string()
}

/// What the audit says of a restriction, in Graph's words.
fn properties(record: &EnrolmentRestrictionRecord) -> Result<Value, EngineError> {
    Ok(json!({
        "displayName": record.name,
        "description": record.description,
        "platform": record.platform,
        "restrictions": rules_of(record)?,
        "priority": record.priority,
        "assignments": record.groups,
    }))
}

/// What the audit calls restrictions.
const KIND: &str = "enrolmentRestriction";
const ASSIGNMENTS: &str = "enrollmentConfigurationAssignments";
/// Characters of names and descriptions. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 256;
const DESCRIPTION_LIMIT: usize = 1024;
