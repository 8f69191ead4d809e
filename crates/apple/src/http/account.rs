//! Account-driven enrolment: where a device finds its server, is sent to sign in, and gets its profile.
//!
//! Two of the answers here are the only 401 of this door. The device is not managed yet, so it has nothing to remove; it
//! takes them as the invitation to sign in.

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{AccountMode, AccountRefusal};
use mandate_model::Platform;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{AppleState, Problem, check_in, enroll, machine};

const NOBODY: Problem = Problem::NotFound("no device is enrolled here by an account");

const LONGEST_TOKEN: usize = 256;

/// `GET /.well-known/com.apple.remotemanagement?user-identifier=…&model-family=…`: the server for an account of ours.
pub(super) async fn discover(
    State(state): State<AppleState>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let asked = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    if let Some(account) = asked("user-identifier")
        && !state.engine.is_account_of_ours(&account).await?
    {
        return Err(NOBODY);
    }
    let platform = match asked("model-family").as_deref() {
        Some("Mac") => Platform::MacOs,
        Some("iPhone" | "iPad" | "iPod") | None => Platform::Ios,
        Some(_) => return Err(NOBODY),
    };
    let mode = state.engine.account_mode(platform).ok_or(NOBODY)?;
    let base = state.engine.device_base_url();
    let body = json!({ "Servers": [{
        "Version": format!("mdm-{}", mode.name()),
        "BaseURL": format!("{base}/apple/account/{}", mode.name()),
    }] });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body.to_string()).into_response())
}

/// `POST /apple/account/{mode}`
pub(super) async fn enrol(
    State(state): State<AppleState>,
    Path(mode): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if request.method() != Method::POST {
        return Err(Problem::Method);
    }
    let mode = AccountMode::parse(&mode).ok_or(Problem::NotFound("there is nothing here"))?;
    let (parts, body) = check_in::whole(request, super::MACHINE_LIMIT).await?;
    let machine = machine::told(&body)?;
    let platform = if machine.product.starts_with("Mac") {
        Platform::MacOs
    } else {
        Platform::Ios
    };
    let bearer = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|token| (1..=LONGEST_TOKEN).contains(&token.len()));
    if state.engine.account_mode(platform) != Some(mode) {
        return Err(AccountRefusal::NotOffered.into());
    }
    let Some(token) = bearer else {
        return Ok(sign_in(&state, mode));
    };
    match state
        .engine
        .open_account_enrolment(mode, platform, token)
        .await?
    {
        Ok(offer) => enroll::given(&state, &offer),
        Err(AccountRefusal::SignInOver) => Ok(sign_in(&state, mode)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Sends the device to sign in.
fn sign_in(state: &AppleState, mode: AccountMode) -> Response {
    let base = state.engine.device_base_url();
    let challenge = format!(
        "Bearer method=\"apple-as-web\", url=\"{base}/portal/account-apple/{}\"",
        mode.name()
    );
    let challenge = HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer"));
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, challenge)],
        "sign in to enrol this device",
    )
        .into_response()
}

impl From<AccountRefusal> for Problem {
    fn from(refusal: AccountRefusal) -> Self {
        Self::Declined(refusal.to_string())
    }
}
