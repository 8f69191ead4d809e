//! The list for this instance.

use mandate_model::Platform;
use mandate_store::DirectoryRecord;
use serde::Serialize;
use url::Url;

use super::known::{PUSH, known_hosts};
use super::run::ConnectionTest;
use super::stored::last_test;
use crate::directory::directory_place;
use crate::providers::{How, Provider};
use crate::{Action, Actor, Engine, EngineError};

/// Who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionFrom {
    /// This server.
    Server,
    /// Devices, and whoever uses them.
    Device,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionPurpose {
    /// The name of this server, as devices are told it.
    OwnName,
    /// Waking devices.
    Push,
    /// A name server.
    NameServer,
    /// Mails to people.
    Mail,
    /// Telling others of certificates near their end.
    Webhook,
    /// Telling others of each change.
    AuditWebhook,
    /// A certificate authority of others.
    Authority,
    /// Where people's passwords are checked, or people come from.
    Directory,
    /// Where people sign in.
    SignIn,
    /// Something of a platform's maker.
    Maker,
}

impl ConnectionPurpose {
    /// A stable word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OwnName => "own-name",
            Self::Push => PUSH,
            Self::NameServer => "name-server",
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::AuditWebhook => "audit-webhook",
            Self::Authority => "authority",
            Self::Directory => "directory",
            Self::SignIn => "sign-in",
            Self::Maker => "maker",
        }
    }

    /// What it is for, in a few words without a full stop.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OwnName => {
                "this server under the name that devices are told, and its certificate"
            }
            Self::Push => "waking devices through Apple's push service",
            Self::NameServer => "asking for names and for the records of domains",
            Self::Mail => "mails to people",
            Self::Webhook => "telling of certificates near their end",
            Self::AuditWebhook => "telling of each change",
            Self::Authority => "asking a certificate authority of others",
            Self::Directory => "asking a directory",
            Self::SignIn => "people who sign in elsewhere",
            Self::Maker => "services of a platform's maker",
        }
    }
}

/// A connection that has to be possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// A word for it that is unique in the list.
    pub id: String,
    /// What kind of connection it is.
    pub purpose: ConnectionPurpose,
    /// What it is for, for people.
    pub description: String,
    /// Who connects.
    pub from: ConnectionFrom,
    /// Host name or address; one that begins with `*.` stands for all below.
    pub host: String,
    /// TCP ports.
    pub ports: Vec<u16>,
    /// Which platforms need it; all if it is empty.
    pub platforms: Vec<Platform>,
    /// Whether it was configured here; else it is the same for everybody.
    pub is_configured: bool,
    /// Whether this server can test it.
    pub is_testable: bool,
    /// Whether TLS begins at once.
    #[serde(skip)]
    pub(super) tls: bool,
    /// Roots (DER) that were given for it.
    #[serde(skip)]
    pub(super) roots: Vec<Vec<u8>>,
}

impl Connection {
    fn configured(id: String, purpose: ConnectionPurpose, place: Place) -> Self {
        Self {
            id,
            purpose,
            description: purpose.words().to_owned(),
            from: ConnectionFrom::Server,
            host: place.host,
            ports: vec![place.port],
            platforms: Vec::new(),
            is_configured: true,
            is_testable: true,
            tls: place.tls,
            roots: place.roots,
        }
    }
}

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    tls: bool,
    roots: Vec<Vec<u8>>,
}

impl Place {
    /// The place of an address such as `https://host:port/path` or `ldaps://host`.
    fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let (tls, usual) = match url.scheme() {
            "https" => (true, 443),
            "http" => (false, 80),
            "ldaps" => (true, 636),
            "ldap" => (false, 389),
            _ => return None,
        };
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some(Self {
            host,
            port: url.port().unwrap_or(usual),
            tls,
            roots: Vec::new(),
        })
        .filter(|place| !place.host.is_empty())
    }
}

impl Place {
    /// The same with roots (PEM) that were given for it.
    fn trusting(mut self, roots: Option<&str>) -> Self {
        if let Some(pem) = roots {
            let roots = mandate_pki::certificate::Certificate::from_pem(pem);
            self.roots.extend(roots.map(|root| root.der().to_vec()));
        }
        self
    }
}

