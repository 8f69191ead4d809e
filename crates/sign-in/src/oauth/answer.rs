//! Answers in JSON, which nobody keeps.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::called::Called;
use super::{Fault, FaultKind};
use crate::Door;

/// A request is a few hundred bytes; assertions with certificate chains are some thousand.
const LARGEST: usize = 64 * 1024;

/// A refused request, for its answer.
pub(super) struct Refused<'a>(pub(super) &'a Door, pub(super) &'a Called, pub(super) Fault);

impl Refused<'_> {
    pub(super) fn answer(self) -> Response {
        let Self(state, called, fault) = self;
        let body = fault.body(state.engine().now(), called.request, &called.correlation);
        document(fault.kind.status(), &body)
    }
}

/// A JSON document.
pub(super) fn document(status: StatusCode, body: &Value) -> Response {
    let mut answer = (
        status,
        [
            (header::CONTENT_TYPE, "application/json; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::PRAGMA, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        body.to_string(),
    )
        .into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 6749 §5.2, for a client that proved itself with this scheme.
        answer.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"\""),
        );
    }
    answer
}

/// The body of a request, if it is of a bearable size.
pub(super) async fn body(body: Body) -> Result<Bytes, Fault> {
    to_bytes(body, LARGEST).await.map_err(|_| {
        Fault::new(
            FaultKind::TooLarge,
            "The body of the request is larger than 64 KiB, or ended early.",
        )
    })
}
