//! Hosts of the platforms' makers.
//!
//! From Apple, "Use Apple products on enterprise networks" (support.apple.com/101555), as far as management of devices
//! needs them. `docs/connections.md` has the same list; a test compares them.

use mandate_model::Platform;

use super::list::ConnectionFrom;
use ConnectionFrom::{Device, Server};
use Platform::{Ios, MacOs};

/// A host that is the same for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHost {
    /// Stable word for it.
    pub id: &'static str,
    /// Who connects.
    pub from: ConnectionFrom,
    /// Name; one that begins with `*.` stands for all below.
    pub host: &'static str,
    /// Ports, all of TCP.
    pub ports: &'static [u16],
    /// What it is for, in a few words without a full stop.
    pub purpose: &'static str,
    /// Which platforms need it.
    pub platforms: &'static [Platform],
}

/// All of them: those of the server first.
pub const fn known_hosts() -> &'static [KnownHost] {
    HOSTS
}

const APPLE: &[Platform] = &[Ios, MacOs];

const HOSTS: &[KnownHost] = &[
    KnownHost {
        id: PUSH,
        from: Server,
        host: "api.push.apple.com",
        ports: &[443, 2197],
        purpose: "waking devices through Apple's push service; one of the two ports is enough",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-push-devices",
        from: Device,
        host: "*.push.apple.com",
        ports: &[5223, 443],
        purpose: "being woken; port 443 is the second choice, and only without a proxy that opens TLS",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-activation",
        from: Device,
        host: "albert.apple.com",
        ports: &[443],
        purpose: "activating a device",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-identity",
        from: Device,
        host: "identity.apple.com",
        ports: &[443],
        purpose: "requesting the push certificate, in the administrator's browser",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-device-enrolment",
        from: Device,
        host: "deviceenrollment.apple.com",
        ports: &[443],
        purpose: "provisional enrolment of company-owned devices",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-enrolment-profiles",
        from: Device,
        host: "iprofiles.apple.com",
        ports: &[443],
        purpose: "enrolment profiles of company-owned devices",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-updates",
        from: Device,
        host: "gdmf.apple.com",
        ports: &[443],
        purpose: "finding out which software updates there are",
        platforms: APPLE,
    },
    KnownHost {
        id: "apple-ocsp",
        from: Device,
        host: "ocsp.apple.com",
        ports: &[80],
        purpose: "asking whether Apple's certificates are still good",
        platforms: APPLE,
    },
];

/// Word for the push service; a configured one takes its place.
pub(super) const PUSH: &str = "push";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_administrators_names_every_host_and_port() {
        let page = include_str!("../../../../docs/connections.md");
        for host in known_hosts() {
            let line = page
                .lines()
                .find(|line| line.contains(&format!("`{}`", host.host)));
            let line = line.unwrap_or_else(|| panic!("`{}` is not in the page", host.host));
            for port in host.ports {
                assert!(line.contains(&port.to_string()), "{line}: {port}");
            }
        }
    }

    #[test]
    fn nothing_but_plain_names_is_tested_from_here() {
        for host in known_hosts().iter().filter(|host| host.from == Server) {
            assert!(
                crate::domains::normalise(host.host).is_ok(),
                "{}",
                host.host
            );
        }
    }
}
