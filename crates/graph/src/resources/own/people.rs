//! People from a file of comma-separated values.

use mandate_engine::{
    Actor, ImportedPerson, KnownPeople, PeopleFile, PeopleImport, PeopleReport, PersonOutcome,
    SourceFault,
};
use serde_json::{Map, Value, json};

use super::authority::only;
use super::directories::readiness;
use super::read_text;
use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, ids};
use crate::state::GraphState;

/// Groups that everybody of a file may be brought to.
const MOST_GROUPS: usize = 50;

/// `POST users/import`: what became of each row of `content`, or with `dryRun` would.
pub(crate) async fn import_people(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    only(body, &["content", "known", "dryRun", "licence", "groups"])?;
    let content = read_text(body, "content")?
        .ok_or_else(|| GraphError::invalid("content", "`content` is required"))?;
    let how = read_how(body)?;
    let file = PeopleFile::read(content.as_bytes())?;
    let report = state.engine().import_people(actor, &file, &how).await?;
    Ok(shown(report))
}

fn read_how(body: &Map<String, Value>) -> Result<PeopleImport> {
    let flag = |name| {
        body.get(name)
            .map_or(Ok(false), |value| boolean(name, value))
    };
    let known = match read_text(body, "known")? {
        None => KnownPeople::default(),
        Some(word) => KnownPeople::parse(&word).ok_or_else(|| {
            let message = format!("`known` must be `skip` or `update`, but is `{word}`");
            GraphError::invalid("known", message)
        })?,
    };
    let groups = if body.contains_key("groups") {
        ids("groups", body, MOST_GROUPS)?
    } else {
        Vec::new()
    };
    Ok(PeopleImport {
        is_dry_run: flag("dryRun")?,
        known,
        licence: flag("licence")?,
        groups,
    })
}

fn shown(report: PeopleReport) -> Value {
    json!({
        "dryRun": report.is_dry_run,
        "created": report.created(),
        "changed": report.changed(),
        "unchanged": report.unchanged(),
        "skipped": report.skipped(),
        "refused": report.refused(),
        "ignoredColumns": report.passed_over,
        "notes": report.notes,
        "rows": report.people.iter().map(person).collect::<Vec<_>>(),
        "readiness": readiness(report.readiness),
    })
}

fn person(person: &ImportedPerson) -> Value {
    let mut shown = json!({
        "line": person.line,
        "userPrincipalName": person.name,
        "outcome": person.outcome.name(),
        "userId": person.user,
    });
    match &person.outcome {
        PersonOutcome::Changed(properties) => shown["properties"] = json!(properties),
        PersonOutcome::Refused(faults) => {
            shown["errors"] = faults.iter().map(fault).collect();
        }
        PersonOutcome::Created | PersonOutcome::Unchanged | PersonOutcome::Skipped => {}
    }
    shown
}

fn fault(fault: &SourceFault) -> Value {
    json!({ "property": fault.property, "value": fault.value, "reason": fault.reason })
}
