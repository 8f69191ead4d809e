//! People (RFC 7643 §4.1).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mandate_engine::{ProvisionFault, Provisioned};
use serde_json::{Map, Value};

use crate::answer::shown;
use crate::asked::Asked;
use crate::document::{USERS, person_of};
use crate::error::ScimError;
use crate::groups::{MOST_TRIES, find, matches, not_modified};
use crate::list;
use crate::patch::patched;
use crate::state::ScimState;

/// `GET /scim/v2/Users`
pub(crate) async fn list(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    list::list(&state, &asked, &USERS).await
}

/// `POST /scim/v2/Users`: 201.
pub(crate) async fn create(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let document = USERS.known(&asked.object()?)?;
    let made = write(&state, &asked, None, document).await??;
    Ok(shown(&asked, &USERS, (StatusCode::CREATED, &made)))
}

/// `GET /scim/v2/Users/{id}`
pub(crate) async fn show(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, &USERS, &id).await?;
    if not_modified(&asked, &found) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(shown(&asked, &USERS, (StatusCode::OK, &found)))
}

/// `PUT /scim/v2/Users/{id}`: all of it anew.
pub(crate) async fn replace(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, &USERS, &id).await?;
    matches(&asked, &found)?;
    let document = USERS.known(&asked.object()?)?;
    let done = write(&state, &asked, Some(&found), document).await??;
    Ok(shown(&asked, &USERS, (StatusCode::OK, &done)))
}

/// `PATCH /scim/v2/Users/{id}`: 200 with what it is now.
pub(crate) async fn change(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let body = asked.object()?;
    for _ in 0..MOST_TRIES {
        let found = find(&state, &asked, &USERS, &id).await?;
        matches(&asked, &found)?;
        let document = patched(&USERS, &found.document, &body)?;
        match write(&state, &asked, Some(&found), document).await? {
            // Somebody else wrote meanwhile: the operations are for what there is now.
            Err(ProvisionFault::Overtaken) => {}
            done => return Ok(shown(&asked, &USERS, (StatusCode::OK, &done?))),
        }
    }
    Err(ProvisionFault::Overtaken.into())
}

/// `DELETE /scim/v2/Users/{id}`: 204. The account may not be used from then on, and is kept.
pub(crate) async fn remove(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<StatusCode, ScimError> {
    let found = find(&state, &asked, &USERS, &id).await?;
    matches(&asked, &found)?;
    state
        .engine()
        .deprovision(&asked.actor, USERS.provisioned, found.id)
        .await??;
    Ok(StatusCode::NO_CONTENT)
}

async fn write(
    state: &ScimState,
    asked: &Asked,
    found: Option<&Provisioned>,
    document: Map<String, Value>,
) -> Result<Result<Provisioned, ProvisionFault>, ScimError> {
    let writing = person_of(document)?;
    let known = found.map(|found| (found.id, found.version));
    let written = state
        .engine()
        .provision_person(&asked.actor, known, writing)
        .await?;
    Ok(written)
}
