//! Speaking with Apple's service for one token.

use mandate_model::Timestamp;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::smime::TokenContent;
use super::{ServiceAnswer, ServiceRequest, oauth, smime, tokens};
use crate::{Engine, EngineError};

/// The version of the protocol that is spoken; sent with each request.
const PROTOCOL: &str = "3";
const LONGEST_SESSION: usize = 4_096;
/// A pause that Apple asks for is kept up to this, in seconds.
const LONGEST_PAUSE: i64 = 6 * 3_600;

/// Why Apple's service did not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// HTTP status; 0 if there was no answer.
    pub(super) status: i64,
    /// Apple's word, or ours in camel case.
    pub(super) word: String,
    /// How long to wait, in seconds, if Apple said so.
    pub(super) wait: Option<i64>,
}

impl Fault {
    pub(super) fn of_ours(word: &str) -> Self {
        Self {
            status: 0,
            word: word.to_owned(),
            wait: None,
        }
    }

    /// Whether another session may help.
    fn is_of_session(&self) -> bool {
        self.status == 401
            || (self.status == 403
                && !matches!(self.word.as_str(), "T_C_NOT_SIGNED" | "ACCESS_DENIED"))
    }

    /// Whether what was asked for is wrong, and everything else may go on.
    pub(super) fn is_about_the_request(&self) -> bool {
        matches!(self.status, 400 | 404 | 405 | 413 | 422)
    }
}

/// A token with its session.
pub(super) struct Client<'a> {
    engine: &'a Engine,
    id: Uuid,
    token: TokenContent,
}

impl Engine {
    /// Opens the sealed token.
    pub(super) async fn ade_client(
        &self,
        id: Uuid,
    ) -> Result<Result<Client<'_>, Fault>, EngineError> {
        let name = tokens::token_name(id);
        let Some(sealed) = self.store().read().await?.find_secret(&name).await? else {
            return Ok(Err(Fault::of_ours("noToken")));
        };
        let opened = self.seal().open(&name, &sealed)?;
        let token = std::str::from_utf8(&opened).ok().and_then(smime::read);
        let token =
            token.ok_or_else(|| EngineError::Internal(format!("the token {id} cannot be read")))?;
        if token.expires_at <= self.now() {
            return Ok(Err(Fault::of_ours("tokenExpired")));
        }
        Ok(Ok(Client {
            engine: self,
            id,
            token,
        }))
    }

    pub(super) fn forget_ade_session(&self, id: Uuid) {
        let mut sessions = self.cache().ade_sessions.lock().expect(UNHURT);
        sessions.remove(&id);
    }

    fn keep_ade_session(&self, id: Uuid, session: &str) {
        if (1..=LONGEST_SESSION).contains(&session.len()) {
            let mut sessions = self.cache().ade_sessions.lock().expect(UNHURT);
            sessions.insert(id, Zeroizing::new(session.to_owned()));
        }
    }
}

const UNHURT: &str = "nobody panics while holding it";

impl Client<'_> {
    /// Asks something. A session that Apple does not know any more is replaced, once.
    pub(super) async fn ask(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Fault> {
        let known = {
            let sessions = self.engine.cache().ade_sessions.lock().expect(UNHURT);
            sessions.get(&self.id).cloned()
        };
        if let Some(session) = known {
            match self.ask_within(&session, method, path, body).await {
                Err(fault) if fault.is_of_session() => self.engine.forget_ade_session(self.id),
                answer => return answer,
            }
        }
        let session = self.begin().await?;
        self.ask_within(&session, method, path, body).await
    }

    /// Begins a session, by OAuth.
    async fn begin(&self) -> Result<Zeroizing<String>, Fault> {
        let url = self.url("/session")?;
        let nonce = self
            .engine
            .chance()
            .id(self.engine.now())
            .simple()
            .to_string();
        let header = oauth::authorization(&self.token, &url, self.engine.now(), &nonce);
        let headers = vec![("Authorization", header), protocol()];
        let answer = self.send("GET", url, headers, None).await?;
        let json = good(&answer)?;
        let session = json["auth_session_token"].as_str().unwrap_or_default();
        if session.is_empty() || session.len() > LONGEST_SESSION {
            return Err(Fault::of_ours("noSession"));
        }
        self.engine.keep_ade_session(self.id, session);
        Ok(Zeroizing::new(session.to_owned()))
    }

    async fn ask_within(
        &self,
        session: &str,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Fault> {
        let headers = vec![
            ("X-ADM-Auth-Session", Zeroizing::new(session.to_owned())),
            protocol(),
            (
                "Content-Type",
                Zeroizing::new("application/json;charset=UTF8".to_owned()),
            ),
        ];
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = self.send(method, self.url(path)?, headers, body).await?;
        // Any answer may bring a newer session.
        if let Some(session) = answer.header("x-adm-auth-session") {
            self.engine.keep_ade_session(self.id, session);
        }
        good(&answer)
    }

    fn url(&self, path: &str) -> Result<Url, Fault> {
        let service = &self.engine.options().ade.service;
        let url = Url::parse(&format!("{service}{path}"));
        url.map_err(|_| Fault::of_ours("badServiceAddress"))
    }

    async fn send(
        &self,
        method: &'static str,
        url: Url,
        headers: Vec<(&'static str, Zeroizing<String>)>,
        body: Option<Vec<u8>>,
    ) -> Result<ServiceAnswer, Fault> {
        let request = ServiceRequest {
            method,
            url: url.into(),
            headers,
            body,
            roots: self.engine.options().ade.service_roots.clone(),
        };
        let asked = self.engine.provider_gateway().call(request).await;
        asked.map_err(|reason| {
            tracing::warn!("Apple's enrolment service cannot be reached: {reason}");
            Fault::of_ours("unreachable")
        })
    }
}

fn protocol() -> (&'static str, Zeroizing<String>) {
    (
        "X-Server-Protocol-Version",
        Zeroizing::new(PROTOCOL.to_owned()),
    )
}

/// The JSON of a good answer; an empty body is an empty object.
fn good(answer: &ServiceAnswer) -> Result<Value, Fault> {
    if (200..300).contains(&answer.status) {
        if answer.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(json!({}));
        }
        return serde_json::from_slice(&answer.body).map_err(|_| Fault {
            status: i64::from(answer.status),
            word: "unreadableAnswer".to_owned(),
            wait: None,
        });
    }
    let wait = answer
        .header("retry-after")
        .and_then(|text| text.trim().parse::<i64>().ok())
        .map(|seconds| seconds.clamp(1, LONGEST_PAUSE));
    let word = word_of(&answer.body).unwrap_or_else(|| match answer.status {
        401 => "UNAUTHORIZED".to_owned(),
        403 => "FORBIDDEN".to_owned(),
        429 => "TOO_MANY_REQUESTS".to_owned(),
        503 => "SERVICE_UNAVAILABLE".to_owned(),
        status => format!("HTTP_{status}"),
    });
    Err(Fault {
        status: i64::from(answer.status),
        word,
        wait,
    })
}

/// Apple's word for an error, wherever it stands in the body: alone, in quotes, or in JSON.
fn word_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body.get(..2_048).unwrap_or(body)).ok()?;
    let is_of_word = |c: char| c.is_ascii_uppercase() || c == '_';
    text.split(|c| !is_of_word(c))
        .find(|word| (5..=64).contains(&word.len()) && !word.starts_with('_'))
        .map(str::to_owned)
}

