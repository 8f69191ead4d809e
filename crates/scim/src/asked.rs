//! What every request brings: who asks, the query, and a body within bounds.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use mandate_engine::Actor;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::state::ScimState;

/// Octets of a body at most.
pub(crate) const LARGEST_BODY: usize = 1024 * 1024;
/// Octets of a query at most.
const LARGEST_QUERY: usize = 8 * 1024;

/// A request of somebody who may ask.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) actor: Actor,
    /// Where resources are.
    pub(crate) base_url: String,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Vec<u8>,
}

impl FromRequest<ScimState> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &ScimState) -> Result<Self, Response> {
        Self::read(request, state)
            .await
            .map_err(IntoResponse::into_response)
    }
}

impl Asked {
    /// Who asks is known before a single octet of the body is read.
    async fn read(request: Request, state: &ScimState) -> Result<Self, ScimError> {
        let (parts, body) = request.into_parts();
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        let refused =
            || ScimError::new(StatusCode::UNAUTHORIZED, "a token of this server is needed");
        let token = token.ok_or_else(refused)?;
        let actor = state
            .engine()
            .actor_of_scim_token(&token, state.origin(&parts))
            .await?;
        let actor = actor.ok_or_else(refused)?;
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > LARGEST_QUERY {
            let detail = format!("a query may have {LARGEST_QUERY} octets");
            return Err(ScimError::new(StatusCode::URI_TOO_LONG, detail));
        }
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| Some((decoded(name)?, decoded(value)?)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| ScimError::invalid_syntax("the query must be UTF-8"))?;
        Ok(Self {
            actor,
            base_url: state.base_url(&parts),
            headers: parts.headers,
            query,
            body: bounded(body).await?,
        })
    }

    /// A value of the query, by its name in any letter case.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self
            .query
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body, which must be an object.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, ScimError> {
        // The reader gives up at a depth of 128 by itself.
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => Err(ScimError::invalid_syntax("the body must be a JSON object")),
            Err(error) => {
                let detail = format!("the body is no JSON: {error}");
                Err(ScimError::invalid_syntax(detail))
            }
        }
    }

    /// Whether a version is one of those that a header names; `None` without the header.
    pub(crate) fn names(&self, header: header::HeaderName, etag: &str) -> Option<bool> {
        let value = self.headers.get(header)?.to_str().unwrap_or_default();
        // Weak or strong is the same here.
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let wanted = bare(etag);
        Some(
            value
                .split(',')
                .any(|tag| tag.trim() == "*" || bare(tag) == wanted),
        )
    }

    /// Leaves out what was not asked for (RFC 7644 §3.9): whole attributes; `id`, `schemas` and `meta` always stay.
    pub(crate) fn choose(&self, body: &mut Map<String, Value>) {
        let names = |parameter: &str| -> Option<Vec<String>> {
            let list = self.query(parameter).filter(|list| !list.is_empty())?;
            let bare = |name: &str| {
                let name = name.trim();
                let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
                let name = name.split(['.', '[']).next().unwrap_or(name);
                name.to_lowercase()
            };
            Some(list.split(',').map(bare).collect())
        };
        let stays = |name: &str| ["id", "schemas", "meta"].contains(&name);
        if let Some(wanted) = names("attributes") {
            body.retain(|name, _| {
                stays(name) || name.contains(':') || wanted.contains(&name.to_lowercase())
            });
        } else if let Some(unwanted) = names("excludedAttributes") {
            body.retain(|name, _| stays(name) || !unwanted.contains(&name.to_lowercase()));
        }
    }
}

async fn bounded(body: Body) -> Result<Vec<u8>, ScimError> {
    let whole = Limited::new(body, LARGEST_BODY).collect().await;
    whole.map(|body| body.to_bytes().to_vec()).map_err(|_| {
        let detail = format!("a body may have {LARGEST_BODY} octets");
        ScimError::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })
}

/// `+` stands for a blank, as in forms.
fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}
