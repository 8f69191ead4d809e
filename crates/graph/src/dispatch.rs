//! From a call to an answer: the one function behind HTTP and `$batch`.

use std::pin::Pin;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use mandate_engine::Actor;
use serde_json::{Value, json};

use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::QueryOptions;
use crate::odata::filter::Filter;
use crate::path::{Path, Segment};
use crate::render::render;
use crate::reply::{Answer, Content, Reply};
use crate::request::{Call, GraphRequest, Ids};
use crate::routes::{self, Match};
use crate::schema;
use crate::state::GraphState;

/// A future that can be named, for functions that come back to themselves.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Answers a call; errors become error objects.
pub(crate) fn dispatch(state: &GraphState, call: Call) -> Boxed<'_, Answer> {
    Box::pin(async move {
        let (ids, directory) = (call.ids.clone(), is_directory(&call.target));
        let tried = (call.actor.name(), call.method.clone(), call.target.clone());
        match answer(state, call).await {
            Ok(answer) => answer,
            Err(error) => {
                log_refusal(&error, &tried);
                let error = if directory {
                    error.for_directory()
                } else {
                    error
                };
                error_answer(state, &ids, error)
            }
        }
    })
}

/// What was refused changed nothing, so it is not in the audit; the log has it.
fn log_refusal(error: &GraphError, (who, method, target): &(String, Method, String)) {
    if error.status == StatusCode::FORBIDDEN {
        let path = target.split('?').next().unwrap_or_default();
        tracing::warn!(actor = %who, "refused {method} {path}: {}", error.message);
    }
}

/// The answer for an error.
pub(crate) fn error_answer(state: &GraphState, ids: &Ids, error: GraphError) -> Answer {
    let date = state.engine().now().to_string();
    let body = error.body(
        date.get(..19).unwrap_or(&date),
        &ids.request.to_string(),
        &ids.client,
    );
    Answer {
        status: error.status,
        headers: error.headers,
        content: Content::Json(body),
    }
}

async fn answer(state: &GraphState, call: Call) -> Result<Answer> {
    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    let query = QueryOptions::parse(query)?;
    let path = own(path.trim_matches('/'), &call.actor)?;
    let method = if call.method == Method::HEAD {
        Method::GET
    } else {
        call.method
    };
    if is_batch(&path) {
        return Err(GraphError::bad_request("a batch cannot contain a batch").at("$batch"));
    }
    let request = GraphRequest {
        version: call.version,
        path,
        keys: Vec::new(),
        cast: None,
        arguments: Vec::new(),
        query,
        level: call.level,
        prefer: call.prefer,
        body: call.body,
        actor: call.actor,
        base_url: call.base_url,
        rendered: Arc::default(),
    };
    let writes = method != Method::GET;
    let (mut request, reply) = run(state, &method, request).await?;
    request.prefer = request.prefer.filter(|_| writes);
    render(state, &request, reply).await
}

/// What is below `me` is that of the person who asks; an app is nobody.
fn own(path: &str, actor: &Actor) -> Result<String> {
    let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    if !first.eq_ignore_ascii_case("me") {
        return Ok(path.to_owned());
    }
    match actor.user() {
        Some(id) => Ok(format!("users/{id}{rest}")),
        None => Err(GraphError::bad_request(
            "/me request is only valid with delegated authentication flow.",
        )),
    }
}

/// Finds the route and calls its handler. Also the way by which `$expand` reads what it brings along.
pub(crate) async fn run(
    state: &GraphState,
    method: &Method,
    mut request: GraphRequest,
) -> Result<(GraphRequest, Reply)> {
    let path =
        Path::parse(&request.path).map_err(|error| GraphError::bad_request(error.to_string()))?;
    let (mut segments, casts) = plain(&path);
    let suffix = Suffix::take(&mut segments, method);
    if suffix == Some(Suffix::Count) {
        request.query.count = true;
        request.query.top = Some(0);
        request.query.skip_token = None;
    }
    let reply = match routes::find(method, &segments)? {
        Some(Match {
            handler,
            keys,
            arguments,
        }) => {
            let cast = casts
                .last()
                .filter(|(at, _)| at + 1 == segments.len())
                .map(|(_, name)| name.clone());
            narrow(&mut request.query, cast.as_deref());
            request.cast.clone_from(&cast);
            (request.keys, request.arguments) = (keys, arguments);
            let reply = handler(state, &request).await?;
            check_cast(&reply, cast.as_deref())?;
            reply
        }
        None => part(state, method, &mut request, &segments).await?,
    };
    let reply = match suffix {
        None => reply,
        Some(suffix) => suffix.apply(&request, reply)?,
    };
    Ok((request, reply))
}

/// The segments without casts; what looks like a cast but is a name of ours (`microsoft.graph.assign`) stays.
fn plain(path: &Path) -> (Vec<Segment>, Vec<(usize, String)>) {
    let (mut segments, casts) = path.without_casts();
    let mut kept = Vec::new();
    for (after, name) in casts {
        if routes::is_literal(&name) {
            segments.insert(after + 1, Segment::Name(name));
        } else {
            kept.push((after, name));
        }
    }
    (segments, kept)
}

/// A cast behind a collection is a filter. On a single entity the filter is never asked.
fn narrow(query: &mut QueryOptions, cast: Option<&str>) {
    if let Some(cast) = cast {
        query.filter = Some(Filter::of_type(cast, query.filter.take()));
    }
}

