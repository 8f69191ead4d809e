//! A domain controller in memory: as much of Active Directory as a synchronisation sees.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use mandate_engine::{
    BindAnswer, DirectoryConnection, DirectoryEntry, DirectoryPage, DirectoryPageSearch,
    DirectorySearch, DirectoryServer, FromProvider, ProviderAnswer, ProviderGateway,
    ProviderRequest,
};
use uuid::Uuid;

const CONTEXT: &str = "DC=corp,DC=contoso,DC=com";

/// What the controller holds.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) objects: BTreeMap<u128, Object>,
    pub(crate) usn: i64,
    /// Which database it is.
    pub(crate) invocation: u8,
    /// Whether tombstones may be seen.
    pub(crate) shows_deleted: bool,
    /// What is said instead of pages.
    pub(crate) broken: Option<String>,
    /// Filters that were asked for.
    pub(crate) asked: Vec<String>,
    /// Entries that were given.
    pub(crate) given: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    dn: String,
    is_group: bool,
    is_deleted: bool,
    usn: i64,
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

/// The way to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peer(Arc<Mutex<Held>>);

impl Peer {
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }

    /// Adds somebody with a sign-in name of the domain `contoso.com` and an address.
    pub(crate) fn person(&self, id: u128, name: &str) {
        self.put(id, format!("CN={name},OU=Staff,{CONTEXT}"), false);
        self.set(id, "userPrincipalName", &[&format!("{name}@contoso.com")]);
        self.set(id, "sAMAccountName", &[name]);
        self.set(id, "displayName", &[name]);
        self.set(id, "mail", &[&format!("{name}@contoso.com")]);
        self.set(id, "userAccountControl", &["512"]);
    }

    /// Adds a group.
    pub(crate) fn group(&self, id: u128, name: &str, members: &[u128]) {
        self.put(id, format!("CN={name},OU=Groups,{CONTEXT}"), true);
        self.set(id, "cn", &[name]);
        self.members(id, members);
    }

    /// Sets an attribute to octets that need not be a text.
    pub(crate) fn set_octets(&self, id: u128, attribute: &str, octets: &[u8]) {
        self.change(id, |object| {
            let values = vec![octets.to_vec()];
            object.attributes.insert(attribute.to_lowercase(), values);
        });
    }

    /// Says who is in a group.
    pub(crate) fn members(&self, id: u128, members: &[u128]) {
        let names: Vec<String> = {
            let held = self.held();
            members
                .iter()
                .map(|id| held.objects[id].dn.clone())
                .collect()
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.set(id, "member", &names);
    }

    /// Sets an attribute; nothing removes it.
    pub(crate) fn set(&self, id: u128, attribute: &str, values: &[&str]) {
        let values = values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect();
        self.change(id, |object| {
            object.attributes.insert(attribute.to_lowercase(), values);
        });
    }

    /// Renames or moves, as the link of a group follows.
    pub(crate) fn rename(&self, id: u128, dn: &str) {
        let new = format!("{dn},{CONTEXT}");
        let old = self.held().objects[&id].dn.clone();
        for object in self.held().objects.values_mut() {
            for value in object.attributes.entry("member".to_owned()).or_default() {
                if *value == old.as_bytes() {
                    *value = new.clone().into_bytes();
                }
            }
        }
        self.change(id, |object| object.dn = new);
    }

    /// Makes a tombstone of it.
    pub(crate) fn delete(&self, id: u128) {
        self.change(id, |object| object.is_deleted = true);
    }

    /// Makes it live again.
    pub(crate) fn reanimate(&self, id: u128) {
        self.change(id, |object| object.is_deleted = false);
    }

    fn put(&self, id: u128, dn: String, is_group: bool) {
        let object = Object {
            dn,
            is_group,
            ..Object::default()
        };
        self.held().objects.insert(id, object);
        self.change(id, |_| {});
    }

    fn change(&self, id: u128, change: impl FnOnce(&mut Object)) {
        let mut held = self.held();
        held.usn += 1;
        let usn = held.usn;
        let object = held.objects.get_mut(&id).unwrap();
        object.usn = usn;
        change(object);
    }
}

