//! Reading a directory: connected, bound, a page at a time.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::entry::Domain;
use super::kind::{self, DirectoryKind};
use super::progress::Cursor;
use super::settings::SyncSettings;
use crate::instance::hex;
use crate::providers::{
    DirectoryConnection, DirectoryEntry, DirectoryPage, DirectoryPageSearch, DirectoryServer,
    ProviderGateway,
};

/// Entries of a page.
const PAGE: u32 = 500;
/// Members of a group that are asked for at once, unless the server gives fewer.
const MOST_RANGES: usize = 2000;

/// A directory that is being read.
pub(super) struct Reader<'a> {
    pub(super) settings: &'a SyncSettings,
    connection: Box<dyn DirectoryConnection>,
    pub(super) look: Look,
}

/// What a directory says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// The domain.
    pub(super) domain: Domain,
    /// Which database of which server it is; none if it does not say, and then everything is read each time.
    pub(super) server: Option<String>,
    /// The highest number of a change, of Active Directory.
    pub(super) highest: Option<i64>,
    /// The naming context of the domain, of Active Directory.
    pub(super) naming_context: Option<String>,
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// People.
    People,
    /// Groups, without their members.
    Groups,
}

/// The step at which a directory could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stuck {
    pub(super) step: &'static str,
    pub(super) reason: String,
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.step, self.reason)
    }
}

impl<'a> Reader<'a> {
    /// Connects, binds, and looks at what it is.
    pub(super) async fn open(
        gateway: &dyn ProviderGateway,
        settings: &'a SyncSettings,
        password: &[u8],
    ) -> Result<Self, Stuck> {
        let server = DirectoryServer {
            url: settings.url.clone(),
            start_tls: settings.start_tls,
            roots: settings.roots.clone(),
        };
        let stuck = |step| move |reason| Stuck { step, reason };
        let mut connection = gateway.connect(&server).await.map_err(stuck("TLS"))?;
        let password = Zeroizing::new(String::from_utf8(password.to_vec()).map_err(|_| Stuck {
            step: "account",
            reason: "its password is no text".to_owned(),
        })?);
        let answer = connection
            .bind(&settings.account, &password)
            .await
            .map_err(stuck("account"))?;
        if answer.code != 0 {
            let reason = refusal(answer.code, &answer.text);
            return Err(Stuck {
                step: "account",
                reason,
            });
        }
        let mut reader = Self {
            settings,
            connection,
            look: Look::default(),
        };
        reader.look = reader.look_around().await.map_err(stuck("directory"))?;
        Ok(reader)
    }

    /// A page of entries after a cookie, with the cookie of the next one; an empty one is the end.
    pub(super) async fn page(
        &mut self,
        which: Which,
        since: Option<&Cursor>,
        cookie: &[u8],
    ) -> Result<DirectoryPage, String> {
        let settings = self.settings;
        let further = since.map(changed_since).unwrap_or_default();
        let (base, filter, attributes) = match which {
            Which::People => (
                settings.base.as_str(),
                kind::people_filter(settings, &further),
                kind::people_attributes(settings),
            ),
            Which::Groups => (
                group_base(settings),
                kind::group_filter(settings, &further),
                kind::group_attributes(settings),
            ),
        };
        self.ask((base, true), &filter, &attributes, cookie, false)
            .await
    }

    /// A page of ids alone.
    pub(super) async fn ids(
        &mut self,
        which: Which,
        cookie: &[u8],
    ) -> Result<DirectoryPage, String> {
        let settings = self.settings;
        let (base, filter) = match which {
            Which::People => (settings.base.as_str(), kind::people_filter(settings, "")),
            Which::Groups => (group_base(settings), kind::group_filter(settings, "")),
        };
        let attributes = [settings.kind.id_attribute()];
        self.ask((base, true), &filter, &attributes, cookie, false)
            .await
    }

