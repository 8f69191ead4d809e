//! Which addresses and ports have to be reachable, from the server and from devices, and a test of those that the server
//! uses itself.
//!
//! Nothing is contacted unless somebody asks for the test, and then nothing but what stands in the list: addresses of the
//! platforms' makers, which are fixed here, and those that the administrator of the machine or the instance configured.

mod known;
mod list;
mod probe;
mod run;
mod stored;

pub use known::{KnownHost, known_hosts};
pub use list::{Connection, ConnectionFrom, ConnectionPurpose};
pub use probe::{ConnectionResult, PortResult, StepResult};
pub use run::ConnectionTest;

pub(crate) use stored::last_test;

/// A connection of the server that its configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredConnection {
    /// What it is for.
    pub purpose: ConnectionPurpose,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether TLS begins at once.
    pub tls: bool,
    /// Roots (DER) under which its certificate is trusted; the public ones if there are none.
    pub roots: Vec<Vec<u8>>,
}
