//! From an entry of a directory to a record.

use std::fmt::Write as _;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_pki::certificate::Certificate;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::kind::{DirectoryKind, LISTS, TEXTS, attributes_of};
use super::settings::SyncSettings;
use crate::directory::{SourceFault, SourcedGroup, SourcedPerson};
use crate::instance::hex;
use crate::providers::DirectoryEntry;

/// Values of a list that are kept.
const MOST_VALUES: usize = 100;
/// Certificates that are told of.
const MOST_CERTIFICATES: usize = 10;
/// What Graph does not have, as an annotation.
const CERTIFICATES: &str = "@mandate.directoryCertificates";
/// `ADS_UF_ACCOUNTDISABLE` ([MS-ADTS] §2.2.16).
const DISABLED: i64 = 2;
/// Locked for good (draft-behera-ldap-password-policy §5.3.3).
const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// The domain that entries are in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Domain {
    pub(super) name: Option<String>,
    pub(super) net_bios_name: Option<String>,
}

/// What names an entry for good: in the form of a UUID.
pub(super) fn id_of(kind: DirectoryKind, entry: &DirectoryEntry) -> Option<String> {
    let value = entry.values(kind.id_attribute()).first()?;
    match kind {
        // [MS-DTYP] §2.3.4.2: the first three parts have their low octet first.
        DirectoryKind::ActiveDirectory => {
            let octets: [u8; 16] = value.as_slice().try_into().ok()?;
            Some(Uuid::from_bytes_le(octets).to_string())
        }
        DirectoryKind::Ldap => {
            let text = std::str::from_utf8(value).ok()?;
            Some(text.trim().to_lowercase()).filter(|text| !text.is_empty())
        }
    }
}

/// A person, or what keeps the entry from being one.
pub(super) fn person(
    settings: &SyncSettings,
    domain: &Domain,
    entry: &DirectoryEntry,
) -> Result<SourcedPerson, SourceFault> {
    let external_id = id_of(settings.kind, entry).ok_or_else(no_id)?;
    let mut texts = BTreeMap::new();
    for (property, _, _) in TEXTS {
        if let Some(text) = first_text(settings, entry, property)? {
            texts.insert(property, text);
        }
    }
    let addresses = list(settings, entry, "proxyAddresses")?;
    // The primary one has its kind in capitals.
    let primary = addresses
        .iter()
        .find_map(|address| address.strip_prefix("SMTP:"));
    if let Some(primary) = primary {
        texts.insert("mail", primary.trim().to_owned());
    }
    if settings.kind == DirectoryKind::ActiveDirectory
        && !texts.contains_key("userPrincipalName")
        && let (Some(account), Some(domain)) = (texts.get("onPremisesSamAccountName"), &domain.name)
    {
        // The name that everybody in the domain has ([MS-ADTS] §5.1.1.1.1).
        texts.insert("userPrincipalName", format!("{account}@{domain}"));
    }
    fill(settings, &mut texts);
    for property in &settings.required {
        if !texts.contains_key(property.as_str()) {
            return Err(SourceFault::invalid(
                property,
                None,
                "is needed, and the directory has no value",
            ));
        }
    }
    let name = texts.remove("userPrincipalName").ok_or_else(|| {
        let reason = "is needed, and the directory has no value";
        SourceFault::invalid("userPrincipalName", None, reason)
    })?;
    let mut other = further(settings, entry, &mut texts)?;
    other.insert("onPremisesUserPrincipalName".to_owned(), json!(name));
    other.insert(
        "onPremisesImmutableId".to_owned(),
        immutable_id(settings.kind, entry),
    );
    other.insert(CERTIFICATES.to_owned(), certificates(entry));
    let mut take = |property: &str| texts.remove(property);
    Ok(SourcedPerson {
        external_id,
        locator: Some(entry.dn.clone()),
        user_principal_name: name,
        display_name: take("displayName"),
        given_name: take("givenName"),
        surname: take("surname"),
        mail: take("mail"),
        on_premises_sam_account_name: take("onPremisesSamAccountName"),
        on_premises_domain_name: domain.name.clone(),
        on_premises_net_bios_name: domain.net_bios_name.clone(),
        on_premises_distinguished_name: Some(entry.dn.clone()),
        on_premises_security_identifier: sid(entry),
        account_disabled: is_disabled(settings.kind, entry),
        other,
        unreadable: None,
    })
}

