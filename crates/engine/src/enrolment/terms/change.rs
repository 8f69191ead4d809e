//! Terms as administrators see and change them.

use std::collections::BTreeSet;

use mandate_model::{GroupId, TermsId, Timestamp};
use mandate_store::{Session, TermsRecord};
use serde_json::{Value, json};

use super::{EVERYBODY, MOST_TERMS};
use crate::audit::Change;
use crate::enrolment::configurations::described;
use crate::instance::hex;
use crate::{Action, Actor, Engine, EngineError};

/// Terms that people accept before they enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Id.
    pub id: TermsId,
    /// Name for administrators.
    pub display_name: String,
    /// What they are for.
    pub description: Option<String>,
    /// Heading that people read.
    pub title: String,
    /// Text that people read: plain, with lines as they were written.
    pub body: String,
    /// What people say by accepting.
    pub statement: String,
    /// From 1 on; a higher one asks everybody anew.
    pub version: i64,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub modified_at: Timestamp,
    /// For whom they are.
    pub targets: BTreeSet<TermsTarget>,
}

/// For whom terms are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermsTarget {
    /// Everybody.
    AllUsers,
    /// The people of a group, also through groups within it.
    Group(GroupId),
}

impl TermsTarget {
    const fn group(self) -> GroupId {
        match self {
            Self::AllUsers => EVERYBODY,
            Self::Group(group) => group,
        }
    }

    fn of(group: GroupId) -> Self {
        if group == EVERYBODY {
            Self::AllUsers
        } else {
            Self::Group(group)
        }
    }
}

/// Terms to be made. They ask nobody before they are assigned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTerms {
    /// Name for administrators.
    pub display_name: String,
    /// What they are for.
    pub description: Option<String>,
    /// Heading that people read; the name if it is empty.
    pub title: String,
    /// Text that people read.
    pub body: String,
    /// What people say by accepting.
    pub statement: String,
    /// The first version, 1 unless a restored one says otherwise.
    pub version: Option<i64>,
}

/// A change to terms; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// Name for administrators.
    pub display_name: Option<String>,
    /// What they are for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Heading that people read.
    pub title: Option<String>,
    /// Text that people read.
    pub body: Option<String>,
    /// What people say by accepting.
    pub statement: Option<String>,
    /// A version: the present one, or a higher one so that everybody is asked anew.
    pub version: Option<i64>,
}

impl Engine {
    /// All terms by id, which is the order of their making.
    pub async fn list_terms(&self, actor: &Actor) -> Result<Vec<Terms>, EngineError> {
        actor.require(Action::TermsRead)?;
        let mut session = self.store().read().await?;
        let targets = session.groups_of_all_terms().await?;
        let records = session.list_terms().await?;
        let with_targets = |record: TermsRecord| {
            let own = targets.iter().filter(|(terms, _)| *terms == record.id);
            let own = own.map(|(_, group)| *group).collect();
            shown(record, own)
        };
        Ok(records.into_iter().map(with_targets).collect())
    }

    /// Terms by id.
    pub async fn find_terms(
        &self,
        actor: &Actor,
        id: TermsId,
    ) -> Result<Option<Terms>, EngineError> {
        actor.require(Action::TermsRead)?;
        let mut session = self.store().read().await?;
        let Some(record) = session.find_terms(id).await? else {
            return Ok(None);
        };
        let groups = session.groups_of_terms(id).await?;
        Ok(Some(shown(record, groups)))
    }

