//! The domains of the organisation.

use mandate_engine::{DnsRecord, DnsRecordKind, Domain};
use serde_json::{Map, Value, json};

use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::body::{boolean, text};
use crate::resources::found;
use crate::schema;
use crate::state::GraphState;

const DECLARED: &str = "domain";
const PATH: &str = "domains";
const RECORD: &str = "domainDnsRecord";

/// `GET domains`
pub(crate) async fn list_domains(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let domains = state.engine().domains().await?.into_iter();
    let rows = domains.map(|domain| Keyed {
        key: domain.name.clone(),
        entity: shown(&domain),
    });
    Listing::directory(DECLARED, PATH)
        .page_of(request, rows.collect())
        .await
}

/// `GET domains/{name}`
pub(crate) async fn show_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let domain = state.engine().find_domain(request.key(0)).await?;
    let domain = found(domain, DECLARED, request.key(0))?;
    Ok(Reply::entity(shown(&domain), DECLARED, PATH))
}

/// `POST domains`: the name is the id, and all that can be said of a domain.
pub(crate) async fn create_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object()?;
    let mut name = None;
    for (property, value) in properties(body) {
        match schema::property(DECLARED, property).map(schema::Property::name) {
            Some("id") => name = text(property, value)?,
            Some(_) => return Err(not_settable(property)),
            None => return Err(unknown(property)),
        }
    }
    let name =
        name.ok_or_else(|| GraphError::invalid("id", "`id` is required: the domain's name"))?;
    let domain = state.engine().create_domain(&request.actor, &name).await?;
    Ok(Reply::created(shown(&domain), DECLARED, PATH))
}

/// `PATCH domains/{name}`: makes it the default.
pub(crate) async fn update_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut makes_default = None;
    for (property, value) in properties(request.object()?) {
        match schema::property(DECLARED, property).map(schema::Property::name) {
            Some("isDefault") => makes_default = Some(boolean(property, value)?),
            Some(_) => return Err(not_settable(property)),
            None => return Err(unknown(property)),
        }
    }
    match makes_default {
        Some(true) => {
            let engine = state.engine();
            engine
                .make_domain_default(&request.actor, request.key(0))
                .await?;
            Ok(Reply::no_content())
        }
        Some(false) => Err(GraphError::invalid(
            "isDefault",
            "`isDefault` can only be `true`: there is always one default domain, and another takes its place",
        )),
        None => Err(GraphError::invalid("isDefault", "`isDefault` is required")),
    }
}

/// `DELETE domains/{name}`
pub(crate) async fn delete_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let engine = state.engine();
    engine
        .delete_domain(&request.actor, request.key(0), false)
        .await?;
    Ok(Reply::no_content())
}

/// `POST domains/{name}/forceDelete`: although people's names are under it. They keep their names.
pub(crate) async fn force_delete_domain(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    for (name, value) in properties(&request.object_or_empty()?) {
        if !name.eq_ignore_ascii_case("disableUserAccounts") {
            let message = format!("`{name}` is no parameter of `forceDelete`");
            return Err(GraphError::invalid(name, message));
        }
        if !value.is_null() && boolean(name, value)? {
            let message = "`disableUserAccounts` can only be `false`: disable accounts one by one, so that nobody is shut \
                           out unseen";
            return Err(GraphError::invalid(name, message));
        }
    }
    let engine = state.engine();
    engine
        .delete_domain(&request.actor, request.key(0), true)
        .await?;
    Ok(Reply::no_content())
}

/// `POST domains/{name}/verify`: 400 with what was found, if it is not what proves the domain.
pub(crate) async fn verify_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let engine = state.engine();
    let domain = engine.verify_domain(&request.actor, request.key(0)).await?;
    Ok(Reply::entity(shown(&domain), DECLARED, PATH))
}

/// `GET domains/{name}/verificationDnsRecords`
pub(crate) async fn list_verification_records(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let engine = state.engine();
    let records = engine.verification_records(&request.actor, request.key(0));
    list_records(request, records.await?, "verificationDnsRecords").await
}

/// `GET domains/{name}/serviceConfigurationRecords`
pub(crate) async fn list_service_records(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let engine = state.engine();
    let records = engine.service_records(&request.actor, request.key(0));
    list_records(request, records.await?, "serviceConfigurationRecords").await
}

async fn list_records(
    request: &GraphRequest,
    records: Vec<DnsRecord>,
    navigation: &str,
) -> Result<Reply> {
    let context = format!("{PATH}('{}')/{navigation}", request.key(0));
    let rows = records.into_iter().map(|record| {
        let entity = shown_record(&record, &context);
        Keyed {
            key: record.label,
            entity,
        }
    });
    Listing::directory(RECORD, context.clone())
        .page_of(request, rows.collect())
        .await
}

fn shown_record(record: &DnsRecord, context: &str) -> Entity {
    let (type_name, kind, property, value) = match &record.kind {
        DnsRecordKind::Text(text) => ("domainDnsTxtRecord", "Txt", "text", text),
        DnsRecordKind::Alias(alias) => ("domainDnsCnameRecord", "CName", "canonicalName", alias),
    };
    let mut body = schema::blank(type_name);
    for (name, value) in [
        ("id", json!(record.label)),
        ("label", json!(record.label)),
        ("recordType", json!(kind)),
        ("isOptional", json!(record.is_optional)),
        ("supportedService", json!("Intune")),
        ("ttl", json!(record.ttl_seconds)),
        (property, json!(value)),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new(type_name, format!("{context}('{}')", record.label), body)
}

fn shown(domain: &Domain) -> Entity {
    let services = if domain.is_verified() {
        json!(["Email", "Intune"])
    } else {
        json!([])
    };
    let mut body = schema::blank(DECLARED);
    for (property, value) in [
        ("id", json!(domain.name)),
        ("authenticationType", json!("Managed")),
        ("isAdminManaged", json!(true)),
        ("isDefault", json!(domain.is_default)),
        ("isInitial", json!(domain.is_initial)),
        ("isRoot", json!(domain.is_root)),
        ("isVerified", json!(domain.is_verified())),
        ("supportedServices", services),
    ] {
        body.insert(property.to_owned(), value);
    }
    Entity::new(DECLARED, format!("{PATH}('{}')", domain.name), body)
}

/// What a body says beside annotations.
fn properties(body: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    body.iter().filter(|(name, _)| !name.contains('@'))
}

fn not_settable(name: &str) -> GraphError {
    let message = format!("`{name}` of a domain cannot be set");
    GraphError::invalid(name, message)
}

fn unknown(name: &str) -> GraphError {
    let message = format!("`{name}` is not a property of `microsoft.graph.domain`");
    GraphError::invalid(name, message)
}
