//! Who speaks: a signature over the body, or the certificate of the TLS connection.

use std::sync::Arc;

use axum::http::{Extensions, HeaderMap};
use base64::Engine as _;
use base64::alphabet::STANDARD as STANDARD_ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mandate_pki::Legacy;
use mandate_pki::certificate::Certificate;
use mandate_pki::cms::SignedMessage;

use super::{PeerCertificate, Problem};

/// A signature with its certificate comes to some 2 KB.
const SIGNATURE_LIMIT: usize = 16 * 1024;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Refuses a request that brings nothing that could prove who speaks, before its body is read.
pub(super) fn is_offered(headers: &HeaderMap, extensions: &Extensions) -> Result<(), Problem> {
    if headers.contains_key("Mdm-Signature") || extensions.get::<PeerCertificate>().is_some() {
        return Ok(());
    }
    Err(NOTHING_OFFERED)
}

const NOTHING_OFFERED: Problem =
    Problem::Unproven("neither `Mdm-Signature` nor a client certificate");

/// The certificate whose key the sender proved to hold. A signature counts before the connection: behind a proxy the
/// connection is the proxy's.
pub(super) fn certificate(
    headers: &HeaderMap,
    extensions: &Extensions,
    body: &[u8],
) -> Result<Arc<Certificate>, Problem> {
    match headers.get("Mdm-Signature") {
        Some(signature) => verify(signature.as_bytes(), body).map(Arc::new),
        None => extensions
            .get::<PeerCertificate>()
            .map(|peer| peer.0.clone())
            .ok_or(NOTHING_OFFERED),
    }
}

/// Devices sign in BER with SHA-1 and without signed attributes; both are allowed here and nowhere else, because the
/// signature protects a body that TLS protects already.
fn verify(signature: &[u8], body: &[u8]) -> Result<Certificate, Problem> {
    if signature.len() > SIGNATURE_LIMIT {
        return Err(Problem::Malformed("`Mdm-Signature` is too long".to_owned()));
    }
    let message = BASE64
        .decode(signature)
        .map_err(|_| Problem::Malformed("`Mdm-Signature` is not base64".to_owned()))?;
    let message = SignedMessage::from_ber(&message).map_err(|error| {
        Problem::Malformed(format!("`Mdm-Signature` is not a signed message: {error}"))
    })?;
    let signer = message
        .verify_detached(body, Legacy::AllowSha1)
        .map_err(|_| Problem::Unproven("`Mdm-Signature` does not fit the body"))?;
    Ok(signer.clone())
}