/// A person of whom the entry does not tell enough: remembered, so that it can be asked who is missing and why. None where
/// the entry has nothing to remember it by.
pub(super) fn unreadable_person(
    kind: DirectoryKind,
    entry: &DirectoryEntry,
    fault: &SourceFault,
) -> Option<SourcedPerson> {
    Some(SourcedPerson {
        external_id: id_of(kind, entry)?,
        locator: Some(entry.dn.clone()),
        unreadable: Some(fault.clone()),
        ..SourcedPerson::default()
    })
}

/// The same of a group.
pub(super) fn unreadable_group(
    kind: DirectoryKind,
    entry: &DirectoryEntry,
    fault: &SourceFault,
) -> Option<SourcedGroup> {
    Some(SourcedGroup {
        external_id: id_of(kind, entry)?,
        locator: Some(entry.dn.clone()),
        unreadable: Some(fault.clone()),
        ..SourcedGroup::default()
    })
}

/// A group, or what keeps the entry from being one.
pub(super) fn group(
    settings: &SyncSettings,
    domain: &Domain,
    entry: &DirectoryEntry,
) -> Result<SourcedGroup, SourceFault> {
    let external_id = id_of(settings.kind, entry).ok_or_else(no_id)?;
    let text = |attribute: &str| one(entry, attribute, attribute);
    let name = match text("displayName")? {
        Some(name) => Some(name),
        None => text("cn")?,
    };
    let mut other = Map::new();
    other.insert("mail".to_owned(), json!(text("mail")?));
    other.insert(
        "onPremisesImmutableId".to_owned(),
        immutable_id(settings.kind, entry),
    );
    other.insert(
        "onPremisesSamAccountName".to_owned(),
        json!(text("sAMAccountName")?),
    );
    other.insert("onPremisesDomainName".to_owned(), json!(domain.name));
    other.insert(
        "onPremisesNetBiosName".to_owned(),
        json!(domain.net_bios_name),
    );
    other.insert("onPremisesSecurityIdentifier".to_owned(), json!(sid(entry)));
    other.insert("securityEnabled".to_owned(), json!(true));
    Ok(SourcedGroup {
        external_id,
        locator: Some(entry.dn.clone()),
        display_name: name.ok_or_else(|| {
            SourceFault::invalid(
                "displayName",
                None,
                "is needed, and the directory has no value",
            )
        })?,
        description: text("description")?,
        mail_nickname: text("mailNickname")?,
        other,
        unreadable: None,
    })
}

/// Properties that Graph has and that have no place of their own; those without a value are taken away.
fn further(
    settings: &SyncSettings,
    entry: &DirectoryEntry,
    texts: &mut BTreeMap<&'static str, String>,
) -> Result<Map<String, Value>, SourceFault> {
    const OWN: [&str; 6] = [
        "userPrincipalName",
        "displayName",
        "givenName",
        "surname",
        "mail",
        "onPremisesSamAccountName",
    ];
    let mut other = Map::new();
    let mut extensions = Map::new();
    for (property, _, _) in TEXTS {
        let is_left_alone = attributes_of(settings, property).is_empty()
            && !settings.defaults.contains_key(property);
        if OWN.contains(&property) || is_left_alone {
            continue;
        }
        let value = texts.remove(property);
        if property.starts_with("extensionAttribute") {
            extensions.extend(value.map(|value| (property.to_owned(), json!(value))));
        } else {
            other.insert(property.to_owned(), json!(value));
        }
    }
    let extensions = if extensions.is_empty() {
        Value::Null
    } else {
        Value::Object(extensions)
    };
    if settings.kind == DirectoryKind::ActiveDirectory || !extensions.is_null() {
        other.insert("onPremisesExtensionAttributes".to_owned(), extensions);
    }
    for (property, _, _) in LISTS {
        if attributes_of(settings, property).is_empty() {
            continue;
        }
        let values = list(settings, entry, property)?;
        let value = if values.is_empty() {
            Value::Null
        } else {
            json!(values)
        };
        other.insert(property.to_owned(), value);
    }
    Ok(other)
}

/// Gives what has no value its default; one that names something without a value gives none.
fn fill(settings: &SyncSettings, texts: &mut BTreeMap<&'static str, String>) {
    let mut filled = Vec::new();
    for (property, _, _) in TEXTS {
        let Some(default) = settings.defaults.get(property) else {
            continue;
        };
        if texts.contains_key(property) {
            continue;
        }
        let mut text = default.clone();
        for (name, _, _) in TEXTS {
            let mark = format!("{{{name}}}");
            if let (true, Some(value)) = (text.contains(&mark), texts.get(name)) {
                text = text.replace(&mark, value);
            }
        }
        if !text.trim().is_empty() && !text.contains(['{', '}']) {
            filled.push((property, text));
        }
    }
    texts.extend(filled);
}

