//! Connections with directories, by LDAP.

use std::sync::Arc;

use ldap3::asn1::StructureTag;
use ldap3::controls::{Control, ControlType, PagedResults, RawControl};
use ldap3::{
    DerefAliases, Ldap, LdapConnAsync, LdapConnSettings, LdapResult, ResultEntry, Scope,
    SearchOptions,
};
use mandate_engine::{
    BindAnswer, DirectoryConnection, DirectoryEntry, DirectoryPage, DirectoryPageSearch,
    DirectorySearch, DirectoryServer, FromProvider,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use zeroize::Zeroizing;

use super::{CONNECT_TIMEOUT, PAGE_TIMEOUT, TIMEOUT, words};
use tokio::time::Duration;

/// More than one is too many, and two tell that.
const MOST_ENTRIES: usize = 2;
const SIZE_LIMIT_EXCEEDED: u32 = 4;
const REFERRAL: u32 = 10;
const NO_SUCH_OBJECT: u32 = 32;
/// `LDAP_SERVER_SHOW_DELETED_OID` ([MS-ADTS] §3.1.1.3.4.1.14).
const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
/// Octets of a value that are kept when everything is read: what is longer is nothing that is needed.
const LONGEST_VALUE: usize = 64 * 1024;

struct Connection {
    ldap: Ldap,
}

pub(super) async fn connect(
    server: &DirectoryServer,
) -> Result<Box<dyn DirectoryConnection>, String> {
    let mut settings = LdapConnSettings::new()
        .set_conn_timeout(CONNECT_TIMEOUT)
        .set_starttls(server.start_tls);
    if let Some(roots) = &server.roots {
        settings = settings.set_config(Arc::new(trusting(roots)?));
    }
    let url = server.url.clone();
    let (connection, ldap) = guarded(async move {
        LdapConnAsync::with_settings(settings, &url)
            .await
            .map_err(|error| words(&error))
    })
    .await?;
    tokio::spawn(async move {
        if let Err(error) = connection.drive().await {
            tracing::debug!("a connection with a directory ended: {error}");
        }
    });
    Ok(Box::new(Connection { ldap }))
}

fn trusting(roots: &str) -> Result<ClientConfig, String> {
    let mut store = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(roots.as_bytes()) {
        let root = root.map_err(|error| format!("the roots cannot be read: {error}"))?;
        store
            .add(root)
            .map_err(|error| format!("a root cannot be used: {error}"))?;
    }
    Ok(ClientConfig::builder()
        .with_root_certificates(store)
        .with_no_client_auth())
}

impl DirectoryConnection for Connection {
    fn bind<'a>(&'a mut self, name: &'a str, password: &'a str) -> FromProvider<'a, BindAnswer> {
        let mut ldap = self.ldap.clone();
        let (name, password) = (name.to_owned(), Zeroizing::new(password.to_owned()));
        Box::pin(guarded(async move {
            if password.is_empty() {
                return Err("a bind without a password proves nothing".to_owned());
            }
            let answer = ldap
                .with_timeout(TIMEOUT)
                .simple_bind(&name, &password)
                .await
                .map_err(|error| words(&error))?;
            Ok(BindAnswer {
                code: answer.rc,
                text: answer.text,
            })
        }))
    }

    fn search<'a>(
        &'a mut self,
        search: DirectorySearch<'a>,
    ) -> FromProvider<'a, Vec<DirectoryEntry>> {
        let mut ldap = self.ldap.clone();
        let (base, filter) = (search.base.to_owned(), search.filter.to_owned());
        let attributes: Vec<String> = search.attributes.iter().map(|&name| name.into()).collect();
        let scope = if search.whole_tree {
            Scope::Subtree
        } else {
            Scope::Base
        };
        Box::pin(guarded(async move {
            let options = SearchOptions::new().sizelimit(2).timelimit(5);
            let mut stream = ldap
                .with_search_options(options)
                .with_timeout(TIMEOUT)
                .streaming_search(&base, scope, &filter, attributes)
                .await
                .map_err(|error| words(&error))?;
            let mut found = Vec::new();
            while let Some(entry) = stream.next().await.map_err(|error| words(&error))? {
                // References to other servers are not followed.
                if entry.is_ref() || entry.is_intermediate() {
                    continue;
                }
                found.push(read(entry).ok_or("it sent an entry that cannot be read")?);
                if found.len() == MOST_ENTRIES {
                    return Ok(found);
                }
            }
            check(&stream.finish().await)?;
            Ok(found)
        }))
    }

    fn page<'a>(&'a mut self, search: DirectoryPageSearch<'a>) -> FromProvider<'a, DirectoryPage> {
        let mut ldap = self.ldap.clone();
        let (base, filter) = (search.base.to_owned(), search.filter.to_owned());
        let attributes: Vec<String> = search.attributes.iter().map(|&name| name.into()).collect();
        let scope = if search.whole_tree {
            Scope::Subtree
        } else {
            Scope::Base
        };
        let mut controls: Vec<RawControl> = Vec::new();
        if search.whole_tree {
            let paging = PagedResults {
                size: i32::try_from(search.size).unwrap_or(i32::MAX),
                cookie: search.cookie.to_vec(),
            };
            controls.push(paging.into());
        }
        if search.shows_deleted {
            controls.push(RawControl {
                ctype: SHOW_DELETED.to_owned(),
                crit: true,
                val: None,
            });
        }
        Box::pin(guarded_for(PAGE_TIMEOUT, async move {
            let options = SearchOptions::new().deref(DerefAliases::Never);
            let mut stream = ldap
                .with_search_options(options)
                .with_controls(controls)
                .with_timeout(PAGE_TIMEOUT)
                .streaming_search(&base, scope, &filter, attributes)
                .await
                .map_err(|error| words(&error))?;
            let mut page = DirectoryPage::default();
            while let Some(entry) = stream.next().await.map_err(|error| words(&error))? {
                if entry.is_ref() || entry.is_intermediate() {
                    continue;
                }
                let mut entry = read(entry).ok_or("it sent an entry that cannot be read")?;
                for value in entry.attributes.values_mut().flatten() {
                    shorten(value);
                }
                page.entries.push(entry);
            }
            let result = stream.finish().await;
            // Nothing there is nothing found, if it is one entry that was asked for.
            if result.rc == NO_SUCH_OBJECT && scope == Scope::Base {
                return Ok(DirectoryPage::default());
            }
            if result.rc == NO_SUCH_OBJECT {
                return Err(format!("the base `{base}` is not there"));
            }
            if result.rc != 0 {
                check(&result)?;
                // It gave as many as it may, and holds the others back.
                return Err("it gives no more entries than its limit, and not page by page; raise the limit for the account".to_owned());
            }
            page.cookie = cookie_of(&result);
            Ok(page)
        }))
    }
}