fn check_cast(reply: &Reply, cast: Option<&str>) -> Result<()> {
    match (reply, cast) {
        (Reply::Entity(single), Some(cast)) if !schema::is_a(single.entity.type_name, cast) => {
            Err(GraphError::not_found(format!(
                "the object is a {}, not a {cast}",
                single.entity.type_name
            )))
        }
        _ => Ok(()),
    }
}

/// A path that ends in a property of an entity (`deviceManagement/settings`, `users/ID/displayName`) or in one item of
/// a collection that has no route for single items (`deviceStatuses/ID`).
async fn part(
    state: &GraphState,
    method: &Method,
    request: &mut GraphRequest,
    segments: &[Segment],
) -> Result<Reply> {
    let unknown = GraphError::not_found(format!("there is nothing at `{}`", request.path));
    let Some((last, parent)) = segments.split_last() else {
        return Err(unknown);
    };
    let (Some(name), true) = (last.key(), *method == Method::GET) else {
        return Err(unknown);
    };
    let Some(found) = routes::find(method, parent).ok().flatten() else {
        return Err(unknown);
    };
    (request.keys, request.arguments) = (found.keys, found.arguments);
    let whole = std::mem::take(&mut request.query);
    request.query.filter = Some(Filter::of_id(name));
    let reply = (found.handler)(state, request).await;
    request.query = whole;
    match reply? {
        Reply::Entity(single) => property_of(&single.entity, name).ok_or(unknown),
        Reply::Page(page) => {
            let entity = page.collected.entities.into_iter().next().ok_or(unknown)?;
            Ok(Reply::entity(entity, page.declared, page.context))
        }
        _ => Err(unknown),
    }
}

/// One property of an entity as an answer of its own, if the entity's type has it.
pub(crate) fn property_of(entity: &Entity, name: &str) -> Option<Reply> {
    let property = schema::property(entity.type_name, name)?;
    let context = format!("{}/{}", entity.path, property.name());
    Some(match entity.body.get(property.name()) {
        None | Some(Value::Null) => Reply::no_content(),
        Some(Value::Object(body)) => Reply::Object {
            context,
            body: body.clone(),
        },
        Some(value) => Reply::Value {
            context,
            value: value.clone(),
        },
    })
}

/// What may stand behind a path of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffix {
    Count,
    Reference,
    Value,
}

impl Suffix {
    /// Takes `$count` and `$value` off, and `$ref` where a GET asks for addresses only.
    fn take(segments: &mut Vec<Segment>, method: &Method) -> Option<Self> {
        if *method != Method::GET || segments.len() < 2 {
            return None;
        }
        let suffix = match segments.last()?.literal()?.to_ascii_lowercase().as_str() {
            "$count" => Self::Count,
            "$ref" => Self::Reference,
            "$value" => Self::Value,
            _ => return None,
        };
        segments.pop();
        Some(suffix)
    }

    fn apply(self, request: &GraphRequest, reply: Reply) -> Result<Reply> {
        let context = request.context();
        let address = |path: &str| json!({ "@odata.id": context.url(path) });
        match (self, reply) {
            (Self::Count, Reply::Page(page)) => Ok(Reply::Text(
                page.collected
                    .count
                    .unwrap_or(page.collected.entities.len())
                    .to_string(),
            )),
            (Self::Reference, Reply::Page(page)) => {
                let value: Vec<Value> = page
                    .collected
                    .entities
                    .iter()
                    .map(|entity| address(&entity.path))
                    .collect();
                let mut body = json!({ "@odata.context": context.metadata("Collection($ref)"), "value": value });
                if let Some(token) = page.collected.next {
                    let query = request.query.next(&token.encode());
                    body["@odata.nextLink"] =
                        json!(context.url(&format!("{}?{query}", request.path)));
                }
                Ok(Reply::Json(body))
            }
            (Self::Reference, Reply::Entity(single)) => {
                let mut body = address(&single.entity.path);
                body["@odata.context"] = json!(context.metadata("$ref"));
                Ok(Reply::Json(body))
            }
            (
                Self::Value,
                Reply::Value {
                    value: Value::String(text),
                    ..
                },
            ) => Ok(Reply::Text(text)),
            (Self::Value, Reply::Value { value, .. }) => Ok(Reply::Text(value.to_string())),
            (Self::Value, reply @ Reply::Empty(StatusCode::NO_CONTENT)) => Ok(reply),
            _ => Err(GraphError::not_found(format!(
                "there is nothing at `{}`",
                request.path
            ))),
        }
    }
}

pub(crate) fn is_batch(path: &str) -> bool {
    path.eq_ignore_ascii_case("$batch") || path.eq_ignore_ascii_case("%24batch")
}

/// Whether the path is in the part of Graph whose errors have other codes.
fn is_directory(target: &str) -> bool {
    let first = target
        .trim_start_matches('/')
        .split(['/', '(', '?'])
        .next()
        .unwrap_or_default();
    [
        "users",
        "groups",
        "devices",
        "directoryobjects",
        "directoryroles",
        "directoryroletemplates",
        "rolemanagement",
        "organization",
        "domains",
        "subscribedskus",
        "me",
    ]
    .contains(&first.to_ascii_lowercase().as_str())
}
