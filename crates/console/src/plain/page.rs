//! Pages with such forms.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_web::{Fields, Page, render};

use super::input::{Field, Kind, Part};
use crate::administrator::Administrator;
use crate::failure::{Wrong, form_status, said_above};

/// A step of the way to a page: its path and its name.
pub(crate) type Crumb = (String, String);

/// What a form is about.
pub(crate) struct FormPage {
    /// Its heading.
    pub(crate) title: String,
    /// What stands below the heading, if anything.
    pub(crate) about: String,
    /// The way to it.
    pub(crate) crumbs: Vec<Crumb>,
    /// Where it is sent.
    pub(crate) action: String,
    /// Where whoever cancels goes.
    pub(crate) back: String,
    /// What the ids of its texts begin with.
    pub(crate) prefix: &'static str,
    /// Its fields.
    pub(crate) parts: &'static [Part],
    /// Fields that are not shown.
    pub(crate) without: &'static [&'static str],
    /// Whether secrets are there that stay unless others are typed.
    pub(crate) keeps_secrets: bool,
}

#[derive(Template)]
#[template(path = "plain/form.html")]
struct Form {
    page: Page,
    title: String,
    about: String,
    crumbs: Vec<Crumb>,
    action: String,
    back: String,
    problem: String,
    problems: Vec<(&'static str, String, String)>,
    parts: Vec<ShownPart>,
}

struct ShownPart {
    heading: String,
    is_folded: bool,
    is_open: bool,
    fields: Vec<ShownField>,
}

struct ShownField {
    name: &'static str,
    kind: Kind,
    label: String,
    hint: String,
    value: String,
    is_ticked: bool,
    is_required: bool,
    /// Words of a choice, with their labels and whether they are chosen.
    choices: Vec<(&'static str, String, bool)>,
    wrong: String,
}

impl ShownField {
    /// The `aria` attribute that leads to hint and error.
    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if !self.wrong.is_empty() {
            ids.push(format!("{}-wrong", self.name));
        }
        ids.join(" ")
    }

    const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    const fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number)
    }

    const fn is_tick(&self) -> bool {
        matches!(self.kind, Kind::Tick)
    }

    const fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice(_))
    }

    const fn is_area(&self) -> bool {
        matches!(self.kind, Kind::Lines | Kind::Pairs | Kind::Pem)
    }

    const fn is_pem(&self) -> bool {
        matches!(self.kind, Kind::Pem)
    }
}

/// The form, with what was typed or is there, and what is wrong with it.
pub(crate) fn show_form(
    administrator: &Administrator,
    form: FormPage,
    given: &Fields,
    wrong: Option<Wrong>,
) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_none());
    let mut wrong = wrong.unwrap_or_default();
    let parts: Vec<ShownPart> = form
        .parts
        .iter()
        .map(|part| {
            let shown = part.fields.iter();
            let shown = shown.filter(|field| !form.without.contains(&field.name));
            let fields: Vec<ShownField> = shown
                .map(|field| shown_field(&page, &form, field, given, &mut wrong))
                .collect();
            ShownPart {
                heading: page.text(part.heading),
                is_folded: part.is_folded,
                is_open: fields.iter().any(|field| !field.wrong.is_empty()),
                fields,
            }
        })
        .filter(|part| !part.fields.is_empty())
        .collect();
    let problems = parts.iter().flat_map(|part| &part.fields);
    let problems = problems.filter(|field| !field.wrong.is_empty());
    let template = Form {
        problems: problems
            .map(|field| (field.name, field.label.clone(), field.wrong.clone()))
            .collect(),
        problem: said_above(wrong),
        title: form.title,
        about: form.about,
        crumbs: form.crumbs,
        action: form.action,
        back: form.back,
        parts,
        page,
    };
    render(status, &template)
}

fn shown_field(
    page: &Page,
    form: &FormPage,
    field: &Field,
    given: &Fields,
    wrong: &mut Wrong,
) -> ShownField {
    let (name, prefix) = (field.name, form.prefix);
    let told = wrong.remove(name).unwrap_or_default();
    let value = given.text(name);
    let mut hints = Vec::new();
    if field.has_hint {
        hints.push(page.text(&format!("{prefix}-{name}-hint")));
    }
    let is_kept = form.keeps_secrets && field.kind == Kind::Secret;
    if is_kept {
        hints.push(page.text("plain-secret-kept"));
    }
    ShownField {
        name,
        kind: field.kind,
        label: page.text(&format!("{prefix}-{name}")),
        hint: hints.join(" "),
        value: if field.kind == Kind::Secret {
            String::new()
        } else {
            value.to_owned()
        },
        is_ticked: given.has(name),
        is_required: field.is_required && !is_kept,
        choices: match field.kind {
            Kind::Choice(words) => words
                .iter()
                .map(|word| {
                    let label = page.text(&format!("{prefix}-{name}-{word}"));
                    (*word, label, *word == value)
                })
                .collect(),
            _ => Vec::new(),
        },
        wrong: if told.starts_with("plain-") {
            page.text(&told)
        } else {
            told
        },
    }
}

#[derive(Template)]
#[template(path = "plain/confirm.html")]
struct Confirm {
    page: Page,
    title: String,
    about: String,
    crumbs: Vec<Crumb>,
    action: String,
    back: String,
    button: String,
}

/// The question before something goes for good; `title` and `about` are texts, `button` is the id of one.
pub(crate) fn show_confirm(
    administrator: &Administrator,
    (title, about, button): (String, String, &str),
    crumbs: Vec<Crumb>,
    (action, back): (String, String),
) -> Response {
    let page = administrator.page();
    let template = Confirm {
        button: page.text(button),
        title,
        about,
        crumbs,
        action,
        back,
        page,
    };
    render(StatusCode::OK, &template)
}
