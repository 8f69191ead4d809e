//! Groups (RFC 7643 §4.2).

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{ProvisionFault, Provisioned};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::answer::{etag, shown};
use crate::asked::Asked;
use crate::document::{GROUPS, Kind, group_of};
use crate::error::ScimError;
use crate::list;
use crate::patch::patched;
use crate::state::ScimState;

/// How often a change in part is begun anew because somebody else wrote meanwhile.
pub(crate) const MOST_TRIES: usize = 8;

/// `GET /scim/v2/Groups`
pub(crate) async fn list(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    list::list(&state, &asked, &GROUPS).await
}

/// `POST /scim/v2/Groups`: 201.
pub(crate) async fn create(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let document = GROUPS.known(&asked.object()?)?;
    let made = write(&state, &asked, None, document).await??;
    Ok(shown(&asked, &GROUPS, (StatusCode::CREATED, &made)))
}

/// `GET /scim/v2/Groups/{id}`
pub(crate) async fn show(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, &GROUPS, &id).await?;
    if not_modified(&asked, &found) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(shown(&asked, &GROUPS, (StatusCode::OK, &found)))
}

/// `PUT /scim/v2/Groups/{id}`: all of it anew.
pub(crate) async fn replace(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, &GROUPS, &id).await?;
    matches(&asked, &found)?;
    let document = GROUPS.known(&asked.object()?)?;
    let done = write(&state, &asked, Some(&found), document).await??;
    Ok(shown(&asked, &GROUPS, (StatusCode::OK, &done)))
}

/// `PATCH /scim/v2/Groups/{id}`: 204, as Entra expects of groups.
pub(crate) async fn change(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let body = asked.object()?;
    for _ in 0..MOST_TRIES {
        let found = find(&state, &asked, &GROUPS, &id).await?;
        matches(&asked, &found)?;
        let document = patched(&GROUPS, &found.document, &body)?;
        match write(&state, &asked, Some(&found), document).await? {
            // Somebody else wrote meanwhile: the operations are for what there is now.
            Err(ProvisionFault::Overtaken) => {}
            done => {
                done?;
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
        }
    }
    Err(ProvisionFault::Overtaken.into())
}

/// `DELETE /scim/v2/Groups/{id}`: 204. Nobody is in it from then on; it is kept, for profiles may be assigned to it.
pub(crate) async fn remove(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<StatusCode, ScimError> {
    let found = find(&state, &asked, &GROUPS, &id).await?;
    matches(&asked, &found)?;
    state
        .engine()
        .deprovision(&asked.actor, GROUPS.provisioned, found.id)
        .await??;
    Ok(StatusCode::NO_CONTENT)
}

async fn write(
    state: &ScimState,
    asked: &Asked,
    found: Option<&Provisioned>,
    document: Map<String, Value>,
) -> Result<Result<Provisioned, ProvisionFault>, ScimError> {
    let (writing, members) = group_of(document)?;
    let known = found.map(|found| (found.id, found.version));
    let written = state
        .engine()
        .provision_group(&asked.actor, known, writing, &members)
        .await?;
    Ok(written)
}

/// The resource of a path; whatever is no id names nothing.
pub(crate) async fn find(
    state: &ScimState,
    asked: &Asked,
    kind: &Kind,
    id: &str,
) -> Result<Provisioned, ScimError> {
    let key = Uuid::try_parse(id).map_err(|_| ScimError::not_found(id))?;
    let found = state
        .engine()
        .find_provisioned(&asked.actor, kind.provisioned, key)
        .await?;
    found.ok_or_else(|| ScimError::not_found(id))
}

/// Refuses what is for another version (RFC 7644 §3.14).
pub(crate) fn matches(asked: &Asked, found: &Provisioned) -> Result<(), ScimError> {
    match asked.names(header::IF_MATCH, &etag(found)) {
        Some(false) => Err(ProvisionFault::Overtaken.into()),
        Some(true) | None => Ok(()),
    }
}

/// Whether the client has this version already.
pub(crate) fn not_modified(asked: &Asked, found: &Provisioned) -> bool {
    asked.names(header::IF_NONE_MATCH, &etag(found)) == Some(true)
}
