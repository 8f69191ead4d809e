//! Step *Basics*: name and description.

use askama::Template;
use axum::response::Response;
use mandate_web::{Fields, Page};

use super::open::{Frame, Wizard};
use super::render_step;
use super::step::Step;

#[derive(Template)]
#[template(path = "profiles/basics.html")]
struct Basics {
    page: Page,
    frame: Frame,
    name: String,
    description: String,
    wrong_name: Vec<String>,
    wrong_description: Vec<String>,
    /// What the kind does.
    help: String,
}

/// The page.
pub(super) fn show(wizard: &Wizard, is_checked: bool) -> Response {
    let problems = wizard.basics();
    let language = wizard.language();
    let wrong = |field: &str| {
        if is_checked {
            problems.of(field, language)
        } else {
            Vec::new()
        }
    };
    let template = Basics {
        page: wizard.administrator.page(),
        frame: wizard.frame(Step::Basics),
        name: wizard.content.name.clone(),
        description: wizard.content.description.clone(),
        wrong_name: wrong("displayName"),
        wrong_description: wrong("description"),
        help: language.phrase(wizard.draft.kind.help),
    };
    render_step(is_checked, &template)
}

/// Takes what was filled in.
pub(super) fn read(wizard: &mut Wizard, fields: &Fields) {
    fields
        .text("displayName")
        .clone_into(&mut wizard.content.name);
    let description = fields.text("description").replace("\r\n", "\n");
    wizard.content.description = description;
}

/// Whether nothing is missing.
pub(super) fn is_complete(wizard: &Wizard) -> bool {
    wizard.basics().is_empty()
}
