//! Certificates: the authorities, what ends soon, templates and authorities of others.

mod authority;
mod imported;
mod issuers;
mod templates;

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
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
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
        .route(imported::PATH, get(imported::list))
        .route(
            "/console/certificates/imported/new",
            get(imported::show_import).post(imported::import),
        )
        .route(
            "/console/certificates/imported/{id}/remove",
            get(imported::ask_removal).post(imported::remove),
        )
        .route(issuers::NEW, get(issuers::show_new).post(issuers::create))
        .route(
            "/console/certificates/issuers/{name}/remove",
            get(issuers::ask_removal).post(issuers::remove),
        )
        .route(
            "/console/certificates/templates/new",
            get(templates::show_new).post(templates::create),
        )
        .route(
            "/console/certificates/templates/{name}/remove",
            get(templates::ask_removal).post(templates::remove),
        )
        .route(
            "/console/certificates/roll-over",
            get(authority::ask_roll_over).post(authority::roll_over),
        )
        .route(
            "/console/certificates/challenge",
            get(authority::ask_challenge).post(authority::make_challenge),
        )
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
    /// Names of the templates that can be removed.
    removable: Vec<String>,
    may_see_imports: bool,
    may_change_authorities: bool,
    may_change_templates: bool,
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
    let built_in = CertificateTemplate::built_in();
    let is_own = |one: &&CertificateTemplate| !built_in.iter().any(|own| own.name == one.name);
    let may_change_templates = actor.may(Action::TemplatesUpdate);
    let own = templates.iter().flatten().filter(is_own);
    let removable = own.filter(|_| may_change_templates);
    let template = Index {
        removable: removable.map(|one| one.name.clone()).collect(),
        may_see_imports: actor.may(Action::ImportsRead),
        may_change_authorities: actor.may(Action::AuthoritiesUpdate),
        may_change_templates,
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

/// A name as a part of a path.
fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// The day of a moment in RFC 3339.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}
