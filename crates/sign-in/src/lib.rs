//! The door at which people and clients sign in: the authority that MSAL expects, the pages with password and second
//! factor, and what people look after themselves.
//!
//! ```text
//!  oauth/     /{tenant}/oauth2/…   clients: codes, tokens, device codes      ─┐
//!  pages/     /sign-in/…           people: password, code, passkey, provider ─┼─► one engine call each
//!  account/   /account/…           people: their factors and sessions        ─┘
//! ```

mod account;
mod oauth;
mod pages;
mod providers;

use axum::Router;
use axum::middleware::from_fn_with_state;
use mandate_ui::{brand_router, with_brand};
use mandate_web::{Guard, Protection, Routes, assets, check_forms, protect};

pub use mandate_ui::Door;

/// Sign-in, for one listener.
pub fn router(state: Door) -> Router {
    people(&state)
        .merge(oauth::router(&state))
        .with_state(state)
}

/// Pages for people: no form is taken that is not ours, and no page leaves without the headers that keep it to itself.
fn people(state: &Door) -> Router<Door> {
    let fallback = state.fallback().to_owned();
    let refusing = state.clone();
    let guard = Guard::new(state.scheme(), fallback.clone(), move |parts, why| {
        pages::refused(&refusing, parts, why)
    });
    let protection = Protection {
        scheme: state.scheme(),
        fallback,
    };
    people_routes()
        .into_router()
        .layer(from_fn_with_state(guard, check_forms))
        .layer(from_fn_with_state(state.clone(), with_brand))
        .merge(assets::router())
        .merge(brand_router())
        .layer(from_fn_with_state(protection, protect))
}

/// Routes of all pages for people.
fn people_routes() -> Routes<Door> {
    pages::routes()
        .merge(providers::routes())
        .merge(account::routes())
}

/// All paths, in axum's form, for a test that holds each of them to what it lets through.
pub fn paths() -> Vec<&'static str> {
    people_routes()
        .merge(oauth::routes())
        .merge(oauth::authorize_routes())
        .merge(oauth::page_routes())
        .paths()
}
