//! Certificates: the authorities, what ends soon, templates and authorities of others.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{
    Action, AuthorityView, EngineError, ExpiringCertificates, HeldCertificate, IssuerView,
};
use mandate_model::CertificateTemplate;
use mandate_ui::{Door, date};
use mandate_web::{Page, Routes, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::csv_file::CsvFile;
use crate::failure::Answer;
use crate::list::{LINES, LINES_OF_FILE, link};

/// Where the area begins.
const PATH: &str = "/console/certificates";
/// Within how many days certificates end that are listed, as can be chosen.
const DAYS: [i64; 4] = [7, 30, 60, 365];

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show_certificates))
        .route("/console/certificates/export.csv", get(export_expiring))
}

#[derive(Template)]
#[template(path = "certificates/index.html")]
struct Index {
    page: Page,
    days: i64,
    /// What ends within those days.
    ending: Vec<HeldCertificate>,
    first: Option<String>,
    next: Option<String>,
    file: String,
    /// `None` where one may not see them.
    authorities: Option<Vec<AuthorityView>>,
    issuers: Vec<IssuerView>,
    templates: Option<Vec<CertificateTemplate>>,
}

/// How far one looks ahead, and where the list goes on.
#[derive(Debug, Deserialize)]
struct Asked {
    days: Option<i64>,
    after: Option<String>,
}

impl Asked {
    fn days(&self) -> i64 {
        self.days.filter(|days| DAYS.contains(days)).unwrap_or(60)
    }
}

/// `GET /console/certificates`
async fn show_certificates(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let days = asked.days();
    let expiring = expiring(&administrator, days, asked.after.as_deref(), LINES).await?;
    let days_text = days.to_string();
    let next = expiring.next.as_deref();
    let next = next.map(|after| link(PATH, &[("days", &days_text), ("after", after)]));
    let (authorities, issuers) = if actor.may(Action::AuthoritiesRead) {
        (
            Some(engine.show_authorities(actor).await?),
            engine.list_issuers(actor).await?,
        )
    } else {
        (None, Vec::new())
    };
    let templates = if actor.may(Action::TemplatesRead) {
        Some(engine.certificate_templates(actor).await?)
    } else {
        None
    };
    let template = Index {
        first: asked.after.map(|_| link(PATH, &[("days", &days_text)])),
        file: link("/console/certificates/export.csv", &[("days", &days_text)]),
        page: administrator.page(),
        ending: expiring.certificates,
        days,
        next,
        authorities,
        issuers,
        templates,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /console/certificates/export.csv`
async fn export_expiring(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let page = administrator.page();
    let columns = [
        "certificate-ends",
        "users-sign-in-name",
        "certificate-purpose",
        "certificate-subject",
        "certificates-issuer",
        "certificates-serial",
        "menu-devices",
    ];
    let mut file = CsvFile::new(&columns.map(|id| page.text(id)))?;
    let mut after = None;
    loop {
        let found = expiring(
            &administrator,
            asked.days(),
            after.as_deref(),
            LINES_OF_FILE,
        );
        let found = found.await?;
        for held in found.certificates {
            let devices = names(&held);
            file.row(&[
                date(held.not_after_date_time),
                held.user_principal_name.unwrap_or_default(),
                held.purpose,
                held.subject,
                held.issuer,
                held.serial_number,
                devices,
            ])?;
        }
        match found.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    file.answer("certificates")
}

async fn expiring(
    administrator: &Administrator,
    days: i64,
    after: Option<&str>,
    limit: u32,
) -> Result<ExpiringCertificates, EngineError> {
    let engine = administrator.engine();
    engine
        .expiring_certificates(&administrator.actor, days, after, limit)
        .await
}

/// Names of the devices that have a certificate.
fn names(held: &HeldCertificate) -> String {
    let names: Vec<&str> = held
        .devices
        .iter()
        .map(|device| device.device_name.as_str())
        .collect();
    names.join(", ")
}

/// The day of a moment in RFC 3339.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}
