//! What rules can ask of people and devices.

/// Whom a rule chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleKind {
    /// People: properties begin with `user.`.
    User,
    /// Devices: properties begin with `device.`.
    Device,
}

impl RuleKind {
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Device => "device",
        }
    }
}

/// What the values of a property are, which decides what it can be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// Any number of texts.
    Texts,
    /// A version of an operating system: a text that can also be compared by number.
    Version,
    /// A day or a moment.
    Moment,
}

/// Where the value of a property is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A person's attribute by Graph's name.
    Attribute(&'static str),
    /// The first text in a person's list.
    First(&'static str),
    /// A person's list.
    List(&'static str),
    /// A person's switch.
    Switch(&'static str),
    UserId,
    UserEnabled,
    Device(DeviceItem),
}

/// What is asked of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeviceItem {
    Id,
    Enabled,
    Category,
    EnrolmentProfile,
    Manufacturer,
    Model,
    DisplayName,
    OsType,
    OsVersion,
    Ownership,
    Rooted,
    ManagementType,
    ManagementApp,
    TrustType,
    ProfileType,
}

/// A property that is known by name.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownProperty {
    /// Name after the dot, as it is usually written; letter case does not count.
    pub name: &'static str,
    /// What its values are.
    pub kind: ValueKind,
    pub(super) source: Source,
}

const fn text(name: &'static str) -> KnownProperty {
    from(name, name)
}

const fn from(name: &'static str, attribute: &'static str) -> KnownProperty {
    KnownProperty {
        name,
        kind: ValueKind::Text,
        source: Source::Attribute(attribute),
    }
}

const fn list(name: &'static str) -> KnownProperty {
    KnownProperty {
        name,
        kind: ValueKind::Texts,
        source: Source::List(name),
    }
}

const fn other(name: &'static str, kind: ValueKind, source: Source) -> KnownProperty {
    KnownProperty { name, kind, source }
}

const fn of_device(name: &'static str, kind: ValueKind, item: DeviceItem) -> KnownProperty {
    KnownProperty {
        name,
        kind,
        source: Source::Device(item),
    }
}

/// Properties of people. `extensionAttribute1` to `15` and `extension_…` come beside them.
pub static USER_PROPERTIES: [KnownProperty; 40] = [
    other("accountEnabled", ValueKind::Flag, Source::UserEnabled),
    other(
        "dirSyncEnabled",
        ValueKind::Flag,
        Source::Switch("onPremisesSyncEnabled"),
    ),
    text("ageGroup"),
    text("city"),
    text("companyName"),
    text("country"),
    text("creationType"),
    text("department"),
    text("displayName"),
    other(
        "employeeHireDate",
        ValueKind::Moment,
        Source::Attribute("employeeHireDate"),
    ),
    text("employeeId"),
    text("employeeType"),
    from("facsimileTelephoneNumber", "faxNumber"),
    text("givenName"),
    text("jobTitle"),
    text("mail"),
    text("mailNickName"),
    from("mobile", "mobilePhone"),
    text("mobilePhone"),
    other("objectId", ValueKind::Text, Source::UserId),
    text("officeLocation"),
    text("onPremisesDistinguishedName"),
    text("onPremisesDomainName"),
    text("onPremisesSamAccountName"),
    text("onPremisesSecurityIdentifier"),
    text("passwordPolicies"),
    from("physicalDeliveryOfficeName", "officeLocation"),
    text("postalCode"),
    text("preferredLanguage"),
    text("state"),
    text("streetAddress"),
    text("surname"),
    other(
        "telephoneNumber",
        ValueKind::Text,
        Source::First("businessPhones"),
    ),
    text("usageLocation"),
    text("userPrincipalName"),
    text("userType"),
    list("businessPhones"),
    list("imAddresses"),
    list("otherMails"),
    list("proxyAddresses"),
];

/// Properties of devices.
pub static DEVICE_PROPERTIES: [KnownProperty; 16] = [
    of_device("accountEnabled", ValueKind::Flag, DeviceItem::Enabled),
    of_device("deviceCategory", ValueKind::Text, DeviceItem::Category),
    of_device("deviceId", ValueKind::Text, DeviceItem::Id),
    of_device(
        "deviceManagementAppId",
        ValueKind::Text,
        DeviceItem::ManagementApp,
    ),
    of_device(
        "deviceManufacturer",
        ValueKind::Text,
        DeviceItem::Manufacturer,
    ),
    of_device("deviceModel", ValueKind::Text, DeviceItem::Model),
    of_device("deviceOSType", ValueKind::Text, DeviceItem::OsType),
    of_device("deviceOSVersion", ValueKind::Version, DeviceItem::OsVersion),
    of_device("deviceOwnership", ValueKind::Text, DeviceItem::Ownership),
    of_device("deviceTrustType", ValueKind::Text, DeviceItem::TrustType),
    of_device("displayName", ValueKind::Text, DeviceItem::DisplayName),
    of_device(
        "enrollmentProfileName",
        ValueKind::Text,
        DeviceItem::EnrolmentProfile,
    ),
    of_device("isRooted", ValueKind::Flag, DeviceItem::Rooted),
    of_device(
        "managementType",
        ValueKind::Text,
        DeviceItem::ManagementType,
    ),
    of_device("objectId", ValueKind::Text, DeviceItem::Id),
    of_device("profileType", ValueKind::Text, DeviceItem::ProfileType),
];

/// Properties that the language of the field has and this server has no values for, and why.
const UNSUPPORTED: [(RuleKind, &str, &str); 9] = [
    (
        RuleKind::User,
        "memberOf",
        "put the group into this one instead of a rule",
    ),
    (
        RuleKind::Device,
        "memberOf",
        "put the group into this one instead of a rule",
    ),
    (
        RuleKind::User,
        "assignedPlans",
        "licences follow from groups here",
    ),
    (RuleKind::User, "sipProxyAddress", "it is not kept here"),
    (
        RuleKind::User,
        "createdDateTime",
        "rules cannot depend on the time at which they are read",
    ),
    (RuleKind::Device, "devicePhysicalIds", "it is not kept here"),
    (RuleKind::Device, "systemLabels", "it is not kept here"),
    (RuleKind::Device, "domainName", "it is not kept here"),
    (
        RuleKind::Device,
        "organizationalUnit",
        "it is not kept here",
    ),
];

/// A property of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Property {
    Known(RuleKind, &'static KnownProperty),
    /// `extensionAttribute1` to `15` and `extension_…` of people, in the letter case of the rule.
    Extension(String),
}

impl Property {
    /// Reads `user.department`; the error says what is wrong with it.
    pub(super) fn read(word: &str) -> Result<Self, String> {
        let Some((prefix, name)) = word.split_once('.') else {
            return Err(format!(
                "expected a property such as `user.department` or `device.deviceOSType`, but found `{}`",
                super::token::shortened(word)
            ));
        };
        let (kind, known) = match prefix.to_ascii_lowercase().as_str() {
            "user" => (RuleKind::User, &USER_PROPERTIES[..]),
            "device" => (RuleKind::Device, &DEVICE_PROPERTIES[..]),
            "system" => {
                return Err(
                    "`system.now` is not supported: compare with a date such as \"2026-01-31\""
                        .to_owned(),
                );
            }
            _ => {
                return Err(format!(
                    "expected `user.` or `device.` before the name of a property, but found `{}`",
                    super::token::shortened(word)
                ));
            }
        };
        let is_named = |other: &str| other.eq_ignore_ascii_case(name);
        if let Some(property) = known.iter().find(|property| is_named(property.name)) {
            return Ok(Self::Known(kind, property));
        }
        if kind == RuleKind::User && is_extension(name) {
            return Ok(Self::Extension(name.to_owned()));
        }
        let unsupported = UNSUPPORTED
            .iter()
            .find(|(of, other, _)| *of == kind && is_named(other));
        Err(match unsupported {
            Some((_, name, why)) => {
                format!("`{}.{name}` is not supported: {why}", kind.prefix())
            }
            None => format!(
                "expected a known property, but found `{}`",
                super::token::shortened(word)
            ),
        })
    }

    pub(super) const fn of(&self) -> RuleKind {
        match self {
            Self::Known(kind, _) => *kind,
            Self::Extension(_) => RuleKind::User,
        }
    }

    pub(super) const fn kind(&self) -> ValueKind {
        match self {
            Self::Known(_, property) => property.kind,
            Self::Extension(_) => ValueKind::Text,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Known(_, property) => property.name,
            Self::Extension(name) => name,
        }
    }
}

impl std::fmt::Display for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.of().prefix(), self.name())
    }
}

fn is_extension(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match lower.strip_prefix("extensionattribute") {
        Some(number) => {
            !number.starts_with('0') && number.parse::<u8>().is_ok_and(|n| (1..=15).contains(&n))
        }
        None => lower
            .strip_prefix("extension_")
            .is_some_and(|rest| !rest.is_empty() && !rest.contains('.')),
    }
}