    /// A page of what was deleted since, from the tombstones of Active Directory ([MS-ADTS] §3.1.1.5.5).
    pub(super) async fn tombstones(
        &mut self,
        since: &Cursor,
        cookie: &[u8],
    ) -> Result<DirectoryPage, String> {
        let Some(context) = self.look.naming_context.clone() else {
            return Err("it has no tombstones".to_owned());
        };
        let filter = format!("(&(isDeleted=TRUE){})", changed_since(since));
        let attributes = ["objectGUID"];
        self.ask((&context, true), &filter, &attributes, cookie, true)
            .await
    }

    /// Whether the account may see tombstones.
    pub(super) async fn sees_tombstones(&mut self) -> bool {
        let Some(context) = &self.look.naming_context else {
            return false;
        };
        let container = format!("CN=Deleted Objects,{context}");
        let all = "(objectClass=*)";
        let found = self
            .ask((&container, false), all, &["objectGUID"], &[], true)
            .await;
        found.is_ok_and(|page| !page.entries.is_empty())
    }

    /// The distinguished names of the direct members of a group. Active Directory gives them in ranges
    /// ([MS-ADTS] §3.1.1.3.1.3.3).
    pub(super) async fn members(&mut self, dn: &str) -> Result<Option<BTreeSet<String>>, String> {
        let names: Vec<String> = kind::attributes_of(self.settings, "member")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let mut all = BTreeSet::new();
        for name in names {
            let mut from = 0_usize;
            for _ in 0..MOST_RANGES {
                let asked = match self.settings.kind {
                    DirectoryKind::ActiveDirectory => format!("{name};range={from}-*"),
                    DirectoryKind::Ldap => name.clone(),
                };
                let found = self
                    .ask((dn, false), "(objectClass=*)", &[&asked], &[], false)
                    .await?;
                let Some(entry) = found.entries.into_iter().next() else {
                    return Ok(None);
                };
                let (values, next) = range(entry, &name);
                all.extend(
                    values
                        .into_iter()
                        .filter_map(|value| String::from_utf8(value).ok()),
                );
                match next {
                    Some(next) if next > from => from = next,
                    _ => break,
                }
            }
        }
        Ok(Some(all))
    }

    async fn ask(
        &mut self,
        (base, whole_tree): (&str, bool),
        filter: &str,
        attributes: &[&str],
        cookie: &[u8],
        shows_deleted: bool,
    ) -> Result<DirectoryPage, String> {
        self.connection
            .page(DirectoryPageSearch {
                base,
                whole_tree,
                filter,
                attributes,
                size: PAGE,
                cookie,
                shows_deleted,
            })
            .await
    }

    async fn entry(
        &mut self,
        base: &str,
        attributes: &[&str],
    ) -> Result<Option<DirectoryEntry>, String> {
        let found = self
            .ask((base, false), "(objectClass=*)", attributes, &[], false)
            .await?;
        Ok(found.entries.into_iter().next())
    }

    async fn look_around(&mut self) -> Result<Look, String> {
        let attributes = [
            "defaultNamingContext",
            "configurationNamingContext",
            "dsServiceName",
            "highestCommittedUSN",
        ];
        let root = self.entry("", &attributes).await?.unwrap_or_default();
        let text = |attribute: &str| text_of(&root, attribute);
        let mut look = Look {
            domain: Domain {
                name: self.settings.domain_name.clone(),
                net_bios_name: self.settings.net_bios_name.clone(),
            },
            ..Look::default()
        };
        match self.settings.kind {
            // There is no more to tell servers apart by: times of two of them are hardly ever the same to the second.
            DirectoryKind::Ldap => look.server = Some(self.settings.url.clone()),
            DirectoryKind::ActiveDirectory => {
                let context = text("defaultNamingContext")
                    .ok_or("it does not say of which domain it is: is it Active Directory?")?;
                look.highest = super::entry::number(&root, "highestCommittedUSN");
                if let Some(service) = text("dsServiceName") {
                    let found = self.entry(&service, &["invocationId"]).await?;
                    let found = found.unwrap_or_default();
                    let id = found.values("invocationId").first();
                    look.server = id.map(|id| hex(id));
                }
                if look.domain.name.is_none() {
                    look.domain.name = dns_name(&context);
                }
                if let (None, Some(configuration)) = (
                    &look.domain.net_bios_name,
                    text("configurationNamingContext"),
                ) {
                    look.domain.net_bios_name =
                        self.net_bios_name(&configuration, &context).await?;
                }
                look.naming_context = Some(context);
            }
        }
        Ok(look)
    }

