//! The frame around the pages of a door.

use axum::Router;
use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use mandate_engine::EngineError;
use mandate_web::{Guard, Page, Protection, Routes, check_forms, protect};

use crate::failure::{refused_form, show_failures};
use crate::{Door, with_brand};

/// Somebody who is at home at a door and has pages with its menu there.
pub trait Resident: 'static {
    /// Path of the door's first page.
    const HOME: &'static str;
    /// The largest form in bytes, if forms are larger than usual here.
    const LARGEST_FORM: Option<usize> = None;

    /// The frame of a page for whoever sent a request; `None` if nobody is signed in.
    fn page(
        door: &Door,
        parts: &Parts,
    ) -> impl Future<Output = Result<Option<Page>, EngineError>> + Send;
}

/// Puts routes behind what guards every page: no form is taken that is not ours, every failure is a page, and none leaves
/// without the organisation's brand and the headers that keep it to itself.
pub fn framed<R: Resident>(door: Door, routes: Routes<Door>) -> Router {
    let fallback = door.fallback().to_owned();
    let refusing = door.clone();
    let mut guard = Guard::new(door.scheme(), fallback.clone(), move |parts, why| {
        refused_form::<R>(&refusing, parts, why)
    });
    if let Some(largest) = R::LARGEST_FORM {
        guard = guard.accepting(largest);
    }
    let protection = Protection {
        scheme: door.scheme(),
        fallback,
    };
    routes
        .into_router()
        .layer(from_fn_with_state(door.clone(), show_failures::<R>))
        .layer(from_fn_with_state(guard, check_forms))
        .layer(from_fn_with_state(door.clone(), with_brand))
        .layer(from_fn_with_state(protection, protect))
        .with_state(door)
}
