//! The way of preflights in a house: the network's own, but names lead to servers on this machine.

#[path = "../../../src/preflight_gateway.rs"]
mod preflight_gateway;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mandate_engine::{Anchors, Distrust, FromMailServer, MailLook, MailSight, PreflightGateway};
use mandate_model::Timestamp;
use preflight_gateway::MailServers;

/// Names of mail servers and where they listen.
#[derive(Debug, Clone, Default)]
pub(crate) struct MailServersAtHome {
    names: Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>,
}

impl MailServersAtHome {
    /// From now on a name leads there.
    pub(crate) fn name(&self, host: &str, addresses: &[SocketAddr]) {
        let mut names = self.names.lock().unwrap();
        names.insert(host.to_owned(), addresses.to_vec());
    }
}

impl PreflightGateway for MailServersAtHome {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        let known = self.names.lock().unwrap().get(host).cloned();
        match known {
            Some(addresses) => Box::pin(async move { Ok(addresses) }),
            None => MailServers.resolve(host, port),
        }
    }

    fn look(&self, look: MailLook) -> FromMailServer<'_, MailSight> {
        MailServers.look(look)
    }

    fn trust(
        &self,
        chain: &[Vec<u8>],
        host: &str,
        anchors: Anchors<'_>,
        at: Timestamp,
    ) -> Result<(), Distrust> {
        MailServers.trust(chain, host, anchors, at)
    }
}
