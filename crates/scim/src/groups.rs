//! Groups (RFC 7643 §4.2).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mandate_engine::Provisioned;
use serde_json::{Map, Value};

use crate::asked::Asked;
use crate::document::{GROUPS, Kind, group_of};
use crate::error::ScimError;
use crate::resource::{Resource, Written};
use crate::state::ScimState;

/// `/scim/v2/Groups`. In a group that is deleted there is nobody from then on; it is kept, for profiles may be assigned to it.
pub(crate) struct Groups;

impl Resource for Groups {
    const KIND: &'static Kind = &GROUPS;

    async fn write(
        state: &ScimState,
        asked: &Asked,
        found: Option<&Provisioned>,
        document: Map<String, Value>,
    ) -> Result<Written, ScimError> {
        let (writing, members) = group_of(document)?;
        let known = found.map(|found| (found.id, found.version));
        let written = state
            .engine()
            .provision_group(&asked.actor, known, writing, &members)
            .await?;
        Ok(written)
    }

    /// 204, as Entra expects of groups.
    fn changed(_: &Asked, _: &Provisioned) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
