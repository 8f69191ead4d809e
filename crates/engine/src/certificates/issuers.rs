//! Authorities of others that this server asks by SCEP: adding, listing, removing.

use mandate_model::Timestamp;
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::oid;
use mandate_pki::scep::client::{Capabilities, ServerCertificates, read_ca_certificates};
use mandate_store::{ExternalIssuerRecord, Session, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::gateway::IssuerRequest;
use crate::audit::Change;
use crate::instance::{from_hex, hex, serial};
use crate::{Action, Actor, Engine, EngineError};

const NAME_LENGTH: usize = 64;
/// What the audit calls authorities of others.
const KIND: &str = "certificateIssuer";
const KEY_ID_LENGTH: usize = 40;
/// Our registration authority is known to the other side by its certificate, so that it lasts.
const REGISTRATION_VALID_FOR: i64 = 10 * 365 * Timestamp::DAY;

/// An authority of others to be asked.
#[derive(Clone)]
pub struct NewIssuer {
    /// The name that PKCS profiles give as their certification authority.
    pub name: String,
    /// Its SCEP address, which SCEP profiles give.
    pub url: String,
    /// The challenge that it wants, if any.
    pub challenge: Option<Zeroizing<String>>,
    /// Whether it may be spoken with by single DES and SHA-1.
    pub legacy_des: bool,
    /// Where it takes revocations.
    pub revocation_url: Option<String>,
    /// What proves to that address who asks.
    pub revocation_token: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for NewIssuer {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewIssuer")
            .field("name", &self.name)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What the audit says of one: neither challenge nor token.
fn properties(record: &ExternalIssuerRecord) -> Result<Value, EngineError> {
    let settings: IssuerSettings = serde_json::from_str(&record.settings)
        .map_err(|error| EngineError::Internal(format!("table `external_issuer`: {error}")))?;
    Ok(json!({
        "name": record.name,
        "url": record.url,
        "legacyDes": settings.legacy_des,
        "revocationUrl": settings.revocation_url,
        "authoritySha256": hex(&mandate_pki::sha256(&record.certificate)),
    }))
}

/// What an authority of others says of itself.
#[derive(Debug, Clone)]
pub struct IssuerServer {
    pub(super) capabilities: Capabilities,
    /// Its certificates.
    pub(super) certificates: ServerCertificates,
}

impl IssuerServer {
    /// SHA-256 of the certificate of the authority, lower-case hexadecimal, to be compared with what its people say.
    pub fn fingerprint(&self) -> String {
        hex(&self.certificates.authority.sha256())
    }

    /// Subject of the authority as RFC 4514 text.
    pub fn subject(&self) -> String {
        self.certificates.authority.subject()
    }

    /// Until when the authority is valid.
    pub fn not_after(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.certificates.authority.not_after())
    }
}

/// An authority of others that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuerView {
    /// Its name.
    pub name: String,
    /// Its SCEP address.
    pub url: String,
    /// Subject of the authority that was pinned.
    pub subject: String,
    /// SHA-256 of its certificate, lower-case hexadecimal.
    pub fingerprint: String,
    /// Until when it is valid, RFC 3339.
    pub not_after: String,
    /// Whether it may be spoken with by single DES and SHA-1.
    pub legacy_des: bool,
    /// Whether it is sent a challenge.
    pub has_challenge: bool,
    /// Where it takes revocations.
    pub revocation_url: Option<String>,
    /// The certificate of our registration authority, PEM, for its people.
    pub registration: String,
}

/// How to speak with an issuer; stored as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssuerSettings {
    pub(super) legacy_des: bool,
    pub(super) revocation_url: Option<String>,
    /// The certificate of our registration authority, PEM.
    pub(super) registration: String,
}

impl Engine {
    /// Asks an address what authority is there, before it is added.
    pub async fn inspect_issuer(
        &self,
        actor: &Actor,
        url: &str,
    ) -> Result<IssuerServer, EngineError> {
        actor.require(Action::AuthoritiesRead)?;
        check_url("url", url)?;
        self.ask_issuer_server(url)
            .await
            .map_err(|reason| EngineError::IssuerUnavailable {
                issuer: url.to_owned(),
                reason,
            })
    }

