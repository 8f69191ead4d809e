//! TLS on the device's side.

use super::HttpError;
use crate::cms::Identity;
use base64::Engine as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The roots that are trusted, with the configuration for connections without a client certificate.
#[derive(Clone, Default)]
pub(super) struct Roots {
    store: Option<Arc<RootCertStore>>,
    anonymous: Option<Arc<ClientConfig>>,
}

impl Roots {
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, HttpError> {
        let mut store = RootCertStore::empty();
        for der in pem_blocks(pem) {
            store
                .add(CertificateDer::from(der))
                .map_err(|error| HttpError::Tls(error.to_string()))?;
        }
        if store.is_empty() {
            return Err(HttpError::Tls("no certificate in the given PEM".to_owned()));
        }
        let store = Arc::new(store);
        let anonymous = Arc::new(builder(&store)?.with_no_client_auth());
        Ok(Self {
            store: Some(store),
            anonymous: Some(anonymous),
        })
    }

    /// The configuration for one connection.
    pub(super) fn config(
        &self,
        identity: Option<&Identity>,
    ) -> Result<Arc<ClientConfig>, HttpError> {
        let (Some(store), Some(anonymous)) = (&self.store, &self.anonymous) else {
            return Err(HttpError::Tls(
                "https needs the server's root certificate; give it with `--ca ca.pem`".to_owned(),
            ));
        };
        let Some(identity) = identity else {
            return Ok(Arc::clone(anonymous));
        };
        let chain = vec![CertificateDer::from(identity.certificate.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.pkcs8().to_vec()));
        let config = builder(store)?
            .with_client_auth_cert(chain, key)
            .map_err(|error| HttpError::Tls(error.to_string()))?;
        Ok(Arc::new(config))
    }
}

fn builder(
    store: &Arc<RootCertStore>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, HttpError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(Arc::clone(store)))
}

/// All blocks of a PEM text.
fn pem_blocks(pem: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(pem);
    text.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .filter_map(|part| {
            let body: String = part
                .split("-----END")
                .next()?
                .chars()
                .filter(|letter| !letter.is_whitespace())
                .collect();
            base64::engine::general_purpose::STANDARD.decode(body).ok()
        })
        .collect()
}
