//! The entry of an account that somebody has bound as.

use super::person::{attributes, is_distinguished};
use crate::providers::settings::DirectorySettings;
use crate::providers::{DirectoryConnection, DirectoryEntry, DirectorySearch};

use super::escape::in_filter;

/// The entry of the account that is bound, as far as it may read it itself. It is looked for by what the bind was made
/// with and by nothing else: an entry that is found in another way may be another account's.
pub(super) async fn bound_entry(
    connection: &mut dyn DirectoryConnection,
    settings: &DirectorySettings,
    bound_as: &str,
) -> Result<DirectoryEntry, String> {
    let attributes = attributes(settings);
    let by_name = !settings.bind_name.as_deref().is_some_and(is_distinguished);
    let filter = if by_name {
        filter(bound_as)
    } else {
        "(objectClass=*)".to_owned()
    };
    let base = if by_name {
        settings.base.as_deref().unwrap_or_default()
    } else {
        bound_as
    };
    let wanted = DirectorySearch {
        base,
        whole_tree: by_name,
        filter: &filter,
        attributes: &attributes,
    };
    let mut found = connection.search(wanted).await?;
    let entry = match (found.pop(), found.is_empty()) {
        (None, _) => {
            return Err("the entry of the account that was bound cannot be read".to_owned());
        }
        (Some(_), false) => return Err("several entries have that name".to_owned()),
        (Some(entry), true) => entry,
    };
    if by_name && !is_of(&entry, bound_as) {
        return Err("the entry that was found is not of the account that was bound".to_owned());
    }
    Ok(entry)
}

/// What finds the account of a name that is not a distinguished one, as Active Directory takes it ([MS-ADTS]
/// §5.1.1.1.1): `DOMAIN\sAMAccountName`, or the `userPrincipalName`, or `sAMAccountName@DNS-DOMAIN`.
fn filter(bound_as: &str) -> String {
    if let Some((_, account)) = bound_as.split_once('\\') {
        return format!("(sAMAccountName={})", in_filter(account));
    }
    let account = bound_as
        .rsplit_once('@')
        .map_or(bound_as, |(account, _)| account);
    format!(
        "(|(userPrincipalName={})(sAMAccountName={}))",
        in_filter(bound_as),
        in_filter(account)
    )
}

/// Whether an entry is that of the account which that name binds.
fn is_of(entry: &DirectoryEntry, bound_as: &str) -> bool {
    if let Some((_, account)) = bound_as.split_once('\\') {
        return entry.has("sAMAccountName", account);
    }
    if entry.has("userPrincipalName", bound_as) {
        return true;
    }
    let Some((account, domain)) = bound_as.rsplit_once('@') else {
        return false;
    };
    entry.has("sAMAccountName", account) && domain_of(&entry.dn).eq_ignore_ascii_case(domain)
}

