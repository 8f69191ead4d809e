//! Asking an authority of others for certificates, as its registration authority (RFC 8894 §2.3).

use std::sync::Arc;

use mandate_model::{CertificateSpec, Timestamp};
use mandate_pki::Oid;
use mandate_pki::certificate::{Certificate, SubjectAltName, Validity};
use mandate_pki::csr::{self, CertificateSigningRequest, RequestedAttributes};
use mandate_pki::keys::PrivateKey;
use mandate_pki::name::DistinguishedName;
use mandate_pki::scep::client::{Exchange, Identity, Outcome};
use mandate_pki::scep::{FailInfo, MessageType, Policy};
use mandate_store::Session;
use zeroize::Zeroizing;

use super::gateway::IssuerRequest;
use super::issuers::{IssuerServer, IssuerSettings, operation_url, read_settings};
use super::{issue, scep_words};
use crate::instance::hex;
use crate::{Engine, EngineError};

/// What an authority says of itself is asked again after this long.
const SERVER_FRESH_FOR: i64 = Timestamp::HOUR;
/// Pauses before an authority that has not decided is asked again, in seconds. Devices wait meanwhile.
const PATIENCE: [u32; 4] = [1, 2, 4, 8];
/// The clock of an authority may run before ours by as much.
const CLOCKS_DIFFER: i64 = 10 * Timestamp::MINUTE;
/// `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12).
const ANY_PURPOSE: Oid = Oid::new_unwrap("2.5.29.37.0");
const MESSAGE: &str = "application/x-pki-message";

/// An issuer with all that is needed to ask it.
struct Issuer {
    name: String,
    url: String,
    settings: IssuerSettings,
    authority: Certificate,
    key: PrivateKey,
    registration: Certificate,
}

/// Why an issuer gave no certificate for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declined {
    pub(super) fail_info: FailInfo,
    pub(super) reason: String,
}

impl Engine {
    /// A certificate of an external issuer for a key of this server's own.
    pub(crate) async fn obtain_from(
        &self,
        issuer: &str,
        spec: &CertificateSpec,
        key: &PrivateKey,
    ) -> Result<Certificate, EngineError> {
        let mut session = self.store().read().await?;
        let challenge = self
            .issuer_secret(&mut session, issuer, "challenge")
            .await?
            .map(|secret| text(&secret))
            .transpose()?;
        drop(session);
        let requested = RequestedAttributes {
            challenge_password: challenge.as_ref().map(|challenge| challenge.to_string()),
            subject_alt_names: issue::subject_alt_names(spec),
            key_usages: issue::key_usages(spec),
            extended_key_usages: issue::extended_key_usages(spec)?,
        };
        let csr = csr::build(key, &issue::subject(spec)?, &requested)?;
        match self.forward_to(issuer, spec, &csr).await? {
            Ok(certificate) => Ok(certificate),
            Err(declined) => Err(EngineError::NotPossible {
                reason: format!("the issuer `{issuer}` refused: {}", declined.reason),
            }),
        }
    }

    /// Passes a request on that was found good here, and takes the certificate if it is what was asked for.
    pub(super) async fn forward_to(
        &self,
        issuer: &str,
        spec: &CertificateSpec,
        csr: &CertificateSigningRequest,
    ) -> Result<Result<Certificate, Declined>, EngineError> {
        let mut session = self.store().read().await?;
        let issuer = self.open_issuer(&mut session, issuer).await?;
        drop(session);
        let unavailable = |reason: String| {
            tracing::warn!(
                "the issuer `{}` gives no certificate now: {reason}",
                issuer.name
            );
            EngineError::IssuerUnavailable {
                issuer: issuer.name.clone(),
                reason,
            }
        };
        let server = self.issuer_server(&issuer).await.map_err(unavailable)?;
        let outcome = match self.transact(&issuer, &server, csr).await {
            Ok(outcome) => outcome,
            Err(reason) => {
                self.forget_issuer_server(&issuer.name);
                return Err(unavailable(reason));
            }
        };
        match outcome {
            Outcome::Pending => Err(unavailable("it has not decided yet".to_owned())),
            Outcome::Refused { fail_info, text } => {
                let words = scep_words(fail_info);
                let reason =
                    text.map_or_else(|| words.to_owned(), |text| format!("{words}: {text}"));
                tracing::warn!("the issuer `{}` refused a request: {reason}", issuer.name);
                Ok(Err(Declined { fail_info, reason }))
            }
            Outcome::Issued(certificates) => {
                let found = certificates
                    .iter()
                    .find(|one| one.public_key_info() == csr.public_key_info());
                match fits(found, spec, &issuer.authority, self.now())? {
                    Ok(certificate) => Ok(Ok(certificate.clone())),
                    Err(reason) => {
                        tracing::error!(
                            "the issuer `{}` gave a certificate that was not asked for: {reason}",
                            issuer.name
                        );
                        Ok(Err(Declined {
                            fail_info: FailInfo::BadRequest,
                            reason,
                        }))
                    }
                }
            }
        }
    }

