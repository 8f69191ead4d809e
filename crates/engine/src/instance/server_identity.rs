//! The certificate with which this server speaks TLS and signs profiles.

use std::net::IpAddr;

use mandate_model::Timestamp;
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_store::CertificateRecord;

use crate::{Engine, EngineError};

/// Devices refuse TLS certificates that are valid for longer than 825 days (iOS 13).
const VALIDITY_DAYS: i64 = 397;
const RENEW_BEFORE_DAYS: i64 = 60;

/// A key with its certificate and chain.
#[derive(Debug, Clone)]
pub struct ServerIdentity {
    /// The key.
    pub key: PrivateKey,
    /// The certificate, then the issuing one.
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
            if self.still_serves(&certificate, hosts) {
                let key = PrivateKey::from_pkcs8(&self.seal().open("server.key", &sealed)?)?;
                return Ok(self.with_chain(key, certificate));
            }
        }
        self.new_server_identity(hosts).await
    }

    fn still_serves(&self, certificate: &Certificate, hosts: &[String]) -> bool {
        let lasts =
            certificate.not_after() - self.now().unix_seconds() > RENEW_BEFORE_DAYS * 86_400;
        let mut names = certificate.subject_alt_names();
        let mut wanted = alternative_names(hosts);
        let by_text =
            |a: &SubjectAltName, b: &SubjectAltName| format!("{a:?}").cmp(&format!("{b:?}"));
        names.sort_by(by_text);
        wanted.sort_by(by_text);
        lasts
            && names == wanted
            && certificate
                .verify_signed_by(self.authority().issuing())
                .is_ok()
    }

    async fn new_server_identity(&self, hosts: &[String]) -> Result<ServerIdentity, EngineError> {
        let now = self.now();
        let key = PrivateKey::generate(KeyKind::Rsa2048)?;
        let serial = SerialNumber::generate(&mut |buffer: &mut [u8]| self.chance().fill(buffer));
        let name = hosts.first().map_or("mandate", String::as_str);
        let mut request = CertificateRequest::new(
            key.public_key_info(),
            DistinguishedName::common_name(name),
            serial,
        );
        request.subject_alt_names = alternative_names(hosts);
        request.key_usages = KeyUsages::DIGITAL_SIGNATURE.union(KeyUsages::KEY_ENCIPHERMENT);
        request.extended_key_usages = vec![mandate_pki::oid::SERVER_AUTH];
        request.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
        request.not_after = now.plus(VALIDITY_DAYS * Timestamp::DAY).unix_seconds();
        let certificate = self.authority().issue(&request)?;
        let mut session = self.store().write().await?;
        let sealed = self.seal().seal("server.key", &key.to_pkcs8())?;
        session.set_secret("server.key", &sealed, now).await?;
        session
            .set_setting("server.certificate", &certificate.to_pem())
            .await?;
        session
            .insert_certificate(&server_record(&certificate, self.issuer_id(), now))
            .await?;
        session.commit().await?;
        Ok(self.with_chain(key, certificate))
    }

    fn with_chain(&self, key: PrivateKey, certificate: Certificate) -> ServerIdentity {
        ServerIdentity {
            key,
            chain: vec![certificate, self.authority().issuing().clone()],
        }
    }
}

fn alternative_names(hosts: &[String]) -> Vec<SubjectAltName> {
    let name = |host: &String| match host.parse::<IpAddr>() {
        Ok(address) => SubjectAltName::Ip(address),
        Err(_) => SubjectAltName::Dns(host.clone()),
    };
    hosts.iter().map(name).collect()
}

fn server_record(certificate: &Certificate, issuer: String, now: Timestamp) -> CertificateRecord {
    CertificateRecord {
        sha256: certificate.sha256().to_vec(),
        serial: certificate.serial_hex(),
        issuer,
        der: certificate.der().to_vec(),
        subject: certificate.subject(),
        purpose: "server".to_owned(),
        ticket_id: None,
        device_id: None,
        user_id: None,
        profile_id: None,
        slot: None,
        not_before: Timestamp::from_unix_seconds(certificate.not_before()),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()),
        issued_at: now,
        revoked_at: None,
        revocation_reason: None,
    }
}
