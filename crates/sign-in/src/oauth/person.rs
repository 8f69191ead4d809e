//! Who sits before the browser.

use axum::http::request::Parts;
use mandate_engine::{EngineError, SignedIn};
use mandate_web::cookies::SESSION;

use crate::{Door, pages};

/// Who is signed in, with the value of their cookie.
pub(super) async fn current(
    state: &Door,
    parts: &Parts,
) -> Result<Option<(SignedIn, String)>, EngineError> {
    let cookie = SESSION.read(&parts.headers, state.address(parts).is_secure);
    let signed_in = pages::current(state, parts).await?;
    Ok(signed_in.zip(cookie.map(str::to_owned)))
}
