//! One set of terms: making and changing them.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{Action, EngineError, NewTerms, Terms, TermsChange};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::TERMS;
use super::terms::find;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

#[derive(Template)]
#[template(path = "enrolment/terms_form.html")]
struct Edit {
    page: Page,
    /// What is changed; none for new ones.
    terms: Option<Terms>,
    typed: Typed,
    name_wrong: String,
    description_wrong: String,
    title_wrong: String,
    body_wrong: String,
    statement_wrong: String,
    problem: String,
    can_change: bool,
}

/// `GET /console/enrolment/terms/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::TermsCreate)?;
    let typed = Typed::default();
    Ok(form(&administrator, None, typed, Wrong::new()))
}

/// `POST /console/enrolment/terms/new`: whom they are for comes next.
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let typed = Typed::read(&fields);
    let new = NewTerms {
        display_name: typed.name.clone(),
        description: Some(typed.description.clone()),
        title: typed.title.clone(),
        body: typed.body.clone(),
        statement: typed.statement.clone(),
        version: None,
    };
    let created = administrator
        .engine()
        .create_terms(&administrator.actor, new);
    match created.await {
        Ok(terms) if administrator.actor.may(Action::TermsAssign) => {
            Ok(redirect(&format!("{TERMS}/{}/people", terms.id)))
        }
        Ok(_) => Ok(redirect(TERMS)),
        Err(error) => again(&administrator, None, typed, error),
    }
}

/// `GET /console/enrolment/terms/{id}`
pub(super) async fn show_one(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let terms = find(&administrator, id).await?;
    let typed = Typed {
        name: terms.display_name.clone(),
        description: terms.description.clone().unwrap_or_default(),
        title: terms.title.clone(),
        body: terms.body.clone(),
        statement: terms.statement.clone(),
        asks_anew: false,
    };
    Ok(form(&administrator, Some(terms), typed, Wrong::new()))
}

/// `POST /console/enrolment/terms/{id}`
pub(super) async fn update(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let terms = find(&administrator, id).await?;
    let typed = Typed::read(&fields);
    let change = TermsChange {
        display_name: Some(typed.name.clone()),
        description: Some(Some(typed.description.clone())),
        title: Some(typed.title.clone()),
        body: Some(typed.body.clone()),
        statement: Some(typed.statement.clone()),
        // Pressed twice, the second is about a version that everybody is asked for already.
        version: typed
            .asks_anew
            .then(|| version_of(&fields).saturating_add(1))
            .filter(|version| *version > terms.version),
    };
    let updated = administrator
        .engine()
        .update_terms(&administrator.actor, terms.id, change);
    match updated.await {
        Ok(_) => Ok(redirect(TERMS)),
        Err(error) => again(&administrator, Some(terms), typed, error),
    }
}

/// The version that was there when the form was filled in.
fn version_of(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or_default()
}

/// What is typed into the form.
#[derive(Default)]
struct Typed {
    name: String,
    description: String,
    title: String,
    body: String,
    statement: String,
    asks_anew: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            name: text("displayName"),
            description: text("description"),
            title: text("title"),
            body: text("bodyText"),
            statement: text("acceptanceStatement"),
            asks_anew: fields.has("asksAnew"),
        }
    }
}

fn again(
    administrator: &Administrator,
    terms: Option<Terms>,
    typed: Typed,
    error: EngineError,
) -> Answer {
    match administrator.beside(error) {
        Ok(wrong) => Ok(form(administrator, terms, typed, wrong)),
        Err(error) => Err(Failure(error)),
    }
}

fn form(
    administrator: &Administrator,
    terms: Option<Terms>,
    typed: Typed,
    mut wrong: Wrong,
) -> Response {
    let status = form_status(wrong.is_empty());
    let page = administrator.page();
    let mut of = |property, id| said_of(&mut wrong, &page, (property, id));
    let actor = &administrator.actor;
    let edit = Edit {
        name_wrong: of("displayName", "enrolment-name-wrong"),
        description_wrong: of("description", "enrolment-description-wrong"),
        title_wrong: of("title", "enrolment-name-wrong"),
        body_wrong: of("bodyText", "enrolment-body-wrong"),
        statement_wrong: of("acceptanceStatement", "enrolment-description-wrong"),
        problem: said_above(wrong),
        can_change: actor.may(if terms.is_some() {
            Action::TermsUpdate
        } else {
            Action::TermsCreate
        }),
        terms,
        typed,
        page,
    };
    render(status, &edit)
}
