//! Who is to be found in a directory, under which name.

use mandate_model::User;
use std::collections::BTreeSet;

use super::escape::{in_filter, in_name, is_plain};
use crate::instance::hex;
use crate::providers::DirectoryEntry;
use crate::providers::people::{Theirs, Vouched};
use crate::providers::settings::DirectorySettings;

/// Names of somebody as a directory may know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// The whole sign-in name.
    pub(super) upn: String,
    /// The short name: `sAMAccountName`, or what stands before the `@`.
    pub(super) short: String,
}

impl Names {
    /// Names of somebody who is known here, or of what somebody typed.
    pub(super) fn of(name: &str, user: Option<&User>) -> Self {
        let upn = user.map_or(name, |user| user.user_principal_name.as_str());
        let local = upn.rsplit_once('@').map_or(upn, |(local, _)| local);
        let short = user.and_then(|user| user.on_premises_sam_account_name.as_deref());
        Self {
            upn: upn.to_owned(),
            short: short.unwrap_or(local).to_owned(),
        }
    }

    /// The name to bind with; none if theirs cannot stand in it.
    pub(super) fn bind_name(&self, template: &str) -> Option<String> {
        let local = self
            .upn
            .rsplit_once('@')
            .map_or(self.upn.as_str(), |(local, _)| local);
        if is_distinguished(template) {
            let filled = template.replace("{name}", &in_name(&self.short));
            return Some(filled.replace("{upn}", &in_name(&self.upn)));
        }
        if !is_plain(&self.short) || !is_plain(local) {
            return None;
        }
        let filled = template.replace("{name}", &self.short);
        Some(filled.replace("{upn}", &self.upn))
    }

    /// The filter that finds them.
    pub(super) fn filter(&self, settings: &DirectorySettings) -> String {
        let attribute = settings.name_attribute.as_str();
        let is_long = ["userPrincipalName", "mail"]
            .iter()
            .any(|long| attribute.eq_ignore_ascii_case(long));
        let value = if is_long { &self.upn } else { &self.short };
        format!("({attribute}={})", in_filter(value))
    }
}

/// Whether a template makes distinguished names, in which values have to be escaped.
pub(super) fn is_distinguished(template: &str) -> bool {
    template.contains('=')
}

/// Attributes that are asked for.
pub(super) fn attributes(settings: &DirectorySettings) -> Vec<&str> {
    let mut names = vec![
        "displayName",
        "cn",
        "givenName",
        "sn",
        "mail",
        "userPrincipalName",
        "sAMAccountName",
        "uid",
        settings.group_attribute.as_str(),
    ];
    let name = settings.name_attribute.as_str();
    if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        names.push(name);
    }
    match &settings.id_attribute {
        Some(id) => names.push(id),
        None => names.extend(["objectGUID", "entryUUID"]),
    }
    names
}

/// Whether an entry is that of the sign-in name, and not of somebody of the same short name in another domain: one of its
/// long names is the same, or it has none that could be meant and an administrator said that everybody there is of one
/// domain (`domains`).
pub(super) fn is_named(
    domains: &[String],
    settings: &DirectorySettings,
    names: &Names,
    entry: &DirectoryEntry,
) -> bool {
    const LONG: [&str; 2] = ["userPrincipalName", "mail"];
    const SHORT: [&str; 2] = ["sAMAccountName", "uid"];
    if LONG.iter().any(|long| entry.has(long, &names.upn)) {
        return true;
    }
    let ([only], Some((_, domain))) = (domains, names.upn.rsplit_once('@')) else {
        return false;
    };
    let is_of_it = |value: &Vec<u8>| {
        let value = String::from_utf8_lossy(value);
        let domain = value.rsplit_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| domain.trim().eq_ignore_ascii_case(only))
    };
    let has_another = LONG
        .iter()
        .any(|long| entry.values(long).iter().any(is_of_it));
    let own = settings.name_attribute.as_str();
    domain.eq_ignore_ascii_case(only)
        && !has_another
        && (SHORT.iter().chain([&own])).any(|short| entry.has(short, &names.short))
}

