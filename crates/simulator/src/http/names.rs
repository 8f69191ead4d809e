//! Names that tests give to loopback addresses.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

/// Hosts by lower-case name. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    hosts: Arc<RwLock<HashMap<String, SocketAddr>>>,
}

impl Names {
    pub(super) fn set(&self, host: &str, address: SocketAddr) {
        self.hosts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(host.to_lowercase(), address);
    }

    pub(super) fn find(&self, host: &str) -> Option<SocketAddr> {
        self.hosts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&host.to_lowercase())
            .copied()
    }
}
