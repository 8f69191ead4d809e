//! Trying whether a provider can be used.

use super::manage::TryStep;
use super::settings::{How, place_of};
use crate::{Action, Actor, Engine, EngineError};

impl TryStep {
    pub(crate) fn good(step: &'static str, outcome: &str) -> Self {
        Self {
            step,
            good: true,
            outcome: outcome.to_owned(),
        }
    }

    pub(crate) fn bad(step: &'static str, outcome: String) -> Self {
        Self {
            step,
            good: false,
            outcome,
        }
    }
}

impl Engine {
    /// Goes the way to a provider step by step; the last one is where it ends. `person` is somebody to be looked for in a
    /// directory.
    pub async fn try_provider(
        &self,
        actor: &Actor,
        name: &str,
        person: Option<&str>,
    ) -> Result<Vec<TryStep>, EngineError> {
        actor.require(Action::SignInUpdate)?;
        let provider = self
            .find_provider(actor, name)
            .await?
            .ok_or_else(|| EngineError::not_found("identity provider", name))?;
        let mut session = self.store().read().await?;
        let secret = self.provider_secret(&mut session, name).await?;
        drop(session);
        let address = match &provider.settings.how {
            How::Oidc(oidc) => &oidc.issuer,
            How::Ldap(directory) => &directory.url,
        };
        let mut steps = Vec::new();
        if !self.try_to_reach(address, &mut steps).await {
            return Ok(steps);
        }
        match &provider.settings.how {
            How::Oidc(oidc) => self.try_issuer(&provider, oidc, &mut steps).await,
            How::Ldap(directory) => {
                let secret = secret.as_ref().map(|secret| secret.as_slice());
                self.try_directory(&provider, directory, secret, person, &mut steps)
                    .await;
            }
        }
        Ok(steps)
    }

    /// Looks a host up and tries its port; the last step is where it ends.
    pub(crate) async fn try_to_reach(&self, address: &str, steps: &mut Vec<TryStep>) -> bool {
        let (host, port) = place_of(address);
        let found = match self.provider_gateway().resolve(&host, port).await {
            Ok(found) => found,
            Err(reason) => {
                steps.push(TryStep::bad("name", reason));
                return false;
            }
        };
        steps.push(TryStep::good(
            "name",
            &format!("{host} is {}", found.join(", ")),
        ));
        let mut last = "it has no address".to_owned();
        for address in &found {
            match self.provider_gateway().dial(address).await {
                Ok(()) => {
                    steps.push(TryStep::good("connection", &format!("{address} takes it")));
                    return true;
                }
                Err(reason) => last = format!("{address}: {reason}"),
            }
        }
        steps.push(TryStep::bad("connection", last));
        false
    }
}
