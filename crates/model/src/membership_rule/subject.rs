//! What rules are asked about.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::property::{DeviceItem, Property, RuleKind, Source};
use crate::{Device, Ownership, Platform, User};

/// A person or a device of whom a rule is asked.
#[derive(Debug, Clone, Copy)]
pub enum RuleSubject<'a> {
    /// A person.
    User(&'a User),
    /// A device.
    Device(RuleDevice<'a>),
}

/// A device with what is noted beside it.
#[derive(Debug, Clone, Copy)]
pub struct RuleDevice<'a> {
    /// The device.
    pub device: &'a Device,
    /// Name of its category.
    pub category: Option<&'a str>,
    /// Name of the profile by which it was enrolled.
    pub enrolment_profile: Option<&'a str>,
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Absent,
    Text(Cow<'a, str>),
    Flag(bool),
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a str>) -> Self {
        match text {
            Some(text) if !text.is_empty() => Self::Text(Cow::Borrowed(text)),
            _ => Self::Absent,
        }
    }

    const fn word(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("null"),
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Texts(texts) => f.write_str(&texts.join(", ")),
        }
    }
}

impl<'a> RuleSubject<'a> {
    /// Which rules can be asked about it.
    pub const fn kind(&self) -> RuleKind {
        match self {
            Self::User(_) => RuleKind::User,
            Self::Device(_) => RuleKind::Device,
        }
    }

    pub(super) fn value(&self, property: &Property) -> Value<'a> {
        match (self, property) {
            (Self::User(user), Property::Extension(name)) => Value::text(user.attribute(name)),
            (Self::User(user), Property::Known(_, known)) => of_user(user, known.source),
            (Self::Device(device), Property::Known(_, known)) => match known.source {
                Source::Device(item) => of_device(device, item),
                _ => Value::Absent,
            },
            (Self::Device(_), Property::Extension(_)) => Value::Absent,
        }
    }
}

fn of_user(user: &User, source: Source) -> Value<'_> {
    match source {
        // Everybody of whom nothing else is said is a member, as Graph shows them.
        Source::Attribute("userType") => Value::text(user.attribute("userType").or(Some("Member"))),
        Source::Attribute(name) => Value::text(user.attribute(name)),
        Source::First(name) => Value::text(texts(user, name).first().copied()),
        Source::List("proxyAddresses") => Value::Texts(proxy_addresses(user)),
        Source::List(name) => {
            Value::Texts(texts(user, name).into_iter().map(Cow::Borrowed).collect())
        }
        Source::Switch(name) => match carried(user, name) {
            Some(Json::Bool(flag)) => Value::Flag(*flag),
            _ => Value::Absent,
        },
        Source::UserId => Value::Text(Cow::Owned(user.id.to_string())),
        Source::UserEnabled => Value::Flag(user.account_enabled),
        Source::Device(_) => Value::Absent,
    }
}

fn carried<'a>(user: &'a User, name: &str) -> Option<&'a Json> {
    let mut all = user.other.iter();
    let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

fn texts<'a>(user: &'a User, name: &str) -> Vec<&'a str> {
    match carried(user, name) {
        Some(Json::Array(items)) => items
            .iter()
            .filter_map(Json::as_str)
            .filter(|text| !text.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}

/// Where none are kept, the primary address is the only one, as Graph shows it.
fn proxy_addresses(user: &User) -> Vec<Cow<'_, str>> {
    let kept = texts(user, "proxyAddresses");
    if !kept.is_empty() {
        return kept.into_iter().map(Cow::Borrowed).collect();
    }
    let mail = user.mail.iter();
    mail.map(|mail| Cow::Owned(format!("SMTP:{mail}")))
        .collect()
}

fn of_device<'a>(subject: &RuleDevice<'a>, item: DeviceItem) -> Value<'a> {
    let device = subject.device;
    let facts = &device.facts;
    match item {
        DeviceItem::Id => Value::Text(Cow::Owned(device.id.to_string())),
        DeviceItem::Enabled => Value::Flag(true),
        DeviceItem::Category => Value::text(subject.category),
        DeviceItem::EnrolmentProfile => Value::text(subject.enrolment_profile),
        DeviceItem::Manufacturer => Value::word(device.platform.manufacturer()),
        DeviceItem::Model => Value::text(facts.model.as_deref()),
        DeviceItem::DisplayName => Value::Text(Cow::Owned(device.display_name())),
        DeviceItem::OsType => Value::word(os_type(device)),
        DeviceItem::OsVersion => Value::text(facts.os_version.as_deref()),
        DeviceItem::Ownership => Value::word(match device.ownership {
            Ownership::Unknown => "Unknown",
            Ownership::Company => "Company",
            Ownership::Personal => "Personal",
        }),
        // No device says it, and nothing is made of what is not known.
        DeviceItem::Rooted => Value::Absent,
        DeviceItem::ManagementType => Value::word("MDM"),
        DeviceItem::ManagementApp => Value::word("0000000a-0000-0000-c000-000000000000"),
        DeviceItem::TrustType => Value::word("Workplace"),
        DeviceItem::ProfileType => Value::word("RegisteredDevice"),
    }
}

/// The words of the field: `iPhone` and `iPad` are types of their own, and a Mac is a `MacMDM`.
fn os_type(device: &Device) -> &'static str {
    let facts = &device.facts;
    let is_ipad =
        |text: &Option<String>| text.as_deref().is_some_and(|text| text.starts_with("iPad"));
    match device.platform {
        Platform::Ios if is_ipad(&facts.model) || is_ipad(&facts.product_name) => "iPad",
        Platform::Ios => "iPhone",
        Platform::MacOs => "MacMDM",
    }
}
