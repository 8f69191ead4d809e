//! Preflight of a mail server.

use mandate_engine::{Actor, MailSignIn, PreflightRequest};
use mandate_model::ProfileId;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::read_text;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// What a request may say.
const KNOWN: [&str; 9] = [
    "profileId",
    "hostName",
    "requireSsl",
    "useOAuth",
    "authenticationMethod",
    "rootProfileIds",
    "userName",
    "password",
    "allowLoopback",
];

/// `POST preflight`: whether a mail server can serve the account that a profile makes.
pub(crate) async fn preflight(
    state: &GraphState,
    actor: &Actor,
    body: Map<String, Value>,
) -> Result<Value> {
    let request = read(body)?;
    Ok(json!(state.engine().preflight(actor, request).await?))
}

fn read(mut body: Map<String, Value>) -> Result<PreflightRequest> {
    // Nothing of it is to be seen in a message, should it be of the wrong type.
    let password = match body.remove("password") {
        None | Some(Value::Null) => None,
        Some(Value::String(password)) => Some(Zeroizing::new(password)),
        Some(_) => return Err(GraphError::invalid("password", "`password` must be a text")),
    };
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let message = format!("`{name}` is nothing that a preflight is told");
        return Err(GraphError::invalid(name, message));
    }
    let user_name = read_text(&body, "userName")?;
    let sign_in = match (user_name, password) {
        (Some(user_name), Some(password)) => Some(MailSignIn {
            user_name,
            password,
        }),
        (None, None) => None,
        (Some(_), None) => {
            let message = "`password` must be given together with `userName`";
            return Err(GraphError::invalid("password", message));
        }
        (None, Some(_)) => {
            let message = "`userName` must be given together with `password`";
            return Err(GraphError::invalid("userName", message));
        }
    };
    Ok(PreflightRequest {
        profile: read_text(&body, "profileId")?
            .map(|id| profile_id("profileId", &id))
            .transpose()?,
        host: read_text(&body, "hostName")?,
        tls: flag(&body, "requireSsl")?,
        oauth: flag(&body, "useOAuth")?,
        authentication_method: read_text(&body, "authenticationMethod")?,
        roots: root_profiles(&body)?,
        sign_in,
        allow_loopback: flag(&body, "allowLoopback")?.unwrap_or_default(),
    })
}

fn root_profiles(body: &Map<String, Value>) -> Result<Vec<ProfileId>> {
    let wrong = || {
        let message = "`rootProfileIds` must be a list of ids of trusted root profiles";
        GraphError::invalid("rootProfileIds", message)
    };
    let ids = match body.get("rootProfileIds") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(ids)) if ids.len() <= MOST_ROOTS => ids,
        Some(_) => return Err(wrong()),
    };
    ids.iter()
        .map(|id| profile_id("rootProfileIds", id.as_str().ok_or_else(wrong)?))
        .collect()
}

/// More roots than a company has.
const MOST_ROOTS: usize = 100;

fn profile_id(name: &str, id: &str) -> Result<ProfileId> {
    Uuid::try_parse(id).map(ProfileId).map_err(|_| {
        let message = format!("`{name}` must be the id of a profile, but is `{id}`");
        GraphError::invalid(name, message)
    })
}

fn flag(body: &Map<String, Value>, name: &str) -> Result<Option<bool>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(other) => {
            let message = format!("`{name}` must be `true` or `false`, but is `{other}`");
            Err(GraphError::invalid(name, message))
        }
    }
}
