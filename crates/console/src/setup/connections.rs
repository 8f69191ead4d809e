//! The connections, and their test.

use askama::Template;
use axum::http::StatusCode;
use mandate_engine::{
    Action, Connection, ConnectionFrom, ConnectionPurpose, ConnectionResult, ConnectionTest,
    EngineError, StepResult,
};
use mandate_ui::moment;
use mandate_web::{Fields, Language, Page, render};

use crate::administrator::Administrator;
use crate::failure::Answer;

#[derive(Template)]
#[template(path = "setup/connections.html")]
struct Connections {
    page: Page,
    ours: Vec<Row>,
    theirs: Vec<Row>,
    tested: Option<(String, String)>,
    /// What was said instead of a test.
    refused: String,
    can_test: bool,
}

/// A connection.
struct Row {
    purpose: String,
    host: String,
    ports: String,
    outcome: Option<Outcome>,
}

/// What became of it.
struct Outcome {
    class: &'static str,
    word: String,
    findings: Vec<(u16, &'static str, String)>,
}

/// `GET /console/setup/connections`
pub(super) async fn show(administrator: Administrator) -> Answer {
    shown(&administrator, String::new()).await
}

/// `POST /console/setup/connections`: tests all of them.
pub(super) async fn test(administrator: Administrator, _: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    match engine.test_connections(actor, None).await {
        Ok(_) => shown(&administrator, String::new()).await,
        Err(EngineError::NotPossible { .. }) => {
            let refused = administrator.language().text("setup-test-under-way");
            shown(&administrator, refused).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn shown(administrator: &Administrator, refused: String) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let language = administrator.language();
    let (list, tested) = engine.connections(actor).await?;
    let rows = |from: ConnectionFrom| {
        let of_it = list.iter().filter(|one| one.from == from);
        of_it
            .map(|one| Row::of(language, one, tested.as_ref()))
            .collect()
    };
    let status = if refused.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let template = Connections {
        ours: rows(ConnectionFrom::Server),
        theirs: rows(ConnectionFrom::Device),
        tested: tested.map(|test| (test.date_time.to_string(), moment(test.date_time))),
        refused,
        can_test: actor.may(Action::ConnectionsTest),
        page: administrator.page(),
    };
    Ok(render(status, &template))
}

impl Row {
    fn of(language: Language, connection: &Connection, last: Option<&ConnectionTest>) -> Self {
        let result = last.and_then(|test| {
            let mut results = test.results.iter();
            results.find(|one| one.id == connection.id)
        });
        let ports = connection.ports.iter().map(u16::to_string);
        Self {
            purpose: purpose(language, connection),
            host: connection.host.clone(),
            ports: ports.collect::<Vec<_>>().join(", "),
            outcome: result.map(|result| Outcome::of(language, result)),
        }
    }
}

fn purpose(language: Language, connection: &Connection) -> String {
    let id = match connection.purpose {
        ConnectionPurpose::Maker => format!("setup-purpose-{}", connection.id),
        purpose if connection.from == ConnectionFrom::Device => {
            format!("setup-purpose-{}-devices", purpose.id())
        }
        purpose => format!("setup-purpose-{}", purpose.id()),
    };
    let text = language.text(&id);
    if text == id {
        connection.description.clone()
    } else {
        text
    }
}

impl Outcome {
    fn of(language: Language, result: &ConnectionResult) -> Self {
        let (class, word) = if result.is_good {
            ("succeeded", "setup-reachable")
        } else {
            ("error", "setup-not-reachable")
        };
        let ports = result.ports.iter();
        let findings = ports.flat_map(|port| port.steps.iter().map(|step| (port.port, step)));
        Self {
            class,
            word: language.text(word),
            findings: findings
                .map(|(port, step)| (port, class_of(step), words(language, step)))
                .collect(),
        }
    }
}

fn class_of(step: &StepResult) -> &'static str {
    match step.verdict.as_str() {
        "passed" => "succeeded",
        "noted" => "noted",
        "warned" => "warned",
        _ => "error",
    }
}

/// What a finding says; in the engine's own words if the catalogues do not know it.
fn words(language: Language, step: &StepResult) -> String {
    let id = crate::preflight::text_id(&step.code);
    let values = step.values.iter();
    let values: Vec<(&str, &str)> = values
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let text = language.text_with(&id, &values);
    if text == id {
        step.message.clone()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use mandate_engine::known_hosts;

    use super::*;

    #[test]
    fn every_host_of_a_maker_has_a_text_in_every_language() {
        for host in known_hosts() {
            for language in Language::ALL {
                let id = format!("setup-purpose-{}", host.id);
                assert_ne!(language.text(&id), id, "{language:?}");
            }
        }
    }
}
