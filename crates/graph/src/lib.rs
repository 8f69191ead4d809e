//! The Microsoft Graph door: paths and `OData` in, one engine call, Graph's JSON out.
//!
//! ```text
//! HTTP ──► http ──► GraphRequest ──► dispatch ──► resources ──► engine
//!           ▲            ▲              │             │
//!         token        path,          $batch       Entity ──► odata (select, expand, pages, metadata) ──► HTTP
//!                      odata
//! ```
//!
//! It knows neither SQL nor devices' protocols; what is allowed is decided by the engine.

mod batch;
mod dispatch;
mod endpoints;
mod entity;
pub mod error;
mod http;
pub mod odata;
mod page;
pub mod path;
mod reference;
mod render;
mod reply;
mod request;
mod resources;
mod routes;
mod schema;
mod state;

pub use endpoints::{Endpoint, empty_collections, endpoints, own_paths};
pub use http::router;
pub use mandate_web::Scheme;
pub use resources::read_user_pfx_certificate;
pub use state::GraphState;
