//! `POST /{tenant}/oauth2/v2.0/token`: tokens for whatever a client brings.

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_engine::{
    Actor, App, AskedScope, ClientProof, CodeExchange, PersonTokens, RefreshExchange, ScopeProblem,
    TOKEN_LIFETIME,
};
use serde_json::{Value, json};

use super::answer::{Refused, body, document};
use super::called::Called;
use super::claims::takes_claims;
use super::client::{client, require_proof_or_public};
use super::cors;
use super::parameters::Parameters;
use super::{Edition, Fault, FaultKind};
use crate::Door;

/// Version 2 of the end point.
pub(super) async fn issue(state: State<Door>, tenant: Path<String>, request: Request) -> Response {
    answer(state, tenant, request, Edition::Second).await
}

/// Version 1, for clients of the time of ADAL: `resource` instead of `scope`.
pub(super) async fn issue_first(
    state: State<Door>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    answer(state, tenant, request, Edition::First).await
}

async fn answer(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
    edition: Edition,
) -> Response {
    let (parts, content) = request.into_parts();
    let called = Called::read(&state, &parts);
    let exchange = async {
        called.check(&state, &tenant)?;
        let form = Parameters::parse(&body(content).await?)?;
        Exchange {
            state: &state,
            called: &called,
            parts: &parts,
            form: &form,
            edition,
        }
        .run()
        .await
    };
    let answer = match exchange.await {
        Ok(tokens) => document(StatusCode::OK, &tokens),
        Err(fault) => Refused(&state, &called, fault).answer(),
    };
    cors::allow(&state, &parts, answer).await
}

struct Exchange<'a> {
    state: &'a Door,
    called: &'a Called,
    parts: &'a Parts,
    form: &'a Parameters,
    edition: Edition,
}

