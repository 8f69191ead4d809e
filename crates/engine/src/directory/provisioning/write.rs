//! Writing people and groups that somebody else's service brings.

use std::collections::BTreeSet;

use mandate_model::{GroupId, Member, UserId};
use mandate_store::{ScimResourceRecord, Session, SourceKind};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ProvisionFault, Provisioned, ProvisionedKind, shown, source};
use crate::directory::source::{SourceOutcome, SourcedGroup, SourcedPerson};
use crate::{Action, Actor, Engine, EngineError};

/// What is written of a person or group.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvisionWriting<T> {
    /// Sign-in name, or name of the group.
    pub name: String,
    /// What the client calls it.
    pub external_id: Option<String>,
    /// All of it.
    pub document: Map<String, Value>,
    /// The same in the words of the directory; the external id is filled in.
    pub sourced: T,
}

type Outcome<T> = Result<Result<T, ProvisionFault>, EngineError>;

impl Engine {
    /// Writes a person: a new one without an id, else the one with the id if it still has the version.
    pub async fn provision_person(
        &self,
        actor: &Actor,
        known: Option<(Uuid, i64)>,
        writing: ProvisionWriting<SourcedPerson>,
    ) -> Outcome<Provisioned> {
        actor.require(Action::UsersUpdate)?;
        let kept = match self
            .keep_provisioned(ProvisionedKind::User, known, &writing)
            .await?
        {
            Ok(kept) => kept,
            Err(fault) => return Ok(Err(fault)),
        };
        let person = SourcedPerson {
            external_id: kept.after.id.to_string(),
            ..writing.sourced
        };
        let outcomes = self.take_people(actor, &source(), &[person]).await;
        self.settle_provisioned(kept, outcomes).await
    }

    /// Writes a group likewise, with those of the ids who are in it; what is not known by us is passed over.
    pub async fn provision_group(
        &self,
        actor: &Actor,
        known: Option<(Uuid, i64)>,
        writing: ProvisionWriting<SourcedGroup>,
        members: &BTreeSet<Uuid>,
    ) -> Outcome<Provisioned> {
        actor.require(Action::GroupsUpdate)?;
        let kept = match self
            .keep_provisioned(ProvisionedKind::Group, known, &writing)
            .await?
        {
            Ok(kept) => kept,
            Err(fault) => return Ok(Err(fault)),
        };
        let group = SourcedGroup {
            external_id: kept.after.id.to_string(),
            ..writing.sourced
        };
        let outcomes = self.take_groups(actor, &source(), &[group]).await;
        let id = match &outcomes {
            Ok(outcomes) => outcomes.first().and_then(SourceOutcome::object),
            Err(_) => None,
        };
        let settled = self.settle_provisioned(kept, outcomes).await?;
        if let (Ok(_), Some(id)) = (&settled, id) {
            let wanted = self.members_of_ids(members).await?;
            self.set_members(actor, GroupId(id), &wanted).await?;
        }
        Ok(settled)
    }

    /// Takes a person or group out: accounts may not be used any more, and groups have nobody in them.
    pub async fn deprovision(&self, actor: &Actor, kind: ProvisionedKind, id: Uuid) -> Outcome<()> {
        actor.require(match kind {
            ProvisionedKind::User => Action::UsersUpdate,
            ProvisionedKind::Group => Action::GroupsUpdate,
        })?;
        let mut session = self.store().write().await?;
        let Some(record) = session.find_scim_resource(kind.word(), id).await? else {
            return Ok(Err(ProvisionFault::NotFound));
        };
        let object = object_of(&mut session, id).await?;
        drop(session);
        let outcomes = self
            .leave_source(actor, &source(), &[id.to_string()])
            .await?;
        if let Some(SourceOutcome::Refused(fault)) = outcomes.into_iter().next() {
            return Ok(Err(ProvisionFault::Refused(fault)));
        }
        if let (ProvisionedKind::Group, Some((_, group))) = (kind, object) {
            self.set_members(actor, GroupId(group), &BTreeSet::new())
                .await?;
        }
        self.leave_groups(actor, id).await?;
        let mut session = self.store().write().await?;
        let gone = ScimResourceRecord {
            modified_at: self.now(),
            deleted_at: Some(self.now()),
            ..record
        };
        if !session.update_scim_resource(&gone).await? {
            return Ok(Err(ProvisionFault::Overtaken));
        }
        session.commit().await?;
        Ok(Ok(()))
    }

    /// Takes somebody who is gone out of all groups that name them, so that they are in none when they come back.
    async fn leave_groups(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        let mut moved = Vec::new();
        for record in session.scim_groups_naming(id).await? {
            let mut group = shown(&record)?;
            let Some(Value::Array(members)) = group.document.get_mut(MEMBERS) else {
                continue;
            };
            members.retain(|member| member_id(member) != Some(id));
            let members: BTreeSet<Uuid> = members.iter().filter_map(member_id).collect();
            if members.is_empty() {
                group.document.remove(MEMBERS);
            }
            let left = ScimResourceRecord {
                document: Value::Object(group.document).to_string(),
                modified_at: self.now(),
                ..record
            };
            // Written meanwhile: whoever wrote it knows better.
            if session.update_scim_resource(&left).await? {
                moved.push((left.id, members));
            }
        }
        session.commit().await?;
        for (group, members) in moved {
            let mut session = self.store().read().await?;
            let object = object_of(&mut session, group).await?;
            drop(session);
            if let Some((SourceKind::Group, object)) = object {
                let wanted = self.members_of_ids(&members).await?;
                self.set_members(actor, GroupId(object), &wanted).await?;
            }
        }
        Ok(())
    }

