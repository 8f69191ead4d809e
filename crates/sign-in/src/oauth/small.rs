//! Who somebody is, and the page at which programs of their own end.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use mandate_engine::TokenRefusal;
use serde_json::json;

use super::answer::{Refused, document};
use super::called::Called;
use super::cors;
use super::pages::{self, PageContext};
use crate::Door;

/// `GET /oidc/userinfo` (`OpenID` Connect Core §5.3)
pub(super) async fn show_person(State(state): State<Door>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let called = Called::read(&state, &parts);
    if let Err(fault) = called.check_host(&state) {
        return Refused(&state, &called, fault).answer();
    }
    let token = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, token)| token.trim());
    let engine = state.engine();
    let answer = match engine.claims_of_person(token, &called.address.host).await {
        Ok(claims) => document(StatusCode::OK, &claims),
        Err(TokenRefusal::Engine(error)) => Refused(&state, &called, error.into()).answer(),
        Err(refusal) => {
            let body =
                json!({ "error": "invalid_token", "error_description": refusal.to_string() });
            let mut answer = document(StatusCode::UNAUTHORIZED, &body);
            answer.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_token\""),
            );
            answer
        }
    };
    cors::allow(&state, &parts, answer).await
}

/// `GET /common/oauth2/nativeclient`: programs that show a browser of their own take the code from the address.
pub(super) async fn show_native(State(state): State<Door>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let words = ("native-title", "native");
    pages::note(&context, StatusCode::OK, words, "")
}
