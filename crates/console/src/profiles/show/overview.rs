//! A profile at a glance.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{Action, Counts};
use mandate_ui::{Door, moment};
use mandate_web::{Language, Page, Routes, render};
use serde::Deserialize;

use super::frame::{Frame, profile};
use crate::administrator::Administrator;
use crate::failure::Answer;
use crate::list::link;
use crate::profiles::targets::{NamedTarget, named};

pub(super) fn routes() -> Routes<Door> {
    Routes::new().route("/console/profiles/{id}", get(show))
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

#[derive(Template)]
#[template(path = "profiles/overview.html")]
struct Overview {
    page: Page,
    frame: Frame,
    /// What was just done, in words.
    done: Option<String>,
    description: String,
    targets: Vec<NamedTarget>,
    version: i64,
    modified: String,
    created: String,
    /// References that are missing, by name: nothing is delivered until they are there.
    missing: Vec<String>,
    /// Where its mail server is asked; none where it has none, or one may not.
    preflight: Option<String>,
    devices: Option<Chart>,
    users: Option<Chart>,
}

/// How many are in each state, drawn.
struct Chart {
    title: String,
    total: i64,
    /// Class of the state, its name, how many, and where the bar begins and how wide it is, in hundredths.
    parts: Vec<(&'static str, String, i64, String, String)>,
}

/// `GET /console/profiles/{id}`
async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Answer {
    let profile = profile(&administrator, &id).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let targets = engine.list_assignments(actor, profile.id).await?;
    let targets: Vec<_> = targets.into_iter().map(|one| one.target).collect();
    let may_report = actor.reaches(Action::ProfilesViewReports, &profile.scope_tags);
    let counts = if may_report {
        Some(engine.status_overview(actor, profile.id).await?)
    } else {
        None
    };
    let missing = profile
        .kind
        .missing_references(&profile.settings, &profile.references);
    let template = Overview {
        page: administrator.page(),
        frame: Frame::new(&administrator, &profile, ""),
        done: match done.done.as_str() {
            "made" if targets.is_empty() => Some(language.text("profiles-done-made-for-nobody")),
            "made" => Some(language.text("profiles-done-made")),
            "saved" => Some(language.text("profiles-done-saved")),
            "restored" => Some(language.text("profiles-done-restored")),
            _ => None,
        },
        description: profile.description.clone().unwrap_or_default(),
        targets: named(&administrator, &targets).await?,
        version: profile.version,
        modified: moment(profile.modified_at),
        created: moment(profile.created_at),
        missing: missing
            .into_iter()
            .map(|reference| language.phrase(reference.label))
            .collect(),
        preflight: may_report
            .then(|| {
                link(
                    "/console/preflight",
                    &[("profile", &profile.id.to_string())],
                )
            })
            .filter(|_| profile.kind.setting("hostName").is_some()),
        devices: counts.map(|counts| chart("profiles-chart-devices", counts.devices, language)),
        users: counts.map(|counts| chart("profiles-chart-users", counts.users, language)),
    };
    Ok(render(StatusCode::OK, &template))
}

fn chart(title: &str, counts: Counts, language: Language) -> Chart {
    let states = states(counts);
    let total: i64 = states.iter().map(|(_, count)| count).sum();
    let mut begin = 0;
    let parts = states.map(|(state, count)| {
        // Hundredths of a hundredth, so that the parts fill the whole.
        let of = |number: i64| number.saturating_mul(10_000) / total.max(1);
        let (from, to) = (of(begin), of(begin + count));
        begin += count;
        let hundredths = |number: i64| format!("{}.{:02}", number / 100, number % 100);
        (
            state,
            language.text(&format!("state-{state}")),
            count,
            hundredths(from),
            hundredths(to - from),
        )
    });
    Chart {
        title: language.text(title),
        total,
        parts: parts.to_vec(),
    }
}

/// How many are in each state, by the class that pages use.
pub(super) const fn states(counts: Counts) -> [(&'static str, i64); 5] {
    [
        ("succeeded", counts.succeeded),
        ("error", counts.error),
        ("conflict", counts.conflict),
        ("pending", counts.pending),
        ("not-applicable", counts.not_applicable),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_chart_fill_it() {
        let counts = Counts {
            succeeded: 1,
            error: 1,
            pending: 1,
            ..Counts::default()
        };
        let chart = chart("profiles-chart-devices", counts, Language::English);
        assert_eq!(chart.total, 3);
        let places: Vec<(&str, &str)> = chart
            .parts
            .iter()
            .map(|(_, _, _, from, width)| (from.as_str(), width.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                ("0.00", "33.33"),
                ("33.33", "33.33"),
                ("66.66", "0.00"),
                ("66.66", "33.34"),
                ("100.00", "0.00"),
            ]
        );
        let nothing = super::chart("profiles-chart-users", Counts::default(), Language::Dutch);
        assert!(nothing.parts.iter().all(|part| part.4 == "0.00"));
    }
}
