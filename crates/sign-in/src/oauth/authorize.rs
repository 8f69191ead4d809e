//! `GET /{tenant}/oauth2/v2.0/authorize`: a person, signed in, lets a client have a code.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use mandate_engine::{App, AskedScope, CodeRequest, Redirect, RedirectKind, Scope, SignedIn};
use mandate_model::{AppId, Timestamp};
use mandate_web::Fields;

use super::answer::body;
use super::called::Called;
use super::claims::takes_claims;
use super::client::unknown_client;
use super::pages::{self, PageContext, Question};
use super::parameters::Parameters;
use super::person::current;
use super::redirect::{Destination, ResponseMode};
use super::{Edition, Fault, FaultKind};
use crate::Door;
use crate::pages::send_to_sign_in;

/// Notes in the address to which a sign-in leads back that it has to be newer than this: our own parameter, in place of
/// `prompt=login`, which would ask for ever.
const SINCE: &str = "mandate_since";
/// Longest `state` and `nonce`, which we carry for the client.
const LONGEST: usize = 4096;

/// Version 2 of the end point.
pub(super) async fn show(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    begin(&state, &tenant, request, Edition::Second).await
}

/// Version 1.
pub(super) async fn show_first(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    begin(&state, &tenant, request, Edition::First).await
}

/// Somebody was asked and has answered.
pub(super) async fn confirm(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    fields: Fields,
    request: Request,
) -> Response {
    decide(&state, &tenant, &fields, request, Edition::Second).await
}

/// The same for version 1.
pub(super) async fn confirm_first(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    fields: Fields,
    request: Request,
) -> Response {
    decide(&state, &tenant, &fields, request, Edition::First).await
}

async fn begin(state: &Door, tenant: &str, request: Request, edition: Edition) -> Response {
    let (parts, body) = request.into_parts();
    let context = PageContext::of(state, &parts);
    let asking = match Asking::read(state, tenant, &parts, body, edition).await {
        Ok(asking) => asking,
        Err(fault) => return pages::problem(&context, &fault),
    };
    match asking.answer(state, &parts, &context).await {
        Ok(answer) => answer,
        Err(fault) => asking.destination.refuse(&context, &fault, false),
    }
}

async fn decide(
    state: &Door,
    tenant: &str,
    fields: &Fields,
    request: Request,
    edition: Edition,
) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(state, &parts);
    let asking = match Asking::read(state, tenant, &parts, Body::empty(), edition).await {
        Ok(asking) => asking,
        Err(fault) => return pages::problem(&context, &fault),
    };
    match asking.decided(state, &parts, &context, fields).await {
        Ok(answer) => answer,
        Err(fault) => asking.destination.refuse(&context, &fault, true),
    }
}

/// A request of which it is known whose it is and where the answer goes. Until then nothing is sent anywhere.
struct Asking {
    called: Called,
    /// Path of the end point.
    path: String,
    parameters: Parameters,
    edition: Edition,
    app: App,
    kind: RedirectKind,
    destination: Destination,
}

/// What `prompt` asks for (`OpenID` Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Prompt {
    none: bool,
    login: bool,
    ask: bool,
}

impl Asking {
    async fn read(
        state: &Door,
        tenant: &str,
        parts: &Parts,
        content: Body,
        edition: Edition,
    ) -> Result<Self, Fault> {
        let called = Called::read(state, parts);
        called.check(state, tenant)?;
        // A client may send the browser with a form (`OpenID` Connect Core §3.1.2.1); one of ours leaves its own in the
        // address.
        let form = body(content).await?;
        let is_form = parts.method == Method::POST && !form.is_empty();
        let query = parts.uri.query().unwrap_or_default();
        let parameters = Parameters::parse(if is_form { &form } else { query.as_bytes() })?;
        let id: AppId = parameters
            .need("client_id")?
            .trim()
            .parse()
            .map_err(|_| unknown_client())?;
        let app = state.engine().find_app(id).await?;
        let app = app.ok_or_else(unknown_client)?;
        let address = parameters.need("redirect_uri")?;
        let redirects: Vec<Redirect> = state.engine().app_redirects(id).await?;
        let redirect = redirects
            .into_iter()
            .find(|redirect| redirect.admits(address))
            .ok_or_else(|| {
                let shown: String = address.chars().take(200).collect();
                let text = format!(
                    "The redirect address '{shown}' is not registered for the client '{id}'; `mandate app redirect add` registers it."
                );
                Fault::new(FaultKind::InvalidRequest, text)
            })?;
        let destination = Destination {
            address: address.to_owned(),
            mode: ResponseMode::parse(parameters.get("response_mode"))
                .unwrap_or(ResponseMode::Query),
            state: parameters.get("state").map(str::to_owned),
            issuer: state.engine().tokens().issuer(&called.base_url),
        };
        Ok(Self {
            called,
            path: parts.uri.path().to_owned(),
            parameters,
            edition,
            app,
            kind: redirect.kind,
            destination,
        })
    }