    /// Makes terms.
    pub async fn create_terms(&self, actor: &Actor, new: NewTerms) -> Result<Terms, EngineError> {
        actor.require(Action::TermsCreate)?;
        let now = self.now();
        let title = if new.title.trim().is_empty() {
            &new.display_name
        } else {
            &new.title
        };
        let record = TermsRecord {
            id: TermsId(self.chance().id(now)),
            name: new.display_name.trim().to_owned(),
            description: described(new.description),
            title: title.trim().to_owned(),
            body: plain(&new.body),
            statement: new.statement.trim().to_owned(),
            version: new.version.unwrap_or(1),
            created_at: now,
            modified_at: now,
        };
        check(&record)?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        if session.count_terms().await? >= MOST_TERMS {
            let reason = format!("there are {MOST_TERMS} terms already, and there can be no more");
            return Err(EngineError::NotPossible { reason });
        }
        session.set_terms(&record).await?;
        let change = Change::create(KIND, record.id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(shown(record, BTreeSet::new()))
    }

    /// Changes terms. Unless the version is a higher one, nobody is asked anew.
    pub async fn update_terms(
        &self,
        actor: &Actor,
        id: TermsId,
        change: TermsChange,
    ) -> Result<Terms, EngineError> {
        actor.require(Action::TermsUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let before = found(&mut session, id).await?;
        let groups = session.groups_of_terms(id).await?;
        let trimmed = |text: Option<String>, old: &str| {
            text.map_or_else(|| old.to_owned(), |text| text.trim().to_owned())
        };
        let mut after = TermsRecord {
            name: trimmed(change.display_name, &before.name),
            description: change
                .description
                .map_or(before.description.clone(), described),
            title: trimmed(change.title, &before.title),
            body: change
                .body
                .map_or_else(|| before.body.clone(), |text| plain(&text)),
            statement: trimmed(change.statement, &before.statement),
            version: change.version.unwrap_or(before.version),
            ..before.clone()
        };
        check(&after)?;
        if after.version < before.version {
            let rule = format!("must not be lower than {}", before.version);
            let value = after.version.to_string();
            return Err(EngineError::invalid("version", &rule, Some(&value)));
        }
        if after == before {
            return Ok(shown(before, groups));
        }
        after.modified_at = self.now();
        session.set_terms(&after).await?;
        let (old, new) = (properties(&before), properties(&after));
        let change = Change::update(KIND, id, &after.name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(shown(after, groups))
    }

    /// Deletes terms, with what is known of who accepted them.
    pub async fn delete_terms(&self, actor: &Actor, id: TermsId) -> Result<(), EngineError> {
        actor.require(Action::TermsDelete)?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let record = found(&mut session, id).await?;
        session.delete_terms(id).await?;
        let change = Change::delete(KIND, id, &record.name, properties(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Says for whom terms are.
    pub async fn assign_terms(
        &self,
        actor: &Actor,
        id: TermsId,
        targets: BTreeSet<TermsTarget>,
    ) -> Result<Terms, EngineError> {
        actor.require(Action::TermsAssign)?;
        let mut session = self.store().write().await?;
        session.hold_enrolment_rules().await?;
        let record = found(&mut session, id).await?;
        let before = session.groups_of_terms(id).await?;
        let after: BTreeSet<GroupId> = targets.into_iter().map(TermsTarget::group).collect();
        for group in after.iter().filter(|group| **group != EVERYBODY) {
            if session.find_group(*group).await?.is_none() {
                let (rule, value) = ("must name existing groups", group.to_string());
                return Err(EngineError::invalid("target", rule, Some(&value)));
            }
        }
        if after == before {
            return Ok(shown(record, after));
        }
        session.set_groups_of_terms(id, &after).await?;
        let of = |groups: &BTreeSet<GroupId>| json!({ "assignments": groups });
        let change = Change::act("assign", KIND, id, &record.name, of(&before), of(&after));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(shown(record, after))
    }
}

pub(super) async fn found(session: &mut Session, id: TermsId) -> Result<TermsRecord, EngineError> {
    session
        .find_terms(id)
        .await?
        .ok_or_else(|| EngineError::not_found("terms", id))
}

fn shown(record: TermsRecord, groups: BTreeSet<GroupId>) -> Terms {
    Terms {
        id: record.id,
        display_name: record.name,
        description: record.description,
        title: record.title,
        body: record.body,
        statement: record.statement,
        version: record.version,
        created_at: record.created_at,
        modified_at: record.modified_at,
        targets: groups.into_iter().map(TermsTarget::of).collect(),
    }
}

/// Browsers send two characters for the end of a line.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn check(record: &TermsRecord) -> Result<(), EngineError> {
    let bounds = [
        ("displayName", Some(&record.name), 1, NAME_LIMIT),
        (
            "description",
            record.description.as_ref(),
            0,
            STATEMENT_LIMIT,
        ),
        ("title", Some(&record.title), 1, NAME_LIMIT),
        ("bodyText", Some(&record.body), 1, BODY_LIMIT),
        (
            "acceptanceStatement",
            Some(&record.statement),
            0,
            STATEMENT_LIMIT,
        ),
    ];
    for (property, text, least, most) in bounds {
        let length = text.map_or(least, |text| text.chars().count());
        if !(least..=most).contains(&length) {
            let rule = format!("must have {least} to {most} characters");
            return Err(EngineError::invalid(property, &rule, None));
        }
        let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        if text.is_some_and(|text| text.contains(is_bad)) {
            let rule = "must not have control characters";
            return Err(EngineError::invalid(property, rule, None));
        }
    }
    if !(1..=VERSION_LIMIT).contains(&record.version) {
        let value = record.version.to_string();
        let rule = format!("must be 1 to {VERSION_LIMIT}");
        return Err(EngineError::invalid("version", &rule, Some(&value)));
    }
    Ok(())
}

/// What the audit says of terms, in Graph's words. The text may be long: of it, how long it is and what it hashes to.
fn properties(record: &TermsRecord) -> Value {
    json!({
        "displayName": record.name,
        "description": record.description,
        "title": record.title,
        "bodySha256": hash(&record.body),
        "acceptanceStatement": record.statement,
        "version": record.version,
    })
}

fn hash(text: &str) -> String {
    hex(&mandate_pki::sha256(text.as_bytes()))
}

/// What the audit calls terms.
pub(super) const KIND: &str = "termsAndConditions";
/// Characters. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 256;
const STATEMENT_LIMIT: usize = 1024;
const BODY_LIMIT: usize = 60_000;
/// Graph's versions have 32 bits.
const VERSION_LIMIT: i64 = 0x7fff_ffff;
