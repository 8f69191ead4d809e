//! Waking devices: the push certificate, whom to wake, and the rounds that do it.

mod certificate;
mod rounds;
mod standing;

pub use certificate::PushCertificate;
pub(crate) use certificate::push_end;
pub use rounds::PushTrouble;
pub use standing::PushStanding;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use mandate_model::Timestamp;
use zeroize::Zeroizing;

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The service took it.
    Delivered,
    /// The token is dead since this moment.
    TokenDead {
        /// When it died; now if the service did not say.
        since: Option<Timestamp>,
    },
    /// The certificate is refused: no push at all will work.
    CertificateProblem(String),
    /// Too many pushes to this token.
    Throttled {
        /// Pause that the service asks for, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// We did something wrong.
    OurFault(String),
    /// The service cannot be reached or has a problem of its own.
    Unavailable(String),
}

impl PushOutcome {
    /// How it is noted beside a device.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::TokenDead { .. } => "tokenDead",
            Self::CertificateProblem(_) => "certificateRefused",
            Self::Throttled { .. } => "throttled",
            Self::OurFault(_) => "fault",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// A push under way.
pub type Pushing<'a> = Pin<Box<dyn Future<Output = PushOutcome> + Send + 'a>>;

/// A connection to the push service with one certificate.
pub trait Push: Send + Sync {
    /// Asks a device to connect; the service keeps the push until `expires`.
    fn push<'a>(&'a self, token: &'a [u8], magic: &'a str, expires: Timestamp) -> Pushing<'a>;
}

/// What opens a connection to the push service.
#[derive(Clone)]
pub struct PushCredentials {
    /// Certificate and key, PEM.
    pub identity_pem: Zeroizing<String>,
    /// Topic of the certificate.
    pub topic: String,
}

/// Opens connections to the push service.
pub trait PushGateway: Send + Sync + std::fmt::Debug {
    /// A connection with these credentials, or why there can be none.
    fn open(&self, credentials: PushCredentials) -> Result<Arc<dyn Push>, String>;
}
