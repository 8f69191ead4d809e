//! Authorisation codes (RFC 6749 §4.1) with proof keys (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::Timestamp;
use mandate_store::CodeRecord;
use serde::{Deserialize, Serialize};

use super::issue::Recipient;
use super::{Bearer, GrantRefusal, PersonGrant, PersonTokens, days, hash, random, read, written};
use crate::tokens::Scope;
use crate::{App, ClientProof, Engine, EngineError, RedirectKind, SignedIn};

/// How long a code waits to be exchanged.
const LASTS: i64 = 5 * Timestamp::MINUTE;
/// How long a page stays signed in: its tokens lie in a browser.
const PAGE_LONGEST: i64 = Timestamp::DAY;

/// What a client asks for in a browser, after all of it was checked.
#[derive(Debug, Clone)]
pub struct CodeRequest {
    /// The client.
    pub app: App,
    /// The address that the code is sent to, as the client named it.
    pub redirect: String,
    /// What waits there.
    pub kind: RedirectKind,
    /// What it gets.
    pub scope: Scope,
    /// For the `id_token`.
    pub nonce: Option<String>,
    /// `BASE64URL(SHA256(verifier))`.
    pub challenge: Option<String>,
    /// Whether the client understands a challenge for claims.
    pub takes_claims: bool,
}

/// A client that exchanges a code.
#[derive(Clone, Copy)]
pub struct CodeExchange<'a> {
    /// The client.
    pub app: &'a App,
    /// How it proved who it is.
    pub proof: ClientProof,
    /// The code.
    pub code: &'a str,
    /// The address that it came to.
    pub redirect: &'a str,
    /// What the challenge was made of.
    pub verifier: Option<&'a str>,
    /// Whether a page asks from another origin.
    pub is_cross_origin: bool,
    /// Scheme and host that the client called.
    pub base_url: &'a str,
}

impl std::fmt::Debug for CodeExchange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeExchange")
            .field("app", &self.app.id)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    grant: PersonGrant,
    redirect: String,
    kind: String,
    nonce: Option<String>,
    challenge: Option<String>,
}

impl Engine {
    /// A code for the person who is signed in.
    pub async fn grant_code(
        &self,
        of: &SignedIn,
        request: CodeRequest,
    ) -> Result<String, EngineError> {
        let now = self.now();
        let longest = match request.kind {
            RedirectKind::Spa => PAGE_LONGEST,
            RedirectKind::Web | RedirectKind::PublicClient => {
                days(self.options().refresh_longest_days)
            }
        };
        let content = Content {
            grant: PersonGrant {
                scope: request.scope,
                methods: of.methods.clone(),
                authenticated_at: of.authenticated_at.0,
                issued_at: of.issued_at.0,
                takes_claims: request.takes_claims,
                is_proven: false,
                ends_at: now.plus(longest).0,
            },
            redirect: request.redirect,
            kind: request.kind.name().to_owned(),
            nonce: request.nonce,
            challenge: request.challenge,
        };
        let code = random(self.chance());
        let record = CodeRecord {
            hash: hash(&code).to_vec(),
            app: request.app.id,
            user: of.user.id,
            session: of.session,
            family: self.chance().id(now),
            content: written(&content)?,
            used_at: None,
            expires_at: now.plus(LASTS),
        };
        let mut session = self.store().write().await?;
        session.insert_code(&record).await?;
        session.commit().await?;
        Ok(code)
    }

    /// Tokens for a code. Whatever is wrong about the exchange, the code is used by it.
    pub async fn redeem_code(
        &self,
        exchange: CodeExchange<'_>,
    ) -> Result<PersonTokens, GrantRefusal> {
        let key = hash(exchange.code);
        let now = self.now();
        let mut session = self.store().write().await?;
        let record = session.find_code(&key, exchange.app.id).await?;
        let record = record.ok_or(GrantRefusal::UnknownCode)?;
        // Whatever ends access comes before this, and is seen below, or after, and sees what came of it.
        session.lock_credential(record.user).await?;
        if !session.use_code(&key, now).await? {
            session.end_refresh_family(record.family).await?;
            self.note_theft(&mut session, "code", exchange.app, record.user)
                .await?;
            session.commit().await?;
            return Err(GrantRefusal::Reused);
        }
        let exchanged = self.redeem_once(&mut session, &exchange, &record).await;
        if matches!(exchanged, Err(GrantRefusal::Engine(_))) {
            return exchanged;
        }
        session.commit().await?;
        exchanged
    }

    async fn redeem_once(
        &self,
        session: &mut mandate_store::Session,
        exchange: &CodeExchange<'_>,
        record: &CodeRecord,
    ) -> Result<PersonTokens, GrantRefusal> {
        if record.expires_at <= self.now() {
            return Err(GrantRefusal::Expired);
        }
        let mut content: Content = read(&record.content)?;
        if content.redirect != exchange.redirect {
            return Err(GrantRefusal::Redirect);
        }
        match RedirectKind::parse(&content.kind) {
            Some(RedirectKind::Web) if exchange.proof == ClientProof::None => {
                return Err(GrantRefusal::NoProof);
            }
            Some(RedirectKind::Spa) if !exchange.is_cross_origin => {
                return Err(GrantRefusal::CrossOrigin);
            }
            _ => {}
        }
        if !fits(content.challenge.as_deref(), exchange.verifier) {
            return Err(GrantRefusal::Verifier);
        }
        content.grant.is_proven = exchange.proof != ClientProof::None;
        let bearer = Bearer {
            user: record.user,
            session: Some(record.session),
            family: record.family,
        };
        let user = self.good_bearer(session, bearer, &content.grant).await?;
        let recipient = Recipient {
            app: exchange.app,
            proof: exchange.proof,
            base_url: exchange.base_url,
            nonce: content.nonce.as_deref(),
        };
        self.issue_to(session, &recipient, (&user, bearer), &content.grant)
            .await
    }
}

/// Both or none: a code that was asked for with a challenge needs its verifier, and a verifier without a challenge means
/// that somebody took the challenge away.
fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let digest = URL_SAFE_NO_PAD.encode(mandate_pki::sha256(verifier.as_bytes()));
            mandate_pki::constant_time_eq(digest.as_bytes(), challenge.as_bytes())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_fits_and_nothing_else() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(fits(Some(challenge), Some(verifier)));
        assert!(!fits(Some(challenge), Some(challenge)));
        assert!(!fits(Some(verifier), Some(verifier)));
        assert!(!fits(Some(challenge), None));
        assert!(!fits(None, Some(verifier)));
        assert!(fits(None, None));
    }
}
