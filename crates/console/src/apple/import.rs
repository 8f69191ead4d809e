//! Serial numbers of devices that Apple does not say are the organisation's, for Apple Configurator.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{Action, AdeImportOutcome, EngineError, NewAdeDevice};
use mandate_model::Platform;
use mandate_web::{Fields, Page, render};
use uuid::Uuid;

use super::{device_list, profiles, token, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

/// Rows that were not taken and are shown one by one.
const MOST_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "apple/import.html")]
struct Import {
    page: Page,
    back: String,
    title: String,
    serials: String,
    platforms: Vec<(&'static str, String, bool)>,
    profiles: Vec<(Uuid, String, bool)>,
    overwrite: bool,
    problem: String,
    outcome: Option<Outcome>,
}

/// What became of an import.
struct Outcome {
    taken: String,
    known: String,
    /// Those that were not taken, with why.
    wrong: Vec<(String, String)>,
}

/// `GET /console/apple/tokens/{token}/devices/import`
pub(super) async fn ask(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    form(
        &administrator,
        id,
        &Fields::default(),
        (String::new(), None),
    )
    .await
}

/// `POST /console/apple/tokens/{token}/devices/import`: one serial number a line, with what is noted of it behind a comma.
pub(super) async fn import(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let devices = read(&fields);
    let engine = administrator.engine();
    let imported = engine
        .import_ade_devices(
            &administrator.actor,
            (id, fields.has("overwrite")),
            &devices,
        )
        .await;
    match imported {
        Ok(outcomes) => {
            let outcome = outcome(&administrator, &devices, &outcomes);
            let done = Fields::default();
            form(&administrator, id, &done, (String::new(), Some(outcome))).await
        }
        Err(EngineError::Invalid(_)) => {
            let problem = administrator.language().text("apple-import-count");
            form(&administrator, id, &fields, (problem, None)).await
        }
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            form(&administrator, id, &fields, (problem, None)).await
        }
    }
}

fn read(fields: &Fields) -> Vec<NewAdeDevice> {
    let platform = Platform::parse(fields.text("platform"));
    let profile = Uuid::try_parse(fields.text("profile")).ok();
    let lines = fields.text("serials").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (serial, description) = line.split_once([',', ';', '\t']).unwrap_or((line, ""));
            NewAdeDevice {
                serial: serial.trim().to_owned(),
                platform,
                profile,
                description: description.trim().to_owned(),
            }
        })
        .collect()
}

fn outcome(
    administrator: &Administrator,
    devices: &[NewAdeDevice],
    outcomes: &[AdeImportOutcome],
) -> Outcome {
    let language = administrator.language();
    let count = |id: &str, is: fn(&AdeImportOutcome) -> bool| {
        let number = outcomes.iter().filter(|one| is(one)).count();
        language.text_with(id, &[("count", &number.to_string())])
    };
    let wrong = devices
        .iter()
        .zip(outcomes)
        .filter_map(|(device, outcome)| {
            let AdeImportOutcome::Wrong(rule) = outcome else {
                return None;
            };
            let serial = device.serial.chars().take(64).collect();
            Some((serial, language.phrase(rule)))
        });
    Outcome {
        taken: count("apple-import-taken", |one| {
            matches!(one, AdeImportOutcome::Taken(_))
        }),
        known: count("apple-import-known", |one| {
            matches!(one, AdeImportOutcome::Known(_))
        }),
        wrong: wrong.take(MOST_SHOWN).collect(),
    }
}

async fn form(
    administrator: &Administrator,
    id: Uuid,
    fields: &Fields,
    (problem, outcome): (String, Option<Outcome>),
) -> Result<Response, Failure> {
    let of = token::find(administrator, id).await?;
    let all = profiles::all(administrator, id).await?;
    let page = administrator.page();
    let chosen = Platform::parse(fields.text("platform")).unwrap_or(Platform::Ios);
    let platform = |one: Platform| (one.name(), words::platform(&page, one), one == chosen);
    let profile = |one: &mandate_engine::AdeProfile| {
        let name = format!("{} ({})", one.name, words::platform(&page, one.platform));
        (one.id, name, one.id.to_string() == fields.text("profile"))
    };
    let template = Import {
        back: device_list::place(id),
        title: of.name,
        serials: fields.text("serials").to_owned(),
        platforms: [Platform::Ios, Platform::MacOs].map(platform).into(),
        profiles: all.iter().map(profile).collect(),
        overwrite: fields.has("overwrite"),
        problem,
        outcome,
        page,
    };
    let status = form_status(template.problem.is_empty());
    Ok(render(status, &template))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_serial_number_and_what_is_noted_of_it() {
        let typed = [
            ("serials", " C1 \r\n\r\nC2, Till 7\nC3;x,y"),
            ("platform", "macos"),
            ("profile", "no profile"),
        ];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let read = read(&typed.into_iter().collect());
        let said: Vec<_> = read
            .iter()
            .map(|one| (one.serial.as_str(), one.description.as_str()))
            .collect();
        assert_eq!(said, [("C1", ""), ("C2", "Till 7"), ("C3", "x,y")]);
        assert!(read.iter().all(|one| one.platform == Some(Platform::MacOs)));
        assert!(read.iter().all(|one| one.profile.is_none()));
    }
}
