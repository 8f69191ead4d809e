//! Where answers to a client may be sent: whatever is not exactly as registered is refused, for an answer holds a code.

use mandate_store::AppRedirectRecord;

use crate::EngineError;

/// Longest address, in octets.
const LONGEST: usize = 2048;
/// Schemes that a browser would run or show instead of handing them to a program.
const NEVER: [&str; 9] = [
    "javascript",
    "data",
    "file",
    "vbscript",
    "about",
    "blob",
    "ftp",
    "ws",
    "wss",
];
/// What programs of the time of ADAL name when they take the answer out of the window themselves.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What kind of client waits at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RedirectKind {
    /// A program on a server, which proves who it is.
    Web,
    /// A page in a browser.
    Spa,
    /// A program on somebody's machine, which cannot keep a secret.
    PublicClient,
}

/// An address to which answers to a client may be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    /// What waits there.
    pub kind: RedirectKind,
    /// The address, as the client names it.
    pub address: String,
}

impl RedirectKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Web, Self::Spa, Self::PublicClient];

    /// Graph's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::PublicClient => "publicClient",
        }
    }

    /// Reads Graph's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

impl Redirect {
    pub(super) fn of(record: &AppRedirectRecord) -> Option<Self> {
        Some(Self {
            kind: RedirectKind::parse(&record.kind)?,
            address: record.address.clone(),
        })
    }

    pub(super) fn record(&self) -> AppRedirectRecord {
        AppRedirectRecord {
            kind: self.kind.name().to_owned(),
            address: self.address.clone(),
        }
    }

    /// Whether a client that waits here may name this address: the same in every octet; only the port of a program on the
    /// same machine may be another, for it takes the one that is free (RFC 8252 §7.3).
    pub fn admits(&self, address: &str) -> bool {
        if address == self.address {
            return true;
        }
        if self.kind != RedirectKind::PublicClient {
            return false;
        }
        match (Loopback::parse(&self.address), Loopback::parse(address)) {
            (Some(own), Some(asked)) => own == asked,
            _ => false,
        }
    }

    /// Refuses an address to which nobody should send anything.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        match problem(self.kind, &self.address) {
            None => Ok(()),
            Some(rule) => Err(EngineError::invalid(
                "redirectUris",
                rule,
                Some(&self.address),
            )),
        }
    }
}

fn problem(kind: RedirectKind, address: &str) -> Option<&'static str> {
    if address.is_empty() || address.len() > LONGEST {
        return Some("must have 1 to 2048 characters");
    }
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}*'".contains(&byte);
    if !address.bytes().all(is_plain) {
        return Some("must be an address without blanks, wildcards and special characters");
    }
    if address.contains('#') {
        return Some("must have no fragment");
    }
    if address.eq_ignore_ascii_case(OUT_OF_BAND) {
        return (kind != RedirectKind::PublicClient).then_some("is for public clients only");
    }
    let Some((scheme, rest)) = address.split_once("://") else {
        return Some("must begin with `https://`");
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("must name no user");
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" if authority.is_empty() => Some("must name a host"),
        "https" => None,
        "http" if Loopback::parse(address).is_some() => None,
        "http" => Some("must begin with `https://`, unless it is `http://localhost`"),
        other if kind != RedirectKind::PublicClient || NEVER.contains(&other) => {
            Some("must begin with `https://`")
        }
        other => {
            let is_scheme = other.starts_with(|c: char| c.is_ascii_alphabetic())
                && other
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            (!is_scheme).then_some("must begin with the scheme of a program")
        }
    }
}