/// What gets the next page.
fn cookie_of(result: &LdapResult) -> Vec<u8> {
    result
        .ctrls
        .iter()
        .find_map(|Control(kind, raw)| match kind {
            Some(ControlType::PagedResults) => Some(raw.parse::<PagedResults>().cookie),
            _ => None,
        })
        .unwrap_or_default()
}

/// Cuts a value that is longer than anything that is needed, and makes it no text by that.
fn shorten(value: &mut Vec<u8>) {
    if value.len() > LONGEST_VALUE {
        value.truncate(LONGEST_VALUE);
        value.push(0xff);
        value.shrink_to_fit();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut ldap = self.ldap.clone();
        tokio::spawn(async move {
            let _ = ldap.unbind().await;
        });
    }
}

fn check(result: &LdapResult) -> Result<(), String> {
    match result.rc {
        0 | SIZE_LIMIT_EXCEEDED => Ok(()),
        REFERRAL => Err("it sends us to another server, which is not followed; name that server, or a `base` of its own".to_owned()),
        code => Err(format!("the search ended with result code {code}: {}", result.text)),
    }
}

/// `SearchResultEntry` (RFC 4511 §4.5.2): a name, and attributes with their values.
fn read(entry: ResultEntry) -> Option<DirectoryEntry> {
    let mut parts = entry.0.expect_constructed()?.into_iter();
    let dn = text(parts.next()?)?;
    let mut read = DirectoryEntry {
        dn,
        ..DirectoryEntry::default()
    };
    for attribute in parts.next()?.expect_constructed()? {
        let mut parts = attribute.expect_constructed()?.into_iter();
        let name = text(parts.next()?)?.to_ascii_lowercase();
        let values = parts.next()?.expect_constructed()?.into_iter();
        let values: Option<Vec<_>> = values.map(StructureTag::expect_primitive).collect();
        read.attributes.insert(name, values?);
    }
    Some(read)
}

fn text(tag: StructureTag) -> Option<String> {
    String::from_utf8(tag.expect_primitive()?).ok()
}

/// Runs something in a task of its own within the time that there is: what a server sends may make the library panic.
async fn guarded<T: Send + 'static>(
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Result<T, String> {
    guarded_for(TIMEOUT, work).await
}

async fn guarded_for<T: Send + 'static>(
    time: Duration,
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Result<T, String> {
    match tokio::time::timeout(time, tokio::spawn(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err("it sent something that cannot be read".to_owned()),
        Err(_) => Err("it does not answer in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::asn1::{PL, TagClass};

    fn tag(payload: PL) -> StructureTag {
        StructureTag {
            class: TagClass::Universal,
            id: 4,
            payload,
        }
    }

    fn octets(text: &str) -> StructureTag {
        tag(PL::P(text.as_bytes().to_vec()))
    }

    #[test]
    fn an_entry_is_read_and_a_broken_one_is_none() {
        let attribute = tag(PL::C(vec![
            octets("memberOf"),
            tag(PL::C(vec![octets("cn=a")])),
        ]));
        let whole = tag(PL::C(vec![octets("uid=ada"), tag(PL::C(vec![attribute]))]));
        let entry = read(ResultEntry::new(whole)).unwrap();
        assert_eq!(entry.dn, "uid=ada");
        assert_eq!(entry.values("MEMBEROF"), [b"cn=a".to_vec()]);
        for broken in [
            octets("x"),
            tag(PL::C(Vec::new())),
            tag(PL::C(vec![octets("uid=ada")])),
            tag(PL::C(vec![
                octets("uid=ada"),
                tag(PL::C(vec![octets("x")])),
            ])),
            tag(PL::C(vec![tag(PL::P(vec![0xff])), tag(PL::C(Vec::new()))])),
        ] {
            assert_eq!(read(ResultEntry::new(broken)), None);
        }
    }

    #[tokio::test]
    async fn a_panic_of_the_library_is_an_answer_that_cannot_be_read() {
        let broken = guarded(async { panic!("malformed") });
        let answer: Result<(), String> = broken.await;
        assert!(answer.unwrap_err().contains("cannot be read"));
    }
}
