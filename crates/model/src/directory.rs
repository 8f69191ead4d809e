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
    /// Further Graph properties, carried but not interpreted.
    pub other: Map<String, serde_json::Value>,
    /// When the group was made.
    pub created_at: Timestamp,
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
