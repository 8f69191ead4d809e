//! Sending somebody to a provider, and what they come back with.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_model::Timestamp;
use mandate_pki::{constant_time_eq, hmac_sha256, sha256};
use mandate_store::ErrandRecord;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::discovery::{Issuer, Known};
use super::id_token::{self, Expected, Refusal};
use crate::providers::gateway::ProviderAnswer;
use crate::providers::people::{Theirs, Vouched};
use crate::providers::settings::{How, OidcSettings, Provider};
use crate::providers::{ProviderFault, encoded, form};
use crate::{Engine, EngineError, FlowView, SignInProblem};

/// How long somebody may be away.
const AWAY: i64 = Timestamp::HOUR;
const LONGEST_CODE: usize = 8192;

/// What somebody comes back with, from the address of the callback.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderReturn {
    /// What we gave along.
    pub state: Option<String>,
    /// What is to be exchanged for tokens.
    pub code: Option<String>,
    /// Who says so (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl std::fmt::Debug for ProviderReturn {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderReturn")
            .field("iss", &self.iss)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// What of a provider's answers matters.
struct Tokens {
    id_token: Zeroizing<String>,
    access_token: Option<Zeroizing<String>>,
}

impl Engine {
    /// Where to send somebody who wants to sign in through a provider. `flow` is the sign-in of the browser,
    /// `redirect_uri` where the provider is to send them back.
    pub async fn send_to_provider(
        &self,
        flow: &str,
        provider: &str,
        redirect_uri: &str,
    ) -> Result<String, ProviderFault> {
        // A sign-in that has ended is noticed before anybody is sent away.
        let FlowView { hint, fresh, .. } = self.look_at_flow(flow).await.map_err(stray)?;
        let (provider, _) = self.oidc_provider(provider).await?;
        let issuer = issuer(&provider)?;
        let known = self
            .known_issuer(issuer)
            .await
            .map_err(|reason| unavailable(&provider, reason))?;
        let state = URL_SAFE_NO_PAD.encode(self.chance().key());
        let now = self.now();
        let record = ErrandRecord {
            hash: sha256(state.as_bytes()).to_vec(),
            provider: provider.name.clone(),
            flow_hash: sha256(flow.as_bytes()).to_vec(),
            redirect_uri: redirect_uri.to_owned(),
            fresh,
            created_at: now,
        };
        // Whoever loses it to a power cut begins again; strangers begin as many as they like.
        let mut session = self.store().write_recoverable().await?;
        session.delete_errands_before(now.plus(-AWAY)).await?;
        session.insert_errand(&record).await?;
        session.commit().await?;
        let (nonce, verifier) = bound(flow, &state);
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        let scopes = issuer.settings.scopes.join(" ");
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", &issuer.settings.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &scopes),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if let Some(hint) = &hint {
            query.push(("login_hint", hint));
        }
        if fresh {
            query.extend([("prompt", "login"), ("max_age", "0")]);
        }
        Ok(with_query(&known.metadata.authorization_endpoint, &query))
    }

    /// Takes what somebody came back with from a provider into the sign-in of their browser; the name of the provider.
    pub async fn return_from_provider(
        &self,
        flow: &str,
        back: &ProviderReturn,
    ) -> Result<String, ProviderFault> {
        let state = back.state.as_deref().unwrap_or_default();
        let mut session = self.store().write().await?;
        let errand = session.take_errand(&sha256(state.as_bytes())).await?;
        session.commit().await?;
        let errand = errand.ok_or(ProviderFault::Stray)?;
        let is_of_browser = constant_time_eq(&errand.flow_hash, &sha256(flow.as_bytes()));
        if !is_of_browser || self.now() >= errand.created_at.plus(AWAY) {
            return Err(ProviderFault::Stray);
        }
        let (provider, secret) = self.oidc_provider(&errand.provider).await?;
        let claims = self
            .claims_for((&provider, secret), flow, state, &errand, back)
            .await?;
        let vouched = vouched(&provider, &claims)?;
        let methods = vouched.methods.clone();
        let user = self.person_of(&provider, vouched).await?;
        self.finish_first_factor(flow, user.id, &methods, Some(&provider.name))
            .await
            .map_err(stray)?;
        Ok(provider.name)
    }

    /// Where somebody who signed in through a provider signs out there too, if the provider has such a place.
    pub async fn sign_out_address(
        &self,
        provider: &str,
        return_to: &str,
    ) -> Result<Option<String>, EngineError> {
        let Ok((provider, _)) = self.oidc_provider(provider).await else {
            return Ok(None);
        };
        let Ok(issuer) = issuer(&provider) else {
            return Ok(None);
        };
        let Ok(known) = self.known_issuer(issuer).await else {
            return Ok(None);
        };
        // OpenID Connect RP-Initiated Logout 1.0 §2; without an ID token the provider asks the person.
        let query = [
            ("client_id", issuer.settings.client_id.as_str()),
            ("post_logout_redirect_uri", return_to),
        ];
        Ok(known
            .metadata
            .end_session_endpoint
            .as_ref()
            .map(|address| with_query(address, &query)))
    }

    /// Exchanges a code; what the provider says of the person.
    async fn claims_for(
        &self,
        (provider, secret): (&Provider, Option<Zeroizing<Vec<u8>>>),
        flow: &str,
        state: &str,
        errand: &ErrandRecord,
        back: &ProviderReturn,
    ) -> Result<Map<String, Value>, ProviderFault> {
        let issuer = issuer(provider)?;
        let known = self
            .known_issuer(issuer)
            .await
            .map_err(|reason| unavailable(provider, reason))?;
        check_sender(provider, issuer.settings, &known, back)?;
        if let Some(error) = &back.error {
            return Err(ProviderFault::Refused {
                provider: provider.name.clone(),
                reason: error
                    .chars()
                    .filter(char::is_ascii_graphic)
                    .take(64)
                    .collect(),
            });
        }
        let code = back.code.as_deref().unwrap_or_default();
        if code.is_empty() || code.len() > LONGEST_CODE {
            return Err(untrusted(provider, "it holds no code"));
        }
        let (nonce, verifier) = bound(flow, state);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &errand.redirect_uri),
            ("code_verifier", &verifier),
        ];
        let tokens = self
            .exchange_code((provider, secret), issuer, &known, &fields)
            .await?;
        let access_token = tokens.access_token.as_ref().map(|token| token.as_str());
        let expected = Expected {
            issuer: &issuer.settings.issuer,
            client_id: &issuer.settings.client_id,
            nonce: &nonce,
            asked_at: errand.created_at,
            now: self.now(),
            access_token,
        };
        let mut checked = id_token::check(&tokens.id_token, &known.keys, expected);
        if checked == Err(Refusal::UnknownKey) {
            let newer = self
                .with_newer_keys(issuer, known.clone())
                .await
                .map_err(|reason| unavailable(provider, reason))?;
            checked = id_token::check(&tokens.id_token, &newer.keys, expected);
        }
        let mut claims = checked.map_err(|refusal| match refusal {
            Refusal::UnknownKey => untrusted(provider, "the ID token is signed by an unknown key"),
            Refusal::Wrong(reason) => untrusted(provider, &reason),
        })?;
        if errand.fresh {
            check_fresh(provider, &claims, errand.created_at)?;
        }
        if lacks(issuer.settings, provider, &claims)
            && let (Some(address), Some(token)) = (&known.metadata.userinfo_endpoint, access_token)
        {
            let more = self.user_info(provider, issuer, address, token).await?;
            if more.get("sub") != claims.get("sub") {
                return Err(untrusted(
                    provider,
                    "its user information is about somebody else",
                ));
            }
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(claims)
    }

    async fn exchange_code(
        &self,
        (provider, secret): (&Provider, Option<Zeroizing<Vec<u8>>>),
        issuer: Issuer<'_>,
        known: &Known,
        fields: &[(&str, &str)],
    ) -> Result<Tokens, ProviderFault> {
        let client_id = issuer.settings.client_id.as_str();
        let mut fields = fields.to_vec();
        let mut authorization = None;
        let secret = secret
            .map(|secret| {
                let text = std::str::from_utf8(&secret).map(str::to_owned);
                text.map(Zeroizing::new)
            })
            .transpose()
            .map_err(|_| EngineError::Internal("the client secret is no text".to_owned()))?;
        let methods = &known.metadata.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        match &secret {
            Some(secret) if takes("client_secret_basic") || !takes("client_secret_post") => {
                authorization = Some(basic(client_id, secret));
            }
            Some(secret) => fields.extend([("client_id", client_id), ("client_secret", secret)]),
            None => fields.push(("client_id", client_id)),
        }
        let mut request = issuer.request(&known.metadata.token_endpoint);
        request.form = Some(Zeroizing::new(form(&fields)));
        request.authorization = authorization;
        let answer = self
            .provider_gateway()
            .ask(request)
            .await
            .map_err(|reason| unavailable(provider, reason))?;
        let content = json(&answer).map_err(|reason| unavailable(provider, reason))?;
        let text = |name: &str| {
            let text = content.get(name).and_then(Value::as_str)?;
            Some(Zeroizing::new(text.to_owned()))
        };
        let id_token = text("id_token")
            .ok_or_else(|| untrusted(provider, "it gave no ID token; is `openid` allowed?"))?;
        Ok(Tokens {
            id_token,
            access_token: text("access_token"),
        })
    }

    async fn user_info(
        &self,
        provider: &Provider,
        issuer: Issuer<'_>,
        address: &str,
        token: &str,
    ) -> Result<Map<String, Value>, ProviderFault> {
        let mut request = issuer.request(address);
        request.authorization = Some(Zeroizing::new(format!("Bearer {token}")));
        let answer = self
            .provider_gateway()
            .ask(request)
            .await
            .map_err(|reason| unavailable(provider, reason))?;
        json(&answer).map_err(|reason| unavailable(provider, reason))
    }
}

