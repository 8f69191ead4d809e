//! What comes from a source that alone says it is changed there.

use mandate_model::{Group, User};
use mandate_store::{Session, SourceEntryRecord};
use serde_json::Value;
use uuid::Uuid;

use crate::EngineError;
use crate::directory::{groups, users};

/// What stays with us of a person who comes from elsewhere.
const OUR_OWN: [&str; 2] = ["usageLocation", "preferredLanguage"];

/// Refuses a change of what another place says of a person.
pub(in crate::directory) async fn require_own_user(
    session: &mut Session,
    before: &User,
    after: &User,
) -> Result<(), EngineError> {
    let Some(entry) = master_of(session, before.id.0).await? else {
        return Ok(());
    };
    let (old, new) = (users::properties(before), users::properties(after));
    refuse_difference(&entry, &old, &new)
}

/// Refuses a change of what another place says of a group: its record, and if `members_move` who is in it.
pub(in crate::directory) async fn require_own_group(
    session: &mut Session,
    (before, after): (&Group, &Group),
    members_move: bool,
) -> Result<(), EngineError> {
    let Some(entry) = master_of(session, before.id.0).await? else {
        return Ok(());
    };
    if members_move {
        return Err(mastered(&entry, "members"));
    }
    let (old, new) = (groups::properties(before), groups::properties(after));
    refuse_difference(&entry, &Value::Object(old), &Value::Object(new))
}

/// Refuses to delete what another place still has: it would come back. What is gone there may go here.
pub(in crate::directory) async fn require_unsourced(
    session: &mut Session,
    what: &'static str,
    id: Uuid,
    name: &str,
) -> Result<(), EngineError> {
    match master_of(session, id).await? {
        Some(entry) if entry.gone_at.is_none() => Err(EngineError::NotPossible {
            reason: format!(
                "the {what} `{name}` comes from `{}` and would come back: delete it there first",
                entry.source
            ),
        }),
        _ => Ok(()),
    }
}

async fn master_of(
    session: &mut Session,
    object: Uuid,
) -> Result<Option<SourceEntryRecord>, EngineError> {
    let entry = session.find_source_entry_of(object).await?;
    Ok(entry.filter(|entry| entry.is_master))
}

fn refuse_difference(
    entry: &SourceEntryRecord,
    old: &Value,
    new: &Value,
) -> Result<(), EngineError> {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return Ok(());
    };
    let names = old.keys().chain(new.keys());
    let mut different = names.filter(|name| {
        let (was, is) = (old.get(*name), new.get(*name));
        was.unwrap_or(&Value::Null) != is.unwrap_or(&Value::Null)
            && !OUR_OWN.contains(&name.as_str())
    });
    match different.next() {
        Some(name) => Err(mastered(entry, name)),
        None => Ok(()),
    }
}

fn mastered(entry: &SourceEntryRecord, property: &str) -> EngineError {
    let rule = format!(
        "comes from `{}`, which alone says it: change it there, and it is changed here with the next synchronisation",
        entry.source
    );
    EngineError::invalid(property, &rule, None)
}
