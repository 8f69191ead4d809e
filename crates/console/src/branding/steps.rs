//! The organisation's own steps for removing an account that was made by hand, as the Company Portal shows them.

use askama::Template;
use axum::http::request::Parts;
use axum::response::Response;
use mandate_engine::{AccountSteps, AccountStepsChange, AccountsPlace, Action};
use mandate_ui::redirect;
use mandate_web::{Fields, Language, Page, render};

use crate::administrator::Administrator;
use crate::failure::{Answer, Wrong, form_status, said_above};

pub(super) const PATH: &str = "/console/branding/steps";

#[derive(Template)]
#[template(path = "branding/steps.html")]
struct Steps {
    page: Page,
    places: Vec<Place>,
    problem: String,
    is_saved: bool,
    can_edit: bool,
}

/// Where a system lists accounts.
struct Place {
    name: String,
    fields: Vec<Field>,
}

/// The steps for one place in one language.
struct Field {
    id: String,
    language: Language,
    /// One step a line.
    value: String,
    wrong: String,
}

/// `GET /console/branding/steps`
pub(super) async fn show_steps(administrator: Administrator, parts: Parts) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let steps = engine.account_steps_for(actor).await?;
    let is_saved = parts.uri.query() == Some("saved");
    let value = |place, language| text_of(&steps, place, language);
    Ok(form(&administrator, value, (Wrong::new(), is_saved)))
}

/// `POST /console/branding/steps`: fields that are empty bring back the steps of the program.
pub(super) async fn save_steps(administrator: Administrator, fields: Fields) -> Answer {
    let each = AccountsPlace::ALL
        .into_iter()
        .flat_map(|place| Language::ALL.map(|language| (place, language)));
    let changes = each.map(|(place, language)| AccountStepsChange {
        place,
        language: language.code().to_owned(),
        steps: steps_in(fields.text(&id(place, language))),
    });
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    match engine.update_account_steps(actor, changes.collect()).await {
        Ok(_) => Ok(redirect(&format!("{PATH}?saved"))),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            let typed = |place, language| fields.text(&id(place, language)).to_owned();
            Ok(form(&administrator, typed, (wrong, false)))
        }
    }
}

fn form(
    administrator: &Administrator,
    value: impl Fn(AccountsPlace, Language) -> String,
    (mut wrong, is_saved): (Wrong, bool),
) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_empty());
    let mut field = |place: AccountsPlace, language| Field {
        wrong: wrong.remove(&id(place, language)).unwrap_or_default(),
        value: value(place, language),
        id: id(place, language),
        language,
    };
    let places = AccountsPlace::ALL.map(|place| Place {
        name: page.text(&format!("branding-steps-{}", place.name())),
        fields: Language::ALL.map(|language| field(place, language)).into(),
    });
    let template = Steps {
        places: places.into(),
        problem: said_above(wrong),
        is_saved,
        can_edit: administrator.actor.may(Action::OrganizationUpdate),
        page,
    };
    render(status, &template)
}

/// Name of a field, which is what the engine calls the property.
fn id(place: AccountsPlace, language: Language) -> String {
    format!("{}/{}", place.name(), language.code())
}

fn text_of(steps: &AccountSteps, place: AccountsPlace, language: Language) -> String {
    let own = steps.of(place, language.code());
    own.unwrap_or_default().join("\n")
}

/// The lines of a text that are not empty; none if all are.
fn steps_in(text: &str) -> Option<Vec<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    Some(lines).filter(|lines| !lines.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_lines_and_nothing_is_no_step() {
        assert_eq!(steps_in(" \r\n\n"), None);
        let steps = steps_in("One.\r\n\r\n  Two. \n").unwrap();
        assert_eq!(steps, ["One.", "Two."]);
    }

    #[test]
    fn every_place_has_a_name_in_every_language() {
        for language in Language::ALL {
            for place in AccountsPlace::ALL {
                let id = format!("branding-steps-{}", place.name());
                assert_ne!(language.text(&id), id, "{language:?}");
            }
        }
    }
}
