//! The rule of a dynamic group: written, checked, tried out, kept, paused and taken away.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, CountedMembers, EngineError, Newcomers, RulePreview, RuleProblem};
use mandate_model::membership_rule::{DEVICE_PROPERTIES, RuleKind, USER_PROPERTIES};
use mandate_model::{Group, GroupRule};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::path_of;
use super::show::find;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::numbers::number;

/// Characters of a line that are shown around the place of an error, on each side.
const AROUND: usize = 40;

#[derive(Template)]
#[template(path = "groups/rule.html")]
struct RulePage {
    page: Page,
    group: Group,
    path: String,
    text: String,
    is_paused: bool,
    /// What is wrong with the rule, and where.
    wrong: Option<Wrong>,
    /// What stands in the way besides.
    problem: String,
    /// The rule in its usual form, once it was checked.
    checked: String,
    preview: Option<Preview>,
    user_properties: String,
    device_properties: String,
}

/// An error of a rule, with the line in which it is and a mark below its place.
struct Wrong {
    text: String,
    excerpt: String,
}

/// What a rule would do, in words.
struct Preview {
    members: List,
    joining: List,
    leaving: List,
    profiles: Vec<(String, String, bool)>,
}

/// How many, and some of them.
struct List {
    title: String,
    names: Vec<String>,
    more: String,
}

/// `GET /console/groups/{id}/rule`
pub(super) async fn show_rule(administrator: Administrator, Path(id): Path<String>) -> Answer {
    administrator.actor.require(Action::GroupsUpdate)?;
    let group = find(&administrator, &id).await?;
    let (text, is_paused) = match &group.rule {
        Some(rule) => (rule.text.clone(), rule.is_paused),
        None => (String::new(), false),
    };
    let shown = form(&administrator, group, text, is_paused);
    Ok(render(StatusCode::OK, &shown))
}

/// `POST /console/groups/{id}/rule`: what is done hangs on the button.
pub(super) async fn change_rule(
    administrator: Administrator,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::GroupsUpdate)?;
    let group = find(&administrator, &id).await?;
    // Browsers end lines with two characters, which count for the length.
    let text = fields.text("membershipRule").replace("\r\n", "\n");
    let text = text.trim().to_owned();
    let is_paused = fields.text("paused") == "on";
    let mut shown = form(&administrator, group, text.clone(), is_paused);
    let deed = fields.text("deed");
    if deed != "remove" {
        match engine.check_membership_rule(actor, &text)? {
            Ok(rule) => shown.checked = rule.to_string(),
            Err(problem) => {
                shown.wrong = Some(wrong(&administrator, &text, &problem));
                return Ok(render(StatusCode::BAD_REQUEST, &shown));
            }
        }
    }
    let id = shown.group.id;
    match deed {
        "save" | "remove" => {
            let rule = (deed == "save").then_some(GroupRule { text, is_paused });
            let change = move |group: &mut Group| group.rule = rule;
            let changed = engine
                .update_group(actor, id, Newcomers::default(), change)
                .await;
            match changed {
                Ok(_) => Ok(redirect(&format!("{}?done=1", path_of(id)))),
                Err(error) => again(&administrator, shown, error),
            }
        }
        "preview" => match engine.preview_membership_rule(actor, Some(id), &text).await {
            Ok(preview) => {
                shown.preview = Some(words(&administrator, preview));
                Ok(render(StatusCode::OK, &shown))
            }
            Err(error) => again(&administrator, shown, error),
        },
        _ => Ok(render(StatusCode::OK, &shown)),
    }
}

fn again(
    administrator: &Administrator,
    mut shown: RulePage,
    error: EngineError,
) -> Result<Response, Failure> {
    let wrong = administrator.beside(error).map_err(Failure)?;
    shown.problem = wrong.into_values().collect::<Vec<_>>().join(" ");
    Ok(render(StatusCode::BAD_REQUEST, &shown))
}

fn form(administrator: &Administrator, group: Group, text: String, is_paused: bool) -> RulePage {
    let names = |properties: &[mandate_model::membership_rule::KnownProperty], prefix| {
        let names = properties.iter();
        let names = names.map(|property| format!("{prefix}.{}", property.name));
        names.collect::<Vec<_>>().join(", ")
    };
    RulePage {
        page: administrator.page(),
        path: path_of(group.id),
        group,
        text,
        is_paused,
        wrong: None,
        problem: String::new(),
        checked: String::new(),
        preview: None,
        user_properties: names(&USER_PROPERTIES, "user"),
        device_properties: names(&DEVICE_PROPERTIES, "device"),
    }
}

fn wrong(administrator: &Administrator, text: &str, problem: &RuleProblem) -> Wrong {
    let (line, column) = (problem.position.line, problem.position.column);
    let place = [("line", line.to_string()), ("column", column.to_string())];
    let place = place
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let place = administrator
        .language()
        .text_with("groups-rule-place", &place);
    Wrong {
        text: format!("{place} {}", problem.problem),
        excerpt: excerpt(text, line, column),
    }
}

/// The line of an error with a mark below its place; of a long line only what is around it.
fn excerpt(text: &str, line: usize, column: usize) -> String {
    let whole: Vec<char> = text
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let at = column.saturating_sub(1).min(whole.len());
    let begin = at.saturating_sub(AROUND);
    let end = (at + AROUND).min(whole.len());
    let shown: String = whole[begin..end].iter().collect();
    format!("{shown}\n{}^", " ".repeat(at - begin))
}

fn words(administrator: &Administrator, preview: RulePreview) -> Preview {
    let (page, language) = (administrator.page(), administrator.language());
    let of_people = preview.kind == RuleKind::User;
    let list = |counted: CountedMembers, people: &str, devices: &str| {
        let count = i64::try_from(counted.count).unwrap_or(i64::MAX);
        let id = if of_people { people } else { devices };
        let hidden = counted.count - counted.names.len();
        let hidden_text = number(language, i64::try_from(hidden).unwrap_or(i64::MAX));
        List {
            title: page.text_with(id, "count", number(language, count)),
            names: counted.names,
            more: if hidden == 0 {
                String::new()
            } else {
                page.text_with("groups-rule-more", "count", &hidden_text)
            },
        }
    };
    Preview {
        members: list(preview.members, "groups-rule-people", "groups-rule-devices"),
        joining: list(
            preview.joining,
            "groups-rule-people-join",
            "groups-rule-devices-join",
        ),
        leaving: list(
            preview.leaving,
            "groups-rule-people-leave",
            "groups-rule-devices-leave",
        ),
        profiles: preview
            .profiles
            .into_iter()
            .map(|profile| {
                let path = format!("/console/profiles/{}", profile.id);
                (path, profile.name, profile.is_excluded)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_error_is_marked_in_its_line() {
        assert_eq!(excerpt("abc def", 1, 5), "abc def\n    ^");
        assert_eq!(excerpt("a\nbc", 2, 3), "bc\n  ^");
        assert_eq!(excerpt("", 1, 1), "\n^");
        assert_eq!(excerpt("a", 9, 9), "\n^");
        let long = "ë".repeat(1000);
        let shown = excerpt(&long, 1, 500);
        assert_eq!(shown.chars().count(), 80 + 1 + 40 + 1);
    }
}
