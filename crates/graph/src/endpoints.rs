//! What can be called, for tests that hold every end point to its permission.

use axum::http::Method;

use crate::resources::root::EMPTY;
use crate::{http, routes};

/// One method of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET`, `POST`…
    pub method: Method,
    /// Path below the version, with keys in braces: `users/{id}/memberOf`.
    pub template: &'static str,
}

/// All end points of Graph, below `/v1.0` and `/beta`; but not `$batch`, which is made of others.
pub fn endpoints() -> Vec<Endpoint> {
    routes::all()
        .map(|(method, template)| Endpoint { method, template })
        .collect()
}

/// Collections that clients read and that are always empty here; they are among [`endpoints`].
pub fn empty_collections() -> &'static [&'static str] {
    EMPTY
}

/// All paths outside of Graph, in axum's form: `/mandate/v1/plan`.
pub fn own_paths() -> Vec<&'static str> {
    http::routes().paths()
}
