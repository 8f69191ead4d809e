//! Plays Apple: the root of the stand-in's own certificate and of push certificates.

use crate::asn1::oid;
use crate::certificates::{Certificate, Extension, Issuer, Name, SigningRequest, Template};
use crate::chance::Chance;
use crate::keys::{Digest, KeyError, KeyPool};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use thiserror::Error;

const YEAR_SECONDS: i64 = 365 * 86_400;
const SERVER_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";

/// The stand-in cannot start or cannot issue.
#[derive(Debug, Error)]
pub enum PushAuthorityError {
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Not a signing request with a valid RSA signature.
    #[error("cannot read the signing request: {0}")]
    Request(#[from] crate::asn1::Asn1Error),
    /// An address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// TLS refuses its configuration.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// Issues push certificates.
#[derive(Debug, Clone)]
pub struct PushAuthority {
    issuer: Issuer,
    root: Certificate,
}

impl PushAuthority {
    /// A fresh authority whose root is valid for ten years from the day before `now`.
    pub fn new(keys: &KeyPool, now: i64) -> Result<Self, PushAuthorityError> {
        let name = Name::common("Stand-in Application Integration CA")
            .with(oid::ORGANIZATION, "Stand-in Apple Inc.");
        let issuer =
            Issuer::authority(keys.key(0), &name, (now - 86_400, now + 10 * YEAR_SECONDS))?;
        let root = issuer.certificate.clone().ok_or(KeyError::Operation)?;
        Ok(Self { issuer, root })
    }

    /// PEM of the root.
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// A push certificate for a request (PEM or DER), as PEM.
    ///
    /// Its topic is `com.apple.mgmt.External.<uuid>`; the same `uuid` renews, another one changes the topic.
    pub fn push_certificate(
        &self,
        request: &[u8],
        uuid: &str,
        validity: (i64, i64),
    ) -> Result<String, PushAuthorityError> {
        let request = SigningRequest::from_der_or_pem(request)?;
        let subject = Name::default()
            .with(oid::USER_ID, &format!("com.apple.mgmt.External.{uuid}"))
            .with(oid::COMMON_NAME, &format!("APSP:{uuid}"))
            .with("C", "US");
        let mut chance = Chance::new(
            validity.0.unsigned_abs() ^ u64::from(uuid.bytes().map(u32::from).sum::<u32>()),
        );
        let template = Template {
            subject: subject.der(),
            public: request.public,
            serial: serial(&mut chance),
            validity,
            extensions: vec![
                Extension::KeyUsage(0x80),
                Extension::ExtendedKeyUsage(vec![CLIENT_AUTHENTICATION]),
            ],
        };
        Ok(self.issuer.issue(&template, Digest::Sha256)?.pem())
    }

    /// TLS for the stand-in: HTTP/2, certificates of clients asked for and checked against the root.
    pub(super) fn server_config(
        &self,
        keys: &KeyPool,
        now: i64,
    ) -> Result<Arc<rustls::ServerConfig>, PushAuthorityError> {
        let tls = |error: rustls::Error| PushAuthorityError::Tls(error.to_string());
        let key = keys.key(1);
        let names = vec![
            crate::asn1::context_primitive(2, b"localhost"),
            crate::asn1::context_primitive(2, b"api.push.apple.com"),
            crate::asn1::context_primitive(7, &[127, 0, 0, 1]),
        ];
        let template = Template {
            subject: Name::common("localhost").der(),
            public: key.public().to_vec(),
            serial: serial(&mut Chance::new(now.unsigned_abs())),
            validity: (now - 86_400, now + YEAR_SECONDS),
            extensions: vec![
                Extension::KeyUsage(0xA0),
                Extension::ExtendedKeyUsage(vec![SERVER_AUTHENTICATION]),
                Extension::AlternativeNames(names),
            ],
        };
        let certificate = self.issuer.issue(&template, Digest::Sha256)?;
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.root.der().to_vec()))
            .map_err(tls)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        )
        .allow_unauthenticated()
        .build()
        .map_err(|error| PushAuthorityError::Tls(error.to_string()))?;
        let chain = vec![
            CertificateDer::from(certificate.der().to_vec()),
            CertificateDer::from(self.root.der().to_vec()),
        ];
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.pkcs8().to_vec()));
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, private)
            .map_err(tls)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Arc::new(config))
    }
}

/// A positive serial number of eight octets.
fn serial(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = chance.bytes::<8>();
    bytes[0] = bytes[0] & 0x7F | 0x40;
    bytes.to_vec()
}