/// The DNS name of the domain that an entry is in: the `DC` at the end of its name (RFC 2247).
fn domain_of(dn: &str) -> String {
    let mut labels = Vec::new();
    for part in dn.rsplit(',') {
        match part.trim().split_once('=') {
            Some((kind, label)) if kind.trim().eq_ignore_ascii_case("dc") => {
                labels.insert(0, label.trim());
            }
            _ => break,
        }
    }
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{BindAnswer, FromProvider};
    use serde_json::json;

    /// Answers searches with what it has, whatever was asked, and remembers what that was.
    struct Answering {
        found: Vec<DirectoryEntry>,
        asked: Option<(String, bool, String)>,
    }

    impl DirectoryConnection for Answering {
        fn bind<'a>(&'a mut self, _: &'a str, _: &'a str) -> FromProvider<'a, BindAnswer> {
            Box::pin(async { Err("it is bound already".to_owned()) })
        }

        fn search<'a>(
            &'a mut self,
            search: DirectorySearch<'a>,
        ) -> FromProvider<'a, Vec<DirectoryEntry>> {
            let (base, filter) = (search.base.to_owned(), search.filter.to_owned());
            self.asked = Some((base, search.whole_tree, filter));
            let found = self.found.clone();
            Box::pin(async { Ok(found) })
        }
    }

    fn account(name: &str, upn: &str) -> DirectoryEntry {
        let values = |text: &str| vec![text.as_bytes().to_vec()];
        DirectoryEntry {
            dn: format!("CN={name},OU=Staff,DC=corp,DC=contoso,DC=com"),
            attributes: [
                ("samaccountname".to_owned(), values(name)),
                ("userprincipalname".to_owned(), values(upn)),
            ]
            .into(),
        }
    }

    async fn entry(
        template: &str,
        bound_as: &str,
        found: &[DirectoryEntry],
    ) -> (Result<DirectoryEntry, String>, (String, bool, String)) {
        let settings = json!({"url": "ldaps://x", "base": "DC=corp", "bindName": template});
        let settings: DirectorySettings = serde_json::from_value(settings).unwrap();
        let mut connection = Answering {
            found: found.to_vec(),
            asked: None,
        };
        let entry = bound_entry(&mut connection, &settings, bound_as).await;
        (entry, connection.asked.unwrap())
    }

    #[tokio::test]
    async fn the_entry_is_that_of_the_account_which_was_bound() {
        // `bob` is one account, and another has the principal name `bob@…`.
        let bob = account("bob", "robert@contoso.com");
        let other = account("admin", "bob@corp.contoso.com");
        let (found, asked) = entry(r"CORP\{name}", r"CORP\bob", std::slice::from_ref(&bob)).await;
        assert_eq!(found.unwrap(), bob);
        assert_eq!(
            asked,
            ("DC=corp".into(), true, "(sAMAccountName=bob)".into())
        );
        let (found, _) = entry(r"CORP\{name}", r"CORP\bob", std::slice::from_ref(&other)).await;
        assert!(found.is_err(), "{found:?}");
        // By principal name, the explicit one or that of the domain; both at once may be either.
        let upn = "{name}@corp.contoso.com";
        let bound_as = "bob@corp.contoso.com";
        let (found, asked) = entry(upn, bound_as, std::slice::from_ref(&other)).await;
        assert_eq!(found.unwrap(), other);
        let filter = "(|(userPrincipalName=bob@corp.contoso.com)(sAMAccountName=bob))";
        assert_eq!(asked.2, filter);
        let (found, _) = entry(upn, bound_as, std::slice::from_ref(&bob)).await;
        assert_eq!(found.unwrap(), bob);
        let (found, _) = entry(upn, bound_as, &[bob.clone(), other]).await;
        assert!(found.is_err(), "{found:?}");
        let (found, _) = entry("{upn}", "bob@fabrikam.com", &[bob]).await;
        assert!(found.is_err(), "{found:?}");
        let (found, _) = entry(upn, bound_as, &[]).await;
        assert!(found.is_err(), "{found:?}");
    }

    #[tokio::test]
    async fn who_bound_with_a_distinguished_name_is_that_entry() {
        let ada = DirectoryEntry {
            dn: "uid=ada,dc=x".to_owned(),
            ..DirectoryEntry::default()
        };
        let (found, asked) = entry(
            "uid={name},dc=x",
            "uid=ada,dc=x",
            std::slice::from_ref(&ada),
        )
        .await;
        assert_eq!(found.unwrap(), ada);
        assert_eq!(
            asked,
            ("uid=ada,dc=x".into(), false, "(objectClass=*)".into())
        );
        let (found, _) = entry("uid={name},dc=x", "uid=ada,dc=x", &[]).await;
        assert!(found.is_err(), "{found:?}");
    }

    #[test]
    fn a_domain_is_the_end_of_a_name() {
        assert_eq!(
            domain_of("CN=a,DC=not,OU=b,DC=corp, dc=example"),
            "corp.example"
        );
        assert_eq!(domain_of("uid=a"), "");
    }
}
