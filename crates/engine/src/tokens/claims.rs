//! What tokens say.

use serde::{Deserialize, Serialize};

/// Claims of an access token, in Entra's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
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
    /// How the client proved who it is: `0` not at all, `1` with a secret, `2` with a certificate.
    pub azpacr: String,
    /// Name of the client; `IntuneManagement` shows it.
    pub app_displayname: String,
    /// `app` where there is no signed-in person, `user` otherwise.
    pub idtyp: String,
    /// Object id of the person, or of the client's service principal.
    pub oid: String,
    /// The same.
    pub sub: String,
    /// Tenant.
    pub tid: String,
    /// Application permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Delegated permissions, parted by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// Template ids of the person's directory roles; a client of its own has none.
    #[serde(default)]
    pub wids: Vec<String>,
    /// Sign-in name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The same, as version 1 calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// The same, as version 2 calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Name of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `1`: the person proved who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the person did (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The session in which the person signed in; the token ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// What the client can do; `CP1`: it understands a challenge for claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xms_cc: Option<Vec<String>>,
    /// Unique id.
    pub jti: String,
    /// The same, as Entra calls it.
    pub uti: String,
    /// Version of the token's form.
    pub ver: String,
}
