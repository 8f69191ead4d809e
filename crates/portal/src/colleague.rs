//! Who uses the portal.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mandate_engine::{Engine, EngineError, SignedIn};
use mandate_ui::{Door, Visitor};
use mandate_web::Page;

use crate::failure::Failure;

/// Somebody who is signed in. A handler that takes one is asked by nobody else.
#[derive(Debug, Clone)]
pub(crate) struct Colleague {
    pub(crate) visitor: Visitor,
    /// Who they are.
    pub(crate) of: SignedIn,
    cookie: String,
}

impl Colleague {
    /// The use cases.
    pub(crate) fn engine(&self) -> &Engine {
        self.visitor.state.engine()
    }

    /// The frame of a page for them.
    pub(crate) fn page(&self) -> Page {
        self.visitor.wide(&self.of, &self.cookie)
    }

    /// Who sent a request: `None` if nobody is signed in.
    pub(crate) async fn find(door: &Door, parts: &Parts) -> Result<Option<Self>, EngineError> {
        let visitor = Visitor::of(door, parts);
        let of = visitor.signed_in().await?;
        Ok(of.map(|of| Self {
            cookie: visitor.visit.session.clone().unwrap_or_default(),
            visitor,
            of,
        }))
    }
}

impl FromRequestParts<Door> for Colleague {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        match Self::find(door, parts).await {
            Ok(Some(colleague)) => Ok(colleague),
            Ok(None) => {
                let back = parts
                    .uri
                    .path_and_query()
                    .map_or("/portal/", |path| path.as_str());
                let visitor = Visitor::of(door, parts);
                let begun = visitor.begin_sign_in(back, (None, false)).await;
                Err(begun.unwrap_or_else(|error| Failure(error).into_response()))
            }
            Err(error) => Err(Failure(error).into_response()),
        }
    }
}
