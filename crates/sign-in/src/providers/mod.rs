//! The way to identity providers of others, and back.
//!
//! `GET /sign-in/provider/{name}` sends the browser to one, with the sign-in that is under way; with what it says the
//! browser comes back to `GET /sign-in/callback`, and goes on like everybody else.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use mandate_engine::{ProviderFault, ProviderReturn};
use mandate_web::Routes;

use crate::Door;
use crate::pages::{go_on, show_error, show_link, show_message};
use mandate_ui::{Visitor, redirect};

/// Where a provider sends people back to; it has to be registered there, with the name of the server before it.
const CALLBACK: &str = "/sign-in/callback";
/// Where a provider may send people when they have signed out there.
const AFTER: &str = "/sign-in";

/// Routes of both.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/sign-in/provider/{name}", get(leave))
        .route(CALLBACK, get(come_back))
}

/// `GET /sign-in/provider/{name}`
async fn leave(visitor: Visitor, Path(name): Path<String>, parts: Parts) -> Response {
    let Some(flow) = &visitor.flow else {
        return redirect("/sign-in");
    };
    let called = visitor.state.address(&parts);
    // People are sent back to a name of ours, not to one that a request made up.
    if !called.is_one_of(visitor.state.hosts()) {
        return show_message(
            &visitor,
            StatusCode::MISDIRECTED_REQUEST,
            "not-found-title",
            "not-found",
        );
    }
    let back_to = format!("{}{CALLBACK}", called.base_url());
    let engine = visitor.state.engine();
    match Box::pin(engine.send_to_provider(flow, &name, &back_to)).await {
        Ok(address) => redirect(&address),
        Err(fault) => show_fault(&visitor, &fault),
    }
}

/// `GET /sign-in/callback`
async fn come_back(visitor: Visitor, fields: Query<Vec<(String, String)>>) -> Response {
    let Some(flow) = &visitor.flow else {
        return show_fault(&visitor, &ProviderFault::Stray);
    };
    let Some(back) = read(&fields) else {
        return show_fault(&visitor, &ProviderFault::Stray);
    };
    let engine = visitor.state.engine();
    match Box::pin(engine.return_from_provider(flow, &back)).await {
        Ok(_) => go_on(&visitor, flow).await,
        Err(fault) => show_fault(&visitor, &fault),
    }
}

/// The page for somebody who has just signed out here, with the way to sign out where they signed in; none if there is no
/// such way.
pub(crate) async fn signed_out(
    visitor: &Visitor,
    parts: &Parts,
    provider: &str,
) -> Option<Response> {
    let back_to = format!("{}{AFTER}", visitor.state.address(parts).base_url());
    let engine = visitor.state.engine();
    let address = Box::pin(engine.sign_out_address(provider, &back_to)).await;
    let address = address.ok().flatten()?;
    Some(show_link(
        visitor,
        ("signed-out-title", "signed-out-here"),
        (address, "sign-out-there"),
    ))
}

/// What somebody came back with. A field that is there twice (RFC 6749 §3.1) could be read in two ways.
fn read(fields: &[(String, String)]) -> Option<ProviderReturn> {
    let mut back = ProviderReturn::default();
    for (name, value) in fields {
        let field = match name.as_str() {
            "state" => &mut back.state,
            "code" => &mut back.code,
            "iss" => &mut back.iss,
            "error" => &mut back.error,
            _ => continue,
        };
        if field.replace(value.clone()).is_some() {
            return None;
        }
    }
    Some(back)
}

/// What people are told; the rest is for the log.
fn show_fault(visitor: &Visitor, fault: &ProviderFault) -> Response {
    let (status, text) = match fault {
        ProviderFault::NoProvider(_) => (StatusCode::NOT_FOUND, "provider-unknown"),
        ProviderFault::Unavailable { .. } => {
            tracing::error!("{fault}");
            (StatusCode::BAD_GATEWAY, "provider-unavailable")
        }
        ProviderFault::Refused { .. } => {
            tracing::info!("{fault}");
            (StatusCode::FORBIDDEN, "provider-refused")
        }
        ProviderFault::Stray => (StatusCode::BAD_REQUEST, "provider-stray"),
        ProviderFault::Untrusted { .. } => {
            tracing::warn!("{fault}");
            (StatusCode::BAD_GATEWAY, "provider-untrusted")
        }
        ProviderFault::NotHere { .. } => {
            tracing::warn!("{fault}");
            (StatusCode::FORBIDDEN, "provider-not-here")
        }
        ProviderFault::Engine(error) => return show_error(visitor, error),
    };
    show_message(visitor, status, "provider-title", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_field_that_is_there_twice_is_nothing() {
        let once = [field("code", "c"), field("state", "s"), field("scope", "x")];
        let back = read(&once).unwrap();
        assert_eq!(back.code.as_deref(), Some("c"));
        assert_eq!(back.state.as_deref(), Some("s"));
        let twice = [field("code", "c"), field("state", "s"), field("code", "d")];
        assert_eq!(read(&twice), None);
    }
}
