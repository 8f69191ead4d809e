//! `/pki/…`: the public face of the certificate authority.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{AppleState, Problem};

/// The certificate that issues (RFC 5280 §4.2.2.1, DER).
pub(super) async fn issuing_certificate(State(state): State<AppleState>) -> Response {
    certificate(state.engine.authority().issuing().der())
}

/// The root, DER.
pub(super) async fn root_certificate(State(state): State<AppleState>) -> Response {
    certificate(state.engine.authority().root().der())
}

/// The list of revoked certificates, DER.
pub(super) async fn revocation_list(State(state): State<AppleState>) -> Result<Response, Problem> {
    let list = state.engine.revocation_list().await?;
    Ok(([(header::CONTENT_TYPE, "application/pkix-crl")], list).into_response())
}

fn certificate(der: &[u8]) -> Response {
    (
        [(header::CONTENT_TYPE, "application/pkix-cert")],
        der.to_vec(),
    )
        .into_response()
}
