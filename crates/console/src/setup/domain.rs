//! One domain: its records, proving it, making it the default, and removing it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use mandate_engine::{Action, DiscoveryCheck, DnsRecord, DnsRecordKind, Domain, EngineError};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::DOMAINS;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

#[derive(Template)]
#[template(path = "setup/domain.html")]
struct Show {
    page: Page,
    domain: Domain,
    records: Vec<Record>,
    /// Why it could not be done.
    refused: String,
    discovery: Option<DiscoveryCheck>,
    can_change: bool,
}

/// A record to be made.
struct Record {
    kind: &'static str,
    label: String,
    value: String,
    is_optional: bool,
}

#[derive(Template)]
#[template(path = "setup/delete.html")]
struct Delete {
    page: Page,
    domain: Domain,
    /// How many people's names are under it.
    people: i64,
    refused: String,
}

impl From<DnsRecord> for Record {
    fn from(record: DnsRecord) -> Self {
        let (kind, value) = match record.kind {
            DnsRecordKind::Text(text) => ("TXT", text),
            DnsRecordKind::Alias(alias) => ("CNAME", alias),
        };
        Self {
            kind,
            label: record.label,
            value,
            is_optional: record.is_optional,
        }
    }
}

/// `GET /console/setup/domains/{name}`
pub(super) async fn show(administrator: Administrator, Path(name): Path<String>) -> Answer {
    shown(&administrator, &name, String::new(), None).await
}

/// `POST /console/setup/domains/{name}/verify`
pub(super) async fn verify(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    match engine.verify_domain(actor, &name).await {
        Ok(domain) => Ok(redirect(&format!("{DOMAINS}/{}", domain.name))),
        Err(EngineError::NotPossible { reason }) => {
            shown(&administrator, &name, reason, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/setup/domains/{name}/default`
pub(super) async fn make_default(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    match engine.make_domain_default(actor, &name).await {
        Ok(domain) => Ok(redirect(&format!("{DOMAINS}/{}", domain.name))),
        Err(EngineError::NotPossible { reason }) => {
            shown(&administrator, &name, reason, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/setup/domains/{name}/discovery`
pub(super) async fn discover(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let check = engine.check_discovery(actor, &name).await?;
    shown(&administrator, &name, String::new(), Some(check)).await
}

/// `GET /console/setup/domains/{name}/delete`
pub(super) async fn ask_deletion(administrator: Administrator, Path(name): Path<String>) -> Answer {
    administrator.actor.require(Action::DomainsUpdate)?;
    deletion(&administrator, &name, String::new()).await
}

/// `POST /console/setup/domains/{name}/delete`: with people under it only if that was said.
pub(super) async fn delete(
    administrator: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let force = fields.has("force");
    match engine.delete_domain(actor, &name, force).await {
        Ok(()) => Ok(redirect(DOMAINS)),
        Err(error @ (EngineError::NotPossible { .. } | EngineError::InUse { .. })) => {
            deletion(&administrator, &name, error.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn shown(
    administrator: &Administrator,
    name: &str,
    refused: String,
    discovery: Option<DiscoveryCheck>,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let mut records = Vec::new();
    let domain = find(administrator, name).await?;
    if !domain.is_verified() {
        records.extend(engine.verification_records(actor, name).await?);
    }
    records.extend(engine.service_records(actor, name).await?);
    let status = if refused.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let template = Show {
        domain,
        records: records.into_iter().map(Into::into).collect(),
        refused,
        discovery,
        can_change: actor.may(Action::DomainsUpdate),
        page: administrator.page(),
    };
    Ok(render(status, &template))
}

async fn deletion(administrator: &Administrator, name: &str, refused: String) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let domain = find(administrator, name).await?;
    let people = engine.people_under(actor, &domain.name).await?;
    let status = if refused.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let template = Delete {
        domain,
        people,
        refused,
        page: administrator.page(),
    };
    Ok(render(status, &template))
}

async fn find(administrator: &Administrator, name: &str) -> Result<Domain, Failure> {
    administrator.actor.require(Action::DomainsRead)?;
    let found = administrator.engine().find_domain(name).await?;
    found.ok_or_else(|| Failure::not_found("domain", name))
}
