//! The records that a domain needs at its name servers.

use super::{Domain, discovery};
use crate::{Action, Actor, Engine, EngineError};

/// A record to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// Whole name that it is for, without a dot at the end.
    pub label: String,
    /// What it says.
    pub kind: DnsRecordKind,
    /// How long it may be remembered by others, in seconds.
    pub ttl_seconds: i32,
    /// Whether things work without it.
    pub is_optional: bool,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsRecordKind {
    /// TXT: a text.
    Text(String),
    /// CNAME: another name.
    Alias(String),
}

/// What Microsoft's records say.
const TTL_SECONDS: i32 = 3600;

impl Engine {
    /// The record that proves a domain.
    pub async fn verification_records(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Vec<DnsRecord>, EngineError> {
        let domain = self.domain_for(actor, name).await?;
        Ok(vec![DnsRecord {
            label: domain.name,
            kind: DnsRecordKind::Text(domain.proof),
            ttl_seconds: TTL_SECONDS,
            is_optional: false,
        }])
    }

    /// The records by which Windows finds this server; none while the domain is not proved.
    pub async fn service_records(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Vec<DnsRecord>, EngineError> {
        let domain = self.domain_for(actor, name).await?;
        if !domain.is_verified() {
            return Ok(Vec::new());
        }
        Ok(vec![DnsRecord {
            label: discovery::label(&domain.name),
            kind: DnsRecordKind::Alias(self.public_host()),
            ttl_seconds: TTL_SECONDS,
            is_optional: true,
        }])
    }

    pub(super) async fn domain_for(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Domain, EngineError> {
        actor.require(Action::DomainsRead)?;
        let domain = self.find_domain(name).await?;
        domain.ok_or_else(|| EngineError::not_found("domain", name))
    }

    /// The host name that devices are told, without a port.
    pub(crate) fn public_host(&self) -> String {
        let host = url::Url::parse(self.device_base_url()).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }
}