/// A sign-in that cannot go on.
fn stray(problem: SignInProblem) -> ProviderFault {
    match problem {
        SignInProblem::Engine(error) => ProviderFault::Engine(error),
        _ => ProviderFault::Stray,
    }
}

fn issuer(provider: &Provider) -> Result<Issuer<'_>, ProviderFault> {
    match &provider.settings.how {
        How::Oidc(settings) => Ok(Issuer {
            name: &provider.name,
            settings,
            roots: provider.settings.roots.as_ref(),
        }),
        How::Ldap(_) => Err(ProviderFault::NoProvider(provider.name.clone())),
    }
}

/// Nonce and PKCE verifier (RFC 7636 §4.1) of one errand of one browser.
fn bound(flow: &str, state: &str) -> (String, Zeroizing<String>) {
    let made = |what: &str| {
        URL_SAFE_NO_PAD.encode(hmac_sha256(
            flow.as_bytes(),
            format!("{what} {state}").as_bytes(),
        ))
    };
    (made("nonce"), Zeroizing::new(made("verifier")))
}

/// Who the answer says that it is from (RFC 9207 §2.4): one provider must not pass on what another one gave.
fn check_sender(
    provider: &Provider,
    settings: &OidcSettings,
    known: &Known,
    back: &ProviderReturn,
) -> Result<(), ProviderFault> {
    match &back.iss {
        Some(sender) if *sender != settings.issuer => {
            Err(untrusted(provider, "it comes from another issuer (`iss`)"))
        }
        None if known
            .metadata
            .authorization_response_iss_parameter_supported =>
        {
            Err(untrusted(
                provider,
                "it does not say from whom it comes (`iss`)",
            ))
        }
        _ => Ok(()),
    }
}