    async fn open_issuer(&self, session: &mut Session, name: &str) -> Result<Issuer, EngineError> {
        let record = session.find_external_issuer(name).await?.ok_or_else(|| {
            EngineError::IssuerUnavailable {
                issuer: name.to_owned(),
                reason: "it was removed".to_owned(),
            }
        })?;
        let key = self
            .issuer_secret(session, name, "key")
            .await?
            .ok_or_else(|| {
                EngineError::Internal(format!("the issuer `{name}` has no registration key"))
            })?;
        let settings = read_settings(&record)?;
        Ok(Issuer {
            registration: Certificate::from_pem(&settings.registration)?,
            key: PrivateKey::from_pkcs8(&key)?,
            authority: Certificate::from_der(&record.certificate)?,
            settings,
            name: record.name,
            url: record.url,
        })
    }

    /// What the issuer says of itself. Its authority must be the one that was pinned.
    async fn issuer_server(&self, issuer: &Issuer) -> Result<Arc<IssuerServer>, String> {
        let now = self.now();
        let known = self
            .cache()
            .issuers
            .lock()
            .expect("nobody panics while holding it")
            .get(&issuer.name)
            .filter(|(at, _)| (0..SERVER_FRESH_FOR).contains(&now.since(*at)))
            .map(|(_, server)| server.clone());
        let server = match known {
            Some(server) => server,
            None => Arc::new(self.ask_issuer_server(&issuer.url).await?),
        };
        if server.certificates.authority != issuer.authority {
            return Err(format!(
                "it shows another authority than was pinned ({}): remove it and add it again if that is right",
                server.fingerprint()
            ));
        }
        self.cache()
            .issuers
            .lock()
            .expect("nobody panics while holding it")
            .insert(issuer.name.clone(), (now, server.clone()));
        Ok(server)
    }

    pub(super) fn forget_issuer_server(&self, name: &str) {
        self.cache()
            .issuers
            .lock()
            .expect("nobody panics while holding it")
            .remove(name);
    }

    async fn transact(
        &self,
        issuer: &Issuer,
        server: &IssuerServer,
        csr: &CertificateSigningRequest,
    ) -> Result<Outcome, String> {
        let plain = |error: mandate_pki::Error| match error {
            mandate_pki::Error::Forbidden(_) => {
                format!("{error}; add it again with `--legacy-des` if it knows nothing better")
            }
            other => other.to_string(),
        };
        let policy = Policy {
            allow_single_des: issuer.settings.legacy_des,
            allow_sha1: issuer.settings.legacy_des,
        };
        let mut exchange = Exchange {
            // A request that is repeated for the same key is known again.
            transaction_id: hex(&mandate_pki::sha256(csr.public_key_info())),
            sender_nonce: self.nonce(),
            signer: Identity {
                certificate: &issuer.registration,
                key: &issuer.key,
            },
            server: &server.certificates,
            algorithms: server.capabilities.algorithms(policy).map_err(plain)?,
            policy,
        };
        let mut message = exchange.request(MessageType::PkcsReq, csr).map_err(plain)?;
        let mut pauses = PATIENCE.iter();
        loop {
            let answer = self.post(&issuer.url, message).await?;
            let outcome = exchange.read_response(&answer).map_err(plain)?;
            let Some(seconds) = pauses.next().filter(|_| outcome == Outcome::Pending) else {
                return Ok(outcome);
            };
            self.issuer_gateway().pause(*seconds).await;
            exchange.sender_nonce = self.nonce();
            message = exchange.poll(csr.subject_der()).map_err(plain)?;
        }
    }

    fn nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        self.chance().fill(&mut nonce);
        nonce
    }

    async fn post(&self, url: &str, message: Vec<u8>) -> Result<Vec<u8>, String> {
        let request = IssuerRequest {
            url: operation_url(url, "PKIOperation"),
            body: Some((MESSAGE, message)),
            bearer: None,
        };
        let answer = self.issuer_gateway().ask(request).await?;
        if answer.status != 200 {
            return Err(format!(
                "the request was answered with HTTP status {}",
                answer.status
            ));
        }
        Ok(answer.body)
    }
}

