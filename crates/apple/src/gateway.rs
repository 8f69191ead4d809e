//! The engine's way to APNs.

use std::sync::Arc;

use mandate_engine::{Push, PushCredentials, PushGateway, PushOutcome};
use mandate_model::Timestamp;

use crate::apns::{Apns, ApnsSettings, PushOutcome as ApnsOutcome};

/// Where APNs is. Another address is for tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Address instead of Apple's.
    pub endpoint: Option<String>,
    /// Roots (PEM) to trust instead of the system's.
    pub roots: Option<String>,
}

/// Opens connections to APNs.
#[derive(Debug, Clone, Default)]
pub struct ApnsGateway {
    settings: GatewaySettings,
}

impl ApnsGateway {
    /// A gateway with these settings.
    pub const fn new(settings: GatewaySettings) -> Self {
        Self { settings }
    }
}

impl PushGateway for ApnsGateway {
    fn open(&self, credentials: PushCredentials) -> Result<Arc<dyn Push>, String> {
        let mut settings =
            ApnsSettings::new(credentials.identity_pem.to_string(), credentials.topic);
        if let Some(endpoint) = &self.settings.endpoint {
            settings.endpoint.clone_from(endpoint);
        }
        if let Some(roots) = &self.settings.roots {
            settings.roots.clone_from(roots);
        }
        let apns = Apns::new(&settings).map_err(|error| error.to_string())?;
        Ok(Arc::new(Connection { apns }))
    }
}

struct Connection {
    apns: Apns,
}

impl Push for Connection {
    fn push<'a>(
        &'a self,
        token: &'a [u8],
        magic: &'a str,
        expires: Timestamp,
    ) -> mandate_engine::Pushing<'a> {
        Box::pin(async move { outcome(self.apns.push(token, magic, expires.unix_seconds()).await) })
    }
}

fn outcome(outcome: ApnsOutcome) -> PushOutcome {
    match outcome {
        ApnsOutcome::Delivered => PushOutcome::Delivered,
        ApnsOutcome::TokenDead { since_ms, .. } => PushOutcome::TokenDead {
            since: since_ms.map(|ms| Timestamp(ms.saturating_mul(1000))),
        },
        ApnsOutcome::CertificateProblem(reason) => PushOutcome::CertificateProblem(reason),
        ApnsOutcome::Throttled { retry_after } => PushOutcome::Throttled {
            retry_after_seconds: retry_after,
        },
        ApnsOutcome::OurFault(reason) => PushOutcome::OurFault(reason),
        ApnsOutcome::Unavailable(reason) => PushOutcome::Unavailable(reason),
    }
}