impl ProviderGateway for Peer {
    fn ask(&self, _request: ProviderRequest) -> FromProvider<'_, ProviderAnswer> {
        Box::pin(async { Err("it is a directory".to_owned()) })
    }

    fn connect<'a>(
        &'a self,
        _server: &'a DirectoryServer,
    ) -> FromProvider<'a, Box<dyn DirectoryConnection>> {
        let connection: Box<dyn DirectoryConnection> = Box::new(self.clone());
        Box::pin(async { Ok(connection) })
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromProvider<'a, Vec<String>> {
        let address = format!("{host}:{port}");
        Box::pin(async { Ok(vec![address]) })
    }

    fn dial<'a>(&'a self, _address: &'a str) -> FromProvider<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl DirectoryConnection for Peer {
    fn bind<'a>(&'a mut self, _name: &'a str, password: &'a str) -> FromProvider<'a, BindAnswer> {
        let code = if password == "right" { 0 } else { 49 };
        let text = String::new();
        Box::pin(async move { Ok(BindAnswer { code, text }) })
    }

    fn search<'a>(
        &'a mut self,
        _search: DirectorySearch<'a>,
    ) -> FromProvider<'a, Vec<DirectoryEntry>> {
        Box::pin(async { Err("it is read by pages".to_owned()) })
    }

    fn page<'a>(&'a mut self, search: DirectoryPageSearch<'a>) -> FromProvider<'a, DirectoryPage> {
        let mut held = self.held();
        held.asked.push(search.filter.to_owned());
        let answer = match &held.broken {
            Some(reason) if search.whole_tree => Err(reason.clone()),
            _ if search.whole_tree => Ok(held.below(search)),
            _ => Ok(DirectoryPage {
                entries: held.entry(search).into_iter().collect(),
                cookie: Vec::new(),
            }),
        };
        held.given += answer.as_ref().map_or(0, |page| page.entries.len());
        drop(held);
        Box::pin(async { answer })
    }
}

impl Held {
    fn entry(&self, search: DirectoryPageSearch<'_>) -> Option<DirectoryEntry> {
        let one = |name: &str, value: &[u8]| (name.to_lowercase(), vec![value.to_vec()]);
        let entry = |attributes: BTreeMap<String, Vec<Vec<u8>>>| {
            let dn = search.base.to_owned();
            Some(DirectoryEntry { dn, attributes })
        };
        match search.base {
            "" => entry(
                [
                    one("defaultNamingContext", CONTEXT.as_bytes()),
                    one("configurationNamingContext", b"CN=Configuration"),
                    one("dsServiceName", b"CN=NTDS Settings"),
                    one("highestCommittedUSN", self.usn.to_string().as_bytes()),
                ]
                .into(),
            ),
            "CN=NTDS Settings" => entry([one("invocationId", &[self.invocation; 16])].into()),
            base if base.starts_with("CN=Deleted Objects") => {
                self.shows_deleted.then(|| entry([].into()))?
            }
            base => {
                let object = self
                    .objects
                    .values()
                    .find(|object| object.dn.eq_ignore_ascii_case(base))?;
                entry(ranged(&object.attributes["member"], search.attributes[0]))
            }
        }
    }

    fn below(&self, search: DirectoryPageSearch<'_>) -> DirectoryPage {
        if search.base.starts_with("CN=Partitions") {
            let attributes = [
                ("ncname".to_owned(), vec![CONTEXT.as_bytes().to_vec()]),
                ("netbiosname".to_owned(), vec![b"CORP".to_vec()]),
            ];
            let entry = DirectoryEntry {
                dn: "CN=CORP".to_owned(),
                attributes: attributes.into(),
            };
            return DirectoryPage {
                entries: vec![entry],
                cookie: Vec::new(),
            };
        }
        let since = search
            .filter
            .split_once("uSNChanged>=")
            .map_or(0, |(_, rest)| {
                rest.split(')').next().unwrap().parse::<i64>().unwrap()
            });
        let wants_deleted = search.filter.contains("isDeleted=TRUE");
        let wants_groups = search.filter.contains("objectClass=group");
        let from: u128 = match search.cookie {
            [] => 0,
            cookie => std::str::from_utf8(cookie).unwrap().parse().unwrap(),
        };
        let mut found: Vec<(u128, DirectoryEntry)> = self
            .objects
            .range(from..)
            .filter(|(_, object)| {
                object.usn >= since
                    && object.is_deleted == wants_deleted
                    && (wants_deleted || object.is_group == wants_groups)
            })
            .take(search.size as usize + 1)
            .map(|(id, object)| {
                let mut attributes = object.attributes.clone();
                attributes.remove("member");
                let guid = Uuid::from_u128(*id).to_bytes_le().to_vec();
                attributes.insert("objectguid".to_owned(), vec![guid]);
                (
                    *id,
                    DirectoryEntry {
                        dn: object.dn.clone(),
                        attributes,
                    },
                )
            })
            .collect();
        let next = found.split_off(found.len().min(search.size as usize));
        DirectoryPage {
            entries: found.into_iter().map(|(_, entry)| entry).collect(),
            cookie: next
                .first()
                .map(|(id, _)| id.to_string().into_bytes())
                .unwrap_or_default(),
        }
    }
}

/// Members as a domain controller gives them: at most 1500 at once.
fn ranged(members: &[Vec<u8>], asked: &str) -> BTreeMap<String, Vec<Vec<u8>>> {
    let from = asked.split_once("range=").unwrap().1;
    let from: usize = from.split('-').next().unwrap().parse().unwrap();
    let rest = &members[from.min(members.len())..];
    if rest.is_empty() {
        return BTreeMap::new();
    }
    let (name, some) = if rest.len() > 1500 {
        (
            format!("member;range={from}-{}", from + 1499),
            &rest[..1500],
        )
    } else {
        (format!("member;range={from}-*"), rest)
    };
    [(name, some.to_vec())].into()
}
