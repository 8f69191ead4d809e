//! TLS: our certificate, and how client certificates are looked at.

use std::fs;
use std::sync::Arc;

use anyhow::Context as _;
use mandate_engine::{Engine, ServerIdentity};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::PrivateKey;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use crate::config::Config;

/// What the listeners show: the certificate given, or one of the instance's own authority.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    pub(crate) identity: ServerIdentity,
}

impl Material {
    /// The files given, else a certificate of the instance's own authority.
    pub(crate) async fn load(config: &Config, engine: &Engine) -> anyhow::Result<Self> {
        let (Some(certificate), Some(key)) = (&config.tls_certificate, &config.tls_key) else {
            return Ok(Self {
                identity: engine.server_identity(&config.hosts).await?,
            });
        };
        let read = |path: &String| {
            fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))
        };
        let chain = Certificate::all_from_pem(&read(certificate)?)
            .with_context(|| format!("`{certificate}` is not a certificate chain in PEM"))?;
        let key = PrivateKey::from_pem(&read(key)?)
            .with_context(|| format!("`{key}` is not a private key in PEM"))?;
        anyhow::ensure!(!chain.is_empty(), "`{certificate}` holds no certificate");
        anyhow::ensure!(
            chain[0].public_key_info() == key.public_key_info(),
            "the key does not belong to the first certificate in `{certificate}`"
        );
        Ok(Self {
            identity: ServerIdentity { key, chain },
        })
    }
}

/// A TLS configuration; with `asks_devices` client certificates are asked for, but not demanded.
pub(crate) fn server_config(
    identity: &ServerIdentity,
    asks_devices: bool,
) -> anyhow::Result<ServerConfig> {
    let chain = identity
        .chain
        .iter()
        .map(|certificate| CertificateDer::from(certificate.der().to_vec()))
        .collect();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.to_pkcs8().to_vec()));
    let builder = ServerConfig::builder();
    let builder = if asks_devices {
        let provider = CryptoProvider::get_default()
            .context("no TLS library was set up")?
            .clone();
        builder.with_client_cert_verifier(Arc::new(Possession { provider }))
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .context("the TLS certificate cannot be used")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Checks that a client holds the key of its certificate, and nothing else.
///
/// Whose certificate it is, whether it has expired or was revoked, is judged by the engine, as for signed messages:
/// one check in one place, and a device with an expired identity is still let in to renew it.
#[derive(Debug)]
struct Possession {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Possession {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
