//! `/apple/ade/{profile}`: devices that ask for their enrolment profile at their activation.
//!
//! Apple's service tells a device both addresses. Without a person it POSTs what it says of itself; with one, its web view
//! comes with the same in a header, somebody signs in, and the profile is given to that web view.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::alphabet::STANDARD as STANDARD_ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mandate_engine::AdeRefusal;
use uuid::Uuid;

use super::{AppleState, Problem, check_in, enroll, machine};

/// What the device says of itself, in the web view's first request.
const DEVICE_INFO: &str = "x-apple-aspen-deviceinfo";
/// What the web view holds while somebody signs in. The door at which they do reads it too.
const VISIT: &str = "mandate-setup";
/// Where somebody who has been asked to sign in comes back to.
const SIGN_IN: &str = "/portal/set-up-apple";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `POST /apple/ade/{profile}`
pub(super) async fn enrol(
    State(state): State<AppleState>,
    Path(profile): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if request.method() != Method::POST && request.method() != Method::PUT {
        return Err(Problem::Method);
    }
    let profile = named(&profile)?;
    let (_, body) = check_in::whole(request, super::MACHINE_LIMIT).await?;
    let machine = machine::proved(&body, &state.device_authorities)?;
    let offer = state.engine.open_ade_enrolment(profile, &machine).await??;
    enroll::given(&state, &offer)
}

/// `GET /apple/ade/{profile}/sign-in`
pub(super) async fn begin_sign_in(
    State(state): State<AppleState>,
    Path(profile): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let profile = named(&profile)?;
    let said = headers.get(DEVICE_INFO).ok_or(Problem::Unproven(
        "open this in the set-up of a device: a browser cannot say which device it is",
    ))?;
    if said.len() > super::MACHINE_LIMIT {
        return Err(Problem::Malformed(format!("`{DEVICE_INFO}` is too long")));
    }
    let message = BASE64
        .decode(said.as_bytes())
        .map_err(|_| Problem::Malformed(format!("`{DEVICE_INFO}` is not base64")))?;
    let machine = machine::proved(&message, &state.device_authorities)?;
    let token = state.engine.begin_ade_visit(profile, &machine).await??;
    let is_secure = state.engine.device_base_url().starts_with("https://");
    let (name, end) = if is_secure {
        (format!("__Host-{VISIT}"), "; Secure")
    } else {
        (format!("{VISIT}-plain"), "")
    };
    let cookie = format!("{name}={token}; Path=/; SameSite=Lax; Max-Age=1800; HttpOnly{end}");
    let cookie = HeaderValue::from_str(&cookie)
        .map_err(|_| Problem::Malformed("the visit cannot be kept".to_owned()))?;
    let location = format!("{SIGN_IN}?profile={profile}");
    let headers = [
        (header::SET_COOKIE, cookie),
        (
            header::LOCATION,
            HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static(SIGN_IN)),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// `GET /apple/ade/{profile}/profile`, after somebody has signed in.
pub(super) async fn signed_in(
    State(state): State<AppleState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let names = [format!("__Host-{VISIT}"), format!("{VISIT}-plain")];
    let is_secure = state.engine.device_base_url().starts_with("https://");
    let wanted = &names[usize::from(!is_secure)];
    let token = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value)
        .ok_or(AdeRefusal::Stray)?;
    let offer = state.engine.open_ade_visit(token).await??;
    enroll::given(&state, &offer)
}

fn named(profile: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(profile).map_err(|_| AdeRefusal::UnknownProfile.into())
}

impl From<AdeRefusal> for Problem {
    fn from(refusal: AdeRefusal) -> Self {
        match refusal {
            AdeRefusal::UnknownProfile => Self::NotFound("there is no such enrolment profile"),
            AdeRefusal::NotOurs
            | AdeRefusal::NoProfile
            | AdeRefusal::NeedsSignIn
            | AdeRefusal::Stray => {
                tracing::info!("a device was given no enrolment profile: {refusal}");
                Self::Declined(refusal.to_string())
            }
        }
    }
}
