//! Answers: JSON of SCIM's media type.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::Provisioned;
use serde_json::{Map, Value, json};

use crate::asked::Asked;
use crate::document::Kind;

/// JSON of SCIM's media type.
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = HeaderValue::from_static("application/scim+json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

/// A resource with its `meta`, as whole as it was asked for.
pub(crate) fn resource(asked: &Asked, kind: &Kind, found: &Provisioned) -> Value {
    let mut body: Map<String, Value> = Map::new();
    body.insert(
        "schemas".to_owned(),
        json!(kind.schemas_of(&found.document)),
    );
    body.insert("id".to_owned(), json!(found.id));
    body.extend(found.document.clone());
    body.insert(
        "meta".to_owned(),
        json!({
            "resourceType": kind.name,
            "created": found.created_at.to_string(),
            "lastModified": found.modified_at.to_string(),
            "location": location(asked, kind, found),
            "version": etag(found),
        }),
    );
    asked.choose(&mut body);
    Value::Object(body)
}

/// The answer with a resource: its version as entity tag, and where it is.
pub(crate) fn shown(
    asked: &Asked,
    kind: &Kind,
    (status, found): (StatusCode, &Provisioned),
) -> Response {
    let mut response = answer(status, &resource(asked, kind, found));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&etag(found)) {
        headers.insert(header::ETAG, value);
    }
    if let Ok(value) = HeaderValue::from_str(&location(asked, kind, found)) {
        headers.insert(header::LOCATION, value);
    }
    response
}

/// Its version as a weak entity tag.
pub(crate) fn etag(found: &Provisioned) -> String {
    format!("W/\"{}\"", found.version)
}

fn location(asked: &Asked, kind: &Kind, found: &Provisioned) -> String {
    format!("{}/{}/{}", asked.base_url, kind.path, found.id)
}
