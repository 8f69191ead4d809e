//! Making access tokens.

use uuid::Uuid;

use super::{AccessClaims, TOKEN_LIFETIME};
use crate::{App, ClientProof, Engine, EngineError};

impl Engine {
    /// An id that says nothing (UUID v4), for requests.
    pub fn request_id(&self) -> Uuid {
        let mut octets = [0; 16];
        self.chance().fill(&mut octets);
        uuid::Builder::from_random_bytes(octets).into_uuid()
    }

    /// An access token for a client of its own; `base_url` is the scheme and host that it called.
    pub fn app_token(
        &self,
        app: &App,
        proof: ClientProof,
        audience: &str,
        base_url: &str,
    ) -> Result<String, EngineError> {
        let now = self.now();
        let tokens = self.tokens();
        let (client, object) = (app.id.to_string(), self.app_object_id(app.id).to_string());
        let (seconds, id) = (now.unix_seconds(), self.chance().id(now).to_string());
        let claims = AccessClaims {
            aud: audience.to_owned(),
            iss: tokens.issuer(base_url),
            iat: seconds,
            nbf: seconds,
            exp: seconds + TOKEN_LIFETIME,
            appid: client.clone(),
            azp: client,
            azpacr: proof.code().to_owned(),
            app_displayname: app.name.clone(),
            idtyp: "app".to_owned(),
            oid: object.clone(),
            sub: object,
            tid: tokens.tenant().to_string(),
            roles: app
                .permissions
                .iter()
                .map(|permission| permission.name().to_owned())
                .collect(),
            jti: id.clone(),
            uti: id,
            ver: "2.0".to_owned(),
            ..AccessClaims::default()
        };
        tokens
            .sign(&claims, now)
            .map_err(|error| EngineError::Internal(error.to_string()))
    }
}
