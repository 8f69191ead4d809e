//! The client's options applied to an answer: version, `$select`, metadata, `$expand`, links.

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::dispatch::{Boxed, run};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::{Expand, MetadataLevel, QueryOptions, annotate, strip};
use crate::path::Version;
use crate::reply::{Answer, Content, Paged, Reply, Single};
use crate::request::{GraphRequest, Preference};
use crate::schema;
use crate::state::GraphState;

/// Entities in one answer, over all levels of `$expand`.
const MAX_ENTITIES: usize = 20_000;

/// The answer to a request.
pub(crate) async fn render(
    state: &GraphState,
    request: &GraphRequest,
    reply: Reply,
) -> Result<Answer> {
    let mut headers = Vec::new();
    if let Some(prefer) = request.prefer {
        headers.push(("preference-applied", prefer.name().to_owned()));
    }
    let (status, content) = match reply {
        Reply::Entity(single) => return entity(state, request, single, headers).await,
        Reply::Page(paged) => (
            StatusCode::OK,
            Content::Json(page(state, request, paged).await?),
        ),
        Reply::Value { context, value } => (
            StatusCode::OK,
            with_context(request, &context, json!({ "value": value })),
        ),
        Reply::Object { context, body } => (
            StatusCode::OK,
            with_context(request, &context, Value::Object(body)),
        ),
        Reply::Text(text) => (StatusCode::OK, Content::Text(text)),
        Reply::Xml(text) => (StatusCode::OK, Content::Xml(text)),
        Reply::Json(value) => (StatusCode::OK, Content::Json(value)),
        Reply::Empty(status) => (status, Content::None),
    };
    Ok(Answer {
        status,
        headers,
        content,
    })
}

async fn entity(
    state: &GraphState,
    request: &GraphRequest,
    single: Single,
    mut headers: Vec<(&'static str, String)>,
) -> Result<Answer> {
    let Single {
        entity,
        declared,
        context,
        status,
    } = single;
    if status == StatusCode::CREATED {
        let location = request.context().url(&entity.path);
        if request.prefer == Some(Preference::Minimal) {
            headers.push(("odata-entityid", location.clone()));
            headers.push(("location", location));
            return Ok(Answer {
                status: StatusCode::NO_CONTENT,
                headers,
                content: Content::None,
            });
        }
        headers.push(("location", location));
    }
    let selected = request
        .query
        .select
        .as_ref()
        .map(crate::odata::Select::context)
        .unwrap_or_default();
    let mut body = body(state, request, entity, declared, &request.query).await?;
    if request.level != MetadataLevel::None {
        let context = request
            .context()
            .metadata(&format!("{context}{selected}/$entity"));
        body.insert("@odata.context".to_owned(), json!(context));
    }
    Ok(Answer {
        status,
        headers,
        content: Content::Json(Value::Object(body)),
    })
}

async fn page(state: &GraphState, request: &GraphRequest, paged: Paged) -> Result<Value> {
    let Paged {
        collected,
        declared,
        context,
    } = paged;
    let mut value = Vec::with_capacity(collected.entities.len());
    for entity in collected.entities {
        value.push(Value::Object(
            body(state, request, entity, declared, &request.query).await?,
        ));
    }
    let mut answer = Map::new();
    if request.level != MetadataLevel::None {
        let selected = request
            .query
            .select
            .as_ref()
            .map(crate::odata::Select::context)
            .unwrap_or_default();
        let context = request.context().metadata(&format!("{context}{selected}"));
        answer.insert("@odata.context".to_owned(), json!(context));
    }
    if let Some(count) = collected.count {
        answer.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(token) = collected.next {
        let query = request.query.next(&token.encode());
        let link = request.context().url(&format!("{}?{query}", request.path));
        answer.insert("@odata.nextLink".to_owned(), json!(link));
    }
    answer.insert("value".to_owned(), Value::Array(value));
    Ok(Value::Object(answer))
}

fn with_context(request: &GraphRequest, context: &str, mut body: Value) -> Content {
    if request.level == MetadataLevel::None {
        strip(&mut body);
    } else {
        body["@odata.context"] = json!(request.context().metadata(context));
    }
    Content::Json(body)
}

/// The JSON of one entity with what is to come along.
fn body<'a>(
    state: &'a GraphState,
    request: &'a GraphRequest,
    mut entity: Entity,
    declared: &'a str,
    query: &'a QueryOptions,
) -> Boxed<'a, Result<Map<String, Value>>> {
    Box::pin(async move {
        if request.rendered.fetch_add(1, Ordering::Relaxed) >= MAX_ENTITIES {
            let message = format!(
                "`$expand`: more than {MAX_ENTITIES} objects in one answer; make `$top` smaller"
            );
            return Err(GraphError::invalid("$expand", message));
        }
        show(&mut entity, request.version, query);
        let (type_name, path) = (entity.type_name, entity.path.clone());
        let mut body = annotate(request.context(), entity, declared);
        for item in &query.expand {
            if item
                .cast
                .as_deref()
                .is_some_and(|cast| !schema::is_a(type_name, cast))
            {
                continue;
            }
            expand(
                state,
                request,
                Place {
                    type_name,
                    path: &path,
                    declared,
                },
                item,
                &mut body,
            )
            .await?;
        }
        Ok(body)
    })
}

