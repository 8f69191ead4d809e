//! Variables in the names of certificates.

use crate::Platform;

/// A variable that a certificate's subject or alternative name may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variable {
    /// The sign-in name up to its `@`.
    UserName,
    /// The whole sign-in name.
    UserPrincipalName,
    /// The primary mail address.
    EmailAddress,
    /// Distinguished name in the on-premises directory.
    OnPremisesDistinguishedName,
    /// `sAMAccountName`.
    OnPremisesSamAccountName,
    /// First name.
    GivenName,
    /// Last name.
    Surname,
    /// SID; as a URI in the form of Microsoft's strong mapping.
    OnPremisesSecurityIdentifier,
    /// Id of the device; directory and management have the same one here.
    DeviceId,
    /// Serial number.
    SerialNumber,
    /// IMEI, digits only.
    Imei,
    /// MEID.
    Meid,
    /// Wi-Fi address.
    WifiMacAddress,
    /// Name that the user gave the device.
    DeviceName,
    /// DNS name of a domain-joined computer; no phone has one, and no Mac reports one.
    FullyQualifiedDomainName,
}

impl Variable {
    /// Reads the name between the braces, in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, variable)| *variable)
    }

    /// Whether it is a property of a person, which a device certificate must not use.
    pub const fn is_of_user(self) -> bool {
        match self {
            Self::UserName
            | Self::UserPrincipalName
            | Self::EmailAddress
            | Self::OnPremisesDistinguishedName
            | Self::OnPremisesSamAccountName
            | Self::GivenName
            | Self::Surname
            | Self::OnPremisesSecurityIdentifier => true,
            Self::DeviceId
            | Self::SerialNumber
            | Self::Imei
            | Self::Meid
            | Self::WifiMacAddress
            | Self::DeviceName
            | Self::FullyQualifiedDomainName => false,
        }
    }

    /// Whether devices of a platform can have a value for it.
    pub const fn is_on(self, platform: Platform) -> bool {
        match self {
            Self::FullyQualifiedDomainName => false,
            Self::Imei | Self::Meid => matches!(platform, Platform::Ios),
            _ => true,
        }
    }

    /// Names of those that no device of a platform has a value for.
    pub fn not_on(platform: Platform) -> impl Iterator<Item = &'static str> {
        NAMES
            .iter()
            .filter(move |(_, variable)| !variable.is_on(platform))
            .map(|(name, _)| *name)
    }

    /// All names, each as documented.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }
}

const NAMES: &[(&str, Variable)] = &[
    ("UserName", Variable::UserName),
    ("UserPrincipalName", Variable::UserPrincipalName),
    ("EmailAddress", Variable::EmailAddress),
    (
        "OnPrem_Distinguished_Name",
        Variable::OnPremisesDistinguishedName,
    ),
    (
        "OnPremisesSamAccountName",
        Variable::OnPremisesSamAccountName,
    ),
    ("GivenName", Variable::GivenName),
    ("SurName", Variable::Surname),
    (
        "OnPremisesSecurityIdentifier",
        Variable::OnPremisesSecurityIdentifier,
    ),
    ("AAD_Device_ID", Variable::DeviceId),
    ("AzureADDeviceId", Variable::DeviceId),
    ("DeviceId", Variable::DeviceId),
    ("Device_Serial", Variable::SerialNumber),
    ("SerialNumber", Variable::SerialNumber),
    ("Device_IMEI", Variable::Imei),
    ("IMEINumber", Variable::Imei),
    ("IMEI", Variable::Imei),
    ("MEID", Variable::Meid),
    ("WiFiMacAddress", Variable::WifiMacAddress),
    ("DeviceName", Variable::DeviceName),
    (
        "FullyQualifiedDomainName",
        Variable::FullyQualifiedDomainName,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_letter_case() {
        assert_eq!(
            Variable::parse("SERIALNUMBER"),
            Some(Variable::SerialNumber)
        );
        assert_eq!(Variable::parse("aad_device_id"), Some(Variable::DeviceId));
        assert_eq!(Variable::parse("Shoe_Size"), None);
    }
}