    /// Adds an authority of others. Its certificate must be there now, and be the one of this SHA-256 fingerprint
    /// (hexadecimal, colons allowed): it is pinned.
    pub async fn add_issuer(
        &self,
        actor: &Actor,
        new: NewIssuer,
        fingerprint: &str,
    ) -> Result<IssuerView, EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        new.check()?;
        let server = self.inspect_issuer(actor, &new.url).await?;
        let expected = from_hex(&fingerprint.replace([':', ' '], "")).unwrap_or_default();
        if expected != server.certificates.authority.sha256() {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "the authority at `{}` has the fingerprint {}, not the one given",
                    new.url,
                    server.fingerprint()
                ),
            });
        }
        let now = self.now();
        let key = PrivateKey::generate(KeyKind::Rsa2048)?;
        let settings = IssuerSettings {
            legacy_des: new.legacy_des,
            revocation_url: new.revocation_url.clone(),
            registration: self.registration_certificate(&new.name, &key)?.to_pem(),
        };
        let record = ExternalIssuerRecord {
            name: new.name.clone(),
            url: new.url.clone(),
            settings: serde_json::to_string(&settings)
                .map_err(|error| EngineError::Internal(error.to_string()))?,
            certificate: server.certificates.authority.der().to_vec(),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        session
            .insert_external_issuer(&record)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate => EngineError::AlreadyExists {
                    what: "issuer",
                    property: "name",
                    value: new.name.clone(),
                },
                other => other.into(),
            })?;
        self.keep_secret(
            &mut session,
            &secret_name(&new.name, "key"),
            &key.to_pkcs8(),
        )
        .await?;
        let texts = [
            ("challenge", &new.challenge),
            ("token", &new.revocation_token),
        ];
        for (what, text) in texts {
            if let Some(text) = text {
                let name = secret_name(&new.name, what);
                self.keep_secret(&mut session, &name, text.as_bytes())
                    .await?;
            }
        }
        session.raise_intent().await?;
        let mut after = properties(&record)?;
        after["fingerprint"] = json!(server.fingerprint());
        let change = Change::create(KIND, &new.name, &new.name, after);
        self.audit(&mut session, actor, change).await?;
        let view = view(&mut session, record).await?;
        session.commit().await?;
        Ok(view)
    }

    /// All authorities of others that are asked, by name.
    pub async fn list_issuers(&self, actor: &Actor) -> Result<Vec<IssuerView>, EngineError> {
        actor.require(Action::AuthoritiesRead)?;
        let mut session = self.store().read().await?;
        let mut views = Vec::new();
        for record in session.list_external_issuers().await? {
            views.push(view(&mut session, record).await?);
        }
        Ok(views)
    }

    /// Removes an authority of others. Certificates that it issued stay on record.
    pub async fn remove_issuer(&self, actor: &Actor, name: &str) -> Result<(), EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let mut session = self.store().write().await?;
        let all = session.list_external_issuers().await?;
        let before = all.into_iter().find(|record| record.name == name);
        let before = before.ok_or_else(|| EngineError::not_found("issuer", name))?;
        if !session.delete_external_issuer(name).await? {
            return Err(EngineError::not_found("issuer", name));
        }
        for what in ["key", "challenge", "token"] {
            session.delete_secret(&secret_name(name, what)).await?;
        }
        session.raise_intent().await?;
        let change = Change::delete(KIND, name, name, properties(&before)?);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.forget_issuer_server(name);
        Ok(())
    }

    pub(super) async fn issuer_secret(
        &self,
        session: &mut Session,
        issuer: &str,
        what: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        self.kept_secret(session, &secret_name(issuer, what)).await
    }

    fn registration_certificate(
        &self,
        issuer: &str,
        key: &PrivateKey,
    ) -> Result<Certificate, EngineError> {
        let company = self.tenant().company.clone();
        let common_name = format!("mandate registration authority for {issuer}");
        let subject = DistinguishedName::new([
            (oid::ORGANISATION, company),
            (oid::COMMON_NAME, common_name.chars().take(64).collect()),
        ]);
        let now = self.now();
        let mut request =
            CertificateRequest::new(key.public_key_info(), subject, serial(self.chance()));
        request.key_usages = KeyUsages::DIGITAL_SIGNATURE.union(KeyUsages::KEY_ENCIPHERMENT);
        request.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
        request.not_after = now.plus(REGISTRATION_VALID_FOR).unix_seconds();
        Ok(request.self_sign(key)?)
    }

    /// What the server at an address says of itself, in plain words if it says nothing useful.
    pub(super) async fn ask_issuer_server(&self, url: &str) -> Result<IssuerServer, String> {
        let ask = |operation: &str| {
            self.issuer_gateway().ask(IssuerRequest {
                url: operation_url(url, operation),
                body: None,
                bearer: None,
            })
        };
        let capabilities = ask("GetCACaps").await?;
        // Servers without this operation answer anything; they can do nothing then.
        let text = match capabilities.status {
            200 => String::from_utf8_lossy(&capabilities.body).into_owned(),
            _ => String::new(),
        };
        let capabilities = Capabilities::parse(&text);
        if !capabilities.takes_post() {
            return Err(
                "it is no SCEP server that takes requests by POST (GetCACaps says nothing of it)"
                    .to_owned(),
            );
        }
        let certificates = ask("GetCACert").await?;
        if certificates.status != 200 {
            return Err(format!(
                "GetCACert was answered with HTTP status {}",
                certificates.status
            ));
        }
        let certificates = read_ca_certificates(&certificates.body, &certificates.content_type)
            .map_err(|error| format!("GetCACert: {error}"))?;
        Ok(IssuerServer {
            capabilities,
            certificates,
        })
    }
}

