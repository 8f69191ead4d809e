//! Which address was called, and by whom.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use crate::TrustedProxies;

/// How clients reach the listener that a router is mounted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain: loopback, or behind a proxy that may say otherwise in `X-Forwarded-Proto`, `X-Forwarded-Host` and
    /// `X-Forwarded-For`.
    Http,
    /// TLS ends here.
    Https,
}

/// The address that a client called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether the client speaks TLS, with us or with the proxy in front.
    pub is_secure: bool,
    /// Host name, with the port where the client named one.
    pub host: String,
}

impl Address {
    /// Scheme and host, as in `https://mdm.example.com:8443`.
    pub fn base_url(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// Whether the host can be written into an address: a name, an IPv4 or a bracketed IPv6 address, with or without a
    /// port.
    pub fn is_well_formed(&self) -> bool {
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        !self.host.is_empty() && self.host.len() <= 255 && self.host.bytes().all(is_host)
    }
}

impl Address {
    /// Whether a server that is known by these names may have been called so: by one of them, with any port, for whatever
    /// stands in front may have another; or from the same machine. Addresses in answers are made of nothing else, so that
    /// nobody has us write theirs.
    pub fn is_one_of(&self, hosts: &[String]) -> bool {
        let name = name(&self.host);
        let is_known = |host: &String| self::name(host).eq_ignore_ascii_case(name);
        self.is_well_formed()
            && (hosts.iter().any(is_known)
                || ["localhost", "127.0.0.1", "[::1]"]
                    .iter()
                    .any(|local| local.eq_ignore_ascii_case(name)))
    }
}

/// A host without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Scheme and host that the client called; what a proxy in front says counts on the plain listener only. `fallback` is
/// the host for a request that names none.
pub fn address(scheme: Scheme, uri: &Uri, headers: &HeaderMap, fallback: &str) -> Address {
    let called = uri
        .authority()
        .map(axum::http::uri::Authority::as_str)
        .or_else(|| text(headers, header::HOST.as_str()))
        .unwrap_or(fallback);
    match scheme {
        Scheme::Https => Address {
            is_secure: true,
            host: called.to_owned(),
        },
        Scheme::Http => Address {
            is_secure: first(text(headers, "x-forwarded-proto"))
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            host: first(text(headers, "x-forwarded-host"))
                .unwrap_or(called)
                .to_owned(),
        },
    }
}

/// Who calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caller {
    /// Network address; the one that the proxy names where a request comes from one that is believed. None if such a proxy
    /// names nobody: its own address would stand for everybody behind it.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// Reads the connection, and what a proxy says of it that is believed: on the plain listener one on the same machine,
    /// on every listener those of [`TrustedProxies`].
    pub fn of(scheme: Scheme, parts: &Parts) -> Self {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        let trusted = parts.extensions.get::<TrustedProxies>();
        let is_trusted = |address| trusted.is_some_and(|trusted| trusted.has(address));
        let is_local = scheme == Scheme::Http && peer.is_none_or(|peer| peer.is_loopback());
        let may_be_proxy = is_local || peer.is_some_and(is_trusted);
        if !may_be_proxy
            || !FORWARDED
                .iter()
                .any(|name| parts.headers.contains_key(*name))
        {
            return Self { address: peer };
        }
        // What the nearest proxy added stands last. What stands before it anybody may have written, unless it names a proxy
        // that is believed as well: then what that one added counts.
        let lines = parts.headers.get_all("x-forwarded-for");
        let lines = lines.iter().rev().map(|line| line.to_str().unwrap_or(""));
        let named = lines.flat_map(|line| line.rsplit(',').map(str::trim));
        let mut address = None;
        for name in named {
            address = name
                .parse()
                .ok()
                .map(|address: IpAddr| address.to_canonical());
            if !address.is_some_and(is_trusted) {
                break;
            }
        }
        Self { address }
    }
}

/// Headers by which a proxy can be told from a client on the same machine.
const FORWARDED: [&str; 5] = [
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "forwarded",
    "via",
];

