//! `/apple/enroll/{token}`: the profile that brings a device under management.

use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::EnrolmentOffer;
use mandate_engine::EnrolmentRefusal;
use mandate_pki::cms;

use super::{AppleState, Problem};

const CONTENT_TYPE: &str = "application/x-apple-aspen-config";

const NO_SUCH_LINK: Problem = Problem::NotFound(
    "this enrolment link is unknown, has expired or has been used; ask for a new one",
);

/// Answers with the profile. A refusal is plain text, which programs show as it is; its reason goes along as an extension
/// of the answer ([`EnrolmentRefusal`]), so that a page can be made of it for people.
pub(super) async fn enroll(
    state: State<AppleState>,
    method: Method,
    token: Path<String>,
) -> Response {
    let problem = match profile(state, method, token).await {
        Ok(response) => return response,
        Err(problem) => problem,
    };
    let refusal = match &problem {
        Problem::NotFound(_) => Some(EnrolmentRefusal::NoSuchLink),
        Problem::Engine(error) => EnrolmentRefusal::of(error),
        Problem::Malformed(_)
        | Problem::Unproven(_)
        | Problem::Declined(_)
        | Problem::Refused(_)
        | Problem::Method => None,
    };
    let mut response = problem.into_response();
    if let Some(refusal) = refusal {
        response.extensions_mut().insert(refusal);
    }
    response
}

/// Each download uses the link once; looking without downloading (HEAD) does not.
async fn profile(
    State(state): State<AppleState>,
    method: Method,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if method == Method::HEAD {
        let is_open = state.engine.is_link_open(&token).await?;
        let found = is_open.then(|| [(header::CONTENT_TYPE, CONTENT_TYPE)].into_response());
        return found.ok_or(NO_SUCH_LINK);
    }
    if method != Method::GET && method != Method::POST {
        return Err(Problem::Method);
    }
    let offer = state
        .engine
        .open_enrolment(&token)
        .await?
        .ok_or(NO_SUCH_LINK)?;
    let disposition = "attachment; filename=\"enrolment.mobileconfig\"";
    Ok((
        [(header::CONTENT_DISPOSITION, disposition)],
        given(&state, &offer)?,
    )
        .into_response())
}

/// The enrolment profile, signed if it is to be.
pub(super) fn given(state: &AppleState, offer: &EnrolmentOffer) -> Result<Response, Problem> {
    let mut profile = state.server.enrolment_profile(offer).to_plist();
    if let Some(signer) = state.signer.as_ref().filter(|_| offer.signed) {
        let (certificate, chain) = signer
            .chain
            .split_first()
            .expect("an identity has a certificate");
        let now = state.engine.now().unix_seconds();
        profile = cms::sign_attached(&profile, &signer.key, certificate, chain, now)?;
    }
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, profile).into_response())
}
