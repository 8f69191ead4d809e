//! What the doors for people share: who asks for a page, how they sign in and come back, the frame around pages, what is
//! said when something fails, and how pages write moments.
//!
//! Texts, layout, cookies and forms are those of `mandate-web`, which knows no use case; this crate asks the engine who
//! is signed in.

mod barrier;
mod brand;
mod door;
pub mod failure;
mod frame;
mod live;
mod message;
mod moment;
mod visitor;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

pub use barrier::barrier_text;
pub use brand::{brand, brand_router, look_up_brand, picture_path, with_brand};
pub use door::Door;
pub use frame::{Resident, framed};
pub use live::live;
pub use message::{Message, show_message};
pub use moment::{date, moment};
pub use visitor::Visitor;

/// `303 See Other` to a path of this server.
pub fn redirect(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}
