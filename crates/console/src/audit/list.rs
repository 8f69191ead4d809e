//! The list of entries, the newest first.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use mandate_engine::{AuditEvent, AuditFilter, AuditOrder, EngineError};
use mandate_model::Timestamp;
use mandate_web::{Page, render};
use serde::Deserialize;

use super::PATH;
use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, LINES_OF_FILE, cut, link};

/// Most entries of a file; a longer time is fetched in parts, or by `mandate audit export`.
const MOST_OF_FILE: usize = 100_000;

#[derive(Template)]
#[template(path = "audit/index.html")]
struct Index {
    page: Page,
    asked: Asked,
    events: Vec<AuditEvent>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    wrong_from: String,
    wrong_until: String,
}

/// Which entries, and where the list goes on.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    /// First day, as `2026-11-21`.
    #[serde(default)]
    from: String,
    /// Last day.
    #[serde(default)]
    until: String,
    /// Id of the thing that they are about.
    #[serde(default)]
    resource: String,
    /// Time of the last entry of the page before, in microseconds, and its number.
    at: Option<i64>,
    number: Option<i64>,
}

impl Asked {
    fn first_moment(&self) -> Result<Option<Timestamp>, ()> {
        day(&self.from, "00:00:00")
    }

    fn last_moment(&self) -> Result<Option<Timestamp>, ()> {
        day(&self.until, "23:59:59.999999")
    }

    fn filter(&self) -> AuditFilter {
        let resource = Some(self.resource.trim().to_owned());
        AuditFilter {
            from: self.first_moment().unwrap_or_default(),
            until: self.last_moment().unwrap_or_default(),
            resource: resource.filter(|id| !id.is_empty()),
            ..AuditFilter::default()
        }
    }

    fn order(&self) -> AuditOrder {
        let place = self.at.zip(self.number);
        AuditOrder::NewestFirst(place.map(|(at, number)| (Timestamp(at), number)))
    }

    fn path(&self, path: &str, last: Option<&AuditEvent>) -> String {
        let at = last.map(|last| last.at.0.to_string()).unwrap_or_default();
        let number = last.map(|last| last.number.to_string());
        link(
            path,
            &[
                ("from", &self.from),
                ("until", &self.until),
                ("resource", &self.resource),
                ("at", &at),
                ("number", &number.unwrap_or_default()),
            ],
        )
    }
}

/// A moment of a day; none where no day is given.
fn day(text: &str, time: &str) -> Result<Option<Timestamp>, ()> {
    match text.trim() {
        "" => Ok(None),
        day => match Timestamp::parse(&format!("{day}T{time}Z")) {
            Some(at) if day.len() == 10 => Ok(Some(at)),
            Some(_) | None => Err(()),
        },
    }
}

/// `GET /console/audit`
pub(super) async fn list_events(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = administrator.page();
    let wrong = |is_wrong: bool| {
        if is_wrong {
            page.text("audit-wrong-day")
        } else {
            String::new()
        }
    };
    let wrong_from = wrong(asked.first_moment().is_err());
    let wrong_until = wrong(asked.last_moment().is_err());
    let engine = administrator.engine();
    let found = engine.list_audit_events(
        &administrator.actor,
        asked.filter(),
        asked.order(),
        LINES + 1,
    );
    let mut events = found.await?;
    let is_more = cut(&mut events);
    let last = events.last().filter(|_| is_more);
    let template = Index {
        next: last.map(|last| asked.path(PATH, Some(last))),
        first: asked.at.map(|_| asked.path(PATH, None)),
        file: asked.path("/console/audit/export.csv", None),
        page,
        asked,
        events,
        wrong_from,
        wrong_until,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/audit/export.csv`
pub(super) async fn export_events(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = administrator.page();
    let columns = [
        "audit-at",
        "audit-actor",
        "audit-activity",
        "audit-resource",
        "audit-name",
        "audit-id",
        "audit-address",
        "audit-changes",
    ];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let mut order = asked.order();
    let mut count = 0;
    loop {
        let engine = administrator.engine();
        let found =
            engine.list_audit_events(&administrator.actor, asked.filter(), order, LINES_OF_FILE);
        let events = found.await?;
        let Some(last) = events.last() else { break };
        order = AuditOrder::NewestFirst(Some((last.at, last.number)));
        count += events.len();
        if count > MOST_OF_FILE {
            let reason = page.text("audit-too-long");
            return Err(Failure(EngineError::NotPossible { reason }));
        }
        for event in events {
            let changes = serde_json::to_string(&event.changes).unwrap_or_default();
            file.row(&[
                event.at.to_string(),
                event.actor.name,
                event.activity,
                event.resource.type_name,
                event.resource.name,
                event.resource.id,
                event.ip_address.unwrap_or_default(),
                changes,
            ])?;
        }
    }
    file.answer("audit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_and_nothing_else() {
        assert_eq!(day("", "00:00:00"), Ok(None));
        assert!(day("2026-11-21", "00:00:00").unwrap().is_some());
        for wrong in ["21-11-2026", "2026-11-31", "2026-11-21T00:00:00Z", "x"] {
            assert_eq!(day(wrong, "00:00:00"), Err(()), "{wrong}");
        }
    }

    #[test]
    fn the_last_day_is_whole() {
        let asked = Asked {
            from: "2026-11-21".to_owned(),
            until: "2026-11-21".to_owned(),
            ..Asked::default()
        };
        let filter = asked.filter();
        let length = filter.until.unwrap().0 - filter.from.unwrap().0;
        assert_eq!(length, 86_400 * Timestamp::SECOND - 1);
    }
}
