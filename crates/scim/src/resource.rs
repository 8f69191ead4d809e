//! What can be done with people and groups alike (RFC 7644 §3).

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{ProvisionFault, Provisioned};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::answer::{etag, shown};
use crate::asked::Asked;
use crate::document::Kind;
use crate::error::ScimError;
use crate::patch::patched;
use crate::state::ScimState;

/// How often a change in part is begun anew because somebody else wrote meanwhile.
const MOST_TRIES: usize = 8;

/// What there is after writing, or why nothing was written.
pub(crate) type Written = Result<Provisioned, ProvisionFault>;

/// People, or groups.
pub(crate) trait Resource: 'static {
    /// What they are made of.
    const KIND: &'static Kind;

    /// Writes a document over what was found, or as a new one.
    fn write(
        state: &ScimState,
        asked: &Asked,
        found: Option<&Provisioned>,
        document: Map<String, Value>,
    ) -> impl Future<Output = Result<Written, ScimError>> + Send;

    /// The answer to `PATCH`.
    fn changed(asked: &Asked, now: &Provisioned) -> Response;
}

/// `GET /scim/v2/…`
pub(crate) async fn list<R: Resource>(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    crate::list::list(&state, &asked, R::KIND).await
}

/// `POST /scim/v2/…`: 201.
pub(crate) async fn create<R: Resource>(
    State(state): State<ScimState>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let document = R::KIND.known(&asked.object()?)?;
    let made = R::write(&state, &asked, None, document).await??;
    Ok(shown(&asked, R::KIND, (StatusCode::CREATED, &made)))
}

/// `GET /scim/v2/…/{id}`
pub(crate) async fn show<R: Resource>(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, R::KIND, &id).await?;
    if not_modified(&asked, &found) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(shown(&asked, R::KIND, (StatusCode::OK, &found)))
}

/// `PUT /scim/v2/…/{id}`: all of it anew.
pub(crate) async fn replace<R: Resource>(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let found = find(&state, &asked, R::KIND, &id).await?;
    matches(&asked, &found)?;
    let document = R::KIND.known(&asked.object()?)?;
    let done = R::write(&state, &asked, Some(&found), document).await??;
    Ok(shown(&asked, R::KIND, (StatusCode::OK, &done)))
}

/// `PATCH /scim/v2/…/{id}`
pub(crate) async fn change<R: Resource>(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let body = asked.object()?;
    for _ in 0..MOST_TRIES {
        let found = find(&state, &asked, R::KIND, &id).await?;
        matches(&asked, &found)?;
        let document = patched(R::KIND, &found.document, &body)?;
        match R::write(&state, &asked, Some(&found), document).await? {
            // Somebody else wrote meanwhile: the operations are for what there is now.
            Err(ProvisionFault::Overtaken) => {}
            done => return Ok(R::changed(&asked, &done?)),
        }
    }
    Err(ProvisionFault::Overtaken.into())
}

/// `DELETE /scim/v2/…/{id}`: 204. What that means for people and for groups is the engine's to say; neither is gone.
pub(crate) async fn remove<R: Resource>(
    State(state): State<ScimState>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<StatusCode, ScimError> {
    let found = find(&state, &asked, R::KIND, &id).await?;
    matches(&asked, &found)?;
    state
        .engine()
        .deprovision(&asked.actor, R::KIND.provisioned, found.id)
        .await??;
    Ok(StatusCode::NO_CONTENT)
}

/// The resource of a path; whatever is no id names nothing.
async fn find(
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
fn matches(asked: &Asked, found: &Provisioned) -> Result<(), ScimError> {
    match asked.names(header::IF_MATCH, &etag(found)) {
        Some(false) => Err(ProvisionFault::Overtaken.into()),
        Some(true) | None => Ok(()),
    }
}

/// Whether the client has this version already.
fn not_modified(asked: &Asked, found: &Provisioned) -> bool {
    asked.names(header::IF_NONE_MATCH, &etag(found)) == Some(true)
}
