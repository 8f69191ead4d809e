//! People (RFC 7643 §4.1).

use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::Provisioned;
use serde_json::{Map, Value};

use crate::answer::shown;
use crate::asked::Asked;
use crate::document::{Kind, USERS, person_of};
use crate::error::ScimError;
use crate::resource::{Resource, Written};
use crate::state::ScimState;

/// `/scim/v2/Users`. An account that is deleted may not be used from then on, and is kept.
pub(crate) struct Users;

impl Resource for Users {
    const KIND: &'static Kind = &USERS;

    async fn write(
        state: &ScimState,
        asked: &Asked,
        found: Option<&Provisioned>,
        document: Map<String, Value>,
    ) -> Result<Written, ScimError> {
        let writing = person_of(document)?;
        let known = found.map(|found| (found.id, found.version));
        let written = state
            .engine()
            .provision_person(&asked.actor, known, writing)
            .await?;
        Ok(written)
    }

    /// 200 with what it is now.
    fn changed(asked: &Asked, now: &Provisioned) -> Response {
        shown(asked, &USERS, (StatusCode::OK, now))
    }
}
