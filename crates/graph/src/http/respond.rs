//! Answers on the wire.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use crate::odata::MetadataLevel;
use crate::reply::{Answer, Content};
use crate::request::Ids;

/// The response to an answer.
pub(super) fn respond(answer: Answer, level: MetadataLevel, ids: &Ids) -> Response {
    let (kind, body) = match answer.content {
        Content::None => (None, Body::empty()),
        Content::Json(value) => {
            let kind = format!(
                "application/json;odata.metadata={};charset=utf-8",
                level.name()
            );
            (Some(kind), Body::from(value.to_string()))
        }
        Content::Text(text) => (
            Some("text/plain;charset=utf-8".to_owned()),
            Body::from(text),
        ),
        Content::Xml(text) => (
            Some("application/xml;charset=utf-8".to_owned()),
            Body::from(text),
        ),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    let mut insert = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    insert("odata-version", "4.0");
    insert("cache-control", "no-store");
    insert("request-id", &ids.request.to_string());
    insert("client-request-id", &ids.client);
    if let Some(kind) = kind {
        insert("content-type", &kind);
    }
    for (name, value) in &answer.headers {
        insert(name, value);
    }
    response
}