impl NewIssuer {
    fn check(&self) -> Result<(), EngineError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_ .".contains(c);
        if self.name.is_empty()
            || self.name.len() > NAME_LENGTH
            || self.name.trim() != self.name
            || !self.name.chars().all(is_plain)
        {
            let rule = "must have 1 to 64 letters, digits, spaces and `-_.`";
            return Err(EngineError::invalid("name", rule, Some(&self.name)));
        }
        // Certificates are kept under the name of their issuer, and ours under their key id.
        if self.name.len() == KEY_ID_LENGTH && self.name.chars().all(|c| c.is_ascii_hexdigit()) {
            let rule = "must not look like the key id of an authority";
            return Err(EngineError::invalid("name", rule, Some(&self.name)));
        }
        check_url("url", &self.url)?;
        match &self.revocation_url {
            Some(url) => check_url("revocationUrl", url),
            None => Ok(()),
        }
    }
}

fn check_url(property: &str, url: &str) -> Result<(), EngineError> {
    let has_host = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| url.strip_prefix(scheme))
        .any(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let is_clean = !url.contains([' ', '#', '?', '@']) && url.is_ascii();
    if has_host && is_clean {
        return Ok(());
    }
    let rule = "must be an address such as `http://ca.example.com/scep`, without `?` and `#`";
    Err(EngineError::invalid(property, rule, Some(url)))
}

pub(super) fn operation_url(url: &str, operation: &str) -> String {
    format!("{url}?operation={operation}")
}

/// What the database calls a secret of an issuer.
fn secret_name(issuer: &str, what: &str) -> String {
    format!("issuer/{issuer}/{what}")
}

async fn view(
    session: &mut Session,
    record: ExternalIssuerRecord,
) -> Result<IssuerView, EngineError> {
    let settings = read_settings(&record)?;
    let certificate = Certificate::from_der(&record.certificate)?;
    let challenge = session
        .find_secret(&secret_name(&record.name, "challenge"))
        .await?;
    Ok(IssuerView {
        subject: certificate.subject(),
        fingerprint: hex(&certificate.sha256()),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()).to_string(),
        legacy_des: settings.legacy_des,
        has_challenge: challenge.is_some(),
        revocation_url: settings.revocation_url,
        registration: settings.registration,
        name: record.name,
        url: record.url,
    })
}

pub(super) fn read_settings(record: &ExternalIssuerRecord) -> Result<IssuerSettings, EngineError> {
    serde_json::from_str(&record.settings).map_err(|error| {
        EngineError::Internal(format!("external issuer `{}`: {error}", record.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_no_key_id() {
        let named = |name: &str| NewIssuer {
            name: name.to_owned(),
            url: "http://ca/scep".to_owned(),
            challenge: None,
            legacy_des: false,
            revocation_url: None,
            revocation_token: None,
        };
        let (key_id, longest) = ("0a".repeat(20), "g".repeat(64));
        assert!(named("Fabrikam CA-2").check().is_ok() && named(&longest).check().is_ok());
        let too_long = "g".repeat(65);
        for wrong in ["", " x", "a/b", "ä", key_id.as_str(), too_long.as_str()] {
            assert!(named(wrong).check().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_has_a_host_and_nothing_hidden() {
        for good in [
            "http://ca/scep",
            "https://ca.example.com:8443/certsrv/mscep/mscep.dll",
        ] {
            assert!(check_url("url", good).is_ok(), "{good}");
        }
        for bad in [
            "ca/scep",
            "ftp://ca/scep",
            "http:///scep",
            "http://",
            "http://user@ca/scep",
            "http://ca/scep?x=1",
        ] {
            assert!(check_url("url", bad).is_err(), "{bad}");
        }
    }
}
