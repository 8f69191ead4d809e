//! One entry of the audit.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use mandate_engine::{AuditEvent, EngineError};
use mandate_web::{Page, render};
use serde_json::Value;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "audit/show.html")]
struct Show {
    page: Page,
    event: AuditEvent,
    changes: Vec<Change>,
}

/// A property that is different, as it is shown.
struct Change {
    name: String,
    before: String,
    after: String,
}

/// `GET /console/audit/{id}`
pub(super) async fn show_event(administrator: Administrator, Path(id): Path<String>) -> Answer {
    let found = match id.parse() {
        Ok(id) => {
            let engine = administrator.engine();
            engine.find_audit_event(&administrator.actor, id).await?
        }
        Err(_) => None,
    };
    let event = found.ok_or(EngineError::NotFound {
        what: "audit event",
        id,
    });
    let event = event.map_err(Failure)?;
    let changes = event.changes.iter().map(|change| Change {
        name: change.name.clone(),
        before: shown(&change.before),
        after: shown(&change.after),
    });
    let template = Show {
        page: administrator.page(),
        changes: changes.collect(),
        event,
    };
    Ok(render(StatusCode::OK, &template))
}

/// A value for people: texts without quotes, nothing for what was not there.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
