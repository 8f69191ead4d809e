//! Whether a client is who it says it is.

use mandate_model::AppId;
use mandate_store::Session;
use uuid::Uuid;

use super::App;
use super::view::app;
use crate::{Engine, EngineError};

/// How a client proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientProof {
    /// Not at all: it is a public one.
    None,
    /// With a secret.
    Secret,
    /// With the key of a certificate.
    Certificate,
}

impl ClientProof {
    /// The claim `azpacr`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// Why a client is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ClientRefusal {
    /// Not registered, or the secret is not its own: which of both is not said.
    #[error("the client is not registered here, or its secret is wrong")]
    Wrong,
    /// The secret was its own, but its time is over.
    #[error("the secret of the client has expired")]
    Expired,
    /// It proved nothing, and is not public.
    #[error("the client must prove who it is with `client_secret` or `client_assertion`")]
    NoProof,
    /// The assertion is not good.
    #[error("the client assertion is not accepted: {0}")]
    Assertion(&'static str),
    /// The assertion was used by somebody else already.
    #[error("the client assertion was used already")]
    Replay,
    /// It could not be found out.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for ClientRefusal {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// The client with this id, if the secret is its own. Takes the same time for every wrong secret.
    pub async fn authenticate_app(&self, id: AppId, secret: &str) -> Result<App, ClientRefusal> {
        let mut session = self.store().read().await?;
        let record = session.find_app(id).await?;
        let expired = self.find_secret(&mut session, id, secret).await?;
        match (record, expired) {
            (Some(record), Some(false)) => Ok(app(record)),
            (Some(_), Some(true)) => Err(ClientRefusal::Expired),
            _ => Err(ClientRefusal::Wrong),
        }
    }

    /// Whether a secret has expired; none if it is not the client's.
    async fn find_secret(
        &self,
        session: &mut Session,
        id: AppId,
        secret: &str,
    ) -> Result<Option<bool>, ClientRefusal> {
        let given = mandate_pki::sha256(secret.as_bytes());
        let mut found = None;
        for known in session.app_secrets(id).await? {
            if mandate_pki::constant_time_eq(&known.hash, &given) {
                found = Some(known.expires_at <= self.now());
            }
        }
        Ok(found)
    }

    /// The client whose service principal has this object id.
    pub async fn find_app_by_object(&self, object: Uuid) -> Result<Option<App>, EngineError> {
        let records = self.store().read().await?.list_apps().await?;
        let found = records
            .into_iter()
            .find(|record| self.app_object_id(record.id) == object);
        Ok(found.map(app))
    }
}