/// OpenID Connect Core §3.1.2.1: whoever asks with `max_age` looks at `auth_time`.
fn check_fresh(
    provider: &Provider,
    claims: &Map<String, Value>,
    asked_at: Timestamp,
) -> Result<(), ProviderFault> {
    const LEEWAY: i64 = 5 * 60;
    let proved_at = claims.get("auth_time").and_then(Value::as_i64);
    match proved_at {
        Some(at) if at >= asked_at.unix_seconds() - LEEWAY => Ok(()),
        Some(_) => Err(untrusted(
            provider,
            "the person did not prove anew who they are (`auth_time`)",
        )),
        None => Err(untrusted(
            provider,
            "it does not say when the person proved who they are (`auth_time`)",
        )),
    }
}

/// Whether something is not in the ID token that the provider may tell when asked.
fn lacks(settings: &OidcSettings, provider: &Provider, claims: &Map<String, Value>) -> bool {
    let has = |name: &str| claims.contains_key(name);
    let name = match &settings.name_claim {
        Some(name) => has(name),
        None => has("preferred_username") || has("email"),
    };
    let groups = provider.settings.groups.is_empty() || has(&settings.group_claim);
    !name || !groups
}

/// What claims say of a person.
fn vouched(provider: &Provider, claims: &Map<String, Value>) -> Result<Vouched, ProviderFault> {
    let How::Oidc(settings) = &provider.settings.how else {
        return Err(ProviderFault::NoProvider(provider.name.clone()));
    };
    let text = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    // Some say it as a text.
    let is_verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    let email = text("email").filter(|_| is_verified);
    let name = match settings.name_claim.as_deref() {
        Some("email") => email.clone(),
        Some(claim) => text(claim),
        None => text("preferred_username").or_else(|| email.clone()),
    };
    let amr: BTreeSet<String> = texts(claims.get("amr")).unwrap_or_default();
    let counts = settings
        .second_factor_methods
        .iter()
        .any(|method| amr.contains(method))
        || text("acr").is_some_and(|acr| settings.second_factor_contexts.contains(&acr));
    // What the provider calls two factors is one here unless an administrator said so.
    let mut methods = vec!["fed".to_owned()];
    let is_method = |method: &&String| {
        *method != "mfa" && method.len() <= 16 && method.chars().all(|c| c.is_ascii_alphanumeric())
    };
    methods.extend(amr.iter().filter(is_method).take(8).cloned());
    if counts {
        methods.push("mfa".to_owned());
    }
    Ok(Vouched {
        subject: text("sub").unwrap_or_default(),
        name,
        display_name: text("name"),
        given_name: text("given_name"),
        surname: text("family_name"),
        mail: email,
        groups: groups(settings, claims),
        methods: methods.join(" "),
    })
}

