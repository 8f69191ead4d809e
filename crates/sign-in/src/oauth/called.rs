//! How we were called: by which name, for which tenant, by whom.

use axum::http::request::Parts;
use mandate_engine::{Origin, is_graph};
use mandate_web::Address;
use uuid::Uuid;

use super::{Fault, FaultKind};
use crate::Door;

/// A call to the authority, by one of our names and for our tenant.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub(super) address: Address,
    /// Scheme and host, of which every address in an answer is made.
    pub(super) base_url: String,
    pub(super) origin: Origin,
    pub(super) request: Uuid,
    pub(super) correlation: String,
}

impl Called {
    /// Reads a call, whatever it asks for; the name by which we were called is looked at by [`Called::check`].
    pub(super) fn read(state: &Door, parts: &Parts) -> Self {
        let address = state.address(parts);
        let request = state.request_id();
        let is_plain = |text: &&str| {
            !text.is_empty()
                && text.len() <= 128
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let correlation = parts
            .headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .filter(is_plain)
            .map_or_else(|| request.to_string(), str::to_owned);
        Self {
            base_url: address.base_url(),
            origin: state.origin(parts),
            address,
            request,
            correlation,
        }
    }

    /// Refuses a call by a name that is not ours, or for a tenant that is not: answers are full of addresses that are made of
    /// both.
    pub(super) fn check(&self, state: &Door, tenant: &str) -> Result<(), Fault> {
        self.check_host(state)?;
        if is_tenant(state, tenant) {
            return Ok(());
        }
        let named: String = tenant.chars().take(100).collect();
        Err(Fault::new(
            FaultKind::UnknownTenant,
            format!("The tenant '{named}' is not here."),
        ))
    }

    pub(super) fn check_host(&self, state: &Door) -> Result<(), Fault> {
        if self.address.is_one_of(state.hosts()) {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::UnknownHost,
            "The server is not known by this name; `--host` adds names.",
        ))
    }

    /// Whether a resource is the management API of this server.
    pub(super) fn is_resource(&self, state: &Door, resource: &str) -> bool {
        is_graph(resource, &self.address.host)
            || state.hosts().iter().any(|host| is_graph(resource, host))
    }

    /// Whether an audience of a client assertion is this authority: a token end point or the issuer, under any of our names
    /// and any form of the tenant.
    pub(super) fn is_authority(&self, state: &Door, audience: &str) -> bool {
        let rest = audience.strip_prefix("https://").or_else(|| {
            audience
                .strip_prefix("http://")
                .filter(|_| !self.address.is_secure)
        });
        let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else {
            return false;
        };
        let address = Address {
            is_secure: true,
            host: host.to_owned(),
        };
        let Some((tenant, end)) = path.split_once('/') else {
            return false;
        };
        address.is_one_of(state.hosts())
            && is_tenant(state, tenant)
            && ["oauth2/v2.0/token", "oauth2/token", "v2.0"].contains(&end.trim_end_matches('/'))
    }
}

/// One instance is one tenant: its id, its domains, and the two names that stand for any.
fn is_tenant(state: &Door, named: &str) -> bool {
    let tenant = state.engine().tenant();
    named.eq_ignore_ascii_case(&tenant.id.to_string())
        || tenant
            .domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(named))
        || ["common", "organizations"]
            .iter()
            .any(|any| any.eq_ignore_ascii_case(named))
}
