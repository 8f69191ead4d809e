//! Whom the server lets in.

use super::{MailServerError, MailServerPlan};
use crate::http::Http;
use crate::tls::{Clock, Completing, chain_and_key, der, roots};
use rustls::ServerConfig;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use std::sync::Arc;

/// What configurations are made from, again for each set of revocation lists.
#[derive(Debug)]
pub(super) struct Trust {
    plan: MailServerPlan,
    clock: Clock,
}

impl Trust {
    pub(super) fn new(http: &Http, plan: MailServerPlan) -> Self {
        Self {
            plan,
            clock: Clock(http.clock()),
        }
    }

    pub(super) fn server_config(
        &self,
        lists: Vec<Vec<u8>>,
    ) -> Result<Arc<ServerConfig>, MailServerError> {
        let tls = |error: rustls::Error| MailServerError::Tls(error.to_string());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let lists = lists.into_iter().map(CertificateRevocationListDer::from);
        let asks = self.plan.open.as_ref().map(|open| open.asks_certificates);
        let builder = WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots(&self.plan.roots)),
            Arc::clone(&provider),
        )
        .with_crls(lists)
        .only_check_end_entity_revocation()
        .enforce_revocation_expiration();
        let builder = if asks == Some(true) {
            builder.allow_unauthenticated()
        } else {
            builder
        };
        let verifier = builder
            .build()
            .map_err(|error| MailServerError::Tls(error.to_string()))?;
        let verifier: Completing<dyn ClientCertVerifier> = Completing {
            inner: verifier,
            intermediates: self.plan.intermediates.iter().map(der).collect(),
        };
        let (chain, key) = chain_and_key(&self.plan.identity, &self.plan.chain);
        let builder = ServerConfig::builder_with_details(provider, Arc::new(self.clock.clone()))
            .with_safe_default_protocol_versions()
            .map_err(tls)?;
        let builder = if asks == Some(false) {
            builder.with_no_client_auth()
        } else {
            builder.with_client_cert_verifier(Arc::new(verifier))
        };
        let mut config = builder.with_single_cert(chain, key).map_err(tls)?;
        // Each connection shows its certificate anew.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        Ok(Arc::new(config))
    }
}