fn groups(settings: &OidcSettings, claims: &Map<String, Value>) -> Theirs {
    let claim = settings.group_claim.as_str();
    // OpenID Connect Core §5.6.2: the groups are elsewhere, as Entra ID says it of people in more than 200.
    let elsewhere = claims
        .get("_claim_names")
        .and_then(|names| names.get(claim))
        .is_some()
        || claims.get("hasgroups") == Some(&Value::Bool(true));
    match claims.get(claim) {
        None if elsewhere => Theirs::Unknown("there are too many to be told in the token"),
        None => Theirs::Known(BTreeSet::new()),
        some => match texts(some) {
            Some(groups) => Theirs::Known(groups),
            None => Theirs::Unknown("the claim is no list of texts"),
        },
    }
}

/// A text, or a list of texts.
fn texts(value: Option<&Value>) -> Option<BTreeSet<String>> {
    match value? {
        Value::String(one) => Some(BTreeSet::from([one.clone()])),
        Value::Array(several) => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// RFC 6749 §2.3.1: both are form-encoded first.
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

fn json(answer: &ProviderAnswer) -> Result<Map<String, Value>, String> {
    let content: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
    match (answer.status, content) {
        (200, Some(content)) => Ok(content),
        (200, None) => Err("its answer is no JSON object".to_owned()),
        (status, content) => {
            let error = content.as_ref().and_then(|content| content.get("error"));
            let error = error.and_then(Value::as_str).unwrap_or("no more is said");
            let error: String = error
                .chars()
                .filter(char::is_ascii_graphic)
                .take(64)
                .collect();
            Err(format!("it answered with HTTP status {status}: {error}"))
        }
    }
}

fn with_query(address: &str, query: &[(&str, &str)]) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}", form(query))
}

fn unavailable(provider: &Provider, reason: String) -> ProviderFault {
    ProviderFault::Unavailable {
        provider: provider.name.clone(),
        reason,
    }
}

fn untrusted(provider: &Provider, reason: &str) -> ProviderFault {
    ProviderFault::Untrusted {
        provider: provider.name.clone(),
        reason: reason.to_owned(),
    }
}
