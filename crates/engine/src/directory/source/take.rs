//! Taking records: together where all goes well, one by one where one of them does not.

use std::collections::{HashMap, HashSet};

use mandate_store::{Session, SourceEntryRecord};

use super::record::{Source, SourceFault, SourceOutcome, Sourced, Writing, Written};
use crate::{Actor, Engine, EngineError};

impl Engine {
    /// Takes a page of records; what became of each, in their order.
    pub(super) async fn take<R: Sourced>(
        &self,
        actor: &Actor,
        source: &Source,
        records: &[R],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        let mut session = self.store().read().await?;
        let known = entries(&mut session, source, records).await?;
        drop(session);
        let mut outcomes: Vec<Option<SourceOutcome>> = records
            .iter()
            .map(|record| same(known.get(record.external_id())?, record))
            .collect();
        let open: Vec<&R> = records
            .iter()
            .zip(&outcomes)
            .filter_map(|(record, outcome)| outcome.is_none().then_some(record))
            .collect();
        if !open.is_empty() {
            let taken = match self.take_together(actor, source, &open).await {
                Err(error) if is_of_one(&error) => self.take_alone(actor, source, &open).await?,
                other => other?,
            };
            let mut taken = taken.into_iter();
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
                *outcome = taken.next();
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    async fn writing<'a>(
        &'a self,
        actor: &'a Actor,
        source: &'a Source,
    ) -> Result<Writing<'a>, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        Ok(Writing {
            engine: self,
            session,
            actor,
            source,
        })
    }

    /// In one transaction; an error undoes them all.
    async fn take_together<R: Sourced>(
        &self,
        actor: &Actor,
        source: &Source,
        records: &[&R],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        let mut writing = self.writing(actor, source).await?;
        let mut known = entries(&mut writing.session, source, records.iter().copied()).await?;
        let mut outcomes = Vec::with_capacity(records.len());
        let mut told = HashSet::new();
        for record in records {
            let id = record.external_id();
            if !told.insert(id) {
                // A source may tell of one entry twice, and it is here since the first time.
                known = entries(&mut writing.session, source, records.iter().copied()).await?;
            }
            let entry = known.remove(id);
            outcomes.push(match record.write(&mut writing, entry.as_ref()).await? {
                Written::Done(outcome) => outcome,
                Written::Not(fault) => {
                    refuse(&mut writing, *record, entry.as_ref(), &fault).await?;
                    SourceOutcome::Refused(fault)
                }
            });
        }
        writing.session.commit().await?;
        Ok(outcomes)
    }

    /// Each in a transaction of its own, so that what is wrong with one is nothing to the others.
    async fn take_alone<R: Sourced>(
        &self,
        actor: &Actor,
        source: &Source,
        records: &[&R],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        let mut outcomes = Vec::with_capacity(records.len());
        for record in records {
            let alone = [*record];
            match self.take_together(actor, source, &alone).await {
                Ok(outcome) => outcomes.extend(outcome),
                Err(error) if is_of_one(&error) => {
                    let fault = fault_of(&error);
                    let mut writing = self.writing(actor, source).await?;
                    let known =
                        entries(&mut writing.session, source, alone.iter().copied()).await?;
                    let entry = known.get(record.external_id());
                    refuse(&mut writing, *record, entry, &fault).await?;
                    writing.session.commit().await?;
                    outcomes.push(SourceOutcome::Refused(fault));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }
}

/// The entries of records, by their ids.
async fn entries<'a, R: Sourced + 'a>(
    session: &mut Session,
    source: &Source,
    records: impl IntoIterator<Item = &'a R>,
) -> Result<HashMap<String, SourceEntryRecord>, EngineError> {
    // What no database can hold is no id, and is refused for that later.
    let ids: Vec<String> = records
        .into_iter()
        .map(|record| record.external_id().to_owned())
        .filter(|id| !id.contains('\0'))
        .collect();
    let found = session.find_source_entries(&source.name, &ids).await?;
    Ok(found
        .into_iter()
        .map(|entry| (entry.external_id.clone(), entry))
        .collect())
}

/// Unchanged, if the record is what was taken last.
fn same<R: Sourced>(entry: &SourceEntryRecord, record: &R) -> Option<SourceOutcome> {
    let is_settled = entry.gone_at.is_none() && entry.fault.is_none() && entry.kind == R::KIND;
    let object = entry.object.filter(|_| is_settled)?;
    (entry.digest.as_deref() == Some(record.digest().as_slice()))
        .then_some(SourceOutcome::Unchanged(object))
}

/// Keeps a record that could not be taken, with the reason; nothing if that is known.
async fn refuse<R: Sourced>(
    writing: &mut Writing<'_>,
    record: &R,
    entry: Option<&SourceEntryRecord>,
    fault: &SourceFault,
) -> Result<(), EngineError> {
    if fault.property == "id" {
        // There is nothing to remember it by.
        return Ok(());
    }
    let written =
        serde_json::to_string(fault).map_err(|error| EngineError::Internal(error.to_string()))?;
    let kept = record.kept();
    let is_known = |entry: &SourceEntryRecord| {
        entry.fault.as_deref() == Some(&written) && entry.refused == kept
    };
    if entry.is_some_and(is_known) {
        return Ok(());
    }
    let now = writing.engine.now();
    let entry = SourceEntryRecord {
        source: writing.source.name.clone(),
        external_id: record.external_id().to_owned(),
        kind: R::KIND,
        object: entry.and_then(|entry| entry.object),
        locator: entry.and_then(|entry| entry.locator.clone()),
        digest: entry.and_then(|entry| entry.digest.clone()),
        refused: kept,
        fault: Some(written),
        is_master: writing.source.is_master,
        gone_at: None,
        synced_at: entry.map_or(now, |entry| entry.synced_at),
    };
    writing.session.put_source_entry(&entry).await?;
    if let Some(object) = entry.object {
        record.blame(writing, object, fault).await?;
    }
    Ok(())
}

/// Whether an error is about one record and not about all.
fn is_of_one(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Invalid(_)
            | EngineError::AlreadyExists { .. }
            | EngineError::NotPossible { .. }
            | EngineError::InUse { .. }
    )
}

/// The same for what the source is told.
pub(in crate::directory) fn fault_of(error: &EngineError) -> SourceFault {
    match error {
        EngineError::AlreadyExists {
            property, value, ..
        } => SourceFault::conflict(property, value, "somebody else has it already"),
        EngineError::Invalid(violations) => {
            let property = violations.first().map_or("", |first| &first.property);
            SourceFault::invalid(property, None, &error.to_string())
        }
        other => SourceFault::invalid("", None, &other.to_string()),
    }
}
