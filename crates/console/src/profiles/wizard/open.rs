//! A draft that is open, with what it is about.

use std::collections::BTreeMap;

use mandate_engine::{DraftId, EngineError, NewProfile, ProfileChange, ProfileDraft};
use mandate_model::{Profile, Target};
use mandate_web::Language;

use super::step::Step;
use crate::administrator::Administrator;
use crate::forms::{Input, Problems, Reading};
use crate::profiles::content::Content;
use crate::profiles::words::platform_name;

/// A draft that is open.
pub(super) struct Wizard {
    pub(super) administrator: Administrator,
    pub(super) draft: ProfileDraft,
    pub(super) content: Content,
    /// The profile that is to be changed, and whom it is for now.
    pub(super) base: Option<(Profile, Vec<Target>)>,
}

/// What every page of the wizard shows around its own.
pub(super) struct Frame {
    /// What is being done, such as the name of the profile.
    pub(super) title: String,
    /// Platform and kind.
    pub(super) about: String,
    /// Path of the draft.
    pub(super) draft: String,
    /// All steps with their names, and which is shown.
    pub(super) steps: Vec<(&'static str, String, bool)>,
    /// Path of this step.
    pub(super) path: String,
    /// Whether the profile has another version by now than the one that was looked at.
    pub(super) is_overtaken: bool,
}

impl Wizard {
    /// Opens a draft of the administrator.
    pub(super) async fn open(
        administrator: Administrator,
        id: DraftId,
    ) -> Result<Self, EngineError> {
        let (engine, actor) = (administrator.engine(), &administrator.actor);
        let draft = engine.find_draft(actor, id).await?;
        let base = match draft.based_on {
            None => None,
            Some((id, _)) => {
                let profile = engine.find_profile(actor, id).await?;
                let profile = profile.ok_or_else(|| EngineError::NotFound {
                    what: "profile",
                    id: id.to_string(),
                })?;
                let targets = engine.list_assignments(actor, id).await?;
                let targets = targets.into_iter().map(|one| one.target).collect();
                Some((profile, targets))
            }
        };
        Ok(Self {
            content: Content::of_draft(&draft),
            administrator,
            draft,
            base,
        })
    }

    /// Keeps what was filled in.
    pub(super) async fn keep(&self) -> Result<(), EngineError> {
        let engine = self.administrator.engine();
        let content = self.content.to_json();
        engine
            .keep_draft(&self.administrator.actor, self.draft.id, content)
            .await
            .map(drop)
    }

    pub(super) fn language(&self) -> Language {
        self.administrator.language()
    }

    /// The fields of the settings.
    pub(super) fn input(&self) -> Input {
        Input::of_json(self.draft.kind, &self.content.settings)
    }

    /// What the settings amount to, judged by the catalogue.
    pub(super) fn reading(&self) -> Reading {
        let (kind, input) = (self.draft.kind, self.input());
        let mut reading = match &self.base {
            None => Reading::of_new(kind, &input),
            Some((profile, _)) => {
                let current = (&profile.settings, &profile.references);
                Reading::of_change(kind, &input, current)
            }
        };
        let judged = match &self.base {
            None => kind.create(&reading.body),
            Some((profile, _)) => kind.update(&profile.settings, &reading.body),
        };
        if let (Err(violations), true) = (judged, reading.problems.is_empty()) {
            reading.problems.note_all(&violations);
        }
        reading
    }

    /// What is wrong with name and description.
    pub(super) fn basics(&self) -> Problems {
        let mut problems = Problems::default();
        let length = self.content.name.trim().chars().count();
        if length == 0 {
            problems.note("displayName", "is required");
        } else if length > 256 {
            problems.note("displayName", "must have at most 256 characters");
        }
        if self.content.description.chars().count() > LONGEST_DESCRIPTION {
            problems.note("description", "must have at most 1000 characters");
        }
        problems
    }

    /// The profile that the draft becomes.
    pub(super) fn new_profile(&self, reading: &Reading) -> NewProfile {
        NewProfile {
            kind: self.draft.kind,
            display_name: self.content.name.clone(),
            description: self.content.description(),
            scope_tags: self.content.tags.clone(),
            body: reading.body.clone(),
            references: reading.references_after(&BTreeMap::new()),
        }
    }

    /// The change that the draft becomes; what stays as it is is left out.
    pub(super) fn change(&self, base: &Profile, reading: &Reading) -> ProfileChange {
        let (name, description) = (self.content.name.trim(), self.content.description());
        let tags = self.content.tags.clone();
        let body = reading
            .body
            .iter()
            .filter(|(property, value)| base.settings.get(property.as_str()) != Some(*value));
        ProfileChange {
            display_name: (name != base.display_name).then(|| name.to_owned()),
            description: (description != base.description).then_some(description),
            scope_tags: tags.filter(|tags| *tags != base.scope_tags),
            body: body
                .map(|(property, value)| (property.clone(), value.clone()))
                .collect(),
            references: reading.references.clone(),
        }
    }

    /// Whom the profile is to be for, where that changes.
    pub(super) fn new_targets(&self) -> Option<Vec<Target>> {
        let sorted = |targets: &[Target]| {
            let mut targets = targets.to_vec();
            targets.sort();
            targets
        };
        let wanted = sorted(&self.content.targets);
        match &self.base {
            Some((_, targets)) if sorted(targets) == wanted => None,
            _ => Some(wanted),
        }
    }

    /// What stands around a step.
    pub(super) fn frame(&self, step: Step) -> Frame {
        let language = self.language();
        let named = |step: Step| language.text(&format!("profiles-step-{}", step.name()));
        let kind = self.draft.kind;
        let title = match &self.base {
            None => language.text("profiles-new-title"),
            Some((profile, _)) => {
                language.text_with("profiles-edit-title", &[("name", &profile.display_name)])
            }
        };
        let seen = self.draft.based_on.map(|(_, version)| version);
        let now = self.base.as_ref().map(|(profile, _)| profile.version);
        let review = match self.base {
            None => "profiles-step-create",
            Some(_) => "profiles-step-save",
        };
        Frame {
            title,
            about: format!(
                "{} · {}",
                platform_name(kind.platform),
                language.phrase(kind.label)
            ),
            draft: format!("/console/profiles/drafts/{}", self.draft.id),
            steps: Step::ALL
                .into_iter()
                .map(|one| {
                    let name = match one {
                        Step::Review => language.text(review),
                        _ => named(one),
                    };
                    (one.name(), name, one == step)
                })
                .collect(),
            path: super::path(self.draft.id, step.name()),
            is_overtaken: seen != now,
        }
    }
}

const LONGEST_DESCRIPTION: usize = 1000;