fn first_text(
    settings: &SyncSettings,
    entry: &DirectoryEntry,
    property: &str,
) -> Result<Option<String>, SourceFault> {
    for attribute in attributes_of(settings, property) {
        if let Some(text) = one(entry, attribute, property)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// The first value of an attribute, as it is.
fn one(
    entry: &DirectoryEntry,
    attribute: &str,
    property: &str,
) -> Result<Option<String>, SourceFault> {
    match entry.values(attribute).first() {
        Some(value) => Ok(Some(text(value, property)?).filter(|text| !text.trim().is_empty())),
        None => Ok(None),
    }
}

fn list(
    settings: &SyncSettings,
    entry: &DirectoryEntry,
    property: &str,
) -> Result<Vec<String>, SourceFault> {
    let mut all = Vec::new();
    for attribute in attributes_of(settings, property) {
        for value in entry.values(attribute).iter().take(MOST_VALUES) {
            all.push(text(value, property)?);
        }
    }
    // Directories give values in any order.
    all.sort();
    Ok(all)
}

fn text(value: &[u8], property: &str) -> Result<String, SourceFault> {
    std::str::from_utf8(value).map(str::to_owned).map_err(|_| {
        let reason = "is no text, or longer than can be read";
        SourceFault::invalid(property, None, reason)
    })
}

fn no_id() -> SourceFault {
    let reason = "the directory does not show what names the entry for good";
    SourceFault::invalid("id", None, reason)
}

fn is_disabled(kind: DirectoryKind, entry: &DirectoryEntry) -> bool {
    match kind {
        DirectoryKind::ActiveDirectory => {
            number(entry, "userAccountControl").is_some_and(|flags| flags & DISABLED != 0)
        }
        DirectoryKind::Ldap => {
            entry.has("nsAccountLock", "TRUE") || entry.has("pwdAccountLockedTime", LOCKED_FOR_GOOD)
        }
    }
}

/// An attribute that is a number.
pub(super) fn number(entry: &DirectoryEntry, attribute: &str) -> Option<i64> {
    let value = entry.values(attribute).first()?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// As Microsoft writes it: Base64 of the octets of an `objectGUID`; other directories have texts.
fn immutable_id(kind: DirectoryKind, entry: &DirectoryEntry) -> Value {
    let Some(value) = entry.values(kind.id_attribute()).first() else {
        return Value::Null;
    };
    match kind {
        DirectoryKind::ActiveDirectory => json!(STANDARD.encode(value)),
        DirectoryKind::Ldap => json!(String::from_utf8_lossy(value)),
    }
}

/// `S-1-5-…` ([MS-DTYP] §2.4.2.1, §2.4.2.2).
fn sid(entry: &DirectoryEntry) -> Option<String> {
    let octets = entry.values("objectSid").first()?;
    let (head, rest) = octets.split_at_checked(8)?;
    let parts = usize::from(head[1]);
    if rest.len() != parts * 4 || parts > 15 {
        return None;
    }
    let authority = head[2..]
        .iter()
        .fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    let mut text = format!("S-{}-{authority}", head[0]);
    for part in rest.chunks_exact(4) {
        let part = u32::from_le_bytes([part[0], part[1], part[2], part[3]]);
        let _ = write!(text, "-{part}");
    }
    Some(text)
}

/// Certificates that the directory publishes for a person, as information: nothing is done with them.
fn certificates(entry: &DirectoryEntry) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for attribute in [
        "userCertificate",
        "userCertificate;binary",
        "userSMIMECertificate",
    ] {
        for value in entry.values(attribute).iter().take(MOST_CERTIFICATES) {
            let digest = mandate_pki::sha256(value);
            let sha256 = hex(&digest);
            let read = Certificate::from_der(value).ok();
            let not_after = read.map(|read| {
                let end = mandate_model::Timestamp::from_unix_seconds(read.not_after());
                end.to_string()
            });
            let attribute = attribute.trim_end_matches(";binary");
            all.push(json!({"attribute": attribute, "sha256": sha256, "notAfter": not_after}));
        }
    }
    all.sort_by_key(ToString::to_string);
    all.truncate(MOST_CERTIFICATES);
    if all.is_empty() {
        Value::Null
    } else {
        Value::Array(all)
    }
}
