//! People and groups, as far as targeting and profiles need them.

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::{DeviceId, GroupId, Timestamp, UserId};

/// A person of the directory. Attributes are kept verbatim as they came; an absent one is `None`, never "".
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Object id.
    pub id: UserId,
    /// Sign-in name, bare (`user1`) or with its domain; unique without regard to case.
    pub user_principal_name: String,
    /// Name for people.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub surname: Option<String>,
    /// Primary SMTP address.
    pub mail: Option<String>,
    /// Account name in an on-premises Active Directory (`sAMAccountName`).
    pub on_premises_sam_account_name: Option<String>,
    /// Full DNS name of the on-premises domain (`corp.example.com`).
    pub on_premises_domain_name: Option<String>,
    /// Short name of the on-premises domain (`CORP`).
    pub on_premises_net_bios_name: Option<String>,
    /// Distinguished name in the on-premises directory.
    pub on_premises_distinguished_name: Option<String>,
    /// SID in the on-premises directory.
    pub on_premises_security_identifier: Option<String>,
    /// Whether the account may be used.
    pub account_enabled: bool,
    /// Further Graph properties (`department`, `jobTitle`…), carried but not interpreted.
    pub other: Map<String, serde_json::Value>,
    /// When the record was made.
    pub created_at: Timestamp,
}

impl User {
    /// The text of an attribute by Graph's name, in any letter case: those that have a field here, further ones as they
    /// came, and `extensionAttribute1` to `15`, which Graph keeps in `onPremisesExtensionAttributes`. `None` if it is
    /// absent, empty, or no text.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let filled = |text: &str| !text.trim().is_empty();
        let known = match name.to_ascii_lowercase().as_str() {
            "userprincipalname" => Some(self.user_principal_name.as_str()),
            "displayname" => Some(self.display_name.as_str()),
            "givenname" => self.given_name.as_deref(),
            "surname" => self.surname.as_deref(),
            "mail" => self.mail.as_deref(),
            "onpremisessamaccountname" => self.on_premises_sam_account_name.as_deref(),
            "onpremisesdomainname" => self.on_premises_domain_name.as_deref(),
            "onpremisesnetbiosname" => self.on_premises_net_bios_name.as_deref(),
            "onpremisesdistinguishedname" => self.on_premises_distinguished_name.as_deref(),
            "onpremisessecurityidentifier" => self.on_premises_security_identifier.as_deref(),
            _ => {
                let extensions = self
                    .other
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case("onPremisesExtensionAttributes"));
                let extensions = extensions.and_then(|(_, value)| value.as_object());
                text(&self.other, name).or_else(|| text(extensions?, name))
            }
        };
        known.filter(|text| filled(text))
    }
}

fn text<'a>(attributes: &'a Map<String, serde_json::Value>, name: &str) -> Option<&'a str> {
    let found = attributes
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found?.1.as_str()
}

/// A group that profiles are assigned to.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Object id.
    pub id: GroupId,
    /// Name for people; need not be unique.
    pub display_name: String,
    /// What the group is for.
    pub description: Option<String>,
    /// Alias that Graph demands; carried.
    pub mail_nickname: Option<String>,
    /// The rule that says who is in it; `None` where members are named.
    pub rule: Option<GroupRule>,
    /// Further Graph properties, carried but not interpreted.
    pub other: Map<String, serde_json::Value>,
    /// When the group was made.
    pub created_at: Timestamp,
}

/// What makes a group dynamic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRule {
    /// The rule as it was written; see [`crate::membership_rule`].
    pub text: String,
    /// Whether it moves nobody for the time being.
    pub is_paused: bool,
}

/// What a group can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberKind {
    /// A person.
    User,
    /// A device.
    Device,
    /// Another group, whose members count as members.
    Group,
}

/// One member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Member {
    /// A person.
    User(UserId),
    /// A device.
    Device(DeviceId),
    /// A nested group.
    Group(GroupId),
}

impl Member {
    /// The kind of the member.
    pub fn kind(self) -> MemberKind {
        match self {
            Self::User(_) => MemberKind::User,
            Self::Device(_) => MemberKind::Device,
            Self::Group(_) => MemberKind::Group,
        }
    }

    /// The member's object id.
    pub fn id(self) -> uuid::Uuid {
        match self {
            Self::User(id) => id.0,
            Self::Device(id) => id.0,
            Self::Group(id) => id.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_attribute_is_found_by_graphs_name_wherever_it_is_kept() {
        let other = json!({
            "department": "Sales", "jobTitle": " ", "employeeId": 7,
            "onPremisesExtensionAttributes": { "extensionAttribute3": "blue" },
        });
        let user = User {
            id: UserId(uuid::Uuid::nil()),
            user_principal_name: "ada@contoso.com".to_owned(),
            display_name: "Ada".to_owned(),
            given_name: None,
            surname: Some("Lovelace".to_owned()),
            mail: None,
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            on_premises_net_bios_name: None,
            on_premises_distinguished_name: None,
            on_premises_security_identifier: None,
            account_enabled: true,
            other: other.as_object().cloned().unwrap_or_default(),
            created_at: Timestamp(0),
        };
        let found = [
            "Department",
            "surname",
            "extensionattribute3",
            "userPrincipalName",
        ];
        let found = found.map(|name| user.attribute(name));
        assert_eq!(
            found,
            ["Sales", "Lovelace", "blue", "ada@contoso.com"].map(Some)
        );
        for absent in ["jobTitle", "employeeId", "mail", "extensionAttribute4", ""] {
            assert_eq!(user.attribute(absent), None, "{absent}");
        }
    }
}