    /// Keeps what is written, as long as nobody else has the name or has written meanwhile.
    async fn keep_provisioned<T: Sync>(
        &self,
        kind: ProvisionedKind,
        known: Option<(Uuid, i64)>,
        writing: &ProvisionWriting<T>,
    ) -> Outcome<Kept> {
        let mut session = self.store().write().await?;
        // Two of one name do not come in at the same time.
        session.hold_access().await?;
        let name_folded = writing.name.to_lowercase();
        let namesakes = match kind {
            ProvisionedKind::User => {
                session
                    .scim_resources_named(kind.word(), &name_folded)
                    .await?
            }
            // Groups may have the same name.
            ProvisionedKind::Group => Vec::new(),
        };
        let is_other = |record: &&ScimResourceRecord| known.is_none_or(|(id, _)| id != record.id);
        let mut others = namesakes.iter().filter(is_other);
        if others.clone().any(|other| other.deleted_at.is_none()) {
            return Ok(Err(ProvisionFault::NameTaken));
        }
        let before = match known {
            Some((id, version)) => {
                let Some(record) = session.find_scim_resource(kind.word(), id).await? else {
                    return Ok(Err(ProvisionFault::NotFound));
                };
                if record.version != version {
                    return Ok(Err(ProvisionFault::Overtaken));
                }
                Some(record)
            }
            // Names are given away again: who comes back is known by what the client calls them.
            None => others
                .find(|other| {
                    other.external_id.is_some() && other.external_id == writing.external_id
                })
                .cloned(),
        };
        let now = self.now();
        let after = ScimResourceRecord {
            id: before
                .as_ref()
                .map_or_else(|| self.chance().id(now), |before| before.id),
            kind: kind.word().to_owned(),
            name_folded,
            external_id: writing.external_id.clone(),
            document: Value::Object(writing.document.clone()).to_string(),
            version: before.as_ref().map_or(1, |before| before.version),
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            modified_at: now,
            deleted_at: None,
        };
        let is_same = before.as_ref().is_some_and(|before| {
            before.deleted_at.is_none()
                && (&before.document, &before.external_id) == (&after.document, &after.external_id)
        });
        let after = match &before {
            Some(before) if is_same => before.clone(),
            Some(_) => {
                if !session.update_scim_resource(&after).await? {
                    return Ok(Err(ProvisionFault::Overtaken));
                }
                ScimResourceRecord {
                    version: after.version + 1,
                    ..after
                }
            }
            None => {
                session.insert_scim_resource(&after).await?;
                after
            }
        };
        session.commit().await?;
        Ok(Ok(Kept { before, after }))
    }

    /// What is kept stays if it was taken; else it is again as it was.
    async fn settle_provisioned(
        &self,
        kept: Kept,
        outcomes: Result<Vec<SourceOutcome>, EngineError>,
    ) -> Outcome<Provisioned> {
        let fault = match outcomes.map(|outcomes| outcomes.into_iter().next()) {
            Ok(Some(SourceOutcome::Refused(fault))) => Ok(Err(ProvisionFault::Refused(fault))),
            Ok(_) => return shown(&kept.after).map(Ok),
            Err(error) => Err(error),
        };
        let mut session = self.store().write().await?;
        let back = match kept.before {
            Some(before) => ScimResourceRecord {
                version: kept.after.version,
                ..before
            },
            None => ScimResourceRecord {
                deleted_at: Some(self.now()),
                ..kept.after
            },
        };
        session.update_scim_resource(&back).await?;
        session.commit().await?;
        fault
    }

    /// The people and groups that these ids of theirs stand for.
    async fn members_of_ids(&self, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Member>, EngineError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut members = BTreeSet::new();
        for some in ids.chunks(200) {
            let mut session = self.store().read().await?;
            let entries = session.find_source_entries(&source().name, some).await?;
            for entry in entries.into_iter().filter(|entry| entry.gone_at.is_none()) {
                if let Some(object) = entry.object {
                    members.insert(match entry.kind {
                        SourceKind::User => Member::User(UserId(object)),
                        SourceKind::Group => Member::Group(GroupId(object)),
                    });
                }
            }
        }
        Ok(members)
    }
}

/// What was kept, and what it was before.
struct Kept {
    before: Option<ScimResourceRecord>,
    after: ScimResourceRecord,
}

async fn object_of(
    session: &mut Session,
    id: Uuid,
) -> Result<Option<(SourceKind, Uuid)>, EngineError> {
    let entries = session
        .find_source_entries(&source().name, &[id.to_string()])
        .await?;
    let entry = entries.into_iter().next();
    Ok(entry.and_then(|entry| Some((entry.kind, entry.object?))))
}

fn member_id(member: &Value) -> Option<Uuid> {
    let id = member.get("value").and_then(Value::as_str)?;
    Uuid::try_parse(id).ok()
}

/// Where a group names who is in it (RFC 7643 §4.2).
const MEMBERS: &str = "members";
