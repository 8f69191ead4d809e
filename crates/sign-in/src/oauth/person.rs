//! Who sits before the browser.

use axum::http::request::Parts;
use mandate_engine::{EngineError, SignedIn};
use mandate_web::cookies::SESSION;

use crate::SignInState;

/// Who is signed in, with the value of their cookie.
pub(super) async fn current(
    state: &SignInState,
    parts: &Parts,
) -> Result<Option<(SignedIn, String)>, EngineError> {
    let is_secure = state.address(parts).is_secure;
    let Some(cookie) = SESSION.read(&parts.headers, is_secure) else {
        return Ok(None);
    };
    let signed_in = state.engine().session_of(cookie).await?;
    Ok(signed_in.map(|signed_in| (signed_in, cookie.to_owned())))
}
