//! What is on its way, live: server-sent events (HTML Living Standard §9.2), each with a piece of the page.

use askama::Template;
use mandate_engine::{EngineError, Rollout};
use mandate_ui::{live, moment};
use mandate_web::Language;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::numbers::{number, parts};

/// The bars of all rollouts.
#[derive(Template)]
#[template(path = "home/rollouts.html")]
pub(super) struct Rollouts {
    language: Language,
    rollouts: Vec<Bar>,
}

/// One rollout.
struct Bar {
    profile: String,
    name: String,
    since: String,
    since_at: String,
    /// Such as `312 of 500 devices`.
    summary: String,
    /// Class, word, number, and where its part of the bar begins and how wide it is.
    parts: Vec<Part>,
    /// Devices of which it is not known whether it concerns them.
    unheard: Option<String>,
}

struct Part {
    class: &'static str,
    word: String,
    count: String,
    begin: i64,
    width: i64,
}

impl Rollouts {
    pub(super) fn of(language: Language, rollouts: &[Rollout]) -> Self {
        Self {
            language,
            rollouts: rollouts
                .iter()
                .map(|rollout| Bar::of(language, rollout))
                .collect(),
        }
    }

    /// As a piece of the page.
    pub(super) fn text(&self) -> Result<String, Failure> {
        self.render().map_err(|error| {
            Failure(EngineError::Internal(format!(
                "a piece of a page could not be made: {error}"
            )))
        })
    }
}

impl Bar {
    fn of(language: Language, rollout: &Rollout) -> Self {
        let counts = rollout.counts;
        let states = [
            ("succeeded", counts.succeeded),
            ("pending", counts.pending),
            ("conflict", counts.conflict),
            ("error", counts.error),
            ("not-applicable", counts.not_applicable),
        ];
        let places = parts(&states.map(|(_, count)| count));
        let shown = states.into_iter().zip(places);
        let done = number(language, counts.succeeded);
        let all = number(language, rollout.devices());
        Self {
            profile: rollout.profile.to_string(),
            name: rollout.name.clone(),
            since: moment(rollout.since),
            since_at: rollout.since.to_string(),
            summary: language.text_with("home-live-summary", &[("done", &done), ("all", &all)]),
            parts: shown
                .filter(|((_, count), _)| *count > 0)
                .map(|((class, count), (begin, width))| Part {
                    class,
                    word: language.text(&format!("state-{class}")),
                    count: number(language, count),
                    begin,
                    width,
                })
                .collect(),
            unheard: (rollout.unheard > 0).then(|| {
                let count = number(language, rollout.unheard);
                language.text_with("home-live-unheard", &[("count", &count)])
            }),
        }
    }
}

/// `GET /console/live`
pub(super) async fn show_live(administrator: Administrator) -> Answer {
    // What they may not see is said before anything is sent.
    administrator
        .engine()
        .rollouts(&administrator.actor)
        .await?;
    Ok(live(move || {
        let administrator = administrator.clone();
        async move { look(&administrator).await }
    }))
}

/// What is on its way at this moment; none ends the stream, and the browser asks anew.
async fn look(administrator: &Administrator) -> Option<String> {
    let rollouts = administrator.engine().rollouts(&administrator.actor).await;
    let rollouts = Rollouts::of(administrator.language(), &rollouts.ok()?);
    rollouts.text().ok()
}
