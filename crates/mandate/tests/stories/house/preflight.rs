//! The way of preflights in a house: the network's own, but names lead to servers on this machine.

#[path = "../../../src/preflight_gateway/mod.rs"]
mod preflight_gateway;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mandate_engine::{
    Anchors, Distrust, FromMailServer, MailLook, MailSight, PreflightGateway, TlsSight, Touch,
};
use mandate_model::Timestamp;
use preflight_gateway::MailServers;

/// Names of mail servers and where they listen.
#[derive(Debug, Clone, Default)]
pub(crate) struct MailServersAtHome {
    names: Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>,
    name_server: Arc<Mutex<Option<SocketAddr>>>,
}

impl MailServersAtHome {
    /// From now on a name leads there.
    pub(crate) fn name(&self, host: &str, addresses: &[SocketAddr]) {
        let mut names = self.names.lock().unwrap();
        names.insert(host.to_owned(), addresses.to_vec());
    }

    /// From now on this one is asked for the records of domains.
    pub(crate) fn ask(&self, name_server: SocketAddr) {
        *self.name_server.lock().unwrap() = Some(name_server);
    }

    fn servers(&self) -> MailServers {
        MailServers {
            name_server: *self.name_server.lock().unwrap(),
        }
    }
}

impl PreflightGateway for MailServersAtHome {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        let known = self.names.lock().unwrap().get(host).cloned();
        match known {
            Some(addresses) => Box::pin(async move { Ok(addresses) }),
            None => Box::pin(async move { MailServers::default().resolve(host, port).await }),
        }
    }

    fn look(&self, look: MailLook) -> FromMailServer<'_, MailSight> {
        Box::pin(async move { MailServers::default().look(look).await })
    }

    fn touch(&self, touch: Touch) -> FromMailServer<'_, Result<TlsSight, String>> {
        Box::pin(async move { MailServers::default().touch(touch).await })
    }

    fn texts<'a>(&'a self, name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(async move { self.servers().texts(name).await })
    }

    fn aliases<'a>(&'a self, name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(async move { self.servers().aliases(name).await })
    }

    fn trust(
        &self,
        chain: &[Vec<u8>],
        host: &str,
        anchors: Anchors<'_>,
        at: Timestamp,
    ) -> Result<(), Distrust> {
        MailServers::default().trust(chain, host, anchors, at)
    }
}
