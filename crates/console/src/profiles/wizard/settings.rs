//! Step *Configuration settings*: the form of the kind.

use std::collections::BTreeMap;

use askama::Template;
use mandate_engine::{EngineError, ProfileQuery};
use mandate_web::{Fields, Page};

use super::open::{Frame, Wizard};
use super::render_step;
use super::step::Step;
use crate::failure::Answer;
use crate::forms::{Form, Input, Making, Offer, Problems, Widget};
use crate::profiles::content::object;

#[derive(Template)]
#[template(path = "profiles/settings.html")]
struct Settings {
    page: Page,
    frame: Frame,
    form: Form,
}

/// The page.
pub(super) async fn show(wizard: &Wizard, is_checked: bool) -> Answer {
    let (input, reading) = (wizard.input(), wizard.reading());
    let nothing = Problems::default();
    let form = Form::new(&Making {
        kind: wizard.draft.kind,
        input: &input,
        settings: &reading.settings,
        problems: if is_checked {
            &reading.problems
        } else {
            &nothing
        },
        offers: &offers(wizard).await?,
        is_made: wizard.base.is_some(),
        language: wizard.language(),
    });
    let template = Settings {
        page: wizard.administrator.page(),
        frame: wizard.frame(Step::Settings),
        form,
    };
    Ok(render_step(is_checked, &template))
}

/// Takes what was filled in.
pub(super) fn read(wizard: &mut Wizard, fields: &Fields) {
    let input = Input::posted(wizard.draft.kind, fields.iter());
    wizard.content.settings = object(input.to_json());
}

/// Whether the catalogue would take it.
pub(super) fn is_complete(wizard: &Wizard) -> bool {
    wizard.reading().problems.is_empty()
}

/// The profiles that each reference may name, by name.
async fn offers(wizard: &Wizard) -> Result<BTreeMap<&'static str, Vec<Offer>>, EngineError> {
    let references = wizard.draft.kind.references;
    if references.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = ProfileQuery {
        platform: Some(wizard.draft.kind.platform),
        limit: usize::MAX,
        ..ProfileQuery::default()
    };
    let administrator = &wizard.administrator;
    let found = administrator
        .engine()
        .find_profiles(&administrator.actor, &query)
        .await?;
    let own = wizard.base.as_ref().map(|(profile, _)| profile.id);
    let offers = references.iter().map(|reference| {
        let fitting = found
            .lines
            .iter()
            .map(|line| &line.profile)
            .filter(|profile| reference.accepts(profile.kind) && Some(profile.id) != own);
        let offers = fitting.map(|profile| Offer {
            id: profile.id,
            name: profile.display_name.clone(),
            kind: wizard.language().phrase(profile.kind.label),
        });
        (reference.property, offers.collect())
    });
    Ok(offers.collect())
}