/// When to try again after a fault: as Apple says, or later each time.
pub(super) fn next_try(fault: &Fault, failures: i64, now: Timestamp) -> Timestamp {
    let wait = match (fault.wait, fault.word.as_str()) {
        (Some(seconds), _) => seconds.saturating_mul(Timestamp::SECOND),
        // Somebody has to do something first; they can have it tried again at once.
        (None, "T_C_NOT_SIGNED" | "ACCESS_DENIED") => Timestamp::HOUR,
        (None, "tokenExpired" | "noToken") => Timestamp::DAY,
        (None, _) => {
            let doublings = u32::try_from(failures.clamp(0, 10)).unwrap_or_default();
            (Timestamp::MINUTE << doublings).min(6 * Timestamp::HOUR)
        }
    };
    now.plus(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str, header: Option<(&str, &str)>) -> ServiceAnswer {
        let headers = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
        ServiceAnswer {
            status,
            headers: headers.into_iter().collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_fault_has_apples_word_and_pause() {
        for body in [
            "EXPIRED_CURSOR",
            "\"EXPIRED_CURSOR\"\n",
            "{\"code\": \"EXPIRED_CURSOR\"}",
        ] {
            let fault = good(&answer(400, body, None)).unwrap_err();
            assert_eq!((fault.status, fault.word.as_str()), (400, "EXPIRED_CURSOR"));
        }
        let fault = good(&answer(429, "", Some(("retry-after", "90")))).unwrap_err();
        assert_eq!(
            (fault.word.as_str(), fault.wait),
            ("TOO_MANY_REQUESTS", Some(90))
        );
        let fault = good(&answer(503, "<html>", Some(("retry-after", "99999999")))).unwrap_err();
        assert_eq!(fault.wait, Some(LONGEST_PAUSE));
        assert_eq!(good(&answer(200, "", None)).unwrap(), json!({}));
        assert_eq!(
            good(&answer(200, "{", None)).unwrap_err().word,
            "unreadableAnswer"
        );
    }

    #[test]
    fn another_session_is_tried_only_where_it_may_help() {
        let of = |status, word: &str| Fault {
            status,
            word: word.to_owned(),
            wait: None,
        };
        assert!(of(401, "UNAUTHORIZED").is_of_session());
        assert!(of(403, "FORBIDDEN").is_of_session());
        assert!(!of(403, "T_C_NOT_SIGNED").is_of_session());
        assert!(!of(403, "ACCESS_DENIED").is_of_session());
        assert!(!of(503, "SERVICE_UNAVAILABLE").is_of_session());
    }

    #[test]
    fn tries_become_rarer() {
        let fault = Fault::of_ours("unreachable");
        let now = Timestamp(0);
        let waits: Vec<i64> = [0, 1, 2, 9, 1_000]
            .map(|failures| next_try(&fault, failures, now).since(now) / Timestamp::MINUTE)
            .to_vec();
        assert_eq!(waits, [1, 2, 4, 360, 360]);
    }
}
