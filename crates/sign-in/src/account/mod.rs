//! What people look after themselves: factors, password, sessions.

mod change;
mod show;
mod views;

use axum::response::Response;
use axum::routing::{get, post};
use mandate_engine::SignedIn;
use mandate_web::Routes;

use crate::Door;
use crate::pages::{begin, show_error};
use mandate_ui::Visitor;

/// Routes of one's own account.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(
            "/account",
            get(|| async { mandate_ui::redirect("/account/") }),
        )
        .route("/account/", get(show::show_account))
        .route(
            "/account/password",
            get(show::show_password).post(change::change_password),
        )
        .route("/account/totp", get(show::show_totp).post(change::add_totp))
        .route("/account/totp/remove", post(change::remove_totp))
        .route("/account/passkey", get(show::show_passkey))
        .route("/account/passkeys", post(change::add_passkey))
        .route("/account/passkeys/{id}/name", post(change::name_passkey))
        .route(
            "/account/passkeys/{id}/remove",
            post(change::remove_passkey),
        )
        .route("/account/recovery-codes", post(change::replace_codes))
        .route("/account/sessions/{id}/end", post(change::end_session))
        .route(
            "/account/sign-out-everywhere",
            post(change::sign_out_everywhere),
        )
}

/// Who is signed in, with the cookie by which they are; or the way to sign in and come back.
async fn somebody(visitor: &Visitor, back: &str) -> Result<(SignedIn, String), Response> {
    match (visitor.signed_in().await, &visitor.visit.session) {
        (Ok(Some(of)), Some(cookie)) => Ok((of, cookie.clone())),
        (Ok(_), _) => Err(begin(visitor, back, (None, false)).await),
        (Err(error), _) => Err(show_error(visitor, &error)),
    }
}

/// The same, who proved a short time ago that it is them.
async fn somebody_recent(visitor: &Visitor, back: &str) -> Result<(SignedIn, String), Response> {
    let (of, cookie) = somebody(visitor, back).await?;
    if of.is_recent(visitor.state.engine().now()) {
        return Ok((of, cookie));
    }
    let hint = of.user.user_principal_name.as_str();
    Err(begin(visitor, back, (Some(hint), true)).await)
}
