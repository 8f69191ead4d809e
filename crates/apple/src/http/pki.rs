//! `/pki/…`: the public face of the certificate authorities.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{AppleState, Problem};

const NO_AUTHORITY: Problem = Problem::NotFound("there is no such authority");

/// The certificate that issues now (RFC 5280 §4.2.2.1, DER).
pub(super) async fn issuing_certificate(State(state): State<AppleState>) -> Response {
    certificate(state.engine.authority().issuing().der().to_vec())
}

/// The certificate of one authority: `{key id}.crt`.
pub(super) async fn issuing_certificate_of(
    State(state): State<AppleState>,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    file.strip_suffix(".crt")
        .and_then(|key_id| state.engine.issuing_certificate(key_id))
        .map(certificate)
        .ok_or(NO_AUTHORITY)
}

/// The root of the authority that issues now, DER.
pub(super) async fn root_certificate(State(state): State<AppleState>) -> Response {
    certificate(state.engine.authority().root().der().to_vec())
}

/// What the authority that issues now has revoked, DER.
pub(super) async fn revocation_list(State(state): State<AppleState>) -> Result<Response, Problem> {
    Ok(list(state.engine.revocation_list().await?))
}

/// What the authority with this key id has revoked, DER.
pub(super) async fn revocation_list_of(
    State(state): State<AppleState>,
    Path(key_id): Path<String>,
) -> Result<Response, Problem> {
    let found = state.engine.revocation_list_of(&key_id).await?;
    found.map(list).ok_or(NO_AUTHORITY)
}

/// A reader may keep a list until it ends by itself; what stands between asks again, so that a revocation is seen at once.
fn list(der: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pkix-crl"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, der).into_response()
}

fn certificate(der: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/pkix-cert")], der).into_response()
}