    /// The short name of the domain: of its `crossRef` ([MS-ADTS] §6.1.1.2.1.1.5).
    async fn net_bios_name(
        &mut self,
        configuration: &str,
        context: &str,
    ) -> Result<Option<String>, String> {
        let base = format!("CN=Partitions,{configuration}");
        let filter = "(&(objectClass=crossRef)(nETBIOSName=*))";
        let names = ["nCName", "nETBIOSName"];
        let found = self.ask((&base, true), filter, &names, &[], false).await?;
        let own = found
            .entries
            .iter()
            .find(|entry| entry.has("nCName", context));
        Ok(own.and_then(|entry| text_of(entry, "nETBIOSName")))
    }
}

fn group_base(settings: &SyncSettings) -> &str {
    settings.group_base.as_deref().unwrap_or(&settings.base)
}

fn changed_since(cursor: &Cursor) -> String {
    match cursor {
        Cursor::Usn { highest, .. } => format!("(uSNChanged>={})", highest.saturating_add(1)),
        // What happened within the second that was seen last may not have been seen.
        Cursor::Time { latest, .. } => format!("(modifyTimestamp>={latest})"),
    }
}

fn text_of(entry: &DirectoryEntry, attribute: &str) -> Option<String> {
    let value = entry.values(attribute).first()?;
    String::from_utf8(value.clone())
        .ok()
        .filter(|text| !text.is_empty())
}

/// `corp.example.com` of `DC=corp,DC=example,DC=com` (RFC 2247).
fn dns_name(context: &str) -> Option<String> {
    let labels: Option<Vec<&str>> = context
        .split(',')
        .map(|part| {
            let (kind, label) = part.trim().split_once('=')?;
            kind.eq_ignore_ascii_case("dc").then_some(label)
        })
        .collect();
    labels.map(|labels| labels.join("."))
}

/// The values of an attribute that may come in ranges, and from where to go on; none at the end.
fn range(entry: DirectoryEntry, name: &str) -> (Vec<Vec<u8>>, Option<usize>) {
    let name = name.to_ascii_lowercase();
    let mut all = Vec::new();
    let mut next = None;
    for (found, values) in entry.attributes {
        if found == name {
            all.extend(values);
        } else if let Some(bounds) = found.strip_prefix(&format!("{name};range=")) {
            if let Some((_, last)) = bounds.split_once('-') {
                next = last
                    .parse::<usize>()
                    .ok()
                    .map(|last| last.saturating_add(1));
            }
            all.extend(values);
        }
    }
    (all, next)
}

fn refusal(code: u32, text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(160).collect();
    match code {
        49 => format!("the name or the password is wrong (result code 49) {text}"),
        8 => "it wants TLS, or a signed connection (result code 8)".to_owned(),
        13 => "it wants TLS (result code 13)".to_owned(),
        code => format!("result code {code}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_read_from_its_context() {
        assert_eq!(
            dns_name("DC=corp, dc=example,DC=com").as_deref(),
            Some("corp.example.com")
        );
        assert_eq!(dns_name("OU=x,DC=com"), None);
    }

    #[test]
    fn ranges_go_on_until_the_star() {
        let entry = |name: &str| DirectoryEntry {
            dn: "CN=g".to_owned(),
            attributes: [(name.to_owned(), vec![b"CN=a".to_vec()])].into(),
        };
        assert_eq!(range(entry("member;range=0-1499"), "member").1, Some(1500));
        assert_eq!(range(entry("member;range=1500-*"), "member").1, None);
        assert_eq!(
            range(entry("member"), "member"),
            (vec![b"CN=a".to_vec()], None)
        );
        assert_eq!(range(entry("memberof"), "member"), (Vec::new(), None));
    }
}