/// What a directory vouches for, by the entry of the account that was bound; none without what names that for good.
pub(super) fn vouched(
    domains: &[String],
    settings: &DirectorySettings,
    names: &Names,
    entry: &DirectoryEntry,
) -> Option<Vouched> {
    let text = |attribute: &str| {
        let value = entry.values(attribute).first()?;
        let text = std::str::from_utf8(value).ok()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let wanted = settings.id_attribute.as_deref();
    let tried = wanted.map_or(vec!["objectGUID", "entryUUID"], |one| vec![one]);
    let subject = tried.iter().find_map(|attribute| {
        let value = entry.values(attribute).first()?;
        Some(format!("{}:{}", attribute.to_lowercase(), hex(value)))
    })?;
    let values = entry.values(&settings.group_attribute).iter();
    let groups: Option<BTreeSet<String>> = values
        .map(|value| String::from_utf8(value.clone()).ok())
        .collect();
    let groups = groups.map_or(Theirs::Unknown("they are no texts"), Theirs::Known);
    Some(Vouched {
        subject,
        name: is_named(domains, settings, names, entry).then(|| names.upn.clone()),
        display_name: text("displayName").or_else(|| text("cn")),
        given_name: text("givenName"),
        surname: text("sn"),
        mail: text("mail"),
        groups,
        methods: "pwd".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(upn: &str) -> Names {
        Names::of(upn, None)
    }

    #[test]
    fn a_name_cannot_leave_its_place() {
        let hostile = names("x,ou=admins@example.com");
        assert_eq!(
            hostile.bind_name("uid={name},dc=x").unwrap(),
            r"uid=x\2Cou\3Dadmins,dc=x"
        );
        assert_eq!(hostile.bind_name(r"CORP\{name}"), None);
        assert_eq!(names(r"EVIL\root@example.com").bind_name("{upn}"), None);
        let ada = names("ada@example.com");
        assert_eq!(ada.bind_name(r"CORP\{name}").unwrap(), r"CORP\ada");
        assert_eq!(
            ada.bind_name("{name}@corp.example.com").unwrap(),
            "ada@corp.example.com"
        );
        assert_eq!(ada.bind_name("{upn}").unwrap(), "ada@example.com");
    }

    #[test]
    fn an_entry_is_of_a_name_only_with_its_domain() {
        let settings: DirectorySettings = serde_json::from_value(
            serde_json::json!({"url": "ldaps://x", "nameAttribute": "sAMAccountName"}),
        )
        .unwrap();
        let entry = |attributes: &[(&str, &str)]| DirectoryEntry {
            dn: "CN=Bob,DC=corp".to_owned(),
            attributes: attributes
                .iter()
                .map(|(name, value)| (name.to_lowercase(), vec![value.as_bytes().to_vec()]))
                .collect(),
        };
        let is = |domains: &[&str], entry: &DirectoryEntry| {
            let domains: Vec<String> = domains.iter().map(|&domain| domain.into()).collect();
            is_named(&domains, &settings, &names("bob@b.com"), entry)
        };
        let ways = [&[][..], &["b.com"], &["a.com", "b.com"]];
        let short = ("sAMAccountName", "bob");
        // One of its long names decides.
        for long in ["userPrincipalName", "mail"] {
            let same = entry(&[short, (long, "Bob@B.com")]);
            assert!(ways.iter().all(|domains| is(domains, &same)));
        }
        // Of another domain that is spoken for, or of the same and another name.
        let other = entry(&[short, ("userPrincipalName", "bob@a.com")]);
        assert!(!is(ways[0], &other) && !is(ways[2], &other));
        let alike = entry(&[short, ("mail", "bob.baker@b.com")]);
        assert!(!ways.iter().any(|domains| is(domains, &alike)));
        // A name that is of use within the directory alone says nothing of the domain, but an administrator may.
        let inner = entry(&[short, ("userPrincipalName", "bob@corp.local")]);
        assert!(!is(ways[0], &inner) && is(ways[1], &inner) && !is(ways[2], &inner));
        let somebody = entry(&[("sAMAccountName", "bobby")]);
        assert!(!is(ways[1], &somebody));
    }

    #[test]
    fn without_what_names_an_entry_for_good_nobody_is_vouched_for() {
        let settings: DirectorySettings =
            serde_json::from_value(serde_json::json!({"url": "ldaps://x"})).unwrap();
        let mut entry = DirectoryEntry {
            dn: "uid=ada".to_owned(),
            attributes: [("mail".to_owned(), vec![b"ada@example.com".to_vec()])].into(),
        };
        let ada = names("ada@example.com");
        assert_eq!(vouched(&[], &settings, &ada, &entry), None);
        let id = ("entryuuid".to_owned(), vec![b"1".to_vec()]);
        entry.attributes.extend([id]);
        let vouched = vouched(&[], &settings, &ada, &entry).unwrap();
        assert_eq!(vouched.subject, "entryuuid:31");
        assert_eq!(vouched.name.as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn long_attributes_are_searched_with_the_long_name() {
        let settings = |attribute: &str| -> DirectorySettings {
            serde_json::from_value(
                serde_json::json!({"url": "ldaps://x", "nameAttribute": attribute}),
            )
            .unwrap()
        };
        let ada = names("a*a@example.com");
        assert_eq!(
            ada.filter(&settings("userPrincipalName")),
            r"(userPrincipalName=a\2aa@example.com)"
        );
        assert_eq!(ada.filter(&settings("uid")), r"(uid=a\2aa)");
    }
}
