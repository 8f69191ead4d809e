//! The person that a path names.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mandate_model::User;
use mandate_ui::Door;

use super::show::find;
use crate::administrator::Administrator;

/// An administrator and the person of `{id}` whom they ask about.
pub(super) struct Chosen {
    pub(super) administrator: Administrator,
    pub(super) user: User,
}

impl FromRequestParts<Door> for Chosen {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        let administrator = Administrator::from_request_parts(parts, door).await?;
        let path = Path::<String>::from_request_parts(parts, door).await;
        let Path(id) = path.map_err(IntoResponse::into_response)?;
        let user = find(&administrator, &id).await;
        Ok(Self {
            user: user.map_err(IntoResponse::into_response)?,
            administrator,
        })
    }
}