    /// A code, a page, or the way to sign in.
    async fn answer(
        &self,
        state: &Door,
        parts: &Parts,
        context: &PageContext,
    ) -> Result<Response, Fault> {
        let (scope, prompt) = (self.check(state)?, self.prompt()?);
        let hint = self.parameters.get("login_hint");
        let signed_in = current(state, parts).await?;
        let is_there = signed_in.is_some();
        let fitting = signed_in.filter(|(person, _)| self.fits(state, person, hint));
        let (person, cookie) = match fitting {
            Some(found) if !prompt.login => found,
            _ if prompt.none => {
                return Err(Fault::new(
                    FaultKind::LoginRequired,
                    "Nobody is signed in whom the request asks for, and no page may be shown.",
                ));
            }
            _ => return Ok(self.sign_in(state, parts, is_there).await),
        };
        if prompt.ask {
            let query = self.parameters.query_with(&["prompt"], &[]);
            let path = self.path.replace("/authorize", "/confirm");
            let question = Question {
                action: format!("{path}?{query}"),
                client: &self.app.name,
                person: &person.user.user_principal_name,
                permissions: &scope.permissions,
                code: "",
                client_id: self.app.id.to_string(),
                can_change_account: true,
            };
            return Ok(pages::confirm(context, &cookie, question));
        }
        self.grant(state, &person, scope, context, false).await
    }

    /// What somebody decided who was asked.
    async fn decided(
        &self,
        state: &Door,
        parts: &Parts,
        context: &PageContext,
        fields: &Fields,
    ) -> Result<Response, Fault> {
        let scope = self.check(state)?;
        match (fields.text("decision"), current(state, parts).await?) {
            ("allow", Some((person, _))) => self.grant(state, &person, scope, context, true).await,
            ("other" | "allow", _) => Ok(self.sign_in(state, parts, true).await),
            _ => Err(Fault::new(FaultKind::Declined, "The sign-in was declined.")),
        }
    }

    async fn grant(
        &self,
        state: &Door,
        person: &SignedIn,
        scope: Scope,
        context: &PageContext,
        after_form: bool,
    ) -> Result<Response, Fault> {
        let request = CodeRequest {
            app: self.app.clone(),
            redirect: self.destination.address.clone(),
            kind: self.kind,
            scope,
            nonce: self.parameters.get("nonce").map(str::to_owned),
            challenge: self.parameters.get("code_challenge").map(str::to_owned),
            takes_claims: takes_claims(&self.parameters)?,
        };
        let code = state.engine().grant_code(person, request).await?;
        Ok(self.destination.code(context, &code, after_form))
    }

    /// Has the browser sign in and come back here; then only a sign-in from now on counts. `is_fresh` has whoever is signed
    /// in prove it anew.
    async fn sign_in(&self, state: &Door, parts: &Parts, is_fresh: bool) -> Response {
        let since = state.engine().now().unix_seconds().to_string();
        let more = [(SINCE, since.as_str())];
        // `max_age` stays, and is looked at again; `prompt` was heard.
        let query = self.parameters.query_with(&["prompt"], &more);
        let back = format!("{}?{query}", self.path);
        let hint = self.parameters.get("login_hint");
        send_to_sign_in(state, parts, &back, (hint, is_fresh)).await
    }