impl Engine {
    /// Which connections have to be possible, those of the server first, with what the last test found.
    pub async fn connections(
        &self,
        actor: &Actor,
    ) -> Result<(Vec<Connection>, Option<ConnectionTest>), EngineError> {
        actor.require(Action::OrganizationRead)?;
        let list = self.list_connections().await?;
        let mut session = self.store().read().await?;
        let tested = last_test(&mut session).await?;
        Ok((list, tested))
    }

    pub(crate) async fn list_connections(&self) -> Result<Vec<Connection>, EngineError> {
        let providers = self.all_providers().await?;
        let mut session = self.store().read().await?;
        let mut list = Vec::new();
        if let Some(place) = Place::of(self.device_base_url()) {
            let purpose = ConnectionPurpose::OwnName;
            let own = Connection::configured(purpose.id().to_owned(), purpose, place);
            // Devices have to get there as well.
            let theirs = Connection {
                id: "own-name-devices".to_owned(),
                description: "enrolling, and everything afterwards".to_owned(),
                from: ConnectionFrom::Device,
                is_testable: false,
                ..own.clone()
            };
            list.extend([own, theirs]);
        }
        for configured in &self.options().connections {
            let place = Place {
                host: configured.host.clone(),
                port: configured.port,
                tls: configured.tls,
                roots: configured.roots.clone(),
            };
            let purpose = configured.purpose;
            let id = purpose.id().to_owned();
            list.push(Connection::configured(id, purpose, place));
        }
        for issuer in session.list_external_issuers().await? {
            let place = Place::of(&issuer.url);
            let purpose = ConnectionPurpose::Authority;
            let id = format!("{}:{}", purpose.id(), issuer.name);
            list.extend(place.map(|place| Connection::configured(id, purpose, place)));
        }
        list.extend(providers.iter().filter_map(of_provider));
        for record in session.list_directories().await? {
            list.extend(of_directory(&record)?);
        }
        let has_push = list.iter().any(|one| one.id == PUSH);
        let known = known_hosts()
            .iter()
            .filter(|known| !(has_push && known.id == PUSH));
        list.extend(known.map(|known| Connection {
            id: known.id.to_owned(),
            purpose: match known.id {
                PUSH => ConnectionPurpose::Push,
                _ => ConnectionPurpose::Maker,
            },
            description: known.purpose.to_owned(),
            from: known.from,
            host: known.host.to_owned(),
            ports: known.ports.to_vec(),
            platforms: known.platforms.to_vec(),
            is_configured: false,
            is_testable: known.from == ConnectionFrom::Server,
            tls: true,
            roots: Vec::new(),
        }));
        list.sort_by_key(|one| one.from == ConnectionFrom::Device);
        Ok(list)
    }
}

fn of_provider(provider: &Provider) -> Option<Connection> {
    let (address, purpose) = match &provider.settings.how {
        How::Ldap(settings) => (&settings.url, ConnectionPurpose::Directory),
        How::Oidc(settings) => (&settings.issuer, ConnectionPurpose::SignIn),
    };
    let place = Place::of(address)?.trusting(provider.settings.roots.as_deref());
    let id = format!("{}:{}", purpose.id(), provider.name);
    Some(Connection::configured(id, purpose, place))
}

/// A directory that people come from. One that they sign in with may have the same name, so that the word is another.
fn of_directory(record: &DirectoryRecord) -> Result<Option<Connection>, EngineError> {
    let (address, roots) = directory_place(record)?;
    let purpose = ConnectionPurpose::Directory;
    let place = Place::of(&address).map(|place| place.trusting(roots.as_deref()));
    let id = format!("people:{}", record.name);
    Ok(place.map(|place| Connection::configured(id, purpose, place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_an_address() {
        let read =
            |address: &str| Place::of(address).map(|place| (place.host, place.port, place.tls));
        let place = |host: &str, port, tls| Some((host.to_owned(), port, tls));
        assert_eq!(
            read("https://mdm.contoso.com"),
            place("mdm.contoso.com", 443, true)
        );
        assert_eq!(
            read("http://127.0.0.1:8080/x"),
            place("127.0.0.1", 8080, false)
        );
        assert_eq!(read("https://[::1]:8443"), place("::1", 8443, true));
        assert_eq!(
            read("ldaps://dc.contoso.com"),
            place("dc.contoso.com", 636, true)
        );
        assert_eq!(
            read("ldap://dc.contoso.com:1389"),
            place("dc.contoso.com", 1389, false)
        );
        for wrong in [
            "",
            "mdm.contoso.com",
            "file:///etc/passwd",
            "gopher://x",
            "ldap://",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
