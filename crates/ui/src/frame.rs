//! The frame around the pages of a door.

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
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
    // What is not there belongs to the door too, whatever else the listener does with addresses that nobody knows.
    let rest = format!("{}{{*rest}}", R::HOME);
    routes
        .into_router()
        .route(&rest, any(|| async { StatusCode::NOT_FOUND }))
        .layer(from_fn(drop_zeros))
        .layer(from_fn_with_state(door.clone(), show_failures::<R>))
        .layer(from_fn_with_state(guard, check_forms))
        .layer(from_fn_with_state(door.clone(), with_brand))
        .layer(from_fn_with_state(protection, protect))
        .with_state(door)
}

/// A zero character, as addresses write it.
const ZERO: &str = "%00";

/// Leaves zero characters out of questions, as forms do; a path with one leads nowhere.
async fn drop_zeros(mut request: Request, next: Next) -> Response {
    if request.uri().path().contains(ZERO) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(uri) = without_zeros(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// The address without zero characters in its question; none where nothing is to be changed.
fn without_zeros(uri: &Uri) -> Option<Uri> {
    let mut query = uri.query().filter(|query| query.contains(ZERO))?.to_owned();
    // What is left may spell another.
    while query.contains(ZERO) {
        query = query.replace(ZERO, "");
    }
    format!("{}?{query}", uri.path()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_lose_their_zero_characters() {
        for (asked, meant) in [
            ("/a?q=x%00y%00", Some("/a?q=xy")),
            ("/a?q=%%0000", Some("/a?q=")),
            ("/a?q=%2500", None),
            ("/a", None),
        ] {
            let uri: Uri = asked.parse().unwrap();
            let without = without_zeros(&uri).map(|uri| uri.to_string());
            assert_eq!(without.as_deref(), meant, "{asked}");
        }
    }
}
