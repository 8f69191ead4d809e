//! The Microsoft Graph door: paths and OData in, one engine call, Graph's JSON out.
//!
//! ```text
//! HTTP ──► http ──► GraphRequest ──► dispatch ──► resources ──► engine
//!           ▲            ▲              │             │
//!         token        path,          $batch       Entity ──► odata (select, expand, pages, metadata) ──► HTTP
//!                      odata
//! ```
//!
//! It knows neither SQL nor devices' protocols; what is allowed is decided by the engine.

mod entity;
pub mod error;
pub mod odata;
pub mod path;
mod schema;
pub mod token;
