//! Signing in at an Apple device that is being set up, or into whose settings somebody typed their account.
//!
//! Both pages only lead on. The first does so for the web view alone that holds what the device was given; the second hands
//! what the sign-in gave to the device itself, under an address that nothing else opens.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mandate_engine::{AccountMode, AccountRefusal};
use mandate_ui::{Door, redirect};
use mandate_web::{Routes, cookies};
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::colleague::Colleague;
use crate::failure::{Answer, show_message};

/// Where the device waits for what its person was given.
const DEVICE: &str = "apple-remotemanagement-user-login://authentication-results";
const LONGEST_ACCOUNT: usize = 320;

/// Routes of signing in at Apple devices.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/portal/set-up-apple", get(set_up))
        .route("/portal/account-apple/{mode}", get(account))
}

/// `GET /portal/set-up-apple?profile=…`
async fn set_up(colleague: Colleague, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let profile = asked(query.as_deref(), "profile").and_then(|text| Uuid::try_parse(&text).ok());
    let held = cookies::SET_UP.read(&headers, colleague.visitor.is_secure);
    if let (Some(profile), Some(held)) = (profile, held)
        && colleague
            .engine()
            .sign_in_to_ade_visit(&colleague.of, held)
            .await?
    {
        return Ok(redirect(&format!("/apple/ade/{profile}/profile")));
    }
    Ok(refused(&colleague, "portal-setup-over"))
}

/// `GET /portal/account-apple/{mode}?user-identifier=…`
async fn account(
    State(door): State<Door>,
    Path(mode): Path<String>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Answer {
    let account = asked(query.as_deref(), "user-identifier");
    let Some(colleague) = Colleague::find(&door, &parts).await? else {
        let back = parts
            .uri
            .path_and_query()
            .map_or("/portal/", |path| path.as_str());
        let visitor = mandate_ui::Visitor::of(&door, &parts);
        return Ok(visitor
            .begin_sign_in(back, (account.as_deref(), false))
            .await?);
    };
    let Some(mode) = AccountMode::parse(&mode) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let granted = colleague
        .engine()
        .grant_account_enrolment(&colleague.of, mode, account.as_deref())
        .await?;
    Ok(match granted {
        Ok(token) => {
            let location = HeaderValue::from_str(&format!("{DEVICE}?access-token={token}"));
            let location = location.unwrap_or(HeaderValue::from_static(DEVICE));
            (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response()
        }
        Err(AccountRefusal::SomebodyElse) => refused(&colleague, "portal-setup-somebody-else"),
        Err(AccountRefusal::NotOffered | AccountRefusal::SignInOver) => {
            refused(&colleague, "portal-setup-not-offered")
        }
    })
}

fn refused(colleague: &Colleague, text: &'static str) -> Response {
    show_message(
        colleague.page(),
        StatusCode::CONFLICT,
        ("not-possible-title", text),
        ("/portal/", "portal-to-devices"),
    )
}

/// The value of a parameter.
fn asked(query: Option<&str>, name: &str) -> Option<String> {
    let value = query?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)?
        .1;
    let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
    (1..=LONGEST_ACCOUNT)
        .contains(&value.len())
        .then_some(value)
}
