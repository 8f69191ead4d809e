//! The certificate with which this server speaks TLS and signs profiles.

use std::net::IpAddr;
use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;

use super::{IssuingAuthority, own_record, serial};
use crate::{Engine, EngineError};

/// Devices refuse TLS certificates that are valid for longer than 825 days (iOS 13).
const VALIDITY_DAYS: i64 = 397;
const RENEW_BEFORE_DAYS: i64 = 60;

/// A key with its certificate and chain.
#[derive(Debug, Clone)]
pub struct ServerIdentity {
    /// The key.
    pub key: PrivateKey,
    /// The certificate, then those above it, the root left out.
    pub chain: Vec<Certificate>,
}

impl Engine {
    /// The server's certificate for these host names; a new one is made when the names change or it nears its end.
    pub async fn server_identity(&self, hosts: &[String]) -> Result<ServerIdentity, EngineError> {
        let mut session = self.store().read().await?;
        let found = (
            session.find_secret("server.key").await?,
            session.find_setting("server.certificate").await?,
        );
        drop(session);
        if let (Some(sealed), Some(pem)) = found {
            let certificate = Certificate::from_pem(&pem)?;
            if let Some(issuer) = self.still_serves(&certificate, hosts) {
                let key = PrivateKey::from_pkcs8(&self.seal().open("server.key", &sealed)?)?;
                return Ok(with_chain(key, certificate, &issuer));
            }
        }
        self.new_server_identity(hosts).await
    }

    /// The authority under which a certificate still serves. It need not be the newest: what was issued before a rollover
    /// is shown with its own chain until its time comes.
    fn still_serves(
        &self,
        certificate: &Certificate,
        hosts: &[String],
    ) -> Option<Arc<IssuingAuthority>> {
        let authorities = self.authorities();
        let issuer = authorities
            .issuer_of(certificate)
            .filter(|issuer| issuer.authority.root() == authorities.root())?;
        let now = self.now();
        let lasts = certificate.not_after() - now.unix_seconds() > RENEW_BEFORE_DAYS * 86_400;
        // Near the end of an authority there is nothing longer to be had.
        let is_longest = certificate.not_after() >= not_after(authorities.for_server(), now);
        let mut names = certificate.subject_alt_names();
        let mut wanted = alternative_names(hosts);
        let by_text =
            |a: &SubjectAltName, b: &SubjectAltName| format!("{a:?}").cmp(&format!("{b:?}"));
        names.sort_by(by_text);
        wanted.sort_by(by_text);
        ((lasts || is_longest) && names == wanted).then(|| issuer.clone())
    }

    async fn new_server_identity(&self, hosts: &[String]) -> Result<ServerIdentity, EngineError> {
        let now = self.now();
        let key = PrivateKey::generate(KeyKind::Rsa2048)?;
        let issuer = self.authorities().for_server().clone();
        let name = hosts.first().map_or("mandate", String::as_str);
        let mut request = CertificateRequest::new(
            key.public_key_info(),
            DistinguishedName::common_name(name),
            serial(self.chance()),
        );
        request.subject_alt_names = alternative_names(hosts);
        request.key_usages = KeyUsages::DIGITAL_SIGNATURE.union(KeyUsages::KEY_ENCIPHERMENT);
        request.extended_key_usages = vec![mandate_pki::oid::SERVER_AUTH];
        request.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
        request.not_after = not_after(&issuer, now);
        let certificate = issuer.authority.issue(&request)?;
        let mut session = self.store().write().await?;
        let sealed = self.seal().seal("server.key", &key.to_pkcs8())?;
        session.set_secret("server.key", &sealed, now).await?;
        session
            .set_setting("server.certificate", &certificate.to_pem())
            .await?;
        session
            .insert_certificate(&own_record(
                &certificate,
                issuer.key_id.clone(),
                "server",
                now,
            ))
            .await?;
        session.commit().await?;
        Ok(with_chain(key, certificate, &issuer))
    }
}

fn not_after(issuer: &IssuingAuthority, now: Timestamp) -> i64 {
    let until = now.plus(VALIDITY_DAYS * Timestamp::DAY).unix_seconds();
    until.min(issuer.authority.issuing().not_after())
}

/// With the certificates above it but for the root, which who verifies has.
fn with_chain(
    key: PrivateKey,
    certificate: Certificate,
    issuer: &IssuingAuthority,
) -> ServerIdentity {
    let authority = &issuer.authority;
    let above = authority.chain();
    let mut chain = vec![certificate];
    chain.extend(above.into_iter().filter(|one| one != authority.root()));
    ServerIdentity { key, chain }
}

fn alternative_names(hosts: &[String]) -> Vec<SubjectAltName> {
    let name = |host: &String| match host.parse::<IpAddr>() {
        Ok(address) => SubjectAltName::Ip(address),
        Err(_) => SubjectAltName::Dns(host.clone()),
    };
    hosts.iter().map(name).collect()
}
