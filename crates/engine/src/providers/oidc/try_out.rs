//! Trying a provider, step by step.

use super::discovery::Issuer;
use crate::Engine;
use crate::providers::TryStep;
use crate::providers::settings::{OidcSettings, Provider};

impl Engine {
    /// Reads metadata and keys, as they are now.
    pub(in crate::providers) async fn try_issuer(
        &self,
        provider: &Provider,
        settings: &OidcSettings,
        steps: &mut Vec<TryStep>,
    ) {
        let issuer = Issuer {
            name: &provider.name,
            settings,
            roots: provider.settings.roots.as_ref(),
        };
        let metadata = match self.read_metadata(issuer).await {
            Ok(metadata) => metadata,
            Err(reason) => return steps.push(TryStep::bad("discovery", reason)),
        };
        steps.push(TryStep::good(
            "discovery",
            &format!("people are sent to {}", metadata.authorization_endpoint),
        ));
        match self.read_keys(issuer, &metadata).await {
            Ok(keys) if keys.len() == 0 => {
                let reason = "it has no key for RS256, PS256 or ES256".to_owned();
                steps.push(TryStep::bad("keys", reason));
            }
            Ok(keys) => steps.push(TryStep::good(
                "keys",
                &format!("{} that can be used", keys.len()),
            )),
            Err(reason) => steps.push(TryStep::bad("keys", reason)),
        }
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        let (step, known) = if provider.has_secret {
            let known = takes("client_secret_basic") || takes("client_secret_post");
            ("client secret", known)
        } else {
            ("public client", takes("none"))
        };
        let outcome = format!("it takes {}", methods.join(", "));
        // Some take public clients without saying so.
        let good = known || !provider.has_secret;
        steps.push(if good {
            TryStep::good(step, &outcome)
        } else {
            TryStep::bad(step, outcome)
        });
    }
}
