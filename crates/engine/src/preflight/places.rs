//! Which network addresses may be looked at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why a network address is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// This machine itself, unless that was asked for.
    Loopback,
    /// Nobody's mail server: link-local (where clouds tell secrets to whoever asks), multicast, unspecified, reserved.
    NoHost,
}

/// Whether an address may be looked at. Private addresses may: mail servers stand inside.
pub(crate) fn permit(address: IpAddr, allow_loopback: bool) -> Result<(), Forbidden> {
    let address = address.to_canonical();
    if address.is_loopback() {
        return if allow_loopback {
            Ok(())
        } else {
            Err(Forbidden::Loopback)
        };
    }
    let is_host = match address {
        IpAddr::V4(address) => is_host_v4(address),
        IpAddr::V6(address) => is_host_v6(address),
    };
    if is_host {
        Ok(())
    } else {
        Err(Forbidden::NoHost)
    }
}

fn is_host_v4(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    // 0.0.0.0/8 is this network (RFC 1122 §3.2.1.3), 240.0.0.0/4 is reserved (RFC 1112 §4).
    !address.is_link_local() && !address.is_multicast() && first != 0 && first < 240
}

fn is_host_v6(address: Ipv6Addr) -> bool {
    // The addresses of clouds that tell secrets to whoever asks have a place of their own as well (`fd00:ec2::254`).
    !address.is_unicast_link_local()
        && !address.is_multicast()
        && !address.is_unspecified()
        && address != METADATA_V6
        && is_embedded_host(address)
}

/// An IPv4 address that is carried inside of an IPv6 address (RFC 6052 §2.1, RFC 3056 §2) leads to that address.
fn is_embedded_host(address: Ipv6Addr) -> bool {
    let octets = address.octets();
    let embedded = match octets {
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
        | [0x20, 0x02, a, b, c, d, ..]
        | [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => Some([a, b, c, d]),
        _ => None,
    };
    embedded.is_none_or(|octets| {
        let inner = Ipv4Addr::from(octets);
        !inner.is_loopback() && is_host_v4(inner)
    })
}

const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_inside_and_outside_may_be_looked_at() {
        for address in [
            "10.1.2.3",
            "192.168.1.1",
            "203.0.113.7",
            "2001:db8::1",
            "fd12::1",
        ] {
            assert_eq!(permit(address.parse().unwrap(), false), Ok(()), "{address}");
        }
    }

    #[test]
    fn this_machine_may_only_when_asked_for_however_it_is_written() {
        for address in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            let address = address.parse().unwrap();
            assert_eq!(permit(address, false), Err(Forbidden::Loopback));
            assert_eq!(permit(address, true), Ok(()));
        }
    }

    #[test]
    fn what_is_no_server_may_never() {
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "64:ff9b::7f00:1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            let refused = permit(address.parse().unwrap(), true);
            assert_eq!(refused, Err(Forbidden::NoHost), "{address}");
        }
    }
}
