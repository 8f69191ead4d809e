//! `$batch`: up to twenty requests in one.

mod read;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use self::read::{Item, read};
use crate::dispatch::dispatch;
use crate::error::{GraphError, Result};
use crate::odata::MetadataLevel;
use crate::reply::{Answer, Content};
use crate::request::{Call, Preference};
use crate::state::GraphState;

/// Answers a batch. The requests run one after another, each after those that it depends on.
pub(crate) async fn run(state: &GraphState, outer: &Call) -> Result<Value> {
    let items = read(outer.body.as_ref())?;
    let mut answers: Vec<(String, Answer)> = Vec::with_capacity(items.len());
    for item in items {
        let failed = item.depends_on.iter().find(|id| {
            answers.iter().any(|(done, answer)| {
                done == *id && answer.status.is_client_error() | answer.status.is_server_error()
            })
        });
        let answer = match failed {
            Some(id) => failed_dependency(state, outer, id),
            None => dispatch(state, call(outer, &item)).await,
        };
        answers.push((item.id, answer));
    }
    let responses: Vec<Value> = answers
        .into_iter()
        .map(|(id, answer)| response(&id, answer))
        .collect();
    Ok(json!({ "responses": responses }))
}

/// The request inside, as if it had come alone: identity and host are those of the outer one.
fn call(outer: &Call, item: &Item) -> Call {
    Call {
        method: item.method.clone(),
        target: item.url.clone(),
        level: item
            .header("accept")
            .map(MetadataLevel::from_accept)
            .unwrap_or_default(),
        prefer: item.header("prefer").and_then(Preference::parse),
        body: item.body.clone(),
        ..outer.clone()
    }
}

fn failed_dependency(state: &GraphState, outer: &Call, id: &str) -> Answer {
    let message = format!("not run, because request `{id}` failed, on which it depends");
    let error = GraphError::new(StatusCode::FAILED_DEPENDENCY, "FailedDependency", message);
    crate::dispatch::error_answer(state, &outer.ids, error)
}

/// One item of the answer; `headers` is always an object, for `IntuneCD` asks it for `Retry-After`.
fn response(id: &str, answer: Answer) -> Value {
    let mut headers: Map<String, Value> = answer
        .headers
        .iter()
        .map(|(name, value)| (canonical(name), json!(value)))
        .collect();
    let mut response = json!({ "id": id, "status": answer.status.as_u16() });
    let (kind, body) = match answer.content {
        Content::None => (None, None),
        Content::Json(body) => (Some("application/json"), Some(body)),
        Content::Text(text) => (Some("text/plain"), Some(json!(text))),
        Content::Xml(text) => (Some("application/xml"), Some(json!(text))),
    };
    if let (Some(kind), Some(body)) = (kind, body) {
        headers.insert("Content-Type".to_owned(), json!(kind));
        response["body"] = body;
    }
    response["headers"] = Value::Object(headers);
    response
}

/// `retry-after` is `Retry-After` where letter case matters.
fn canonical(name: &str) -> String {
    let capital = |word: &str| match word {
        "odata" => "OData".to_owned(),
        "entityid" => "EntityId".to_owned(),
        _ => word
            .chars()
            .take(1)
            .map(|first| first.to_ascii_uppercase())
            .chain(word.chars().skip(1))
            .collect(),
    };
    name.split('-')
        .map(capital)
        .collect::<Vec<String>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_an_object_even_without_any() {
        let empty = Answer {
            status: StatusCode::NO_CONTENT,
            headers: Vec::new(),
            content: Content::None,
        };
        let value = response("1", empty);
        assert_eq!(value, json!({ "id": "1", "status": 204, "headers": {} }));
    }

    #[test]
    fn header_names_have_their_usual_spelling() {
        assert_eq!(canonical("retry-after"), "Retry-After");
        assert_eq!(canonical("odata-entityid"), "OData-EntityId");
    }
}