/// Whether an issued certificate is what was asked for: the key, the names, the purposes, the issuer that was pinned, and the
/// present.
fn fits<'a>(
    found: Option<&'a Certificate>,
    spec: &CertificateSpec,
    authority: &Certificate,
    now: Timestamp,
) -> Result<Result<&'a Certificate, String>, EngineError> {
    let Some(certificate) = found else {
        return Ok(Err("none of the certificates is for the key".to_owned()));
    };
    let subject = issue::subject(spec)?;
    let has_subject = certificate
        .subject_name()
        .is_ok_and(|name| in_any_order(&name).matches(&in_any_order(&subject)));
    if !has_subject {
        return Ok(Err(format!(
            "its subject is `{}`, but `{subject}` was asked for",
            certificate.subject()
        )));
    }
    if certificate.verify_signed_by(authority).is_err() {
        return Ok(Err(
            "it was not issued by the authority that was pinned".to_owned()
        ));
    }
    let has_expired = certificate.validity_at(now.unix_seconds()) == Validity::Expired;
    let soon = now.plus(CLOCKS_DIFFER).unix_seconds();
    if has_expired || certificate.validity_at(soon) == Validity::NotYet {
        return Ok(Err("it is not valid now".to_owned()));
    }
    if certificate.is_ca() {
        return Ok(Err("it is the certificate of an authority".to_owned()));
    }
    Ok(says_enough(certificate, spec)?.map(|()| certificate))
}

/// Whether a certificate has each name and each purpose that was asked for. Key usages are not compared: authorities of others
/// have their own idea of them.
fn says_enough(
    certificate: &Certificate,
    spec: &CertificateSpec,
) -> Result<Result<(), String>, EngineError> {
    let names = certificate.subject_alt_names();
    let asked = issue::subject_alt_names(spec);
    if let Some(missing) = asked
        .iter()
        .find(|name| !names.iter().any(|one| same(one, name)))
    {
        return Ok(Err(format!(
            "it lacks the alternative name {}",
            plain(missing)
        )));
    }
    let usages = certificate.extended_key_usages();
    if usages.iter().any(issue::is_reserved) {
        return Ok(Err("it is one that answers for an authority".to_owned()));
    }
    // A certificate without any is good for everything (RFC 5280 §4.2.1.12).
    let is_limited = !usages.is_empty() && !usages.contains(&ANY_PURPOSE);
    if is_limited && !spec.extended_key_usages.is_empty() {
        let asked = issue::extended_key_usages(spec)?;
        if let Some(missing) = asked.iter().find(|usage| !usages.contains(usage)) {
            return Ok(Err(format!("it lacks the extended key usage {missing}")));
        }
    }
    Ok(Ok(()))
}

fn plain(name: &SubjectAltName) -> String {
    match name {
        SubjectAltName::Email(value)
        | SubjectAltName::Upn(value)
        | SubjectAltName::Dns(value)
        | SubjectAltName::Uri(value) => format!("`{value}`"),
        SubjectAltName::Ip(address) => format!("`{address}`"),
    }
}

/// Names are compared as those who look for them do: in any case.
fn same(one: &SubjectAltName, other: &SubjectAltName) -> bool {
    use SubjectAltName::{Dns, Email, Upn};
    match (one, other) {
        (Email(one), Email(other)) | (Upn(one), Upn(other)) | (Dns(one), Dns(other)) => {
            one.eq_ignore_ascii_case(other)
        }
        _ => one == other,
    }
}

/// A name with its attributes in an order of our own: authorities have theirs, and name the same by it.
fn in_any_order(name: &DistinguishedName) -> DistinguishedName {
    let mut attributes: Vec<(Oid, String)> = name
        .attributes()
        .map(|one| (one.oid, one.value.clone()))
        .collect();
    attributes.sort_by_cached_key(|(oid, value)| (oid.to_string(), value.to_lowercase()));
    DistinguishedName::new(attributes)
}

