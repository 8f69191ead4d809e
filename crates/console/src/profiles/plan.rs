//! What a change would do, as a page shows it before it is made.

use mandate_engine::{LackingAttribute, Plan, PlanCounts, PlanEffect};
use mandate_model::catalogue::{Impact, Kind};
use mandate_web::Language;
use serde_json::Value;

use crate::forms::{Span, said, spans};
use crate::reasons::{because_text, reason_text};

/// What a change would do.
pub(super) struct PlanView {
    /// What happens, with the numbers of devices and of people.
    pub(super) counts: Vec<(String, i64, i64)>,
    /// Whether anything happens to anybody.
    pub(super) is_felt: bool,
    /// What the edit means, setting by setting.
    pub(super) impact: Vec<ImpactView>,
    /// What is going to hurt.
    pub(super) warnings: Vec<Vec<Span>>,
    /// What some people lack, with some of them by name.
    pub(super) lacking: Vec<(String, String)>,
    /// Some of the devices, with user, what happens, and why.
    pub(super) sample: Vec<(String, String, String, String)>,
}

/// One setting that an edit changes.
pub(super) struct ImpactView {
    pub(super) label: String,
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
    /// What the user notices.
    pub(super) message: String,
    /// Whether the user has to do something.
    pub(super) is_grave: bool,
}

impl PlanView {
    /// Of a plan.
    pub(super) fn new(plan: &Plan, kind: &Kind, language: Language) -> Self {
        let count = |effect: PlanEffect| {
            (
                language.text(&format!("profiles-plan-{}", name(effect))),
                of(plan.devices, effect),
                of(plan.users, effect),
            )
        };
        let counts: Vec<_> = EFFECTS
            .into_iter()
            .map(count)
            .filter(|(_, devices, users)| *devices > 0 || *users > 0)
            .collect();
        let quiet = plan.devices.unchanged + plan.devices.not_applicable;
        let all: i64 = EFFECTS.iter().map(|one| of(plan.devices, *one)).sum();
        Self {
            is_felt: all > quiet,
            counts,
            impact: plan
                .impact
                .iter()
                .map(|change| ImpactView {
                    label: language.phrase(change.label),
                    old: value(kind, change.property, &change.old, language),
                    new: value(kind, change.property, &change.new, language),
                    message: language.phrase(change.impact.message()),
                    is_grave: change.impact > Impact::Silent,
                })
                .collect(),
            warnings: plan
                .warnings
                .iter()
                .map(|warning| {
                    let text = sentence(&language.phrase(&warning.message));
                    spans(&text, kind, None, language)
                })
                .collect(),
            lacking: plan
                .lacking
                .iter()
                .map(|one| lacking(one, language))
                .collect(),
            sample: plan
                .sample
                .iter()
                .map(|device| {
                    (
                        device.device_name.clone(),
                        device.user_principal_name.clone().unwrap_or_default(),
                        language.text(&format!("profiles-plan-{}", name(device.effect))),
                        device.reason.as_ref().map_or_else(
                            || because_text(language, &device.because),
                            |reason| reason_text(language, reason),
                        ),
                    )
                })
                .collect(),
        }
    }
}

/// The value of a setting or reference as people read it.
pub(super) fn value(kind: &Kind, property: &str, value: &Value, language: Language) -> Vec<String> {
    match kind.setting(property) {
        Some(setting) => said(setting, value, language),
        None => vec![match value {
            Value::Null => language.text("none"),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }],
    }
}

/// What people lack as a sentence, and some of them.
fn lacking(one: &LackingAttribute, language: Language) -> (String, String) {
    let (people, devices) = (one.people.to_string(), one.devices.to_string());
    let values = [
        ("people", people.as_str()),
        ("attribute", one.attribute.as_str()),
    ];
    let mut text = language.text_with("profiles-plan-lacking", &values);
    if one.devices > 0 {
        let values = [("devices", devices.as_str())];
        let more = language.text_with("profiles-plan-lacking-devices", &values);
        text = format!("{text} {more}");
    }
    (text, one.examples.join(", "))
}

/// A phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    let first = characters.next();
    let rest = characters.as_str();
    let end = if phrase.ends_with('.') { "" } else { "." };
    first.map_or_else(String::new, |first| {
        format!("{}{rest}{end}", first.to_uppercase())
    })
}

/// What can happen, the gravest first.
const EFFECTS: [PlanEffect; 6] = [
    PlanEffect::Added,
    PlanEffect::Changed,
    PlanEffect::Removed,
    PlanEffect::Blocked,
    PlanEffect::NotApplicable,
    PlanEffect::Unchanged,
];

const fn name(effect: PlanEffect) -> &'static str {
    match effect {
        PlanEffect::Unchanged => "unchanged",
        PlanEffect::NotApplicable => "not-applicable",
        PlanEffect::Added => "added",
        PlanEffect::Changed => "changed",
        PlanEffect::Removed => "removed",
        PlanEffect::Blocked => "blocked",
    }
}

const fn of(counts: PlanCounts, effect: PlanEffect) -> i64 {
    match effect {
        PlanEffect::Unchanged => counts.unchanged,
        PlanEffect::NotApplicable => counts.not_applicable,
        PlanEffect::Added => counts.added,
        PlanEffect::Changed => counts.changed,
        PlanEffect::Removed => counts.removed,
        PlanEffect::Blocked => counts.blocked,
    }
}