impl Exchange<'_> {
    async fn run(&self) -> Result<Value, Fault> {
        match self.form.need("grant_type")? {
            "client_credentials" => self.client_credentials().await,
            "authorization_code" => self.code().await,
            "refresh_token" => self.refresh().await,
            "device_code" | "urn:ietf:params:oauth:grant-type:device_code" => self.device().await,
            "password" => Err(Fault::new(
                FaultKind::UnsupportedGrantType,
                "Passwords are typed into pages of this server only: use 'authorization_code' or 'device_code' for people, and 'client_credentials' for programs.",
            )),
            other => {
                let shown: String = other.chars().take(100).collect();
                let text = format!("The grant type '{shown}' is not supported.");
                Err(Fault::new(FaultKind::UnsupportedGrantType, text))
            }
        }
    }

    async fn client(&self) -> Result<(App, ClientProof), Fault> {
        client(self.state, self.called, &self.parts.headers, self.form).await
    }

    /// RFC 6749 §4.4. A client of its own gets all that it was given, and nothing else can be asked for.
    async fn client_credentials(&self) -> Result<Value, Fault> {
        let asked = self.asked(true)?;
        let asked = asked.ok_or(ScopeProblem::Missing)?;
        let (true, Some(_), true) = (
            asked.is_default,
            &asked.resource,
            asked.named.is_empty() && !asked.has_unknown,
        ) else {
            let text = format!(
                "A client of its own asks for 'https://{}/.default'.",
                self.called.address.host
            );
            return Err(Fault::new(FaultKind::InvalidScope, text));
        };
        let (app, proof) = self.client().await?;
        if proof == ClientProof::None {
            return Err(Fault::new(
                FaultKind::NoProof,
                "The request must contain 'client_secret' or 'client_assertion'.",
            ));
        }
        let actor = Actor::app(app.id, app.name.clone(), []);
        let actor = actor.from(self.state.origin(self.parts));
        self.state.engine().note_client_sign_in(&actor).await?;
        let audience = asked.audience();
        let base_url = &self.called.base_url;
        let token = self
            .state
            .engine()
            .app_token(&app, proof, &audience, base_url)?;
        Ok(self.envelope(&audience, &token))
    }

    /// RFC 6749 §4.1.3
    async fn code(&self) -> Result<Value, Fault> {
        let code = self.form.need("code")?;
        let redirect = self.form.need("redirect_uri")?;
        let (app, proof) = self.client().await?;
        let origin = self.parts.headers.get(header::ORIGIN);
        let is_cross_origin = origin
            .and_then(|origin| origin.to_str().ok())
            .is_some_and(|origin| cors::origin_of(redirect) == Some(origin));
        let exchange = CodeExchange {
            app: &app,
            proof,
            code,
            redirect,
            verifier: self.form.get("code_verifier"),
            is_cross_origin,
            base_url: &self.called.base_url,
        };
        let tokens = self.state.engine().redeem_code(exchange).await?;
        Ok(self.person(tokens))
    }

    /// RFC 6749 §6
    async fn refresh(&self) -> Result<Value, Fault> {
        let token = self.form.need("refresh_token")?;
        let (app, proof) = self.client().await?;
        let exchange = RefreshExchange {
            app: &app,
            proof,
            token,
            asked: self.asked(false)?,
            takes_claims: takes_claims(self.form)?,
            base_url: &self.called.base_url,
        };
        let tokens = self.state.engine().redeem_refresh_token(exchange).await?;
        Ok(self.person(tokens))
    }

    /// RFC 8628 §3.4. Version 1 called the device code `code`.
    async fn device(&self) -> Result<Value, Fault> {
        let code = match self.form.get("device_code") {
            Some(code) => code,
            None if self.form.get("code").is_some() => self.form.need("code")?,
            None => self.form.need("device_code")?,
        };
        let (app, proof) = self.client().await?;
        require_proof_or_public(&app, proof)?;
        let base_url = &self.called.base_url;
        let tokens = self
            .state
            .engine()
            .redeem_device_code(&app, proof, code, base_url)
            .await?;
        Ok(self.person(tokens))
    }

    /// What is asked for; none if nothing is said of it.
    fn asked(&self, is_needed: bool) -> Result<Option<AskedScope>, Fault> {
        let is_ours = |resource: &str| self.called.is_resource(self.state, resource);
        let named = match self.edition {
            Edition::Second => self.form.get("scope"),
            Edition::First => self.form.get("resource"),
        };
        Ok(match (named, self.edition) {
            (Some(scope), Edition::Second) => Some(AskedScope::parse(scope, is_ours)?),
            (Some(resource), Edition::First) => Some(AskedScope::of_resource(resource, is_ours)?),
            (None, Edition::Second) if is_needed => self.form.need("scope").map(|_| None)?,
            (None, Edition::First) if is_needed => self.form.need("resource").map(|_| None)?,
            (None, _) => None,
        })
    }

    fn envelope(&self, resource: &str, token: &str) -> Value {
        match self.edition {
            Edition::Second => json!({
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFETIME,
                "ext_expires_in": TOKEN_LIFETIME,
                "access_token": token,
            }),
            // Numbers are texts there.
            Edition::First => {
                let now = self.state.engine().now().unix_seconds();
                json!({
                    "token_type": "Bearer",
                    "expires_in": TOKEN_LIFETIME.to_string(),
                    "ext_expires_in": TOKEN_LIFETIME.to_string(),
                    "expires_on": (now + TOKEN_LIFETIME).to_string(),
                    "not_before": now.to_string(),
                    "resource": resource,
                    "access_token": token,
                })
            }
        }
    }

    fn person(&self, tokens: PersonTokens) -> Value {
        let resource = self.form.get("resource").unwrap_or_default();
        let mut answer = self.envelope(resource, &tokens.access_token);
        answer["scope"] = json!(tokens.scope);
        if let Some(token) = tokens.refresh_token {
            answer["refresh_token"] = json!(token);
        }
        if let Some(token) = tokens.id_token {
            answer["id_token"] = json!(token);
        }
        if self.form.get("client_info") == Some("1") {
            let tenant = self.state.engine().tenant().id;
            let info = json!({ "uid": tokens.user, "utid": tenant });
            answer["client_info"] = json!(URL_SAFE_NO_PAD.encode(info.to_string()));
        }
        answer
    }
}
