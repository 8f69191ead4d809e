//! What kinds of directories call things.

use serde::{Deserialize, Serialize};

use super::settings::SyncSettings;

/// What a directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DirectoryKind {
    /// Active Directory, or Samba as its domain controller.
    ActiveDirectory,
    /// OpenLDAP and others with `entryUUID` (RFC 4530).
    Ldap,
}

impl DirectoryKind {
    pub(super) const NAMES: [&str; 2] = ["activeDirectory", "ldap"];

    /// As it is written in the management API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "activeDirectory",
            Self::Ldap => "ldap",
        }
    }

    /// The attribute that names an entry for good.
    pub(super) const fn id_attribute(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "objectGUID",
            Self::Ldap => "entryUUID",
        }
    }

    /// The attribute that grows or gets later with every change of an entry.
    pub(super) const fn change_attribute(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "uSNChanged",
            Self::Ldap => "modifyTimestamp",
        }
    }

    const fn people(self) -> &'static str {
        match self {
            // What is critical to the system is built in: Administrator, Guest, krbtgt.
            Self::ActiveDirectory => {
                "(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE))"
            }
            Self::Ldap => "(objectClass=inetOrgPerson)",
        }
    }

    const fn groups(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "(objectClass=group)(!(isCriticalSystemObject=TRUE))",
            Self::Ldap => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
        }
    }
}

/// Which entries are people; `further` are conditions of their own, each in parentheses.
pub(super) fn people_filter(settings: &SyncSettings, further: &str) -> String {
    let own = settings.user_filter.as_deref().unwrap_or_default();
    format!("(&{}{own}{further})", settings.kind.people())
}

/// Which entries are groups.
pub(super) fn group_filter(settings: &SyncSettings, further: &str) -> String {
    let own = settings.group_filter.as_deref().unwrap_or_default();
    format!("(&{}{own}{further})", settings.kind.groups())
}

/// Properties of people that are one text: the property, the attributes of Active Directory and of others, of which the
/// first that has a value counts.
pub(super) const TEXTS: [(&str, &[&str], &[&str]); 35] = [
    ("userPrincipalName", &["userPrincipalName"], &["uid"]),
    (
        "displayName",
        &["displayName", "cn"],
        &["displayName", "cn"],
    ),
    ("givenName", &["givenName"], &["givenName"]),
    ("surname", &["sn"], &["sn"]),
    ("mail", &["mail"], &["mail"]),
    ("onPremisesSamAccountName", &["sAMAccountName"], &["uid"]),
    ("department", &["department"], &["departmentNumber"]),
    ("jobTitle", &["title"], &["title"]),
    ("companyName", &["company"], &["o"]),
    ("mobilePhone", &["mobile"], &["mobile"]),
    (
        "officeLocation",
        &["physicalDeliveryOfficeName"],
        &["physicalDeliveryOfficeName"],
    ),
    ("employeeId", &["employeeID"], &["employeeNumber"]),
    ("employeeType", &["employeeType"], &["employeeType"]),
    ("streetAddress", &["streetAddress"], &["street"]),
    ("city", &["l"], &["l"]),
    ("state", &["st"], &["st"]),
    ("postalCode", &["postalCode"], &["postalCode"]),
    ("country", &["co"], &["c"]),
    (
        "faxNumber",
        &["facsimileTelephoneNumber"],
        &["facsimileTelephoneNumber"],
    ),
    ("mailNickname", &["mailNickname"], &["uid"]),
    ("extensionAttribute1", &["extensionAttribute1"], &[]),
    ("extensionAttribute2", &["extensionAttribute2"], &[]),
    ("extensionAttribute3", &["extensionAttribute3"], &[]),
    ("extensionAttribute4", &["extensionAttribute4"], &[]),
    ("extensionAttribute5", &["extensionAttribute5"], &[]),
    ("extensionAttribute6", &["extensionAttribute6"], &[]),
    ("extensionAttribute7", &["extensionAttribute7"], &[]),
    ("extensionAttribute8", &["extensionAttribute8"], &[]),
    ("extensionAttribute9", &["extensionAttribute9"], &[]),
    ("extensionAttribute10", &["extensionAttribute10"], &[]),
    ("extensionAttribute11", &["extensionAttribute11"], &[]),
    ("extensionAttribute12", &["extensionAttribute12"], &[]),
    ("extensionAttribute13", &["extensionAttribute13"], &[]),
    ("extensionAttribute14", &["extensionAttribute14"], &[]),
    ("extensionAttribute15", &["extensionAttribute15"], &[]),
];

/// Properties of people that are lists of texts.
pub(super) const LISTS: [(&str, &[&str], &[&str]); 3] = [
    (
        "proxyAddresses",
        &["proxyAddresses"],
        &["mailAlternateAddress"],
    ),
    ("businessPhones", &["telephoneNumber"], &["telephoneNumber"]),
    ("otherMails", &["otherMailbox"], &[]),
];

/// What is read of people beside properties.
pub(super) const FURTHER: [(&str, &[&str], &[&str]); 1] =
    [("member", &["member"], &["member", "uniqueMember"])];

/// The usual attributes of a property; none if no directory has it.
pub(super) fn usual(kind: DirectoryKind, property: &str) -> Option<&'static [&'static str]> {
    TEXTS
        .iter()
        .chain(&LISTS)
        .chain(&FURTHER)
        .find(|(name, _, _)| *name == property)
        .map(|(_, active_directory, ldap)| match kind {
            DirectoryKind::ActiveDirectory => *active_directory,
            DirectoryKind::Ldap => *ldap,
        })
}

/// Whether a property is one text.
pub(super) fn is_text(property: &str) -> bool {
    TEXTS.iter().any(|(name, _, _)| *name == property)
}

/// The attributes that a property is read from.
pub(super) fn attributes_of<'a>(settings: &'a SyncSettings, property: &str) -> Vec<&'a str> {
    match settings.attributes.get(property) {
        Some(own) if own.is_empty() => Vec::new(),
        Some(own) => vec![own],
        None => usual(settings.kind, property).unwrap_or_default().to_vec(),
    }
}

/// All attributes that are asked for of people.
pub(super) fn people_attributes(settings: &SyncSettings) -> Vec<&str> {
    let mut names: Vec<&str> = TEXTS
        .iter()
        .chain(&LISTS)
        .flat_map(|(property, _, _)| attributes_of(settings, property))
        .collect();
    names.extend([
        settings.kind.id_attribute(),
        "userCertificate",
        "userSMIMECertificate",
    ]);
    names.extend(match settings.kind {
        DirectoryKind::ActiveDirectory => ["objectSid", "userAccountControl", "uSNChanged"],
        DirectoryKind::Ldap => ["nsAccountLock", "pwdAccountLockedTime", "modifyTimestamp"],
    });
    names.sort_unstable();
    names.dedup();
    names
}

/// All attributes that are asked for of groups, without their members.
pub(super) fn group_attributes(settings: &SyncSettings) -> Vec<&str> {
    let kind = settings.kind;
    let mut names = vec![
        kind.id_attribute(),
        kind.change_attribute(),
        "cn",
        "displayName",
        "description",
        "mail",
    ];
    if kind == DirectoryKind::ActiveDirectory {
        names.extend(["sAMAccountName", "objectSid", "mailNickname"]);
    }
    names
}
