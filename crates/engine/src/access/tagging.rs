//! Scope tags of objects: which may be given, and which are given by themselves.

use std::collections::BTreeSet;

use mandate_store::Session;

use super::scope::out_of_scope;
use super::{Action, Actor, Grant, Powers, Reach};
use crate::EngineError;

/// At most this many tags on one object, as in Intune.
const MOST: usize = 100;
const PROPERTY: &str = "roleScopeTagIds";

/// The tags of something new: those named, or those of who makes it.
pub(crate) async fn tags_for_new(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    given: Option<Vec<String>>,
) -> Result<Vec<String>, EngineError> {
    let own = actor.tags_for(action)?;
    let Some(given) = given else {
        let mut tags: Vec<String> = match own {
            Some(own) if !own.is_empty() => own.into_iter().collect(),
            _ => vec!["0".to_owned()],
        };
        in_order(&mut tags);
        tags.truncate(MOST);
        return Ok(tags);
    };
    let given = checked(session, given).await?;
    if let Some(own) = &own {
        require_own(own, given.iter())?;
    }
    Ok(given)
}

/// The tags of something after a change. Who works within a scope gives and takes only their own tags, of which one must
/// stay; all others stay as they are.
pub(crate) async fn tags_for_update(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    before: &[String],
    given: Option<Vec<String>>,
) -> Result<Vec<String>, EngineError> {
    let own = actor.tags_for(action)?;
    let Some(given) = given else {
        return Ok(before.to_vec());
    };
    let given = checked(session, given).await?;
    let Some(own) = own else {
        return Ok(given);
    };
    require_own(&own, given.iter().filter(|tag| !before.contains(tag)))?;
    if !given.iter().any(|tag| own.contains(tag)) {
        let rule = format!("must keep one of your own scope tags ({})", listed(&own));
        return Err(EngineError::invalid(PROPERTY, &rule, None));
    }
    let kept = before.iter().filter(|tag| !own.contains(*tag));
    let mut after: Vec<String> = given.iter().chain(kept).cloned().collect();
    in_order(&mut after);
    if after.len() > MOST {
        return Err(too_many());
    }
    require_no_more(actor, before, &after)?;
    Ok(after)
}

/// Refuses unknown tags, naming the first.
pub(crate) async fn check_known(
    session: &mut Session,
    property: &str,
    tags: &[String],
) -> Result<(), EngineError> {
    for tag in tags {
        let id = number(tag);
        let known = match id {
            Some(id) => session.find_scope_tag(id).await?.is_some(),
            None => false,
        };
        if !known {
            return Err(EngineError::invalid(
                property,
                "must name existing scope tags",
                Some(tag),
            ));
        }
    }
    Ok(())
}

/// Those of the tags that are still there; the default one if none is.
pub(crate) async fn known_of(
    session: &mut Session,
    tags: Vec<String>,
) -> Result<Vec<String>, EngineError> {
    let mut known = Vec::new();
    for tag in tags {
        let found = match number(&tag) {
            Some(id) => session.find_scope_tag(id).await?,
            None => None,
        };
        known.extend(found.map(|_| tag));
    }
    if known.is_empty() {
        known.push("0".to_owned());
    }
    Ok(known)
}

/// The number of a tag, if it is written as it is given out: no sign, no leading zeros.
pub(crate) fn number(tag: &str) -> Option<i64> {
    tag.parse().ok().filter(|id: &i64| id.to_string() == tag)
}

/// Refuses tags that would let the actor do more with the object than before: what one assignment allows must not come to
/// objects of another.
pub(crate) fn require_no_more(
    actor: &Actor,
    before: &[String],
    after: &[String],
) -> Result<(), EngineError> {
    let Powers::Granted(grants) = actor.powers() else {
        return Ok(());
    };
    let held: Vec<&Grant> = grants.iter().filter(|grant| grant.covers(before)).collect();
    for grant in grants.iter().filter(|grant| grant.covers(after)) {
        let lacks = |action: &&Action| {
            !held.iter().any(|held| {
                held.actions.contains(*action) && is_within(&grant.people, &held.people)
            })
        };
        if let Some(action) = grant.actions.iter().find(lacks) {
            return Err(out_of_scope(*action));
        }
    }
    Ok(())
}

/// Whether one reach is plainly a part of another; nested groups do not count.
fn is_within(part: &Reach, whole: &Reach) -> bool {
    match (part, whole) {
        (_, Reach::All) => true,
        (Reach::All, Reach::Some { .. }) => false,
        (
            Reach::Some {
                all_users,
                all_devices,
                groups,
            },
            Reach::Some { groups: other, .. },
        ) => {
            (!all_users || whole.has_all_users())
                && (!all_devices || whole.has_all_devices())
                && groups.is_subset(other)
        }
    }
}

async fn checked(session: &mut Session, given: Vec<String>) -> Result<Vec<String>, EngineError> {
    let mut tags = given;
    in_order(&mut tags);
    if tags.is_empty() || tags.len() > MOST {
        return Err(too_many());
    }
    check_known(session, PROPERTY, &tags).await?;
    Ok(tags)
}

fn require_own<'a>(
    own: &BTreeSet<String>,
    mut given: impl Iterator<Item = &'a String>,
) -> Result<(), EngineError> {
    match given.find(|tag| !own.contains(*tag)) {
        None => Ok(()),
        Some(foreign) => {
            let rule = format!("must be scope tags of your own ({})", listed(own));
            Err(EngineError::invalid(PROPERTY, &rule, Some(foreign)))
        }
    }
}

fn too_many() -> EngineError {
    EngineError::invalid(PROPERTY, "must have 1 to 100 scope tags", None)
}

fn listed(tags: &BTreeSet<String>) -> String {
    let mut tags: Vec<String> = tags.iter().cloned().collect();
    in_order(&mut tags);
    tags.join(", ")
}

/// By number, each once.
fn in_order(tags: &mut Vec<String>) {
    tags.sort_by_key(|tag| (number(tag), tag.clone()));
    tags.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use mandate_model::UserId;

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn a_tag_is_written_as_it_was_given_out() {
        let read = ["0", "12", "012", "-0", "+1", "1 ", "", "x"].map(number);
        assert_eq!(
            read,
            [Some(0), Some(12), None, None, None, None, None, None]
        );
        let mut all = tags(&["10", "9", "0", "9"]);
        in_order(&mut all);
        assert_eq!(all, tags(&["0", "9", "10"]));
    }

    #[test]
    fn a_tag_brings_no_action_that_was_not_allowed_before() {
        let grant = |action, tag: &str| Grant {
            actions: BTreeSet::from([Action::ProfilesUpdate, action]),
            tags: Some(BTreeSet::from([tag.to_owned()])),
            people: Reach::Some {
                all_users: true,
                all_devices: false,
                groups: BTreeSet::new(),
            },
        };
        let grants = vec![
            grant(Action::ProfilesRead, "1"),
            grant(Action::ProfilesRead, "2"),
            grant(Action::ProfilesDelete, "3"),
        ];
        let id = UserId(uuid::Uuid::nil());
        let actor = Actor::person(id, "a@contoso.com", None, None, Powers::Granted(grants));
        let change = |before: &[&str], after: &[&str]| {
            require_no_more(&actor, &tags(before), &tags(after)).is_ok()
        };
        assert!(change(&["1"], &["1", "2"]));
        assert!(change(&["1"], &["2"]));
        assert!(change(&["1", "3"], &["1"]));
        assert!(!change(&["1"], &["1", "3"]));
        assert!(!change(&["3"], &["1", "3"]), "nor reading that was not");
        assert!(!change(&["0"], &["1"]));
    }
}
