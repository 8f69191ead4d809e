//! Groups and tags as forms name them: one on each line, by name or id.

use mandate_engine::{EngineError, GroupFilter, Page as Lines};
use mandate_model::GroupId;

use crate::administrator::Administrator;

/// Reads the groups of a field; or the line that names none, or more than one.
pub(super) async fn groups(
    administrator: &Administrator,
    text: &str,
) -> Result<Result<Vec<GroupId>, String>, EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut groups = Vec::new();
    for line in lines(text) {
        if let Ok(id) = line.parse()
            && engine.find_group(actor, id).await?.is_some()
        {
            groups.push(id);
            continue;
        }
        let filter = GroupFilter {
            name: Some(line.to_owned()),
            ..GroupFilter::default()
        };
        let found = engine.list_groups(actor, filter, Lines::first(2)).await?;
        match found.as_slice() {
            [one] => groups.push(one.id),
            [] | [_, ..] => return Ok(Err(line.to_owned())),
        }
    }
    groups.dedup();
    Ok(Ok(groups))
}

/// Names of groups, one on each line; ids of those that are gone.
pub(super) async fn names(
    administrator: &Administrator,
    groups: &[GroupId],
) -> Result<String, EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut text = String::new();
    for id in groups {
        let group = engine.find_group(actor, *id).await?;
        // A name that several groups have would not be read back.
        let name = match group {
            Some(group) => {
                let filter = GroupFilter {
                    name: Some(group.display_name.clone()),
                    ..GroupFilter::default()
                };
                let same = engine.list_groups(actor, filter, Lines::first(2)).await?;
                Some(group.display_name).filter(|_| same.len() == 1)
            }
            None => None,
        };
        text.push_str(&name.unwrap_or_else(|| id.to_string()));
        text.push('\n');
    }
    Ok(text)
}

/// The lines of a field that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
