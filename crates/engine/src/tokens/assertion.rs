//! Clients that prove who they are with the key of a certificate (RFC 7523 §2.2).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mandate_model::{AppId, Timestamp};
use mandate_pki::certificate::{Certificate, Validity};
use mandate_store::AppCertificateRecord;
use serde::Deserialize;

use super::jwt::{Header, Unverified};
use crate::{App, ClientRefusal, Engine, Origin};

/// Seconds by which a client's clock may differ; what they sign is short-lived.
const LEEWAY: i64 = 300;
/// Longest time for which an assertion may be good, in seconds.
const LONGEST: i64 = 3600;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    jti: Option<String>,
}

/// Seconds since 1970 (RFC 7519 §2). They may have a fraction, and those of Python's libraries do.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum NumericDate {
    Whole(i64),
    Fraction(f64),
}

impl NumericDate {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction is cut off, and what is out of range becomes the end of it"
    )]
    const fn seconds(self) -> i64 {
        match self {
            Self::Whole(seconds) => seconds,
            Self::Fraction(seconds) => seconds as i64,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn is(&self, is_ours: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(one) => is_ours(one),
            Self::Several(several) => several.iter().any(|one| is_ours(one)),
        }
    }
}

impl Engine {
    /// The client that signed an assertion. `named` is the client id of the request, if it has one; `is_ours` says whether
    /// an audience is this authority.
    ///
    /// Some libraries use one assertion for several requests within its time, so the same is taken again, but only from the
    /// network address that brought it first.
    pub async fn authenticate_by_assertion(
        &self,
        named: Option<AppId>,
        assertion: &str,
        is_ours: impl Fn(&str) -> bool,
        origin: &Origin,
    ) -> Result<App, ClientRefusal> {
        let wrong = ClientRefusal::Assertion;
        let token = Unverified::parse(assertion).ok_or(wrong(
            "it is not a JSON Web Token signed with RS256 or PS256",
        ))?;
        let claims: Claims = token
            .claims()
            .ok_or(wrong("`iss`, `sub`, `aud` or `exp` is missing"))?;
        let id: AppId = claims
            .sub
            .parse()
            .map_err(|_| wrong("`sub` is no client id"))?;
        if claims.iss.parse() != Ok(id) || named.is_some_and(|named| named != id) {
            return Err(wrong("`iss` and `sub` must both be the client id"));
        }
        if !claims.aud.is(is_ours) {
            return Err(wrong("`aud` must be the token end point"));
        }
        let now = self.now();
        let seconds = now.unix_seconds();
        let exp = claims.exp.seconds();
        if seconds >= exp.saturating_add(LEEWAY) {
            return Err(wrong("it has expired"));
        }
        if exp > seconds + LONGEST + LEEWAY {
            return Err(wrong("`exp` must be within the hour"));
        }
        if claims
            .nbf
            .is_some_and(|from| from.seconds() > seconds.saturating_add(LEEWAY))
        {
            return Err(wrong("it is not valid yet"));
        }
        let mut session = self.store().read().await?;
        let app = session.find_app(id).await?;
        let certificates = session.app_certificates(id).await?;
        drop(session);
        // An unknown client and a key of somebody else are told apart by nobody.
        let found = certificates.iter().find(|one| names(&token.header, one));
        let (Some(_), Some(found)) = (&app, found) else {
            return Err(wrong("the certificate is not registered for the client"));
        };
        let certificate = Certificate::from_der(&found.der)
            .map_err(|_| wrong("the registered certificate cannot be read"))?;
        let is_signed = certificate
            .public_key()
            .is_ok_and(|key| token.is_signed_by(&key));
        if !is_signed {
            return Err(wrong("it is not signed by the key of the certificate"));
        }
        if certificate.validity_at(seconds) != Validity::Valid {
            return Err(wrong("the certificate is not valid now"));
        }
        let until = Timestamp::from_unix_seconds(exp + LEEWAY);
        self.note_use(id, claims.jti.as_deref(), assertion, until, origin)
            .await?;
        self.find_app(id).await?.ok_or(ClientRefusal::Wrong)
    }

    async fn note_use(
        &self,
        id: AppId,
        jti: Option<&str>,
        assertion: &str,
        until: Timestamp,
        origin: &Origin,
    ) -> Result<(), ClientRefusal> {
        // A signature can be another each time; what it signs cannot.
        let signed = assertion
            .rsplit_once('.')
            .map_or(assertion, |(signed, _)| signed);
        let hash = match jti {
            Some(jti) => mandate_pki::sha256(format!("jti {jti}").as_bytes()),
            None => mandate_pki::sha256(signed.as_bytes()),
        };
        let from = origin
            .address
            .map_or_else(String::new, |address| address.to_string());
        // With a `jti` the rest must be the same as well: two tokens of one name are a replay of the name.
        let from = format!(
            "{from} {}",
            crate::instance::hex(&mandate_pki::sha256(signed.as_bytes()))
        );
        let mut session = self.store().write().await?;
        let before = session.use_assertion(id, &hash, &from, until).await?;
        session.commit().await?;
        match before {
            Some(before) if before != from => Err(ClientRefusal::Replay),
            _ => Ok(()),
        }
    }
}

/// Whether a header names this certificate. What comes along as `x5c` is only compared: a certificate that the client
/// brings itself proves nothing.
fn names(header: &Header, certificate: &AppCertificateRecord) -> bool {
    let is = |thumbprint: &str, hash: &[u8]| {
        // Some libraries keep the padding, which RFC 7515 §2 leaves out.
        URL_SAFE_NO_PAD
            .decode(thumbprint.trim_end_matches('='))
            .is_ok_and(|given| given == hash)
    };
    let mut says = Vec::new();
    if let Some(thumbprint) = &header.x5t_s256 {
        says.push(is(thumbprint, &certificate.sha256));
    }
    if let Some(thumbprint) = &header.x5t {
        says.push(is(thumbprint, &certificate.sha1));
    }
    if let Some(first) = header.x5c.as_ref().and_then(|chain| chain.first()) {
        let text: String = first.chars().filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(text);
        says.push(der.is_ok_and(|der| der == certificate.der));
    }
    if says.is_empty() {
        let hex = |hash: &[u8]| crate::instance::hex(hash);
        let kid = header.kid.as_deref().unwrap_or_default();
        says.push(
            is(kid, &certificate.sha1)
                || kid.eq_ignore_ascii_case(&hex(&certificate.sha1))
                || kid.eq_ignore_ascii_case(&hex(&certificate.sha256)),
        );
    }
    says.into_iter().all(|it| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_have_a_fraction() {
        let read = |text: &str| serde_json::from_str::<NumericDate>(text).map(NumericDate::seconds);
        assert_eq!(read("1795285220").unwrap(), 1_795_285_220);
        assert_eq!(read("1795285220.9").unwrap(), 1_795_285_220);
        assert_eq!(read("1e300").unwrap(), i64::MAX);
        assert!(read("\"1795285220\"").is_err());
    }
}
