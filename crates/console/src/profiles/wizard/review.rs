//! Step *Review*: all of it once more, with what it would do; and the end.

use std::collections::BTreeMap;

use askama::Template;
use mandate_engine::{Action, DraftOutcome, EngineError, Plan, PlanRequest};
use mandate_ui::redirect;
use mandate_web::Page;

use super::open::{Frame, Wizard};
use super::render_step;
use super::step::Step;
use super::tags;
use crate::failure::Answer;
use crate::forms::{Form, Making, Problems, Reading, Summary, summary};
use crate::profiles::plan::PlanView;
use crate::profiles::references::reference_names;
use crate::profiles::targets::{NamedTarget, named};

#[derive(Template)]
#[template(path = "profiles/review.html")]
struct Review {
    page: Page,
    frame: Frame,
    is_new: bool,
    name: String,
    description: String,
    sections: Vec<Summary>,
    tags: Vec<String>,
    targets: Vec<NamedTarget>,
    /// What is wrong: the step that mends it, the field, and the sentence.
    wrong: Vec<(&'static str, String, String)>,
    /// References that are missing, by name: nothing is delivered until they are there.
    missing: Vec<String>,
    plan: Option<PlanView>,
    /// Whether there is anything to save.
    is_changed: bool,
}

/// Devices that a plan names.
const NAMED: u32 = 10;

/// The page.
pub(super) async fn show(wizard: &Wizard) -> Answer {
    show_with(wizard, &Problems::default()).await
}

async fn show_with(wizard: &Wizard, found: &Problems) -> Answer {
    let reading = wizard.reading();
    let mut wrong = wrong(wizard, &reading, found);
    let plan = if wrong.is_empty() {
        match plan(wizard, &reading).await {
            Ok(plan) => plan,
            Err(EngineError::Invalid(violations)) => {
                let mut problems = Problems::default();
                problems.note_all(&violations);
                wrong = self::wrong(wizard, &reading, &problems);
                None
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        None
    };
    let (kind, language) = (wizard.draft.kind, wizard.language());
    let before = wizard.base.as_ref().map(|(profile, _)| &profile.references);
    let references = reading.references_after(before.unwrap_or(&BTreeMap::new()));
    let names = reference_names(&wizard.administrator, &references).await?;
    let chosen = tags::tags(wizard).await?.into_iter();
    let is_changed = match &wizard.base {
        None => true,
        Some((base, _)) => {
            wizard.change(base, &reading) != mandate_engine::ProfileChange::default()
                || wizard.new_targets().is_some()
        }
    };
    let template = Review {
        page: wizard.administrator.page(),
        frame: wizard.frame(Step::Review),
        is_new: wizard.base.is_none(),
        name: wizard.content.name.trim().to_owned(),
        description: wizard.content.description.trim().to_owned(),
        sections: summary(kind, &reading.settings, &names, language),
        tags: chosen
            .filter(|tag| tag.is_chosen)
            .map(|tag| tag.name)
            .collect(),
        targets: named(&wizard.administrator, &wizard.content.targets).await?,
        missing: kind
            .missing_references(&reading.settings, &references)
            .into_iter()
            .map(|reference| language.phrase(reference.label))
            .collect(),
        plan: plan.map(|plan| PlanView::new(&plan, kind, language)),
        is_changed,
        wrong,
    };
    Ok(render_step(!template.wrong.is_empty(), &template))
}

/// Makes or changes the profile. Whoever presses twice is led to what the first press made.
pub(super) async fn finish(wizard: &Wizard) -> Answer {
    let reading = wizard.reading();
    if !wrong(wizard, &reading, &Problems::default()).is_empty() {
        return show(wizard).await;
    }
    let outcome = match &wizard.base {
        None => {
            let targets = wizard.content.targets.clone();
            DraftOutcome::New(wizard.new_profile(&reading), targets)
        }
        Some((base, _)) => {
            DraftOutcome::Change(wizard.change(base, &reading), wizard.new_targets())
        }
    };
    let administrator = &wizard.administrator;
    let finished = administrator
        .engine()
        .finish_draft(&administrator.actor, wizard.draft.id, outcome)
        .await;
    match finished {
        Ok(profile) => {
            let what = if wizard.base.is_none() {
                "made"
            } else {
                "saved"
            };
            Ok(redirect(&format!(
                "/console/profiles/{}?done={what}",
                profile.id
            )))
        }
        Err(EngineError::Invalid(violations)) => {
            let mut problems = Problems::default();
            problems.note_all(&violations);
            show_with(wizard, &problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// All that is wrong, step by step.
fn wrong(
    wizard: &Wizard,
    reading: &Reading,
    found: &Problems,
) -> Vec<(&'static str, String, String)> {
    let language = wizard.language();
    let mut wrong = Vec::new();
    let basics = [
        ("displayName", "profiles-name"),
        ("description", "profiles-description"),
    ];
    for (field, label) in basics {
        let own = wizard.basics().of(field, language);
        for sentence in own.into_iter().chain(found.of(field, language)) {
            wrong.push((Step::Basics.name(), language.text(label), sentence));
        }
    }
    let mut problems = reading.problems.clone();
    problems.extend(found);
    let elsewhere = ["displayName", "description", TAGS, "assignments"];
    problems.forget(|field| elsewhere.contains(&field));
    let form = Form::new(&Making {
        kind: wizard.draft.kind,
        input: &wizard.input(),
        settings: &reading.settings,
        problems: &problems,
        offers: &BTreeMap::new(),
        is_made: wizard.base.is_some(),
        language,
    });
    for (_, label, sentence) in form.wrong {
        wrong.push((Step::Settings.name(), label, sentence));
    }
    if !tags::is_complete(wizard) {
        let sentence = language.text("profiles-tags-wrong");
        wrong.push((
            Step::Tags.name(),
            language.text("profiles-step-tags"),
            sentence,
        ));
    }
    for (field, step) in [(TAGS, Step::Tags), ("assignments", Step::Assignments)] {
        for sentence in found.of(field, language) {
            let label = language.text(&format!("profiles-step-{}", step.name()));
            wrong.push((step.name(), label, sentence));
        }
    }
    wrong
}

const TAGS: &str = "roleScopeTagIds";

/// What it would do; nothing where the administrator may not see that.
async fn plan(wizard: &Wizard, reading: &Reading) -> Result<Option<Plan>, EngineError> {
    let administrator = &wizard.administrator;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    if !actor.may(Action::ProfilesViewReports) {
        return Ok(None);
    }
    let plan = match &wizard.base {
        None => {
            let new = wizard.new_profile(reading);
            let targets = &wizard.content.targets;
            engine.plan_new(actor, new, targets, NAMED).await?
        }
        Some((base, _)) => {
            let request = PlanRequest {
                profile: base.id,
                change: Some(wizard.change(base, reading)),
                targets: Some(wizard.content.targets.clone()),
                sample: NAMED,
            };
            engine.plan(actor, request).await?
        }
    };
    Ok(Some(plan))
}
