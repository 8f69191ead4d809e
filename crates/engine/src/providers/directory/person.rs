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
        settings.group_attribute.as_str(),
    ];
    match &settings.id_attribute {
        Some(id) => names.push(id),
        None => names.extend(["objectGUID", "entryUUID"]),
    }
    names
}

/// What a directory vouches for. Without an entry, as when nothing can be read, it is the name alone.
pub(super) fn vouched(
    settings: &DirectorySettings,
    names: &Names,
    entry: Option<&DirectoryEntry>,
) -> Vouched {
    let text = |attribute: &str| {
        let value = entry?.values(attribute).first()?;
        let text = std::str::from_utf8(value).ok()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let id = entry.and_then(|entry| {
        let wanted = settings.id_attribute.as_deref();
        let tried = wanted.map_or(vec!["objectGUID", "entryUUID"], |one| vec![one]);
        tried.iter().find_map(|attribute| {
            let value = entry.values(attribute).first()?;
            Some(format!("{}:{}", attribute.to_lowercase(), hex(value)))
        })
    });
    let groups = match entry {
        None => Theirs::Unknown("the person's entry cannot be read"),
        Some(entry) => {
            let values = entry.values(&settings.group_attribute).iter();
            let groups: Option<BTreeSet<String>> = values
                .map(|value| String::from_utf8(value.clone()).ok())
                .collect();
            groups.map_or(Theirs::Unknown("they are no texts"), Theirs::Known)
        }
    };
    Vouched {
        subject: id.unwrap_or_else(|| format!("name:{}", names.upn.to_lowercase())),
        name: Some(names.upn.clone()),
        display_name: text("displayName").or_else(|| text("cn")),
        given_name: text("givenName"),
        surname: text("sn"),
        mail: text("mail"),
        groups,
        methods: "pwd".to_owned(),
    }
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
