//! The authority that MSAL expects: Entra's paths, `OAuth` 2.0 and `OpenID` Connect behind them.
//!
//! ```text
//!  documents   discovery, keys, instance, realm      ─┐
//!  authorize   a person, signed in ─► a code          │
//!  token       code, secret, assertion, refresh       ├─► one engine call each
//!              token, device code ─► tokens           │
//!  device      user codes: shown, typed, approved     │
//!  logout      the end of a session                  ─┘
//! ```
//!
//! Addresses in answers are made of the name by which we were called, and only if it is one of ours.

mod answer;
mod authorize;
mod called;
mod claims;
mod client;
mod cors;
mod device;
mod documents;
mod fault;
mod logout;
mod pages;
mod parameters;
mod person;
mod redirect;
mod small;
mod token;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use mandate_ui::with_brand;
use mandate_web::{Guard, Protection, Routes, check_forms, protect};

use fault::{Fault, FaultKind};

use crate::Door;

/// Which generation of Entra's end points was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edition {
    /// With `resource`.
    First,
    /// With `scope`.
    Second,
}

/// The authority, for one listener.
pub(crate) fn router(state: &Door) -> Router<Door> {
    let protection = Protection {
        scheme: state.scheme(),
        fallback: state.fallback().to_owned(),
    };
    let pages = page_routes()
        .into_router()
        .layer(from_fn_with_state(guard(state), check_forms));
    let pages = pages
        .merge(authorize_routes().into_router())
        .layer(from_fn_with_state(state.clone(), with_brand))
        .layer(from_fn_with_state(protection, protect));
    pages
        .merge(routes().into_router())
        .layer(from_fn(pages::no_secrets_in_referrers))
}

fn guard(state: &Door) -> Guard {
    let for_refusal = state.clone();
    Guard::new(state.scheme(), state.fallback(), move |parts, why| {
        crate::pages::refused(&for_refusal, parts, why)
    })
}

/// What programs call.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(documents::show_configuration).options(cors::preflight),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(documents::show_first_configuration).options(cors::preflight),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            get(documents::show_keys).options(cors::preflight),
        )
        .route(
            "/{tenant}/discovery/keys",
            get(documents::show_keys).options(cors::preflight),
        )
        .route(
            "/common/discovery/instance",
            get(documents::show_instance).options(cors::preflight),
        )
        .route("/{tenant}/userrealm/{name}", get(documents::show_realm))
        .route(
            "/{tenant}/oauth2/v2.0/token",
            post(token::issue).options(cors::preflight),
        )
        .route(
            "/{tenant}/oauth2/token",
            post(token::issue_first).options(cors::preflight),
        )
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device::begin))
        .route("/{tenant}/oauth2/devicecode", post(device::begin_first))
        .route(
            "/oidc/userinfo",
            get(small::show_person)
                .post(small::show_person)
                .options(cors::preflight),
        )
}

/// Pages to which clients send browsers, also by forms of their own.
pub(crate) fn authorize_routes() -> Routes<Door> {
    Routes::new()
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::show).post(authorize::show),
        )
        .route(
            "/{tenant}/oauth2/authorize",
            get(authorize::show_first).post(authorize::show_first),
        )
        .route("/{tenant}/oauth2/nativeclient", get(small::show_native))
}

/// Pages with forms of ours.
pub(crate) fn page_routes() -> Routes<Door> {
    Routes::new()
        .route("/{tenant}/oauth2/v2.0/confirm", post(authorize::confirm))
        .route("/{tenant}/oauth2/confirm", post(authorize::confirm_first))
        .route(
            "/{tenant}/oauth2/v2.0/logout",
            get(logout::show).post(logout::confirm),
        )
        .route(
            "/{tenant}/oauth2/logout",
            get(logout::show).post(logout::confirm),
        )
        .route("/device", get(device::show).post(device::typed))
        .route("/device/decide", post(device::decide))
        .route("/{tenant}/oauth2/deviceauth", get(device::show_elsewhere))
}
