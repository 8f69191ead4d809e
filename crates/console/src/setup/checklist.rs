//! The seven steps, and which platforms may be enrolled.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{Action, PlatformReadiness, Setup, SetupState, SetupStep};
use mandate_model::Platform;
use mandate_ui::redirect;
use mandate_web::{Fields, Language, Page, render};

use super::PATH;
use crate::administrator::Administrator;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "setup/index.html")]
struct Index {
    page: Page,
    progress: String,
    lines: Vec<Line>,
    platforms: Vec<Readiness>,
    suffixes: Vec<(String, String, bool)>,
    has_more: bool,
    can_change: bool,
}

/// A step as pages show it.
pub(crate) struct Line {
    pub(crate) number: u8,
    pub(crate) name: String,
    pub(crate) help: String,
    /// Class of the sign before it.
    pub(crate) class: &'static str,
    pub(crate) state: String,
    pub(crate) is_done: bool,
    /// Why it stands where it stands.
    pub(crate) cause: String,
    pub(crate) link: &'static str,
}

impl Line {
    pub(crate) fn of(language: Language, step: &SetupStep) -> Self {
        let (class, state) = match step.state {
            SetupState::NotStarted => ("not-applicable", "setup-not-started"),
            SetupState::InProgress => ("pending", "setup-in-progress"),
            SetupState::Done => ("succeeded", "setup-done"),
            SetupState::Attention => ("error", "setup-attention"),
        };
        let value = step.cause.value();
        Self {
            number: step.number,
            name: language.text(&format!("setup-step-{}", step.id.id())),
            help: language.text(&format!("setup-step-{}-help", step.id.id())),
            class,
            state: language.text(state),
            is_done: step.state == SetupState::Done,
            cause: language.text_with(&text_id(step.cause.code()), &[("value", &value)]),
            link: step.next_action.map_or(PATH, |action| action.console),
        }
    }

    /// All steps of a checklist.
    pub(crate) fn all(language: Language, setup: &Setup) -> Vec<Self> {
        let steps = setup.steps.iter();
        steps.map(|step| Self::of(language, step)).collect()
    }

    /// The steps that are not done yet.
    pub(crate) fn left(language: Language, setup: &Setup) -> Vec<Self> {
        let all = Self::all(language, setup).into_iter();
        all.filter(|line| !line.is_done).collect()
    }
}

/// Such as `3 of 7 done`.
pub(crate) fn progress(language: Language, setup: &Setup) -> String {
    let (done, all) = (setup.done().to_string(), setup.steps.len().to_string());
    language.text_with("setup-progress", &[("done", &done), ("all", &all)])
}

/// Id of the text of a cause: `setup-cause-no-groups` for `noGroups`.
fn text_id(code: &str) -> String {
    let mut id = "setup-cause-".to_owned();
    for character in code.chars() {
        if character.is_ascii_uppercase() {
            id.push('-');
        }
        id.push(character.to_ascii_lowercase());
    }
    id
}

/// A platform and its switch.
struct Readiness {
    id: &'static str,
    name: &'static str,
    is_enabled: bool,
    is_ready: bool,
    cause: String,
}

impl Readiness {
    fn of(language: Language, platform: &PlatformReadiness) -> Self {
        let cause = platform.cause.map(|cause| text_id(cause.code()));
        Self {
            id: platform.platform.name(),
            name: crate::devices::platform(platform.platform),
            is_enabled: platform.is_enabled,
            is_ready: platform.is_ready,
            cause: cause.map(|id| language.text(&id)).unwrap_or_default(),
        }
    }
}

/// `GET /console/setup`
pub(super) async fn show(administrator: Administrator) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let setup = engine.setup(actor).await?;
    let suffixes = setup.unverified_suffixes.suffixes.iter();
    let index = Index {
        progress: progress(language, &setup),
        lines: Line::all(language, &setup),
        platforms: setup
            .platforms
            .iter()
            .map(|platform| Readiness::of(language, platform))
            .collect(),
        suffixes: suffixes
            .map(|one| {
                let people = crate::numbers::number(language, one.people);
                (one.suffix.clone(), people, one.is_pending)
            })
            .collect(),
        has_more: setup.unverified_suffixes.has_more,
        can_change: actor.may(Action::OrganizationUpdate),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &index))
}

/// `POST /console/setup/platforms`: a platform is on if its box is ticked.
pub(super) async fn enable(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let platforms = engine.setup(actor).await?.platforms;
    let changes: Vec<(Platform, bool)> = platforms
        .iter()
        .map(|one| (one.platform, fields.has(one.platform.name())))
        .collect();
    engine.enable_platforms(actor, &changes).await?;
    Ok(redirect(PATH))
}

#[cfg(test)]
mod tests {
    use mandate_engine::{PlatformCause, SetupCause, SetupStepKind};

    use super::*;

    #[test]
    fn every_step_and_cause_has_a_text_in_every_language() {
        let causes = SetupCause::examples();
        let codes = causes.iter().map(SetupCause::code);
        let platforms = [PlatformCause::SwitchedOff, PlatformCause::NoPushCertificate];
        let codes: Vec<&str> = codes.chain(platforms.map(PlatformCause::code)).collect();
        for language in Language::ALL {
            for code in &codes {
                let id = text_id(code);
                assert_ne!(language.text(&id), id, "{language:?}");
            }
            for kind in SetupStepKind::ALL {
                for id in [
                    format!("setup-step-{}", kind.id()),
                    format!("setup-step-{}-help", kind.id()),
                ] {
                    assert_ne!(language.text(&id), id, "{language:?}");
                }
            }
        }
    }
}
