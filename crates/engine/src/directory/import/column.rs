//! Which column of a file is what, by its heading.

use serde::{Deserialize, Serialize};

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Column {
    /// A text property, by Graph's name.
    Text(String),
    /// The first of `businessPhones`.
    Phone,
    /// Whether the account may be used.
    Enabled,
    /// Whether it may not be used.
    Blocked,
    /// Groups, by name or id.
    Groups,
    /// Whether the person is to get a licence.
    Licence,
}

/// Text properties that a file may have, by Graph's names.
const TEXTS: [&str; 26] = [
    "userPrincipalName",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "onPremisesSamAccountName",
    "onPremisesDomainName",
    "onPremisesNetBiosName",
    "onPremisesDistinguishedName",
    "onPremisesSecurityIdentifier",
    "department",
    "jobTitle",
    "companyName",
    "employeeId",
    "employeeType",
    "officeLocation",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "mobilePhone",
    "faxNumber",
    "usageLocation",
    "preferredLanguage",
    "mailNickname",
];

/// Other headings of the same: those of Entra's and Microsoft 365's own files, and what people write.
const ALSO: [(&str, &str); 26] = [
    ("username", "userPrincipalName"),
    ("upn", "userPrincipalName"),
    ("signinname", "userPrincipalName"),
    ("userid", "userPrincipalName"),
    ("name", "displayName"),
    ("firstname", "givenName"),
    ("lastname", "surname"),
    ("familyname", "surname"),
    ("email", "mail"),
    ("emailaddress", "mail"),
    ("mailaddress", "mail"),
    ("samaccountname", "onPremisesSamAccountName"),
    ("netbiosname", "onPremisesNetBiosName"),
    ("distinguishedname", "onPremisesDistinguishedName"),
    ("title", "jobTitle"),
    ("company", "companyName"),
    ("physicaldeliveryofficename", "officeLocation"),
    ("office", "officeLocation"),
    ("officenumber", "officeLocation"),
    ("address", "streetAddress"),
    ("stateorprovince", "state"),
    ("ziporpostalcode", "postalCode"),
    ("countryorregion", "country"),
    ("mobile", "mobilePhone"),
    ("facsimiletelephonenumber", "faxNumber"),
    ("fax", "faxNumber"),
];

impl Column {
    /// The column with this heading; none if nothing is taken from it.
    pub(super) fn of(heading: &str) -> Option<Self> {
        // Entra's files: `User name [userPrincipalName] Required`.
        let bracketed = heading
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'))
            .map(|(name, _)| name);
        let key = folded(bracketed.unwrap_or(heading));
        if let Some(text) = TEXTS.iter().find(|text| text.eq_ignore_ascii_case(&key)) {
            return Some(Self::Text((*text).to_owned()));
        }
        if let Some((_, text)) = ALSO.iter().find(|(also, _)| *also == key) {
            return Some(Self::Text((*text).to_owned()));
        }
        if let Some(number) = key.strip_prefix("extensionattribute")
            && let Ok(number @ 1..=15) = number.parse::<u8>()
        {
            return Some(Self::Text(format!("extensionAttribute{number}")));
        }
        match key.as_str() {
            // Beside the name in brackets, Entra's file asks whether signing in is to be blocked.
            "accountenabled" if bracketed.is_some() => Some(Self::Blocked),
            "accountenabled" | "enabled" | "maysignin" => Some(Self::Enabled),
            "blocksignin" | "blocked" | "blockcredential" => Some(Self::Blocked),
            "telephonenumber" | "businessphones" | "businessphone" | "officephone" | "phone" => {
                Some(Self::Phone)
            }
            "groups" | "group" | "memberof" => Some(Self::Groups),
            "licence" | "license" | "licences" | "licenses" => Some(Self::Licence),
            _ => None,
        }
    }

    /// Its name in reports.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Text(name) => name,
            Self::Phone => "businessPhones",
            Self::Enabled | Self::Blocked => "accountEnabled",
            Self::Groups => "groups",
            Self::Licence => "licence",
        }
    }
}

/// A heading without what people write in several ways.
fn folded(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> Column {
        Column::Text(name.to_owned())
    }

    #[test]
    fn columns_are_known_by_what_people_and_portals_call_them() {
        for heading in [
            "userPrincipalName",
            "USERPRINCIPALNAME",
            "User Principal Name",
            "User name [userPrincipalName] Required",
            "Username",
            " upn ",
        ] {
            assert_eq!(
                Column::of(heading),
                Some(text("userPrincipalName")),
                "{heading}"
            );
        }
        assert_eq!(
            Column::of("ZIP or postal code [postalCode]"),
            Some(text("postalCode"))
        );
        assert_eq!(
            Column::of("Mobile phone [mobile]"),
            Some(text("mobilePhone"))
        );
        assert_eq!(
            Column::of("Office [physicalDeliveryOfficeName]"),
            Some(text("officeLocation"))
        );
        assert_eq!(
            Column::of("extensionAttribute15"),
            Some(text("extensionAttribute15"))
        );
        assert_eq!(
            Column::of("Office phone [telephoneNumber]"),
            Some(Column::Phone)
        );
    }

    #[test]
    fn entra_asks_the_other_way_round() {
        let entra = "Block sign in (Yes/No) [accountEnabled] Required";
        assert_eq!(Column::of(entra), Some(Column::Blocked));
        assert_eq!(Column::of("accountEnabled"), Some(Column::Enabled));
        assert_eq!(Column::of("Block sign-in"), Some(Column::Blocked));
    }

    #[test]
    fn nothing_is_taken_from_other_columns() {
        for heading in [
            "Initial password [passwordProfile] Required",
            "password",
            "id",
            "extensionAttribute16",
            "extensionAttribute0",
            "[",
            "][",
            "",
        ] {
            assert_eq!(Column::of(heading), None, "{heading}");
        }
    }
}