    /// Whether whoever is signed in is whom the client asks for, and was so lately enough.
    fn fits(&self, state: &Door, person: &SignedIn, hint: Option<&str>) -> bool {
        let at = person.authenticated_at;
        let number = |name: &str| {
            self.parameters
                .get(name)
                .and_then(|n| n.parse::<i64>().ok())
        };
        let is_new = number(SINCE).is_none_or(|since| at.unix_seconds() >= since);
        let is_young = number("max_age").is_none_or(|age| {
            let age = age.clamp(0, 1_000_000_000);
            // Who has just come back from signing in is not sent there again.
            let grace = if number(SINCE).is_some() { 60 } else { 0 };
            state.engine().now().since(at) <= (age + grace) * Timestamp::SECOND
        });
        let name = &person.user.user_principal_name;
        // Whoever signed in instead of whom the client expected has chosen so.
        let is_whom = number(SINCE).is_some()
            || hint.is_none_or(|hint| hint.trim().eq_ignore_ascii_case(name));
        is_new && is_young && is_whom
    }

    /// Everything about the request that does not depend on who is signed in; what it asks for.
    fn check(&self, state: &Door) -> Result<Scope, Fault> {
        let get = |name: &str| self.parameters.get(name);
        let wrong = |text: &str| Fault::new(FaultKind::InvalidRequest, text);
        if ResponseMode::parse(get("response_mode")).is_none() {
            return Err(wrong(
                "'response_mode' must be 'query', 'fragment' or 'form_post'.",
            ));
        }
        if get("request").is_some() {
            return Err(Fault::new(
                FaultKind::RequestNotSupported,
                "'request' is not supported.",
            ));
        }
        if get("request_uri").is_some() {
            return Err(Fault::new(
                FaultKind::RequestUriNotSupported,
                "'request_uri' is not supported.",
            ));
        }
        if self.parameters.need("response_type")? != "code" {
            return Err(Fault::new(
                FaultKind::UnsupportedResponseType,
                "Only 'code' is supported: tokens are not put into addresses.",
            ));
        }
        for name in ["state", "nonce"] {
            if get(name).is_some_and(|value| value.len() > LONGEST) {
                return Err(wrong("'state' and 'nonce' must have 4096 octets at most."));
            }
        }
        self.check_challenge()?;
        takes_claims(&self.parameters)?;
        let is_ours = |resource: &str| self.called.is_resource(state, resource);
        let asked = match (self.edition, get("resource")) {
            (Edition::First, Some(resource)) => AskedScope::of_resource(resource, is_ours)?,
            (Edition::First, None) if get("scope").is_none() => {
                AskedScope::of_resource(mandate_engine::GRAPH_URL, is_ours)?
            }
            _ => AskedScope::parse(self.parameters.need("scope")?, is_ours)?,
        };
        Ok(asked.granted_to(&self.app)?)
    }

    /// RFC 7636 §4.3; `plain` would be no proof to whoever reads the address.
    fn check_challenge(&self) -> Result<(), Fault> {
        let wrong = |text: &str| Err(Fault::new(FaultKind::InvalidRequest, text));
        let method = self.parameters.get("code_challenge_method");
        let Some(challenge) = self.parameters.get("code_challenge") else {
            if method.is_some() {
                return wrong("'code_challenge_method' needs a 'code_challenge'.");
            }
            if self.kind == RedirectKind::Web {
                return Ok(());
            }
            return wrong(
                "A client that cannot keep a secret must send a 'code_challenge' (PKCE, RFC 7636).",
            );
        };
        if method != Some("S256") {
            return wrong("'code_challenge_method' must be 'S256'.");
        }
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
            return wrong("'code_challenge' must be a SHA-256 in base64url, without padding.");
        }
        Ok(())
    }

    fn prompt(&self) -> Result<Prompt, Fault> {
        let mut prompt = Prompt::default();
        let words = self.parameters.get("prompt").unwrap_or_default();
        for word in words.split_whitespace() {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                // `admin_consent` asks for what only `mandate app` gives.
                "select_account" | "consent" | "admin_consent" => prompt.ask = true,
                // Entra knows more, such as `create`; what is not known changes nothing.
                _ => {}
            }
        }
        if prompt.none && (prompt.login || prompt.ask) {
            return Err(Fault::new(
                FaultKind::InvalidRequest,
                "'prompt=none' stands alone.",
            ));
        }
        Ok(prompt)
    }
}
