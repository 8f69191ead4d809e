//! Who a client is, and whether it is that.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use mandate_engine::{App, ClientProof};
use mandate_model::AppId;

use super::called::Called;
use super::parameters::{Parameters, basic};
use super::{Fault, FaultKind};
use crate::Door;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client of a request, with how it proved who it is (RFC 6749 §2.3, RFC 7523 §2.2). One that proves nothing is
/// believed to be who it says; what it may do then is for each grant to say.
pub(super) async fn client(
    state: &Door,
    called: &Called,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<(App, ClientProof), Fault> {
    let header = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(basic);
    let assertion = form.get("client_assertion");
    let secret = form.get("client_secret");
    if usize::from(header.is_some())
        + usize::from(assertion.is_some())
        + usize::from(secret.is_some())
        > 1
    {
        return Err(Fault::new(
            FaultKind::InvalidRequest,
            "The client must prove who it is in one way only.",
        ));
    }
    let named = match form.get("client_id") {
        Some(id) => Some(client_id(id)?),
        None => None,
    };
    if let Some(assertion) = assertion {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            let text = format!("'client_assertion_type' must be '{ASSERTION_TYPE}'.");
            return Err(Fault::new(FaultKind::InvalidRequest, text));
        }
        let is_ours = |audience: &str| called.is_authority(state, audience);
        let app = state
            .engine()
            .authenticate_by_assertion(named, assertion, is_ours, &called.origin)
            .await?;
        return Ok((app, ClientProof::Certificate));
    }
    let (id, secret) = match (header, secret) {
        (Some((id, secret)), _) => {
            let id = client_id(&id)?;
            if named.is_some_and(|named| named != id) {
                return Err(Fault::new(
                    FaultKind::InvalidRequest,
                    "The request names two clients.",
                ));
            }
            (id, Some(secret))
        }
        (None, secret) => {
            let id = named.ok_or_else(|| match form.need("client_id") {
                Err(fault) => fault,
                Ok(_) => Fault::wrong_secret(),
            })?;
            (id, secret.map(str::to_owned))
        }
    };
    match secret {
        Some(secret) => {
            let app = state.engine().authenticate_app(id, &secret).await?;
            Ok((app, ClientProof::Secret))
        }
        None => match state.engine().find_app(id).await? {
            Some(app) => Ok((app, ClientProof::None)),
            None => Err(unknown_client()),
        },
    }
}

/// Refuses a client that proved nothing and is not a public one.
pub(super) fn require_proof_or_public(app: &App, proof: ClientProof) -> Result<(), Fault> {
    if app.is_public || proof != ClientProof::None {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::NoProof,
        "The request must contain 'client_secret' or 'client_assertion', or the client must be registered as public (`mandate app create --public`).",
    ))
}

pub(super) fn unknown_client() -> Fault {
    Fault::new(
        FaultKind::UnknownClient,
        "The client is not registered here; `mandate app create --id` registers it.",
    )
}

fn client_id(text: &str) -> Result<AppId, Fault> {
    text.trim().parse().map_err(|_| Fault::wrong_secret())
}
