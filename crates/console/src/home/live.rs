//! What is on its way, live: server-sent events (HTML Living Standard §9.2), each with a piece of the page.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use mandate_engine::{EngineError, Rollout};
use mandate_ui::moment;
use mandate_web::Language;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::numbers::{number, parts};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// Looks before the browser has to ask anew, so that who it is and what they may see is checked again.
const LOOKS: u32 = 30;

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
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let begun = (administrator, ticks, LOOKS, String::new());
    let events = stream::unfold(
        begun,
        |(administrator, mut ticks, mut left, before)| async move {
            while left > 0 {
                ticks.tick().await;
                left -= 1;
                let text = look(&administrator).await?;
                // What has not changed is not sent again.
                if text != before {
                    let event = Event::default().retry(PAUSE).data(&text);
                    return Some((
                        Ok::<_, Infallible>(event),
                        (administrator, ticks, left, text),
                    ));
                }
            }
            None
        },
    );
    let mut response: Response = Sse::new(events).into_response();
    // Proxies would otherwise wait until there is more.
    response.headers_mut().insert(
        "x-accel-buffering",
        axum::http::HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// What is on its way at this moment; none ends the stream, and the browser asks anew.
async fn look(administrator: &Administrator) -> Option<String> {
    let rollouts = administrator.engine().rollouts(&administrator.actor).await;
    let rollouts = Rollouts::of(administrator.language(), &rollouts.ok()?);
    rollouts.text().ok()
}