fn text(bytes: &[u8]) -> Result<Zeroizing<String>, EngineError> {
    String::from_utf8(bytes.to_vec())
        .map(Zeroizing::new)
        .map_err(|_| EngineError::Internal("a challenge is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use mandate_model::{CertificateSource, KeySpec, SanSpec, Slot};
    use mandate_pki::authority::{
        Authority, AuthorityRequest, CertificateRequest, SerialNumber, create,
    };
    use mandate_pki::keys::KeyKind;
    use mandate_pki::oid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);
    const DAY: i64 = 86_400;

    #[test]
    fn a_subject_is_the_same_in_whatever_order_an_authority_writes_it() {
        let read = |text| in_any_order(&DistinguishedName::parse(text).unwrap());
        let asked = read("CN=Ada,OU=B,OU=A,O=Contoso");
        assert!(asked.matches(&read("O=contoso,OU=A,OU=B,CN=ada")));
        for other in [
            "CN=Ada,OU=A,O=Contoso",
            "CN=Ada,OU=B,OU=A,O=Contoso,C=FR",
            "CN=Contoso,OU=B,OU=A,O=Ada",
        ] {
            assert!(!asked.matches(&read(other)), "{other}");
        }
    }

    fn number(octet: u8) -> SerialNumber {
        SerialNumber::from_random([octet; 16])
    }

    fn authority() -> Authority {
        let serials = [number(1), number(2)];
        let mut request = AuthorityRequest::new("Fabrikam", NOW.unix_seconds(), serials);
        (request.root_kind, request.issuing_kind) = (KeyKind::P256, KeyKind::P256);
        create(&request).unwrap().authority().unwrap()
    }

    fn spec() -> CertificateSpec {
        CertificateSpec {
            slot: Slot("slot".to_owned()),
            source: CertificateSource::Pkcs,
            issuer: Some("Fabrikam".to_owned()),
            user: None,
            subject: vec![vec![("CN".to_owned(), "ada".to_owned())]],
            subject_alt_names: Vec::new(),
            key: KeySpec {
                bits: 2048,
                digital_signature: true,
                key_encipherment: false,
                non_repudiation: false,
            },
            extended_key_usages: Vec::new(),
            validity_days: 365,
            renewal_threshold_percentage: 20,
        }
    }

    /// What an authority issues to Ada after somebody changed it.
    fn issued(authority: &Authority, change: impl Fn(&mut CertificateRequest)) -> Certificate {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let name = DistinguishedName::common_name("ada");
        let mut request = CertificateRequest::new(key.public_key_info(), name, number(3));
        // Its clock runs a minute before ours.
        request.not_before = NOW.unix_seconds() + 60;
        request.not_after = NOW.unix_seconds() + DAY;
        change(&mut request);
        authority.issue(&request).unwrap()
    }

    #[test]
    fn only_what_was_asked_for_is_taken() {
        let (pinned, other) = (authority(), authority());
        let names = [
            SubjectAltName::Email("ada@contoso.com".to_owned()),
            SubjectAltName::Upn("ada".to_owned()),
        ];
        let mail = Oid::new_unwrap("1.3.6.1.5.5.7.3.4");
        let spec = CertificateSpec {
            subject_alt_names: vec![
                SanSpec::Email("Ada@contoso.com".to_owned()),
                SanSpec::UserPrincipalName("ada".to_owned()),
            ],
            extended_key_usages: vec![mail.to_string()],
            ..spec()
        };
        let issued = |authority: &Authority, change: &dyn Fn(&mut CertificateRequest)| {
            issued(authority, |one| {
                one.subject_alt_names = names.to_vec();
                one.extended_key_usages = vec![oid::CLIENT_AUTH, mail];
                change(one);
            })
        };
        let judge = |found: Option<&Certificate>| {
            fits(found, &spec, pinned.issuing(), NOW).unwrap().map(drop)
        };
        let good = issued(&pinned, &|_| {});
        assert_eq!(judge(Some(&good)), Ok(()));
        let now = NOW.unix_seconds();
        for (found, reason) in [
            (None, "for the key"),
            (
                Some(issued(&pinned, &|one| {
                    one.subject = DistinguishedName::common_name("bob");
                })),
                "its subject",
            ),
            (Some(issued(&other, &|_| {})), "pinned"),
            (
                Some(issued(&pinned, &|one| {
                    (one.not_before, one.not_after) = (now - DAY, now - 1);
                })),
                "not valid now",
            ),
            (
                Some(issued(&pinned, &|one| one.not_before = now + 3600)),
                "not valid now",
            ),
            (
                Some(issued(&pinned, &|one| one.authority_path_length = Some(0))),
                "of an authority",
            ),
            (
                Some(issued(&pinned, &|one| drop(one.subject_alt_names.pop()))),
                "alternative name `ada`",
            ),
            (
                Some(issued(&pinned, &|one| {
                    drop(one.subject_alt_names.remove(0));
                })),
                "alternative name `Ada@contoso.com`",
            ),
            (
                Some(issued(&pinned, &|one| one.extended_key_usages.truncate(1))),
                "usage 1.3.6.1.5.5.7.3.4",
            ),
            (
                Some(issued(&pinned, &|one| {
                    one.extended_key_usages.push(oid::OCSP_SIGNING);
                })),
                "answers for an authority",
            ),
        ] {
            let refused = judge(found.as_ref()).unwrap_err();
            assert!(refused.contains(reason), "{reason}: {refused}");
        }
    }
}
