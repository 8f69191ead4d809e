//! Proxies in front that are believed when they say for whom they ask.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// Networks in which proxies stand, besides this machine. A layer of the server puts them into requests; where there is no
/// such layer, only this machine is believed. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Arc<[Network]>,
}

impl TrustedProxies {
    /// These networks.
    pub fn new(networks: impl IntoIterator<Item = Network>) -> Self {
        let networks = networks.into_iter().collect();
        Self { networks }
    }

    /// Whether an address is that of such a proxy.
    pub fn has(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.has(address))
    }
}

/// A network, as in `10.1.2.0/24`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// What is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotANetwork(String);

impl std::fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(text) = self;
        write!(
            f,
            "`{text}` must be an address such as `10.1.2.3`, or a network such as `10.1.2.0/24` or `2001:db8::/64`"
        )
    }
}

impl std::error::Error for NotANetwork {}

impl Network {
    /// Whether an address is in it; IPv4 within IPv6 counts as IPv4.
    pub fn has(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let rest = 32 - self.bits;
                let differing = u32::from(own) ^ u32::from(other);
                differing.checked_shr(rest).unwrap_or_default() == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let rest = 128 - self.bits;
                let differing = u128::from(own) ^ u128::from(other);
                differing.checked_shr(rest).unwrap_or_default() == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| wrong())?,
            None => most,
        };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_what_begins_alike() {
        for (network, address, is_in) in [
            ("10.1.2.0/24", "10.1.2.255", true),
            ("10.1.2.0/24", "10.1.3.0", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3/32", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8:1::/48", "2001:db8:1:ffff::1", true),
            ("2001:db8:1::/48", "2001:db8:2::1", false),
            ("::/0", "2001:db8::1", true),
            (" 10.0.0.0/9 ", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.has(address.parse().unwrap()), is_in, "{network:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_said() {
        for text in [
            "",
            "x",
            "10.1.2",
            "10.1.2.0/33",
            "::/129",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "a/8",
        ] {
            let refused = text.parse::<Network>().unwrap_err();
            assert!(refused.to_string().contains(text), "{refused}");
        }
    }
}
