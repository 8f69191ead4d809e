//! What should be answered, and what is.

use axum::http::Method;

use super::people::Subject;
use super::published::ACTIONS;
use super::rows::{Row, Scope};
use super::world::{Place, World};
use crate::house::Answered;

/// What an answer means for the question of who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Done.
    Allowed,
    /// 401
    Unknown,
    /// 403
    Forbidden,
    /// 404
    Hidden,
    /// 400
    Refused,
}

/// What went wrong, and how much was tried.
#[derive(Debug, Default)]
pub(super) struct Tally {
    tried: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Fails if anything was wrong, or if less was tried than there is.
    #[track_caller]
    pub(super) fn conclude(self, at_least: usize) {
        assert!(
            self.wrong.is_empty(),
            "{} of {} answers were wrong:\n{}",
            self.wrong.len(),
            self.tried,
            self.wrong.join("\n")
        );
        assert!(self.tried >= at_least, "only {} were tried", self.tried);
    }
}

/// Collections that are always empty: those end points of which the model knows no more than that they are entities.
pub(super) fn empty_collections() -> Vec<String> {
    mandate_graph::empty_collections()
        .iter()
        .map(|path| (*path).to_owned())
        .collect()
}

/// Asks for one row as somebody, at every place where the answer may differ.
pub(super) async fn judge(world: &mut World, row: &Row, subject: &Subject, tally: &mut Tally) {
    let differs = subject.is_scoped && subject.token.is_some() && row.scope != Scope::Free;
    let places = if differs && !matches!(row.scope, Scope::Listed(_)) {
        Place::ALL.as_slice()
    } else {
        &[Place::Within]
    };
    for place in places {
        let expected = expected(row, subject, *place);
        if let Scope::Listed(kind) = row.scope {
            for place in Place::ALL {
                world.key(kind, place).await;
            }
        }
        let (path, answer) = ask(world, row, subject, *place).await;
        tally.tried += 1;
        let mut got = read(&answer, row, expected);
        if got == Ok(Verdict::Allowed)
            && let Scope::Listed(kind) = row.scope
        {
            got = listed(world, kind, subject, &answer).await;
        }
        if got != Ok(expected) {
            let got = got.map_or_else(|text| text, |verdict| format!("{verdict:?}"));
            tally.wrong.push(format!(
                "{} {path} as {} ({place:?}): expected {expected:?}, got {got}: {} {}",
                row.method,
                subject.name,
                answer.status.as_u16(),
                answer.text.chars().take(300).collect::<String>(),
            ));
        }
        if row.method != "GET" && answer.status.is_success() {
            world.spent(row.keys, *place);
        }
    }
}

fn expected(row: &Row, subject: &Subject, place: Place) -> Verdict {
    if row.needs == "*" {
        return Verdict::Allowed;
    }
    if subject.token.is_none() {
        return Verdict::Unknown;
    }
    if row.needs == "-" {
        return Verdict::Allowed;
    }
    let mut needs = row
        .needs
        .split_whitespace()
        .map(|name| subject.may(action(name)));
    let may_look = needs.next().unwrap_or(true);
    if !may_look {
        return Verdict::Forbidden;
    }
    let by_tags = matches!(row.scope, Scope::Seen | Scope::Done | Scope::Beyond);
    if !needs.all(|may| may) {
        // Who may look is told of what they see, and of nothing else.
        return if subject.is_scoped && by_tags && !place.has_tag() {
            Verdict::Hidden
        } else {
            Verdict::Forbidden
        };
    }
    if !subject.is_scoped {
        return Verdict::Allowed;
    }
    let unless = |holds: bool, otherwise: Verdict| {
        if holds { Verdict::Allowed } else { otherwise }
    };
    match row.scope {
        Scope::Free | Scope::Listed(_) => Verdict::Allowed,
        Scope::Seen => unless(place.has_tag(), Verdict::Hidden),
        Scope::Done | Scope::Beyond if !place.has_tag() => Verdict::Hidden,
        Scope::Whole | Scope::Beyond => Verdict::Forbidden,
        Scope::Done | Scope::Grouped => unless(place.has_group(), Verdict::Forbidden),
        Scope::Tagged => unless(place.has_tag(), Verdict::Refused),
        Scope::Given => unless(place.has_tag() && place.has_group(), Verdict::Forbidden),
    }
}

/// The action whose name ends so.
fn action(ending: &str) -> &'static str {
    let mut found = ACTIONS.iter().filter(|(name, _)| name.ends_with(ending));
    let action = found
        .next()
        .unwrap_or_else(|| panic!("`{ending}` is no action"))
        .0;
    assert!(found.next().is_none(), "`{ending}` is more than one action");
    action
}

/// The methods that the router knows for a path: those that it names when it refuses another.
pub(super) async fn methods_of(world: &World, path: &str) -> Vec<String> {
    let answer = world.house.call(Method::TRACE, path, &[], None).await;
    let allow = answer.headers.get("allow");
    let allow = allow.map_or("", |allow| allow.to_str().unwrap());
    allow
        .split(',')
        .map(str::trim)
        .filter(|method| !method.is_empty() && *method != "HEAD")
        .map(str::to_owned)
        .collect()
}

async fn ask(world: &mut World, row: &Row, subject: &Subject, place: Place) -> (String, Answered) {
    let path = address(world, row, place).await;
    let authorization = subject.token.as_ref().map_or_else(
        || "Basic none".to_owned(),
        |token| format!("Bearer {token}"),
    );
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let body = row.body.map(|body| body(world, place));
    let headers = [("authorization", authorization.as_str())];
    let answer = world.house.call(method, &path, &headers, body).await;
    (path, answer)
}

/// Where a row leads at a place, with keys of things that are made if they are not there.
pub(super) async fn address(world: &mut World, row: &Row, place: Place) -> String {
    let mut path = String::new();
    let mut kinds = row.keys.split_whitespace();
    for part in row.template.split('/') {
        if !path.is_empty() || row.template.starts_with('/') {
            path.push('/');
        }
        if part.starts_with('{') {
            path.push_str(&world.key(kinds.next().unwrap(), place).await);
        } else {
            path.push_str(part);
        }
    }
    let path = if row.template.starts_with('/') {
        path.replacen("//", "/", 1)
    } else {
        format!("/beta/{path}")
    };
    format!("{path}{}", (row.query)(world, place))
}

fn read(answer: &Answered, row: &Row, expected: Verdict) -> Result<Verdict, String> {
    let status = answer.status.as_u16();
    if expected == Verdict::Allowed && row.fine.contains(&status) {
        return Ok(Verdict::Allowed);
    }
    match status {
        200..=299 => Ok(Verdict::Allowed),
        401 => Ok(Verdict::Unknown),
        403 => Ok(Verdict::Forbidden),
        404 => Ok(Verdict::Hidden),
        400 => Ok(Verdict::Refused),
        _ => Err("something else".to_owned()),
    }
}

/// Whether a list has what is to be seen, and nothing that is hidden.
async fn listed(
    world: &mut World,
    kind: &str,
    subject: &Subject,
    answer: &Answered,
) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    for place in Place::ALL {
        let key = world.key(kind, place).await;
        let is_shown = answer.text.contains(&format!("\"id\":\"{key}\""));
        let is_due = !subject.is_scoped || place.has_tag();
        if is_shown != is_due {
            let seen = if is_shown { "shown" } else { "hidden" };
            wrong.push(format!("{kind} {key} ({place:?}) is {seen}"));
        }
    }
    if wrong.is_empty() {
        Ok(Verdict::Allowed)
    } else {
        Err(wrong.join(", "))
    }
}
