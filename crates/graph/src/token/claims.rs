//! What a token says.

use serde::{Deserialize, Serialize};

/// Claims of an access token, as Entra writes them for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Resource that it is for.
    pub aud: String,
    /// Who issued it: `https://HOST/{tenant}/v2.0`.
    pub iss: String,
    /// Seconds since 1970 of issue.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from then on.
    pub exp: i64,
    /// Client id, as version 1 calls it.
    pub appid: String,
    /// Client id, as version 2 calls it.
    pub azp: String,
    /// Name of the client; `IntuneManagement` shows it.
    pub app_displayname: String,
    /// `app`: there is no signed-in user.
    pub idtyp: String,
    /// Object id of the client.
    pub oid: String,
    /// The same.
    pub sub: String,
    /// Tenant.
    pub tid: String,
    /// Application permissions.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Directory roles; an app has none.
    #[serde(default)]
    pub wids: Vec<String>,
    /// Unique id.
    pub jti: String,
    /// The same, as Entra calls it.
    pub uti: String,
    /// Version of the token's form.
    pub ver: String,
}
