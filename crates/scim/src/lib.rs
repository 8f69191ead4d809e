//! People and groups that other services bring (SCIM 2.0: RFC 7643, RFC 7644), at `/scim/v2`.
//!
//! ```text
//!  request ─► bounded JSON ─► document with the attributes that are known ─► one engine call ─► document with `meta`
//!                                  ▲
//!             PATCH: operations on what there is
//! ```
//!
//! A document keeps what a service wrote, in the spelling of the schemas; whatever they do not have is passed over. Who asks is
//! known by a token of its own kind, which allows nothing but people and groups. Errors have the form of RFC 7644 §3.12.

mod answer;
mod asked;
mod document;
mod error;
mod filter;
mod groups;
mod list;
mod patch;
mod path;
mod resource;
mod schemas;
mod state;
mod users;

pub use state::ScimState;

use axum::Router;
use axum::routing::{any, get, post};
use mandate_web::Routes;

use self::groups::Groups;
use self::users::Users;

/// The end points, for one listener.
pub fn router(state: ScimState) -> Router {
    routes().into_router().with_state(state)
}

/// All paths, in axum's form, for a test that holds each of them to a token.
pub fn paths() -> Vec<&'static str> {
    routes().paths()
}

fn routes() -> Routes<ScimState> {
    Routes::new()
        .route(
            "/scim/v2/ServiceProviderConfig",
            get(schemas::show_configuration),
        )
        .route("/scim/v2/ResourceTypes", get(schemas::list_types))
        .route("/scim/v2/ResourceTypes/{id}", get(schemas::show_type))
        .route("/scim/v2/Schemas", get(schemas::list_schemas))
        .route("/scim/v2/Schemas/{id}", get(schemas::show_schema))
        .route(
            "/scim/v2/Users",
            get(resource::list::<Users>).post(resource::create::<Users>),
        )
        .route(
            "/scim/v2/Users/{id}",
            get(resource::show::<Users>)
                .put(resource::replace::<Users>)
                .patch(resource::change::<Users>)
                .delete(resource::remove::<Users>),
        )
        .route(
            "/scim/v2/Groups",
            get(resource::list::<Groups>).post(resource::create::<Groups>),
        )
        .route(
            "/scim/v2/Groups/{id}",
            get(resource::show::<Groups>)
                .put(resource::replace::<Groups>)
                .patch(resource::change::<Groups>)
                .delete(resource::remove::<Groups>),
        )
        .route("/scim/v2/Bulk", post(schemas::refuse_bulk))
        .route("/scim/v2/Me", any(schemas::refuse_me))
        .route("/scim/v2/{*rest}", any(schemas::show_nothing))
}