/// The first of several proxies.
fn first(value: Option<&str>) -> Option<&str> {
    value?
        .split(',')
        .map(str::trim)
        .find(|value| !value.is_empty())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(peer: Option<&str>, forwarded: &str) -> Parts {
        let mut request = Request::builder()
            .uri("/")
            .header("host", "inside:8080")
            .header("x-forwarded-for", forwarded)
            .header("x-forwarded-host", "mdm.example.com")
            .header("x-forwarded-proto", "https")
            .body(())
            .unwrap();
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        request.into_parts().0
    }

    #[test]
    fn a_proxy_is_believed_on_the_plain_listener_only() {
        let parts = parts(None, "");
        let plain = address(Scheme::Http, &parts.uri, &parts.headers, "x");
        assert_eq!(plain.base_url(), "https://mdm.example.com");
        let tls = address(Scheme::Https, &parts.uri, &parts.headers, "x");
        assert_eq!(tls.base_url(), "https://inside:8080");
    }

    #[test]
    fn only_a_proxy_on_this_machine_names_the_caller() {
        let of = |scheme, peer| Caller::of(scheme, &parts(Some(peer), "6.6.6.6, 10.1.1.1")).address;
        let named: IpAddr = "10.1.1.1".parse().unwrap();
        assert_eq!(of(Scheme::Http, "127.0.0.1:1"), Some(named));
        let stranger: IpAddr = "192.0.2.7".parse().unwrap();
        assert_eq!(of(Scheme::Http, "192.0.2.7:1"), Some(stranger));
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(of(Scheme::Https, "127.0.0.1:1"), Some(local));
    }

    #[test]
    fn proxies_elsewhere_name_the_caller_if_they_are_believed() {
        let believed = TrustedProxies::new(["10.1.1.0/24".parse().unwrap()]);
        let of = |scheme, peer: &str, forwarded: &str| {
            let mut parts = parts(Some(peer), forwarded);
            parts.extensions.insert(believed.clone());
            Caller::of(scheme, &parts).address
        };
        let caller: IpAddr = "203.0.113.9".parse().unwrap();
        for scheme in [Scheme::Http, Scheme::Https] {
            let named = of(scheme, "10.1.1.7:1", "6.6.6.6, 203.0.113.9");
            assert_eq!(named, Some(caller));
            // A proxy behind another one; what was there before the outer one may be anybody's.
            let named = of(scheme, "10.1.1.7:1", "6.6.6.6, 203.0.113.9, 10.1.1.8");
            assert_eq!(named, Some(caller));
            let stranger = of(scheme, "10.1.2.7:1", "203.0.113.9");
            assert_eq!(stranger, Some("10.1.2.7".parse().unwrap()));
            assert_eq!(of(scheme, "10.1.1.7:1", "nobody"), None);
            assert_eq!(of(scheme, "10.1.1.7:1", "203.0.113.9, "), None);
        }
        // This machine is a proxy on the plain listener whoever else is.
        assert_eq!(of(Scheme::Http, "127.0.0.1:1", "203.0.113.9"), Some(caller));
    }

    #[test]
    fn a_header_that_the_proxy_adds_as_a_line_of_its_own_counts() {
        let mut parts = parts(Some("127.0.0.1:1"), "6.6.6.6");
        parts
            .headers
            .append("x-forwarded-for", "10.1.1.1".parse().unwrap());
        let named: IpAddr = "10.1.1.1".parse().unwrap();
        assert_eq!(Caller::of(Scheme::Http, &parts).address, Some(named));
    }

    #[test]
    fn a_proxy_that_names_nobody_does_not_stand_for_everybody() {
        let mut proxied = parts(Some("127.0.0.1:1"), "");
        assert_eq!(Caller::of(Scheme::Http, &proxied).address, None);
        proxied.headers.remove("x-forwarded-for");
        assert_eq!(Caller::of(Scheme::Http, &proxied).address, None);
        proxied.headers.clear();
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(Caller::of(Scheme::Http, &proxied).address, Some(local));
    }

    #[test]
    fn what_is_no_host_is_seen() {
        let well = |host: &str| {
            Address {
                is_secure: true,
                host: host.to_owned(),
            }
            .is_well_formed()
        };
        assert!(well("mdm.example.com:8443") && well("[::1]:8443"));
        assert!(!well("") && !well("a/b") && !well("a b") && !well("a@b"));
    }
}