/// Leaves out what the version, the default and `$select` leave out.
pub(crate) fn show(entity: &mut Entity, version: Version, query: &QueryOptions) {
    let type_name = entity.type_name;
    let named = |name: &str| {
        query
            .select
            .as_ref()
            .is_some_and(|select| select.is_named(name))
    };
    entity
        .body
        .retain(|name, _| match schema::property(type_name, name) {
            Some(property) if property.is_beta() && version == Version::V1 => false,
            Some(property) if property.is_on_select() => named(name),
            _ => true,
        });
    match (&query.select, schema::shown_by_default(type_name)) {
        (Some(select), _) => select.apply(&mut entity.body),
        (None, Some(shown)) if version == Version::V1 => {
            entity
                .body
                .retain(|name, _| name.contains('@') || shown.contains(&name.as_str()));
        }
        _ => {}
    }
}

/// The entity that something is expanded on.
#[derive(Clone, Copy)]
struct Place<'a> {
    type_name: &'a str,
    path: &'a str,
    declared: &'a str,
}

async fn expand(
    state: &GraphState,
    request: &GraphRequest,
    place: Place<'_>,
    item: &Expand,
    body: &mut Map<String, Value>,
) -> Result<()> {
    let Some(navigation) = schema::navigation(place.type_name, &item.navigation) else {
        return unknown(place, item);
    };
    let name = navigation.name();
    let sub = GraphRequest {
        path: format!("{}/{name}", place.path),
        query: item.options.clone(),
        body: None,
        prefer: None,
        ..request.clone()
    };
    let (sub, reply) = match run(state, &Method::GET, sub).await {
        Ok(answered) => answered,
        Err(error) if error.status == StatusCode::NOT_FOUND && !navigation.is_collection() => {
            body.insert(name.to_owned(), Value::Null);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let cast = if place.type_name.eq_ignore_ascii_case(place.declared) {
        String::new()
    } else {
        format!("/microsoft.graph.{}", place.type_name)
    };
    let context = request
        .context()
        .metadata(&format!("{}{cast}/{name}", place.path));
    let value = match reply {
        Reply::Page(paged) => {
            let answer = page(state, &sub, paged).await?;
            if let Some(count) = answer.get("@odata.count") {
                body.insert(format!("{name}@odata.count"), count.clone());
            }
            if let Some(link) = answer.get("@odata.nextLink") {
                body.insert(format!("{name}@odata.nextLink"), link.clone());
            }
            answer.get("value").cloned().unwrap_or_default()
        }
        Reply::Entity(single) => Value::Object(
            self::body(state, &sub, single.entity, single.declared, &sub.query).await?,
        ),
        _ => Value::Null,
    };
    if request.level != MetadataLevel::None {
        let suffix = if value.is_object() { "/$entity" } else { "" };
        body.insert(
            format!("{name}@odata.context"),
            json!(format!("{context}{suffix}")),
        );
    }
    let value = if item.references_only {
        references(value, &sub)
    } else {
        value
    };
    body.insert(name.to_owned(), value);
    Ok(())
}

/// A navigation property of a sibling type means nothing here; one of no type is a mistake.
fn unknown(place: Place<'_>, item: &Expand) -> Result<()> {
    if schema::derived_with(place.declared, &item.navigation).is_some() {
        return Ok(());
    }
    let message = format!(
        "`$expand`: `{}` is not a navigation property of `{}`",
        item.navigation, place.type_name
    );
    Err(GraphError::invalid("$expand", message))
}

fn references(value: Value, request: &GraphRequest) -> Value {
    let address = |value: &Value| {
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        json!({ "@odata.id": request.context().url(&format!("directoryObjects('{id}')")) })
    };
    match value {
        Value::Array(items) => items.iter().map(address).collect(),
        other => address(&other),
    }
}
