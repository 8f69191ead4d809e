//! Connections that the configuration names, for the list of what has to be reachable.

use anyhow::Context as _;
use mandate_engine::{ConfiguredConnection, ConnectionPurpose};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::Config;
use crate::mailing;

/// All of them.
pub(crate) fn connections(config: &Config) -> anyhow::Result<Vec<ConfiguredConnection>> {
    let mut found = Vec::new();
    if let Some(address) = &config.apns_endpoint {
        found.extend(of_address(
            ConnectionPurpose::Push,
            address,
            roots(config.apns_roots.as_deref())?,
        ));
    }
    if let Some(server) = config.dns_server {
        found.push(ConfiguredConnection {
            purpose: ConnectionPurpose::NameServer,
            host: server.ip().to_string(),
            port: server.port(),
            tls: false,
            roots: Vec::new(),
        });
    }
    if let Some((host, port, tls)) = mailing::place(config)? {
        found.push(ConfiguredConnection {
            purpose: ConnectionPurpose::Mail,
            host,
            port,
            tls,
            roots: roots(config.mail.roots.as_deref())?,
        });
    }
    for (purpose, address) in [
        (ConnectionPurpose::Webhook, &config.webhook_url),
        (ConnectionPurpose::AuditWebhook, &config.audit_webhook_url),
    ] {
        let address = address.as_deref();
        found.extend(address.and_then(|address| of_address(purpose, address, Vec::new())));
    }
    Ok(found)
}

/// The place of an address over HTTP; nothing of one that cannot be read, which is said elsewhere.
fn of_address(
    purpose: ConnectionPurpose,
    address: &str,
    roots: Vec<Vec<u8>>,
) -> Option<ConfiguredConnection> {
    let url = reqwest::Url::parse(address).ok()?;
    Some(ConfiguredConnection {
        purpose,
        host: url.host_str()?.trim_matches(['[', ']']).to_owned(),
        port: url.port_or_known_default()?,
        tls: url.scheme() == "https",
        roots,
    })
}

fn roots(path: Option<&str>) -> anyhow::Result<Vec<Vec<u8>>> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let text = std::fs::read(path).with_context(|| format!("cannot read `{path}`"))?;
    let found = CertificateDer::pem_slice_iter(&text);
    let roots = found.map(|root| root.map(|root| root.to_vec()));
    roots
        .collect::<Result<_, _>>()
        .with_context(|| format!("`{path}` holds no certificates in PEM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let place = |address: &str| {
            let found = of_address(ConnectionPurpose::Webhook, address, Vec::new());
            found.map(|found| (found.host, found.port, found.tls))
        };
        let expected = |host: &str, port, tls| Some((host.to_owned(), port, tls));
        assert_eq!(
            place("https://hooks.example.com/x?t=1"),
            expected("hooks.example.com", 443, true)
        );
        assert_eq!(place("http://[::1]:8080"), expected("::1", 8080, false));
        assert_eq!(place("nonsense"), None);
    }
}
