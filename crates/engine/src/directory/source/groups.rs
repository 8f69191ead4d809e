//! Groups of a source.

use mandate_model::GroupId;
use mandate_store::{SourceEntryRecord, SourceKind};
use serde_json::Value;
use uuid::Uuid;

use super::apply::{blame, entry_of, stamp};
use super::record::{Source, SourceFault, SourceOutcome, Sourced, SourcedGroup, Writing, Written};
use super::take::fault_of;
use crate::access::scope::require_newcomer;
use crate::audit::Change;
use crate::directory::groups::{KIND, checked, properties};
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Takes a page of groups, some hundreds at most; what became of each, in their order. Groups are never taken for
    /// others of the same name, as those may give what the source is not to give.
    pub async fn take_groups(
        &self,
        actor: &Actor,
        source: &Source,
        groups: &[SourcedGroup],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        actor.require(Action::GroupsUpdate)?;
        require_newcomer(actor, Action::GroupsUpdate)?;
        self.take(actor, source, groups).await
    }
}

impl Sourced for SourcedGroup {
    const KIND: SourceKind = SourceKind::Group;

    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn locator(&self) -> Option<&str> {
        self.locator.as_deref()
    }

    async fn write(
        &self,
        writing: &mut Writing<'_>,
        entry: Option<&SourceEntryRecord>,
    ) -> Result<Written, EngineError> {
        if let Some(fault) = self.fault() {
            return Ok(Written::Not(fault));
        }
        let before = match entry.and_then(|entry| entry.object) {
            Some(id) => writing.session.find_group(GroupId(id)).await?,
            None => None,
        };
        let (engine, source, now) = (writing.engine, writing.source, writing.engine.now());
        let group = match &before {
            Some(before) => self.onto(source, before),
            None => self.newcomer(source, GroupId(engine.chance().id(now)), now),
        };
        let mut group = match checked(group) {
            Ok(group) => group,
            Err(error) => return Ok(Written::Not(fault_of(&error))),
        };
        let id = group.id.0;
        let was_gone = entry.is_some_and(|entry| entry.gone_at.is_some());
        let (session, actor) = (&mut writing.session, writing.actor);
        let outcome = match before {
            None => {
                stamp(source, &mut group.other, now);
                session.insert_group(&group).await?;
                session.raise_picture().await?;
                let after = Value::Object(properties(&group));
                let change = Change::create(KIND, id, &group.display_name, after);
                engine.audit(session, actor, change).await?;
                SourceOutcome::Created(id)
            }
            Some(before) if before != group => {
                stamp(source, &mut group.other, now);
                session.update_group(&group).await?;
                session.raise_picture().await?;
                let old = Value::Object(properties(&before));
                let new = Value::Object(properties(&group));
                let change = Change::update(KIND, id, &group.display_name, &old, &new);
                engine.audit(session, actor, change).await?;
                if was_gone {
                    SourceOutcome::Restored(id)
                } else {
                    SourceOutcome::Changed(id)
                }
            }
            Some(_) if was_gone => SourceOutcome::Restored(id),
            Some(_) => SourceOutcome::Unchanged(id),
        };
        session
            .put_source_entry(&entry_of(source, self, id, now))
            .await?;
        Ok(Written::Done(outcome))
    }

    async fn blame(
        &self,
        writing: &mut Writing<'_>,
        object: Uuid,
        fault: &SourceFault,
    ) -> Result<(), EngineError> {
        let Some(before) = writing.session.find_group(GroupId(object)).await? else {
            return Ok(());
        };
        let mut group = before.clone();
        blame(&mut group.other, fault, writing.engine.now());
        if group != before {
            writing.session.update_group(&group).await?;
        }
        Ok(())
    }
}