/// An address of a program on the same machine, but for its port.
#[derive(Debug, PartialEq, Eq)]
struct Loopback<'a> {
    host: &'a str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    fn parse(address: &'a str) -> Option<Self> {
        let rest = address.strip_prefix("http://")?;
        let host = ["localhost", "127.0.0.1", "[::1]"]
            .into_iter()
            .find(|host| rest.starts_with(host))?;
        let (host, after) = rest.split_at(host.len());
        let rest = match after.strip_prefix(':') {
            None => after,
            Some(after) => {
                let end = after
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(after.len());
                let (port, rest) = after.split_at(end);
                port.parse::<u16>().ok().filter(|port| *port > 0)?;
                rest
            }
        };
        // An empty path and `/` are the same (RFC 3986 §6.2.3).
        match rest {
            "" | "/" => Some(Self { host, rest: "/" }),
            _ if rest.starts_with(['/', '?']) && !rest.contains(['#', '\\']) => {
                Some(Self { host, rest })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redirect(kind: RedirectKind, address: &str) -> Redirect {
        Redirect {
            kind,
            address: address.to_owned(),
        }
    }

    #[test]
    fn an_address_is_taken_as_it_was_registered_and_in_no_other_form() {
        let own = redirect(RedirectKind::Web, "https://app.example/back");
        assert!(own.admits("https://app.example/back"));
        for other in [
            "https://app.example/back/",
            "https://app.example/back/more",
            "https://app.example/bac",
            "https://app.example/back?x=1",
            "https://app.example/back#x",
            "https://APP.example/back",
            "https://app.example/Back",
            "https://app.example:443/back",
            "https://app.example:8443/back",
            "https://user@app.example/back",
            "https://app.example@evil.example/back",
            "https://app.example.evil.example/back",
            "http://app.example/back",
            "https://app.example/%62ack",
            "https://app.example/x/../back",
            " https://app.example/back",
            "https://app.example/back\0",
            "",
        ] {
            assert!(!own.admits(other), "{other:?}");
        }
    }

    #[test]
    fn a_program_on_the_machine_may_take_any_port() {
        let own = redirect(RedirectKind::PublicClient, "http://localhost");
        for good in [
            "http://localhost",
            "http://localhost/",
            "http://localhost:53412",
            "http://localhost:53412/",
        ] {
            assert!(own.admits(good), "{good}");
        }
        for bad in [
            "http://localhost:0",
            "http://localhost:65536",
            "http://localhost:80a",
            "http://localhost:",
            "http://localhost:80@evil.example",
            "http://localhost.evil.example",
            "http://localhost:80.evil.example/",
            "http://localhost\\.evil.example",
            "http://127.0.0.1:53412",
            "https://localhost:53412",
            "http://localhost:53412/other",
            "http://localhost:53412/#x",
            "http://LOCALHOST:53412",
        ] {
            assert!(!own.admits(bad), "{bad}");
        }
        let fixed = redirect(RedirectKind::Web, "http://localhost:3000/back");
        assert!(!fixed.admits("http://localhost:3001/back"));
        let six = redirect(RedirectKind::PublicClient, "http://[::1]/cb");
        assert!(six.admits("http://[::1]:9/cb"));
    }

    #[test]
    fn what_nobody_should_be_sent_to_is_not_registered() {
        use RedirectKind::{PublicClient, Spa, Web};
        for (kind, good) in [
            (Web, "https://app.example"),
            (Web, "https://app.example:8443/a?b=c"),
            (Spa, "http://localhost:3000"),
            (PublicClient, "http://127.0.0.1"),
            (
                PublicClient,
                "https://login.microsoftonline.com/common/oauth2/nativeclient",
            ),
            (
                PublicClient,
                "msal14d82eec-204b-4c2f-b7e8-296a70dab67e://auth",
            ),
            (PublicClient, "urn:ietf:wg:oauth:2.0:oob"),
        ] {
            assert!(redirect(kind, good).check().is_ok(), "{good}");
        }
        for (kind, bad) in [
            (Web, ""),
            (Web, "app.example"),
            (Web, "http://app.example"),
            (Web, "https://"),
            (Web, "https://*.app.example/"),
            (Web, "https://app.example/#frag"),
            (Web, "https://user@app.example/"),
            (Web, "https://app.example/a b"),
            (Web, "https://app.example/\n"),
            (Web, "msal1://auth"),
            (Web, "urn:ietf:wg:oauth:2.0:oob"),
            (PublicClient, "javascript://%0aalert(1)"),
            (PublicClient, "data://text/html,x"),
            (PublicClient, "http://localhost.evil.example"),
            (PublicClient, "1a://x"),
        ] {
            assert!(redirect(kind, bad).check().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(own in "\\PC{0,40}", asked in "(http://localhost)?\\PC{0,40}") {
            let own = redirect(RedirectKind::PublicClient, &own);
            let _ = own.check();
            let _ = own.admits(&asked);
            let _ = redirect(RedirectKind::PublicClient, "http://localhost").admits(&asked);
        }
    }
}
